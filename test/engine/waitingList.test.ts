/**
 * Who waits is asked in turn, whatever dies on the way: the freed slot is nobody else's, is offered once to each, lapses to the next, and is
 * booked by one. The commands between the cases are owed or bound rows: a worker that is killed between giving one and writing it down repeats it under its key.
 */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Caller } from '../../engine/engine.ts';
import { makeDue } from './opened.ts';
import { ask, at, doubles, EVENING, openEvening, problem, publish, serve, type Evening } from './receptions.ts';

let evening: Evening;
beforeAll(async () => { evening = await openEvening({ teachers: 8, families: 80 }); });
afterAll(async () => { await evening.close(); });

let next = 0;
const someFamilies = (count: number): Caller[] => evening.families.slice(next, (next += count));
const give = (id: string, command: string, data: object, caller: Caller) => evening.engine.giveCommand({ caseId: id, command, data: data as never, caller, key: randomUUID() });
const caseOf = async (id: string) => (await evening.admin.query('select state, context from cases where id = $1', [id])).rows[0] as { state: string; context: any };
const states = async (ids: string[]) => await Promise.all(ids.map(async id => (await caseOf(id)).state));
/** Offers that a case took, by the beginning of their slot. */
const offersTo = async (id: string) => (await evening.admin.query(`select count(*)::int as n from history where case_id = $1 and name = 'offri' and kind = 'command'`, [id])).rows[0].n as number;
const mail = async (id: string, name: string) => (await evening.admin.query('select count(*)::int as n from agenda where case_id = $1 and name = $2', [id, name])).rows[0].n as number;

/** A full evening of `slots` slots, and `waiting` families in the order of their requests, which the reception has heard of. */
async function full(teacher: Caller, slots: number, waiting: number) {
  const hours = await publish(evening, teacher, { offertaMinuti: 60 }, { durataMinuti: 120 / slots });
  const holders = someFamilies(slots), queue = someFamilies(waiting), minutes = (n: number) => n * (120 / slots);
  const time = (n: number) => at(`${17 + Math.trunc(minutes(n) / 60)}:${String(minutes(n) % 60).padStart(2, '0')}`);
  const booked: string[] = [], waits: string[] = [];
  for (const [n, family] of holders.entries()) booked.push((await ask(evening, { hours, teacher, family, data: { inizio: time(n) } })).record.state.id);
  for (const family of queue) waits.push((await ask(evening, { hours, teacher, family, data: { attesa: { dal: EVENING, al: EVENING } } })).record.state.id);
  return { hours, teacher, holders, queue, booked, waits, time };
}

it('a slot goes down the list, each held in turn, and stays whose it is accepted', async () => {
  const { hours, teacher, holders, queue, booked, waits, time } = await full(evening.teachers[0]!, 4, 3);
  await serve(evening);
  await give(booked[1]!, 'annulla', {}, holders[1]!);
  // At once, before anybody has told the list: the slot is not for those who do not wait.
  const [stranger] = someFamilies(1);
  expect((await problem(ask(evening, { hours, teacher, family: stranger!, data: { inizio: time(1) } })))?.message).toBe('riservatoAllaLista');
  await serve(evening);
  expect(await states(waits)).toEqual(['offerta', 'inAttesa', 'inAttesa']);
  expect((await evening.admin.query('select key from reservations where case_id = $1 order by key', [waits[0]])).rows.map(({ key }) => key)).toEqual(['docente', 'genitore']);
  await makeDue(evening, waits[0]!, new Date(Date.now() - 1_000).toISOString());
  // It was accepted too late: the term wins at its own instant.
  expect((await problem(give(waits[0]!, 'accetta', {}, queue[0]!)))?.code).toBe('command-not-allowed');
  await serve(evening);
  expect(await states(waits)).toEqual(['scaduta', 'offerta', 'inAttesa']);
  await give(waits[1]!, 'accetta', {}, queue[1]!);
  await serve(evening);
  expect([await states(waits), (await caseOf(hours)).context.attesa.length, await doubles(evening)]).toEqual([['scaduta', 'confermata', 'inAttesa'], 1, []]);
});

it('cancelling and booking at the same moment: one family has the slot, and none of those who wait is passed over', async () => {
  const { hours, teacher, holders, booked, waits, time } = await full(evening.teachers[1]!, 4, 2);
  const strangers = someFamilies(8);
  const [, ...codes] = await Promise.all([give(booked[0]!, 'annulla', {}, holders[0]!), ...strangers.map(family => problem(ask(evening, { hours, teacher, family, data: { inizio: time(0) } })).then(refused => refused?.code ?? 'ok'))]);
  expect(new Set(codes)).not.toContain('ok');
  await serve(evening);
  expect([await states(waits), await doubles(evening)]).toEqual([['offerta', 'inAttesa'], []]);
});

it('workers are killed between giving a command and writing it down: nobody is skipped, nobody is asked twice', async () => {
  const { hours, holders, queue, booked, waits } = await full(evening.teachers[2]!, 6, 9);
  let dice = 7;
  // A third of the attempts, the same in every run.
  const dies = () => (dice = (dice * 48_271) % 2_147_483_647) % 3 === 0;
  let deaths = 0;
  const settle = async () => { deaths += (await serve(evening, { dies })).deaths; };
  await Promise.all(booked.map((id, n) => give(id, 'annulla', {}, holders[n]!)));
  await settle();
  expect(await states(waits)).toEqual([...Array(6).fill('offerta'), ...Array(3).fill('inAttesa')]);
  // One accepts, one declines, one leaves, one stays on, two let it lapse: four slots go on to three who wait, and one to who stayed… who has seen that one only.
  await Promise.all([
    give(waits[0]!, 'accetta', {}, queue[0]!), give(waits[1]!, 'rifiutaOfferta', {}, queue[1]!), give(waits[2]!, 'annulla', {}, queue[2]!), give(waits[3]!, 'rifiutaOfferta', { resta: true }, queue[3]!),
    ...[4, 5].map(async n => { await makeDue(evening, waits[n]!, new Date(Date.now() - 1_000).toISOString()); await evening.engine.applyDeadlines(waits[n]!, null); }),
  ]);
  await settle();
  expect(await states(waits)).toEqual(['confermata', 'annullata', 'annullata', 'offerta', 'scaduta', 'scaduta', 'offerta', 'offerta', 'offerta']);
  await Promise.all([3, 6, 7, 8].map(n => give(waits[n]!, 'accetta', {}, queue[n]!)));
  await settle();
  expect([(await caseOf(hours)).context.attesa, await doubles(evening)]).toEqual([[], []]);
  expect(await Promise.all(waits.map(offersTo))).toEqual([1, 1, 1, 2, 1, 1, 1, 1, 1]);
  expect(await Promise.all(waits.map(id => mail(id, 'avvisaOfferta')))).toEqual([1, 1, 1, 2, 1, 1, 1, 1, 1]);
  expect([deaths > 5, (await evening.admin.query('select count(*)::int as n from incidents')).rows[0].n]).toEqual([true, 0]);
}, 120_000);

it('accepting, lapsing, cancelling the day and serving at the same time: whatever comes first, list and cases agree', async () => {
  for (let round = 0; round < 3; round += 1) {
    const { hours, teacher, holders, queue, booked, waits } = await full(evening.teachers[3 + round]!, 3, 4);
    await serve(evening);
    await Promise.all(booked.slice(0, 2).map((id, n) => give(id, 'annulla', {}, holders[n]!)));
    await serve(evening);
    const offered = (await states(waits)).flatMap((state, n) => (state === 'offerta' ? [n] : []));
    expect(offered).toEqual([0, 1]);
    await makeDue(evening, waits[1]!, new Date(Date.now() + 15).toISOString());
    await Promise.all([
      ...offered.map(n => problem(give(waits[n]!, 'accetta', {}, queue[n]!))), round === 1 ? give(hours, 'annullaGiorno', { data: EVENING, motivo: 'assenzaDocente' }, teacher) : problem(give(booked[2]!, 'annulla', {}, holders[2]!)),
      evening.engine.applyDeadlines(waits[1]!, null), serve(evening),
    ]);
    await serve(evening);
    const list = (await caseOf(hours)).context.attesa as { colloquio: string; offerta: { inizio: string } | null }[], now = await states(waits);
    expect(list.map(({ colloquio, offerta }) => `${colloquio} ${offerta ? 'offerta' : 'inAttesa'}`).sort()).toEqual(waits.flatMap((id, n) => (['inAttesa', 'offerta'].includes(now[n]!) ? [`${id} ${now[n]}`] : [])).sort());
    expect(await doubles(evening)).toEqual([]);
    if (round === 1) expect((await evening.admin.query('select count(*)::int as n from reservations where resource = $1', [`persona/${teacher.userId}`])).rows[0].n).toBe(0);
    expect((await evening.admin.query('select count(*)::int as n from incidents')).rows[0].n).toBe(0);
  }
}, 120_000);
