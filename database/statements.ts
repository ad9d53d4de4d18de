/** The commit's statements: two pipelined round trips, named so that PostgreSQL plans them once per connection. The write is in writeStatement.ts. */

export interface Statement { name: string; text: string }

const CASE_COLUMNS = `c.id, c.process, c.process_version, c.number, c.state, c.value, c.context, c.history_value, c.sealed, c."row", c.parties, c.version, c.seq, c.head,
 c.draft, c.done, c.suspended, c.next_due, c.created_at, c.created_by, c.last_at, c.erased_at, k.wrapped`;

/**
 * NO KEY: commits exclude one another, but a row that refers to the case (the log of who read it, an incident) need not wait.
 * $1 case, $2 principals. Nothing else is folded in: after a wait, sub-queries would see the old snapshot and the chain would fork.
 */
export const LOCK_CASE: Statement = {
  name: 'lock_case',
  text: `select ${CASE_COLUMNS} from cases c join case_keys k on k.case_id = c.id where c.id = $1
 and exists (select 1 from case_access a where a.case_id = $1 and a.principal = any ($2)) for no key update of c`,
};
/** $1 case. For the engine itself: deadlines, outcomes, commands of other cases. */
export const LOCK_CASE_AS_SYSTEM: Statement = { name: 'lock_case_system', text: `select ${CASE_COLUMNS} from cases c join case_keys k on k.case_id = c.id where c.id = $1 for no key update of c` };
export const READ_CASE: Statement = { name: 'read_case', text: `select ${CASE_COLUMNS}, date_trunc('milliseconds', clock_timestamp()) as now from cases c join case_keys k on k.case_id = c.id where c.id = $1` };
/** $1 case, $2 callers, $3 keys: what was answered before to the same keys; and the database's clock, read after the lock. */
export const STORED_OUTCOMES: Statement = {
  name: 'stored_outcomes',
  text: `select date_trunc('milliseconds', clock_timestamp()) as now, h.caller, h.key, h.seq, h.version, h.kind, h.body_digest, h.payload
 from (select 1) one left join history h on h.case_id = $1 and (h.caller, h.key) in (select * from unnest($2::text[], $3::text[]))`,
};
/** The same for one caller $2 and key $3, which is nearly always. */
export const STORED_OUTCOME: Statement = {
  name: 'stored_outcome',
  text: `select date_trunc('milliseconds', clock_timestamp()) as now, h.caller, h.key, h.seq, h.version, h.kind, h.body_digest, h.payload
 from (select 1) one left join history h on h.case_id = $1 and h.caller = $2 and h.key = $3`,
};
export const PROCESS_OF: Statement = { name: 'process_of', text: 'select process, process_version from cases where id = $1' };
/** $1 names, $2 case. General values and those of the case's own organisations. */
export const READ_PARAMETERS: Statement = {
  name: 'read_parameters',
  text: `select name, organisation, valid_from::text as "from", valid_to::text as "to", value, version from parameters where name = any ($1)
 and (organisation is null or organisation in (select v.value from cases c, jsonb_each_text(c.parties) v where c.id = $2))`,
};
export const READ_PARAMETERS_FOR: Statement = {
  name: 'read_parameters_for',
  text: `select name, organisation, valid_from::text as "from", valid_to::text as "to", value, version from parameters where name = any ($1) and (organisation is null or organisation = any ($2))`,
};
/** $1 case, $2 database instant up to which. */
export const DUE_DEADLINES: Statement = {
  name: 'due_deadlines',
  text: `select id, name, node, due_at from agenda where case_id = $1 and kind = 'deadline' and state = 'due' and due_at <= $2 order by due_at, created_at, id`,
};
export const OPEN_AGENDA: Statement = {
  name: 'open_agenda',
  text: `select id, kind, name, node, mode, does, due_at, state, attempts, detail, error from agenda where case_id = $1 and state in ('due','begun','performed','unwanted','parked') order by due_at, id`,
};
export const CASE_ATTACHMENTS: Statement = { name: 'case_attachments', text: `select id, kind, sealed, media_type, size, sha256, used_by, seq from attachments where case_id = $1 order by seq` };
/** $1 case. Made, or still to be made; without their bytes. */
export const CASE_DOCUMENTS: Statement = {
  name: 'case_documents',
  text: `select id, name, organisation, protocol_year, protocol_number, protocol_day::text as protocol_day, sha256, size, made_at from documents where case_id = $1 order by version, seq, ordinal, id`,
};
/** $1 case, $2 kinds. */
export const CASE_ITEMS: Statement = { name: 'case_items', text: `select kind, key, data from case_items where case_id = $1 and kind = any ($2) order by seq, key` };
/** $1 process, $2 version, $3 last id, $4 page: living cases of older versions. */
export const CASES_TO_MOVE: Statement = { name: 'cases_to_move', text: 'select id from cases where process = $1 and process_version < $2 and not done and erased_at is null and id > $3::uuid order by id limit $4' };
export const CASE_ALL_ITEMS: Statement = { name: 'case_all_items', text: 'select kind, key, data from case_items where case_id = $1 order by seq, key' };
/** $1 case, $2 kinds, $3 keys, pairwise. */
export const CASE_ITEMS_BY_KEY: Statement = {
  name: 'case_items_by_key',
  text: `select i.kind, i.key, i.data from case_items i, unnest($2::text[], $3::text[]) as k(kind, key) where i.case_id = $1 and i.kind = k.kind and i.key = k.key`,
};
/** $1 organisation, $2 register, $3 year: the number that comes next; its row stays locked. The number is taken by the write only. */
export const NEXT_NUMBER: Statement = {
  name: 'next_number',
  text: `insert into registers as r (organisation, register, year) values ($1, $2, $3) on conflict (organisation, register, year) do update set last = r.last returning last + 1 as value`,
};
/**
 * $1 resources, of which those who want to hold them take turns: two that insert overlapping ranges at once would wait for each other,
 * and PostgreSQL finds a deadlock only after a second.
 */
export const LOCK_RESOURCES: Statement = {
  name: 'lock_resources',
  text: `select pg_advisory_xact_lock(turn) from (select distinct hashtextextended('iter/resource/' || r, 0) as turn from unnest($1::text[]) r order by 1) turns`,
};
/** $1 wanted, as JSON: which of it is taken, and until when. */
export const FIRST_TAKEN: Statement = {
  name: 'first_taken',
  text: `select r.resource, lower(r.during) as "from", upper(r.during) as "to" from jsonb_to_recordset($1::jsonb) as w(resource text, "from" timestamptz, "to" timestamptz)
 join reservations r on r.resource = w.resource and r.during && tstzrange(w."from", w."to") order by r.during limit 1`,
};

/** The database's clock. */
export const CLOCK: Statement = { name: 'clock', text: `select date_trunc('milliseconds', clock_timestamp()) as now` };

/** A case's first rows: the key and the row; the write follows with version 0 → 1. */
export const INSERT_CASE: Statement = {
  name: 'insert_case',
  text: `with k as (insert into case_keys (case_id, wrapped, master) values ($1, $2, $9))
 insert into cases (id, process, process_version, state, value, context, sealed, "row", parties, version, seq, head, draft, created_at, created_by, last_at)
 values ($1, $3, $4, '', 'null', 'null', '', 'null', $5, 0, 0, $6, true, $7, $8, $7)`,
};
