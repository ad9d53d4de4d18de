/** Incidents: a plugin that threw, a suspended case, an effect that failed for good. Never lost, never silently retried. */
import { randomUUID } from 'node:crypto';
import { withConnection } from './transaction.ts';
import type { EngineContext } from './context.ts';

export interface IncidentInput {
  caseId: string;
  agendaId: string | null;
  kind: 'command' | 'deadline' | 'effect';
  name: string;
  detail: string;
}

/** Opens an incident, once per agenda row while open; `suspend` stops the case's commands and deadlines until it is resolved. */
export async function openIncident(context: EngineContext, input: IncidentInput, suspend = false): Promise<string> {
  context.onCounted('incident', '', input.kind);
  return await withConnection(context.pools[context.commitPool], async client => {
    const { rows: [row] } = await client.query({
      name: suspend ? 'suspend_case' : 'open_incident',
      text: `with i as (insert into incidents (id, case_id, agenda_id, kind, name, detail) values ($1, $2, $3, $4, $5, $6)
 on conflict (agenda_id) where resolved_at is null do update set detail = excluded.detail returning id)${suspend ? ', s as (update cases set suspended = (select id from i) where id = $2)' : ''} select id from i`,
      values: [randomUUID(), input.caseId, input.agendaId, input.kind, input.name, input.detail.slice(0, 2_000)],
    });
    return row.id as string;
  });
}
