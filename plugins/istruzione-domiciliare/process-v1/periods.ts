/** Periods of absence: merged, clipped and counted, so that no day counts twice. */
import { addDays, dayOfWeek, daysBetween } from '../../calendar.ts';
import type { LocalDate } from '../../contract.ts';
import type { Calendario } from './parameters.ts';
import type { Periodo } from './types.ts';

/** The same days in order of time, without overlaps; adjacent periods become one. */
export function mergePeriods(periods: readonly Periodo[]): Periodo[] {
  const merged: Periodo[] = [];
  for (const { dal, al } of [...periods].sort((a, b) => (a.dal < b.dal ? -1 : a.dal > b.dal ? 1 : 0))) {
    const last = merged.at(-1);
    if (last && dal <= addDays(last.al, 1)) { if (al > last.al) last.al = al; } else merged.push({ dal, al });
  }
  return merged;
}

/** What of the periods lies from `first` to `last`. */
export function clipPeriods(periods: readonly Periodo[], first: LocalDate, last: LocalDate): Periodo[] {
  return periods
    .map(({ dal, al }) => ({ dal: dal < first ? first : dal, al: al > last ? last : al }))
    .filter(({ dal, al }) => dal <= al);
}

/** Calendar days of periods that do not overlap. */
export function countDays(periods: readonly Periodo[]): number {
  return periods.reduce((sum, { dal, al }) => sum + daysBetween(dal, al) + 1, 0);
}

/** Days on which there is school: no closed weekday, no closed day. The periods do not overlap. */
export function countLessonDays(periods: readonly Periodo[], { giorniSettimanaliChiusi, chiusure }: Calendario): number {
  const openWeekdays = ({ dal, al }: Periodo): number => {
    const days = daysBetween(dal, al) + 1, first = dayOfWeek(dal);
    let open = 0;
    for (let weekday = 1; weekday <= 7; weekday += 1) {
      if (giorniSettimanaliChiusi.includes(weekday)) continue;
      const skipped = (weekday - first + 7) % 7;
      if (days > skipped) open += Math.floor((days - skipped - 1) / 7) + 1;
    }
    return open;
  };
  const closed = mergePeriods(chiusure);
  return periods.reduce((sum, period) => sum + openWeekdays(period) - clipPeriods(closed, period.dal, period.al).reduce((less, closure) => less + openWeekdays(closure), 0), 0);
}

export const includesDay = (periods: readonly Periodo[], day: LocalDate): boolean => periods.some(({ dal, al }) => dal <= day && day <= al);

/** Last day of the latest period; null without periods. */
export const lastDay = (periods: readonly Periodo[]): LocalDate | null => periods.reduce<LocalDate | null>((last, { al }) => (last === null || al > last ? al : last), null);

/** First day of the earliest period; null without periods. */
export const firstDay = (periods: readonly Periodo[]): LocalDate | null => periods.reduce<LocalDate | null>((first, { dal }) => (first === null || dal < first ? dal : first), null);
