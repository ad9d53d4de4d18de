/** Interviews over HTTP on the nights in which the clocks change, and instants that no calendar has: each has its answer, and none is a fault of ours. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addDays, addMinutes, instantOfLocal, romeDate, romeTime } from '../../plugins/calendar.ts';
import { colloquio } from '../../plugins/colloquio/plugin.ts';
import { disponibilita } from '../../plugins/disponibilita/plugin.ts';
import { BARI, startTestApi, type TestApi } from './harness.ts';

const AS_PARENT = { 'iter-profile': 'persona/genitore' };
/** The last Sundays of March and of October of the next years in which both are ahead. */
const YEAR = Number(romeDate(new Date().toISOString()).slice(0, 4)) + 1;
const lastSunday = (month: string): string => Array.from({ length: 7 }, (_, n) => addDays(`${YEAR}-${month}-31`, -n)).find(date => new Date(`${date}T12:00:00Z`).getUTCDay() === 0)!;
const MARCH = lastSunday('03'), OCTOBER = lastSunday('10');
let api: TestApi, hours: string;

beforeAll(async () => {
  api = await startTestApi({ plugins: [disponibilita, colloquio] });
  await api.db.query(`insert into parameters (name, valid_from, value, reason, set_by) values ('chiusureScuola', '2020-01-02', '{"festivita":[],"periodi":[]}', 'prova', 'prova')`);
  // Saturday evening, the whole of the night, and Sunday evening.
  const regola = { dal: addDays(MARCH, -1), al: OCTOBER, fasce: [{ giorno: 6, dalle: '22:00', alle: '24:00' }, { giorno: 7, dalle: '00:00', alle: '05:00' }, { giorno: 7, dalle: '22:00', alle: '24:00' }], durataMinuti: 30, modalita: 'presenza', luogo: 'aula 3' };
  const made = await api.post('docente.bari', '/processes/disponibilita/cases', { data: { regola, condizioni: { confermaAutomatica: true, perGenitore: 50, perAlunno: 50, disdettaOre: 0 } }, parties: { docente: 'docente.bari' } });
  hours = made.body.id;
  expect((await api.post('docente.bari', `/cases/${hours}/commands/pubblica`)).status).toBe(200);
});
afterAll(async () => { await api?.stop(); });

const book = (family: string, inizio: string, more: object = {}) => api.post(family, '/processes/colloquio/cases', {
  data: { disponibilita: hours, inizio, codiceAlunno: `A-${family}`, alunno: { nome: 'Nina', cognome: 'Rossi', classe: '2B' }, ...more }, parties: { scuola: BARI, docente: 'docente.bari', genitore: family },
}, AS_PARENT);
const slotsOf = async (from: string, to: string): Promise<{ from: string; to: string; free: boolean }[]> => (await api.get('famiglia.rossi', `/slots?process=disponibilita&case=${hours}&from=${from}&to=${to}`, AS_PARENT)).body.items[0].slots;

describe.each([['March', MARCH, 8], ['October', OCTOBER, 12]])('the night in %s', (_month, sunday, ofNight) => {
  it('has as many slots as hours that pass, one after another, and its two evenings as ever', async () => {
    const slots = await slotsOf(addDays(sunday, -1), sunday), night = slots.filter(({ from }) => romeDate(from) === sunday && romeTime(from) < '12:00');
    expect([slots.length, night.length, romeTime(night.at(-1)!.to)]).toEqual([8 + ofNight, ofNight, '05:00']);
    expect(slots.every(({ from, to }, n) => addMinutes(from, 30) === to && (n === 0 || slots[n - 1]!.to <= from))).toBe(true);
    expect([...slots.slice(0, 4), ...slots.slice(-4)].map(({ from }) => romeTime(from))).toEqual(['22:00', '22:30', '23:00', '23:30', '22:00', '22:30', '23:00', '23:30']);
  });
  it('is booked slot by slot, moved within, and each is free again when it is left', async () => {
    const slots = await slotsOf(addDays(sunday, -1), sunday), booked: string[] = [];
    for (const { from } of slots) {
      const answer = await book('famiglia.rossi', from);
      expect([answer.status, answer.body.data?.posto.inizio]).toEqual([201, from]);
      booked.push(answer.body.id);
    }
    expect((await book('famiglia.bianchi', slots[6]!.from)).body).toMatchObject({ code: 'conflict', alternatives: expect.any(Array) });
    // At the change and on both sides of it.
    for (const n of [7, 8, 9]) {
      expect((await api.post('famiglia.rossi', `/cases/${booked[n]}/commands/annulla`, {}, AS_PARENT)).status).toBe(200);
      const moved = await api.post('famiglia.rossi', `/cases/${booked[n + 3]}/commands/sposta`, { inizio: slots[n]!.from }, AS_PARENT);
      expect([moved.status, moved.body.data?.posto]).toEqual([200, { inizio: slots[n]!.from, fine: slots[n]!.to, modalita: 'presenza', luogo: 'aula 3' }]);
    }
    expect((await slotsOf(addDays(sunday, -1), sunday)).flatMap(({ free }, n) => (free ? [n] : []))).toEqual([10, 11, 12]);
  });
});

it('half past two of the night in March is no time, and of that in October two', async () => {
  expect((await slotsOf(MARCH, MARCH)).map(({ from }) => romeTime(from))).not.toContain('02:30');
  const twice = (await slotsOf(OCTOBER, OCTOBER)).filter(({ from }) => romeTime(from) === '02:30').map(({ from }) => from);
  expect([twice.length, twice[0], Date.parse(twice[1]!) - Date.parse(twice[0]!)]).toEqual([2, instantOfLocal(OCTOBER, '02:30'), 3_600_000]);
});

describe('instants and days that no calendar has', () => {
  it.each(['0000-01-01T00:00:00Z', '0999-12-31T12:00:00Z', '9999-12-31T23:30:00Z', '2027-02-30T12:00:00Z', '2027-03-01\t12:00:00Z', '2027-03-01T25:00:00Z', '2027-03-01T12:00:00', ''])('%j is refused by the schema', async inizio => {
    const { status, body } = await book('famiglia.bianchi', inizio);
    expect([status, body.code, body.errors?.[0]?.pointer]).toEqual([422, 'invalid', '/data/inizio']);
  });
  it.each(['2027-03-01T12:00:00+01:00', '2027-03-01 12:00:00Z', '2027-03-01t12:00:00.1234567z', '1000-01-01T00:00:00Z', '9998-12-31T22:00:00Z', '2016-12-31T23:59:60Z'])('%j is a time without a slot', async inizio => {
    const { status, body } = await book('famiglia.bianchi', inizio);
    expect([status, body.rule, body.errors[0].pointer]).toEqual([422, 'postoInesistente', '/data/inizio']);
  });
  it.each([['9999-12-31', '9999-12-31'], ['2027-10-10', '2027-10-01'], ['0000-01-01', '2027-10-01'], ['1000-01-01', '9998-12-31']])('nobody waits from %s to %s', async (dal, al) => {
    const { status, body } = await book('famiglia.bianchi', OCTOBER, { inizio: undefined, attesa: { dal, al } });
    expect([status, body.code]).toEqual([422, 'invalid']);
  });
  it('GET /slots neither', async () => {
    for (const from of ['9999-12-31', '0000-01-01', '9998-12-31', '1000-01-01']) expect([200, 400]).toContain((await api.get('famiglia.rossi', `/slots?process=disponibilita&from=${from}`, AS_PARENT)).status);
  });
});

describe('hours that a school may not give', () => {
  const regola = { dal: OCTOBER, al: OCTOBER, fasce: [{ giorno: 7, dalle: '15:00', alle: '16:00' }], durataMinuti: 20, modalita: 'online', collegamento: 'https://scuola.example.org/aula' };
  it.each([['a teacher of another school', 'docente.bari'], ['a parent', 'famiglia.rossi']])('are those of %s', async (_who, docente) => {
    const { status, body } = await api.post('segreteria.milano', '/processes/disponibilita/cases', { data: { regola }, parties: { docente } });
    expect([status, body.code, body.errors.map(({ pointer }: { pointer: string }) => pointer)]).toEqual([422, 'invalid', ['/parties/docente']]);
  });
  it('lead to no address but one that a browser opens as a page', async () => {
    const { status, body } = await api.post('docente.bari', '/processes/disponibilita/cases', { data: { regola: { ...regola, collegamento: 'javascript:alert(1)' } }, parties: { docente: 'docente.bari' } });
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, '/data/regola/collegamento']);
    expect((await api.post('docente.bari', '/processes/disponibilita/cases', { data: { regola }, parties: { docente: 'docente.bari' } })).status).toBe(201);
  });
});
