/** A case as it stands in the database, opened with its key. */
import type { MasterKey } from '../../database/masterKeys.ts';
import type { CompiledProcess } from '../decide/compile.ts';
import type { CaseState } from '../decide/types.ts';
import type { Item, JsonObject, ParameterRow } from '../../plugins/contract.ts';
import { openJson, unwrapCaseKey, type CaseKey } from '../history/caseKey.ts';
import { Problem } from '../problems.ts';
import type { Processes } from '../processes.ts';

/** Columns of LOCK_CASE and READ_CASE. */
export interface CaseRow {
  id: string; process: string; process_version: number; number: string | null; state: string;
  value: any; context: any; history_value: any; sealed: Buffer; row: JsonObject; parties: Record<string, string>;
  version: number; seq: number; head: Buffer; draft: boolean; done: boolean; suspended: string | null; next_due: Date | null;
  created_at: Date; created_by: string; last_at: Date; erased_at: Date | null; wrapped: Buffer; now?: Date;
}

export interface OpenedCase { row: CaseRow; key: CaseKey; process: CompiledProcess; state: CaseState }

export interface AgendaRow {
  id: string; kind: 'deadline' | 'effect'; name: string; node: string | null; mode: 'owed' | 'bound' | null; does: string | null;
  due_at: Date; state: string; attempts: number; detail: any; error: string | null;
}
/** A document of the case; without a digest it is still being made. */
export interface DocumentRecord { id: string; name: string; organisation: string; protocol: { number: number; year: number; day: string } | null; sha256: string | null; size: number | null; madeAt: string | null }
export interface AttachmentRecord { id: string; kind: string; name: string; mediaType: string; size: number; sha256: string; usedBy: number | null; seq: number }

/** What an answer about a case is made of. */
export interface CaseRecord extends Pick<OpenedCase, 'process' | 'state' | 'key'> {
  version: number;
  draft: boolean;
  suspended: string | null;
  row: JsonObject;
  stateName: string;
  lastAt: string;
  agenda: AgendaRow[];
  attachments: AttachmentRecord[];
  documents: DocumentRecord[];
  items: Item[];
  /** Parameters that the decision read, and its clock; a creation's answer has none. */
  parameters?: ParameterRow[];
  now?: Date;
}

/** Throws when the version of the process is unknown to this program or the key does not fit; Problem `case-erased` when it was destroyed. */
export function openCase(row: CaseRow, processes: Processes, masterKey: MasterKey): OpenedCase {
  if (row.erased_at !== null) throw new Problem('case-erased', 'The content of this case was erased after its retention. Its history remains, and verifies.', { erasedAt: row.erased_at.toISOString() });
  const process = processes.version(row.process, row.process_version);
  const key = unwrapCaseKey(masterKey, row.wrapped, row.id);
  const sealed = row.sealed.length > 0 ? openJson<JsonObject>(key, row.sealed, `${row.id}/context`) : {};
  return {
    row, key, process,
    state: {
      id: row.id, createdAt: row.created_at.toISOString(), number: row.number, parties: row.parties, value: row.value,
      context: { ...row.context, ...sealed }, historyValue: row.history_value, done: row.done,
    },
  };
}

/** Splits the context: what may stand in the row as it is, and what only under the case's key. */
export function splitContext(process: CompiledProcess, context: JsonObject): { open: JsonObject; sealed: JsonObject } {
  const open: JsonObject = {}, sealed: JsonObject = {};
  for (const [field, value] of Object.entries(context)) (process.plugin.sealed.includes(field) ? sealed : open)[field] = value;
  return { open, sealed };
}

export function openItems(key: CaseKey, caseId: string, rows: { kind: string; key: string; data: Buffer }[]): Item[] {
  return rows.map(row => ({ kind: row.kind, key: row.key, data: openJson(key, row.data, `${caseId}/item`) }));
}

export function openAttachments(key: CaseKey, caseId: string, rows: any[]): AttachmentRecord[] {
  return rows.map(row => ({ id: row.id, kind: row.kind, name: openJson<{ name: string }>(key, row.sealed, `${caseId}/attachment`).name, mediaType: row.media_type, size: row.size, sha256: row.sha256, usedBy: row.used_by, seq: row.seq }));
}

export function documentsOf(rows: any[]): DocumentRecord[] {
  return rows.map(({ id, name, organisation, protocol_year: year, protocol_number: number, protocol_day: day, sha256, size, made_at: madeAt }) => ({
    id, name, organisation, protocol: number === null ? null : { number, year, day }, sha256, size, madeAt: madeAt?.toISOString() ?? null,
  }));
}
