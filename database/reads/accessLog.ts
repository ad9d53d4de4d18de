/** Who read which protected fields of a case. Append-only, and behind the same wall as the case. */
import type pg from 'pg';
import { readAs, type Query, type Reader } from './session.ts';

export interface Access { caseId: string; fields: string[]; role: string; reason: string | null }
export interface AccessEntry { at: string; user: string; organisation: string | null; role: string; fields: string[]; reason: string | null }

/** The statement alone, to go with the read that it records. */
export function accessQuery(reader: Reader, { caseId, fields, role, reason }: Access): Query {
  return { name: 'log_access', text: 'insert into access_log (case_id, user_id, organisation, role, fields, reason) values ($1, $2, $3, $4, $5, $6)', values: [caseId, reader.userId, reader.organisation, role, fields, reason] };
}

/** Resolves when the record is committed: before then nothing may be shown. */
export async function logAccess(pool: pg.Pool, reader: Reader, access: Access): Promise<void> {
  await readAs(pool, reader, [accessQuery(reader, access)]);
}

/** Newest first; `before` is the `id` of the last one seen. */
export async function listAccess(pool: pg.Pool, reader: Reader, caseId: string, limit: number, before: string | null): Promise<(AccessEntry & { id: string })[]> {
  const [result] = await readAs(pool, reader, [{
    name: 'list_access', values: [caseId, limit, before],
    text: `select l.id::text as id, at, user_id as "user", organisation, role, fields, reason from access_log l where l.case_id = $1 and ($3::bigint is null or l.id < $3::bigint) order by l.id desc limit $2`,
  }]);
  return result!.rows.map(row => ({ ...row, at: row.at.toISOString() }));
}
