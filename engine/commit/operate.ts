/** What an operator does about an incident: fix and retry, or record the outcome by hand. Both are in the case's history. */
import type pg from 'pg';
import type { Actor, Json } from '../../plugins/contract.ts';
import { Problem } from '../problems.ts';
import { applyDeadlines } from './deadlines.ts';
import { tell, type EngineContext } from './context.ts';
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

/** Throws Problem: not-found, conflict (already resolved), invalid (an outcome for something that is not an effect), idempotency-key-reused. */
export async function resolveIncident(context: EngineContext, input: Resolution): Promise<Resolved> {
  const done = await withConnection(context.pools[context.commitPool], client => resolve(context, client, input));
  const { caseId, kind, agendaId } = done;
  if (input.outcome) await recordOutcomes(context, caseId, [{ effectId: agendaId!, ok: input.outcome.ok, result: input.outcome.result, execution: null, by: { actor: input.actor, reason: input.reason } }]);
  else if (kind === 'deadline') await applyDeadlines(context, caseId, null);
  tell(context, { ...done.change, agendaChanged: true, urgent: true });
  return { incident: input.incidentId, caseId, kind, how: input.outcome ? 'recorded' : kind === 'command' ? 'closed' : 'retried' };
}

interface Incident { case_id: string; agenda_id: string | null; kind: string; name: string; resolved_at: Date | null; resolution: string | null }

/** Everything that the operator decided, in one commit: whatever breaks after it, the agenda goes on from there. */
async function resolve(context: EngineContext, client: pg.PoolClient, input: Resolution) {
  const { rows: [incident] } = await client.query<Incident>({ name: 'incident', text: 'select case_id, agenda_id, kind, name, resolved_at, resolution from incidents where id = $1', values: [input.incidentId] });
  if (!incident) throw new Problem('not-found', 'There is no such incident.');
  if (input.outcome && incident.kind !== 'effect') throw new Problem('invalid', 'Only the outcome of an effect can be recorded by hand.', { errors: [{ pointer: '/outcome', message: 'not an effect' }] });
  const caller = input.actor.id;
  const first = await lockCase(client, incident.case_id, { principals: null, callers: [caller], keys: [input.key], parameters: [], itemKinds: [], attachments: false, scopes: false }, context.processes, context.masterKey);
  if (!first) throw new Problem('not-found', 'The case of this incident is gone.');
  const fold = new Fold(first.opened, first.now);
  const body = bodyDigest(first.opened.key, input.incidentId, input.reason, input.outcome ?? null);
  const answer = { caseId: incident.case_id, kind: incident.kind, agendaId: incident.agenda_id, change: fold.change };
  const [stored] = first.outcomes;
  if (stored) {
    await client.query('rollback');
    if (!stored.bodyDigest.equals(body)) throw new Problem('idempotency-key-reused', 'This Idempotency-Key was used for another request.');
    return answer;
  }
  const { rowCount } = await client.query({
    name: 'resolve_incident', text: 'update incidents set resolved_at = clock_timestamp(), resolved_by = $2, resolution = $3 where id = $1 and resolved_at is null',
    values: [input.incidentId, input.actor.id, `${input.outcome ? 'recorded' : 'retried'}: ${input.reason}`],
  });
  if (rowCount !== 1) throw new Problem('conflict', `The incident was resolved already${incident.resolution ? ` (${incident.resolution})` : ''}.`);
  fold.note({ kind: 'operator', name: input.outcome ? 'record' : 'retry', actor: input.actor, caller, key: input.key, bodyDigest: body, payload: { incident: input.incidentId, of: incident.kind, name: incident.name, reason: input.reason, outcome: input.outcome ?? null } });
  const before: (() => Promise<pg.QueryResult>)[] = [];
  if (incident.kind === 'effect') {
    // What was performed, or is said to have been, only needs its outcome recorded: it is never done again.
    const result = input.outcome ? JSON.stringify({ ok: input.outcome.ok, value: input.outcome.result }) : null;
    before.push(() => client.query({
      name: 'retry_effect', values: [incident.agenda_id, result],
      text: `update agenda set state = case when jsonb_typeof(coalesce($2::jsonb, result) -> 'ok') = 'boolean' then 'performed' else 'due' end, result = coalesce($2::jsonb, result), attempts = 0, due_at = clock_timestamp(), lease_until = null, error = null where id = $1 and state = 'parked'`,
    }));
  }
  if (first.opened.row.suspended === input.incidentId) before.push(() => client.query({ name: 'resume_case', text: 'update cases set suspended = null where id = $1', values: [incident.case_id] }));
  await writeFold(client, fold, false, before);
  return answer;
}
