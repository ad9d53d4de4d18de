/** What an operator does about an incident: fix and retry, or record the outcome by hand. Both are in the case's history. */
import type { Actor, Json } from '../../plugins/contract.ts';
import { Problem } from '../problems.ts';
import { applyDeadlines } from './deadlines.ts';
import type { EngineContext } from './context.ts';
import { bodyDigest, Fold } from './fold.ts';
import { recordOutcomes } from './outcomes.ts';
import { lockCase, withConnection, writeFold } from './transaction.ts';

export interface Resolution {
  incidentId: string;
  actor: Actor;
  key: string;
  reason: string;
  /** Without: try again. With: this is what happened (only for effects). */
  outcome?: { ok: boolean; result: Json };
}
export interface Resolved { incident: string; caseId: string; kind: string; how: 'retried' | 'recorded' | 'closed' }

/** Throws Problem: not-found, conflict (already resolved), invalid (an outcome for something that is not an effect). */
export async function resolveIncident(context: EngineContext, input: Resolution): Promise<Resolved> {
  const done = await withConnection(context.pools[context.commitPool], async client => {
    const { rows: [incident] } = await client.query({ name: 'incident', text: 'select id, case_id, agenda_id, kind, name, resolved_at, resolved_by, resolution from incidents where id = $1', values: [input.incidentId] });
    if (!incident) throw new Problem('not-found', 'There is no such incident.');
    if (incident.resolved_at) throw new Problem('conflict', `The incident was resolved already (${incident.resolution}).`);
    if (input.outcome && incident.kind !== 'effect') throw new Problem('invalid', 'Only the outcome of an effect can be recorded by hand.', { errors: [{ pointer: '/outcome', message: 'not an effect' }] });
    const first = await lockCase(client, incident.case_id, { principals: null, callers: [], keys: [], parameters: [], itemKinds: [], attachments: false }, context.processes, context.masterKey);
    if (!first) { await client.query('rollback'); throw new Problem('not-found', 'The case of this incident is gone.'); }
    const { rowCount } = await client.query({
      name: 'resolve_incident', text: 'update incidents set resolved_at = clock_timestamp(), resolved_by = $2, resolution = $3 where id = $1 and resolved_at is null',
      values: [input.incidentId, input.actor.id, `${input.outcome ? 'recorded' : 'retried'}: ${input.reason}`],
    });
    if (rowCount !== 1) { await client.query('rollback'); throw new Problem('conflict', 'Somebody else has just resolved this incident.'); }
    const fold = new Fold(first.opened, first.now);
    fold.note({ kind: 'operator', name: input.outcome ? 'record' : 'retry', actor: input.actor, caller: input.actor.id, key: input.key, bodyDigest: bodyDigest(input.incidentId), payload: { incident: input.incidentId, of: incident.kind, name: incident.name, reason: input.reason, outcome: input.outcome ?? null } });
    const before: (() => Promise<any>)[] = [];
    if (incident.kind === 'effect' && !input.outcome) {
      before.push(() => client.query({ name: 'retry_effect', text: `update agenda set state = case when result is null then 'due' else 'performed' end, attempts = 0, due_at = clock_timestamp(), lease_until = null, error = null where id = $1 and state = 'parked'`, values: [incident.agenda_id] }));
    }
    if (first.opened.row.suspended === input.incidentId) before.push(() => client.query({ name: 'resume_case', text: 'update cases set suspended = null where id = $1', values: [incident.case_id] }));
    await writeFold(client, fold, false, before);
    return { caseId: incident.case_id as string, kind: incident.kind as string, agendaId: incident.agenda_id as string | null, process: first.opened.row.process, draft: first.opened.row.draft };
  });
  const resolved = { incident: input.incidentId, caseId: done.caseId, kind: done.kind };
  if (input.outcome && done.agendaId) {
    await recordOutcomes(context, done.caseId, [{ effectId: done.agendaId, ok: input.outcome.ok, result: input.outcome.result, execution: null, by: { actor: input.actor, reason: input.reason } }]);
    return { ...resolved, how: 'recorded' };
  }
  if (done.kind === 'deadline') await applyDeadlines(context, done.caseId, null);
  context.onCommitted({ caseId: done.caseId, process: done.process, draft: done.draft, done: false, stateChanged: false, agendaChanged: true, urgent: true });
  return { ...resolved, how: done.kind === 'command' ? 'closed' : 'retried' };
}
