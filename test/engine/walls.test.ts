/**
 * The second wall: were the program wrong, or its password stolen, PostgreSQL itself keeps history from being rewritten and a school from
 * seeing another's cases. Each line here is tried over a raw connection of the role, past all of our code.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { migrate } from '../../database/migrate.ts';
import { LOGIN_ROLES, type LoginRole } from '../../database/schema.ts';
import { fascicolo } from '../toys/fascicolo.ts';
import { prenotazione } from '../toys/prenotazione.ts';
import { registro } from '../toys/registro.ts';
import { give, newCase, openEngine, type Opened } from './opened.ts';

let opened: Opened, mine: string, other: string;
const as = {} as Record<LoginRole, pg.Pool>;
beforeAll(async () => {
  opened = await openEngine([fascicolo, registro, prenotazione]);
  for (const role of LOGIN_ROLES) as[role] = opened.raw(role);
  mine = await newCase(opened, 'fascicolo', { alunno: 'Ada' }, { polo: 'P1', famiglia: 'luigi' });
  await give(opened, mine, 'scrivi', { lezione: { key: '1' } });
  await opened.engine.attach({ caseId: mine, kind: 'certificato', name: 'n', mediaType: 'm', content: Buffer.from('c'), caller: opened.people.segreteria, key: 'k' });
  await give(opened, mine, 'presenta');
  other = await newCase(opened, 'registro', {}, {}, opened.people.altraScuola);
  await give(opened, other, 'protocolla', {}, opened.people.altraScuola);
});
afterAll(async () => { await opened.close(); });

const refusal = async (pool: pg.Pool, text: string) => await pool.query(text).then(() => 'done', error => error.message as string);

describe('history, numbers and the log of reads are append-only', () => {
  const commands = ['history', 'register_entries', 'access_log'].flatMap(table => [`update ${table} set seq = 1`.replace('access_log set seq', 'access_log set role'), `delete from ${table}`, `truncate ${table}`, `truncate ${table} cascade`].map(text => [table, text] as const));
  it.each(LOGIN_ROLES.flatMap(role => commands.map(([, text]) => [role, text] as const)))('%s: %s', async (role, text) => {
    expect(await refusal(as[role], text.replace('role = 1', `role = 'x'`))).toMatch(/permission denied/);
  });
  it.each(commands.map(([, text]) => text.replace('role = 1', `role = 'x'`)))('even for the superuser and the owner, who would have to take the trigger away first: %s', async text => {
    for (const before of ['select 1', 'set role iter_owner']) {
      const client = await opened.admin.connect();
      await client.query(before);
      expect(await client.query(text).then(() => 'done', error => error.message)).toMatch(/is append-only|permission denied/);
      await client.query('reset role');
      client.release();
    }
  });
  it('whatever function a serving role may call: none of the owner’s writes there', async () => {
    const { rows } = await opened.admin.query(`select p.proname, p.prosecdef, p.provolatile, pg_get_functiondef(p.oid) as text from pg_proc p join pg_namespace n on n.oid = p.pronamespace
      where n.nspname = 'public' and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')`);
    const definers = rows.filter(({ prosecdef }) => prosecdef);
    expect(definers.map(({ proname }) => proname).sort()).toEqual(expect.arrayContaining(['iter_search_cases', 'iter_visible']));
    // A definer function that cannot write, with a search path of its own; two may write: one only erases what is over, one brings parents as accounts that cannot sign in.
    for (const { proname, provolatile, text } of definers) expect([proname, provolatile, /SET search_path TO/.test(text)]).toEqual([proname, ['iter_erase_case', 'iter_bring_guardians'].includes(proname) ? 'v' : 's', true]);
    const mayErase = await opened.admin.query(`select r from unnest($1::text[]) r where has_function_privilege(r, 'iter_erase_case(uuid)', 'execute')`, [[...LOGIN_ROLES, 'public']]);
    expect(mayErase.rows).toEqual([{ r: 'iter_commit' }]);
  });
  it('the serving roles own nothing, are not superusers, may not bypass policies, make objects or become the owner', async () => {
    const { rows } = await opened.admin.query(`select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, (select count(*)::int from pg_class where relowner = r.oid) as owned, pg_has_role(rolname, 'iter_owner', 'member') as owner from pg_roles r where rolname = any ($1)`, [[...LOGIN_ROLES]]);
    expect(rows).toHaveLength(LOGIN_ROLES.length);
    for (const row of rows) expect(row).toMatchObject({ rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false, rolreplication: false, owned: 0, owner: false });
    for (const role of LOGIN_ROLES) {
      expect(await refusal(as[role], 'create table mine (x int)')).toMatch(/permission denied/);
      expect(await refusal(as[role], 'set role iter_owner')).toMatch(/permission denied/);
      expect(await refusal(as[role], `set session_replication_role = 'replica'`)).toMatch(/permission denied/);
      expect(await refusal(as[role], 'alter table history disable trigger all')).toMatch(/must be owner/);
    }
    expect((await opened.admin.query(`select rolcanlogin from pg_roles where rolname = 'iter_owner'`)).rows[0].rolcanlogin).toBe(false);
  });
});

describe('row-level security', () => {
  const TABLES = ['cases', 'case_access', 'history', 'case_keys', 'agenda', 'case_items', 'attachments', 'access_log', 'register_entries', 'reservations', 'incidents'];
  const counts = async (pool: pg.Pool, organisation: string, user = '') => {
    const client = await pool.connect();
    await client.query('begin');
    await client.query(`select set_config('iter.org', $1, true), set_config('iter.user', $2, true)`, [organisation, user]);
    const found: Record<string, number> = {};
    for (const table of TABLES) found[table] = (await client.query(`select count(*)::int as n from ${table} where ${table === 'cases' ? 'id' : 'case_id'} = any ($1)`, [[mine, other]])).rows[0].n;
    await client.query('rollback');
    client.release();
    return found;
  };
  it('is on for every table that belongs to a case', async () => {
    const { rows } = await opened.admin.query(`select c.relname, c.relrowsecurity from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = 'public' and c.relkind = 'r'
      and (c.relname = 'cases' or exists (select 1 from pg_attribute a where a.attrelid = c.oid and a.attname = 'case_id' and not a.attisdropped))`);
    // Read by nobody but the commit and the owner's function.
    const closed = ['case_search', 'case_scopes'];
    expect(rows.filter(({ relname, relrowsecurity }) => !relrowsecurity && !closed.includes(relname)).map(({ relname }) => relname)).toEqual([]);
    for (const table of closed) for (const role of ['iter_api', 'iter_auditor', 'iter_worker'] as const) expect(await refusal(as[role], `select * from ${table}`)).toMatch(/permission denied/);
  });
  it.each(['iter_api', 'iter_auditor'] as const)('%s sees nothing without settings, nor with empty or strange ones', async role => {
    for (const table of TABLES) expect([table, (await as[role].query(`select count(*)::int as n from ${table}`)).rows[0].n]).toEqual([table, 0]);
    for (const organisation of ['', 'P9', '%', mine]) expect(new Set(Object.values(await counts(as[role], organisation)))).toEqual(new Set([0]));
  });
  it('shows an organisation and a person their cases, with all that belongs to them, and no other', async () => {
    const person = opened.people.genitore.userId;
    const own = { cases: 1, case_keys: 1, case_items: 1, attachments: 1, register_entries: 0, reservations: 0, access_log: 0, incidents: 0 };
    for (const [organisation, user] of [['S1', ''], ['P1', ''], ['', person]] as const) expect(await counts(as.iter_api, organisation, user)).toMatchObject({ ...own, history: 4, agenda: 2 });
    expect(await counts(as.iter_api, 'S2')).toMatchObject({ cases: 1, history: 2, register_entries: 1, agenda: 0 });
    expect((await counts(as.iter_api, 'S2', person)).cases).toBe(2);
  });
  it('lets the API write only its own name and the log of reads, and only for a case that it sees', async () => {
    for (const table of TABLES.filter(name => name !== 'access_log')) for (const text of [`delete from ${table}`, `update ${table} set ${table === 'cases' ? 'id' : 'case_id'} = null`, `insert into ${table} default values`]) expect([text, await refusal(as.iter_api, text)]).toEqual([text, expect.stringMatching(/permission denied/)]);
    const log = async (organisation: string, caseId: string) => {
      const client = await as.iter_api.connect();
      await client.query('begin');
      await client.query(`select set_config('iter.org', $1, true)`, [organisation]);
      const said = await client.query(`insert into access_log (case_id, user_id, role, fields) values ($1, 'u', 'r', '{f}')`, [caseId]).then(() => 'done', error => error.message);
      await client.query('rollback');
      client.release();
      return said;
    };
    expect([await log('S1', mine), await log('S1', other), await log('', mine)]).toEqual(['done', expect.stringMatching(/row-level security/), expect.stringMatching(/row-level security/)]);
  });
  it('is not passed by the search: it answers only what the caller may see', async () => {
    const found = async (organisation: string, principal: string | null = organisation) => {
      const client = await as.iter_api.connect();
      await client.query('begin');
      await client.query(`select set_config('iter.org', $1, true)`, [organisation]);
      const { rows } = await client.query(`select case_id from iter_search_cases($1, array['%'], null, null, null, null, null, false, 100)`, [principal]);
      await client.query('rollback');
      client.release();
      return rows.map(({ case_id }) => case_id);
    };
    await give(opened, other, 'numera', {}, opened.people.altraScuola);
    expect([await found('S2'), await found('S1'), await found('')]).toEqual([[other], [], []]);
    // Asking in another's name is answered with nothing.
    for (const [organisation, principal] of [['S1', 'S2'], ['', 'S2'], ['S1', null]] as const) expect(await found(organisation, principal)).toEqual([]);
  });
});

describe('the role of the commit', () => {
  it.each([
    'select * from tokens', 'select * from memberships', 'select email from users', 'select content from attachments', 'select * from access_log', 'select * from schools', 'delete from cases', 'delete from case_keys', 'update case_keys set wrapped = null',
    'delete from case_access', 'delete from agenda', 'update attachments set content = null', 'update cases set created_by = null', 'update cases set process = null', 'update cases set parties = null', 'update parameters set value = null', 'delete from parameters',
    'update reservations set resource = null', 'delete from registers', 'delete from incidents', 'delete from case_scopes', 'insert into users default values', 'insert into organisations default values', 'insert into memberships default values', 'insert into tokens default values',
  ])('may not: %s', async text => {
    expect(await refusal(as.iter_commit, text)).toMatch(/permission denied/);
  });
  it('has time-outs that no client can forget', async () => {
    const { rows } = await as.iter_commit.query(`select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement, current_setting('transaction_timeout') as transaction`);
    expect(rows[0]).toEqual({ lock: '2s', statement: '5s', transaction: '10s' });
  });
});

describe('the role of the worker', () => {
  it.each(['update agenda set input = null', 'update agenda set case_id = null', 'insert into agenda default values', 'delete from agenda', 'update cases set state = null', 'insert into history default values', 'select * from tokens', 'select * from memberships', 'select content from attachments', 'select payload from history'])('may not: %s', async text => {
    expect(await refusal(as.iter_worker, text)).toMatch(/permission denied/);
  });
});

// Here and not with the other migrations: roles are the cluster's, and only this file looks at their attributes.
it('a serving role that somebody made a superuser stops the start', async () => {
  await opened.admin.query('alter role iter_auditor superuser');
  try {
    await expect(migrate(opened.url, Buffer.from(process.env['ITER_MASTER_KEY']!, 'base64'))).rejects.toThrow('iter_auditor');
  } finally {
    await opened.admin.query('alter role iter_auditor nosuperuser');
  }
});
