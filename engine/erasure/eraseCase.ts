/**
 * Erasure of a case after its retention: its data key is destroyed and its content leaves the tables, in the one transaction that also
 * says so in the history. Whatever breaks, it is either as it was or erased; what is outside the database follows (forget.ts).
 */
import type pg from 'pg';
import { pipeline, run } from '../../database/pools.ts';
import * as statements from '../../database/erasureStatements.ts';
import { READ_PARAMETERS_FOR } from '../../database/statements.ts';
import { writeStatement } from '../../database/writeStatement.ts';
import type { Actor, ParameterRow } from '../../plugins/contract.ts';
import type { EngineContext } from '../commit/context.ts';
import { bodyDigest, Fold } from '../commit/fold.ts';
import { lockCase, withConnection } from '../commit/transaction.ts';
import { Problem } from '../problems.ts';
import { retentionOf, type Retention } from './retention.ts';

export interface Erasure { caseId: string; actor: Actor; caller: string; key: string; reason: string }
export interface ErasureOutline { id: string; process: string; number: string | null; state: string; retention: Retention }

/** Null when there is no such case. `pool` reads every case: `iter_worker`. */
export async function erasureOf(context: EngineContext, pool: pg.Pool, caseId: string): Promise<ErasureOutline | null> {
  const { rows: [row] } = await run(pool, statements.ERASURE_OUTLINE, [caseId]);
  return row ? await outlineOf(context, pool, row, new Map()) : null;
}

const PAGE = 500;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/** Cases whose retention is over, in order of their ids. */
export async function* casesDue(context: EngineContext, pool: pg.Pool): AsyncGenerator<ErasureOutline> {
  const processes = [...new Set(context.processes.all().filter(({ plugin }) => plugin.retention !== undefined).map(({ plugin }) => plugin.process))];
  const known = new Map<string, ParameterRow[]>();
  for (let after = BEFORE_ALL; ;) {
    const { rows } = await run(pool, statements.ENDED_CASES, [processes, after, PAGE]);
    for (const row of rows) {
      const outline = await outlineOf(context, pool, row, known);
      if (outline.retention.state === 'due') yield outline;
    }
    if (rows.length < PAGE) return;
    after = rows.at(-1)!.id;
  }
}

async function outlineOf({ processes }: EngineContext, pool: pg.Pool, row: any, known: Map<string, ParameterRow[]>): Promise<ErasureOutline> {
  const { plugin } = processes.version(row.process, row.process_version);
  const parties: Record<string, string> = row.parties, name = JSON.stringify([plugin.retention, Object.values(parties).sort()]);
  let parameters = known.get(name);
  if (!parameters) known.set(name, (parameters = plugin.retention === undefined ? [] : (await run(pool, READ_PARAMETERS_FOR, [[plugin.retention], Object.values(parties)])).rows as ParameterRow[]));
  const ended = { done: row.done, lastAt: row.last_at.toISOString(), parties, open: row.open, erasedAt: row.erased_at?.toISOString() ?? null };
  return { id: row.id, process: row.process, number: row.number, state: row.state, retention: retentionOf(plugin, ended, parameters, row.now.toISOString()) };
}

/** Idempotent by the caller's key. Throws Problem: not-found, case-erased (by another request), erasure-too-early (with the date), command-not-allowed (not over). */
export async function eraseCase(context: EngineContext, input: Erasure): Promise<{ caseId: string; erasedAt: string }> {
  try {
    return await eraseNow(context, input);
  } catch (error) {
    if (!(error instanceof Problem && error.code === 'case-erased')) throw error;
    const { rows: [own] } = await withConnection(context.pools[context.commitPool], client => run(client, statements.ERASED_BY, [input.caseId, input.caller, input.key]));
    if (!own) throw error;
    return { caseId: input.caseId, erasedAt: (own.erased_at as Date).toISOString() };
  }
}

async function eraseNow(context: EngineContext, input: Erasure): Promise<{ caseId: string; erasedAt: string }> {
  const { caseId } = input;
  return await withConnection(context.pools[context.commitPool], async client => {
    const first = await lockCase(client, caseId, { principals: null, callers: [input.caller], keys: [input.key], parameters: [], itemKinds: [], attachments: false, scopes: false }, context.processes, context.masterKey);
    if (!first) throw new Problem('not-found', 'There is no such case.');
    if (first.outcomes.length > 0) throw new Problem('idempotency-key-reused', 'This Idempotency-Key was used for another request.');
    const { opened } = first, { plugin } = opened.process;
    const { rows: [row] } = await run(client, statements.ERASURE_OUTLINE, [caseId]);
    const parameters = plugin.retention === undefined ? [] : (await run(client, READ_PARAMETERS_FOR, [[plugin.retention], Object.values(opened.row.parties)])).rows as ParameterRow[];
    refuseEarly(retentionOf(plugin, { done: row.done, lastAt: row.last_at.toISOString(), parties: opened.row.parties, open: row.open, erasedAt: null }, parameters, first.now.toISOString()), row.state);
    const fold = new Fold(opened, first.now);
    fold.note({ kind: 'operator', name: 'erase', actor: input.actor, caller: input.caller, key: input.key, bodyDigest: bodyDigest(opened.key, 'erase', input.reason), payload: { reason: input.reason } });
    const { parts, values } = fold.write();
    const { statement, parameters: names } = writeStatement(parts);
    const [written, erased, ended] = await pipeline(client, [run(client, statement, names.map(name => values[name])), run(client, statements.ERASE_CASE, [caseId]), client.query('commit')]);
    if (written!.rowCount !== 1 || ended!.command !== 'COMMIT') throw new Error(`the erasure of case ${caseId} ended in ${ended!.command}`);
    context.log.info({ caseId, process: plugin.process }, 'a case was erased');
    return { caseId, erasedAt: (erased!.rows[0].at as Date).toISOString() };
  });
}

function refuseEarly(retention: Retention, state: string): void {
  switch (retention.state) {
    case 'due': return;
    case 'erased': throw new Problem('case-erased', 'This case was erased already.', { erasedAt: retention.at });
    case 'kept': throw new Problem('erasure-too-early', 'The procedure of this case names no retention: it is kept for ever.', { from: null });
    case 'waiting': throw new Problem('erasure-too-early', `The case is kept for ${retention.years} years: it may be erased from ${retention.from}.`, { from: retention.from, years: retention.years });
    case 'open': throw new Problem('command-not-allowed', retention.owed > 0 ? `The case still has ${retention.owed} effects to be done: serve them, or record what became of them.` : 'The case is not over.', { state, allowed: [], owed: retention.owed });
    default: return assertNever(retention);
  }
}

function assertNever(value: never): never {
  throw new Error(`not a retention: ${JSON.stringify(value)}`);
}
