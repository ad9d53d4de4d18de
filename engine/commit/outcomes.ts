/** Outcomes of effects: always recorded, delivered as events only while their row lives. Idempotent by the effect's id. */
import type { Actor, Json } from '../../plugins/contract.ts';
import { decide } from '../decide/decide.ts';
import { DecisionError } from '../decide/types.ts';
import { applyDeadlines, isDue } from './deadlines.ts';
import { tell, type EngineContext } from './context.ts';
import { Fold, type Execution } from './fold.ts';
import { parkWithIncident } from './incidents.ts';
import { asSystem, lockCase, processOfCase, withConnection, writeFold } from './transaction.ts';

export interface EffectOutcome {
  effectId: string;
  ok: boolean;
  result: Json;
  execution: Execution | null;
  /** An operator who recorded the outcome by hand, and why. */
  by?: { actor: Actor; reason: string };
}

interface EffectRow { id: string; name: string; node: string | null; mode: 'owed' | 'bound'; state: string }

const SYSTEM_ACTOR: Actor = { kind: 'system', id: 'system', role: 'esecutore' };
/** An owed effect that failed for good is an incident, not an outcome. */
const LIVE = ['due', 'begun', 'performed', 'parked'];

/** Records the outcomes of effects of one case in one commit. A plugin that throws on one parks that row alone. */
export async function recordOutcomes(context: EngineContext, caseId: string, outcomes: EffectOutcome[]): Promise<void> {
  try {
    await recordTogether(context, caseId, outcomes);
  } catch (error) {
    if (!(error instanceof DecisionError)) throw error;
    if (outcomes.length > 1) {
      for (const outcome of outcomes) await recordOutcomes(context, caseId, [outcome]);
      return;
    }
    const [{ effectId, ok, result }] = outcomes as [EffectOutcome];
    context.log.error({ caseId, effect: effectId, err: error }, 'a plugin threw on an outcome: its effect is parked');
    await parkWithIncident(context, effectId, error.message, { ok, value: result });
  }
}

/** Takes an effect out of the agenda until an operator decides; its neighbours go on. */
export async function park(context: EngineContext, _caseId: string, effectId: string, detail: string): Promise<void> {
  await parkWithIncident(context, effectId, detail, undefined);
}

async function recordTogether(context: EngineContext, caseId: string, outcomes: EffectOutcome[]): Promise<void> {
  const done = await withConnection(context.pools[context.commitPool], async client => {
    const process = await processOfCase(client, caseId, context.processes);
    if (!process) return 'gone' as const;
    const first = await lockCase(client, caseId, asSystem(process), context.processes, context.masterKey);
    if (!first) { await client.query('rollback'); return 'gone' as const; }
    const { opened, now } = first;
    if (isDue(opened.row, now)) { await client.query('rollback'); return 'deadlines' as const; }
    const { rows } = await client.query<EffectRow>({ name: 'effects_by_id', text: 'select id, name, node, mode, state from agenda where id = any ($1) and case_id = $2 for update', values: [outcomes.map(({ effectId }) => effectId), caseId] });
    const fold = new Fold(opened, now);
    let recorded = 0;
    for (const outcome of outcomes) {
      const row = rows.find(found => found.id === outcome.effectId);
      // The same outcome may come twice, also within one call.
      if (!row || row.state === 'done') continue;
      recorded += 1;
      const waits = row.mode === 'bound' && LIVE.includes(row.state) && !fold.agenda.isUnbound(row.node!);
      if (waits && opened.row.suspended) {
        // What comes after a deadline in law waits with it; nothing is done again when the case goes on.
        fold.agenda.settle({ id: row.id, state: 'performed', result: { ok: outcome.ok, value: outcome.result }, error: null });
        row.state = 'done';
        continue;
      }
      const actor = outcome.by?.actor ?? SYSTEM_ACTOR;
      const input = { kind: 'outcome' as const, invoke: row.node ?? '', ok: outcome.ok, result: outcome.result };
      const entry = {
        kind: outcome.by ? 'operator' : 'effect', name: row.name, actor, caller: 'system', key: row.id, execution: outcome.execution,
        payload: { input, at: fold.at, actor, parameters: first.parameters, delivered: false, ...(outcome.by ? { reason: outcome.by.reason } : {}) },
      };
      row.state = 'done';
      fold.agenda.settle({ id: row.id, state: 'done', result: { ok: outcome.ok, value: outcome.result }, error: null });
      // An earlier outcome of this commit may have left the state of this one.
      if (waits) {
        const decision = decide(opened.process, fold.state, input, { at: fold.at, actor, parameters: first.parameters });
        if (decision.accepted) { fold.accept({ ...entry, payload: { ...entry.payload, delivered: true } }, decision); continue; }
      }
      fold.note(entry);
    }
    if (recorded === 0) { await client.query('rollback'); return 'repeat' as const; }
    await writeFold(client, fold, false);
    return fold;
  });
  if (done === 'gone' || done === 'repeat') return;
  if (done === 'deadlines') {
    await applyDeadlines(context, caseId, null);
    return await recordTogether(context, caseId, outcomes);
  }
  context.onCounted('effect', done.change.process, '');
  if (done.version > done.opened.row.version) tell(context, done.change);
}
