/**
 * What a command costs is a promise (performance.md): two round trips, three where another case's rows are needed, and no statement that its
 * decision does not need. Counted here on the wire; a fourth statement slips in more easily than it is taken out.
 */
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { writeStatement, type Part } from '../../database/writeStatement.ts';
import { domanda } from '../toys/domanda.ts';
import { fascicolo } from '../toys/fascicolo.ts';
import { fondo } from '../toys/fondo.ts';
import { prenotazione } from '../toys/prenotazione.ts';
import { registro } from '../toys/registro.ts';
import { socio } from '../toys/socio.ts';
import { yardstick } from '../toys/yardstick.ts';
import { ask, at, PLUGINS, publish } from './receptions.ts';
import { codeOf, give, newCase, openEngine, type Opened } from './opened.ts';

let opened: Opened;
/** One element per round trip: the names of the statements that went together. */
let trips: string[][] = [];
beforeAll(async () => {
  opened = await openEngine([yardstick, registro, fascicolo, prenotazione, socio, fondo, domanda, ...PLUGINS], { read: 1, commit: 1, worker: 1 });
  for (const pool of [opened.pools.commit, opened.pools.read]) watch(pool);
});
afterAll(async () => { await opened.close(); });
beforeEach(() => { trips = []; });

/** Statements that are sent while another is unanswered share its round trip. */
function watch(pool: pg.Pool): void {
  pool.on('connect', client => {
    const { query } = client as any;
    let open = 0;
    (client as any).query = function counted(...args: any[]) {
      if (open === 0) trips.push([]);
      trips.at(-1)!.push((args[0].name ?? args[0].text ?? args[0]).replace(/_\d+$/, ''));
      open += 1;
      const answer = query.apply(client, args);
      answer.then(() => { open -= 1; }, () => { open -= 1; });
      return answer;
    };
  });
}
const costOf = async (work: () => Promise<unknown>) => { trips = []; await work(); return trips.map(names => names.join(' ')); };

it.each<[string, (id: string) => Promise<unknown>, string[]]>([
  ['a plain command', id => give(opened, id, 'presenta'), ['begin lock_case stored_outcome', 'write open_agenda commit']],
  ['a refused one', id => codeOf(give(opened, id, 'concedi')), ['begin lock_case stored_outcome', 'write commit']],
  ['a stale If-Match', id => codeOf(give(opened, id, 'presenta', {}, opened.people.segreteria, { ifMatch: 9 })), ['begin lock_case stored_outcome', 'commit']],
  ['one of an unknown case', () => codeOf(give(opened, randomUUID(), 'presenta')), ['process_of']],
  ['one of a case that the caller may not know of', id => codeOf(give(opened, id, 'presenta', {}, opened.people.altraScuola)), ['begin lock_case stored_outcome', 'rollback']],
])('%s', async (_what, work, cost) => {
  const id = await newCase(opened, 'yardstick');
  expect(await costOf(() => work(id))).toEqual(cost);
});

it('a repeat', async () => {
  const id = await newCase(opened, 'yardstick');
  await give(opened, id, 'presenta', {}, opened.people.segreteria, { key: 'k' });
  expect(await costOf(() => give(opened, id, 'presenta', {}, opened.people.segreteria, { key: 'k' }))).toEqual(['begin lock_case stored_outcome', 'open_agenda commit']);
});

it('a number, a slot, items, attachments, scopes: what each needs and no more', async () => {
  const numbered = await newCase(opened, 'registro'), booked = await newCase(opened, 'prenotazione'), file = await newCase(opened, 'fascicolo'), member = await newCase(opened, 'socio', { anno: '1' }), fund = await newCase(opened, 'fondo', { anno: '1' }, { polo: 'P1' }, opened.people.operatorePolo);
  const slot = { resource: 'r', from: '2026-01-01T08:00:00.000Z', to: '2026-01-01T09:00:00.000Z' };
  expect(await costOf(() => give(opened, numbered, 'protocolla'))).toEqual(['begin lock_case stored_outcome', 'next_number', 'write open_agenda commit']);
  expect(await costOf(() => give(opened, booked, 'prenota', slot))).toEqual(['begin lock_case stored_outcome', 'lock_resources write open_agenda commit']);
  expect(await costOf(() => give(opened, file, 'presenta'))).toEqual(['begin lock_case stored_outcome', 'write open_agenda case_attachments case_items commit']);
  expect(await costOf(() => give(opened, file, 'conta').catch(() => {}))).toEqual(['begin lock_case stored_outcome case_items', 'write commit']);
  expect(await costOf(() => give(opened, file, 'allega').catch(() => {}))).toEqual(['begin lock_case stored_outcome case_attachments', 'write commit']);
  expect(await costOf(() => give(opened, member, 'attiva'))).toEqual(['begin lock_case stored_outcome share_own_scopes', 'lock_scopes', 'write open_agenda commit']);
  expect(await costOf(() => give(opened, member, 'rinuncia'))).toEqual(['begin lock_case stored_outcome share_own_scopes', 'write open_agenda commit']);
  expect(await costOf(() => give(opened, fund, 'liquida', {}, opened.people.operatorePolo))).toEqual(['begin lock_case stored_outcome', 'lock_scopes members_of', 'write open_agenda commit']);
});

it('forms to which an organisation may add fields, and a draft as it is typed', async () => {
  const id = await newCase(opened, 'domanda');
  const typed = () => opened.engine.patchDraft({ caseId: id, form: 'modelloP', patch: { ore: 1 }, caller: opened.people.segreteria });
  expect(await costOf(typed)).toEqual(['begin lock_case stored_outcomes forms_in_force', 'read_draft', 'write_draft commit']);
  expect(await costOf(() => give(opened, id, 'invia', { modelloP: { variante: 'conSiO', ore: 2 } }))).toEqual(['begin lock_case stored_outcome forms_in_force', 'write open_agenda commit']);
});

it('a booking: one round trip for what it looks at; where it is refused nothing is written, and one reads what else is free', async () => {
  await opened.admin.query(`insert into parameters (name, valid_from, value, reason, set_by) values ('chiusureScuola', '2020-01-01', '{"festivita":[],"periodi":[]}', 'prova', 'prova')`);
  const { docente: teacher, genitore: family, altroGenitore: other } = opened.people;
  await opened.admin.query(`insert into memberships (user_id, organisation, role) values ($1, 'S1', 'docente')`, [teacher.userId]);
  const hours = await publish(opened, teacher, { perGenitore: 9, perAlunno: 9 });
  const book = (caller = family, time = '17:00') => ask(opened, { hours, teacher, family: caller, data: { inizio: at(time) } });
  const named = 'begin clock organisations_named people_named', looked = 'lock_scopes members_of is_case known_pupils offers_of_scope parameters_of_scope taken_of_scope';
  const told = 'clock members_of offers_of_scope parameters_of_scope taken_of_scope taken', wrote = 'insert_case lock_resources write open_agenda commit';
  let id = '';
  expect(await costOf(async () => { id = (await book()).record.state.id; })).toEqual([named, looked, wrote]);
  expect(await costOf(() => codeOf(book(other)))).toEqual([named, looked, 'rollback', `first_taken ${told}`]);
  expect(await costOf(() => codeOf(book(other, '17:05')))).toEqual([named, looked, 'rollback', told]);
  expect(await costOf(() => give(opened, id, 'sposta', { inizio: at('18:00') }, family))).toEqual(['begin lock_case stored_outcome share_own_scopes', 'lock_scopes members_of offers_of_scope parameters_of_scope taken_of_scope', 'lock_resources write open_agenda commit']);
});

it('a new case, a read, a batch of a hundred', async () => {
  expect(await costOf(() => newCase(opened, 'yardstick'))).toEqual(['begin clock organisations_named', 'insert_case open_draft write open_agenda commit']);
  const id = await newCase(opened, 'yardstick');
  expect(await costOf(() => opened.engine.readCase(id, ['S1']))).toEqual(['begin isolation level repeatable read read only read_as read_case open_agenda commit']);
  const file = await newCase(opened, 'fascicolo');
  expect(await costOf(() => opened.engine.readCase(file, ['S1']))).toEqual(['begin isolation level repeatable read read only read_as read_case open_agenda case_attachments case_items commit']);
  // A program that meets the case for the first time has to learn its process.
  const cold = opened.another();
  watch(cold.pools.read);
  expect(await costOf(() => cold.engine.readCase(file, ['S1']))).toEqual(['begin isolation level repeatable read read only read_as read_case open_agenda', 'case_attachments case_items commit']);
  const fund = await newCase(opened, 'fondo', { anno: '2' }, { polo: 'P1' }, opened.people.operatorePolo);
  const tell = () => opened.engine.sendCommand({ effectId: randomUUID(), from: { process: 'socio', caseId: randomUUID() }, input: { process: 'fondo', command: 'annota', data: {}, target: { id: fund } } });
  expect(await costOf(() => Promise.all(Array.from({ length: 101 }, tell)))).toEqual(['begin lock_case_system stored_outcome', 'write commit', 'begin lock_case_system stored_outcomes', 'write commit']);
});

it('the write touches the agenda, the lists and the words only where they change', async () => {
  const parts = async (work: () => Promise<unknown>) => {
    const before = new Set((await opened.admin.query('select 1')).rows);
    expect(before.size).toBe(1);
    const written: string[] = [];
    const original = opened.pools.commit.connect;
    opened.pools.commit.connect = (async () => {
      const client = await (original as () => Promise<pg.PoolClient>).call(opened.pools.commit) as any, { query } = client;
      client.query = (...args: any[]) => { if (args[0].name?.startsWith('write_')) written.push(args[0].name); return query.apply(client, args); };
      const { release } = client;
      client.release = (...args: any[]) => { client.query = query; return release.apply(client, args); };
      return client;
    }) as never;
    await work();
    opened.pools.commit.connect = original;
    return written;
  };
  const named = (...names: Part[]) => writeStatement(new Set(names)).statement.name;
  const id = await newCase(opened, 'yardstick');
  expect(await parts(() => give(opened, id, 'presenta'))).toEqual([named('arm', 'open', 'moved')]);
  expect(await parts(() => give(opened, id, 'integra'))).toEqual([named()]);
  expect(await parts(() => give(opened, id, 'concedi'))).toEqual([named('cancel', 'moved')]);
});

it('finds a stored answer at once, however long the history of the case is', async () => {
  const id = await newCase(opened, 'yardstick');
  await opened.admin.query(`insert into history select case_id, g, version, at, 'refused', name, from_state, to_state, actor, 'case:x/' || g, gen_random_uuid()::text, body_digest, repeat('x', 1500)::bytea, payload_digest, hash, execution from history, generate_series(2, 20000) g where case_id = $1 and seq = 1`, [id]);
  await opened.admin.query('analyze history');
  const { STORED_OUTCOME, STORED_OUTCOMES } = await import('../../database/statements.ts');
  const client = await opened.admin.connect();
  // As after five executions on a connection: planned without the values.
  await client.query(`set plan_cache_mode = 'force_generic_plan'`);
  const keys = Array.from({ length: 100 }, (_, i) => `'k${i}'`);
  for (const [{ name, text }, types, values] of [[STORED_OUTCOME, 'uuid, text, text', `'${id}', 'u', 'k'`], [STORED_OUTCOMES, 'uuid, text[], text[]', `'${id}', array[${keys.map(() => `'u'`)}], array[${keys}]`]] as const) {
    await client.query(`prepare ${name} (${types}) as ${text}`);
    const { rows: [{ 'QUERY PLAN': [{ Plan: plan }] }] } = await client.query(`explain (analyze, buffers, format json) execute ${name} (${values})`);
    // A look into the index per key; twenty thousand payloads would be five thousand blocks.
    expect([name, plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] < 600]).toEqual([name, true]);
  }
  client.release();
});
