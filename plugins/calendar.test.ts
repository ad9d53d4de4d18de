/** The arithmetic of dates against the reference implementation, day by day over a century. */
import { Temporal } from '@js-temporal/polyfill';
import { describe, expect, it } from '@jest/globals';
import { addDays, addMinutes, addMonths, dayOfWeek, daysBetween, endOfLocalDate, instantOfLocal, isYearlyDay, nextReminder, romeDate, romeTime, schoolYearOf } from './calendar.ts';

it('adds, counts and names days as Temporal does', () => {
  const first = Temporal.PlainDate.from('1999-12-25');
  for (let n = 0; n < 37_000; n += 7) {
    const date = first.add({ days: n });
    expect(addDays('1999-12-25', n)).toBe(date.toString());
    expect(daysBetween('1999-12-25', date.toString())).toBe(n);
    expect(dayOfWeek(date.toString())).toBe(date.dayOfWeek);
  }
  expect(addDays('2028-03-01', -1)).toBe('2028-02-29');
});

it('knows days of every year, those that go with Easter too', () => {
  const days = (day: string, year: number) => Array.from({ length: 366 }, (_, n) => addDays(`${year}-01-01`, n)).filter(date => date.startsWith(String(year)) && isYearlyDay(date, day));
  // As the almanacs print them, the earliest and the latest that there can be among them.
  expect([2008, 2024, 2025, 2026, 2027, 2038, 2285].flatMap(year => days('pasqua', year))).toEqual(['2008-03-23', '2024-03-31', '2025-04-20', '2026-04-05', '2027-03-28', '2038-04-25', '2285-03-22']);
  expect([days('pasqua+1', 2027), days('pasqua-47', 2027), days('06-02', 2027), days('02-29', 2027)]).toEqual([['2027-03-29'], ['2027-02-09'], ['2027-06-02'], []]);
});

it('the next reminder is the nearest ahead, none that is past', () => {
  const start = '2026-10-26T10:00:00.000Z';
  expect(['2026-10-20T00:00:00Z', '2026-10-25T10:00:00Z', '2026-10-26T07:59:59Z', '2026-10-26T08:00:00Z'].map(after => nextReminder(start, [120, 1_440], after))).toEqual(['2026-10-25T10:00:00.000Z', '2026-10-26T08:00:00.000Z', '2026-10-26T08:00:00.000Z', null]);
});

it.each(['2027-02-29', '2027-13-01', '2027-00-10', '2027-1-1', '27-01-01', '', 'oggi', '2027-04-31', '2027-04-30T10:00'])('takes no %j for a date', date => {
  expect(() => addDays(date, 1)).toThrow(RangeError);
});

it('ends a local date at the next midnight in Rome, also when the clocks change', () => {
  expect(['2026-10-24', '2026-10-25', '2026-10-26', '2027-03-27', '2027-03-28'].map(endOfLocalDate)).toEqual([
    '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z', '2026-10-26T23:00:00.000Z', '2027-03-27T23:00:00.000Z', '2027-03-28T22:00:00.000Z',
  ]);
});

it('knows date and clock in Rome', () => {
  expect([romeDate('2026-10-24T22:00:00.000Z'), romeTime('2026-10-24T22:00:00.000Z')]).toEqual(['2026-10-25', '00:00']);
  expect([romeTime('2026-10-25T00:30:00.000Z'), romeTime('2026-10-25T01:30:00.000Z')]).toEqual(['02:30', '02:30']);
});

it('brings a day back to the last of its month, and begins the school year on 1 September', () => {
  expect(addMonths('2027-03-31', -1)).toBe('2027-02-28');
  expect([schoolYearOf('2026-08-31'), schoolYearOf('2026-09-01'), schoolYearOf('1999-09-01')]).toEqual(['2025/26', '2026/27', '1999/00']);
});

describe('the instant of a local time', () => {
  it('is what Temporal makes of it, every hour and half of two years, both changes of the clocks included', () => {
    for (let date = '2026-01-01'; date < '2028-01-01'; date = addDays(date, 1)) {
      for (const time of ['00:00', '01:59', '02:00', '02:30', '03:00', '03:30', '12:15', '23:59']) {
        const expected = Temporal.PlainDateTime.from(`${date}T${time}`).toZonedDateTime('Europe/Rome').epochMilliseconds;
        expect([date, time, instantOfLocal(date, time)]).toEqual([date, time, new Date(expected).toISOString()]);
      }
      expect(instantOfLocal(date, '24:00')).toBe(instantOfLocal(addDays(date, 1), '00:00'));
    }
  });
  it('makes a day of 23 hours in March and one of 25 in October', () => {
    const hours = (date: string) => (Date.parse(instantOfLocal(date, '24:00')) - Date.parse(instantOfLocal(date, '00:00'))) / 3_600_000;
    expect(['2027-03-28', '2026-10-25', '2026-10-26'].map(hours)).toEqual([23, 25, 24]);
  });
  it.each(['24:01', '9:00', '12:60', '', '12'])('takes no %j for a time', time => {
    expect(() => instantOfLocal('2026-10-26', time)).toThrow(RangeError);
  });
  it('adds minutes as they pass', () => {
    expect(romeTime(addMinutes(instantOfLocal('2026-10-25', '02:30'), 60))).toBe('02:30');
  });
});
