/** Takes one file of the ministry into the registry: whole or not at all, as often as one likes. */
import { basename } from 'node:path';
import type pg from 'pg';
import { readSchoolFile, SchoolFileError, type SourceFile } from './readSchoolFile.ts';
import { parseSchoolYear, PUPILS_COLUMNS, REGISTRY_COLUMNS, type RowOutcome, type RowProblem, toPupilsRow, toSchoolRow } from './registryRows.ts';
import { PUPILS_UPSERT, SCHOOLS_UPSERT, upsertRows } from './upserts.ts';

export interface ImportSummary {
  file: string;
  /** Decided by the header, not by the name. */
  kind: 'registry' | 'pupils';
  /** Those of the rows taken, oldest first, as six digits. */
  schoolYears: string[];
  /** Records of the file; each is counted once below: new, changed, unchanged, older, repeated or refused. */
  rows: number;
  new: number;
  changed: number;
  unchanged: number;
  /** Left aside because the registry already knows the school from a newer year. */
  older: number;
  /** Rows that say again what an earlier one of the file says, or an older year's of the same school. */
  repeated: number;
  refused: number;
  /** Of pupil counts: those of schools that the registry does not know (kept all the same). */
  unknown: number;
  errors: RowProblem[];
  warnings: RowProblem[];
  seconds: number;
}

/**
 * Imports a registry or a file of pupil counts in one transaction. `schoolYear` (202425 or 2024/25) is that of pupil
 * counts whose file has no such column; without it the file's name may say it. A refused row does not stop the others.
 * Throws SchoolFileError when the whole file cannot be taken; nothing has changed then.
 */
export async function importSchoolFile(pool: pg.Pool, file: string, options: { schoolYear?: string } = {}): Promise<ImportSummary> {
  const began = performance.now();
  const source = await readSchoolFile(file);
  const kind = decideKind(file, source.columns);
  const year = kind === 'pupils' && !source.columns.includes('ANNOSCOLASTICO') ? yearOfFile(file, options.schoolYear) : null;
  const read = kind === 'registry' ? distinctRows(source, toSchoolRow, (row) => row.code) : distinctRows(source, (row) => toPupilsRow(row, year), (row) => `${row.code} ${row.school_year}`);
  const counts = await upsertRows(pool, kind === 'registry' ? SCHOOLS_UPSERT : PUPILS_UPSERT, read.rows);
  return {
    file, kind, schoolYears: [...new Set(read.rows.map((row) => row.school_year))].sort(),
    rows: source.rows.length + source.broken.length, ...counts, repeated: read.repeated, refused: read.errors.length,
    errors: read.errors.sort((one, other) => one.line - other.line), warnings: read.warnings, seconds: (performance.now() - began) / 1000,
  };
}

function decideKind(file: string, columns: string[]): ImportSummary['kind'] {
  const missing = (wanted: string[]) => wanted.filter((column) => !columns.includes(column));
  const kind = columns.includes('NUMEROSTUDENTI') ? 'pupils' : 'registry';
  const lacking = missing(kind === 'pupils' ? PUPILS_COLUMNS : REGISTRY_COLUMNS);
  if (lacking.length === 0) return kind;
  const found = columns.length > 1 ? `It has ${columns.join(', ').slice(0, 300)}.` : 'Columns are separated by commas or semicolons.';
  if (missing(REGISTRY_COLUMNS).length === REGISTRY_COLUMNS.length) {
    throw new SchoolFileError(`${file}: the header is neither that of a school registry (${REGISTRY_COLUMNS.join(', ')}) nor that of pupil counts (${PUPILS_COLUMNS.join(', ')}). ${found}`);
  }
  throw new SchoolFileError(`${file}: the header lacks ${lacking.join(', ')}. ${found}`);
}

function yearOfFile(file: string, given: string | undefined): string {
  if (given !== undefined) {
    const year = parseSchoolYear(given);
    if (year) return year;
    throw new SchoolFileError(`"${given}" is no school year: write 2024/25 or 202425`);
  }
  for (const [candidate] of basename(file).matchAll(/20\d{2}[-_]?(?:20)?\d{2}/g)) {
    const year = parseSchoolYear(candidate.replace('_', '-'));
    if (year) return year;
  }
  throw new SchoolFileError(`${file}: pupil counts do not say of which school year they are: give it with --school-year=2024/25`);
}

/** One row for each key. Of two school years the newer stands; of two rows that differ in the same year the first, and the second is refused. */
function distinctRows<Row extends { school_year: string }>(source: SourceFile, convert: (source: SourceFile['rows'][number]) => RowOutcome<Row>, keyOf: (row: Row) => string) {
  const kept = new Map<string, { row: Row; line: number }>();
  const errors: RowProblem[] = source.broken.map((problem) => ({ ...problem, field: null }));
  const warnings: RowProblem[] = [];
  let repeated = 0;
  for (const from of source.rows) {
    const outcome = convert(from);
    if ('error' in outcome) {
      errors.push(outcome.error);
      continue;
    }
    const { row } = outcome;
    const before = kept.get(keyOf(row));
    if (before && before.row.school_year === row.school_year && JSON.stringify(before.row) !== JSON.stringify(row)) {
      errors.push({ line: from.line, code: from.cells['CODICESCUOLA'] ?? null, field: 'CODICESCUOLA', message: `is on line ${before.line} already, with other data` });
      continue;
    }
    warnings.push(...outcome.warnings);
    if (before) repeated += 1;
    if (!before || before.row.school_year < row.school_year) kept.set(keyOf(row), { row, line: from.line });
  }
  return { rows: [...kept.values()].map(({ row }) => row), errors, warnings, repeated };
}
