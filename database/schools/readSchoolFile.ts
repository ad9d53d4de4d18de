/** Reads a file as the ministry publishes it, or as a spreadsheet saved it again: what it is, its content decides. */
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { parse } from 'csv-parse/sync';

/** The state's registry is 13 MB: this much is no registry. */
const SIZE_LIMIT = 512 * 1024 * 1024;
/** A quoted field may hold line breaks; one that is never closed must not swallow the rest of the file. */
const LINES_OF_A_RECORD = 10;

/** The whole file cannot be taken; the message names the file, and what is wrong or missing. */
export class SchoolFileError extends Error {
  override name = 'SchoolFileError';
}

export interface SourceRow {
  /** The line on which the record begins, the header being 1. */
  line: number;
  /** By column name (in capitals), as written but trimmed; an absent column is an absent key. */
  cells: Record<string, string>;
}

export interface SourceFile {
  columns: string[];
  rows: SourceRow[];
  /** Records that could not be read, with the reason. */
  broken: { line: number; code: string | null; message: string }[];
}

/** Throws SchoolFileError if there is no such file, or if it is no text with a header. */
export async function readSchoolFile(file: string): Promise<SourceFile> {
  const content = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new SchoolFileError(`${file}: ${error.code === 'ENOENT' ? 'there is no such file' : `cannot be read (${error.message})`}`);
  });
  return parseSchoolText(file, decode(file, await decompress(file, content)));
}

/** By its first bytes, whatever its name is. */
async function decompress(file: string, content: Buffer): Promise<Buffer> {
  if (content[0] !== 0x1f || content[1] !== 0x8b) return content;
  try {
    return await promisify(gunzip)(content, { maxOutputLength: SIZE_LIMIT });
  } catch (error) {
    throw new SchoolFileError(`${file}: the compressed file is damaged or too large (${(error as Error).message})`);
  }
}

/** Valid UTF-8 is UTF-8, with or without a byte order mark; anything else is Windows' Latin. */
function decode(file: string, content: Buffer): string {
  if (content.subarray(0, 4).toString('latin1') === 'PK\x03\x04') throw new SchoolFileError(`${file}: is a workbook, not a text: save it as CSV`);
  if (content[0] === 0xff && content[1] === 0xfe) return new TextDecoder('utf-16le').decode(content);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch {
    return new TextDecoder('windows-1252').decode(content);
  }
}

function parseSchoolText(file: string, text: string): SourceFile {
  const lines = text.replaceAll(/\r\n?/g, '\n').split('\n');
  const header = lines.find((line) => line.trim() !== '');
  if (header === undefined) throw new SchoolFileError(`${file}: is empty`);
  const delimiter = header.split(';').length > header.split(',').length ? ';' : ',';
  const broken = blankUnclosed(lines, (line) => line.split(delimiter).length >= header.split(delimiter).length);

  const records = parse(lines.join('\n'), {
    delimiter, record_delimiter: '\n', info: true, relax_column_count: true, relax_quotes: true, skip_empty_lines: true, trim: true,
  }) as unknown as { record: string[]; info: { lines: number } }[];
  const columns = (records.shift()?.record ?? []).map((name) => name.toUpperCase());
  const code = columns.indexOf('CODICESCUOLA');
  const rows: SourceRow[] = [];
  for (const { record, info } of records) {
    const line = info.lines - record.join('').split('\n').length + 1;
    if (record.every((cell) => cell === '')) continue;
    if (record.length !== columns.length) {
      broken.push({ line, code: record[code] || null, message: `${record.length} fields where the header has ${columns.length}` });
      continue;
    }
    rows.push({ line, cells: Object.fromEntries(columns.map((name, place) => [name, record[place] as string])) });
  }
  return { columns, rows, broken };
}

/**
 * Blanks the lines whose quotes are never closed, so that one does not swallow those after it; the numbers of the
 * others stay right. `isWhole`: the line has as many fields as a record, so it neither continues one nor is continued.
 */
function blankUnclosed(lines: string[], isWhole: (line: string) => boolean): SourceFile['broken'] {
  const broken: SourceFile['broken'] = [];
  const hasOpenQuote = (line: string) => (line.split('"').length - 1) % 2 === 1;
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index] as string;
    if (!hasOpenQuote(line)) continue;
    const next = lines.slice(index + 1, index + LINES_OF_A_RECORD);
    const end = isWhole(line) ? -1 : next.findIndex(hasOpenQuote);
    if (end >= 0 && !next.slice(0, end + 1).some(isWhole)) {
      index += end + 1;
      continue;
    }
    const code = /(?<![A-Z0-9])[A-Z]{2}[A-Z0-9]{8}(?![A-Z0-9])/i.exec(line)?.[0] ?? null;
    broken.push({ line: index + 1, code, message: 'a quotation mark is not closed' });
    lines[index] = '';
  }
  return broken;
}
