/** Changes of parameters that a second person decides. Rows are added and decided once; the parameter comes with the approval, in the same transaction. */
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { PersonName } from './absences.ts';
import { PARAMETER_COLUMNS, presentedVersion, type ParameterVersion } from './parameters.ts';

export interface Proposal {
  id: string; name: string; organisation: string | null; from: string; to: string | null; value: unknown; reason: string; proposedBy: PersonName; proposedAt: string;
  decidedBy: PersonName | null; decidedAt: string | null; approved: boolean | null; note: string | null; parameterVersion: number | null;
  /** Where a page ends: microseconds, as PostgreSQL orders. */
  position: string;
}
export interface NewProposal { name: string; organisation: string | null; from: string; to: string | null; value: unknown; reason: string; proposedBy: string }
/** Where the page before ended. */
export interface ProposalPosition { at: string; id: string }

const person = (alias: string) => `case when ${alias}.id is not null then json_build_object('id', ${alias}.id, 'username', ${alias}.username, 'name', ${alias}.name) end`;
const SELECT = `select p.id, p.name, p.organisation, p.valid_from::text as "from", p.valid_to::text as "to", p.value, p.reason, ${person('a')} as "proposedBy", p.proposed_at as "proposedAt",
 ${person('b')} as "decidedBy", p.decided_at as "decidedAt", p.approved, p.note, p.parameter_version as "parameterVersion", to_char(p.proposed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as position
 from parameter_proposals p left join users a on a.id::text = p.proposed_by left join users b on b.id::text = p.decided_by`;
const presented = (row: any): Proposal => ({ ...row, proposedAt: row.proposedAt.toISOString(), decidedAt: row.decidedAt?.toISOString() ?? null });

/** Of one organisation, or of all and the general ones; the newest first. `open`: those that wait for a decision. */
export async function listProposals(pool: pg.Pool, filter: { organisation: string | null; all: boolean; open: boolean; after: ProposalPosition | null; limit: number }): Promise<Proposal[]> {
  const { rows } = await pool.query({
    name: `list_proposals_${filter.open}`, values: [filter.all, filter.organisation, filter.after?.at ?? null, filter.after?.id ?? null, filter.limit],
    text: `${SELECT} where ($1 or p.organisation = $2) and ($3::timestamptz is null or (p.proposed_at, p.id) < ($3::timestamptz, $4::uuid))${filter.open ? ' and p.decided_at is null' : ''} order by p.proposed_at desc, p.id desc limit $5`,
  });
  return rows.map(presented);
}

export async function findProposal(pool: pg.Pool, id: string): Promise<Proposal | null> {
  const { rows: [row] } = await pool.query({ name: 'find_proposal', text: `${SELECT} where p.id = $1`, values: [id] });
  return row ? presented(row) : null;
}

/** Somebody enabled, other than `proposedBy`, holds a role that may decide: an operator of the installation, or one of `roles` in the organisation. */
export async function hasSecondPerson(pool: pg.Pool, { organisation, proposedBy, roles }: { organisation: string | null; proposedBy: string; roles: string[] }): Promise<boolean> {
  const { rows: [row] } = await pool.query({
    name: 'has_second_person', values: [organisation, proposedBy, roles],
    text: `select exists (select from memberships m join users u on u.id = m.user_id and not u.disabled join organisations o on o.code = m.organisation
 where u.id::text <> $2 and (m.role = 'admin' and o.kind = 'ente' or m.organisation = $1 and m.role = any ($3))) as found`,
  });
  return row.found;
}

/** `pool` of `iter_commit`; gives the id. A repeat of what still waits adds nothing. */
export async function insertProposal(pool: pg.Pool, proposal: NewProposal): Promise<string> {
  const { name, organisation, from, to, value, reason, proposedBy } = proposal;
  const content = [name, organisation, from, to, JSON.stringify(value), reason];
  return await inTransaction(pool, async client => {
    // Two of the same at once would both find nothing.
    await client.query({ name: 'lock_proposals', text: `select pg_advisory_xact_lock(hashtext('iter/proposals/' || $1))`, values: [name] });
    const { rows: [open] } = await client.query({
      name: 'same_proposal', values: content,
      text: `select id from parameter_proposals where decided_at is null and name = $1 and organisation is not distinct from $2 and valid_from = $3 and valid_to is not distinct from $4::date and value = $5::jsonb and reason = $6 order by proposed_at limit 1`,
    });
    if (open) return open.id;
    const id = randomUUID();
    await client.query({
      name: 'insert_proposal', values: [id, ...content, proposedBy],
      text: 'insert into parameter_proposals (id, name, organisation, valid_from, valid_to, value, reason, proposed_by) values ($1, $2, $3, $4, $5, $6, $7, $8)',
    });
    return id;
  });
}

export interface ProposalDecision { id: string; by: string; approve: boolean; note: string | null }

/**
 * `pool` of `iter_commit`. Approving puts the value in force, set by who proposed it. Null: somebody was first, or there is none.
 * The table itself refuses a decision by the proposer.
 */
export async function decideProposal(pool: pg.Pool, { id, by, approve, note }: ProposalDecision): Promise<ParameterVersion | 'rejected' | null> {
  return await inTransaction(pool, async client => {
    // Who comes second waits here, and finds it decided.
    const { rows: [open] } = await client.query({ name: 'lock_proposal', text: 'select id from parameter_proposals where id = $1 and decided_at is null for update', values: [id] });
    if (!open) return null;
    const { rows: [set] } = approve ? await client.query({
      name: 'approve_proposal', values: [id],
      text: `insert into parameters (name, organisation, valid_from, valid_to, value, reason, set_by) select name, organisation, valid_from, valid_to, value, reason, proposed_by from parameter_proposals where id = $1 returning ${PARAMETER_COLUMNS}`,
    }) : { rows: [undefined] };
    await client.query({
      name: 'decide_proposal', values: [id, by, approve, note, set?.version ?? null],
      text: 'update parameter_proposals set decided_by = $2, decided_at = clock_timestamp(), approved = $3, note = $4, parameter_version = $5 where id = $1',
    });
    return set ? presentedVersion(set) : 'rejected';
  });
}

async function inTransaction<T>(pool: pg.Pool, run: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await run(client);
    await client.query('commit');
    return result;
  } catch (error) {
    broken = await client.query('rollback').then(() => undefined, (failure: Error) => failure);
    throw error;
  } finally {
    client.release(broken);
  }
}
