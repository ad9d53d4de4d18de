/** The worker's part of a start: an engine of its own, and everything that takes time. */
import { pino } from 'pino';
import { validatorsOf } from '../api/validators.ts';
import { createPools } from '../database/pools.ts';
import type { DailyJob } from '../engine/agenda/daily.ts';
import { createNudger } from '../engine/agenda/nudger.ts';
import { createEngine } from '../engine/engine.ts';
import { signHeads } from '../engine/history/heads.ts';
import { createProcesses } from '../engine/processes.ts';
import { plugins } from '../plugins/registry.ts';
import { startWorker, type WorkerStatus } from './caseWorker.ts';
import type { Config } from './config.ts';
import type { RunningPart, Services, TemporalEndpoint } from './services.ts';
import { headsFolder, loadSigningKey } from './signingKey.ts';

/** Activities have eight connections to read and lease with (the sweeper and the daily jobs keep one each), and eight to commit with. */
const POOLS = { read: 1, commit: 1, worker: 8 };
const READY_PATIENCE_MS = 60_000;

/**
 * Resolves when tasks are served, or after a minute: a Temporal that went away meanwhile is waited for in the background.
 * `signal` ends that wait, so that whoever wants to stop it can.
 */
export async function startTemporalWorker(config: Config, services: Services, { address, namespace }: TemporalEndpoint, signal: AbortSignal): Promise<RunningPart & { status(): WorkerStatus }> {
  const log = pino({ level: config.logLevel, base: { part: 'worker' } });
  const pools = createPools(services.databaseUrl, config.masterKey, POOLS);
  const nudger = createNudger({ log });
  nudger.connect({ namespace, connection: { address } });
  const engine = createEngine({
    pools, processes: createProcesses(plugins), masterKey: config.masterKey, log, commitPool: 'workerCommit', onCommitted: nudger.onCommitted,
    // Commands of cases meet the same schemas as those of people.
    validate: (process, command, data) => { const { create, commands } = validatorsOf(process); return (command === null ? create : commands.get(command))?.(data, 'it') ?? null; },
  });
  const key = loadSigningKey(config.home);
  const dailyJobs: DailyJob[] = [{ name: 'heads', run: async day => { await signHeads({ pool: pools.worker, folder: headsFolder(config.home), key, day }); } }];
  const worker = startWorker({ namespace, connection: { address }, mail: { smtpUrl: services.smtpUrl, from: config.mail.from } }, { engine, pool: pools.worker, nudger, log, dailyJobs });
  await Promise.race([worker.ready, new Promise<void>(resolve => {
    setTimeout(resolve, READY_PATIENCE_MS).unref();
    signal.addEventListener('abort', () => resolve(), { once: true });
  })]);
  return {
    status: worker.status,
    async stop() {
      await worker.stop();
      await nudger.close();
      await pools.end();
    },
  };
}
