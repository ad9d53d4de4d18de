/**
 * What a refused family is told must hold: every slot that is proposed it would be given, and none that somebody waits for, that is too near, or in which
 * one of those who come is elsewhere. Read after the refusal, on the real database.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Caller } from '../../engine/engine.ts';
import { addDays, dayOfWeek } from '../../plugins/calendar.ts';
import { ask, at, doubles, EVENING, openEvening, problem, publish, serve, type Evening } from './receptions.ts';

const NEXT = addDays(EVENING, 7);
const TWO_EVENINGS = { al: NEXT, fasce: [{ giorno: dayOfWeek(EVENING), dalle: '17:00', alle: '19:00' }], durataMinuti: 20 }, OFTEN = { perGenitore: 30, perAlunno: 30, disdettaOre: 0 };
let evening: Evening, next = 0;
beforeAll(async () => { evening = await openEvening({ teachers: 12, families: 40 }); });
afterAll(async () => { await evening.close(); });

const family = (): Caller => evening.families[next++]!;
const asParent = ({ userId }: Caller): Caller => ({ kind: 'user', userId, role: 'genitore', organisation: null, principals: [userId] });
const give = (id: string, command: string, data: object, caller: Caller, key = randomUUID()) => evening.engine.giveCommand({ caseId: id, command, data: data as never, caller, key });
const told = (refused: { members: Record<string, unknown> } | null) => (refused?.members['alternatives'] as { case: string; from: string }[] | undefined)?.map(({ from }) => from);
const rule = (refused: { members: Record<string, unknown> } | null) => (refused?.members['refusals'] as { rule: string }[] | undefined)?.[0]?.rule;

describe('a family that is refused', () => {
  it('by the waiting list is told of slots for which nobody waits and in which all who come are free, and gets each of them', async () => {
    const [teacher, second, third] = evening.teachers as [Caller, Caller, Caller], [father, mother, waiter] = [family(), family(), family()];
    const hours = await publish(evening, teacher, OFTEN, TWO_EVENINGS), other = await publish(evening, second, OFTEN, TWO_EVENINGS), another = await publish(evening, third, OFTEN, TWO_EVENINGS);
    const full = await Promise.all(['17:00', '17:20', '17:40', '18:00', '18:20', '18:40'].map(async time => { const each = family(); return { each, id: (await ask(evening, { hours, teacher, family: each, data: { inizio: at(time) } })).record.state.id }; }));
    await ask(evening, { hours, teacher, family: waiter, data: { attesa: { dal: EVENING, al: EVENING } } });
    // The list has heard of neither.
    await give(full[0]!.id, 'annulla', {}, full[0]!.each);
    // On the other evening the father is elsewhere at 17:20, the mother at 17:40, and the teacher, who is a parent too, at 18:00.
    await ask(evening, { hours: other, teacher: second, family: father, data: { inizio: at('17:20', NEXT) } });
    await ask(evening, { hours: another, teacher: third, family: mother, data: { inizio: at('17:40', NEXT) } });
    await ask(evening, { hours: other, teacher: second, family: asParent(teacher), data: { inizio: at('18:00', NEXT) } });
    const wanted = { hours, teacher, family: father, data: { inizio: at('17:00'), partecipano: ['genitore', 'altroGenitore'] }, parties: { altroGenitore: mother.userId } };
    for (const round of ['unheard', 'heard']) {
      const refused = await problem(ask(evening, wanted));
      expect([round, refused?.code, rule(refused), told(refused)]).toEqual([round, 'invalid', 'riservatoAllaLista', [at('17:00', NEXT), at('18:20', NEXT), at('18:40', NEXT)]]);
      await serve(evening);
    }
    for (const inizio of told(await problem(ask(evening, wanted)))!) expect(await problem(ask(evening, { ...wanted, data: { ...wanted.data, inizio } }))).toBeNull();
    expect([told(await problem(ask(evening, wanted))), await doubles(evening)]).toEqual([[], []]);
  });

  it('by the notice is told of later slots, by a wrong time of the nearest, by a closed window of none', async () => {
    const teacher = evening.teachers[3]!, hours = await publish(evening, teacher, { ...OFTEN, preavvisoOre: 24 * 14 }, TWO_EVENINGS);
    const near = await problem(ask(evening, { hours, teacher, family: family(), data: { inizio: at('17:00') } }));
    expect([rule(near), told(near)]).toEqual(['preavvisoMancante', ['17:00', '17:20', '17:40', '18:00', '18:20'].map(time => at(time, NEXT))]);
    const wrong = await problem(ask(evening, { hours, teacher, family: family(), data: { inizio: at('18:05', NEXT) } }));
    expect([rule(wrong), told(wrong)]).toEqual(['postoInesistente', ['18:00', '18:20', '17:40', '18:40', '17:20'].map(time => at(time, NEXT))]);
    await give(hours, 'modifica', { condizioni: { chiude: new Date().toISOString() } }, teacher);
    const closed = await problem(ask(evening, { hours, teacher, family: family(), data: { inizio: at('18:05', NEXT) } }));
    expect([rule(closed), told(closed)]).toEqual(['prenotazioniChiuse', undefined]);
  });

  it('by its limit is told of none; one that would wait though something is free is told what', async () => {
    const teacher = evening.teachers[4]!, hours = await publish(evening, teacher, { perGenitore: 1 }, TWO_EVENINGS), parent = family();
    await ask(evening, { hours, teacher, family: parent, data: { inizio: at('17:00') } });
    const limit = await problem(ask(evening, { hours, teacher, family: parent, data: { inizio: at('17:00') } }));
    expect([rule(limit), told(limit)]).toEqual(['limiteGenitore', undefined]);
    const waits = await problem(ask(evening, { hours, teacher, family: family(), data: { attesa: { dal: EVENING, al: EVENING } } }));
    expect([rule(waits), told(waits)?.slice(0, 2)]).toEqual(['postiLiberi', [at('17:20'), at('17:40')]]);
  });
});

it('a refused move says what is free once and for all: the same key gets the same answer, and the history has one entry', async () => {
  const teacher = evening.teachers[5]!, hours = await publish(evening, teacher, OFTEN, TWO_EVENINGS), parent = family(), key = randomUUID();
  const { id } = (await ask(evening, { hours, teacher, family: parent, data: { inizio: at('17:00') } })).record.state;
  const move = () => problem(give(id, 'sposta', { inizio: at('17:05') }, parent, key)), first = await move();
  expect([first?.code, rule(first), told(first)?.[0]]).toEqual(['invalid', 'postoInesistente', at('17:20')]);
  await ask(evening, { hours, teacher, family: family(), data: { inizio: at('17:20') } });
  expect(told(await move())).toEqual(told(first));
  expect((await evening.admin.query(`select count(*)::int as n from history where case_id = $1 and kind = 'refused'`, [id])).rows[0].n).toBe(1);
  expect(told(await problem(give(id, 'sposta', { inizio: at('17:05') }, parent)))?.[0]).toBe(at('17:40'));
});
