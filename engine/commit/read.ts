/** A case as its reader may see it, with deadlines that are already due applied in memory. */
import type pg from 'pg';
import type { ParameterRow } from '../../plugins/contract.ts';
import { pipeline, run } from '../../database/pools.ts';
import { FORMS_IN_FORCE } from '../../database/formStatements.ts';
import * as sql from '../../database/statements.ts';
import { topState, type CompiledProcess } from '../decide/compile.ts';
import { DecisionError } from '../decide/types.ts';
import { documentsOf, openAttachments, openCase, openItems, type AgendaRow, type CaseRecord, type CaseRow, type OpenedCase } from './caseRecord.ts';
import type { EngineContext } from './context.ts';
import { foldDeadlines, isDue } from './deadlines.ts';
import { formParametersOf, overlaysFor } from '../forms/overlay.ts';
import { Fold } from './fold.ts';
import { isStillOf } from './parties.ts';
import { NO_ROWS, withConnection } from './transaction.ts';

/** Row-level security needs to know for whom this transaction reads; the statement goes with BEGIN, without a round trip of its own. */
export function beginReading(client: pg.PoolClient, principals: string[], begin = 'begin read only'): Promise<pg.QueryResult>[] {
  const person = principals.find(isUserId) ?? '';
  const organisation = principals.find(principal => principal !== person) ?? '';
  return [client.query(begin), client.query({ name: 'read_as', text: `select set_config('iter.org', $1, true), set_config('iter.user', $2, true)`, values: [organisation, person] })];
}

/** Organisations have codes, people have UUIDs. */
function isUserId(principal: string): boolean {
  return /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(principal);
}

export type KindsOf = (process: CompiledProcess) => string[];
const itemsOfPage: KindsOf = ({ plugin }) => plugin.projection.items ?? [];

export interface ReadCase extends CaseRecord { parameters: ParameterRow[]; now: Date }

/** Row, agenda and items of the same moment, though a commit falls between the statements. */
const ONE_VIEW = 'begin isolation level repeatable read read only';

/**
 * Null when there is no such case for these principals.
 * `known`: the case's process as this program remembers it; then one round trip does, else a second one reads what the process needs.
 * `kindsOf`: which kinds of items come with it; without it those that the case's page shows.
 */
export async function readCase(context: EngineContext, caseId: string, principals: string[], known?: CompiledProcess, kindsOf: KindsOf = itemsOfPage): Promise<ReadCase | null> {
  return await withConnection(context.pools.read, async client => {
    const beginning = [...beginReading(client, principals, ONE_VIEW), run(client, sql.READ_CASE, [caseId]), run(client, sql.OPEN_AGENDA, [caseId])];
    const guessed = known ? [...restOf(client, caseId, known, kindsOf(known)), client.query('commit')] : [];
    const [, , found, agenda, ...rest] = await pipeline(client, [...beginning, ...guessed]);
    const row = found!.rows[0] as CaseRow | undefined;
    if (!row) {
      if (!known) await client.query('commit');
      return null;
    }
    const opened = openCase(row, context.processes, context.masterKey);
    // A migration moved it to another version meanwhile: nothing was remembered wrongly but what to read.
    if (known && known !== opened.process) return 'moved' as const;
    const [attachments, items, parameters, forms, documents] = known ? rest : await pipeline(client, [...restOf(client, caseId, opened.process, kindsOf(opened.process)), client.query('commit')]);
    const record: ReadCase = {
      process: opened.process, key: opened.key, state: opened.state, version: row.version, draft: row.draft, suspended: row.suspended, row: row.row, stateName: row.state, lastAt: row.last_at.toISOString(),
      agenda: agenda!.rows, attachments: openAttachments(opened.key, row.id, attachments!.rows), items: openItems(opened.key, row.id, items!.rows), documents: documentsOf(documents!.rows), parameters: [...parameters!.rows, ...overlaysFor(opened.process.plugin, row.parties, forms!.rows)], now: row.now!,
    };
    if (!isDue(row, row.now!)) return record;
    // A term may take somebody out.
    const after = withDueDeadlines(record, new Fold(opened, row.now!), opened);
    return isStillOf({ draft: after.draft, parties: after.state.parties }, principals) ? after : null;
  }).then(read => (read === 'moved' ? readCase(context, caseId, principals, undefined, kindsOf) : read));
}

function restOf(client: pg.PoolClient, caseId: string, { plugin }: CompiledProcess, kinds: string[]): Promise<pg.QueryResult>[] {
  const forms = formParametersOf(plugin);
  return [
    plugin.attachments ? run(client, sql.CASE_ATTACHMENTS, [caseId]) : NO_ROWS,
    kinds.length > 0 ? run(client, sql.CASE_ITEMS, [caseId, kinds]) : NO_ROWS,
    plugin.parameters?.length ? run(client, sql.READ_PARAMETERS, [plugin.parameters, caseId]) : NO_ROWS,
    forms.length > 0 ? run(client, FORMS_IN_FORCE, [forms, caseId]) : NO_ROWS,
    plugin.documents ? run(client, sql.CASE_DOCUMENTS, [caseId]) : NO_ROWS,
  ];
}

/** What the next commit will make of the case before it does anything else. */
function withDueDeadlines(record: ReadCase, fold: Fold, opened: OpenedCase): ReadCase {
  const due = record.agenda.filter(({ kind, state, due_at }) => kind === 'deadline' && state === 'due' && due_at <= record.now);
  try {
    foldDeadlines(fold, opened, due.map(row => ({ id: row.id, name: row.name, node: row.node!, dueAt: row.due_at.toISOString() })), record.parameters, null);
    const left = (row: AgendaRow) => row.mode === 'bound' && fold.agenda.isUnbound(row.node!);
    const isOver = (row: AgendaRow) => (row.kind === 'deadline' ? due.includes(row) || fold.agenda.isCancelled(row.node!) : left(row) && row.state === 'due');
    const agenda = record.agenda.filter(row => !isOver(row)).map(row => (left(row) ? { ...row, state: 'unwanted' } : row));
    return {
      ...record, state: fold.state, version: fold.version, stateName: topState(fold.state.value), row: fold.row, draft: fold.isDraft, lastAt: fold.at,
      agenda: [...agenda, ...fold.agenda.added],
    };
  } catch (error) {
    // The commit will suspend the case; a reader sees it as it stands.
    if (error instanceof DecisionError) return record;
    throw error;
  }
}
