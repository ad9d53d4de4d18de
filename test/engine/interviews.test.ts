/**
 * Interviews as they are asked for by people who make mistakes, are in a hurry or mean no good: two places at once, the same key twice, somebody
 * else's school, days that are none. Each gets an answer; nothing breaks, nobody is in two places.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Caller } from '../../engine/engine.ts';
import { addDays, dayOfWeek, instantOfLocal, romeDate, schoolYearOf } from '../../plugins/calendar.ts';
import { makeDue } from './opened.ts';
import { ask, at, doubles, EVENING, openEvening, problem, publish, serve, type Evening } from './receptions.ts';

let evening: Evening, nextFamily = 0, nextTeacher = 0;
beforeAll(async () => { evening = await openEvening({ teachers: 30, families: 260 }); });
afterAll(async () => { await evening.close(); });

const family = (): Caller => evening.families[nextFamily++]!, teacher = (): Caller => evening.teachers[nextTeacher++]!;
const asParent = ({ userId }: Caller): Caller => ({ kind: 'user', userId, role: 'genitore', organisation: null, principals: [userId] });
const give = (id: string, command: string, data: object, caller: Caller, key = randomUUID()) => evening.engine.giveCommand({ caseId: id, command, data: data as never, caller, key });
const why = async (work: Promise<unknown>): Promise<string> => {
  const refused = await problem(work);
  return refused === null ? 'ok' : (refused.members['refusals'] as { rule: string }[] | undefined)?.[0]?.rule ?? refused.code;
};
const OFTEN = { perGenitore: 30, perAlunno: 30, disdettaOre: 0 };
const states = async (hours: string) => (await evening.admin.query<{ id: string; state: string; context: any }>(`select id, state, context from cases where process = 'colloquio' and context ->> 'disponibilita' = $1`, [hours])).rows;
const incidents = async () => (await evening.admin.query('select count(*)::int as n from incidents')).rows[0].n as number;

describe('at the same moment', () => {
  it('a parent asks for the same time with many teachers, and gets one of them', async () => {
    const parent = family(), offered = await Promise.all(Array.from({ length: 6 }, async () => { const each = teacher(); return { each, hours: await publish(evening, each, OFTEN) }; }));
    const answers = await Promise.all(offered.map(({ each, hours }, n) => why(ask(n % 2 ? evening : evening.another(), { hours, teacher: each, family: parent, data: { inizio: at('17:00') } }))));
    expect([answers.sort(), await doubles(evening)]).toEqual([[...Array(5).fill('conflict'), 'ok'], []]);
  });
  it('a teacher who is a parent books with a colleague while families book with them: one place at a time', async () => {
    const [verdi, neri] = [teacher(), teacher()], own = await publish(evening, verdi, OFTEN), other = await publish(evening, neri, OFTEN);
    for (const time of ['17:00', '17:10', '17:20']) {
      const answers = await Promise.all([ask(evening, { hours: other, teacher: neri, family: asParent(verdi), data: { inizio: at(time) } }), ask(evening, { hours: own, teacher: verdi, family: family(), data: { inizio: at(time) } })].map(why));
      expect(answers.sort()).toEqual(['conflict', 'ok']);
    }
    // And of each other, at the same time: one of the two.
    const both = await Promise.all([ask(evening, { hours: other, teacher: neri, family: asParent(verdi), data: { inizio: at('18:00') } }), ask(evening, { hours: own, teacher: verdi, family: asParent(neri), data: { inizio: at('18:00') } })].map(why));
    expect([both.sort(), await why(ask(evening, { hours: own, teacher: verdi, family: asParent(verdi), data: { inizio: at('18:30') } })), await doubles(evening)]).toEqual([['conflict', 'ok'], 'stessaPersona', []]);
  });
  it('both parents of a pupil book for it, each naming the other: the limit of each holds', async () => {
    const verdi = teacher(), hours = await publish(evening, verdi, { perGenitore: 1, perAlunno: 9 }), [mother, father] = [family(), family()];
    const answers = await Promise.all(Array.from({ length: 6 }, (_, n) => {
      const [one, two] = n % 2 ? [mother, father] : [father, mother];
      return why(ask(evening, { hours, teacher: verdi, family: one, data: { inizio: at(`17:${n}0`), codiceAlunno: 'nina' }, parties: { altroGenitore: two.userId } }));
    }));
    expect(answers.sort()).toEqual([...Array(5).fill('limiteGenitore'), 'ok']);
  });
  it('the same key twice is one move; with another time it is no second one', async () => {
    const verdi = teacher(), hours = await publish(evening, verdi, OFTEN), parent = family(), key = randomUUID();
    const { id } = (await ask(evening, { hours, teacher: verdi, family: parent, data: { inizio: at('17:00') } })).record.state;
    const answers = await Promise.all(Array.from({ length: 5 }, (_, n) => give(id, 'sposta', { inizio: at('18:00') }, parent, key).then(({ repeated }) => repeated, error => `${n} ${error.code}`)));
    expect(answers.sort()).toEqual([false, true, true, true, true]);
    expect(await why(give(id, 'sposta', { inizio: at('18:10') }, parent, key))).toBe('idempotency-key-reused');
    expect((await states(hours))[0]!.context).toMatchObject({ posto: { inizio: at('18:00') }, spostamenti: 1 });
  });
  it('the rule changes while bookings stream in: in the end nobody is booked where there is no slot', async () => {
    const verdi = teacher(), hours = await publish(evening, verdi, OFTEN, { durataMinuti: 10 });
    const shorter = { regola: { dal: EVENING, al: EVENING, fasce: [{ giorno: dayOfWeek(EVENING), dalle: '17:30', alle: '18:30' }], durataMinuti: 15, modalita: 'presenza', luogo: 'aula 3' }, annullaPrenotazioni: true, motivo: 'variazioneOrario' };
    const streaming = Array.from({ length: 24 }, async (_, n) => {
      await new Promise(resolve => setTimeout(resolve, n * 5));
      return await why(ask(evening, { hours, teacher: verdi, family: family(), data: { inizio: at(`${17 + Math.trunc(n / 12)}:${Math.trunc((n % 12) / 2)}${n % 2 ? 5 : 0}`) } }));
    });
    await new Promise(resolve => setTimeout(resolve, 40));
    await give(hours, 'modifica', shorter, verdi);
    expect([...new Set(await Promise.all(streaming))].filter(each => !['ok', 'conflict', 'postoInesistente'].includes(each))).toEqual([]);
    await serve(evening);
    const slots = ['17:30', '17:45', '18:00', '18:15'].map(time => at(time));
    const wrong = (await states(hours)).filter(({ state, context }) => state === 'confermata' && !(slots.includes(context.posto.inizio) && Date.parse(context.posto.fine) - Date.parse(context.posto.inizio) === 900_000));
    expect([wrong, await doubles(evening), await incidents()]).toEqual([[], [], 0]);
  });
});

describe('who is nobody here', () => {
  it('a parent, a teacher or a school that is not that of the hours', async () => {
    const [verdi, neri] = [teacher(), teacher()], hours = await publish(evening, verdi), parent = family(), wanted = { hours, teacher: verdi, family: parent, data: { inizio: at('17:00') } };
    expect(await why(ask(evening, { ...wanted, parties: { genitore: randomUUID() } }))).toBe('invalid');
    expect(await why(ask(evening, { ...wanted, parties: { genitore: family().userId } }))).toBe('invalid');
    expect(await why(ask(evening, { ...wanted, parties: { altroGenitore: 'nessuno' } }))).toBe('invalid');
    expect(await why(ask(evening, { ...wanted, parties: { scuola: 'S2' } }))).toBe('partiDiverse');
    expect(await why(ask(evening, { ...wanted, teacher: neri }))).toBe('partiDiverse');
    expect(await why(ask(evening, { ...wanted, hours: randomUUID() }))).toBe('ricevimentoChiuso');
    const gone = family();
    await evening.admin.query('update users set disabled = true where id = $1', [gone.userId]);
    expect(await why(ask(evening, { ...wanted, parties: { altroGenitore: gone.userId } }))).toBe('invalid');
    const { id } = (await ask(evening, wanted)).record.state;
    expect(await why(give(id, 'conferma', {}, { ...neri, organisation: 'S2', principals: ['S2', neri.userId] }))).toBe('not-found');
    expect(await why(give(id, 'annulla', {}, family()))).toBe('not-found');
  });
  it('of a pupil of the school only those who answer for it, as its files say at that moment', async () => {
    const verdi = teacher(), hours = await publish(evening, verdi, OFTEN), [mother, aunt, stranger] = [family(), family(), family()], year = schoolYearOf(romeDate(new Date().toISOString())), pupil = randomUUID();
    await evening.admin.query(`insert into pupils (id, school, code, year, class, sealed) values ($1, 'S1', 'nina', $2, '2B', '')`, [pupil, year]);
    await evening.admin.query(`insert into pupil_contacts (pupil_id, user_id, relation) values ($1, $2, 'genitore'), ($1, $3, 'delegato')`, [pupil, mother.userId, aunt.userId]);
    const book = (who: Caller, inizio: string, codiceAlunno = 'nina') => ask(evening, { hours, teacher: verdi, family: who, data: { inizio: at(inizio), codiceAlunno } });
    const refused = await problem(book(stranger, '17:00'));
    expect(refused?.members['refusals']).toEqual([{ rule: 'nonRispondeDellAlunno', pointer: '/data/codiceAlunno', figures: { parte: 'genitore', codiceAlunno: 'nina' } }]);
    expect(await why(book(aunt, '17:00'))).toBe('nonRispondeDellAlunno');
    expect([(await book(mother, '17:00')).record.stateName, await why(book(stranger, '17:10', 'altro'))]).toEqual(['confermata', 'alunnoSconosciuto']);
    const byDelegate = (who: Caller) => evening.engine.createCase({ process: 'colloquio', data: { disponibilita: hours, inizio: at('17:20'), codiceAlunno: 'nina', alunno: { nome: 'Nina', cognome: 'Rossi', classe: '2B' } }, parties: { scuola: 'S1', docente: verdi.userId, genitore: mother.userId, delegato: who.userId! }, caller: { ...who, role: 'delegato' }, key: randomUUID() });
    expect([await why(byDelegate(stranger)), (await byDelegate(aunt)).record.stateName]).toEqual(['delegaSconosciuta', 'confermata']);
    await evening.admin.query(`update pupil_contacts set relation = 'delegato' where pupil_id = $1 and user_id = $2`, [pupil, mother.userId]);
    expect(await why(book(mother, '17:30'))).toBe('nonRispondeDellAlunno');
    // Who has left the school is unknown to it.
    await evening.admin.query(`update pupils set left_on = '2020-01-01' where id = $1`, [pupil]);
    expect(await why(book(stranger, '17:30'))).toBe('alunnoSconosciuto');
    await evening.admin.query('delete from pupils where id = $1', [pupil]);
  });
});

describe('days that are none', () => {
  it.each(['1000-01-01', '1900-02-28', '9998-12-31'])('%s is refused as any other day without slots', async day => {
    const verdi = teacher(), hours = await publish(evening, verdi), parent = family();
    expect(await why(ask(evening, { hours, teacher: verdi, family: parent, data: { inizio: `${day}T12:00:00Z` } }))).toBe('postoInesistente');
    expect(await why(ask(evening, { hours, teacher: verdi, family: parent, data: { attesa: { dal: day, al: day } } }))).toBe('attesaFuoriPeriodo');
  });
  it('waiting backwards, for a century, or in a period of which nothing is left', async () => {
    const verdi = teacher(), hours = await publish(evening, verdi), parent = family(), wait = (dal: string, al: string) => why(ask(evening, { hours, teacher: verdi, family: parent, data: { attesa: { dal, al } } }));
    expect([await wait(EVENING, addDays(EVENING, -30)), await wait('2020-01-01', '2120-01-01'), await wait(addDays(EVENING, 1), addDays(EVENING, 400))]).toEqual(Array(3).fill('attesaFuoriPeriodo'));
  });
  it('waiting for more than 92 days is for what comes free on any of them', async () => {
    const verdi = teacher(), last = addDays(EVENING, 140), hours = await publish(evening, verdi, OFTEN, { al: last, fasce: [], durataMinuti: 60 }), parent = family();
    const { id } = (await ask(evening, { hours, teacher: verdi, family: parent, data: { attesa: { dal: EVENING, al: last } } })).record.state;
    await serve(evening);
    await give(hours, 'aggiungiGiorno', { data: last, dalle: '09:00', alle: '10:00' }, verdi);
    await serve(evening);
    expect((await states(hours)).find(each => each.id === id)).toMatchObject({ state: 'offerta', context: { posto: { inizio: instantOfLocal(last, '09:00') } } });
  });
  it('hours whose period is over take nobody; what was booked and waits is told', async () => {
    const verdi = teacher(), today = romeDate(new Date().toISOString()), hours = await publish(evening, verdi, { preavvisoOre: 0 }, { dal: addDays(today, -14), al: addDays(today, -7), fasce: [1, 2, 3, 4, 5, 6, 7].map(giorno => ({ giorno, dalle: '17:00', alle: '19:00' })) });
    expect(await why(ask(evening, { hours, teacher: verdi, family: family(), data: { inizio: at('17:00', addDays(today, -8)) } }))).toBe('preavvisoMancante');
    await makeDue(evening, hours, new Date().toISOString());
    await evening.engine.applyDeadlines(hours, null);
    expect(await why(ask(evening, { hours, teacher: verdi, family: family(), data: { inizio: at('17:00') } }))).toBe('ricevimentoChiuso');
  });
});

it('a hundred wait and no more; slots that come free go to the first of them, in order', async () => {
  const verdi = teacher(), hours = await publish(evening, verdi, OFTEN, { durataMinuti: 60 }), holder = family();
  const booked = await Promise.all(['17:00', '18:00'].map(async time => (await ask(evening, { hours, teacher: verdi, family: holder, data: { inizio: at(time) } })).record.state.id));
  const waiting: string[] = [];
  for (let n = 0; n < 100; n += 1) waiting.push((await ask(evening, { hours, teacher: verdi, family: family(), data: { attesa: { dal: EVENING, al: EVENING } } })).record.state.id);
  const late = family(), wait = () => why(ask(evening, { hours, teacher: verdi, family: late, data: { attesa: { dal: EVENING, al: EVENING } } }));
  expect(await wait()).toBe('listaPiena');
  await serve(evening);
  expect(await wait()).toBe('listaPiena');
  for (const id of booked) await give(id, 'annulla', {}, holder);
  await serve(evening);
  const offered = (await states(hours)).filter(({ state }) => state === 'offerta').map(({ id }) => id);
  expect([offered.sort(), await incidents(), await doubles(evening)]).toEqual([waiting.slice(0, 2).sort(), 0, []]);
}, 180_000);
