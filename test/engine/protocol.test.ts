/**
 * The protocollo informatico is what an inspector opens first: every number once, none missing, in the order of its instants, and nothing
 * of it ever changed, however many letters leave at once and whoever dies in between.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { LoginRole } from '../../database/schema.ts';
import { protocolText, registerProtocol, type ProtocolEntry } from '../../engine/registers/protocol.ts';
import { openEngine, type Opened } from './opened.ts';

let opened: Opened;
beforeAll(async () => { opened = await openEngine([]); });
afterAll(async () => { await opened.close(); });

const entry = (organisation: string, key: string, more: Partial<ProtocolEntry> = {}): ProtocolEntry => ({
  organisation, key, direction: 'uscita', caseId: null, subject: 'Progetto Istruzione Domiciliare', sender: `Scuola (${organisation})`, recipients: ['Polo (P1)'], document: 'Richiesta', sha256: 'a'.repeat(64), attachments: [], ...more,
});
const entriesOf = async (organisation: string) => (await opened.admin.query('select * from protocol_entries where organisation = $1 order by year, number', [organisation])).rows;
const lastOf = async (organisation: string, year: number) => (await opened.admin.query('select last from protocol_registers where organisation = $1 and year = $2', [organisation, year])).rows[0]?.last;

describe('numbers', () => {
  it('two hundred at once from three programs, some under the same key and some that break: no gap, no number twice, in the order of time', async () => {
    const pools = [opened.pools.commit, opened.another().pools.commit, opened.another().pools.workerCommit];
    const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => registerProtocol(pools[i % 3]!, entry('A1', `lettera ${i % 150}`, i % 13 === 0 ? { sha256: null as never } : {})).catch(() => null)));
    const rows = await entriesOf('A1');
    expect(rows.map(({ number }) => number)).toEqual(rows.map((_, i) => i + 1));
    expect(await lastOf('A1', rows[0].year)).toBe(rows.length);
    const keys = new Set(rows.map(({ key }) => key));
    expect(keys.size).toBe(rows.length);
    // Whoever got an answer got the number that stands under its key.
    for (const [i, answer] of answers.entries()) if (answer) expect(rows[answer.number - 1].key).toBe(`lettera ${i % 150}`);
    expect(answers.filter(answer => answer?.isNew).length).toBe(rows.length);
    const instants = rows.map(({ at }) => at.getTime());
    expect(instants).toEqual([...instants].sort((a, b) => a - b));
  }, 60_000);

  it('the same key gets the same number, day and instant again, and writes nothing', async () => {
    const first = await registerProtocol(opened.pools.commit, entry('A2', 'una'));
    const again = await registerProtocol(opened.pools.commit, entry('A2', 'una', { subject: 'un altro' }));
    expect(again).toEqual({ ...first, isNew: false });
    expect(first).toMatchObject({ organisation: 'A2', number: 1, isNew: true });
    expect(await entriesOf('A2')).toMatchObject([{ subject: 'Progetto Istruzione Domiciliare' }]);
  });

  it('two organisations count side by side, and one does not wait for the other', async () => {
    const holder = await opened.pools.commit.connect();
    await holder.query('begin');
    await registerProtocol(opened.pools.commit, entry('B1', 'prima'));
    await holder.query(`select from protocol_registers where organisation = 'B1' for update`);
    const blocked = registerProtocol(opened.pools.commit, entry('B1', 'seconda'));
    expect(await registerProtocol(opened.pools.commit, entry('B2', 'prima'))).toMatchObject({ number: 1 });
    await holder.query('rollback');
    holder.release();
    expect(await blocked).toMatchObject({ number: 2 });
  });

  it('who dies with the lock in hand has taken no number', async () => {
    const { beginRegistration, insertEntry } = await import('../../engine/registers/protocol.ts');
    const client = await opened.pools.commit.connect();
    const registration = await beginRegistration(client, 'C1', 'perduta');
    await insertEntry(client, registration, entry('C1', 'perduta'));
    client.release(true);
    expect(await registerProtocol(opened.pools.commit, entry('C1', 'seguente'))).toMatchObject({ number: 1 });
  });

  it('are written with at least seven digits', () => {
    expect([protocolText(1), protocolText(1_234_567), protocolText(12_345_678)]).toEqual(['0000001', '1234567', '12345678']);
  });
});

describe('days and years', () => {
  let other: Opened, pool: pg.Pool;
  /** PostgreSQL's clock in this database, for the role that registers: its own one is looked up after ours. */
  const clock = (at: string) => other.admin.query(`create or replace function public.clock_timestamp() returns timestamptz language sql stable as $$ select '${at}'::timestamptz $$`);
  beforeAll(async () => {
    other = await openEngine([]);
    const { rows: [{ name }] } = await other.admin.query('select current_database() as name');
    await other.admin.query(`alter role iter_commit in database ${name} set search_path = public, pg_catalog`);
    pool = other.another().pools.commit;
  });
  afterAll(async () => { await other.close(); });

  it('are those of Rome: on New Year’s Eve the new year begins an hour before UTC’s', async () => {
    await clock('2026-12-31T22:59:59.999Z');
    expect(await registerProtocol(pool, entry('S1', 'ultima'))).toMatchObject({ year: 2026, number: 1, day: '2026-12-31' });
    await clock('2026-12-31T23:00:00.000Z');
    expect(await registerProtocol(pool, entry('S1', 'prima'))).toMatchObject({ year: 2027, number: 1, day: '2027-01-01' });
    expect(await registerProtocol(pool, entry('S1', 'ultima'))).toMatchObject({ year: 2026, number: 1, day: '2026-12-31', isNew: false });
  });

  it('in summer the day begins two hours before UTC’s', async () => {
    await clock('2027-07-01T21:59:59.000Z');
    expect(await registerProtocol(pool, entry('S1', 'sera'))).toMatchObject({ day: '2027-07-01' });
    await clock('2027-07-01T22:00:00.000Z');
    expect(await registerProtocol(pool, entry('S1', 'notte'))).toMatchObject({ day: '2027-07-02' });
  });

  it('who waited for the lock over midnight belongs to the new year', async () => {
    await clock('2027-12-31T22:59:59.000Z');
    await registerProtocol(pool, entry('S2', 'prima'));
    const holder = await other.admin.connect();
    await holder.query('begin');
    await holder.query(`select from protocol_registers where organisation = 'S2' for update`);
    const waiting = registerProtocol(pool, entry('S2', 'a mezzanotte'));
    while ((await other.admin.query(`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`)).rowCount === 0) await new Promise(resolve => setTimeout(resolve, 20));
    await clock('2027-12-31T23:00:01.000Z');
    await holder.query('commit');
    holder.release();
    expect(await waiting).toMatchObject({ year: 2028, number: 1, day: '2028-01-01' });
    expect(await lastOfOther('S2')).toEqual([{ year: 2027, last: 1 }, { year: 2028, last: 1 }]);
  });

  it('a clock that goes back stays behind no entry and enters no sealed day', async () => {
    await clock('2028-03-10T10:00:00.000Z');
    await registerProtocol(pool, entry('P1', 'prima'));
    await clock('2028-03-10T09:00:00.000Z');
    expect((await registerProtocol(pool, entry('P1', 'seconda'))).at.toISOString()).toBe('2028-03-10T10:00:00.000Z');
    await other.admin.query(`insert into protocol_days (organisation, day, year, entries, digest, content, sha256, signature, signing_key) values ('P1', '2028-03-10', 2028, 2, '', '', '', '', '')`);
    expect(await registerProtocol(pool, entry('P1', 'terza'))).toMatchObject({ number: 3, day: '2028-03-11' });
  });

  const lastOfOther = async (organisation: string) => (await other.admin.query('select year, last from protocol_registers where organisation = $1 order by year', [organisation])).rows;
});

describe('what is registered', () => {
  it.each<LoginRole>(['iter_api', 'iter_commit', 'iter_worker', 'iter_auditor'])('is never changed nor taken away by %s', async role => {
    await registerProtocol(opened.pools.commit, entry('D1', 'una'));
    const pool = opened.raw(role);
    for (const statement of [`update protocol_entries set subject = 'x'`, 'delete from protocol_entries', 'truncate protocol_entries', `update protocol_days set sha256 = 'x'`, 'delete from protocol_days', 'delete from protocol_registers']) {
      await expect(pool.query(statement)).rejects.toMatchObject({ code: '42501' });
    }
  });

  it('is not even changed by the owner of the tables', async () => {
    for (const statement of [`update protocol_entries set subject = 'x'`, 'delete from protocol_entries', 'truncate protocol_entries']) {
      await expect(opened.admin.query(`begin; set local role iter_owner; ${statement}; commit`).finally(() => opened.admin.query('rollback'))).rejects.toThrow(/append-only/);
    }
  });

  it('is read by its organisation alone', async () => {
    await registerProtocol(opened.pools.commit, entry('D2', 'una'));
    const count = async (organisation: string) => {
      const client = await opened.raw('iter_api').connect();
      await client.query(`select set_config('iter.org', $1, false)`, [organisation]);
      const { rows: [row] } = await client.query('select count(*)::int as count from protocol_entries');
      client.release(true);
      return row.count;
    };
    expect([await count('D2'), await count('nessuno'), await count('')]).toEqual([1, 0, 0]);
  });
});
