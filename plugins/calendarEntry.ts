/** What a case says of itself to the calendars of its parties. Shapes only. */
import type { Instant } from './contract.ts';

/**
 * One appointment. The engine keeps it with every commit that changes it, under a UID that never changes and a growing SEQUENCE; its words are
 * sealed with the case's key, but leave for other people's programs: no names of minors, no health data.
 */
export interface CalendarEntry {
  from: Instant;
  to: Instant;
  /** What was once in a calendar and is `cancelled` (or null) is taken out there, too. */
  status: 'tentative' | 'confirmed' | 'cancelled';
  summary: { it: string; en: string };
  description?: { it: string; en: string };
  place?: string;
  /** Where to click, for a meeting online. */
  url?: string;
  /** The party (an organisation) that invites. */
  organizer: string;
  /** Parties that take part: each finds it in its feed, and is invited by messages with `invitation`. */
  attendees: string[];
  /** Minutes before the beginning at which the reader's own program reminds. */
  reminders?: number[];
}
