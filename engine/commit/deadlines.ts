/** Deadlines that are due: applied in a transaction of their own, each at its own instant, before any late command. */
import { run } from '../../database/pools.ts';
import * as sql from '../../database/statements.ts';
import { decide } from '../decide/decide.ts';
import { deadlineName } from '../decide/compile.ts';
import { DecisionError } from '../decide/types.ts';
import { tell, type EngineContext } from './context.ts';
import { Fold, type Execution } from './fold.ts';
import { suspend } from './incidents.ts';
import type { CaseRow, OpenedCase } from './caseRecord.ts';
import type { ParameterRow } from '../../plugins/contract.ts';
import { asSystem, lockCase, processOfCase, withConnection, writeFold } from './transaction.ts';

/** Deadlines of one commit that were set by the deadlines before them; more is a plugin's mistake. */
const MOST_CHAINED = 32;
const SYSTEM_ACTOR = { kind: 'system' as const, id: 'system', role: 'termine' };

export interface DueDeadline { id: string; name: string; node: string; dueAt: string }

/** Whether deadlines must be applied before anything else may happen to the case. */
export function isDue(row: Pick<CaseRow, 'next_due' | 'suspended'>, now: Date): boolean {
  return row.next_due !== null && row.next_due <= now && row.suspended === null;
}

/** Folds due deadlines in order of their instants. Throws DecisionError. Used by the commit and, in memory, by reads. */
export function foldDeadlines(fold: Fold, opened: OpenedCase, due: DueDeadline[], parameters: ParameterRow[], execution: Execution | null): number {
  let waiting = [...due], applied = 0, chained = 0;
  for (;;) {
    // Those set by this fold come anew each time: a step may have ended them, or set them again.
    const set = fold.agenda.dueNow();
    const deadline = [...waiting, ...set].reduce<DueDeadline | null>((first, next) => (first === null || next.dueAt < first.dueAt ? next : first), null);
    if (deadline === null) return applied;
    if (set.includes(deadline) && ++chained > MOST_CHAINED) throw new DecisionError(`${opened.process.plugin.process}: more than ${MOST_CHAINED} deadlines set one another off`);
    const environment = { at: deadline.dueAt, actor: SYSTEM_ACTOR, parameters };
    const input = { kind: 'deadline' as const, event: deadline.node };
    const decision = decide(opened.process, fold.state, input, environment);
    const entry = { kind: 'deadline', name: deadlineName(opened.process, deadline.node) ?? deadline.name, actor: SYSTEM_ACTOR, caller: 'system', key: deadline.id, payload: { input, ...environment }, execution };
    fold.agenda.settle({ id: deadline.id, state: 'fired' });
    if (decision.accepted) fold.accept(entry, decision);
    else fold.note(entry);
    applied += 1;
    waiting = waiting.filter(row => row !== deadline && !fold.agenda.isCancelled(row.node));
  }
}

/**
 * Applies all due deadlines of a case. A rule that throws suspends the case: skipping it would break the legal order.
 * `next`: when the next one is due, null when none is (or the case is suspended). No later than the commands that it precedes, it never throws for a plugin's fault.
 */
export async function applyDeadlines(context: EngineContext, caseId: string, execution: Execution | null): Promise<{ applied: number; next: Date | null }> {
  let seen = 0;
  try {
    const result = await withConnection(context.pools[context.commitPool], async client => {
      const process = await processOfCase(client, caseId, context.processes);
      if (!process) return null;
      const first = await lockCase(client, caseId, asSystem(process), context.processes, context.masterKey);
      if (!first) { await client.query('rollback'); return null; }
      const { opened, now } = first;
      seen = opened.row.seq;
      if (!isDue(opened.row, now)) { await client.query('rollback'); return { applied: 0, next: opened.row.suspended ? null : opened.row.next_due, fold: null }; }
      const { rows } = await run(client, sql.DUE_DEADLINES, [caseId, now]);
      const fold = new Fold(opened, now);
      const due = rows.map(row => ({ id: row.id, name: row.name, node: row.node, dueAt: row.due_at.toISOString() }));
      const applied = foldDeadlines(fold, opened, due, first.parameters, execution);
      if (applied === 0) {
        // next_due is only a hint for the lock; one that points at nothing would send every command here again.
        const { rows: [mended] } = await client.query({ name: 'mend_next_due', text: `update cases set next_due = (select min(due_at) from agenda where case_id = $1 and kind = 'deadline' and state = 'due') where id = $1 returning next_due`, values: [caseId] });
        await client.query('commit');
        return { applied, next: mended.next_due as Date | null, fold: null };
      }
      await writeFold(client, fold, false);
      return { applied, next: fold.nextDue, fold };
    });
    if (result?.fold) {
      context.onCounted('deadline', result.fold.change.process, '');
      tell(context, result.fold.change);
    }
    return { applied: result?.applied ?? 0, next: result?.next ?? null };
  } catch (error) {
    if (!(error instanceof DecisionError)) throw error;
    context.log.error({ caseId, err: error }, 'a deadline could not be decided: the case is suspended');
    await suspend(context, caseId, seen, error.message);
    return { applied: 0, next: null };
  }
}
