/** What one transaction does to the case's calendar entry: a version for each decision that changed it, since messages of each may carry it. */
import type { CalendarEntry } from '../../plugins/contract.ts';
import type { Part } from '../../database/writeStatement.ts';
import type { CaseState } from '../decide/types.ts';
import { sealJson, type CaseKey } from '../history/caseKey.ts';

export class CalendarFold {
  private readonly changes: { version: number; entry: CalendarEntry }[] = [];

  /** `version`: of the case, made by the decision. */
  note(before: CalendarEntry | null, now: CalendarEntry | null, version: number): void {
    // Whoever had it in a calendar must be told that it is none any more.
    const entry = now ?? (before && { ...before, status: 'cancelled' as const });
    if (!entry || JSON.stringify(entry) === JSON.stringify(before)) return;
    this.changes.push({ version, entry });
  }

  write(parts: Set<Part>, values: Record<string, unknown>, key: CaseKey, { id, parties }: CaseState): void {
    if (this.changes.length === 0) return;
    parts.add('calendar');
    values.appointments = JSON.stringify(this.changes.map(({ version, entry }, ordinal) => ({
      ordinal, version, latest: ordinal === this.changes.length - 1, status: entry.status, starts: entry.from, ends: entry.to,
      principals: [...new Set([entry.organizer, ...entry.attendees].map(party => parties[party]!))],
      // Times and parties stand in the row; words do not.
      sealed: sealJson(key, entry as any, `${id}/calendar`).toString('hex'),
    })));
  }
}
