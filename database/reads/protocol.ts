/** The protocollo of one organisation, behind row-level security: the newest entries first, and the days that are sealed. */
import type pg from 'pg';
import { readAs, type Reader } from './session.ts';

export interface RegisterEntry {
  year: number; number: number; direction: 'entrata' | 'uscita' | 'interno'; at: Date; day: string; caseId: string | null; subject: string; sender: string; recipients: string[]; document: string; sha256: string;
  attachments: { name: string; sha256: string }[]; senderProtocol: { organisation: string; number: number; year: number; day: string } | null; messageId: string | null;
}
export interface RegisterFilter { year: number | null; from: string | null; to: string | null; direction: string | null; q: string | null }
export interface SealedDay { day: string; year: number; first: number | null; last: number | null; entries: number; digest: string; sha256: string; previous: string | null; signature: string; signingKey: string; sealedAt: Date }

const ENTRY = `e.year, e.number, e.direction, e.at, e.day::text as day, e.case_id as "caseId", e.subject, e.sender, e.recipients, e.document, e.sha256, e.attachments, e.sender_protocol as "senderProtocol", e.message_id as "messageId"`;
const DAY = `d.day::text as day, d.year, d.first, d.last, d.entries, d.digest, d.sha256, d.previous, d.signature, d.signing_key as "signingKey", d.sealed_at as "sealedAt"`;

/** `after`: the last entry of the page before. `q`: a piece of subject, sender, recipients or document, or the number itself. */
export async function listEntries(pool: pg.Pool, reader: Reader, organisation: string, filter: RegisterFilter, after: { year: number; number: number } | null, limit: number): Promise<RegisterEntry[]> {
  const { year, from, to, direction, q } = filter;
  const [result] = await readAs(pool, reader, [{
    name: 'list_protocol',
    text: `select ${ENTRY} from protocol_entries e where e.organisation = $1 and ($2::int is null or e.year = $2) and ($3::date is null or e.day >= $3) and ($4::date is null or e.day <= $4) and ($5::text is null or e.direction = $5)
 and ($6::text is null or e.subject ilike $6 or e.sender ilike $6 or e.document ilike $6 or array_to_string(e.recipients, ' ') ilike $6 or e.number = $7)
 and ($8::int is null or (e.year, e.number) < ($8, $9)) order by e.year desc, e.number desc limit $10`,
    values: [organisation, year, from, to, direction, q === null ? null : `%${q.replace(/[\\%_]/g, '\\$&')}%`, q !== null && /^\d{1,9}$/.test(q) ? Number(q) : null, after?.year ?? null, after?.number ?? null, limit],
  }]);
  return result!.rows;
}

export async function findEntry(pool: pg.Pool, reader: Reader, organisation: string, year: number, number: number): Promise<RegisterEntry | null> {
  const [result] = await readAs(pool, reader, [{ name: 'find_protocol', text: `select ${ENTRY} from protocol_entries e where e.organisation = $1 and e.year = $2 and e.number = $3`, values: [organisation, year, number] }]);
  return result!.rows[0] ?? null;
}

/** Oldest first: the register extract of a case. */
export async function entriesOfCase(pool: pg.Pool, reader: Reader, organisation: string, caseId: string): Promise<RegisterEntry[]> {
  const [result] = await readAs(pool, reader, [{ name: 'protocol_of_case', text: `select ${ENTRY} from protocol_entries e where e.case_id = $1 and e.organisation = $2 order by e.year, e.number`, values: [caseId, organisation] }]);
  return result!.rows;
}

/** `before`: the last day of the page before. */
export async function listSealedDays(pool: pg.Pool, reader: Reader, organisation: string, before: string | null, limit: number): Promise<SealedDay[]> {
  const [result] = await readAs(pool, reader, [{ name: 'list_sealed_days', text: `select ${DAY} from protocol_days d where d.organisation = $1 and ($2::date is null or d.day < $2) order by d.day desc limit $3`, values: [organisation, before, limit] }]);
  return result!.rows;
}

export async function readSealedDay(pool: pg.Pool, reader: Reader, organisation: string, day: string): Promise<{ content: Buffer; sha256: string } | null> {
  const [result] = await readAs(pool, reader, [{ name: 'read_sealed_day', text: 'select content, sha256 from protocol_days d where d.organisation = $1 and d.day = $2', values: [organisation, day] }]);
  return result!.rows[0] ?? null;
}
