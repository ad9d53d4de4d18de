/** What the rows of a table mean: of which pupil each is, what it changes, and what a whole table does not name any more. Reads only. */
import { run } from '../../database/pools.ts';
import * as sql from '../../database/importStatements.ts';
import { schoolYearOf } from '../../plugins/calendar.ts';
import type { ImportDefinition, ImportedPupil, JsonObject } from '../../plugins/contract.ts';
import type { EngineContext } from '../commit/context.ts';
import { withConnection } from '../commit/transaction.ts';
import { createPupilNames, type PupilNames } from '../families/pupilNames.ts';
import type { ImportAsk, ImportError } from './importRows.ts';
import type { TableCode } from './tableErrors.ts';

export type Change = 'created' | 'changed' | 'unchanged';
export interface Row { line: number; key: string; day: string; data: JsonObject; pupil: ImportedPupil; digest: Buffer; change: Change; revision: number }
/** A row that was taken in before. */
export interface Known { key: string; digest: Buffer; withdrawn: boolean; revision: number; case_id: string; day: string }

interface Pupil { pupil: ImportedPupil; leftOn: string | null }

/** Rows after which others get their turn: a year of a large school is 100,000. */
const ROWS_AT_ONCE = 500;

/** Rows with their pupils, and what each changes; the others are told. */
export async function understand(context: EngineContext, ask: ImportAsk, definition: ImportDefinition, read: { line: number; values: JsonObject }[], errors: ImportError[]): Promise<Row[]> {
  const { name, today } = ask, names = await createPupilNames(context)(), years = new Map<string, string>();
  const yearOf = (values: JsonObject) => {
    const day = values[definition.day] as string, year = years.get(day) ?? schoolYearOf(day);
    years.set(day, year);
    return year;
  };
  const codeOf = (values: JsonObject) => values[definition.pupil] as string;
  const pupils = await pupilsOf(context, names, ask, [...new Set(read.map(({ values }) => codeOf(values)))], [...new Set(read.map(({ values }) => yearOf(values)))]);
  const rows = new Map<string, Row>();
  for (const [at, { line, values }] of read.entries()) {
    if (at % ROWS_AT_ONCE === ROWS_AT_ONCE - 1) await new Promise(resolve => setImmediate(resolve));
    const refuse = (field: string | null, code: TableCode, figures: Record<string, string | number>) => { errors.push({ line, field, code, figures }); };
    const day = values[definition.day] as string, known = pupils.get(`${yearOf(values)} ${codeOf(values)}`);
    const wrong = definition.check?.(values, today);
    if (wrong) { refuse(wrong.column, 'rule', { rule: wrong.rule }); continue; }
    if (!known) { refuse(definition.pupil, 'unknownPupil', { year: yearOf(values) }); continue; }
    if (known.leftOn !== null && known.leftOn <= day) { refuse(definition.pupil, 'pupilLeft', { day: known.leftOn }); continue; }
    const key = definition.key(values), digest = names.digest([name, key, values]), before = rows.get(key);
    if (!before) { rows.set(key, { line, key, day, data: values, pupil: known.pupil, digest, change: 'created', revision: 1 }); continue; }
    if (before.digest.equals(digest)) continue;
    const both = definition.merge?.(before.data, values) ?? null;
    if (both === null) refuse(null, 'contradicts', { line: before.line });
    else rows.set(key, { ...before, data: both, digest: names.digest([name, key, both]) });
  }
  const { rows: taken } = await withConnection(context.pools[context.commitPool], client => run(client, sql.IMPORTED_ROWS, [name, ask.caller.organisation, [...rows.keys()]]));
  for (const { key, digest, withdrawn, revision } of taken as Known[]) {
    const row = rows.get(key)!;
    row.change = withdrawn ? 'created' : row.digest.equals(digest) ? 'unchanged' : 'changed';
    row.revision = revision + 1;
  }
  return [...rows.values()];
}

/** As plugins are shown one. */
export function importedPupil(names: PupilNames, { id, code, year, class: of, sealed, contacts, own }: any): ImportedPupil {
  const { nome, cognome, nascita = null } = names.open(id, sealed);
  return { code, year, class: of, name: { nome, cognome }, birth: nascita, contacts, own };
}

/** By school year and code. */
async function pupilsOf(context: EngineContext, names: PupilNames, { caller: { organisation } }: ImportAsk, codes: string[], years: string[]): Promise<Map<string, Pupil>> {
  const { rows } = await withConnection(context.pools[context.commitPool], client => run(client, sql.PUPILS_BY_CODE, [organisation, codes, years]));
  const pupils = new Map<string, Pupil>();
  for (const row of rows) pupils.set(`${row.year} ${row.code}`, { pupil: importedPupil(names, row), leftOn: row.left_on });
  return pupils;
}

/** Rows of the same days that were taken in before, and that the table does not name. */
export async function goneFrom(context: EngineContext, { name, caller: { organisation } }: ImportAsk, rows: Row[]): Promise<Known[]> {
  const { rows: taken } = await withConnection(context.pools[context.commitPool], client => run(client, sql.IMPORTED_ON_DAYS, [name, organisation, [...new Set(rows.map(({ day }) => day))]]));
  const named = new Set(rows.map(({ key }) => key));
  return (taken as Known[]).filter(({ key }) => !named.has(key));
}
