/** What a fresh installation holds, and how a person gets a token of it. */
import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { MasterKeys } from '../../database/masterKeys.ts';
import { seed } from '../../worker/seed.ts';
import { createTestDatabase, type TestDatabase } from '../environment/servers.ts';
import { MASTER_KEY } from './harness.ts';

let database: TestDatabase, db: Client, home: string;
beforeAll(async () => {
  database = await createTestDatabase();
  db = new Client({ connectionString: database.url });
  await db.connect();
  home = mkdtempSync(join(tmpdir(), 'iter-token-'));
});
afterAll(async () => {
  await db.end();
  await database.drop();
  rmSync(home, { recursive: true, force: true });
});

const snapshot = async () => (await db.query(`select (select json_agg(o order by code) from organisations o) as organisations, (select json_agg(u order by username) from users u) as users,
  (select json_agg(m order by user_id, organisation, role) from memberships m) as memberships, (select json_agg(p order by version) from parameters p) as parameters, (select count(*) from schools) as schools`)).rows[0];

describe('the demo', () => {
  it('holds the people that the documentation names', async () => {
    const people = await seed(null, { databaseUrl: database.url });
    expect(people.map(({ username }) => username)).toEqual([
      'segreteria.bari', 'dirigente.bari', 'dsga.bari', 'docente.bari', 'referente.bari', 'polo.puglia', 'dirigente.polo.puglia', 'famiglia.rossi', 'famiglia.bianchi', 'famiglia.verdi', 'segreteria.milano', 'usr.puglia', 'comune.bari', 'assistenza', 'admin',
    ]);
    const { rows } = await db.query(`select u.username, m.role, o.kind from users u join memberships m on m.user_id = u.id join organisations o on o.code = m.organisation order by 1`);
    expect(rows).toContainEqual({ username: 'dirigente.polo.puglia', role: 'dirigentePolo', kind: 'polo' });
    expect(rows).toContainEqual({ username: 'admin', role: 'admin', kind: 'ente' });
    // The schools are of the registry, and no address is anybody's.
    expect((await db.query(`select o.code from organisations o left join schools s on s.code = o.code where o.kind = 'scuola' and s.code is null`)).rows).toEqual([]);
    expect((await db.query(`select email from organisations where email !~ '@example\\.org$' or pec !~ '@pec\\.example\\.org$' union all select email from users where email !~ '@example\\.org$'`)).rows).toEqual([]);
  });

  it('changes nothing when it is loaded again, not even what people changed', async () => {
    await db.query(`update users set name = 'Altro nome', locale = 'en' where username = 'docente.bari'`);
    await db.query(`update organisations set email = 'nuova@example.org' where code = 'POLOPUGLIA'`);
    const before = await snapshot();
    await seed(null, { databaseUrl: database.url });
    await Promise.all([seed(null, { databaseUrl: database.url }), seed(null, { databaseUrl: database.url })]);
    expect(await snapshot()).toEqual(before);
  });

  it.each([[true, 'without numbers that a provider would really write to', 0], [false, 'reached in each way, and one by nobody', 5]])('brings families to one school, with a provider of SMS (%s): %s', async (real, _how, mobiles) => {
    const own = await createTestDatabase(), client = new Client({ connectionString: own.url });
    await client.connect();
    const load = () => seed({ masterKeys: new MasterKeys([MASTER_KEY]), channels: { account: real ? {} : undefined } } as never, { databaseUrl: own.url });
    const reached = async () => (await client.query(`select u.name, u.username, array_to_string(r.channels, ' ') as channels from users u, iter_reached(array[u.id]) r where exists (select from pupil_contacts g where g.user_id = u.id) order by u.name`)).rows;
    try {
      await load();
      const rows = await reached();
      expect(rows.filter(({ channels }) => channels.includes('sms'))).toHaveLength(mobiles);
      expect(rows.find(({ username }) => username === 'famiglia.rossi').channels.split(' ').sort()).toEqual(real ? ['email', 'portal'] : ['email', 'portal', 'sms']);
      expect(rows.find(({ name }) => name === 'Nicola Greco').channels).toBe('');
      expect((await client.query('select class, count(*)::int as pupils from pupils group by class order by class')).rows).toEqual([{ class: '1A', pupils: 3 }, { class: '2B', pupils: 6 }, { class: '3C', pupils: 2 }]);
      // What the school has changed since stays.
      await client.query(`update pupils set class = '2A' where code = 'A2B06'`);
      await load();
      expect((await client.query(`select count(*)::int as n from pupils where class = '2A'`)).rows).toEqual([{ n: 1 }]);
    } finally {
      await client.end();
      await own.drop();
    }
  });
});

describe('npm run token', () => {
  function run(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    return new Promise(resolve => {
      const child = spawn(process.execPath, [join(import.meta.dirname, '..', '..', 'worker', 'commands', 'token.ts'), ...args], { env: { ...process.env, NODE_OPTIONS: '', DATABASE_URL: database.url, ITER_HOME: home } });
      let stdout = '', stderr = '';
      child.stdout.on('data', data => { stdout += data; });
      child.stderr.on('data', data => { stderr += data; });
      child.on('close', code => resolve({ code, stdout, stderr }));
    });
  }
  const stored = async (token: string) => (await db.query('select revoked_at, expires_at - now() as life, u.username from tokens t join users u on u.id = t.user_id where hash = $1', [hash('sha256', token, 'buffer')])).rows[0];

  it('prints a token and nothing else, good for ninety days', async () => {
    const { code, stdout, stderr } = await run('segreteria.bari');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^iter_[A-Za-z0-9_-]{43}\n$/);
    const { username, life, revoked_at } = await stored(stdout.trim());
    expect([username, revoked_at, life.days >= 89]).toEqual(['segreteria.bari', null, true]);
  });

  it('gives it the life that is asked for, and takes it away', async () => {
    const first = (await run('polo.puglia', '--days', '2')).stdout.trim(), second = (await run('polo.puglia')).stdout.trim();
    expect((await stored(first)).life.days).toBeLessThan(2);
    expect((await run('--revoke', first)).code).toBe(0);
    expect([(await stored(first)).revoked_at !== null, (await stored(second)).revoked_at]).toEqual([true, null]);
    const all = await run('polo.puglia', '--revoke');
    expect([all.code, all.stdout, all.stderr]).toEqual([0, '', 'Revoked: 1.\n']);
    expect((await stored(second)).revoked_at).not.toBeNull();
  });

  it.each([['nobody', [], 'Usage'], ['an unknown person', ['nessuno'], 'There are: admin, '], ['no days', ['admin', '--days', '0'], 'whole number'], ['another option', ['admin', '--tutti'], 'Usage']])('says what is wrong with %s, on stderr alone', async (_what, args, told) => {
    const { code, stdout, stderr } = await run(...args);
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toContain(told);
  });
});
