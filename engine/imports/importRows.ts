/**
 * Rows of other software, given to the cases that they are about: matched by natural keys, so that the same file twice is nothing twice, and what it
 * says anew corrects what it said. What is wrong in one row keeps no other out. A preview only tells what would happen.
 */
import type { Caller } from '../engine.ts';
import { run } from '../../database/pools.ts';
import * as sql from '../../database/importStatements.ts';
import { schoolYearOf } from '../../plugins/calendar.ts';
import type { ImportColumn, ImportDefinition, ImportedPupil, ImportedRow, Json, JsonObject } from '../../plugins/contract.ts';
import type { EngineContext } from '../commit/context.ts';
import { idFrom } from '../commit/create.ts';
import { withConnection } from '../commit/transaction.ts';
import type { CompiledProcess } from '../decide/compile.ts';
import { createPupilNames } from '../families/pupilNames.ts';
import { Problem } from '../problems.ts';
import { CellError, localDate, meaning, readTable, text, type Column, type TableError } from './readTable.ts';

/** How a school's software names the columns, and what it writes in those of a few words. */
export interface ImportMapping { columns: Record<string, string>; words: Record<string, Record<string, string>> }
export interface ImportAsk {
  process: CompiledProcess;
  name: string;
  caller: Caller & { organisation: string };
  content: Buffer;
  mapping: ImportMapping;
  preview: boolean;
  /** The file holds all that there is of the days in it: what it does not name any more is withdrawn. */
  whole: boolean;
  today: string;
}
/** `rule`: of the plugin, whose text is in its labels. */
export type ImportError = TableError & { rule?: string };
export interface ImportSummary {
  preview: boolean; rows: number; created: number; changed: number; unchanged: number; withdrawn: number; refused: number; cases: number; errors: ImportError[];
  /** field → header that was taken for it */
  mapping: Record<string, string>;
  /** How the first rows were understood. */
  sample: { line: number; change: Change; data: JsonObject }[];
}
/** What the engine's door does for each case. */
export interface ImportDoor {
  create(data: Json, parties: Record<string, string>, key: string): Promise<void>;
  exists(caseId: string): Promise<boolean>;
  give(caseId: string, data: Json, key: string): Promise<void>;
}

type Change = 'created' | 'changed' | 'unchanged';
interface Row { line: number; key: string; day: string; data: JsonObject; pupil: ImportedPupil; digest: Buffer; change: Change; revision: number }
interface Known { key: string; digest: Buffer; withdrawn: boolean; revision: number; case_id: string; day: string }
interface Work { rows: Row[]; withdrawn: Known[]; pupil: ImportedPupil | null; caseId: string }

const SAMPLE = 20, AT_ONCE = 4, ROWS_OF_A_COMMAND = 200;

/** Throws TableFileError when the whole file cannot be taken; nothing has changed then. */
export async function importRows(context: EngineContext, ask: ImportAsk, door: ImportDoor): Promise<ImportSummary> {
  const definition = ask.process.plugin.imports![ask.name]!;
  const table = readTable(ask.content, columnsOf(definition, ask.mapping.words), ask.mapping.columns);
  const errors: ImportError[] = [...table.errors];
  const rows = await understand(context, ask, definition, table.rows as { line: number; values: JsonObject }[], errors);
  // A row that could not be read may be one of those that seem to be gone.
  const withdrawn = ask.whole && errors.length === 0 ? await goneFrom(context, ask, rows) : [];
  const work = group(ask, definition, rows, withdrawn);
  const summary = { preview: ask.preview, rows: table.records, ...counts(rows), withdrawn: withdrawn.length, cases: work.length, mapping: table.mapping, sample: rows.slice(0, SAMPLE).map(({ line, change, data }) => ({ line, change, data })) };
  if (!ask.preview) await inTurns(work, each => take(context, ask, definition, each, door, errors));
  return { ...summary, refused: new Set(errors.map(({ line }) => line)).size, errors: errors.sort((one, other) => one.line - other.line) };
}
const REFUSED = 'refused';

function columnsOf({ columns }: ImportDefinition, words: ImportMapping['words']): Record<string, Column> {
  return Object.fromEntries(Object.entries(columns).map(([field, column]) => [field, { headers: column.headings, required: column.required ?? false, read: readerOf(column, words[field] ?? {}) }]));
}

function readerOf({ type, words = {}, min = 0, max = 1_000_000 }: ImportColumn, own: Record<string, string>): Column['read'] {
  switch (type) {
    case 'text': return text(200);
    case 'date': return localDate;
    case 'time': return cell => {
      const [, hour, minute] = /^(\d{1,2})[:.](\d{2})(?:[:.]\d{2})?$/.exec(cell) ?? [];
      if (hour === undefined || Number(hour) > 23 || Number(minute) > 59) throw new CellError('is no time (08:05)');
      return `${hour.padStart(2, '0')}:${minute}`;
    };
    case 'whole': return cell => {
      if (!/^\d{1,9}$/.test(cell) || Number(cell) < min || Number(cell) > max) throw new CellError(`is no whole number from ${min} to ${max}`);
      return Number(cell);
    };
    case 'choice': return meaning(words, own);
    default: throw new Error(`no such type: ${type satisfies never}`);
  }
}

/** Rows with their pupils, and what each changes; the others are told. */
async function understand(context: EngineContext, { caller: { organisation }, name, today }: ImportAsk, definition: ImportDefinition, read: { line: number; values: JsonObject }[], errors: ImportError[]): Promise<Row[]> {
  const names = createPupilNames(context), pool = context.pools[context.commitPool];
  const yearOf = (values: JsonObject) => schoolYearOf(values[definition.day] as string), codeOf = (values: JsonObject) => values[definition.pupil] as string;
  const { rows: found } = await withConnection(pool, client => run(client, sql.PUPILS_BY_CODE, [organisation, [...new Set(read.map(({ values }) => codeOf(values)))], [...new Set(read.map(({ values }) => yearOf(values)))]]));
  const pupils = new Map<string, { pupil: ImportedPupil; leftOn: string | null }>();
  for (const { id, code, year, class: of, sealed, left_on: leftOn, contacts } of found) pupils.set(`${year} ${code}`, { pupil: { code, year, class: of, name: await names.open(id, sealed), contacts }, leftOn });
  const rows = new Map<string, Row>();
  for (const { line, values } of read) {
    const refuse = (field: string | null, message: string, rule?: string) => { errors.push({ line, field, message, ...(rule ? { rule } : {}) }); };
    const day = values[definition.day] as string, known = pupils.get(`${yearOf(values)} ${codeOf(values)}`);
    const wrong = definition.check?.(values, today);
    if (wrong) { refuse(wrong.column, wrong.rule, wrong.rule); continue; }
    if (!known) { refuse(definition.pupil, `is the code of no pupil of ${yearOf(values)}`); continue; }
    if (known.leftOn !== null && known.leftOn <= day) { refuse(definition.pupil, `is the code of a pupil who left on ${known.leftOn}`); continue; }
    const key = definition.key(values), digest = await names.digest([name, key, values]), before = rows.get(key);
    if (before && !before.digest.equals(digest)) { refuse(null, `says something else than line ${before.line} of the same`); continue; }
    if (!before) rows.set(key, { line, key, day, data: values, pupil: known.pupil, digest, change: 'created', revision: 1 });
  }
  const { rows: taken } = await withConnection(pool, client => run(client, sql.IMPORTED_ROWS, [name, organisation, [...rows.keys()]]));
  for (const { key, digest, withdrawn, revision } of taken as Known[]) {
    const row = rows.get(key)!;
    row.change = withdrawn ? 'created' : row.digest.equals(digest) ? 'unchanged' : 'changed';
    row.revision = revision + 1;
  }
  return [...rows.values()];
}

async function goneFrom(context: EngineContext, { name, caller: { organisation } }: ImportAsk, rows: Row[]): Promise<Known[]> {
  const { rows: taken } = await withConnection(context.pools[context.commitPool], client => run(client, sql.IMPORTED_ON_DAYS, [name, organisation, [...new Set(rows.map(({ day }) => day))]]));
  const named = new Set(rows.map(({ key }) => key));
  return (taken as Known[]).filter(({ key }) => !named.has(key));
}

const counts = (rows: Row[]) => ({ created: rows.filter(({ change }) => change === 'created').length, changed: rows.filter(({ change }) => change === 'changed').length, unchanged: rows.filter(({ change }) => change === 'unchanged').length });

/** By case: one command takes all that a file says of a pupil. */
function group({ process: { plugin }, caller: { organisation } }: ImportAsk, definition: ImportDefinition, rows: Row[], withdrawn: Known[]): Work[] {
  const work = new Map<string, Work>();
  const of = (caseId: string, pupil: ImportedPupil | null): Work => {
    const known = work.get(caseId) ?? { rows: [], withdrawn: [], pupil, caseId };
    work.set(caseId, known);
    return known;
  };
  for (const row of rows) {
    if (row.change === 'unchanged') continue;
    const { data, parties } = definition.target(row.pupil, organisation);
    of(idFrom(plugin.process, plugin.create.key!(data, parties)), row.pupil).rows.push(row);
  }
  for (const row of withdrawn) of(row.case_id, null).withdrawn.push(row);
  return [...work.values()];
}

async function inTurns<T>(work: T[], each: (one: T) => Promise<void>): Promise<void> {
  const waiting = [...work];
  await Promise.all(Array.from({ length: AT_ONCE }, async () => { for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) await each(one); }));
}

/** The key of each command follows from what it takes in: a repeat after a crash finds what was done. A case that refuses keeps no other from its rows. */
async function take(context: EngineContext, { name, caller: { organisation } }: ImportAsk, definition: ImportDefinition, { rows, withdrawn, pupil, caseId }: Work, door: ImportDoor, errors: ImportError[]): Promise<void> {
  const keyOf = (part: Row[], gone: Known[]) => `import/${idFrom(name, organisation, caseId, ...part.map(({ key, digest, revision }) => `${key}#${revision}#${digest.toString('hex')}`), ...gone.map(({ key, revision }) => `-${key}#${revision + 1}`))}`;
  try {
    if (pupil && !await door.exists(caseId)) {
      const { data, parties } = definition.target(pupil, organisation);
      await door.create(data, parties, `import/${idFrom(name, caseId)}`);
    }
    for (let at = 0; at === 0 || at < rows.length; at += ROWS_OF_A_COMMAND) {
      const part = rows.slice(at, at + ROWS_OF_A_COMMAND), gone = at === 0 ? withdrawn : [];
      await door.give(caseId, definition.input(part.map(({ key, data }): ImportedRow => ({ key, data })), gone.map(({ key }) => key)), keyOf(part, gone));
      await withConnection(context.pools[context.commitPool], client => run(client, sql.PUT_IMPORTED, [name, organisation, caseId, JSON.stringify([
        ...part.map(({ key, day, digest, revision }) => ({ key, day, digest: digest.toString('hex'), revision, withdrawn: false })), ...gone.map(({ key, day, digest, revision }) => ({ key, day, digest: digest.toString('hex'), revision: revision + 1, withdrawn: true })),
      ])]));
    }
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500 || error.code === 'too-many-requests') throw error;
    for (const { line } of rows) errors.push({ line, field: null, message: error.message, rule: REFUSED });
    // What the file does not name has no line.
    for (const { key } of withdrawn) errors.push({ line: 0, field: null, message: `${key}: ${error.message}`, rule: REFUSED });
  }
}
