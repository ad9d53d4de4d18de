/** Hours and money as properties: whatever is recorded, in whatever order, no more counts than was authorised. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, dayOfWeek } from '../calendar.ts';
import type { Item } from '../contract.ts';
import { centesimiDiOra, contabilizza, durata, minutiPerDocente, ore, type Contabilita, type Limiti } from './process/accountability.ts';
import { costo, lordo, quota, roundHalfUp } from './process/money.ts';
import { clipPeriods, countDays, countLessonDays, includesDay, mergePeriods } from './process/periods.ts';
import type { Lezione } from './process/types.ts';

const time = (minute: number) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;

/** Lessons in and around five weeks at the turn of the clocks (25 October 2026), often at the same hours. */
const anyLesson: fc.Arbitrary<Lezione> = fc.record({
  day: fc.integer({ min: -3, max: 40 }), start: fc.integer({ min: 8, max: 30 }), length: fc.integer({ min: 1, max: 200 }),
  docente: fc.constantFrom('a', 'b', 'ignoto'), modalita: fc.constantFrom('presenza', 'presenza', 'online'),
  oltreServizio: fc.boolean(), certificata: fc.boolean(), firma: fc.constantFrom(true, true, true, false), annullata: fc.constantFrom(false, false, false, true),
}).map(({ day, start, length, docente, modalita, oltreServizio, certificata, firma, annullata }) => ({
  data: addDays('2026-10-12', day), inizio: time(start * 30), fine: time(Math.min(start * 30 + length, 1_439)), docente, disciplina: 'italiano', modalita: modalita as 'presenza' | 'online',
  attivita: 'x', registrataIl: '2026-12-01', oltreServizio, ...(certificata ? { certificataIl: '2026-12-01' } : {}), ...(firma ? { firmaFamiliare: 'M' } : {}), ...(annullata ? { annullata: { il: '2026-12-01', motivo: 'x' } } : {}),
}));
const anyLimits: fc.Arbitrary<Limiti> = fc.record({ tetto: fc.integer({ min: 0, max: 400 }), autorizzati: fc.integer({ min: 0, max: 2_000 }), conclusa: fc.option(fc.integer({ min: 0, max: 40 })) })
  .map(({ tetto, autorizzati, conclusa }) => ({
    periodi: [{ dal: '2026-10-12', al: '2026-11-01' }, { dal: '2026-11-09', al: '2026-11-15' }], inAttesa: [{ dal: '2026-11-16', al: '2026-11-20' }], rifiutati: [],
    fineLezioni: '2027-06-09', ultimoGiorno: '2026-11-14', tettoSettimanale: tetto, minutiAutorizzati: autorizzati, conclusaIl: conclusa === null ? null : addDays('2026-10-12', conclusa), docenti: new Set(['a', 'b']),
  }));
const asItems = (lessons: Lezione[]): Item<Lezione>[] => lessons.map((data, i) => ({ kind: 'lezione', key: `L${String(i + 1).padStart(4, '0')}`, data }));
const sum = (rows: Contabilita[], of: (row: Contabilita) => number = row => row.contabili) => rows.reduce((total, row) => total + of(row), 0);
const monday = (date: string) => addDays(date, 1 - dayOfWeek(date));

describe('accountable minutes', () => {
  it('never exceed the authorised total, the weekly cap in presence, or the lesson', () => {
    fc.assert(fc.property(fc.array(anyLesson, { maxLength: 40 }), anyLimits, (lessons, limiti) => {
      const rows = contabilizza(asItems(lessons), limiti);
      expect(rows).toHaveLength(lessons.length);
      expect(sum(rows)).toBeLessThanOrEqual(limiti.minutiAutorizzati);
      const weeks = new Map<string, number>();
      for (const { lezione, minuti, contabili, motivo } of rows) {
        expect(contabili).toBeGreaterThanOrEqual(0);
        expect(contabili).toBeLessThanOrEqual(minuti);
        // Whatever does not count in full has its reason, and nothing else has one.
        expect(motivo !== null).toBe(contabili < minuti);
        if (lezione.modalita === 'presenza') weeks.set(monday(lezione.data), (weeks.get(monday(lezione.data)) ?? 0) + contabili);
        if (contabili > 0) {
          expect(includesDay(limiti.periodi, lezione.data)).toBe(true);
          expect(lezione.annullata).toBeUndefined();
          if (lezione.modalita === 'online') expect(lezione.oltreServizio && lezione.certificataIl).toBeTruthy();
          else expect(lezione.firmaFamiliare).toBeTruthy();
        }
      }
      for (const minutes of weeks.values()) expect(minutes).toBeLessThanOrEqual(limiti.tettoSettimanale);
      expect(Object.values(minutiPerDocente(rows)).reduce((a, b) => a + b, 0)).toBe(sum(rows));
    }), { numRuns: 300 });
  });

  it('are the same whatever the order of recording', () => {
    const shuffled = fc.array(anyLesson, { maxLength: 25 }).chain(lessons => fc.tuple(fc.constant(lessons), fc.shuffledSubarray(lessons, { minLength: lessons.length })));
    fc.assert(fc.property(shuffled, anyLimits, ([lessons, other], limiti) => {
      const told = (list: Lezione[]) => contabilizza(asItems(list), limiti).map(({ lezione, contabili, motivo }) => JSON.stringify([lezione.data, lezione.inizio, lezione.fine, lezione.docente, lezione.modalita, contabili, motivo])).sort();
      const byTeacher = (list: Lezione[]) => minutiPerDocente(contabilizza(asItems(list), limiti));
      // Equal entries that differ in signature or certification may stand for each other; their sums by teacher decide.
      const ambiguous = new Set(lessons.map(lesson => [lesson.data, lesson.inizio, lesson.fine, lesson.docente, lesson.modalita].join())).size < lessons.length;
      if (!ambiguous) expect(told(other)).toEqual(told(lessons));
      expect(byTeacher(other)).toEqual(byTeacher(lessons));
    }), { numRuns: 300 });
  });

  it('of two lessons at the same time, at most one counts', () => {
    fc.assert(fc.property(fc.array(anyLesson, { maxLength: 30 }), anyLimits, (lessons, limiti) => {
      const counted = contabilizza(asItems(lessons), limiti).filter(({ contabili }) => contabili > 0).map(({ lezione }) => lezione);
      for (const [i, one] of counted.entries()) for (const other of counted.slice(i + 1)) expect(one.data !== other.data || one.fine <= other.inizio || other.fine <= one.inizio).toBe(true);
    }), { numRuns: 200 });
  });

  const lesson = (data: string, inizio: string, fine: string, changes: Partial<Lezione> = {}): Lezione => ({ data, inizio, fine, docente: 'a', disciplina: 'x', modalita: 'presenza', attivita: 'x', registrataIl: data, firmaFamiliare: 'M', ...changes });
  const limits = (changes: Partial<Limiti> = {}): Limiti => ({
    periodi: [{ dal: '2026-10-12', al: '2026-11-15' }], inAttesa: [], rifiutati: [], fineLezioni: '2027-06-09', ultimoGiorno: '2027-06-09', tettoSettimanale: 240, minutiAutorizzati: 10_000, conclusaIl: null, docenti: new Set(['a', 'b']), ...changes,
  });
  const told = (lessons: Lezione[], limiti = limits()) => contabilizza(asItems(lessons), limiti).map(({ contabili, motivo }) => [contabili, motivo]);

  it.each<[string, string, [number, string | null][]]>([
    ['one minute below the cap', '16:59', [[120, null], [119, null]]],
    ['the cap exactly', '17:00', [[120, null], [120, null]]],
    ['one minute beyond', '17:01', [[120, null], [120, 'oltreTettoSettimanale']]],
  ])('count to the minute: %s', (_case, fine, expected) => expect(told([lesson('2026-10-12', '15:00', '17:00'), lesson('2026-10-18', '15:00', fine)])).toEqual(expected));

  it('begin a new week on Monday', () => {
    expect(told([lesson('2026-10-18', '10:00', '14:00'), lesson('2026-10-19', '10:00', '14:00'), lesson('2026-10-19', '15:00', '15:01')])).toEqual([[240, null], [240, null], [0, 'oltreTettoSettimanale']]);
  });

  it('leave the cap to presence: certified hours online have none', () => {
    const online = { modalita: 'online' as const, oltreServizio: true, certificataIl: '2026-10-30' };
    expect(told([lesson('2026-10-12', '10:00', '14:00'), lesson('2026-10-13', '10:00', '12:00', online)])).toEqual([[240, null], [120, null]]);
  });

  it('are the same on the days when the clocks change', () => {
    expect(told([lesson('2026-10-25', '01:00', '04:00')])).toEqual([[180, null]]);
    expect(durata({ inizio: '01:00', fine: '04:00' })).toBe(180);
  });

  it('touch but do not overlap when one ends as the other begins', () => {
    expect(told([lesson('2026-10-12', '15:00', '16:00'), lesson('2026-10-12', '16:00', '17:00', { docente: 'b' }), lesson('2026-10-12', '16:59', '17:30', { docente: 'b' })])).toEqual([[60, null], [60, null], [0, 'sovrapposta']]);
  });

  it('count a lesson that overlaps one which does not count itself', () => {
    const { firmaFamiliare: _none, ...unsigned } = lesson('2026-10-12', '15:00', '16:00');
    expect(told([unsigned as Lezione, lesson('2026-10-12', '15:30', '16:30', { docente: 'b' })])).toEqual([[0, 'mancaFirmaFamiliare'], [60, null]]);
  });

  it('end with the lessons of the year', () => {
    const late = limits({ periodi: [{ dal: '2027-05-01', al: '2027-07-31' }] });
    expect(told([lesson('2027-06-09', '15:00', '16:00'), lesson('2027-06-10', '15:00', '16:00')], late)).toEqual([[60, null], [0, 'oltreFineLezioni']]);
    expect(told([lesson('2027-06-23', '15:00', '16:00'), lesson('2027-06-24', '15:00', '16:00')], { ...late, ultimoGiorno: '2027-06-23' })).toEqual([[60, null], [0, 'oltreFineLezioni']]);
  });

  it('are written as the forms have them', () => {
    expect([0, 1, 25, 50, 59, 60, 90, 100].map(ore)).toEqual([0, 0.02, 0.42, 0.83, 0.98, 1, 1.5, 1.67]);
    fc.assert(fc.property(fc.integer({ min: 0, max: 100_000 }), minuti => { expect(Math.abs(centesimiDiOra(minuti) - minuti * 100 / 60)).toBeLessThanOrEqual(0.5); }));
  });
});

describe('money', () => {
  const at35 = { lordoCents: 3_500, inpdap: 2_420, irap: 850 };
  const at3850 = { ...at35, lordoCents: 3_850 };

  it.each([[20 * 60, at35, 92_890], [60, at35, 4_645], [60, at3850, 5_109], [30 * 60, at3850, 153_269], [0, at35, 0], [1, at35, 77]])('%d minutes at %j cost %d cents', (minuti, tariffa, cents) => {
    expect(costo(minuti, tariffa)).toBe(cents);
  });

  it('rounds once: twenty hours are not twenty rounded hours', () => expect(20 * costo(60, at35)).not.toBe(costo(1_200, at35)));

  it('rounds half up, exactly', () => {
    expect([1n, 2n, 3n, 5n, 7n].map(n => roundHalfUp(n, 2n))).toEqual([1, 1, 2, 3, 4]);
    fc.assert(fc.property(fc.bigInt({ min: 0n, max: 10n ** 14n }), fc.bigInt({ min: 1n, max: 10n ** 6n }), (numerator, denominator) => {
      const rounded = BigInt(roundHalfUp(numerator, denominator));
      // rounded − ½ ≤ exact < rounded + ½
      expect((2n * rounded - 1n) * denominator <= 2n * numerator && 2n * numerator < (2n * rounded + 1n) * denominator).toBe(true);
    }));
  });

  it('costs more for more, and never less than the gross', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 60_000 }), fc.integer({ min: 0, max: 600 }), (minuti, more) => {
      expect(costo(minuti + more, at3850)).toBeGreaterThanOrEqual(costo(minuti, at3850));
      expect(costo(minuti, at3850)).toBeGreaterThanOrEqual(lordo(minuti, at3850));
    }));
  });

  it('halves to the cent', () => {
    expect([quota(0, 50), quota(1, 50), quota(92_890, 50), quota(92_891, 50)]).toEqual([0, 1, 46_445, 46_446]);
    expect(quota(100, 33.33)).toBe(33);
  });
});

describe('periods', () => {
  const anyPeriods = fc.array(fc.record({ start: fc.integer({ min: 0, max: 60 }), length: fc.integer({ min: 0, max: 20 }) }), { minLength: 1, maxLength: 8 })
    .map(list => list.map(({ start, length }) => ({ dal: addDays('2026-09-20', start), al: addDays('2026-09-20', start + length) })));

  it('count every day once, whatever their order', () => {
    fc.assert(fc.property(anyPeriods, periods => {
      const days = new Set(periods.flatMap(({ dal, al }) => { const list = []; for (let day = dal; day <= al; day = addDays(day, 1)) list.push(day); return list; }));
      expect(countDays(mergePeriods(periods))).toBe(days.size);
      expect(countDays(mergePeriods([...periods].reverse()))).toBe(days.size);
      const clipped = clipPeriods(mergePeriods(periods), '2026-10-01', '2026-10-31');
      expect(countDays(clipped)).toBe([...days].filter(day => day >= '2026-10-01' && day <= '2026-10-31').length);
      const calendario = { inizioLezioni: '2026-09-14', fineLezioni: '2027-06-09', esami: { dal: '2027-06-10', al: '2027-07-03' }, giorniSettimanaliChiusi: [6, 7], chiusure: [{ dal: '2026-10-01', al: '2026-10-04' }, { dal: '2026-10-03', al: '2026-10-06' }] };
      expect(countLessonDays(mergePeriods(periods), calendario)).toBe([...days].filter(day => dayOfWeek(day) < 6 && !(day >= '2026-10-01' && day <= '2026-10-06')).length);
    }), { numRuns: 200 });
  });
});
