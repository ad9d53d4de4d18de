/** Temporal beside the start, not before it: commands are answered while it is built, started or away. */
import type { Config } from './config.ts';
import type { EmbeddedPostgres } from './embedded/postgres.ts';
import { type RunningTemporal, startTemporal } from './embedded/temporal.ts';
import { TemporalMissingError } from './embedded/temporalProgram.ts';
import { printLine } from './progress.ts';
import type { RunningPart, TemporalEndpoint, TemporalStatus } from './services.ts';

const RETRY_MS = 15_000;

export type TemporalFollower = RunningPart & {
  /** Pending for as long as Temporal is not there. */
  endpoint: Promise<TemporalEndpoint>;
  status(): TemporalStatus;
};

/** Tries until it succeeds or is stopped; a failure is told once. */
export function followTemporal(config: Config, postgres: () => Promise<EmbeddedPostgres>): TemporalFollower {
  const stopping = new AbortController();
  const { promise: endpoint, resolve } = Promise.withResolvers<TemporalEndpoint>();
  let status: TemporalStatus = { state: 'starting' };
  let running: RunningTemporal | undefined;

  const tryOnce = async (): Promise<boolean> => {
    try {
      const { address, namespace } = config.temporal;
      running = await startTemporal({ home: config.home, address, namespace, postgres, signal: stopping.signal });
      status = { state: 'ready' };
      resolve({ address: running.address, namespace });
      return true;
    } catch (error) {
      if (stopping.signal.aborted) return true;
      const detail = error instanceof Error ? error.message : String(error);
      if (detail !== status.detail) printLine(`\n${detail}\nCommands are accepted all the same; what they leave to be done waits for Temporal.\n`);
      status = { state: 'failed', detail };
      // Nothing that waiting would change.
      return error instanceof TemporalMissingError;
    }
  };
  const loop = (async () => {
    while (!(await tryOnce())) await pause(RETRY_MS, stopping.signal);
  })();

  return {
    endpoint,
    status: () => status,
    stop: async () => {
      stopping.abort();
      await loop;
      await running?.stop();
    },
  };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true });
  });
}
