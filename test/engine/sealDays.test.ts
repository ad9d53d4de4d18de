/**
 * The daily register is what remains when somebody doubts the register itself: every day sealed, none left out, each chained to the one
 * before; and whoever changes anything afterwards, the superuser included, is found.
 */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { extractText, getDocumentProxy } from 'unpdf';
import { renderPdf } from '../../activities/documents/renderPdf.ts';
import { registerProtocol, type ProtocolEntry } from '../../engine/registers/protocol.ts';
import { sealDays } from '../../engine/registers/sealDays.ts';
import { verifyDays } from '../../engine/registers/verifyDays.ts';
import { openEngine, type Opened } from './opened.ts';

const { privateKey: key, publicKey } = generateKeyPairSync('ed25519');
const log = { info: () => {}, warn: () => {}, error: () => {} };

let opened: Opened, pool: pg.Pool;
/** PostgreSQL's clock in this database, for the role that registers: its own one is looked up after ours. */
const clock = (at: string) => opened.admin.query(`create or replace function public.clock_timestamp() returns timestamptz language sql stable as $$ select '${at}'::timestamptz $$`);
const entry = (organisation: string, name: string, more: Partial<ProtocolEntry> = {}): ProtocolEntry => ({
  organisation, key: name, direction: 'uscita', caseId: null, subject: `Oggetto ${name}`, sender: `Prima scuola (${organisation})`, recipients: ['Polo (P1)'], document: 'Richiesta', sha256: 'a'.repeat(64),
  attachments: [{ name: 'certificato', sha256: 'b'.repeat(64) }], ...more,
});
const register = (organisation: string, name: string, more?: Partial<ProtocolEntry>) => registerProtocol(pool, entry(organisation, name, more));
const seal = (day: string, more: Partial<Parameters<typeof sealDays>[0]> = {}) => sealDays({ pool, key, day, render: renderPdf, log, ...more });
const daysOf = async (organisation: string) => (await opened.admin.query('select d.*, d.day::text as day from protocol_days d where organisation = $1 order by d.day', [organisation])).rows;
const textOf = async (pdf: Buffer) => (await extractText(await getDocumentProxy(new Uint8Array(pdf)), { mergePages: true })).text.replaceAll(/\s+/g, ' ');

beforeAll(async () => {
  opened = await openEngine([]);
  const { rows: [{ name }] } = await opened.admin.query('select current_database() as name');
  await opened.admin.query(`alter role iter_commit in database ${name} set search_path = public, pg_catalog`);
  ({ pools: { commit: pool } } = opened.another());
  // Over New Year's Eve and a free day.
  await clock('2026-12-30T09:00:00.000Z');
  await register('S1', 'uno');
  await register('S1', 'due', { direction: 'entrata', senderProtocol: { organisation: 'P1', number: 7, year: 2026, day: '2026-12-29' }, messageId: 'x@example.it' });
  await register('S2', 'altra');
  await clock('2026-12-31T22:59:00.000Z');
  await register('S1', 'tre');
  await clock('2026-12-31T23:01:00.000Z');
  await register('S1', 'quattro');
  await clock('2027-01-03T04:00:00.000Z');
});
afterAll(async () => { await opened.close(); });

describe('the days of a register', () => {
  it('are sealed from the first entry on, also those that were missed and those without entries, and once', async () => {
    expect(await seal('2027-01-02')).toBe(8);
    expect(await seal('2027-01-02')).toBe(0);
    const days = await daysOf('S1');
    expect(days.map(({ day, year, first, last, entries }) => [day, year, first, last, entries])).toEqual([
      ['2026-12-30', 2026, 1, 2, 2], ['2026-12-31', 2026, 3, 3, 1], ['2027-01-01', 2027, 1, 1, 1], ['2027-01-02', 2027, null, null, 0],
    ]);
    expect(days.map(({ previous }) => previous)).toEqual([null, ...days.slice(0, -1).map(({ sha256 }) => sha256)]);
    const text = await textOf(days[0].content);
    for (const word of ['Registro giornaliero di protocollo del 30/12/2026', '0000001', '0000002', 'Oggetto uno', 'prot. n. 0000007 del 29/12/2026', 'Prima scuola', '10:00:00', 'aaaaaaaa', 'bbbbbbbb']) expect(text).toContain(word);
    expect(await textOf(days[3].content)).toContain('Nessuna registrazione');
    expect((await daysOf('S2')).map(({ entries }) => entries)).toEqual([1, 0, 0, 0]);
  });

  it('are verified, by any reader and by one who keeps the key', async () => {
    expect(await verifyDays(pool, 'S1')).toEqual({ valid: true, days: 4, until: '2027-01-02', problems: [] });
    expect(await verifyDays(pool, 'S1', [publicKey])).toMatchObject({ valid: true });
    expect((await verifyDays(pool, 'S1', [generateKeyPairSync('ed25519').publicKey])).problems[0]).toMatchObject({ day: '2026-12-30', problem: expect.stringMatching(/another key/) });
  });

  it('that are not over are not sealed', async () => {
    await expect(seal('2027-01-03')).rejects.toThrow(/2027-01-03 is not over/);
    expect((await daysOf('S1')).at(-1).day).toBe('2027-01-02');
  });

  it('wait for who is registering over midnight', async () => {
    await clock('2027-01-03T22:59:59.000Z');
    const holder = await pool.connect();
    const { beginRegistration, insertEntry, endRegistration } = await import('../../engine/registers/protocol.ts');
    const registration = await beginRegistration(holder, 'S1', 'di notte');
    await insertEntry(holder, registration, entry('S1', 'di notte'));
    await clock('2027-01-03T23:00:01.000Z');
    const sealing = seal('2027-01-03');
    while ((await opened.admin.query(`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`)).rowCount === 0) await new Promise(resolve => setTimeout(resolve, 20));
    await endRegistration(holder, registration);
    holder.release();
    await sealing;
    expect((await daysOf('S1')).at(-1)).toMatchObject({ day: '2027-01-03', entries: 1 });
    expect(await verifyDays(pool, 'S1')).toMatchObject({ valid: true, days: 5 });
  });

  it('of the others are sealed though one cannot be printed, and it is tried again', async () => {
    await clock('2027-01-05T04:00:00.000Z');
    const render: typeof renderPdf = async (model, options) => { if (options.author === 'Prima scuola') throw new Error('no ink'); return await renderPdf(model, options); };
    await expect(seal('2027-01-04', { render })).rejects.toThrow('no ink');
    expect([(await daysOf('S1')).at(-1).day, (await daysOf('S2')).at(-1).day]).toEqual(['2027-01-03', '2027-01-04']);
    await seal('2027-01-04');
    expect((await daysOf('S1')).at(-1).day).toBe('2027-01-04');
  });

  it('sealed by two programs at once are sealed once', async () => {
    await clock('2027-01-20T04:00:00.000Z');
    await Promise.all([seal('2027-01-19'), seal('2027-01-19', { pool: opened.another().pools.workerCommit })]);
    expect(await verifyDays(pool, 'S1')).toMatchObject({ valid: true, until: '2027-01-19' });
  });
});

describe('whoever changes something as the superuser, with the triggers off,', () => {
  const flip = (column: string) => `${column} = set_byte(${column}, length(${column}) / 2, get_byte(${column}, length(${column}) / 2) # 1)`;
  it.each<[string, string, RegExp]>([
    ['an entry’s subject', `update protocol_entries set subject = subject || ' ' where number = 1 and day = '2026-12-30'`, /2026-12-30: the entries are not those/],
    ['an entry’s digest', `update protocol_entries set sha256 = repeat('c', 64) where number = 2 and year = 2026`, /2026-12-30: the entries are not those/],
    ['an entry’s instant', `update protocol_entries set at = at + interval '1 ms' where number = 3 and year = 2026`, /2026-12-31: the entries are not those/],
    ['the sender’s number', `update protocol_entries set sender_protocol = jsonb_set(sender_protocol, '{number}', '8') where sender_protocol is not null`, /2026-12-30: the entries are not those/],
    ['an entry’s day', `update protocol_entries set day = '2026-12-31' where number = 2 and year = 2026`, /2026-12-31: the entries are not those/],
    ['an entry, which is taken away', `delete from protocol_entries where number = 3 and year = 2026 and organisation = 'S1'`, /the register of 2026 says 3 numbers and holds 2/],
    ['an entry and its counter', `delete from protocol_entries where number = 3 and year = 2026 and organisation = 'S1'; update protocol_registers set last = 2 where year = 2026 and organisation = 'S1'`, /2026-12-31: it holds 0 entries and says 1/],
    ['an entry, which is put in', `insert into protocol_entries select organisation, year, 4, direction, at, '2027-01-02', 'falsa', case_id, subject, sender, recipients, document, sha256 from protocol_entries where number = 3 and year = 2026`, /2027-01-02: the entries are not those/],
    ['the counter', `update protocol_registers set last = 9 where year = 2027 and organisation = 'S1'`, /the register of 2027 says 9 numbers/],
    ['one bit of a PDF', `update protocol_days set ${flip('content')} where day = '2026-12-31'`, /2026-12-31: the PDF is not the one/],
    ['a PDF and its digest', `update protocol_days set ${flip('content')} where day = '2026-12-31'; update protocol_days set sha256 = encode(sha256(content), 'hex') where day = '2026-12-31'`, /2026-12-31: the signature is not good[\s\S]*2027-01-01: the register of 2026-12-31 is not the one/],
    ['a day’s figures', `update protocol_days set first = 2 where day = '2026-12-31'`, /2026-12-31: the signature is not good/],
    ['the instant of a seal', `update protocol_days set sealed_at = sealed_at - interval '1 day' where day = '2026-12-31'`, /2026-12-31: the signature is not good/],
    ['a signature', `update protocol_days set signature = (select signature from protocol_days where day = '2026-12-30' and organisation = 'S1') where day = '2026-12-31'`, /2026-12-31: the signature is not good/],
    ['a key', `update protocol_days set signing_key = 'x' where day = '2026-12-31'`, /2026-12-31: the signature is not good/],
    ['a day, which is taken away', `delete from protocol_days where day = '2027-01-02'`, /2027-01-03: the days after 2027-01-01 are missing/],
    ['the first day', `delete from protocol_days where day = '2026-12-30'`, /2026-12-31: the day before it is missing/],
    ['the days of another register', `delete from protocol_days where organisation = 'S1'; update protocol_days set organisation = 'S1' where organisation = 'S2'`, /2026-12-30: the signature is not good/],
  ])('%s: is found', async (_what, statement, found) => {
    const client = await opened.admin.connect();
    try {
      // On a copy: what is done here is undone by leaving it.
      await client.query('begin; set local session_replication_role = replica');
      await client.query(statement);
      const { valid, problems } = await verifyDays({ connect: async () => Object.assign(Object.create(client), { query: client.query.bind(client), release: () => {} }) } as unknown as pg.Pool, 'S1', [publicKey]);
      expect(valid).toBe(false);
      expect(problems.map(({ day, problem }) => `${day}: ${problem}`).join('\n')).toMatch(found);
    } finally {
      await client.query('rollback');
      client.release();
    }
    expect(await verifyDays(pool, 'S1', [publicKey])).toMatchObject({ valid: true });
  });
});
