/**
 * The master key is changed under a serving installation: the operator's command is killed in the middle and run again, commands go on,
 * and in the end the old key opens nothing, neither a case nor the database.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { masterFingerprint, MasterKeyError } from '../../database/masterKeys.ts';
import { migrate } from '../../database/migrate.ts';
import { createPools, roleUrl } from '../../database/pools.ts';
import { createEngine, type Caller } from '../../engine/engine.ts';
import { newCaseKey, unwrapCaseKey } from '../../engine/history/caseKey.ts';
import { verifyHistory } from '../../engine/history/read.ts';
import { createProcesses } from '../../engine/processes.ts';
import { loadConfig } from '../../worker/config.ts';
import { waitFor } from '../../worker/embedded/serverProcess.ts';
import { conservato } from '../toys/conservato.ts';
import { ApiClient } from './client.ts';
import { Installation } from './installation.ts';
import { POLO } from './people.ts';

const root = join(import.meta.dirname, '..', '..');
const NEXT = randomBytes(32), WRONG = randomBytes(32);
/** Enough that a kill falls in the middle. */
const OTHER_KEYS = 30_000;
const log = { info() {}, warn() {}, error: console.error };

let installation: Installation, client: ApiClient, previous: Buffer;
const token = () => installation.people.segreterie[0]!.token;
const caller = (): Caller => { const { id, principals } = installation.people.segreterie[0]!; return { kind: 'user', userId: id, role: 'segreteria', organisation: principals[0]!, principals }; };

beforeAll(async () => {
  installation = await Installation.create({ name: 'rotation', env: { ITER_MASTER_KEY: NEXT.toString('base64'), ITER_MASTER_KEY_PREVIOUS: Buffer.alloc(32, 'iter').toString('base64') } });
  previous = installation.masterKey;
  client = new ApiClient(installation.apiUrl);
  await addKeys(previous);
}, 300_000);
afterAll(async () => {
  client?.close();
  await installation?.stop();
});

async function addKeys(master: Buffer): Promise<void> {
  const keys = Array.from({ length: OTHER_KEYS }, () => { const id = randomUUID(); return { id, ...newCaseKey(master, id) }; });
  await installation.query('insert into case_keys (case_id, wrapped, master) select * from unnest($1::uuid[], $2::bytea[], $3::text[])', [keys.map(({ id }) => id), keys.map(({ wrapped }) => wrapped), keys.map(key => key.master)]);
}

interface Run { child: ChildProcess; ended: Promise<{ code: number | null; output: string }> }
function rotate(env: NodeJS.ProcessEnv, ...args: string[]): Run {
  const child = spawn(process.execPath, [join(root, 'worker', 'commands', 'rotateKey.ts'), ...args], {
    cwd: root, stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ITER_HOME: installation.home, DATABASE_URL: installation.databaseUrl, ITER_DEMO: '0', ...env },
  });
  let output = '';
  for (const stream of [child.stdout!, child.stderr!]) stream.on('data', chunk => (output += String(chunk)));
  return { child, ended: new Promise(resolve => child.on('close', code => resolve({ code, output }))) };
}
const keys = (next: Buffer, before: Buffer) => ({ ITER_MASTER_KEY: next.toString('base64'), ITER_MASTER_KEY_PREVIOUS: before.toString('base64') });
const state = async () => (await installation.query(`select (select md5(string_agg(case_id || encode(wrapped, 'hex') || coalesce(master, ''), ',' order by case_id)) from case_keys) as keys, (select string_agg(rolpassword, ',' order by rolname) from pg_authid where rolname like 'iter_%') as passwords, (select string_agg(fingerprint, ',' order by fingerprint) from master_keys) as listed`))[0];
const wrappedBy = async (key: Buffer) => (await installation.query<{ n: number }>('select count(*)::int as n from case_keys where master = $1', [masterFingerprint(key)]))[0]!.n;
const connects = async (key: Buffer) => {
  const probe = new pg.Client({ connectionString: roleUrl(installation.databaseUrl, 'iter_commit', key) });
  try {
    await probe.connect();
    return true;
  } catch (error) {
    expect((error as { code: string }).code).toBe('28P01');
    return false;
  } finally {
    await probe.end().catch(() => {});
  }
};

async function livedCase(): Promise<string> {
  const begun = await client.insist(token(), '/processes/conservato/cases', { data: { alunno: 'A' }, parties: { polo: POLO } });
  expect(begun.status).toBe(201);
  expect((await client.insist(token(), `/cases/${begun.body.id}/commands/presenta`, { nota: 'x' })).status).toBe(200);
  return begun.body.id;
}

describe('keys:rotate', () => {
  const lived: string[] = [];
  it('refuses a wrong old key, and has changed nothing', async () => {
    await installation.start();
    lived.push(await livedCase());
    const before = await state();
    const refused = await rotate(keys(WRONG, NEXT)).ended;
    expect([refused.code, refused.output]).toEqual([1, expect.stringMatching(/neither the previous one given .* nor the new one .*Nothing was changed/s)]);
    expect((await rotate({ ITER_MASTER_KEY: previous.toString('base64') }).ended).output).toContain('openssl rand -base64 32');
    expect(await state()).toEqual(before);
  });

  it('counts without changing anything', async () => {
    const before = await state();
    const counted = await rotate(keys(NEXT, previous), '--dry-run').ended;
    expect([counted.code, counted.output]).toEqual([0, expect.stringMatching(new RegExp(`^${OTHER_KEYS} data keys would be wrapped anew, 1 are already`, 'm'))]);
    expect(await state()).toEqual(before);
  });

  it('is killed in the middle, while commands go on, and ends when it is run again', async () => {
    let serving = true;
    const commands = (async () => { while (serving) lived.push(await livedCase()); })();
    const first = rotate(keys(NEXT, previous));
    expect(await waitFor(async () => await wrappedBy(NEXT) > 2_000, 60_000)).toBe(true);
    first.child.kill('SIGKILL');
    expect((await first.ended).code).toBeNull();
    const [done, left] = [await wrappedBy(NEXT), await wrappedBy(previous)];
    expect([done > 2_000, left > 0]).toEqual([true, true]);
    // Both keys are good, and the passwords still the old one's: whoever holds both serves.
    expect([await connects(previous), await connects(NEXT)]).toEqual([true, false]);
    const second = await rotate(keys(NEXT, previous)).ended;
    expect([second.code, second.output]).toEqual([0, expect.stringContaining(`The master key is ${masterFingerprint(NEXT)} now`)]);
    lived.push(await livedCase());
    serving = false;
    await commands;
    expect(lived.length).toBeGreaterThan(3);
    expect([await wrappedBy(previous), await connects(previous), await connects(NEXT)]).toEqual([0, false, true]);
    const again = await rotate(keys(NEXT, previous)).ended;
    expect([again.code, again.output]).toEqual([0, expect.stringContaining('0 data keys were wrapped anew')]);
  });

  it('leaves the old key nothing to open', async () => {
    const rows = await installation.query<{ case_id: string; wrapped: Buffer }>('select case_id, wrapped from case_keys');
    expect(rows.filter(({ case_id: id, wrapped }) => { try { unwrapCaseKey(previous, wrapped, id); return true; } catch { return false; } })).toEqual([]);
    for (const { case_id: id, wrapped } of rows) unwrapCaseKey(NEXT, wrapped, id);
    const before = await state();
    await expect(migrate(installation.databaseUrl, previous)).rejects.toThrow(MasterKeyError);
    expect(await state()).toEqual(before);
    // Nor can a program of before leave a key behind that nobody could open.
    await expect(installation.query('insert into case_keys (case_id, wrapped, master) values ($1, $2, $3)', [randomUUID(), Buffer.from('x'), masterFingerprint(previous)])).rejects.toMatchObject({ constraint: 'case_keys_master_fkey' });
    await expect(installation.query('insert into case_keys (case_id, wrapped) values ($1, $2)', [randomUUID(), Buffer.from('x')])).rejects.toMatchObject({ constraint: 'case_keys_named' });
  });

  it('leaves every history as it was', async () => {
    await installation.api.kill();
    await installation.api.start();
    for (const id of [lived[0]!, lived.at(-1)!]) expect(await client.get(token(), `/cases/${id}/history/verification`)).toMatchObject({ valid: true });
    const pools = createPools(installation.databaseUrl, NEXT, { read: 1, commit: 1, worker: 1 });
    try {
      const engine = createEngine({ pools, processes: createProcesses([conservato]), masterKey: NEXT, log });
      expect((await engine.readHistory(lived[0]!, caller().principals))!.entries.every(({ payload }) => payload !== null)).toBe(true);
    } finally {
      await pools.end();
    }
  });

  it('needs no restart where the keys are files', async () => {
    await installation.worker.stop();
    await installation.api.stop();
    const folder = join(installation.home, 'keys'), file = join(folder, 'master.key');
    mkdirSync(folder, { recursive: true });
    writeFileSync(file, `${NEXT.toString('base64')}\n`);
    const { masterKeys } = loadConfig({ ITER_HOME: installation.home, DATABASE_URL: installation.databaseUrl });
    const pools = createPools(installation.databaseUrl, masterKeys, { read: 2, commit: 2, worker: 1 });
    try {
      const engine = createEngine({ pools, processes: createProcesses([conservato]), masterKey: masterKeys, log });
      const create = () => engine.createCase({ process: 'conservato', data: { alunno: 'B' }, parties: { polo: POLO }, caller: caller(), key: randomUUID() });
      const one = (await create()).record.state.id;
      // Killed at some moment of its life, again and again: each time the next run goes on.
      for (const after of [200, 2_000]) {
        const killed = rotate({});
        if (await waitFor(async () => existsSync(`${file}.next`) || existsSync(`${file}.previous`) || await wrappedBy(NEXT) < after, 20_000)) killed.child.kill('SIGKILL');
        await killed.ended;
        await create();
        loadConfig({ ITER_HOME: installation.home, DATABASE_URL: installation.databaseUrl });
      }
      const done = await rotate({}).ended;
      expect([done.code, done.output]).toEqual([0, expect.stringContaining('only backups of before need it')]);
      const last = Buffer.from(readFileSync(file, 'utf8'), 'base64');
      expect([last.equals(NEXT), readdirSync(folder).filter(name => name.startsWith('master')).sort()]).toEqual([false, ['master.key', `master.key.retired-${masterFingerprint(NEXT)}`]]);
      // The same program goes on: with its connections and with new ones.
      const two = (await create()).record.state.id;
      await Promise.all(Array.from({ length: 6 }, create));
      for (const id of [one, two]) expect(verifyHistory((await engine.readHistory(id, caller().principals))!)).toMatchObject({ valid: true });
      expect([await wrappedBy(NEXT), await connects(NEXT), await connects(last)]).toEqual([0, false, true]);
    } finally {
      await pools.end();
    }
  });
});
