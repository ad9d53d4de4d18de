/** Terms in local dates, never in the past. */
import { addDays } from '../../calendar.ts';
import type { DeadlineRule, Due, LocalDate } from '../../contract.ts';
import type { Contesto } from './types.ts';

export type DeadlineTable = Record<string, DeadlineRule<Contesto>>;

/** The end of `date`, or of today where that is later, and `days` more. */
export const endOf = (date: LocalDate, today: LocalDate, rule: string, days = 0): Due => ({ endOf: addDays(date > today ? date : today, days), rule });
