/**
 * The one transaction of a case, in two pipelined round trips:
 *   1. BEGIN ‖ lock the row ‖ stored outcomes and the clock ‖ what the decision needs of its own case
 *   2. the write ‖ what the answer needs ‖ COMMIT
 * with one more in between for facts of other rows or a register's number.
 */
import type pg from 'pg';
import type { ParameterRow } from '../../plugins/contract.ts';
import type { MasterKey } from '../../database/masterKeys.ts';
import { isConnectionError, isContention, isOverload, isPoolExhausted, pipeline, run } from '../../database/pools.ts';
import { FORMS_IN_FORCE } from '../../database/formStatements.ts';
import { SHARE_OWN_SCOPES } from '../../database/scopeStatements.ts';
import * as sql from '../../database/statements.ts';
import { writeStatement } from '../../database/writeStatement.ts';
import { Problem } from '../problems.ts';
import type { Processes } from '../processes.ts';
import { documentsOf, openAttachments, openCase, openItems, type AgendaRow, type CaseRecord, type CaseRow, type OpenedCase } from './caseRecord.ts';
import { topState, type CompiledProcess } from '../decide/compile.ts';
import { alternativesAsked, type Wish } from '../decide/offers.ts';
import { DecisionError } from '../decide/types.ts';
import { formParametersOf, overlaysFor } from '../forms/overlay.ts';
import type { Fold } from './fold.ts';

export interface StoredOutcome { caller: string; key: string; seq: number; version: number; kind: string; bodyDigest: Buffer; payload: Buffer }

export interface FirstReads {
  opened: OpenedCase;
  now: Date;
  outcomes: StoredOutcome[];
  parameters: ParameterRow[];
  items: { kind: string; key: string; data: Buffer }[];
  attachments: any[];
}
export interface Ask {
  /** Null: the engine itself. */
  principals: string[] | null;
  callers: string[];
  keys: string[];
  parameters: string[];
  /** Parameters that hold what organisations added to forms. */
  forms?: string[];
  itemKinds: string[];
  /** Items that payloads name. */
  itemKeys?: { kind: string; key: string }[];
  attachments: boolean;
  /** The case may be a member of scopes: keep out those who decide over them. */
  scopes: boolean;
}

/** What deadlines and outcomes read: they have no caller and need no facts. */
export function asSystem({ plugin, isMember }: CompiledProcess): Ask {
  return { principals: null, callers: [], keys: [], parameters: plugin.parameters ?? [], forms: formParametersOf(plugin), itemKinds: [], attachments: false, scopes: isMember };
}

/** Null when there is no such case. */
export async function processOfCase(client: pg.PoolClient, caseId: string, processes: Processes): Promise<CompiledProcess | null> {
  const { rows: [row] } = await run(client, sql.PROCESS_OF, [caseId]);
  return row ? processes.version(row.process, row.process_version) : null;
}

const CONTENTION_RETRIES = 3;

/** BEGIN and the first reads. Null when there is no such case for this caller. */
export async function lockCase(client: pg.PoolClient, caseId: string, ask: Ask, processes: Processes, masterKey: MasterKey): Promise<FirstReads | null> {
  const [, locked, outcomes, parameters, forms, items, attachments] = await pipeline(client, [
    client.query('begin'),
    ask.principals ? run(client, sql.LOCK_CASE, [caseId, ask.principals]) : run(client, sql.LOCK_CASE_AS_SYSTEM, [caseId]),
    ask.keys.length === 1 ? run(client, sql.STORED_OUTCOME, [caseId, ask.callers[0], ask.keys[0]]) : run(client, sql.STORED_OUTCOMES, [caseId, ask.callers, ask.keys]),
    ask.parameters.length > 0 ? run(client, sql.READ_PARAMETERS, [ask.parameters, caseId]) : NO_ROWS,
    ask.forms?.length ? run(client, FORMS_IN_FORCE, [ask.forms, caseId]) : NO_ROWS,
    ask.itemKinds.length > 0 ? run(client, sql.CASE_ITEMS, [caseId, ask.itemKinds])
      : ask.itemKeys && ask.itemKeys.length > 0 ? run(client, sql.CASE_ITEMS_BY_KEY, [caseId, ask.itemKeys.map(({ kind }) => kind), ask.itemKeys.map(({ key }) => key)]) : NO_ROWS,
    ask.attachments ? run(client, sql.CASE_ATTACHMENTS, [caseId]) : NO_ROWS,
    ask.scopes ? run(client, SHARE_OWN_SCOPES, [caseId]) : NO_ROWS,
  ]);
  const row = locked!.rows[0] as CaseRow | undefined;
  if (!row) return null;
  const opened = openCase(row, processes, masterKey);
  return {
    opened, now: outcomes!.rows[0].now,
    outcomes: outcomes!.rows.filter(found => found.seq !== null).map(found => ({ ...found, bodyDigest: found.body_digest })),
    parameters: [...parameters!.rows, ...overlaysFor(opened.process.plugin, row.parties, forms!.rows)], items: items!.rows, attachments: attachments!.rows,
  };
}

/** In the place of a statement that is not needed. */
export const NO_ROWS = Promise.resolve({ rows: [] } as unknown as pg.QueryResult);

/** What the answer needs beside the row. */
function answerReads(client: pg.PoolClient, { opened }: Fold): Promise<pg.QueryResult>[] {
  const { row, process: { plugin } } = opened;
  return [
    run(client, sql.OPEN_AGENDA, [row.id]),
    plugin.attachments ? run(client, sql.CASE_ATTACHMENTS, [row.id]) : NO_ROWS,
    plugin.projection.items?.length ? run(client, sql.CASE_ITEMS, [row.id, plugin.projection.items]) : NO_ROWS,
    plugin.documents ? run(client, sql.CASE_DOCUMENTS, [row.id]) : NO_ROWS,
  ];
}

/** The write, the reads for the answer and COMMIT. Throws when the row was not the one decided on or the commit rolled back. */
export async function writeFold(client: pg.PoolClient, fold: Fold, answer: boolean, before: (() => Promise<pg.QueryResult>)[] = []): Promise<CaseRecord | null> {
  const { parts, values } = fold.write();
  const { statement, parameters } = writeStatement(parts);
  const first = [...before.map(query => query()), ...(fold.held.length > 0 ? [run(client, sql.LOCK_RESOURCES, [fold.held.map(({ resource }) => resource)])] : [])];
  const results = await pipeline(client, [...first, run(client, statement, parameters.map(name => values[name])), ...(answer ? answerReads(client, fold) : []), client.query('commit')]).catch(error => { throw asPluginFault(error, fold); });
  const written = results[first.length]!;
  assertCommitted(results, fold);
  if (written.rowCount !== 1) throw new Error(`the write of case ${fold.state.id} changed ${written.rowCount} rows`);
  fold.nextDue = written.rows[0].next_due ?? null;
  return answer ? recordOf(fold, results.slice(first.length + 1)) : null;
}

/** COMMIT where nothing is to be written, with the case as it is for an answer that was given before. */
export async function endUnchanged(client: pg.PoolClient, fold: Fold, answer: boolean): Promise<CaseRecord | null> {
  const results = await pipeline(client, [...(answer ? answerReads(client, fold) : []), client.query('commit')]);
  return answer ? recordOf(fold, results) : null;
}

/** COMMIT's tag may say ROLLBACK. */
function assertCommitted(results: pg.QueryResult[], fold: Fold): void {
  const { command } = results.at(-1)!;
  if (command !== 'COMMIT') throw new Error(`the commit of case ${fold.state.id} ended in ${command}`);
}

function recordOf(fold: Fold, [agenda, attachments, items, documents]: pg.QueryResult[]): CaseRecord {
  const { key, process, row } = fold.opened;
  return {
    process, key, state: fold.state, version: fold.version, draft: fold.isDraft, suspended: row.suspended, row: fold.row, stateName: topState(fold.state.value), lastAt: fold.at,
    agenda: agenda!.rows as AgendaRow[], attachments: openAttachments(key, fold.state.id, attachments!.rows), items: openItems(key, fold.state.id, items!.rows), documents: documentsOf(documents!.rows),
  };
}

/** The decision wants a resource that another case, or another key of the same, holds. A command is refused for it; a deadline cannot be. */
export class ResourceTaken extends DecisionError {
  readonly held: { resource: string; from: string; to: string }[];
  /** What its process would have the caller offered instead. */
  readonly wish: Wish | null;
  constructor(held: ResourceTaken['held'], wish: Wish | null, cause?: unknown) {
    super(`a resource is taken: ${held.map(({ resource }) => resource).join(', ')}`, { cause });
    this.name = 'ResourceTaken';
    this.held = held;
    this.wish = wish;
  }
}

/** What the tables refuse of a decision; any other error stays as it is. */
function asPluginFault(error: unknown, fold: Fold): unknown {
  const { code, constraint, table } = error as { code?: string; constraint?: string; table?: string };
  if (constraint === 'reservations_exclusive') return new ResourceTaken(fold.held, alternativesAsked(fold.opened.process, fold.state, {}), error);
  if (code === '23514' && table === 'cases') return new DecisionError(`${fold.change.process}: the snapshot is too large (${constraint})`, { cause: error });
  return error;
}

/**
 * Runs `work` on a connection of its own, and again where that is safe: three times on contention, once when the connection broke
 * (the key of every input finds what was committed). Afterwards Problem `unavailable`: the outcome may be unknown.
 */
export async function withConnection<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  for (let contention = 0, broken = 0; ;) {
    let client: pg.PoolClient | undefined;
    try {
      client = await pool.connect();
      const result = await work(client);
      client.release();
      return result;
    } catch (error) {
      const lost = isConnectionError(error);
      if (client) {
        const rolledBack = lost ? null : await client.query('rollback').then(() => true, () => null);
        client.release(rolledBack === null ? true : undefined);
      }
      if (isContention(error) && contention < CONTENTION_RETRIES) { contention += 1; continue; }
      // Who waited in vain for a free connection would only wait twice as long.
      if (lost && broken < 1 && !isPoolExhausted(error)) { broken += 1; continue; }
      if (lost || isContention(error) || isOverload(error)) throw new Problem('unavailable', 'The database cannot be reached or is too busy. Repeat with the same key: if the command was committed you get its answer.', { retryAfter: 2 });
      throw error;
    }
  }
}
