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

/** Every function that acts as the owner: what for, who may call it, and whether it can write. */
const DEFINERS: Record<string, { purpose: string; writes: boolean; by: LoginRole[] }> = {
  iter_search_cases: { purpose: 'cases by word, of the caller alone', writes: false, by: [...LOGIN_ROLES] },
  iter_visible: { purpose: 'whether the caller sees a case', writes: false, by: [...LOGIN_ROLES] },
  iter_letter_files: { purpose: 'the documents that a letter carries', writes: false, by: ['iter_commit'] },
  iter_tasks: { purpose: 'tasks of the caller and of whom they stand in for', writes: false, by: ['iter_api'] },
  iter_count_tasks: { purpose: 'how many these are', writes: false, by: ['iter_api'] },
  iter_erase_case: { purpose: 'erases a case that is over, whole or not at all', writes: true, by: ['iter_commit'] },
  iter_calendar_feed: { purpose: 'whose calendar is behind a secret address', writes: false, by: ['iter_api'] },
  iter_calendar_entries: { purpose: 'what is in it', writes: false, by: ['iter_api'] },
  iter_taken: { purpose: 'when an offered resource is held, never by whom', writes: false, by: ['iter_api'] },
  iter_offers: { purpose: 'what is offered to anybody', writes: false, by: ['iter_api'] },
  iter_reached: { purpose: 'how persons may be reached: what they chose, with a consent that stands', writes: false, by: ['iter_commit'] },
  iter_bring_guardians: { purpose: 'parents whom a file brings, as accounts that cannot sign in; nobody else’s account', writes: true, by: ['iter_commit'] },
  iter_inbox: { purpose: 'messages to the caller', writes: false, by: ['iter_api'] },
  iter_linked: { purpose: 'the message behind a secret address', writes: false, by: ['iter_api'] },
};

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
    const may = async (name: string) => (await opened.admin.query(`select r from unnest($1::text[]) r where has_function_privilege(r, (select oid from pg_proc where proname = $2), 'execute')`, [[...LOGIN_ROLES, 'public'], name])).rows.map(({ r }) => r);
    const found = await Promise.all(definers.map(async ({ proname, provolatile, text }) => [proname, { writes: provolatile === 'v', by: await may(proname), path: /SET search_path TO 'public', 'pg_temp'/.test(text) }] as const));
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(Object.entries(DEFINERS).map(([name, { writes, by }]) => [name, { writes, by, path: true }])));
    // What triggers do runs within those: the same holds for whatever looks at a table.
    expect(rows.filter(({ prosecdef, text }) => !prosecdef && /\b(insert into|update \w|delete from)/.test(text) && !/SET search_path TO 'public', 'pg_temp'/.test(text)).map(({ proname }) => proname)).toEqual([]);
  });
  it('the serving roles own nothing, are not superusers, may not bypass policies, make objects or become the owner', async () => {
    const { rows } = await opened.admin.query(`select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, (select count(*)::int from pg_class where relowner = r.oid) as owned, pg_has_role(rolname, 'iter_owner', 'member') as owner from pg_roles r where rolname = any ($1)`, [[...LOGIN_ROLES]]);
    expect(rows).toHaveLength(LOGIN_ROLES.length);
    for (const row of rows) expect(row).toMatchObject({ rolsuper: false, rolbypassrls: false, rolcreaterole: false, rolcreatedb: false, rolreplication: false, owned: 0, owner: false });
    for (const role of LOGIN_ROLES) {
      expect(await refusal(as[role], 'create table mine (x int)')).toMatch(/permission denied/);
      // A temporary view would stand before a table in the owner's functions, and run its own with the owner's rights.
      expect(await refusal(as[role], 'create temporary table mine (x int)')).toMatch(/permission denied/);
      expect(await refusal(as[role], 'set role iter_owner')).toMatch(/permission denied/);
      expect(await refusal(as[role], `set session_replication_role = 'replica'`)).toMatch(/permission denied/);
      expect(await refusal(as[role], 'alter table history disable trigger all')).toMatch(/must be owner/);
    }
    expect((await opened.admin.query(`select rolcanlogin from pg_roles where rolname = 'iter_owner'`)).rows[0].rolcanlogin).toBe(false);
  });
});

describe('parents whom a file brings', () => {
  const bring = (...people: object[]) => refusal(as.iter_commit, `select iter_bring_guardians('${JSON.stringify(people)}')`);
  const known = async (id: string) => (await opened.admin.query('select username, name, email, subject, disabled from users where id = $1', [id])).rows[0];
  const id = '0b7a54e4-1111-8111-8111-000000000001', username = 'famiglia.s1.g1';
  it('are accounts of that kind alone, named anew until they are somebody’s', async () => {
    expect(await bring({ id, username, name: 'Ada', locale: 'it' })).toBe('done');
    expect(await known(id)).toEqual({ username, name: 'Ada', email: null, subject: null, disabled: false });
    expect(await bring({ id, username, name: 'Bea', locale: 'en', email: 'x@y.it', subject: 'x' })).toBe('done');
    expect(await known(id)).toMatchObject({ name: 'Bea', email: null, subject: null });
    await opened.admin.query(`update users set subject = 'oidc' where id = $1`, [id]);
    await bring({ id, username, name: 'Eva', locale: 'it' });
    expect((await known(id)).name).toBe('Bea');
  });
  it('are never anybody else’s: neither an account of staff by its id, nor a new one of another kind', async () => {
    const staff = opened.people.segreteria.userId, before = await known(staff);
    await bring({ id: staff, username: 'famiglia.s1.g2', name: 'Eva', locale: 'it' }, { id: staff, username: before.username, name: 'Eva', locale: 'it' });
    expect(await known(staff)).toEqual(before);
    await bring({ id: '0b7a54e4-1111-8111-8111-000000000002', username: 'admin', name: 'Eva', locale: 'it' });
    expect(await known('0b7a54e4-1111-8111-8111-000000000002')).toBeUndefined();
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
