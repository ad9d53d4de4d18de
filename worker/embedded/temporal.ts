/** A Temporal for this installation: the one that the settings name, or one of our own. */
import type { ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { withProgress } from '../progress.ts';
import { rememberedPorts } from './ports.ts';
import type { EmbeddedPostgres } from './postgres.ts';
import { findServer, forgetServer, logTail, rememberServer, spawnServer, stopProcess, supervise, waitFor } from './serverProcess.ts';
import { isTemporalHealthy, prepareNamespace } from './temporalNamespace.ts';
import { findTemporalProgram, type TemporalProgram } from './temporalProgram.ts';
import { launchTemporalServer } from './temporalServer.ts';

const START_TIMEOUT_MS = 90_000;
const EXTERNAL_ANSWER_MS = 5_000;
// What it has not finished it finds again in its database: there is nothing to lose by haste.
const STOP_STEPS = [
  { signal: 'SIGTERM' as const, waitMs: 4_000 },
  { signal: 'SIGKILL' as const, waitMs: 5_000 },
];

export type RunningTemporal = { address: string; namespace: string; stop(): Promise<void> };

export type TemporalOptions = {
  home: string;
  namespace: string;
  /** A Temporal that runs elsewhere: nothing is started. */
  address?: string | undefined;
  /** Where the server keeps its data; a `temporal` command line keeps its own. May still be starting. */
  postgres: () => Promise<EmbeddedPostgres>;
  /** Ends a start that is under way: startTemporal rejects soon after, and leaves nothing running. */
  signal?: AbortSignal | undefined;
};

/** Resolves when calls are answered and the namespace is there. Throws with what to install when there is no way. */
export async function startTemporal(options: TemporalOptions): Promise<RunningTemporal> {
  const { home, namespace } = options;
  if (options.address) {
    await prepareExternal(options.address, namespace, options.signal);
    return { address: options.address, namespace, stop: async () => undefined };
  }
  await stopTemporal(home);
  const program = await findTemporalProgram(options.signal);
  const launchHere = () => launch(program, options);
  const first = await launchHere();
  const supervision = supervise('Temporal', first.child, async () => (await launchHere()).child);
  const stop = async () => {
    await supervision.release();
    await stopTemporal(home);
  };
  try {
    await prepareNamespace(first.address, namespace);
  } catch (error) {
    await stop();
    throw error;
  }
  return { address: first.address, namespace, stop };
}

/** Stops the server of this folder, whoever started it. Does nothing if none runs. */
export async function stopTemporal(home: string): Promise<void> {
  const pid = findServer(pidFile(home));
  if (pid !== undefined) await stopProcess(pid, STOP_STEPS);
  forgetServer(pidFile(home));
}

/** For an exit that cannot wait: it finds what it has not finished in its database. */
export function killTemporal(home: string): void {
  const pid = findServer(pidFile(home));
  if (pid !== undefined) process.kill(pid, 'SIGKILL');
}

const pidFile = (home: string) => join(home, 'temporal', 'server.pid');

async function launch(program: TemporalProgram, options: TemporalOptions): Promise<{ child: ChildProcess; address: string }> {
  const { home, namespace } = options;
  // Waited for here: a stop that comes meanwhile must not find us launching.
  if (program.kind === 'server') await options.postgres();
  options.signal?.throwIfAborted();
  const { child, address } =
    program.kind === 'server' ? await launchTemporalServer(program, home, await options.postgres()) : await launchDevServer(program.temporal, home, namespace);
  if (child.pid !== undefined) rememberServer(pidFile(home), child.pid);
  const isOver = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null || options.signal?.aborted === true;
  const isUp = await withProgress('Starting Temporal', () => waitFor(async () => isOver() || (await isTemporalHealthy(address)), START_TIMEOUT_MS));
  if (isUp && !isOver()) return { child, address };
  await stopTemporal(home);
  options.signal?.throwIfAborted();
  const logFile = join(home, 'log', 'temporal.log');
  throw new Error(`Temporal could not start. Its last words (${logFile}):\n${logTail(logFile)}`);
}

/** `temporal server start-dev`, with a file instead of its memory. */
async function launchDevServer(temporal: string, home: string, namespace: string): Promise<{ child: ChildProcess; address: string }> {
  const [port] = (await rememberedPorts(home, 'temporalCli', 1)) as [number];
  mkdirSync(join(home, 'temporal'), { recursive: true });
  const child = spawnServer({
    command: temporal,
    args: [
      ...['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(port)],
      ...['--db-filename', join(home, 'temporal', 'dev-server.db'), '--namespace', namespace, '--log-level', 'warn'],
    ],
    logFile: join(home, 'log', 'temporal.log'),
  });
  return { child, address: `127.0.0.1:${port}` };
}

async function prepareExternal(address: string, namespace: string, signal: AbortSignal | undefined): Promise<void> {
  const isUp = await withProgress(`Waiting for Temporal at ${address}`, () => waitFor(async () => signal?.aborted || isTemporalHealthy(address), EXTERNAL_ANSWER_MS));
  signal?.throwIfAborted();
  if (!isUp) throw new Error(`There is no Temporal at ${address} (TEMPORAL_ADDRESS). Start it, or unset TEMPORAL_ADDRESS to use the embedded one.`);
  await prepareNamespace(address, namespace);
}
