/**
 * The embedded default is what a newcomer sees first, and nobody is there to repair it: it must survive what happens to
 * a laptop (a kill, a crash, a full port), and say in plain words what it cannot survive.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { createTransport } from 'nodemailer';
import { Client } from 'pg';
import { readMailIndex, startMailbox } from '../worker/embedded/mail.ts';
import { freePorts, isPortFree } from '../worker/embedded/ports.ts';
import { type EmbeddedPostgres, startPostgres, stopPostgres } from '../worker/embedded/postgres.ts';
import { isAlive, waitFor } from '../worker/embedded/serverProcess.ts';
import { startTemporal, stopTemporal } from '../worker/embedded/temporal.ts';
import { requireDatabase } from '../worker/externalPostgres.ts';

const root = join(import.meta.dirname, '..');
const homes: string[] = [];
const children: ChildProcess[] = [];

/** A data folder of this test's own; whatever still runs on it is stopped when the file ends. */
function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'iter-embedded-'));
  homes.push(home);
  return home;
}

afterEach(() => {
  for (const child of children.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});

afterAll(async () => {
  for (const home of homes) {
    await stopTemporal(home);
    await stopPostgres(home);
    rmSync(home, { recursive: true, force: true });
  }
});

/** The start's own environment: nothing of the test run's servers. */
function cleanEnvironment(settings: Record<string, string>): NodeJS.ProcessEnv {
  const { PATH, HOME, XDG_CACHE_HOME } = process.env;
  return { ...(PATH ? { PATH } : {}), ...(HOME ? { HOME } : {}), ...(XDG_CACHE_HOME ? { XDG_CACHE_HOME } : {}), ITER_DEMO: '0', ...settings };
}

type Start = { child: ChildProcess; output(): string; ended: Promise<number | null> };

function npmStart(settings: Record<string, string>): Start {
  const child = spawn(process.execPath, ['worker/main.ts'], { cwd: root, env: cleanEnvironment(settings), stdio: ['ignore', 'pipe', 'pipe'] });
  children.push(child);
  let text = '';
  child.stdout.on('data', (chunk) => (text += String(chunk)));
  child.stderr.on('data', (chunk) => (text += String(chunk)));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  return { child, output: () => text, ended };
}

async function readyWithin(start: Start, ms: number): Promise<void> {
  const isReady = await waitFor(() => start.output().includes('Iter is ready') || start.child.exitCode !== null, ms);
  if (!isReady || start.child.exitCode !== null) throw new Error(`not ready:\n${start.output()}`);
}

async function query<T extends object>(url: string, text: string): Promise<T[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(text)).rows;
  } finally {
    await client.end();
  }
}

describe('the embedded PostgreSQL', () => {
  let home: string;
  let url: string;
  let running: EmbeddedPostgres;

  beforeAll(async () => {
    home = newHome();
    running = await startPostgres({ home });
    url = running.url('iter');
    await query(url, 'CREATE TABLE kept (word text)');
  });

  it('is durable, on loopback, with the databases that Iter and Temporal need', async () => {
    const settings = await query<{ name: string; setting: string }>(
      url,
      "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'synchronous_commit', 'listen_addresses', 'password_encryption') ORDER BY name",
    );
    expect(settings).toEqual([
      { name: 'fsync', setting: 'on' },
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'password_encryption', setting: 'scram-sha-256' },
      { name: 'synchronous_commit', setting: 'on' },
    ]);
    const databases = await query<{ datname: string }>(url, "SELECT datname FROM pg_database WHERE datname !~ '^(template|postgres)' ORDER BY 1");
    expect(databases.map((row) => row.datname)).toEqual(['iter', 'temporal', 'temporal_visibility']);
  });

  it('keeps its password to itself', async () => {
    expect(statSync(join(home, 'keys', 'postgres.password')).mode & 0o777).toBe(0o600);
    const wrong = new URL(url);
    wrong.password = 'wrong';
    await expect(query(wrong.href, 'SELECT 1')).rejects.toThrow(/password authentication failed/);
  });

  it('replaces a server that a killed start left behind, and keeps its data and its port', async () => {
    await query(url, "INSERT INTO kept VALUES ('prima')");
    const orphan = Number(readFileSync(join(home, 'postgres', 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]);
    running = await startPostgres({ home });
    expect(running.url('iter')).toBe(url);
    expect(isAlive(orphan)).toBe(false);
    expect(await query(url, 'SELECT word FROM kept')).toEqual([{ word: 'prima' }]);
  });

  it('comes back by itself, with its data, when it is killed', async () => {
    await query(url, "INSERT INTO kept VALUES ('dopo')");
    const pid = Number(readFileSync(join(home, 'postgres', 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]);
    process.kill(pid, 'SIGKILL');
    const answers = async () => query(url, 'SELECT word FROM kept').then((rows) => rows.length === 2, () => false);
    expect(await waitFor(() => !isAlive(pid), 5_000)).toBe(true);
    expect(await waitFor(answers, 30_000)).toBe(true);
  });

  it('takes a pid file that names somebody else for what it is, and leaves them alone', async () => {
    await running.stop();
    const bystander = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    children.push(bystander);
    const cluster = join(home, 'postgres', 'cluster');
    writeFileSync(join(cluster, 'postmaster.pid'), `${bystander.pid}\n${cluster}\n0\n1\n\n127.0.0.1\n0\nready\n`);
    const postgres = await startPostgres({ home });
    expect(isAlive(bystander.pid as number)).toBe(true);
    expect(await query(postgres.url('iter'), 'SELECT count(*)::int FROM kept')).toEqual([{ count: 2 }]);
    await postgres.stop();
    expect(await isPortFree(postgres.port)).toBe(true);
  });

  it('says what to do about a damaged folder, and touches nothing in it', async () => {
    const control = join(home, 'postgres', 'cluster', 'global', 'pg_control');
    const whole = readFileSync(control);
    writeFileSync(control, Buffer.alloc(whole.length));
    await expect(startPostgres({ home })).rejects.toThrow(/PostgreSQL could not start on .*restore .* from a copy; or set it aside/s);
    expect(existsSync(join(home, 'postgres', 'cluster', 'base'))).toBe(true);
    rmSync(join(home, 'postgres', 'cluster', 'PG_VERSION'));
    await expect(startPostgres({ home })).rejects.toThrow(/is not a database folder: it has no PG_VERSION/);
  });
});

describe('the embedded Temporal', () => {
  it('has the namespace and its search attributes, keeps them through a restart, and replaces an orphan', async () => {
    const home = newHome();
    const postgres = await startPostgres({ home });
    const options = { home, namespace: 'iter', postgres: async () => postgres };
    const first = await startTemporal(options);
    const orphan = Number(readFileSync(join(home, 'temporal', 'server.pid'), 'utf8').split('\n')[0]);
    const second = await startTemporal(options);
    expect(isAlive(orphan)).toBe(false);
    expect(second.address).toBe(first.address);

    const connection = await Connection.connect({ address: second.address });
    const { config } = await connection.workflowService.describeNamespace({ namespace: 'iter' });
    expect(Number(config?.workflowExecutionRetentionTtl?.seconds)).toBe(30 * 86_400);
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'iter' });
    // 2 is Keyword, 5 is Bool.
    expect(customAttributes).toMatchObject({ IterProcess: 2, IterState: 2, IterIncident: 5 });
    await connection.close();
    await second.stop();
    await postgres.stop();
  });

  it('says so within seconds when nobody is at TEMPORAL_ADDRESS', async () => {
    const [port] = await freePorts(1);
    const postgres = () => Promise.reject(new Error('not needed'));
    await expect(startTemporal({ home: newHome(), namespace: 'iter', address: `127.0.0.1:${port}`, postgres })).rejects.toThrow(/There is no Temporal at 127.0.0.1:\d+ \(TEMPORAL_ADDRESS\)/);
  });
});

describe('the embedded mailbox', () => {
  it('keeps every message that it is given, twice if it is given twice', async () => {
    const mailbox = await startMailbox({ home: newHome() });
    const transport = createTransport(mailbox.url);
    const message = { from: 'iter@scuola.it', to: 'famiglia@rossi.it', subject: 'È pronto il piano', text: 'Buongiorno.', messageId: '<uno@iter>' };
    await transport.sendMail(message);
    await transport.sendMail(message);
    await mailbox.stop();
    const index = readMailIndex(mailbox.folder);
    expect(index.map(({ to, subject, messageId }) => ({ to, subject, messageId }))).toEqual(
      Array(2).fill({ to: ['famiglia@rossi.it'], subject: 'È pronto il piano', messageId: '<uno@iter>' }),
    );
    expect(readFileSync(join(mailbox.folder, index[0]?.file ?? ''), 'utf8')).toContain('Buongiorno.');
  });
});

describe('npm start', () => {
  it('survives kill -9: the next start is ready within ten seconds, on the same data', async () => {
    const home = newHome();
    const [port] = await freePorts(1);
    const settings = { ITER_HOME: home, PORT: String(port) };
    const first = npmStart(settings);
    await readyWithin(first, 50_000);
    const key = readFileSync(join(home, 'keys', 'master.key'), 'utf8');
    first.child.kill('SIGKILL');
    await first.ended;

    const second = npmStart(settings);
    await readyWithin(second, 10_000);
    expect(readFileSync(join(home, 'keys', 'master.key'), 'utf8')).toBe(key);

    const third = npmStart({ ...settings, PORT: '0' });
    expect(await third.ended).toBe(1);
    expect(third.output()).toMatch(/Iter already runs on .* \(process \d+\)/);

    second.child.kill('SIGINT');
    expect(await second.ended).toBe(0);
    expect(second.output()).toMatch(/Stopped\.\n$/);
    expect(existsSync(join(home, 'postgres', 'cluster', 'postmaster.pid'))).toBe(false);
    expect(existsSync(join(home, 'temporal', 'server.pid'))).toBe(false);
  }, 120_000);

  it('says which port is busy, before it starts anything', async () => {
    const home = newHome();
    const blocker: Server = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const { port } = blocker.address() as { port: number };
    const start = npmStart({ ITER_HOME: home, PORT: String(port) });
    expect(await start.ended).toBe(1);
    expect(start.output()).toMatch(new RegExp(`Port ${port} of 127.0.0.1 is in use .* PORT=${port + 1} npm start`, 's'));
    expect(existsSync(join(home, 'postgres'))).toBe(false);
    blocker.close();
  });

  it('says that DATABASE_URL does not answer, without the password', async () => {
    const [port] = await freePorts(1);
    const start = npmStart({ ITER_HOME: newHome(), PORT: '0', DATABASE_URL: `postgresql://iter:segreto@127.0.0.1:${port}/iter`, TEMPORAL_ADDRESS: '127.0.0.1:1', SMTP_URL: 'smtp://127.0.0.1:2525' });
    expect(await start.ended).toBe(1);
    expect(start.output()).toMatch(/The database of DATABASE_URL \(127\.0\.0\.1:\d+\/iter\) cannot be used: .*ECONNREFUSED/);
    expect(start.output()).not.toContain('segreto');
  });

  it('tells an unreachable database from a wrong password', async () => {
    const url = new URL(process.env['ITER_TEST_POSTGRES'] as string);
    url.password = 'sbagliata';
    await expect(requireDatabase(url.href)).rejects.toThrow(/cannot be used: password authentication failed/);
  });
});
