/** Connections, a pool per purpose: reads can never starve commands, nor the worker either. */
import type { Socket } from 'node:net';
import pg from 'pg';
import { keysOf, type MasterKey } from './masterKeys.ts';
import { deriveDatabasePassword } from './passwords.ts';
import type { LoginRole } from './schema.ts';
import type { Statement } from './statements.ts';

export interface Pools {
  /** Reads of the API, as `iter_api`, behind row-level security. */
  read: pg.Pool;
  /** Commands, as `iter_commit`, pipelined. */
  commit: pg.Pool;
  /** The worker's reads of the agenda, as `iter_worker`. */
  worker: pg.Pool;
  /** The worker's commits, as `iter_commit`. */
  workerCommit: pg.Pool;
  end(): Promise<void>;
}

/** The address of the same database for one of the serving roles; without a key, without a password. */
export function roleUrl(adminUrl: string, role: LoginRole, masterKey?: MasterKey): string {
  const url = new URL(adminUrl);
  url.username = role;
  url.password = masterKey ? deriveDatabasePassword(keysOf(masterKey).current, role) : '';
  return url.toString();
}

/** Asked for each new connection: while the master key is being changed, only PostgreSQL knows which of the two passwords is good. */
export async function passwordInForce(adminUrl: string, role: LoginRole, masterKey: MasterKey): Promise<string> {
  const keys = keysOf(masterKey);
  keys.reload();
  const passwords = keys.all.map(key => deriveDatabasePassword(key, role));
  if (passwords.length > 1) for (const password of passwords) if (!(await isRefused(roleUrl(adminUrl, role), password))) return password;
  return passwords[0]!;
}

/** An address says that there is no password, louder than the setting would ask for one. */
function clientAsking(password: () => Promise<string>): typeof pg.Client {
  return class extends pg.Client {
    constructor(config?: pg.ClientConfig) {
      super(config);
      Object.assign(this, { password });
    }
  };
}

async function isRefused(connectionString: string, password: string): Promise<boolean> {
  const client = new (clientAsking(async () => password))({ connectionString, connectionTimeoutMillis: 5_000 });
  client.on('error', () => {});
  try {
    await client.connect();
    return false;
  } catch (error) {
    return (error as { code?: string }).code === '28P01';
  } finally {
    await client.end().catch(() => {});
  }
}

/** A connection keeps its prepared statements: a new one costs a first command ten times its time. */
const IDLE_MS = 300_000;

export interface PoolSizes { read: number; commit: number; worker: number }

/** Opens nothing until the first query. A connection that breaks while idle is dropped, not thrown. */
export function createPools(adminUrl: string, masterKey: MasterKey, sizes: PoolSizes = { read: 8, commit: 8, worker: 8 }): Pools {
  const open = (role: LoginRole, max: number) => {
    const pool = new pg.Pool({ connectionString: roleUrl(adminUrl, role), Client: clientAsking(() => passwordInForce(adminUrl, role, masterKey)), max, pipeline: true, connectionTimeoutMillis: 5_000, idleTimeoutMillis: IDLE_MS, application_name: role, keepAlive: true } as pg.PoolConfig);
    pool.on('error', () => {});
    // A pool listens only to its idle connections: without this, one that breaks while it is used ends the program.
    pool.on('connect', client => {
      client.on('error', () => {});
      gatherWrites(client);
    });
    return pool;
  };
  const pools = { read: open('iter_api', sizes.read), commit: open('iter_commit', sizes.commit), worker: open('iter_worker', sizes.worker), workerCommit: open('iter_commit', sizes.worker) };
  return { ...pools, end: async () => { await Promise.all(Object.values(pools).map(pool => pool.end())); } };
}

/**
 * One system call for all that a turn of the event loop sends: pg writes each pipelined statement by itself, and each
 * write wakes PostgreSQL (measured: a tenth of the API's CPU per command).
 */
function gatherWrites(client: pg.PoolClient): void {
  const { stream } = (client as unknown as { connection: { stream: Socket } }).connection;
  const write = stream.write.bind(stream) as (...parts: unknown[]) => boolean;
  let corked = false;
  stream.write = ((...parts: unknown[]) => {
    if (!corked) {
      corked = true;
      stream.cork();
      process.nextTick(() => {
        corked = false;
        stream.uncork();
      });
    }
    return write(...parts);
  }) as Socket['write'];
}

/** Sends all statements at once on one connection and waits for every answer; the first error is thrown after all have come. */
export async function pipeline(client: pg.PoolClient, queries: (Promise<pg.QueryResult> | (() => Promise<pg.QueryResult>))[]): Promise<pg.QueryResult[]> {
  const settled = await Promise.allSettled(queries.map(query => (typeof query === 'function' ? query() : query)));
  const failed = settled.find(result => result.status === 'rejected');
  if (failed) throw failed.reason;
  return settled.map(result => (result as PromiseFulfilledResult<pg.QueryResult>).value);
}

export function run(client: { query: pg.PoolClient['query'] }, statement: Statement, values: unknown[]): Promise<pg.QueryResult> {
  return client.query({ name: statement.name, text: statement.text, values });
}

/** PostgreSQL is away or the connection broke: whether the work was done may be unknown. */
export function isConnectionError(error: unknown): boolean {
  const { code, message } = error as { code?: string; message?: string };
  // 25P03, 25P04: PostgreSQL closed it since its transaction took too long.
  if (code && /^(08|57P0|53300|25P03|25P04)/.test(code)) return true;
  if (code && ['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND'].includes(code)) return true;
  return isPoolExhausted(error) || /Connection terminated|Client has encountered a connection error|not queryable/.test(message ?? '');
}

/** No connection came free in time. */
export function isPoolExhausted(error: unknown): boolean {
  return /timeout exceeded when trying to connect/.test((error as { message?: string }).message ?? '');
}

/** The statement ran into its time-out: the database is overloaded, and asking again at once would make it worse. */
export function isOverload(error: unknown): boolean {
  return (error as { code?: string }).code === '57014';
}

/** A deadlock or a lock time-out: the same work may pass a moment later. */
export function isContention(error: unknown): boolean {
  return ['40P01', '55P03', '40001'].includes((error as { code?: string }).code ?? '');
}
