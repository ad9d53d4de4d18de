/** The worker of cases: Temporal's tasks, the sweeper, the daily jobs and the mail that comes in, served by one process or by several. */
import type pg from 'pg';
import { NativeConnection, Runtime, Worker, type Logger as TemporalLogger, type LogLevel, type NativeConnectionOptions } from '@temporalio/worker';
import type { ChannelSettings } from '../activities/broadcasts/channelSettings.ts';
import { createActivities, type ActivityDependencies } from '../activities/createActivities.ts';
import { createMailer, type MailerOptions } from '../activities/mailer.ts';
import { startDaily, type DailyJob } from '../engine/agenda/daily.ts';
import type { Nudger } from '../engine/agenda/nudger.ts';
import { startSweeper, type SweeperOptions, type SweeperStats } from '../engine/agenda/sweeper.ts';
import { TASK_QUEUE } from '../engine/agenda/temporal.ts';
import type { Logger } from '../engine/commit/context.ts';
import type { Engine } from '../engine/engine.ts';
import { startChannelRounds } from './channelRounds.ts';
import { startPostOffice, type PostOfficeOptions } from './mail/postOffice.ts';
import { workflowBundle } from './workflowBundle.ts';

export interface WorkerConfig {
  namespace: string;
  /** Default `iter`: another one only where several installations share a namespace. */
  taskQueue?: string;
  connection: NativeConnectionOptions;
  mail: MailerOptions;
  /** Default: no SMS provider, ten mails a second. */
  channels?: ChannelSettings;
  /** Mailboxes that are read; without any, overdue mail is still found. */
  post?: PostOfficeOptions;
  /** One attempt at an effect, and the lease of its row: after a crash it is tried again this much later. */
  attemptMs?: number;
  cachedWorkflows?: number;
  /** How often codes and open ends are looked after. */
  rounds?: { everyMs?: number };
  sweeper?: Pick<SweeperOptions, 'everyMs' | 'graceMs' | 'nudgesPerSecond'>;
  /** How long work under way may go on after stop(). */
  graceMs?: number;
}
export interface WorkerDependencies {
  engine: ActivityDependencies['engine'] & Pick<Engine, 'post' | 'contactCodes'>;
  /** Of the role iter_worker. */
  pool: pg.Pool;
  nudger: Nudger;
  log: Logger;
  dailyJobs?: DailyJob[];
}
export interface WorkerStatus { state: 'connecting' | 'running' | 'stopped'; sweeper: SweeperStats }
export interface RunningWorker {
  /** Resolves when tasks are first served. */
  ready: Promise<void>;
  status(): WorkerStatus;
  stop(): Promise<void>;
}

const ATTEMPT_MS = 60_000, GRACE_MS = 10_000, FIRST_RETRY_MS = 1_000, LONGEST_RETRY_MS = 15_000;
/** More than a school year's busy day keeps open at once: a workflow that fell out is replayed from its history. */
const CACHED_WORKFLOWS = 2_000;
/** Each may take a connection of the worker's pool. */
const LOCAL_ACTIVITIES = 12, REMOTE_ACTIVITIES = 12;

/** Starts at once and connects when Temporal is there, again and again if need be. Throws nothing. */
export function startWorker(config: WorkerConfig, dependencies: WorkerDependencies): RunningWorker {
  const { engine, pool, nudger, log, dailyJobs = [] } = dependencies;
  installRuntime(log);
  const mailer = createMailer(config.mail);
  const activities = createActivities({ engine, pool, mailer, ...(config.channels ? { channels: config.channels } : {}), log, attemptMs: config.attemptMs ?? ATTEMPT_MS });
  const sweeper = startSweeper({ pool, nudger, log, ...config.sweeper });
  const daily = dailyJobs.length > 0 ? startDaily({ pool, log, jobs: dailyJobs }) : null;
  const rounds = startChannelRounds({ engine, mailer, sms: config.channels?.sms ?? null, log, ...(config.rounds ?? {}) });
  const post = startPostOffice(config.post ?? { inboxes: [] }, { pool, post: engine.post, log });
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>();
  let state: WorkerStatus['state'] = 'connecting', worker: Worker | null = null, wake: (() => void) | null = null;
  // Asked through a function: it changes behind every await.
  const isStopped = () => state === 'stopped';

  async function serveOnce(): Promise<void> {
    const connection = await NativeConnection.connect(config.connection);
    try {
      const codePath = await workflowBundle();
      if (isStopped()) return;
      worker = await Worker.create({
        connection, namespace: config.namespace, taskQueue: config.taskQueue ?? TASK_QUEUE, workflowBundle: { codePath }, activities,
        maxCachedWorkflows: config.cachedWorkflows ?? CACHED_WORKFLOWS,
        maxConcurrentLocalActivityExecutions: LOCAL_ACTIVITIES, maxConcurrentActivityTaskExecutions: REMOTE_ACTIVITIES,
        // A new case meets a waiting poll: without one its task is written to the database, read and deleted again.
        workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: 16 }, nonStickyToStickyPollRatio: 0.5, activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
        shutdownGraceTime: config.graceMs ?? GRACE_MS, shutdownForceTime: (config.graceMs ?? GRACE_MS) + 5_000,
      });
      if (isStopped()) worker.shutdown();
      else state = 'running';
      isReady();
      await worker.run();
    } finally {
      worker = null;
      if (!isStopped()) state = 'connecting';
      await connection.close().catch(() => {});
    }
  }

  async function serve(): Promise<void> {
    for (let retryMs = FIRST_RETRY_MS; !isStopped(); retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS)) {
      const began = Date.now();
      try {
        await serveOnce();
      } catch (error) {
        if (!isStopped()) log.warn({ err: error }, 'the worker is not connected to Temporal; it goes on trying');
      }
      if (isStopped()) return;
      if (Date.now() - began > LONGEST_RETRY_MS) retryMs = FIRST_RETRY_MS;
      await new Promise<void>(resolve => { const timer = setTimeout(resolve, retryMs); wake = () => { clearTimeout(timer); resolve(); }; });
    }
  }

  const serving = serve();
  return {
    ready,
    status: () => ({ state, sweeper: sweeper.stats() }),
    async stop() {
      if (isStopped()) return await serving;
      state = 'stopped';
      wake?.();
      // A worker that is still starting refuses; serveOnce shuts it down itself.
      if (worker?.getState() === 'RUNNING') worker.shutdown();
      await Promise.all([serving, sweeper.stop(), daily?.stop(), rounds.stop(), post.stop()]);
      mailer.close();
    },
  };
}

let isInstalled = false;
/** Once per process. Signals are the start's matter, and Temporal's lines go where ours go. */
function installRuntime(log: Logger): void {
  if (isInstalled) return;
  isInstalled = true;
  const write = (level: LogLevel, message: string, meta: object = {}) => {
    if (level === 'ERROR') log.error(meta, message);
    else if (level === 'WARN') log.warn(meta, message);
  };
  const logger: TemporalLogger = {
    log: write, trace: () => {}, debug: () => {}, info: () => {},
    warn: (message, meta) => write('WARN', message, meta), error: (message, meta) => write('ERROR', message, meta),
  };
  try {
    Runtime.install({ shutdownSignals: [], logger, telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } } });
  } catch (error) {
    // Whoever used Temporal's native parts before us in this process has set them up.
    if ((error as Error).name !== 'IllegalStateError') throw error;
  }
}
