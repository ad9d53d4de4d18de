/** Deadlines that are due: applied in a transaction of their own, each at its own instant, before any late command. */
import { run } from '../../database/pools.ts';
import * as sql from '../../database/statements.ts';
import { decide } from '../decide/decide.ts';
import { deadlineName } from '../decide/compile.ts';
import { DecisionError } from '../decide/types.ts';
import type { EngineContext } from './context.ts';
import { bodyDigest, Fold, type Execution } from './fold.ts';
import { openIncident } from './incidents.ts';
import type { OpenedCase } from './caseRecord.ts';
import type { ParameterRow } from '../../plugins/contract.ts';
import { lockCase, withConnection, writeFold } from './transaction.ts';

/** Deadlines of one commit that were set by the deadlines before them; more is a plugin's mistake. */
const MOST_CHAINED = 32;
const SYSTEM_ACTOR = { kind: 'system' as const, id: 'system', role: 'termine' };

export interface DueDeadline { id: string; name: string; node: string; dueAt: string }

/** Folds due deadlines in order of their instants. Throws DecisionError. Used by the commit and, in memory, by reads. */
export function foldDeadlines(fold: Fold, opened: OpenedCase, due: DueDeadline[], parameters: ParameterRow[], execution: Execution | null): number {
  let waiting = [...due], applied = 0, chained = 0;
  for (;;) {
    // Those set by this fold come anew each time: a step may have ended them, or set them again.
    const set = fold.dueNow();
    const deadline = [...waiting, ...set].reduce<DueDeadline | null>((first, next) => (first === null || next.dueAt < first.dueAt ? next : first), null);
    if (deadline === null) return applied;
    if (set.includes(deadline) && ++chained > MOST_CHAINED) throw new DecisionError(`${opened.process.plugin.process}: more than ${MOST_CHAINED} deadlines set one another off`);
    const environment = { at: deadline.dueAt, actor: SYSTEM_ACTOR, parameters };
    const input = { kind: 'deadline' as const, event: deadline.node };
    const decision = decide(opened.process, fold.state, input, environment);
    const entry = { kind: 'deadline', name: deadlineName(opened.process, deadline.node) ?? deadline.name, actor: SYSTEM_ACTOR, caller: 'system', key: deadline.id, bodyDigest: bodyDigest(deadline.id), payload: { input, ...environment }, execution };
    fold.settle({ id: deadline.id, state: 'fired' });
    if (decision.accepted) fold.accept(entry, decision);
    else fold.note(entry);
    applied += 1;
    waiting = waiting.filter(row => row !== deadline && !fold.isCancelled(row.node));
  }
}

/**
 * Applies all due deadlines of a case. A rule that throws suspends the case: skipping it would break the legal order.
 * `next`: when the next one is due, null when none is (or the case is suspended).
 */
export async function applyDeadlines(context: EngineContext, caseId: string, execution: Execution | null): Promise<{ applied: number; next: Date | null }> {
  let first: Awaited<ReturnType<typeof lockCase>> = null;
  try {
    const result = await withConnection(context.pools[context.commitPool], async client => {
      const { rows: [known] } = await client.query({ name: 'process_of', text: 'select process, process_version from cases where id = $1', values: [caseId] });
      if (!known) return null;
      const parameters = context.processes.version(known.process, known.process_version).plugin.parameters ?? [];
      first = await lockCase(client, caseId, { principals: null, callers: [], keys: [], parameters, itemKinds: [], attachments: false }, context.processes, context.masterKey);
      if (!first) { await client.query('rollback'); return null; }
      const { opened, now } = first;
      if (opened.row.suspended || !opened.row.next_due || opened.row.next_due > now) { await client.query('rollback'); return { applied: 0, next: opened.row.suspended ? null : opened.row.next_due, fold: null }; }
      const { rows } = await run(client, sql.DUE_DEADLINES, [caseId, now]);
      const fold = new Fold(opened, now);
      const due = rows.map(row => ({ id: row.id, name: row.name, node: row.node, dueAt: row.due_at.toISOString() }));
      const applied = foldDeadlines(fold, opened, due, first.parameters, execution);
      if (applied === 0) {
        // next_due is only a hint for the lock; one that points at nothing would send every command here again.
        await client.query({ name: 'mend_next_due', text: `update cases set next_due = (select min(due_at) from agenda where case_id = $1 and kind = 'deadline' and state = 'due') where id = $1`, values: [caseId] });
        await client.query('commit');
        return { applied, next: null, fold: null };
      }
      await writeFold(client, fold, false);
      return { applied, next: null, fold };
    });
    if (result?.fold) {
      const { fold } = result;
      const process = fold.opened.row.process;
      context.onCounted('deadline', process, '');
      context.onCommitted({ caseId, process, draft: fold.isDraft, done: fold.state.done, stateChanged: fold.stateChanged, agendaChanged: true, urgent: fold.hasEffects });
    }
    return { applied: result?.applied ?? 0, next: result?.next ?? null };
  } catch (error) {
    if (!(error instanceof DecisionError)) throw error;
    context.log.error({ caseId, err: error }, 'a deadline could not be decided: the case is suspended');
    await openIncident(context, { caseId, agendaId: null, kind: 'deadline', name: 'deadline', detail: error.message }, true);
    return { applied: 0, next: null };
  }
}
