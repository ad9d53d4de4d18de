/**
 * Rows of other software, given to the cases that they are about: matched by natural keys, so that the same file twice is nothing twice, and what it
 * says anew corrects what it said. What is wrong in one row keeps no other out. A preview only tells what would happen.
 */
import type { Caller } from '../engine.ts';
import type { ImportColumn, ImportDefinition, ImportedRow, Json, JsonObject } from '../../plugins/contract.ts';
import type { EngineContext } from '../commit/context.ts';
import { idFrom } from '../commit/create.ts';
import type { CompiledProcess } from '../decide/compile.ts';
import { Problem } from '../problems.ts';
import { IGNORED, localDate, localTime, meaningOf, text, wholeNumber } from './cells.ts';
import { Notes } from './notes.ts';
import { readTable, type Column, type TableError } from './readTable.ts';
import { goneFrom, understand, type Change, type Known, type Row } from './understandRows.ts';

/** How a school's software names the columns, and what it writes in those of a few words; null: rows that say nothing. */
export interface ImportMapping { columns: Record<string, string>; words: Record<string, Record<string, string | null>> }
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
/** `refused`: by the case; `key` where the file does not name the row. */
export type ImportError = TableError & { problem?: Problem; key?: string };
export interface ImportSummary {
  preview: boolean; rows: number; ignored: number; created: number; changed: number; unchanged: number; withdrawn: number; refused: number; cases: number; errors: ImportError[];
  /** field → header that was taken for it */
  mapping: Record<string, string>;
  /** Headings that were taken for nothing. */ unused: string[];
  /** How the first rows were understood. */
  sample: { line: number; change: Change; data: JsonObject }[];
}
/** What the engine's door does for each case. */
export interface ImportDoor {
  create(data: Json, parties: Record<string, string>, key: string): Promise<void>;
  /** Which of these cases there are. */
  known(caseIds: string[]): Promise<ReadonlySet<string>>;
  /** Answers the case's version after it. */
  give(caseId: string, data: Json, key: string): Promise<number>;
}

/** All that a file says of one case; `begin`: where there is none yet. */
interface Work { caseId: string; rows: Row[]; withdrawn: Known[]; begin: { data: JsonObject; parties: Record<string, string> } | null }

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
  const summary = { preview: ask.preview, rows: table.records, ignored: table.ignored, ...counts(rows), withdrawn: withdrawn.length, cases: work.length, mapping: table.mapping, unused: table.unused, sample: rows.slice(0, SAMPLE).map(({ line, change, data }) => ({ line, change, data })) };
  if (!ask.preview && work.length > 0) {
    const known = await door.known(work.map(({ caseId }) => caseId));
    const notes = new Notes(context, ask);
    // What was taken is noted whatever breaks; what is not noted is given again, under the same key.
    try {
      await inTurns(work, each => take(ask, definition, known.has(each.caseId) ? { ...each, begin: null } : each, door, notes, errors));
    } finally {
      await notes.write();
    }
  }
  return { ...summary, refused: new Set(errors.map(({ line }) => line)).size, errors: errors.sort((one, other) => one.line - other.line) };
}

function columnsOf({ columns }: ImportDefinition, words: ImportMapping['words']): Record<string, Column> {
  return Object.fromEntries(Object.entries(columns).map(([field, column]) => [field, { headers: column.headings, required: column.required ?? false, read: readerOf(column, words[field] ?? {}) }]));
}

function readerOf({ type, words = {}, ignored = [], min = 0, max = 1_000_000 }: ImportColumn, own: Record<string, string | null>): Column['read'] {
  switch (type) {
    case 'text': return text(200);
    case 'date': return localDate;
    case 'time': return localTime;
    case 'whole': return wholeNumber(min, max);
    // What the school says of its own words wins.
    case 'choice': return meaningOf<string | typeof IGNORED>([
      ...ignored.map(word => [word, IGNORED] as const), ...Object.entries(words).flatMap(([value, known]) => [value, ...known].map(word => [word, value] as const)), ...Object.entries(own).map(([word, value]) => [word, value ?? IGNORED] as const),
    ], Object.keys(words));
    default: throw new Error(`no such type: ${type satisfies never}`);
  }
}

const counts = (rows: Row[]) => ({ created: rows.filter(({ change }) => change === 'created').length, changed: rows.filter(({ change }) => change === 'changed').length, unchanged: rows.filter(({ change }) => change === 'unchanged').length });

/** By case: one command takes all that a file says of a pupil, in the order of the keys, however the file is sorted. */
function group({ process: { plugin }, caller: { organisation } }: ImportAsk, definition: ImportDefinition, rows: Row[], withdrawn: Known[]): Work[] {
  const work = new Map<string, Work>(), caseIds = new Map<object, { caseId: string; begin: NonNullable<Work['begin']> }>();
  const of = (caseId: string): Work => {
    const known = work.get(caseId) ?? { caseId, rows: [], withdrawn: [], begin: null };
    work.set(caseId, known);
    return known;
  };
  for (const row of rows.filter(({ change }) => change !== 'unchanged').sort((one, other) => (one.key < other.key ? -1 : 1))) {
    let target = caseIds.get(row.pupil);
    if (!target) {
      const begin = definition.target(row.pupil, organisation);
      caseIds.set(row.pupil, (target = { caseId: idFrom(plugin.process, plugin.create.key!(begin.data, begin.parties)), begin }));
    }
    const each = of(target.caseId);
    each.begin = target.begin;
    each.rows.push(row);
  }
  for (const row of withdrawn) of(row.case_id).withdrawn.push(row);
  return [...work.values()];
}

/** Some at once. The first error is thrown when all that were begun have ended. */
export async function inTurns<T>(work: T[], each: (one: T) => Promise<void>): Promise<void> {
  const waiting = work.values();
  let failure: unknown = null;
  await Promise.all(Array.from({ length: AT_ONCE }, async () => {
    for (const one of waiting) {
      if (failure !== null) return;
      await each(one).catch(error => { failure ??= error; });
    }
  }));
  if (failure !== null) throw failure;
}

/** The key of each command follows from what it takes in: a repeat after a crash finds what was done. A case that refuses keeps no other from its rows. */
async function take({ name, caller: { organisation } }: ImportAsk, definition: ImportDefinition, { rows, withdrawn, begin, caseId }: Work, door: ImportDoor, notes: Notes, errors: ImportError[]): Promise<void> {
  const keyOf = (part: Row[], gone: Known[]) => `import/${idFrom(name, organisation, caseId, ...part.map(({ key, digest, revision }) => `${key}#${revision}#${digest.toString('hex')}`), ...gone.map(({ key, revision }) => `-${key}#${revision + 1}`))}`;
  let taken = 0;
  try {
    if (begin) await door.create(begin.data, begin.parties, `import/${idFrom(name, caseId)}`);
    for (let at = 0; at === 0 || at < rows.length; at += ROWS_OF_A_COMMAND) {
      const part = rows.slice(at, at + ROWS_OF_A_COMMAND), gone = at === 0 ? withdrawn : [];
      const version = await door.give(caseId, definition.input(part.map(({ key, data }): ImportedRow => ({ key, data })), gone.map(({ key }) => key)), keyOf(part, gone));
      const note = { case_id: caseId, case_version: version };
      notes.add(part.map(({ key, day, digest, revision }) => ({ ...note, key, day, digest: digest.toString('hex'), revision, withdrawn: false })), gone.map(({ key, day, digest, revision }) => ({ ...note, key, day, digest: digest.toString('hex'), revision: revision + 1, withdrawn: true })));
      await notes.writeMany();
      taken = at + ROWS_OF_A_COMMAND;
    }
  } catch (error) {
    if (!(error instanceof Problem) || error.status >= 500 || error.code === 'too-many-requests') throw error;
    for (const { line } of rows.slice(taken)) errors.push({ line, field: null, code: 'refused', problem: error });
    // What the file does not name has no line.
    if (taken === 0) for (const { key } of withdrawn) errors.push({ line: 0, field: null, code: 'refused', problem: error, key });
  }
}
