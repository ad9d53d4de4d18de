/** The worker's part of a start: an engine of its own, and everything that takes time. */
import { pino } from 'pino';
import { sendDigests } from '../activities/digests/sendDigests.ts';
import { print } from '../activities/documents/printer.ts';
import { createMailer } from '../activities/mailer.ts';
import { validatorsOf } from '../api/validators.ts';
import { createPools } from '../database/pools.ts';
import type { DailyJob } from '../engine/agenda/daily.ts';
import { createForgetter } from '../engine/agenda/forget.ts';
import { createNudger } from '../engine/agenda/nudger.ts';
import { createEngine } from '../engine/engine.ts';
import { startForgetting } from '../engine/erasure/forget.ts';
import { signHeads } from '../engine/history/heads.ts';
import { sealDays } from '../engine/registers/sealDays.ts';
import { createProcesses } from '../engine/processes.ts';
import { addDays } from '../plugins/calendar.ts';
import { plugins } from '../plugins/registry.ts';
import { startWorker, type WorkerStatus } from './caseWorker.ts';
import type { Config } from './config.ts';
import { eraseMail } from './embedded/eraseMail.ts';
import { mailFolder } from './embedded/mail.ts';
import { inboxesOf } from './mail/inboxes.ts';
import type { RunningPart, Services, TemporalEndpoint } from './services.ts';
import { headsFolder, loadSigningKey } from './signingKey.ts';

/** Activities have six connections to read and lease with (the sweeper, the daily jobs and the mail keep one each), and nine to commit with. */
const POOLS = { read: 1, commit: 1, worker: 9 };
const READY_PATIENCE_MS = 60_000;
/** When people find the day's tasks in their mailbox, in Europe/Rome. */
const DIGEST_FROM = '07:00';

/**
 * Resolves when tasks are served, or after a minute: a Temporal that went away meanwhile is waited for in the background.
 * `signal` ends that wait, so that whoever wants to stop it can.
 */
export async function startTemporalWorker(config: Config, services: Services, { address, namespace }: TemporalEndpoint, signal: AbortSignal): Promise<RunningPart & { status(): WorkerStatus }> {
  const log = pino({ level: config.logLevel, base: { part: 'worker' } });
  const pools = createPools(services.databaseUrl, config.masterKeys, POOLS);
  const nudger = createNudger({ log });
  nudger.connect({ namespace, connection: { address } });
  const processes = createProcesses(plugins);
  const engine = createEngine({
    pools, processes, masterKey: config.masterKeys, log, commitPool: 'workerCommit', onCommitted: nudger.onCommitted, publicUrl: config.publicUrl,
    // Commands of cases meet the same schemas as those of people.
    validate: (process, command, data) => { const { create, commands } = validatorsOf(process); return (command === null ? create : commands.get(command))?.(data, 'it') ?? null; },
  });
  const key = loadSigningKey(config.home), digestMailer = createMailer({ smtpUrl: services.smtpUrl, from: config.mail.from });
  const dailyJobs: DailyJob[] = [
    { name: 'heads', run: async day => { await signHeads({ pool: pools.worker, folder: headsFolder(config.home), key, day }); } },
    { name: 'protocol', run: async day => { await sealDays({ pool: pools.workerCommit, key, day, render: print, log }); } },
    { name: 'digest', from: DIGEST_FROM, run: async (day, stopping) => (await sendDigests({ pool: pools.worker, mailer: digestMailer, processes, log }, addDays(day, 1), stopping) === 'again' ? 'again' : undefined) },
  ];
  const worker = startWorker({ namespace, connection: { address }, mail: { smtpUrl: services.smtpUrl, from: config.mail.from, accounts: config.mail.accounts }, post: { inboxes: inboxesOf(config, services) }, channels: { sms: services.sms ?? null, rates: config.channels.rates, prices: { sms: config.channels.price } } }, { engine, pool: pools.worker, nudger, log, dailyJobs });
  if (config.mail.smtpUrl && !config.mail.imapUrl) log.warn({}, 'IMAP_URL is not set: receipts to the installation\'s own account are not read, and its certified mail will be overdue after a day');
  const forgetter = createForgetter({ namespace, connection: { address } });
  const forgetting = startForgetting({ pool: pools.worker, commitPool: pools.workerCommit, forgetWorkflow: forgetter.forgetWorkflow, eraseFiles: async (ids, fingerprints) => { eraseMail(mailFolder(config.home), ids, fingerprints); }, log });
  await Promise.race([worker.ready, new Promise<void>(resolve => {
    setTimeout(resolve, READY_PATIENCE_MS).unref();
    signal.addEventListener('abort', () => resolve(), { once: true });
  })]);
  return {
    status: worker.status,
    async stop() {
      await worker.stop();
      digestMailer.close();
      await forgetting.stop();
      await forgetter.close();
      await nudger.close();
      await pools.end();
    },
  };
}
