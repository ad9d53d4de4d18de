/**
 * `npm run schools:import -- [--school-year=2024/25] FILE…`: the ministry's registries and pupil counts into the database.
 * Exit code 1 if a file or a row was refused; everything else is taken all the same.
 */
import { basename, resolve } from 'node:path';
import pg from 'pg';
import { importSchoolFile, type ImportSummary } from '../../database/schools/importSchools.ts';
import { SchoolFileError } from '../../database/schools/readSchoolFile.ts';
import type { RowProblem } from '../../database/schools/registryRows.ts';
import { ConfigError, loadConfig } from '../config.ts';
import { PostgresError } from '../embedded/postgres.ts';
import { StartError } from '../homeLock.ts';
import { withInstallationDatabase } from '../installationDatabase.ts';
import { printLine, withProgress } from '../progress.ts';

const USAGE = `Usage: npm run schools:import -- [--school-year=2024/25] FILE…
  FILE          a registry (SCUANAGRAFESTAT…, SCUANAGRAFEPAR…, SCUANAAUTSTAT…, SCUANAAUTPAR…) or pupil counts
                (CODICESCUOLA, NUMEROSTUDENTI), .csv or .csv.gz, as published at dati.istruzione.it
  --school-year the year of pupil counts whose file does not say it`;
/** A file of the wrong kind can have a problem on every row: the first ones say which. */
const SHOWN_ERRORS = 100;
const SHOWN_WARNINGS = 20;
const UNDEFINED_TABLE = '42P01';

const count = (value: number) => value.toLocaleString('en');

function describeProblem(problem: RowProblem, file: string): string {
  return `${basename(file)}, line ${problem.line}, ${[problem.code ?? 'no code', problem.field].filter(Boolean).join(', ')}: ${problem.message}`;
}

function printSummary(summary: ImportSummary): void {
  const { file, errors, warnings } = summary;
  const years = summary.schoolYears.map((year) => `${year.slice(0, 4)}/${year.slice(4)}`).join(', ');
  const show = (kind: string, problems: RowProblem[], most: number, write: (line: string) => void) => {
    for (const problem of problems.slice(0, most)) write(`  ${kind}: ${describeProblem(problem, file)}`);
    if (problems.length > most) write(`  ${kind}: … and ${count(problems.length - most)} more`);
  };
  printLine(`${basename(file)}: ${summary.kind === 'registry' ? 'schools' : 'pupils'} ${years}`.trimEnd());
  const figures = [
    ['rows', summary.rows], ['new', summary.new], ['changed', summary.changed], ['unchanged', summary.unchanged], ['refused', errors.length], ['warnings', warnings.length],
  ] as [string, number][];
  // Rare, and only worth a word when there are some.
  for (const [name, value] of [['older than what is known', summary.older], ['repeated', summary.repeated], ['of unknown schools', summary.unknown]] as const) if (value > 0) figures.push([name, value]);
  printLine(`  ${figures.map(([name, value]) => `${name} ${count(value)}`).join(' · ')} · ${summary.seconds.toFixed(1)} s`);
  show('refused', errors, SHOWN_ERRORS, (line) => process.stderr.write(`${line}\n`));
  show('warning', warnings, SHOWN_WARNINGS, printLine);
}

/** Whether every row of every file was taken. */
async function importFiles(databaseUrl: string, files: string[], schoolYear: string | undefined): Promise<boolean> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1, application_name: 'schools:import' });
  let complete = true;
  try {
    for (const file of files) {
      try {
        const summary = await withProgress(`Importing ${file}`, () => importSchoolFile(pool, file, { schoolYear }));
        printSummary(summary);
        complete &&= summary.errors.length === 0;
      } catch (error) {
        if (!(error instanceof SchoolFileError)) throw error;
        complete = false;
        process.stderr.write(`${error.message}\n`);
      }
    }
  } finally {
    await pool.end();
  }
  return complete;
}

function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof StartError || error instanceof PostgresError) return error.message;
  if ((error as { code?: string }).code === UNDEFINED_TABLE) return 'The database has no tables of Iter yet: npm run migrate (or npm start) makes them.';
  return (error as Error).stack ?? String(error);
}

const options = process.argv.slice(2).filter((argument) => argument.startsWith('--'));
// npm runs the command in the project's folder; the paths are those of the folder that it was given in.
const files = process.argv.slice(2).filter((argument) => !argument.startsWith('--')).map((file) => resolve(process.env['INIT_CWD'] ?? '', file));
const schoolYear = options.find((option) => option.startsWith('--school-year='))?.slice('--school-year='.length);
if (files.length === 0 || options.some((option) => !option.startsWith('--school-year='))) {
  process.stderr.write(`${USAGE}\n`);
  process.exit(1);
}
try {
  process.exitCode = (await withInstallationDatabase(loadConfig(), (databaseUrl) => importFiles(databaseUrl, files, schoolYear))) ? 0 : 1;
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}
