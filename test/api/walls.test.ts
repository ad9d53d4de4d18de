/** The second wall: what PostgreSQL itself lets the API's role see and do, with no help from the program. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { roleUrl } from '../../database/pools.ts';
import { MASTER_KEY, newRichiesta, pdfForm, startTestApi, submitted, type TestApi } from './harness.ts';

const OF_CASES = ['cases', 'case_access', 'history', 'case_keys', 'agenda', 'case_items', 'attachments', 'access_log', 'register_entries', 'reservations', 'incidents'];

let api: TestApi, raw: Client, id: string, draft: string, rossi: string;
beforeAll(async () => {
  api = await startTestApi();
  ({ id } = await submitted(api));
  ({ id: draft } = await newRichiesta(api));
  rossi = await api.userId('famiglia.rossi');
  await api.call('segreteria.bari', `/cases/${id}/attachments`, { method: 'POST', raw: pdfForm('nota') });
  await api.get('segreteria.bari', `/cases/${id}`);
  raw = new Client({ connectionString: roleUrl(api.database.url, 'iter_api', MASTER_KEY) });
  await raw.connect();
});
afterAll(async () => {
  await raw.end();
  await api.stop();
});

async function as<T>(organisation: string, user: string, work: () => Promise<T>): Promise<T> {
  await raw.query('begin');
  try {
    await raw.query(`select set_config('iter.org', $1, true), set_config('iter.user', $2, true)`, [organisation, user]);
    return await work();
  } finally {
    await raw.query('rollback');
  }
}
const count = async (table: string) => (await raw.query(`select count(*)::int as n from ${table}`)).rows[0].n as number;
const refusal = async (text: string, values: unknown[] = []): Promise<string> => await raw.query(text, values).then(({ rowCount }) => `done: ${rowCount}`, (error: { code: string }) => error.code);

describe('a connection of the API’s role', () => {
  it('sees nothing of any case without saying for whom it reads', async () => {
    for (const table of OF_CASES) expect([table, await count(table)]).toEqual([table, 0]);
    await as('', '', async () => { for (const table of OF_CASES) expect([table, await count(table)]).toEqual([table, 0]); });
  });

  it('sees the cases of its parties, and nobody else’s', async () => {
    const seen = async () => (await raw.query('select id from cases order by created_at')).rows.map(row => row.id);
    expect(await as('BAIC818001', '', seen)).toEqual([id, draft]);
    expect(await as('POLOPUGLIA', '', seen)).toEqual([id]);
    expect(await as('', rossi, seen)).toEqual([id]);
    expect(await as('MIIC8B9003', await api.userId('segreteria.milano'), seen)).toEqual([]);
    await as('POLOPUGLIA', '', async () => {
      expect(await count('history')).toBeGreaterThan(2);
      expect((await raw.query('select distinct case_id from history')).rows).toEqual([{ case_id: id }]);
      expect((await raw.query('select distinct principal from case_access')).rows).toEqual([{ principal: 'POLOPUGLIA' }]);
      expect(await count('attachments')).toBe(1);
    });
    await as('MIIC8B9003', '', async () => { for (const table of OF_CASES) expect([table, await count(table)]).toEqual([table, 0]); });
  });

  it('forgets for whom it read at the end of the transaction', async () => {
    await as('BAIC818001', rossi, async () => { expect(await count('cases')).toBe(2); });
    expect(await count('cases')).toBe(0);
  });

  it('finds by words, and with another party, only what it may see', async () => {
    const found = (principal: string, word: string | null, party: string | null = null) => async () => (await raw.query('select case_id from iter_search_cases($1, $2, $3, null, null, null, null, false, 100)', [principal, word === null ? [] : [word], party])).rows.map(row => row.case_id);
    expect(await as('POLOPUGLIA', '', found('POLOPUGLIA', 'prova'))).toEqual([id]);
    expect(await as('POLOPUGLIA', '', found('POLOPUGLIA', 'zzzzz'))).toEqual([]);
    expect(await as('POLOPUGLIA', '', found('POLOPUGLIA', null, rossi))).toEqual([id]);
    expect(await as('POLOPUGLIA', '', found('POLOPUGLIA', null, 'MIIC8B9003'))).toEqual([]);
    // Asking in another's name is asking for nothing.
    expect(await as('MIIC8B9003', '', found('POLOPUGLIA', 'prova'))).toEqual([]);
    expect(await as('MIIC8B9003', '', found('MIIC8B9003', 'prova'))).toEqual([]);
    expect(await as('', '', found('', 'prova'))).toEqual([]);
    expect(await as('POLOPUGLIA', '', found('POLOPUGLIA', `'; select 1; --`))).toEqual([]);
  });

  it.each(['history', 'cases', 'case_access', 'agenda', 'attachments', 'case_items', 'register_entries', 'case_keys', 'incidents', 'tokens', 'memberships', 'organisations', 'parameters'])('cannot change, delete or empty %s', async table => {
    const column = { history: 'name', cases: 'state', case_access: 'state', agenda: 'state', attachments: 'kind', case_items: 'kind', register_entries: 'text', case_keys: 'wrapped', incidents: 'detail', tokens: 'revoked_at', memberships: 'role', organisations: 'name', parameters: 'reason' }[table];
    for (const statement of [`update ${table} set ${column} = ${column}`, `delete from ${table}`, `truncate ${table} cascade`]) {
      const answer = await as('BAIC818001', '', () => refusal(statement));
      expect([statement, answer]).toEqual([statement, '42501']);
    }
  });

  it('cannot write a case, an entry or an access of its own making', async () => {
    const forbidden = [
      [`insert into case_access (principal, case_id, process, state, created_at) values ('MIIC8B9003', $1, 'x', 'x', now())`, [id]],
      [`insert into history (case_id, seq, version, at, kind, name, actor, caller, key, body_digest, payload, payload_digest, hash) values ($1, 99, 1, now(), 'command', 'x', '{}', 'x', 'x', '', '', '', '')`, [id]],
      [`insert into tokens (hash, user_id, expires_at) values ('x', $1, now())`, [rossi]],
      [`insert into memberships values ($1, 'ITER', 'admin')`, [rossi]],
      [`update users set disabled = false`, []],
      [`update users set subject = 'x'`, []],
      [`create table mine (x int)`, []],
      [`alter table history disable row level security`, []],
      [`drop trigger history_append_only on history`, []],
      [`set role iter_owner`, []],
      [`set role iter_commit`, []],
      [`select lo_import('/etc/passwd')`, []],
      [`copy cases to program 'cat'`, []],
    ] as const;
    for (const [statement, values] of forbidden) {
      const answer = await as('MIIC8B9003', '', () => refusal(statement, [...values]));
      expect([statement, answer]).toEqual([statement, '42501']);
    }
  });

  it('may record a reading of a case that it sees, and of no other', async () => {
    const insert = `insert into access_log (case_id, user_id, role, fields) values ($1, 'x', 'x', '{}')`;
    expect(await as('POLOPUGLIA', '', () => refusal(insert, [id]))).toBe('done: 1');
    expect(await as('POLOPUGLIA', '', () => refusal(insert, [draft]))).toBe('42501');
    expect(await as('BAIC818001', '', () => refusal(`update access_log set role = 'y'`))).toBe('42501');
    expect(await as('BAIC818001', '', () => refusal('delete from access_log'))).toBe('42501');
  });
});

describe('a connection of the commit’s role', () => {
  it('cannot change or delete history either', async () => {
    const commit = new Client({ connectionString: roleUrl(api.database.url, 'iter_commit', MASTER_KEY) });
    await commit.connect();
    try {
      for (const statement of [`update history set name = 'x'`, 'delete from history', 'truncate history', 'delete from cases', 'delete from attachments', `update attachments set content = ''`, 'delete from access_log', 'update parameters set reason = reason', 'delete from parameters', 'delete from register_entries']) {
        expect([statement, await commit.query(statement).then(() => 'done', (error: { code: string }) => error.code)]).toEqual([statement, '42501']);
      }
    } finally {
      await commit.end();
    }
  });
});

describe('the owner', () => {
  it('cannot rewrite history by a plain statement', async () => {
    for (const statement of [`update history set name = 'x'`, 'delete from history', 'truncate history cascade', 'delete from access_log']) {
      expect([statement, await api.db.query(statement).then(() => 'done', (error: { code: string }) => error.code)]).toEqual([statement, '42501']);
    }
  });
});
