/** What one transaction does to the case's calendar entry: a version for each decision that changed it, since messages of each may carry it. */
import type { CalendarEntry } from '../../plugins/contract.ts';
import type { Part } from '../../database/writeStatement.ts';
import type { CaseState } from '../decide/types.ts';
import { sealJson, type CaseKey } from '../history/caseKey.ts';

/** What a case says of itself, and who its parties are then. */
export interface Appointment { entry: CalendarEntry | null; parties: Record<string, string> }

/** Who was a party of an entry that is only taken back may be none any more. */
const principalsOf = ({ organizer, attendees }: CalendarEntry, parties: Record<string, string>): string[] => [...new Set([organizer, ...attendees].flatMap(party => parties[party] ?? []))];

export class CalendarFold {
  private readonly changes: { version: number; entry: CalendarEntry; principals: string[] }[] = [];

  /** `version`: of the case, made by the decision. */
  note(before: Appointment, now: Appointment, version: number): void {
    // Whoever had it in a calendar must be told that it is none any more.
    const entry = now.entry ?? (before.entry && { ...before.entry, status: 'cancelled' as const });
    if (!entry) return;
    const principals = principalsOf(entry, now.parties);
    if (JSON.stringify(entry) === JSON.stringify(before.entry) && principals.join() === principalsOf(entry, before.parties).join()) return;
    this.changes.push({ version, entry, principals });
  }

  write(parts: Set<Part>, values: Record<string, unknown>, key: CaseKey, { id }: CaseState): void {
    if (this.changes.length === 0) return;
    parts.add('calendar');
    values.appointments = JSON.stringify(this.changes.map(({ version, entry, principals }, ordinal) => ({
      ordinal, version, latest: ordinal === this.changes.length - 1, status: entry.status, starts: entry.from, ends: entry.to,
      principals,
      // Times and parties stand in the row; words do not.
      sealed: sealJson(key, entry as any, `${id}/calendar`).toString('hex'),
    })));
  }
}
