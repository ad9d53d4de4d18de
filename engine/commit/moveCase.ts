/** An operator moves a running case to another version of its process: dry, to see what would become of it, or for good, with its reason. */
import type pg from 'pg';
import type { Actor } from '../../plugins/contract.ts';
import { run } from '../../database/pools.ts';
import { CASE_ALL_ITEMS } from '../../database/statements.ts';
import { topState, type CompiledProcess } from '../decide/compile.ts';
import { move, type MoveDecision } from '../decide/move.ts';
import { DecisionError, type Accepted } from '../decide/types.ts';
import { Problem } from '../problems.ts';
import { openItems } from './caseRecord.ts';
import { tell, type EngineContext } from './context.ts';
import { applyDeadlines, isDue } from './deadlines.ts';
import { bodyDigest, Fold } from './fold.ts';
import { lockCase, processOfCase, withConnection, writeFold } from './transaction.ts';

export interface MoveCase {
  caseId: string;
  to: number;
  actor: Actor;
  reason: string;
  key: string;
  /** Decide and write nothing. */
  dryRun: boolean;
}
export interface MovedCase {
  caseId: string; from: number; to: number;
  /** `moved` (or would be); `already` there; `refused` by the plugin; `failed`: the plugin threw. */
  result: 'moved' | 'already' | 'refused' | 'failed';
  why?: string;
  state: { before: string; after: string };
  /** Names of terms that begin and of events whose terms end. */
  deadlines: { begin: string[]; end: string[] };
}

/** Throws Problem: not-found, conflict (the case is over, erased or suspended, or is of a newer version), invalid (there is no such version), idempotency-key-reused. */
export async function moveCase(context: EngineContext, input: MoveCase): Promise<MovedCase> {
  const done = await withConnection(context.pools[context.commitPool], client => tryMove(context, client, input));
  if (done === null) {
    await applyDeadlines(context, input.caseId, null);
    return await moveCase(context, input);
  }
  if (done.fold) tell(context, done.fold.change);
  return done.moved;
}

/** Null: terms are due, which come first. */
async function tryMove(context: EngineContext, client: pg.PoolClient, { caseId, to, actor, reason, key, dryRun }: MoveCase): Promise<{ moved: MovedCase; fold: Fold | null } | null> {
  const process = await processOfCase(client, caseId, context.processes);
  if (!process) throw new Problem('not-found', 'There is no such case.');
  const path = versionsTo(context, process, to);
  const parameters = [...new Set(path.flatMap(({ plugin }) => plugin.parameters ?? []))];
  const first = await lockCase(client, caseId, { principals: null, callers: [actor.id], keys: [key], parameters, itemKinds: [], attachments: false, scopes: process.isMember }, context.processes, context.masterKey);
  if (!first) throw new Problem('not-found', 'There is no such case.');
  const { opened, now, outcomes: [stored] } = first;
  const body = bodyDigest(opened.key, 'migration', to, reason);
  const { row, state } = opened;
  const answer = (result: MovedCase['result'], more: Partial<MovedCase> = {}): { moved: MovedCase; fold: null } => ({
    moved: { caseId, from: row.process_version, to, result, state: { before: row.state, after: row.state }, deadlines: { begin: [], end: [] }, ...more }, fold: null,
  });
  const leave = async <T>(value: T): Promise<T> => { await client.query('rollback'); return value; };
  if (isDue(row, now)) return await leave(null);
  if (stored && !stored.bodyDigest.equals(body)) throw new Problem('idempotency-key-reused', 'This Idempotency-Key was used for another request.');
  if (row.process_version === to) return await leave(answer('already'));
  if (row.process_version > to) throw new Problem('conflict', `The case is of version ${row.process_version}, newer than ${to}.`);
  if (row.done) throw new Problem('conflict', 'The case has ended: it keeps the version that it ended with.');
  if (row.suspended) throw new Problem('case-suspended', 'The case is suspended until an incident is resolved.', { incident: row.suspended });
  const items = openItems(opened.key, caseId, (await run(client, CASE_ALL_ITEMS, [caseId])).rows);
  const fold = new Fold({ ...opened, process: path.at(-1)! }, now);
  const environment = { at: fold.at, actor, parameters: first.parameters };
  let decision: MoveDecision;
  try {
    decision = move({ path, state, items, environment });
    if (!decision.accepted) return await leave(answer('refused', { why: decision.refused }));
    fold.accept({ kind: 'migration', name: 'move', actor, caller: actor.id, key, bodyDigest: body, payload: { input: { kind: 'migration', from: row.process_version, to, reason }, ...environment } }, decision);
    // What a list and a search make of it must be derivable: a dry run finds out.
    fold.write();
  } catch (error) {
    if (error instanceof DecisionError) return await leave(answer('failed', { why: error.message }));
    throw error;
  }
  const moved = answer('moved', { state: { before: row.state, after: topState(decision.next.value) }, deadlines: changesOf(decision) });
  if (dryRun) return await leave(moved);
  await writeFold(client, fold, false, [() => client.query({ name: 'move_case', text: 'update cases set process_version = $2 where id = $1', values: [caseId, to] })]);
  return { ...moved, fold };
}

function changesOf({ agenda }: Accepted): MovedCase['deadlines'] {
  return { begin: agenda.arm.map(({ name }) => name), end: agenda.cancel };
}

/** The process from the case's version to the wanted one. */
function versionsTo({ processes }: EngineContext, { plugin }: CompiledProcess, to: number): CompiledProcess[] {
  const newest = processes.current(plugin.process).plugin.version;
  if (!Number.isInteger(to) || to < 1 || to > newest) throw new Problem('invalid', `"${plugin.process}" has no version ${to}: the newest is ${newest}.`, { errors: [{ pointer: '/to', message: `1 to ${newest}` }] });
  return Array.from({ length: Math.max(1, to - plugin.version + 1) }, (_each, index) => processes.version(plugin.process, plugin.version + index));
}
