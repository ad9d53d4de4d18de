/**
 * A protocol has no gaps and no number twice: an inspector counts them. Numbers are taken by the accepted commit alone, per register of an
 * organisation and year, however many cases want one at once and however many of them are refused, break or are rolled back.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { registro } from '../toys/registro.ts';
import { codeOf, entries, give, insistedCode, newCase, openEngine, type Opened } from './opened.ts';

let opened: Opened;
beforeAll(async () => { opened = await openEngine([registro]); });
afterAll(async () => { await opened.close(); });

const YEAR = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Rome', year: 'numeric' }).format(new Date());
const taken = async (organisation: string, register: string) => (await opened.admin.query('select value, text, case_id, seq, year from register_entries where organisation = $1 and register = $2 order by value', [organisation, register])).rows;

it('two hundred at once over many cases and two programs, refusals and faults among them: no gap, no number twice', async () => {
  const ids = await Promise.all(Array.from({ length: 12 }, () => newCase(opened, 'registro')));
  const other = opened.another();
  const codes = await Promise.all(Array.from({ length: 200 }, (_, i) => insistedCode(key => give({ ...opened, engine: i % 2 ? opened.engine : other.engine }, ids[i % ids.length]!, 'protocolla', i % 7 === 0 ? { rifiuta: true } : i % 11 === 0 ? { guasto: true } : {}, undefined, { key }))));
  const numbers = await taken('S1', 'protocollo');
  expect(numbers).toHaveLength(codes.filter(code => code === 'ok').length);
  expect(numbers.map(({ value }) => value)).toEqual(numbers.map((_, i) => i + 1));
  expect(new Set(codes)).toEqual(new Set(['ok', 'invalid', 'internal']));
  // Every number is in the history and the context of the case that it belongs to.
  for (const id of ids) {
    const own = numbers.filter(({ case_id }) => case_id === id);
    expect((await opened.engine.readCase(id, ['S1']))!.state.context['numeri']).toEqual(own.map(({ text }) => text));
    const rows = await entries(opened, id);
    for (const { seq } of own) expect(rows[seq - 1]).toMatchObject({ kind: 'command', name: 'protocolla' });
  }
}, 60_000);

it('each organisation, register and year counts on its own', async () => {
  const own = await newCase(opened, 'registro'), others = await newCase(opened, 'registro', {}, { polo: 'P1' }, opened.people.altraScuola);
  await give(opened, own, 'numera');
  await give(opened, others, 'protocolla', {}, opened.people.altraScuola);
  expect((await taken('S2', 'protocollo'))[0]).toMatchObject({ value: 1, text: `${YEAR}/0000001`, year: YEAR });
  expect((await taken('S1', 'progetti'))[0]).toMatchObject({ value: 1, year: expect.stringMatching(/^\d{4}\/\d\d$/) });
  // A year that is over keeps its last number; the new one begins at one.
  await opened.admin.query(`insert into registers (organisation, register, year, last) values ('P1', 'progetti', '1999/00', 41)`);
  await give(opened, own, 'numeraPolo');
  expect((await taken('P1', 'progetti')).map(({ value }) => value)).toEqual([1]);
});

it('the number becomes the case’s where the command says so, and the case is found by it', async () => {
  const id = await newCase(opened, 'registro');
  expect((await give(opened, id, 'protocolla')).record.state.number).toBeNull();
  const { record } = await give(opened, id, 'numera');
  const { text } = (await taken('S1', 'progetti')).at(-1)!;
  expect([record.state.number, (await opened.engine.readCase(id, ['S1']))!.state.number]).toEqual([text, text]);
  expect((await opened.admin.query('select words from case_search where case_id = $1', [id])).rows[0].words).toBe(text);
  const { record: later } = await give(opened, id, 'guarda');
  expect((later.state.context['numeri'] as string[]).at(-1)).toBe(`pratica ${text}`);
});

it('the same key takes one number', async () => {
  const id = await newCase(opened, 'registro');
  const before = (await taken('S1', 'protocollo')).length;
  await Promise.all(Array.from({ length: 10 }, () => give(opened, id, 'protocolla', {}, opened.people.segreteria, { key: 'una volta' })));
  expect(await taken('S1', 'protocollo')).toHaveLength(before + 1);
});

it('a register kept by a party that the case has not is the plugin’s mistake, said in words', async () => {
  const id = await newCase(opened, 'registro', {}, {});
  expect(await codeOf(give(opened, id, 'numeraPolo'))).toBe('internal');
  expect((await opened.admin.query('select detail from incidents where case_id = $1', [id])).rows[0].detail).toContain('the party "polo", which this case has not');
});
