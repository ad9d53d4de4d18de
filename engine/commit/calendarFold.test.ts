/** Several decisions of one commit: each that changes the appointment is a version of its own, and only the last one is what holds. */
import { createSecretKey } from 'node:crypto';
import { expect, it } from '@jest/globals';
import type { CalendarEntry } from '../../plugins/contract.ts';
import type { Part } from '../../database/writeStatement.ts';
import type { CaseState } from '../decide/types.ts';
import { openJson } from '../history/caseKey.ts';
import { CalendarFold } from './calendarFold.ts';

const KEY = createSecretKey(Buffer.alloc(32, 'k'));
const STATE = { id: 'c1', parties: { scuola: 'S1', famiglia: 'u1', docente: 'u2' } } as unknown as CaseState;
const entry = (more: Partial<CalendarEntry> = {}): CalendarEntry => ({ from: '2027-01-12T15:00:00.000Z', to: '2027-01-12T15:10:00.000Z', status: 'tentative', summary: { it: 'Colloquio', en: 'Interview' }, organizer: 'scuola', attendees: ['famiglia', 'docente'], ...more });

function written(...decisions: [CalendarEntry | null, CalendarEntry | null][]) {
  const fold = new CalendarFold(), parts = new Set<Part>(), values: Record<string, unknown> = {};
  decisions.forEach(([before, now], i) => fold.note({ entry: before, parties: STATE.parties }, { entry: now, parties: STATE.parties }, 5 + i));
  fold.write(parts, values, KEY, STATE);
  return parts.has('calendar') ? JSON.parse(values.appointments as string) : null;
}

it('writes nothing where nothing changed', () => {
  expect([written(), written([null, null]), written([entry(), entry()])]).toEqual([null, null, null]);
});

it('writes a version for each decision that changed it, the last of which holds', () => {
  const confirmed = entry({ status: 'confirmed' });
  const rows = written([null, entry()], [entry(), entry()], [entry(), confirmed], [confirmed, null]);
  expect(rows.map(({ ordinal, version, latest, status }: any) => [ordinal, version, latest, status])).toEqual([[0, 5, false, 'tentative'], [1, 7, false, 'confirmed'], [2, 8, true, 'cancelled']]);
  expect(rows[0].principals).toEqual(['S1', 'u1', 'u2']);
});

it('writes a version where the same appointment has come to be somebody else’s', () => {
  const fold = new CalendarFold(), parts = new Set<Part>(), values: Record<string, unknown> = {};
  fold.note({ entry: entry(), parties: STATE.parties }, { entry: entry(), parties: { ...STATE.parties, famiglia: 'u3' } }, 5);
  fold.write(parts, values, KEY, STATE);
  expect(JSON.parse(values.appointments as string)).toMatchObject([{ version: 5, latest: true, principals: ['S1', 'u3', 'u2'] }]);
});

it('seals the words with the case’s key', () => {
  const [row] = written([null, entry({ place: 'Aula 3' })]);
  expect(JSON.stringify(row)).not.toMatch(/Colloquio|Aula/);
  expect(openJson(KEY, Buffer.from(row.sealed, 'hex'), 'c1/calendar')).toEqual(entry({ place: 'Aula 3' }));
});
