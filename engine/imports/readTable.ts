/**
 * Tables as the secretariat's software exports them (CSV): whatever its delimiter, encoding and column names are. Each row is read by itself: one that
 * is wrong is told with its line and field, and keeps no other from being read.
 */
import { parse } from 'csv-parse/sync';

/** What a cell cannot be; the message is shown beside its line. */
export class CellError extends Error {
  override name = 'CellError';
}
export interface Column<T = unknown> {
  /** Headers by which it is found, in any case and with any separators: `codice alunno` finds `CODICE_ALUNNO`. */
  headers: string[];
  required: boolean;
  /** Of a cell that is not empty. Throws CellError. */
  read: (cell: string) => T;
}
export type Columns = Record<string, Column>;
export type RowOf<C extends Columns> = { [F in keyof C]: (C[F] extends Column<infer T> ? T : never) | null };
export interface TableError { /** The header is 1. */ line: number; field: string | null; message: string }
export interface Table<C extends Columns> { rows: { line: number; values: RowOf<C> }[]; errors: TableError[]; /** field → header that was taken for it */ mapping: Record<string, string>; /** Records, also those that could not be read. */ records: number }
/** The whole file cannot be taken. */
export class TableFileError extends Error {
  override name = 'TableFileError';
}

const DELIMITERS = [';', ',', '\t', '|'];
const plainHeader = (header: string) => header.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^a-z0-9]+/g, ' ').trim();

/** `given`: field → header, where the file's own names say nothing. Throws TableFileError. */
export function readTable<C extends Columns>(bytes: Buffer, columns: C, given: Record<string, string> = {}): Table<C> {
  const text = decode(bytes), first = text.split(/\r?\n/, 1)[0] ?? '';
  if (first.trim() === '') throw new TableFileError('The file has no header in its first line.');
  const delimiter = DELIMITERS.reduce((best, each) => (first.split(each).length > first.split(best).length ? each : best));
  let records: { record: string[]; info: { lines: number } }[];
  try {
    records = parse(text, { delimiter, info: true, relax_column_count: true, skip_empty_lines: true, trim: true }) as unknown as typeof records;
  } catch (error) {
    throw new TableFileError(`The file is not a table: ${(error as Error).message}`);
  }
  const headers = records.shift()!.record, { places, mapping } = placesOf(headers, columns, given);
  const table: Table<C> = { rows: [], errors: [], mapping, records: 0 };
  for (const { record, info } of records) {
    if (record.every(cell => cell === '')) continue;
    table.records += 1;
    const values: Record<string, unknown> = {}, before = table.errors.length;
    if (record.length !== headers.length) table.errors.push({ line: info.lines, field: null, message: `${record.length} fields where the header has ${headers.length}` });
    else for (const [field, column] of Object.entries(columns)) values[field] = cellOf(column, field, record[places.get(field) ?? -1] ?? '', info.lines, table.errors);
    if (table.errors.length === before) table.rows.push({ line: info.lines, values: values as RowOf<C> });
  }
  return table;
}

function placesOf(headers: string[], columns: Columns, given: Record<string, string>): { places: Map<string, number>; mapping: Record<string, string> } {
  const plain = headers.map(plainHeader), places = new Map<string, number>(), mapping: Record<string, string> = {}, missing: string[] = [];
  for (const [field, { headers: known, required }] of Object.entries(columns)) {
    const wanted = given[field] === undefined ? [...known, field].map(plainHeader) : [plainHeader(given[field])];
    const place = plain.findIndex(header => wanted.includes(header));
    if (place >= 0) { places.set(field, place); mapping[field] = headers[place]!; } else if (required || given[field] !== undefined) missing.push(given[field] ?? known[0] ?? field);
  }
  if (missing.length > 0) throw new TableFileError(`The header lacks ${missing.join(', ')}. It has ${headers.join(', ').slice(0, 500)}.`);
  return { places, mapping };
}

function cellOf({ required, read }: Column, field: string, cell: string, line: number, errors: TableError[]): unknown {
  if (cell === '') {
    if (required) errors.push({ line, field, message: 'is missing' });
    return null;
  }
  try {
    return read(cell);
  } catch (error) {
    if (!(error instanceof CellError)) throw error;
    errors.push({ line, field, message: error.message });
    return null;
  }
}

/** Valid UTF-8 is UTF-8, with or without a byte order mark; anything else is Windows' Latin. */
function decode(bytes: Buffer): string {
  if (bytes.subarray(0, 4).toString('latin1') === 'PK\x03\x04') throw new TableFileError('The file is a workbook, not a text: save it as CSV.');
  if (bytes.includes(0)) throw new TableFileError('The file is not a text.');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/** Cells that most tables have. */
export const text = (most: number) => (cell: string): string => {
  if (cell.length > most) throw new CellError(`is longer than ${most} characters`);
  return cell.normalize('NFC');
};
/** `31/12/2026` or `2026-12-31`. */
export function localDate(cell: string): string {
  const [, day, month, year] = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})$/.exec(cell) ?? [];
  const date = year === undefined ? cell : `${year}-${month!.padStart(2, '0')}-${day!.padStart(2, '0')}`;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(Date.parse(`${date}T00:00:00Z`)) || new Date(`${date}T00:00:00Z`).toISOString().slice(0, 10) !== date) throw new CellError('is no date (31/12/2026)');
  return date;
}
/** Of a few values, each written in several words; `own`: word → value, as a school's software writes it besides. */
export function meaning<T extends string>(words: Record<T, readonly string[]>, own: Record<string, string> = {}): (cell: string) => T {
  const meant = new Map<string, T>();
  for (const value of Object.keys(words) as T[]) for (const word of [value, ...words[value]]) meant.set(word.toLowerCase(), value);
  for (const [word, value] of Object.entries(own)) meant.set(word.toLowerCase(), value as T);
  return cell => {
    const found = meant.get(cell.toLowerCase());
    if (found === undefined) throw new CellError(`must be one of ${[...meant.keys()].join(', ')}`);
    return found;
  };
}
