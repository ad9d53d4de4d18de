/** Puts the API together and serves it: pools, engine, application, HTTP server, and an orderly end. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { pino, type Logger } from 'pino';
import { loadDefaultParameters } from '../database/parameters.ts';
import type { MasterKey, MasterKeys } from '../database/masterKeys.ts';
import { createPools, type PoolSizes } from '../database/pools.ts';
import { openReads } from '../database/reads/orm.ts';
import { createNudger } from '../engine/agenda/nudger.ts';
import type { CommittedChange } from '../engine/commit/context.ts';
import { createEngine } from '../engine/engine.ts';
import { createProcesses } from '../engine/processes.ts';
import type { Plugin } from '../plugins/contract.ts';
import { plugins } from '../plugins/registry.ts';
import { createApp } from './app.ts';
import type { ApiContext, ApiSettings } from './context.ts';
import { createCursors } from './cursors.ts';
import type { OidcSettings } from './jwt.ts';
import type { SentMails } from './mailPage.ts';
import { createMetrics, type NudgeCounts } from './metrics.ts';
import { personRoles } from './profile.ts';
import { readApiSettings } from './settings.ts';
import { createSignIn } from './signIn.ts';
import { validatorsOf } from './validators.ts';

export interface ApiConfig { host: string; port: number; masterKeys: MasterKeys; oidc?: OidcSettings | undefined; logLevel: string; /** Thousandths of a euro per segment of an SMS. */ channels?: { price: number }; publicUrl?: string | null }
export interface ApiServices {
  /** PostgreSQL as the role that may migrate; the addresses of the serving roles follow from it. */
  databaseUrl: string;
  temporalStatus(): { state: string; detail?: string };
  /** Of the embedded mailbox: shown at /mail. */
  sentMails?: SentMails | undefined;
  /** At which the SMS provider's receipts come in. */
  smsReceiptsSecret?: string | null;
  /** Resolves when Temporal answers; never rejects. Until then nudges wait. */
  temporal: Promise<{ address: string; namespace: string }>;
}
export interface RunningApi { port: number; stop(): Promise<void> }

export interface ApiParts {
  databaseUrl: string; masterKey: MasterKey; plugins: Plugin[]; oidc?: OidcSettings | undefined; settings: ApiSettings; log: Logger;
  temporalStatus?: ApiServices['temporalStatus'] | undefined; sentMails?: SentMails | undefined; /** After each commit: the nudge of the case's workflow. */
  onCommitted?: ((change: CommittedChange) => void) | undefined; nudges?: NudgeCounts | undefined; poolSizes?: PoolSizes | undefined;
}
export interface ComposedApi { app: Express; api: ApiContext; beginStopping(): void; close(): Promise<void> }

/** Everything but the socket. Opens no connection; throws when a plugin's schema cannot be used. */
export function composeApi({ databaseUrl, masterKey, plugins, oidc, settings, log, temporalStatus, sentMails, onCommitted, nudges, poolSizes }: ApiParts): ComposedApi {
  const pools = createPools(databaseUrl, masterKey, poolSizes), reads = openReads(databaseUrl, masterKey);
  const processes = createProcesses(plugins), metrics = createMetrics(pools, nudges);
  for (const process of processes.all()) validatorsOf(process);
  const engine = createEngine({ pools, processes, masterKey, log: engineLog(log), onCounted: metrics.onCounted, ...(onCommitted ? { onCommitted } : {}), publicUrl: settings.publicUrl ?? null });
  let stopping = false;
  const api: ApiContext = {
    engine, processes, pools, reads, log, settings, metrics, signIn: createSignIn(pools.read, oidc), cursors: createCursors(masterKey), ownRoles: personRoles(processes),
    temporalStatus: temporalStatus ?? (() => ({ state: 'unknown' })), sentMails, isStopping: () => stopping,
  };
  return { app: createApp(api), api, beginStopping: () => { stopping = true; }, close: async () => { await Promise.all([pools.end(), reads.close()]); } };
}

const engineLog = (log: Logger) => ({
  info: (fields: object, message: string) => log.info(fields, message), warn: (fields: object, message: string) => log.warn(fields, message), error: (fields: object, message: string) => log.error(fields, message),
});

/** No request in flight is cut before this. */
const FINISH_MS = 10_000;

/** Serves until `stop`: then nothing new is taken, what is under way is answered, and the connections are closed. */
export async function serve(composed: ComposedApi, host: string, port: number): Promise<RunningApi> {
  // A client that dribbles its headers or its body must not hold a connection.
  const server = createServer({ headersTimeout: 15_000, requestTimeout: 60_000, keepAliveTimeout: 65_000, connectionsCheckingInterval: 5_000 }, composed.app);
  server.timeout = 120_000;
  server.maxHeadersCount = 100;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => { server.off('error', reject); resolve(); });
  });
  let stopped: Promise<void> | undefined;
  return { port: (server.address() as AddressInfo).port, stop: () => (stopped ??= finish(server, composed)) };
}

async function finish(server: Server, composed: ComposedApi): Promise<void> {
  composed.beginStopping();
  const closed = new Promise<void>(resolve => server.close(() => resolve()));
  // A connection that has just had its answer is idle too, and would be kept alive otherwise.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  const force = setTimeout(() => server.closeAllConnections(), FINISH_MS);
  await closed;
  clearInterval(sweep);
  clearTimeout(force);
  await composed.close();
}

/** Reads and commands have eight connections each; what operators and probes ask about the agenda, two. */
const POOLS: PoolSizes = { read: 8, commit: 8, worker: 2 };

/** The API of an installation, with every registered plugin; their default parameters are in the database afterwards. */
export async function startApi(config: ApiConfig, services: ApiServices): Promise<RunningApi> {
  const log = pino({ level: config.logLevel, base: { part: 'api' } });
  const nudger = createNudger({ log });
  const composed = composeApi({
    databaseUrl: services.databaseUrl, masterKey: config.masterKeys, plugins, oidc: config.oidc, settings: { ...readApiSettings(), sms: { receiptsSecret: services.smsReceiptsSecret ?? null, price: config.channels?.price ?? 0 }, publicUrl: config.publicUrl ?? null }, log, poolSizes: POOLS,
    temporalStatus: () => services.temporalStatus(), sentMails: services.sentMails, onCommitted: nudger.onCommitted, nudges: () => nudger.stats(),
  });
  void services.temporal.then(({ address, namespace }) => nudger.connect({ namespace, connection: { address } }));
  const close = async () => { await Promise.all([nudger.close(), composed.close()]); };
  try {
    await loadDefaultParameters(composed.api.pools.commit, plugins.flatMap(plugin => plugin.defaultParameters ?? []));
    return await serve({ ...composed, close }, config.host, config.port);
  } catch (error) {
    await close();
    throw error;
  }
}
