/** A table as the Excel of an Italian office opens it with a double click: semicolons, CRLF, UTF-8 with its mark, decimal commas. */
import { stringify } from 'csv-stringify/sync';
import type { CsvTable } from '../../plugins/exportModel.ts';
import { ExportError } from './exportError.ts';

const decimals = new Intl.NumberFormat('it-IT', { useGrouping: false, maximumFractionDigits: 10 });
/** Text that is nothing but a number cannot be a formula. */
const NEGATIVE_NUMBER = /^-\d+(?:[.,]\d+)?$/;

/**
 * The header and one line per row, each line ended by CRLF. A text that a spreadsheet would compute (it begins with = + - @ or their wide
 * forms) gets an apostrophe before it, so that a name typed by a stranger does not run on the DSGA's computer (OWASP, CSV injection);
 * numbers keep their sign. Missing and null cells are empty; cells that no column names are left out.
 * Throws ExportError for a table without columns, a column named twice and a number that is not finite.
 */
export function writeCsv({ columns, rows }: Pick<CsvTable, 'columns' | 'rows'>, { byteOrderMark = true }: { /** Without it Excel takes the file for Windows-1252. Default true. */ byteOrderMark?: boolean } = {}): string {
  const problems = [
    ...(columns.length === 0 ? [{ row: null, field: 'columns', message: 'a table needs a column' }] : []),
    ...columns.filter(({ name }, i) => columns.findIndex((other) => other.name === name) < i).map(({ name }) => ({ row: null, field: name, message: 'named twice' })),
    ...rows.flatMap((row, i) => columns.filter(({ name }) => typeof row[name] === 'number' && !Number.isFinite(row[name])).map(({ name }) => ({ row: i + 1, field: name, message: `${row[name]} is not a number` }))),
  ];
  if (problems.length > 0) throw new ExportError(problems);
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ name }) => (Object.hasOwn(row, name) ? row[name] : null)))];
  return stringify(lines.map((line) => line.map((cell) => (typeof cell === 'string' ? plainCell(cell) : cell))), {
    delimiter: ';',
    record_delimiter: 'windows',
    bom: byteOrderMark,
    // The library looks for the whole CRLF alone.
    quoted_match: /\n/,
    escape_formulas: true,
    // An apostrophe before "-12,50" would make text of it.
    cast: {
      number: (value) => ({ value: decimals.format(value), escape_formulas: false }),
      string: (value) => (NEGATIVE_NUMBER.test(value) ? { value, escape_formulas: false } : value),
    },
  });
}

/** Keeps the line breaks within a cell, as \n; other control and direction characters would hide what the cell says. */
function plainCell(text: string): string {
  return text.toWellFormed().replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]|\p{Cf}/gu, '').trim();
}
