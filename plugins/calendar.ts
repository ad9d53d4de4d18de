/** Dates of law: pure arithmetic on local dates, and the one place that knows Europe/Rome. */
import { Temporal } from '@js-temporal/polyfill';
import { gregorianEaster } from 'date-easter';

// Cached: a fresh formatter costs a hundred times the call, and every command asks for its date.
const romeFormat = new Intl.DateTimeFormat('en-CA', { timeZone: 'Europe/Rome', year: 'numeric', month: '2-digit', day: '2-digit' });

/** The date in Europe/Rome at an instant. */
export function romeDate(instant: string): string {
  return romeFormat.format(Date.parse(instant));
}

const romeClock = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Rome', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

/** The wall clock in Europe/Rome at an instant: `HH:MM`. */
export function romeTime(instant: string): string {
  return romeClock.format(Date.parse(instant));
}

const DAY_MS = 86_400_000;

/** Days since 1 January 1970. By arithmetic: a Temporal object costs fifty times as much, and a register asks thousands of times. */
function dayNumber(date: string): number {
  const year = Number(date.slice(0, 4)), month = Number(date.slice(5, 7)), day = Number(date.slice(8, 10));
  const ms = Date.UTC(year, month - 1, day);
  // Date rolls 31 February over: a date that is not its own is no date.
  const rolled = new Date(ms);
  if (date.length !== 10 || date[4] !== '-' || date[7] !== '-' || Number.isNaN(ms) || rolled.getUTCDate() !== day || rolled.getUTCMonth() !== month - 1) throw new RangeError(`not a date: ${date}`);
  return ms / DAY_MS;
}

/** ISO day of the week: 1 Monday … 7 Sunday. Throws RangeError on a malformed date. */
export function dayOfWeek(date: string): number {
  return (((dayNumber(date) + 3) % 7) + 7) % 7 + 1;
}

// Cached: a time zone's midnight is worked out in fifty microseconds, and a thousand cases share the same last day.
const endsOfDates = new Map<string, string>();
const MOST_DATES = 10_000;

/** The instant at which a local date is over: the next midnight in Europe/Rome. */
export function endOfLocalDate(date: string): string {
  const known = endsOfDates.get(date);
  if (known !== undefined) return known;
  const next = Temporal.PlainDate.from(date).add({ days: 1 });
  const end = new Date(next.toZonedDateTime('Europe/Rome').epochMilliseconds).toISOString();
  if (endsOfDates.size >= MOST_DATES) endsOfDates.clear();
  endsOfDates.set(date, end);
  return end;
}

/** `date` plus `days` (may be negative). Throws RangeError on a malformed date. */
export function addDays(date: string, days: number): string {
  return new Date((dayNumber(date) + days) * DAY_MS).toISOString().slice(0, 10);
}

/** `date` plus `months`; the day is brought back to the month's last where it does not exist. */
export function addMonths(date: string, months: number): string {
  return Temporal.PlainDate.from(date).add({ months }).toString();
}

/** Eighteen years (art. 2 c.c.), which are full on the birthday. Of an unknown date of birth nobody can say so. */
export function isOfAge(birth: string | null, today: string): boolean {
  return birth !== null && addMonths(birth, 18 * 12) <= today;
}

/** Days from `from` to `to`: 1 from a day to the next. */
export function daysBetween(from: string, to: string): number {
  return dayNumber(to) - dayNumber(from);
}

/** A day of every year: `MM-DD`, or days from Easter (`pasqua`, `pasqua+1`, `pasqua-47`). */
export const YEARLY_DAY = '^((0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])|pasqua([+-][1-9][0-9]?)?)$';

/** Whether a date is this day of its year. Throws RangeError on a malformed date. */
export function isYearlyDay(date: string, day: string): boolean {
  if (!day.startsWith('pasqua')) return date.slice(5) === day;
  return daysBetween(easterOf(date.slice(0, 4)), date) === Number(day.slice('pasqua'.length));
}

// Cached: each day of a period is asked about.
const easters = new Map<string, string>();
function easterOf(year: string): string {
  if (!easters.has(year)) {
    const { month, day } = gregorianEaster(Number(year));
    easters.set(year, `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`);
  }
  return easters.get(year)!;
}

/** `2025/26` for every date from 1 September 2025 to 31 August 2026 (art. 74, d.lgs. 297/1994). Throws RangeError on a malformed date. */
export function schoolYearOf(date: string): string {
  dayNumber(date);
  const year = Number(date.slice(0, 4)), first = Number(date.slice(5, 7)) >= 9 ? year : year - 1;
  return `${first}/${String((first + 1) % 100).padStart(2, '0')}`;
}

/** An instant in the one form that compares as text: UTC with milliseconds. Throws RangeError where `text` is none. */
export function instantOf(text: string): string {
  return new Date(Temporal.Instant.from(text).epochMilliseconds).toISOString();
}

/**
 * The next of the reminders that are due so many minutes before `start`, later than `after`; null when none is left. A chart that arms it again
 * each time it fires reminds at all of them; a reminder whose time was past already when the appointment was made is not made up for.
 */
export function nextReminder(start: string, minutes: number[], after: string): string | null {
  return minutes.map(before => addMinutes(start, -before)).filter(at => at > instantOf(after)).sort()[0] ?? null;
}

const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** Minutes of a wall clock since midnight; `24:00` is the end of the day. Throws RangeError where `time` is none. */
export function minutesOf(time: string): number {
  const found = TIME.exec(time);
  if (!found && time !== '24:00') throw new RangeError(`not a time: ${time}`);
  return found ? Number(found[1]) * 60 + Number(found[2]) : 1_440;
}

/**
 * The instant of a local date and time (`HH:MM`, `24:00`) in Europe/Rome. A time that comes twice when the clocks go back is the first one;
 * one that is skipped when they go forward is as late after midnight as it says: 02:30 is then 03:30.
 */
export function instantOfLocal(date: string, time: string): string {
  const minutes = minutesOf(time), begin = Date.parse(endOfLocalDate(addDays(date, -1))), end = Date.parse(endOfLocalDate(date));
  if (minutes === 1_440) return new Date(end).toISOString();
  // On a day of 24 hours both are the same.
  const sinceMidnight = new Date(begin + minutes * 60_000).toISOString(), beforeMidnight = new Date(end - (1_440 - minutes) * 60_000).toISOString();
  if (sinceMidnight === beforeMidnight || romeTime(sinceMidnight) === time) return sinceMidnight;
  return romeTime(beforeMidnight) === time ? beforeMidnight : sinceMidnight;
}

/** `instant` plus `minutes` (may be negative), as they pass and not as clocks show them. */
export function addMinutes(instant: string, minutes: number): string {
  return new Date(Date.parse(instant) + minutes * 60_000).toISOString();
}

/** Milliseconds since 1970, where many instants are worked out: back by {@link instantAt}. */
export const epochOf = (instant: string): number => Date.parse(instant);
export const instantAt = (epoch: number): string => new Date(epoch).toISOString();

/** Minutes that pass from `from` to `to`. */
export function minutesBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 60_000;
}
