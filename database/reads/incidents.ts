/** Incidents for operators. They concern installations, not parties: read as `iter_worker`, once the caller is known to be an operator. */
import type pg from 'pg';

export interface IncidentRow {
  id: string; caseId: string; process: string; state: string; kind: 'command' | 'deadline' | 'effect'; name: string; detail: string;
  createdAt: string; resolvedAt: string | null; resolvedBy: string | null; resolution: string | null; attempts: number | null;
}
/** Where the page before ended. */
export interface IncidentPosition { createdAt: string; id: string }

const COLUMNS = `i.id, i.case_id as "caseId", c.process, c.state, i.kind, i.name, i.detail, to_char(i.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "createdAt",
 i.resolved_at as "resolvedAt", i.resolved_by as "resolvedBy", i.resolution, g.attempts`;
const FROM = 'from incidents i join cases c on c.id = i.case_id left join agenda g on g.id = i.agenda_id';
const presented = (row: any): IncidentRow => ({ ...row, resolvedAt: row.resolvedAt?.toISOString() ?? null });

/** Newest first. */
export async function listIncidents(pool: pg.Pool, filter: { open: boolean; process: string | null; after: IncidentPosition | null; limit: number }): Promise<IncidentRow[]> {
  const { rows } = await pool.query({
    name: `list_incidents_${filter.open}`,
    text: `select ${COLUMNS} ${FROM} where i.resolved_at is ${filter.open ? '' : 'not '}null and ($1::text is null or c.process = $1)
 and ($2::timestamptz is null or (i.created_at, i.id) < ($2::timestamptz, $3::uuid)) order by i.created_at desc, i.id desc limit $4`,
    values: [filter.process, filter.after?.createdAt ?? null, filter.after?.id ?? null, filter.limit],
  });
  return rows.map(presented);
}

export async function findIncident(pool: pg.Pool, id: string): Promise<IncidentRow | null> {
  const { rows: [row] } = await pool.query({ name: 'find_incident', text: `select ${COLUMNS} ${FROM} where i.id = $1`, values: [id] });
  return row ? presented(row) : null;
}

/** What an earlier request of the same caller and key did about an incident; null when there was none. */
export async function earlierResolution(pool: pg.Pool, incident: IncidentRow, caller: string, key: string): Promise<'retry' | 'record' | null> {
  const { rows: [row] } = await pool.query({ name: 'earlier_resolution', text: `select name from history where case_id = $1 and caller = $2 and key = $3 and kind = 'operator'`, values: [incident.caseId, caller, key] });
  return row?.name ?? null;
}
