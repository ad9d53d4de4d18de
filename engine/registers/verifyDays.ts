/** Whether a register is still the one that was sealed: every day's print, figures and signature, the chain of days, and every entry. */
import type { KeyObject } from 'node:crypto';
import type pg from 'pg';
import { run } from '../../database/pools.ts';
import * as sql from '../../database/registerStatements.ts';
import { addDays } from '../../plugins/calendar.ts';
import type { LocalDate } from '../../plugins/contract.ts';
import { withConnection } from '../commit/transaction.ts';
import { digestOfEntries, isDaySigned, publicKeyText, type DaySeal, type EntryRow } from './daySeal.ts';
import { sha256 } from './protocol.ts';

export interface DaysVerification {
  valid: boolean;
  /** Sealed days that were read. */
  days: number;
  /** The last of them. What was registered after it is not covered. */
  until: LocalDate | null;
  /** `day` null: of the register as a whole. */
  problems: { day: LocalDate | null; problem: string }[];
}
interface SealedRow { organisation: string; day: LocalDate; year: number; first: number | null; last: number | null; entries: number; digest: string; content: Buffer; sha256: string; previous: string | null; signature: string; signing_key: string; sealed_at: Date }

const PAGE = 20;

/**
 * `pool`: of `iter_commit`. With `trusted` (public keys that the verifier keeps), a register that was sealed anew by another key is found
 * as well; without, each day is held against the key that stands beside it.
 */
export async function verifyDays(pool: pg.Pool, organisation: string, trusted?: KeyObject[]): Promise<DaysVerification> {
  const keys = trusted?.map(publicKeyText), problems: DaysVerification['problems'] = [];
  const counts = (await withConnection(pool, client => run(client, sql.REGISTER_COUNTS, [organisation]))).rows as { year: number; last: number; entries: number; highest: number; first_day: LocalDate | null }[];
  for (const { year, last, entries, highest } of counts) {
    if (last !== entries || last !== highest) problems.push({ day: null, problem: `the register of ${year} says ${last} numbers and holds ${entries}, up to ${highest}` });
  }
  let before: SealedRow | null = null, days = 0;
  const reached = new Map<number, number>();
  for (;;) {
    const { rows } = await withConnection(pool, client => run(client, sql.SEALED_DAYS, [organisation, before?.day ?? null, PAGE]));
    for (const row of rows as SealedRow[]) {
      const entries = (await withConnection(pool, client => run(client, sql.ENTRIES_OF_DAY, [organisation, row.day]))).rows as EntryRow[];
      for (const problem of [...orderProblems(row, before, firstDay(counts)), ...sealProblems(row, keys), ...entryProblems(row, entries, reached)]) problems.push({ day: row.day, problem });
      before = row;
      days += 1;
    }
    if (rows.length < PAGE) break;
  }
  return { valid: problems.length === 0, days, until: before?.day ?? null, problems };
}

const firstDay = (counts: { first_day: LocalDate | null }[]): LocalDate | null => counts.map(({ first_day: day }) => day).filter(day => day !== null).sort()[0] ?? null;

function orderProblems(row: SealedRow, before: SealedRow | null, first: LocalDate | null): string[] {
  if (before === null) {
    return [...(row.previous === null ? [] : ['the day before it is missing']), ...(first !== null && first < row.day ? [`entries of ${first} come before the first sealed day`] : [])];
  }
  return [...(row.day === addDays(before.day, 1) ? [] : [`the days after ${before.day} are missing`]), ...(row.previous === before.sha256 ? [] : [`the register of ${before.day} is not the one that it followed`])];
}

function sealProblems(row: SealedRow, keys: string[] | undefined): string[] {
  const { organisation, day, year, first, last, entries, digest, previous } = row;
  const seal: DaySeal = { organisation, day, year, first, last, entries, digest, sha256: row.sha256, previous, sealedAt: row.sealed_at.toISOString() };
  return [
    ...(sha256(row.content) === row.sha256 ? [] : ['the PDF is not the one that was sealed']),
    ...(isDaySigned(seal, row.signature, row.signing_key) ? [] : ['the signature is not good']),
    ...(keys === undefined || keys.includes(row.signing_key) ? [] : ['it is signed with another key than the given ones']),
  ];
}

/** `reached`: by year, the last number of the days before. */
function entryProblems(row: SealedRow, entries: EntryRow[], reached: Map<number, number>): string[] {
  const problems: string[] = [];
  if (digestOfEntries(entries) !== row.digest) problems.push('the entries are not those that were sealed');
  if (entries.length !== row.entries || (entries[0]?.number ?? null) !== row.first || (entries.at(-1)?.number ?? null) !== row.last) problems.push(`it holds ${entries.length} entries and says ${row.entries}`);
  for (const { year, number } of entries) {
    const expected = (reached.get(year) ?? 0) + 1;
    if (number !== expected) problems.push(`number ${number} follows ${expected - 1}`);
    reached.set(year, number);
  }
  return problems;
}
