/**
 * Tables as the secretariat's software exports them (CSV): whatever its delimiter, encoding and column names are, and whatever stands above the headings.
 * Each row is read by itself: one that is wrong is told with its line and field, and keeps no other from being read.
 */
import { parse } from 'csv-parse/sync';
import { decodeText } from './decodeText.ts';
import { IGNORED } from './cells.ts';
import { CellError, TableFileError, type Said } from './tableErrors.ts';

export interface Column<T = unknown> {
  /** Headers by which it is found, the first one first, in any case and with any separators: `codice alunno` finds `CODICE_ALUNNO`. */
  headers: string[];
  required: boolean;
  /** Of a cell that is not empty. `IGNORED`: the row says nothing. Throws CellError. */
  read: (cell: string) => T | typeof IGNORED;
}
export type Columns = Record<string, Column>;
export type RowOf<C extends Columns> = { [F in keyof C]: (C[F] extends Column<infer T> ? T : never) | null };
export interface TableError extends Said { /** Of the file, as a text editor counts: the first is 1. Of a row of several lines, its first. */ line: number; field: string | null }
export interface Table<C extends Columns> { rows: { line: number; values: RowOf<C> }[]; errors: TableError[]; /** field → header that was taken for it */ mapping: Record<string, string>; /** Headers that were taken for nothing. */ unused: string[]; /** Records, also those that could not be read. */ records: number; /** Of these, those that say nothing. */ ignored: number }

interface Parsed { cells: string[]; line: number }
type Places = { places: Map<string, number>; mapping: Record<string, string> };

const DELIMITERS = [';', ',', '\t', '|'];
/** Titles, the school's name, the period: what registers print above the headings. */
const MOST_TITLES = 20;
const plainHeader = (header: string) => header.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^a-z0-9]+/g, ' ').trim();

/** `given`: field → header, where the file's own names say nothing. Throws TableFileError. */
export function readTable<C extends Columns>(bytes: Buffer, columns: C, given: Record<string, string> = {}): Table<C> {
  const text = decodeText(bytes), { records, headers, found: { places, mapping } } = parseTable(text, columns, given), taken = new Set(places.values());
  const table: Table<C> = { rows: [], errors: [], mapping, unused: headers.filter((header, place) => header !== '' && !taken.has(place)), records: 0, ignored: 0 };
  const cutOff = !/[\r\n]$/.test(text);
  for (const [at, { cells, line }] of records.entries()) {
    if (cells.every(cell => cell === '')) continue;
    table.records += 1;
    const values: Record<string, unknown> = {}, before = table.errors.length;
    // Spreadsheets write empty cells at the end of some rows and leave them out in others. What stands beyond the headings has no meaning that we know.
    const filled = cells.findLastIndex(cell => cell !== '') + 1;
    if (filled > headers.length) table.errors.push({ line, field: null, code: 'tooMany', figures: { cells: filled, headers: headers.length } });
    else if (cutOff && at === records.length - 1 && cells.length < headers.length) table.errors.push({ line, field: null, code: 'cutOff' });
    else for (const [field, column] of Object.entries(columns)) values[field] = cellOf(column, field, cells[places.get(field) ?? -1] ?? '', line, table.errors);
    if (Object.values(values).includes(IGNORED)) {
      table.errors.length = before;
      table.ignored += 1;
    } else if (table.errors.length === before) table.rows.push({ line, values: values as RowOf<C> });
  }
  return table;
}

/** With each delimiter in turn, most likely first: titles above the headings may hold any of them. */
function parseTable(text: string, columns: Columns, given: Record<string, string>): { records: Parsed[]; headers: string[]; found: Places } {
  const head = text.split(/\r\n|\n|\r/, MOST_TITLES + 1).join('\n');
  if (head.trim() === '') throw new TableFileError({ code: 'empty' });
  const count = (delimiter: string) => head.split(delimiter).length;
  const likely = [...DELIMITERS].sort((one, other) => count(other) - count(one));
  let problem: TableFileError | null = null, most = -1;
  for (const delimiter of likely) {
    const records = recordsOf(text, delimiter);
    for (const [at, { cells }] of records.slice(0, MOST_TITLES).entries()) {
      const found = placesOf(cells, columns, given);
      if (found.missing.length === 0) return { records: records.slice(at + 1), headers: headersOf(cells), found };
      // Told of what looks most like headings: the first that has the most of those that are known.
      if (found.places.size > most) { most = found.places.size; problem = lacks(found.missing, cells); }
    }
  }
  throw problem!;
}

const lacks = (missing: string[], cells: string[]) => new TableFileError({ code: 'lacks', figures: { missing: missing.join(', '), headers: cells.filter(cell => cell !== '').join(', ').slice(0, 500) } });

function recordsOf(text: string, delimiter: string): Parsed[] {
  let records: { record: string[]; raw: string }[];
  try {
    records = parse(text, { delimiter, raw: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true, trim: true }) as unknown as typeof records;
  } catch (error) {
    const { code, lines } = error as { code?: string; lines?: number };
    throw new TableFileError(code === 'CSV_QUOTE_NOT_CLOSED' ? { code: 'quote', figures: { line: lines ?? 1 } } : { code: 'noTable', figures: { why: (error as Error).message } });
  }
  // `raw` begins with the empty lines before the record.
  let line = 1;
  return records.map(({ record, raw }) => {
    const first = line + lineEnds(raw.slice(0, raw.length - raw.trimStart().length));
    line += lineEnds(raw);
    return { cells: record.map(plainCell), line: first };
  });
}
const lineEnds = (text: string): number => text.match(/\r\n|\n|\r/g)?.length ?? 0;

/** `="00123"` is how spreadsheets are told to keep the zeros of a code. */
function plainCell(cell: string): string {
  return (/^="([^"]*)"$/.exec(cell)?.[1] ?? cell).trim();
}

/** Without the empty ones at the end. */
const headersOf = (cells: string[]) => cells.slice(0, cells.findLastIndex(cell => cell !== '') + 1);

/** Headings that are there twice count as `Data` and `Data (2)`. One that is meant must be there once: which of them is right only the school knows. */
function placesOf(headers: string[], columns: Columns, given: Record<string, string>): Places & { missing: string[] } {
  const times = new Map<string, number>(), known = new Map<string, number>(), twice = new Set<string>();
  for (const [place, header] of headers.entries()) {
    const plain = plainHeader(header), time = (times.get(plain) ?? 0) + 1;
    times.set(plain, time);
    if (time > 1) twice.add(plain);
    known.set(time === 1 ? plain : plainHeader(`${header} ${time}`), place);
  }
  const places = new Map<string, number>(), mapping: Record<string, string> = {}, missing: string[] = [], doubled: string[] = [];
  for (const [field, { headers: usual, required }] of Object.entries(columns)) {
    const own = given[field], wanted = own === undefined ? [...usual, field].map(plainHeader) : [plainHeader(own)];
    const heading = wanted.find(each => each !== '' && known.has(each)), place = heading === undefined ? undefined : known.get(heading)!;
    if (place === undefined) { if (required || own !== undefined) missing.push(own ?? usual[0] ?? field); continue; }
    if (own === undefined && twice.has(heading!)) doubled.push(headers[place]!);
    places.set(field, place);
    mapping[field] = headers[place]!;
  }
  if (missing.length === 0 && doubled.length > 0) throw new TableFileError({ code: 'twice', figures: { headings: doubled.join(', '), second: `${doubled[0]} (2)` } });
  return { places, mapping, missing };
}

function cellOf({ required, read }: Column, field: string, cell: string, line: number, errors: TableError[]): unknown {
  if (cell === '') {
    if (required) errors.push({ line, field, code: 'missing' });
    return null;
  }
  try {
    return read(cell);
  } catch (error) {
    if (!(error instanceof CellError)) throw error;
    errors.push({ line, field, ...error.said });
    return null;
  }
}
