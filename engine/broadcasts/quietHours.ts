/** When no SMS leaves: a telephone rings where it lies. */
import { addDays, instantOfLocal, romeDate } from '../../plugins/calendar.ts';
import type { QuietHours } from '../../plugins/contract.ts';

/** Where a message says nothing of it. */
export const QUIET_HOURS: QuietHours = { from: '21:00', to: '08:00' };

/** ms until an SMS may leave; 0: now. Local times, also on the two days on which the clock changes. */
export function quietMs({ from, to }: QuietHours, now: number): number {
  const today = romeDate(new Date(now).toISOString());
  // Hours over midnight began yesterday or begin today.
  for (const day of [addDays(today, -1), today]) {
    const begins = Date.parse(instantOfLocal(day, from)), ends = Date.parse(instantOfLocal(to > from ? day : addDays(day, 1), to));
    if (begins <= now && now < ends) return ends - now;
  }
  return 0;
}
