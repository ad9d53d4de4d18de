/** No telephone rings at night: when an SMS may leave, in local time, also where the clock changes. */
import { expect, it } from '@jest/globals';
import { QUIET_HOURS, quietMs } from '../../engine/broadcasts/quietHours.ts';

const HOUR = 3_600_000, at = (instant: string) => Date.parse(instant);

it.each([
  ['in the evening', '2026-11-20T20:30:00+01:00', 0], ['at nine', '2026-11-20T21:00:00+01:00', 11 * HOUR], ['after midnight', '2026-11-21T03:00:00+01:00', 5 * HOUR], ['a minute before eight', '2026-11-21T07:59:00+01:00', 60_000], ['at eight', '2026-11-21T08:00:00+01:00', 0],
  // One hour less, one hour more.
  ['in the night in which summer time begins', '2026-03-28T22:00:00+01:00', 9 * HOUR], ['in the night in which it ends', '2026-10-24T22:00:00+02:00', 11 * HOUR],
])('%s', (_when, instant, waits) => {
  expect(quietMs(QUIET_HOURS, at(instant))).toBe(waits);
});

it('hours of one day are quiet from the first to the second', () => {
  const lessons = { from: '08:00', to: '13:00' };
  expect([quietMs(lessons, at('2026-11-20T07:59:00+01:00')), quietMs(lessons, at('2026-11-20T12:00:00+01:00')), quietMs(lessons, at('2026-11-20T13:00:00+01:00'))]).toEqual([0, HOUR, 0]);
});
