/** Failed effects and suspended cases, for operators: try again, or record by hand what happened. Both are in the case's history. */
import type { Router } from 'express';
import { Type } from 'typebox';
import { earlierResolution, findIncident, listIncidents, type IncidentPosition } from '../database/reads/incidents.ts';
import { UUID } from '../database/uuid.ts';
import { actorOf } from '../engine/engine.ts';
import { Problem } from '../engine/problems.ts';
import type { Json } from '../plugins/contract.ts';
import { operatorOf, type ApiContext } from './context.ts';
import { choiceParameter, limitParameter, textParameter } from './query.ts';
import { readJson } from './readBody.ts';
import { idempotencyKey } from './requestHeaders.ts';
import { sendJson } from './sendJson.ts';
import { createValidator } from './validators.ts';

/** What `POST /incidents/{id}/retry` takes: with `outcome`, nothing is tried again. */
export const RESOLUTION = Type.Object({
  reason: Type.String({ minLength: 3, maxLength: 1_000, title: 'Why' }),
  outcome: Type.Optional(Type.Object({ ok: Type.Boolean(), result: Type.Optional(Type.Unknown()) }, { additionalProperties: false })),
}, { additionalProperties: false });
const validate = createValidator(RESOLUTION);

export function incidentRoutes(api: ApiContext, router: Router): void {
  router.get('/incidents', async (req, res) => {
    operatorOf(api, req, res);
    const state = choiceParameter(req, 'state', ['open', 'resolved'] as const, 'open');
    const process = textParameter(req, 'process'), limit = limitParameter(req), cursor = textParameter(req, 'cursor', 1_000);
    const query = JSON.stringify(['incidents', state, process]);
    const after = cursor === undefined ? null : (api.cursors.read(query, cursor) as unknown as IncidentPosition);
    const rows = await listIncidents(api.pools.worker, { open: state === 'open', process: process ?? null, after, limit: limit + 1 });
    const items = rows.slice(0, limit), last = rows.length > limit ? items.at(-1)! : null;
    sendJson(res, 200, { items, next: last ? api.cursors.write(query, { createdAt: last.createdAt, id: last.id }) : null });
  });

  router.get('/incidents/:id', async (req, res) => {
    operatorOf(api, req, res);
    const incident = UUID.test(req.params.id) ? await findIncident(api.pools.worker, req.params.id) : null;
    if (!incident) throw new Problem('not-found', 'There is no such incident.');
    sendJson(res, 200, incident);
  });

  router.post('/incidents/:id/retry', async (req, res) => {
    const { caller, language } = operatorOf(api, req, res);
    const key = idempotencyKey(req, res);
    const body = await readJson(req);
    if (!UUID.test(req.params.id)) throw new Problem('not-found', 'There is no such incident.');
    const errors = validate(body, language);
    if (errors) throw new Problem('invalid', 'Say why, and what happened if you record it by hand.', { errors });
    const { reason, outcome } = body as { reason: string; outcome?: { ok: boolean; result?: Json } };
    const incident = await findIncident(api.pools.worker, req.params.id);
    // The same request again gets the same answer, not "resolved already".
    const earlier = incident?.resolvedAt ? await earlierResolution(api.pools.worker, incident, caller.userId, key) : null;
    if (incident && earlier) {
      sendJson(res, 200, { incident: incident.id, caseId: incident.caseId, kind: incident.kind, how: earlier === 'record' ? 'recorded' : incident.kind === 'command' ? 'closed' : 'retried' });
      return;
    }
    const resolved = await api.engine.resolveIncident({
      incidentId: req.params.id, key, reason,
      actor: actorOf(caller),
      ...(outcome ? { outcome: { ok: outcome.ok, result: outcome.result ?? null } } : {}),
    });
    sendJson(res, 200, resolved);
  });
}
