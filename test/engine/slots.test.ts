/**
 * Everybody wants the same evening. A slot is one family's, a family is with one teacher, whoever comes second is told what else is free;
 * a rule that changes meanwhile leaves nobody in a slot that is none any more.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createProcesses } from '../../engine/processes.ts';
import { refold } from '../../engine/history/refold.ts';
import { verifyExport } from '../../engine/history/verifyExport.ts';
import type { Caller } from '../../engine/engine.ts';
import { ask, at, doubles, EVENING, openEvening, PLUGINS, problem, publish, serve, type Evening } from './receptions.ts';

let evening: Evening;
beforeAll(async () => { evening = await openEvening({ teachers: 12, families: 80 }); });
afterAll(async () => { await evening.close(); });

const offersOf = async (hours: string) => (await evening.engine.readOffers({ process: 'disponibilita', caseId: hours, party: null, range: { from: EVENING, to: EVENING }, most: 1 })).offers[0]!;
const stateOf = async (id: string) => (await evening.admin.query('select state from cases where id = $1', [id])).rows[0].state as string;
const deadlocks = async () => (await evening.admin.query('select deadlocks::int from pg_stat_database where datname = current_database()')).rows[0].deadlocks as number;
const give = (id: string, command: string, data: object, caller: Caller) => evening.engine.giveCommand({ caseId: id, command, data: data as never, caller, key: randomUUID() });

describe('everybody wants the same evening', () => {
  it('each slot and each family once; every refusal names what is free, and following it leads to a slot while there is one', async () => {
    const { families } = evening, teachers = evening.teachers.slice(0, 4), other = evening.another();
    const hours = await Promise.all(teachers.map(teacher => publish(evening, teacher)));
    let refusals = 0, empty = 0;
    const wrong: unknown[] = [];
    // 64 families, 48 slots; each wants seven o'clock sharp, at two teachers.
    const booked = await Promise.all(families.slice(0, 64).map(async (family, n) => {
      const mine: string[] = [];
      for (const which of [n % 4, (n + 1) % 4]) {
        let inizio = at(n % 2 ? '18:50' : '17:00');
        for (let tries = 0; tries < 40; tries += 1) {
          const refused = await problem(ask(n % 3 ? evening : other, { hours: hours[which]!, teacher: teachers[which]!, family, data: { inizio } }).then(({ record }) => mine.push(record.state.id)));
          if (!refused) break;
          if (refused.code === 'unavailable') continue;
          refusals += 1;
          if (refused.code !== 'conflict' || !Array.isArray(refused.members['alternatives'])) { wrong.push(refused.code, refused.members); break; }
          const alternatives = refused.members['alternatives'] as { case: string; from: string }[];
          if (alternatives.length === 0) { empty += 1; break; }
          expect(alternatives.every(each => each.case === hours[which])).toBe(true);
          inizio = alternatives[Math.trunc(Math.random() * alternatives.length)]!.from;
        }
      }
      return mine;
    }));
    expect([wrong, booked.flat().length, await doubles(evening), await deadlocks()]).toEqual([[], 48, [], 0]);
    expect([refusals > 0, empty > 0]).toEqual([true, true]);
    for (const id of hours) expect((await offersOf(id)).slots.map(({ free }) => free)).toEqual(Array(12).fill(false));
    const { rows: [{ held, families: with1 }] } = await evening.admin.query(`select count(*)::int as held, count(*) filter (where key = 'genitore')::int as families from reservations`);
    expect([held, with1]).toEqual([96, 48]);
  }, 120_000);

  it('the same key finds the same booking, though its slot is taken now (by itself) and the limit reached', async () => {
    const [teacher, family] = [evening.teachers[4]!, evening.families[70]!], hours = await publish(evening, teacher), key = randomUUID();
    const wanted = { hours, teacher, family, data: { inizio: at('17:00') }, key };
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(evening, wanted)));
    expect(new Set(answers.map(({ record }) => record.state.id)).size).toBe(1);
    expect((await ask(evening, wanted)).repeated).toBe(true);
    expect((await problem(ask(evening, { ...wanted, data: { inizio: at('17:10') } })))?.code).toBe('idempotency-key-reused');
  });

  it('the limits hold for who asks eight times at once, and for two parents of one pupil', async () => {
    const [teacher, family, mother] = [evening.teachers[5]!, evening.families[71]!, evening.families[72]!], hours = await publish(evening, teacher);
    const rules = await Promise.all(Array.from({ length: 8 }, (_, n) => problem(ask(evening, { hours, teacher, family, data: { inizio: at(`17:${n % 6}0`), codiceAlunno: `P${n}` } })).then(refused => (refused ? (refused.members['refusals'] as { rule: string }[] | undefined)?.[0]?.rule ?? refused.code : 'ok'))));
    expect(rules.sort()).toEqual([...Array(7).fill('limiteGenitore'), 'ok']);
    const both = await Promise.all([evening.families[73]!, mother].map((parent, n) => problem(ask(evening, { hours, teacher, family: parent, data: { inizio: at(`18:${n}0`), codiceAlunno: 'nina' } })).then(refused => refused?.message ?? 'ok')));
    expect(both.sort()).toEqual(['limiteAlunno', 'ok']);
  });
});

describe('what is offered', () => {
  it('is shown to whoever is signed in, without who took it; a refused move keeps the slot and is on record', async () => {
    const [teacher, family, other] = [evening.teachers[6]!, evening.families[74]!, evening.families[75]!], hours = await publish(evening, teacher);
    const mine = (await ask(evening, { hours, teacher, family, data: { inizio: at('17:00') } })).record.state.id;
    await ask(evening, { hours, teacher, family: other, data: { inizio: at('17:10') } });
    const offer = await offersOf(hours);
    expect(offer.slots.map(({ free, bookable }) => free && bookable)).toEqual([false, false, ...Array(10).fill(true)]);
    expect(JSON.stringify(offer)).not.toContain(family.userId);
    const refused = (await problem(give(mine, 'sposta', { inizio: at('17:10') }, family)))!;
    expect([refused.code, refused.members]).toMatchObject(['conflict', { resource: `persona/${teacher.userId}`, from: at('17:10'), to: at('17:20'), alternatives: [{ case: hours, from: at('17:20') }, { from: at('17:30') }, { from: at('17:40') }, { from: at('17:50') }, { from: at('18:00') }] }]);
    expect((await evening.admin.query(`select count(*)::int as n from history where case_id = $1 and kind = 'refused'`, [mine])).rows[0].n).toBe(1);
    await give(mine, 'sposta', { inizio: at('18:00') }, family);
    expect((await offersOf(hours)).slots.map(({ free }) => free).indexOf(true)).toBe(0);
    // No family sees the teacher's case, and no serving role may ask who holds a time of what nobody offers.
    expect(await evening.engine.readCase(hours, family.principals)).toBeNull();
    expect((await evening.raw('iter_api').query(`select * from iter_taken(array['persona/${family.userId}'], '2020-01-01', '2040-01-01')`)).rows).toEqual([]);
  });

  it('is found and worked out by indexes: published rows and reservations, whatever else there is', async () => {
    const teacher = evening.teachers[6]!;
    await evening.admin.query(`insert into reservations (case_id, key, resource, during) select (select id from cases limit 1), 'k' || n, 'altro/' || n % 200, tstzrange(now() + n * interval '1 hour', now() + n * interval '1 hour' + interval '10 minutes') from generate_series(1, 20000) n`);
    await evening.admin.query('analyze reservations');
    const { rows } = await evening.admin.query(`explain select * from reservations r where r.resource = any (array['persona/${teacher.userId}']) and r.during && tstzrange(now(), now() + interval '31 days')`);
    expect(rows.map(row => row['QUERY PLAN']).join('\n')).toContain('reservations_exclusive');
    await evening.admin.query(`delete from reservations where resource like 'altro/%'`);
  });
});

describe('hours that change while families book', () => {
  it('a day is cancelled among bookings: whoever booked before is cancelled, whoever comes after is refused', async () => {
    const teacher = evening.teachers[7]!, hours = await publish(evening, teacher);
    const bookings = evening.families.slice(0, 24).map(async (family, n) => {
      await new Promise(resolve => setTimeout(resolve, n * 4));
      const refused = await problem(ask(evening, { hours, teacher, family, data: { inizio: at(`${17 + (n % 2)}:${n % 6}0`) } }));
      return refused && ((refused.members['refusals'] as { rule: string }[] | undefined)?.[0]?.rule ?? refused.code);
    });
    await new Promise(resolve => setTimeout(resolve, 50));
    await give(hours, 'annullaGiorno', { data: EVENING, motivo: 'assenzaDocente' }, teacher);
    const outcomes = new Set((await Promise.all(bookings)).filter(outcome => outcome !== null && outcome !== 'conflict'));
    expect([...outcomes]).toEqual(outcomes.size > 0 ? ['postoInesistente'] : []);
    await serve(evening);
    const { rows } = await evening.admin.query(`select state, count(*)::int as n from cases where process = 'colloquio' and context ->> 'disponibilita' = $1 group by 1`, [hours]);
    expect(rows.map(({ state }) => state)).toEqual(['annullata']);
    expect((await evening.admin.query(`select count(*)::int as n from reservations where resource = $1`, [`persona/${teacher.userId}`])).rows[0].n).toBe(0);
    expect((await evening.admin.query('select count(*)::int as n from incidents')).rows[0].n).toBe(0);
  });

  it('a rule that would leave bookings without a slot is refused, with those that were made a moment before', async () => {
    const teacher = evening.teachers[8]!, hours = await publish(evening, teacher), family = evening.families[76]!;
    const shorter = { regola: { dal: EVENING, al: EVENING, fasce: [], durataMinuti: 10, modalita: 'presenza', luogo: 'aula 3' } };
    const [booked, changed] = await Promise.all([problem(ask(evening, { hours, teacher, family, data: { inizio: at('17:00') } })), problem(give(hours, 'modifica', shorter, teacher))]);
    // One of the two was first; never both.
    expect([booked === null, changed === null].sort()).toEqual([false, true]);
    expect(changed?.message ?? booked?.message).toMatch(/prenotazioniSenzaPosto|postoInesistente/);
  });
});

it('histories fold again: what a decision saw of other cases is in its entry', async () => {
  const [teacher, family] = [evening.teachers[9]!, evening.families[77]!], hours = await publish(evening, teacher);
  const id = (await ask(evening, { hours, teacher, family, data: { inizio: at('17:00') } })).record.state.id;
  await give(id, 'sposta', { inizio: at('17:30') }, family);
  await give(hours, 'annullaGiorno', { data: EVENING, motivo: 'altro' }, teacher);
  await serve(evening);
  expect(await stateOf(id)).toBe('annullata');
  for (const [caseId, principals] of [[id, family.principals], [hours, teacher.principals]] as const) {
    const document = (await evening.engine.exportHistory(caseId, principals))!.document;
    expect(verifyExport(document).filter(({ result }) => result === 'broken')).toEqual([]);
    expect(refold(document, createProcesses(PLUGINS))).toMatchObject({ result: 'ok' });
  }
});
