/** Slots of any rule: whatever the hours, the break and the exceptions, a teacher is in one place, on days when the school is open, in local time. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, romeDate, romeTime } from '../calendar.ts';
import { isChiusa, posti, sedute, type Chiusure } from './process/slots.ts';
import { defaultParameters } from './process/parameters.ts';
import type { Regola, Variazione } from './process/types.ts';

const MAI: Chiusure = { festivita: [], periodi: [] };
const regola = (change: Partial<Regola> = {}): Regola => ({
  dal: '2026-09-14', al: '2027-06-08', fasce: [{ giorno: 1, dalle: '15:00', alle: '17:00' }], durataMinuti: 10, pausaMinuti: 0, intervallo: null, modalita: 'presenza', luogo: 'aula 3', collegamento: null, ...change,
});
const on = (date: string, change: Partial<Regola> = {}, variazioni: Variazione[] = [], chiusure = MAI) => posti({ regola: regola(change), variazioni }, chiusure, { from: date, to: date }).map(({ inizio }) => romeTime(inizio));

const time = fc.integer({ min: 0, max: 95 }).map(n => `${String(Math.trunc(n / 4)).padStart(2, '0')}:${String((n % 4) * 15).padStart(2, '0')}`);
const hours = fc.tuple(time, time).map(([a, b]) => (a < b ? { dalle: a, alle: b } : { dalle: b, alle: a === b ? '24:00' : a }));
// A month around each change of the clocks, and holidays.
const day = fc.integer({ min: 0, max: 200 }).map(n => addDays('2026-10-01', n));
const rule = fc.record({
  fasce: fc.array(fc.tuple(fc.integer({ min: 1, max: 7 }), hours).map(([giorno, orario]) => ({ giorno, ...orario })), { maxLength: 6 }),
  durataMinuti: fc.integer({ min: 5, max: 90 }), pausaMinuti: fc.integer({ min: 0, max: 30 }), intervallo: fc.option(hours, { nil: null }),
}).map(change => regola(change));
const exception: fc.Arbitrary<Variazione> = fc.oneof(
  fc.tuple(day, hours).map(([data, orario]): Variazione => ({ tipo: 'aggiunta', data, luogo: null, ...orario })), day.map((data): Variazione => ({ tipo: 'annullata', data, motivo: 'altro' })),
  fc.tuple(day, day, hours).map(([data, to, orario]): Variazione => ({ tipo: 'spostata', data, motivo: 'altro', a: { data: to, luogo: null, ...orario } })),
);
const closed = fc.record({ festivita: fc.subarray(['12-25', '12-26', '01-01']), periodi: fc.array(fc.tuple(day, fc.nat(10)).map(([dal, days]) => ({ dal, al: addDays(dal, days), motivo: 'x' })), { maxLength: 3 }) });
const any = fc.record({ regola: rule, variazioni: fc.array(exception, { maxLength: 5 }), chiusure: closed });

describe('slots of any rule', () => {
  it('never overlap, last as long as the rule says and are in order', () => {
    fc.assert(fc.property(any, day, fc.nat(40), ({ regola: of, variazioni, chiusure }, from, days) => {
      const all = posti({ regola: of, variazioni }, chiusure, { from, to: addDays(from, days) });
      for (const [n, { inizio, fine }] of all.entries()) {
        expect(Date.parse(fine) - Date.parse(inizio)).toBe(of.durataMinuti * 60_000);
        if (n > 0) expect(all[n - 1]!.fine <= inizio).toBe(true);
      }
    }), { numRuns: 300 });
  });
  it('begin on the dates asked for, none in a closed day, none in the break', () => {
    fc.assert(fc.property(any, day, fc.nat(20), ({ regola: of, variazioni, chiusure }, from, days) => {
      for (const { inizio, fine } of posti({ regola: of, variazioni }, chiusure, { from, to: addDays(from, days) })) {
        const date = romeDate(inizio);
        expect(from <= date && date <= addDays(from, days)).toBe(true);
        expect(isChiusa(chiusure, date)).toBe(false);
        expect(sedute({ regola: of, variazioni }, date).length).toBeGreaterThan(0);
        const rest = of.intervallo;
        // A wall clock shows an hour twice in October: there the instants count, which is what the next test asks.
        if (rest && date !== '2026-10-25') expect(romeTime(inizio) < rest.alle && rest.dalle < (romeDate(fine) === date ? romeTime(fine) : '24:00')).toBe(false);
      }
    }), { numRuns: 300 });
  });
  it('of two ranges are those of the whole', () => {
    fc.assert(fc.property(any, day, fc.nat(20), fc.nat(20), ({ regola: of, variazioni, chiusure }, from, a, b) => {
      const slots = (first: string, last: string) => posti({ regola: of, variazioni }, chiusure, { from: first, to: last });
      const middle = addDays(from, a), end = addDays(middle, b + 1);
      expect([...slots(from, middle), ...slots(addDays(middle, 1), end)]).toEqual(slots(from, end));
    }), { numRuns: 200 });
  });
  it('fill a day of 23 hours and one of 25', () => {
    const whole = { durataMinuti: 30, fasce: [1, 2, 3, 4, 5, 6, 7].map(giorno => ({ giorno, dalle: '00:00', alle: '24:00' })) };
    const count = (date: string) => posti({ regola: regola(whole), variazioni: [] }, MAI, { from: date, to: date }).length;
    expect(['2026-10-24', '2026-10-25', '2027-03-28'].map(count)).toEqual([48, 50, 46]);
    const clock = on('2026-10-25', whole);
    expect(clock.slice(3, 9)).toEqual(['01:30', '02:00', '02:30', '02:00', '02:30', '03:00']);
    expect(on('2027-03-28', whole).slice(2, 6)).toEqual(['01:00', '01:30', '03:00', '03:30']);
  });
});

describe('a rule in words', () => {
  it('gives the slots that a teacher expects', () => {
    expect(on('2026-10-05', { fasce: [{ giorno: 1, dalle: '15:00', alle: '16:00' }], durataMinuti: 15, pausaMinuti: 5 })).toEqual(['15:00', '15:20', '15:40']);
    expect(on('2026-10-05', { fasce: [{ giorno: 1, dalle: '15:00', alle: '16:10' }], durataMinuti: 15, intervallo: { dalle: '15:20', alle: '15:40' } })).toEqual(['15:00', '15:40', '15:55']);
    expect(on('2026-10-06')).toEqual([]);
    expect(on('2026-09-07')).toEqual([]);
  });
  it('is at the same clock all year, though the instants are an hour apart', () => {
    const slots = posti({ regola: regola(), variazioni: [] }, MAI, { from: '2026-10-19', to: '2026-10-26' });
    expect([slots[0]!.inizio, slots.at(-12)!.inizio]).toEqual(['2026-10-19T13:00:00.000Z', '2026-10-26T14:00:00.000Z']);
  });
  it('knows the exceptions, the last of which counts', () => {
    const monday = '2026-10-05', added: Variazione = { tipo: 'aggiunta', data: monday, dalle: '18:00', alle: '18:20', luogo: null }, cancelled: Variazione = { tipo: 'annullata', data: monday, motivo: 'altro' };
    const moved: Variazione = { tipo: 'spostata', data: monday, motivo: 'altro', a: { data: '2026-10-07', dalle: '09:00', alle: '09:20', luogo: 'aula 1' } };
    expect(on(monday, {}, [cancelled])).toEqual([]);
    expect(on(monday, {}, [added]).slice(-3)).toEqual(['16:50', '18:00', '18:10']);
    expect(on(monday, {}, [cancelled, added])).toEqual(['18:00', '18:10']);
    expect(on(monday, {}, [added, cancelled])).toEqual([]);
    expect([on(monday, {}, [moved]), on('2026-10-07', {}, [moved])]).toEqual([[], ['09:00', '09:10']]);
    expect(on('2026-10-07', {}, [moved, { ...cancelled, data: '2026-10-07' }])).toEqual([]);
    expect(posti({ regola: regola(), variazioni: [moved] }, MAI, { from: '2026-10-07', to: '2026-10-07' })[0]!.luogo).toBe('aula 1');
  });
  it('gives nothing on the holidays of all of Italy, Easter and the Monday after in any year', () => {
    const own = defaultParameters[0]!.value as Chiusure, days = { fasce: [1, 7].map(giorno => ({ giorno, dalle: '15:00', alle: '16:00' })), dal: '2026-01-01', al: '2030-12-31' };
    expect(['2026-04-05', '2026-04-06', '2027-03-28', '2027-03-29', '2028-04-16', '2028-04-17', '2030-04-22', '2027-04-25'].flatMap(date => on(date, days, [], own))).toEqual([]);
    expect(['2027-03-22', '2027-04-05'].map(date => on(date, days, [], own).length)).toEqual([6, 6]);
  });
  it('gives nothing on a closed day, also where the day was added', () => {
    const chiusure: Chiusure = { festivita: ['12-07'], periodi: [{ dal: '2026-12-23', al: '2027-01-06', motivo: 'vacanze' }] };
    expect([on('2026-12-07', {}, [], chiusure), on('2026-12-28', {}, [{ tipo: 'aggiunta', data: '2026-12-28', dalle: '10:00', alle: '11:00', luogo: null }], chiusure)]).toEqual([[], []]);
  });
});
