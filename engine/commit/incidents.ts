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

const LONGEST_DETAIL = 2_000;
const INSERT = 'insert into incidents (id, case_id, agenda_id, kind, name, detail)';
/** A second one of the same thing while the first is open: the newest detail counts. */
const ONCE_PER_ROW = 'on conflict (agenda_id) where resolved_at is null do update set detail = excluded.detail';
const ONCE_PER_NAME = 'on conflict (case_id, kind, name) where resolved_at is null and agenda_id is null do update set detail = excluded.detail';

/** Opens an incident and answers its id; while one of the same effect, or of the same name in the same case, is open, that one. */
export async function openIncident(context: EngineContext, input: IncidentInput): Promise<string> {
  context.onCounted('incident', '', input.kind);
  return await withConnection(context.pools[context.commitPool], async client => {
    const { rows: [row] } = await client.query({
      name: input.agendaId ? 'open_incident_of_row' : 'open_incident', text: `${INSERT} values ($1, $2, $3, $4, $5, $6) ${input.agendaId ? ONCE_PER_ROW : ONCE_PER_NAME} returning id`,
      values: [randomUUID(), input.caseId, input.agendaId, input.kind, input.name, detailOf(input.detail)],
    });
    return row.id as string;
  });
}

/** Stops commands and deadlines of a case until an operator resolves the incident; not if it has gone on since entry `seen`. */
export async function suspend(context: EngineContext, caseId: string, seen: number, detail: string): Promise<void> {
  context.onCounted('incident', '', 'deadline');
  await withConnection(context.pools[context.commitPool], async client => {
    await client.query({
      name: 'suspend_case', values: [randomUUID(), caseId, detailOf(detail), seen],
      text: `with i as (${INSERT} select $1, c.id, null, 'deadline', 'deadline', $3 from cases c where c.id = $2 and c.seq = $4 ${ONCE_PER_NAME} returning id)
 update cases set suspended = i.id from i where cases.id = $2 and cases.seq = $4`,
    });
  });
}

/** Takes an effect out of the agenda until an operator decides, keeping `result` for the retry. Its neighbours go on. */
export async function parkWithIncident(context: EngineContext, effectId: string, detail: string, result: unknown): Promise<void> {
  const parked = await withConnection(context.pools[context.commitPool], async client => {
    const { rowCount } = await client.query({
      name: 'park_effect', values: [randomUUID(), effectId, detailOf(detail), result === undefined ? null : JSON.stringify(result)],
      text: `with p as (update agenda set state = 'parked', error = $3, lease_until = null, result = coalesce($4::jsonb, result) where id = $2 and state in ('due','begun','performed') returning id, case_id, name)
 ${INSERT} select $1, p.case_id, p.id, 'effect', p.name, $3 from p ${ONCE_PER_ROW}`,
    });
    return rowCount === 1;
  });
  if (parked) context.onCounted('incident', '', 'effect');
}

function detailOf(detail: string): string {
  return detail.replaceAll('\u0000', '').toWellFormed().slice(0, LONGEST_DETAIL);
}
