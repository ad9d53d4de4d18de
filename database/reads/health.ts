/** What the readiness page and the metrics tell of the work that waits. As `iter_worker`: it concerns no single case. */
import type pg from 'pg';

export interface Backlog {
  /** Seconds that the oldest due and unserved row of the agenda has waited; 0 when none does. */
  oldestDueSeconds: number;
  openIncidents: number;
  suspendedCases: number;
}

export async function readBacklog(pool: pg.Pool): Promise<Backlog> {
  const { rows: [row] } = await pool.query({
    name: 'backlog',
    text: `select coalesce(extract(epoch from clock_timestamp() - (select min(due_at) from agenda where state in ('due','begun','performed') and due_at <= clock_timestamp() and (lease_until is null or lease_until < clock_timestamp()))), 0)::float8 as oldest,
 (select count(*)::int from incidents where resolved_at is null) as incidents, (select count(distinct case_id)::int from incidents where resolved_at is null and kind = 'deadline') as suspended`,
  });
  return { oldestDueSeconds: Math.max(0, row.oldest), openIncidents: row.incidents, suspendedCases: row.suspended };
}

/** Resolves when PostgreSQL answers. */
export async function ping(pool: pg.Pool): Promise<void> {
  await pool.query('select 1');
}
