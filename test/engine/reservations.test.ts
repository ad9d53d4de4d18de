/**
 * Two families must never be given the same quarter of an hour. The database's constraint refuses the second, not a check before the write;
 * the refusal says what is taken, is on record, and a move frees and takes in one commit.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { assemblea, prenotazione } from '../toys/prenotazione.ts';
import { codeOf, entries, give, newCase, openEngine, problemOf, type Opened } from './opened.ts';

let opened: Opened;
beforeAll(async () => { opened = await openEngine([prenotazione, assemblea]); });
afterAll(async () => { await opened.close(); });

const slot = (resource: string, minute: number, length = 10) => ({ resource, from: new Date(Date.UTC(2026, 4, 4, 9, minute)).toISOString(), to: new Date(Date.UTC(2026, 4, 4, 9, minute + length)).toISOString() });
const held = async (resource: string) => (await opened.admin.query(`select case_id, key, lower(during) as "from" from reservations where resource = $1 order by during`, [resource])).rows;

it('one of many at the same moment gets the slot; the others are refused with the resource, and that is on record', async () => {
  const ids = await Promise.all(Array.from({ length: 24 }, () => newCase(opened, 'prenotazione')));
  const other = opened.another();
  const answers = await Promise.all(ids.map((id, i) => give({ ...opened, engine: i % 2 ? opened.engine : other.engine }, id, 'prenota', slot('rossi', 0)).then(() => null, problem => problem)));
  expect(answers.filter(answer => answer === null)).toHaveLength(1);
  for (const problem of answers.filter(Boolean)) expect(problem).toMatchObject({ code: 'conflict', members: { command: 'prenota', resource: 'rossi', from: slot('rossi', 0).from, to: slot('rossi', 0).to } });
  expect(await held('rossi')).toHaveLength(1);
  // They took turns: none waited for PostgreSQL to find out that two waited for each other.
  expect((await opened.admin.query('select deadlocks::int from pg_stat_database where datname = current_database()')).rows[0].deadlocks).toBe(0);
  const loser = ids[answers.findIndex(Boolean)]!;
  expect((await entries(opened, loser)).map(({ kind, version }) => `${kind} ${version}`)).toEqual(['created 1', 'refused 1']);
  expect((await opened.engine.readCase(loser, ['S1']))!.stateName).toBe('aperta');
});

it('the refusal is the answer to its key for good; a new key may find the slot free', async () => {
  const [a, b] = [await newCase(opened, 'prenotazione'), await newCase(opened, 'prenotazione')];
  await give(opened, a, 'prenota', slot('bianchi', 0));
  expect(await codeOf(give(opened, b, 'prenota', slot('bianchi', 5), opened.people.segreteria, { key: 'k' }))).toBe('conflict');
  await give(opened, a, 'disdici');
  const again = await problemOf(give(opened, b, 'prenota', slot('bianchi', 5), opened.people.segreteria, { key: 'k' }));
  expect([again.code, again.members['resource']]).toEqual(['conflict', 'bianchi']);
  expect(await codeOf(give(opened, b, 'prenota', slot('bianchi', 5)))).toBe('ok');
});

it.each<[string, number, number, string]>([['overlaps', 5, 10, 'conflict'], ['lies within', 2, 3, 'conflict'], ['ends where it begins', -10, 10, 'ok'], ['begins where it ends', 10, 10, 'ok']])('a range that %s another one: %d', async (what, minute, length, code) => {
  const [a, b] = [await newCase(opened, 'prenotazione'), await newCase(opened, 'prenotazione')];
  await give(opened, a, 'prenota', slot(`verdi ${what}`, 0));
  expect(await codeOf(give(opened, b, 'prenota', slot(`verdi ${what}`, minute, length)))).toBe(code);
});

describe('a move', () => {
  it.each(['sposta', 'anticipa'])('(%s) frees and takes in one commit, also where the old and the new range overlap', async command => {
    const id = await newCase(opened, 'prenotazione');
    await give(opened, id, 'prenota', slot(`neri ${command}`, 0));
    await give(opened, id, command, slot(`neri ${command}`, 5));
    expect((await held(`neri ${command}`)).map(({ from }) => from.toISOString())).toEqual([slot('', 5).from]);
  });
  it('to a slot that is taken keeps the old one', async () => {
    const [a, b] = [await newCase(opened, 'prenotazione'), await newCase(opened, 'prenotazione')];
    await give(opened, a, 'prenota', slot('gialli', 0));
    await give(opened, b, 'prenota', slot('gialli', 20));
    expect(await codeOf(give(opened, b, 'sposta', slot('gialli', 5)))).toBe('conflict');
    expect((await held('gialli')).map(({ from }) => from.toISOString())).toEqual([slot('', 0).from, slot('', 20).from]);
    expect((await opened.engine.readCase(b, ['S1']))!.state.context['slot']).toEqual(slot('gialli', 20));
  });
  it('lets go what the same step took: the order of the actions counts', async () => {
    const id = await newCase(opened, 'prenotazione');
    await give(opened, id, 'prenota', slot('viola', 0));
    await give(opened, id, 'prendeElascia', slot('viola', 30));
    expect(await held('viola')).toEqual([]);
  });
  it('around a full circle never double-books and never deadlocks for good', async () => {
    const ids = await Promise.all(Array.from({ length: 6 }, () => newCase(opened, 'prenotazione')));
    await Promise.all(ids.map((id, i) => give(opened, id, 'prenota', slot('giro', i * 10))));
    for (let round = 0; round < 10; round += 1) {
      const codes = await Promise.all(ids.map((id, i) => codeOf(give(opened, id, 'sposta', slot('giro', ((i + round) % 8) * 10)))));
      expect(codes.filter(code => !['ok', 'conflict'].includes(code))).toEqual([]);
      expect(new Set((await held('giro')).map(({ from }) => from.toISOString())).size).toBe(6);
    }
  }, 60_000);
});

it('a case that would take a slot at its creation is not made where it is taken', async () => {
  await newCase(opened, 'assemblea', slot('aula magna', 0));
  const { rows: [{ count }] } = await opened.admin.query('select count(*) from cases');
  const problem = await problemOf(opened.engine.createCase({ process: 'assemblea', data: slot('aula magna', 5), parties: {}, caller: opened.people.segreteria, key: randomUUID() }));
  expect(problem).toMatchObject({ code: 'conflict', members: { resource: 'aula magna' } });
  expect((await opened.admin.query('select count(*) from cases')).rows[0].count).toBe(count);
});

it('a range that is none is the plugin’s mistake', async () => {
  const id = await newCase(opened, 'prenotazione');
  const { resource, from } = slot('rosa', 0);
  expect(await codeOf(give(opened, id, 'prenota', { resource, from, to: from }))).toBe('internal');
  expect(await codeOf(give(opened, id, 'prenota', { resource, from, to: 'mai' }))).toBe('internal');
});
