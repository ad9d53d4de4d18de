/** The body of `npm start`: everything that an installation needs, each part as early as it is useful. */
import { resolve } from 'node:path';
import { startApi } from '../api/server.ts';
import { migrate } from '../database/migrate.ts';
import type { Config } from './config.ts';
import { startMailbox } from './embedded/mail.ts';
import { openSentMails } from './embedded/sentMails.ts';
import type { SmsSimulator } from './embedded/smsSimulator.ts';
import { type EmbeddedPostgres, startPostgres } from './embedded/postgres.ts';
import { requireDatabase } from './externalPostgres.ts';
import { lockHome, requireFreePort } from './homeLock.ts';
import { printLine, withProgress } from './progress.ts';
import { seed } from './seed.ts';
import type { DemoPerson, RunningPart, Services, TemporalEndpoint } from './services.ts';
import { openSms, receiptsSecretOf } from './smsChannel.ts';
import { followTemporal } from './temporalFollower.ts';
import { startTemporalWorker } from './temporalWorker.ts';

/** What is served here; a larger installation runs several processes of each. */
export type Roles = { api: boolean; worker: boolean };

export type RunningIter = {
  /** Resolves when commands are answered; rejects with what to do. */
  ready: Promise<void>;
  /** Stops everything, also in the middle of the start. Rejects with what could not be stopped. */
  stop(): Promise<void>;
};

// Whoever uses a part stops before it.
const STOP_ORDER = ['worker', 'sms', 'api', 'mailbox', 'temporal', 'postgres', 'lock'] as const;
type Running = Partial<Record<(typeof STOP_ORDER)[number], RunningPart | undefined>>;

export function start(config: Config, roles: Roles = { api: true, worker: true }): RunningIter {
  const running: Running = {};
  const stopping = new AbortController();
  const ready = startParts(config, roles, running, stopping.signal);
  let stopped: Promise<void> | undefined;
  const stopAll = async () => {
    stopping.abort();
    // What is just being started is let in first: it would be left behind otherwise.
    await ready.catch(() => undefined);
    const failures: unknown[] = [];
    for (const name of STOP_ORDER) await running[name]?.stop().catch((error) => failures.push(error));
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('\n'));
  };
  return { ready, stop: () => (stopped ??= stopAll()) };
}

async function startParts(config: Config, roles: Roles, running: Running, signal: AbortSignal): Promise<void> {
  const { home } = config;
  if (!config.databaseUrl || !config.temporal.address || !config.mail.smtpUrl) {
    const lock = await lockHome(home);
    running.lock = { stop: async () => lock.release() };
  }
  if (roles.api) await requireFreePort(config.host, config.port);

  // Asked for by the built Temporal server too, even where DATABASE_URL names another PostgreSQL.
  let embedded: Promise<EmbeddedPostgres> | undefined;
  const embeddedPostgres = () => (embedded ??= startPostgres({ home }).then((postgres) => (running.postgres = postgres)));
  const temporal = followTemporal(config, embeddedPostgres);
  running.temporal = temporal;

  if (config.databaseUrl) await requireDatabase(config.databaseUrl);
  const databaseUrl = config.databaseUrl ?? (await embeddedPostgres()).url('iter');
  signal.throwIfAborted();
  const mailbox = config.mail.smtpUrl ? undefined : await startMailbox({ home });
  if (mailbox) running.mailbox = mailbox;
  await withProgress('Bringing the database up to date', () => migrate(databaseUrl, config.masterKeys));
  signal.throwIfAborted();

  let simulator: SmsSimulator | undefined;
  const services: Services = {
    databaseUrl,
    smtpUrl: config.mail.smtpUrl ?? (mailbox?.url as string),
    mailFolder: mailbox?.folder,
    sentMails: mailbox && { ...openSentMails(mailbox.folder), sms: () => simulator?.sent() ?? [] },
    smsReceiptsSecret: receiptsSecretOf(config),
    temporal: temporal.endpoint,
    temporalStatus: temporal.status,
  };
  const people = config.demo ? await withProgress('Loading the demo data', () => seed(config, services)) : [];
  signal.throwIfAborted();
  let receiptsUrl: string | null = null;
  if (roles.api) {
    const api = await startApi(config, services);
    if (services.smsReceiptsSecret) receiptsUrl = `${addressOf(config, api.port)}/api/v1/sms/receipts/${services.smsReceiptsSecret}`;
    running.api = api;
    tellWhereToLook(config, services, api.port, people);
  }
  if (roles.worker) {
    const opened = await openSms(config, receiptsUrl);
    services.sms = opened.sms;
    simulator = running.sms = opened.simulator;
    running.worker = startWorkerLater(config, services);
    if (temporal.status().state === 'starting') printLine('Temporal is still starting: commands are answered already; deadlines, documents and messages follow.');
  }
}

/** The worker joins when Temporal is there; stopping before that means that it never joins. */
function startWorkerLater(config: Config, services: Services): RunningPart {
  const stopping = new AbortController();
  let joined: Promise<RunningPart | undefined> | undefined;
  const join = async (endpoint: TemporalEndpoint): Promise<RunningPart | undefined> => {
    try {
      const worker = await withProgress('Starting the worker', () => startTemporalWorker(config, services, endpoint, stopping.signal));
      if (!stopping.signal.aborted) printLine('Temporal and the worker are ready: deadlines, documents and messages are served.');
      return worker;
    } catch (error) {
      printLine(`The worker could not be started: ${error instanceof Error ? (error.stack ?? error.message) : error}`);
      return undefined;
    }
  };
  void services.temporal.then((endpoint) => {
    if (!stopping.signal.aborted) joined = join(endpoint);
  });
  const stop = async () => {
    stopping.abort();
    await (await joined)?.stop();
  };
  return { stop };
}

const addressOf = ({ host }: Config, port: number) => `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

function tellWhereToLook(config: Config, services: Services, port: number, people: DemoPerson[]): void {
  const address = addressOf(config, port);
  const width = Math.max(0, ...people.map((person) => person.username.length));
  const lines = ['', `Iter is ready: ${address}`, `  API reference   ${address}/docs`, `  OpenAPI         ${address}/api/v1/openapi.json`];
  if (services.mailFolder) lines.push(`  mail it sends   ${address}/mail (${services.mailFolder})`);
  if (services.mailFolder && !config.channels.account) lines.push(`  SMS it sends    ${address}/mail/sms (a simulator: nothing leaves this machine)`);
  if (config.masterKeyFile) lines.push(`  master key      ${config.masterKeyFile} (keep a copy: without it no payload can be read)`);
  const [first] = people;
  if (first) {
    lines.push('', 'Demo people:', ...people.map((person) => `  ${person.username.padEnd(width)}  ${person.description}`));
    // Typed into another terminal, the command must find this installation.
    const settings = config.home === resolve('.iter') ? '' : `ITER_HOME=${config.home} `;
    lines.push('', 'A first request:', `  curl -s -H "Authorization: Bearer $(${settings}npm run --silent token -- ${first.username})" ${address}/api/v1/me`);
  }
  for (const line of [...lines, '']) printLine(line);
}
