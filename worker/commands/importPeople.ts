/** `npm run people:import -- FILE.csv`: organisations, people and their roles. All of the file, or with a wrong row nothing of it. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { CsvError, parse } from 'csv-parse/sync';
import pg from 'pg';
import { importPeople, type PersonRow } from '../../database/people.ts';
import { ConfigError, loadConfig } from '../config.ts';
import { PostgresError } from '../embedded/postgres.ts';
import { StartError } from '../homeLock.ts';
import { withInstallationDatabase } from '../installationDatabase.ts';
import { printLine } from '../progress.ts';

const COLUMNS = ['username', 'name', 'email', 'locale', 'subject', 'organisation', 'organisationName', 'organisationKind', 'organisationPec', 'role'] as const;
const NEEDED = ['username', 'name'];
const USAGE = `Usage: npm run people:import -- FILE.csv
  columns (by heading, in any order; ${NEEDED.join(' and ')} are needed): ${COLUMNS.join(', ')}
  one row for each role of a person; subject is the person's "sub" or fiscal number at the identity provider`;

class FileError extends Error {}

function readRows(file: string): PersonRow[] {
  let records: Record<string, string>[];
  try {
    records = parse(readFileSync(file, 'utf8'), { bom: true, columns: true, trim: true, skip_empty_lines: true, delimiter: [',', ';'] });
  } catch (error) {
    if (error instanceof CsvError || (error as NodeJS.ErrnoException).code !== undefined) throw new FileError(`${file} cannot be read: ${(error as Error).message}`);
    throw error;
  }
  const headings = Object.keys(records[0] ?? {});
  const missing = NEEDED.filter((column) => !headings.includes(column));
  if (missing.length > 0) throw new FileError(`${file} has no column ${missing.join(', ')}.`);
  return records.map((record) => Object.fromEntries(COLUMNS.map((column) => [column, record[column] ?? ''])) as unknown as PersonRow);
}

async function importFile(databaseUrl: string, rows: PersonRow[]): Promise<boolean> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'people:import', options: '-c role=iter_owner' });
  await client.connect();
  try {
    const { people, organisations, memberships, problems } = await importPeople(client, rows);
    for (const { line, field, message } of problems) process.stderr.write(`line ${line}, ${field}: ${message}\n`);
    if (problems.length > 0) process.stderr.write('Nothing was changed.\n');
    else printLine(`${rows.length} rows: ${organisations} organisations, ${people} people and ${memberships} roles are new or corrected.`);
    return problems.length === 0;
  } finally {
    await client.end();
  }
}

const [file] = process.argv.slice(2);
if (!file || file.startsWith('--')) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(1);
}
try {
  const rows = readRows(resolve(process.env['INIT_CWD'] ?? '', file));
  process.exitCode = (await withInstallationDatabase(loadConfig(), (databaseUrl) => importFile(databaseUrl, rows))) ? 0 : 1;
} catch (error) {
  const isClear = error instanceof FileError || error instanceof ConfigError || error instanceof StartError || error instanceof PostgresError;
  process.stderr.write(`${isClear ? error.message : ((error as Error).stack ?? error)}\n`);
  process.exitCode = 1;
}
