/**
 * The commit's statements: two pipelined round trips, named so that PostgreSQL plans them once per connection.
 * The write is one statement made of the parts that a decision needs; each combination is a prepared statement of its own.
 */

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
/**
 * A scope's lock until the end of the transaction: members share it, who decides over them has it alone. Not a row: PostgreSQL lets those who
 * share a row overtake one who waits to have it alone, so that a fund with busy members would never be paid out; here they queue behind.
 */
const SCOPE_TURN = (scope: string) => `hashtextextended('iter/scope/' || ${scope}, 0)`;
export const SCOPE_SHARE: Statement = { name: 'scope_share', text: `select pg_advisory_xact_lock_shared(${SCOPE_TURN('$1::text')})` };
export const SCOPE_DECIDE: Statement = { name: 'scope_decide', text: `select pg_advisory_xact_lock(${SCOPE_TURN('$1::text')})` };
/** $1 case. Whatever changes a member keeps out those who decide over its scopes, whether or not the command says that it joins. */
export const SHARE_OWN_SCOPES: Statement = { name: 'share_own_scopes', text: `select pg_advisory_xact_lock_shared(turn) from (select ${SCOPE_TURN('scope')} as turn from case_scopes where case_id = $1 order by 1) turns` };
export const SCOPE_MEMBERS: Statement = {
  name: 'scope_members',
  text: `select c.id, c.process, c.state, c.number, c."row" from case_scopes s join cases c on c.id = s.case_id where s.scope = $1 order by c.id`,
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

/** What a write may contain beside the case row and its history. */
export const PARTS = ['settle', 'cancel', 'arm', 'items', 'number', 'release', 'reserve', 'open', 'moved', 'search', 'scope', 'freeze', 'documents', 'tasks', 'drafts', 'calendar', 'broadcasts', 'offers'] as const;
export type Part = (typeof PARTS)[number];

/** Parameters of the write that are always there, in order; parts append their own. */
export const WRITE_BASE = ['id', 'version', 'seq', 'newVersion', 'newSeq', 'head', 'state', 'value', 'context', 'historyValue', 'sealed', 'row', 'number', 'draft', 'done', 'at', 'entries'] as const;

const ENTRY_COLUMNS = 'seq int, version int, at timestamptz, kind text, name text, "from" text, "to" text, actor jsonb, caller text, key text, "bodyDigest" text, payload text, "payloadDigest" text, hash text, execution jsonb';

const PART_SQL: Record<Part, { parameters: string[]; sql: (p: (name: string) => string) => string }> = {
  settle: {
    parameters: ['settled'],
    sql: p => `settle as (update agenda g set state = s.state, result = coalesce(s.result, g.result), error = s.error, lease_until = null from jsonb_to_recordset(${p('settled')}::jsonb) as s(id uuid, state text, result jsonb, error text), u where g.id = s.id)`,
  },
  cancel: {
    // Deadlines by event, bound effects by invocation; `all` at the end of the case.
    parameters: ['cancelEvents', 'cancelInvokes', 'cancelAll', 'settledIds'],
    sql: p => `cancel as (update agenda g set state = case when g.kind = 'deadline' then 'cancelled' when g.state = 'due' then 'withdrawn' else 'unwanted' end from u
 where g.case_id = u.id and g.id <> all (${p('settledIds')}::uuid[]) and g.state in ('due','begun','performed','parked')
 and (g.kind = 'deadline' and (${p('cancelAll')}::boolean or g.node = any (${p('cancelEvents')}::text[])) or g.mode = 'bound' and (${p('cancelAll')}::boolean or g.node = any (${p('cancelInvokes')}::text[]))))`,
  },
  arm: {
    parameters: ['armed'],
    sql: p => `arm as (insert into agenda (id, case_id, kind, name, node, generation, mode, does, input, detail, due_at) select a.id, u.id, a.kind, a.name, a.node, a.generation, a.mode, a.does, a.input, a.detail, a.due_at from u, jsonb_to_recordset(${p('armed')}::jsonb) as a(id uuid, kind text, name text, node text, generation int, mode text, does text, input jsonb, detail jsonb, due_at timestamptz))`,
  },
  items: {
    parameters: ['items'],
    sql: p => `items_gone as (delete from case_items i using u, jsonb_to_recordset(${p('items')}::jsonb) as n(kind text, key text, data text) where i.case_id = u.id and i.kind = n.kind and i.key = n.key and n.data is null),
 items_put as (insert into case_items as i (case_id, kind, key, data, seq) select u.id, n.kind, n.key, decode(n.data, 'hex'), n.seq from u, jsonb_to_recordset(${p('items')}::jsonb) as n(kind text, key text, data text, seq int) where n.data is not null
 on conflict (case_id, kind, key) do update set data = excluded.data)`,
  },
  number: {
    parameters: ['numbers'],
    sql: p => `taken as (select n.* from u, jsonb_to_recordset(${p('numbers')}::jsonb) as n(organisation text, register text, year text, value int, text text, seq int, at timestamptz)),
 number_last as (update registers r set last = t.value from taken t where r.organisation = t.organisation and r.register = t.register and r.year = t.year),
 number_entry as (insert into register_entries (organisation, register, year, value, text, case_id, seq, at) select t.organisation, t.register, t.year, t.value, t.text, u.id, t.seq, t.at from taken t, u)`,
  },
  reserve: {
    parameters: ['reserved'],
    // Counting what was let go makes it happen first: the same commit may take what it frees.
    sql: p => `reserve as (insert into reservations (case_id, key, resource, during) select u.id, r.key, r.resource, tstzrange(r."from", r."to", '[)') from (select count(*) from release) freed, u, jsonb_to_recordset(${p('reserved')}::jsonb) as r(key text, resource text, "from" timestamptz, "to" timestamptz))`,
  },
  release: {
    parameters: ['released'],
    sql: p => `release as (delete from reservations r using u where r.case_id = u.id and (r.key = any (${p('released')}::text[]) or '*' = any (${p('released')}::text[])) returning 1)`,
  },
  open: {
    parameters: ['principals', 'process', 'createdAt'],
    sql: p => `open as (insert into case_access (principal, case_id, process, state, created_at) select x, u.id, ${p('process')}::text, ${p('state')}::text, ${p('createdAt')}::timestamptz from u, unnest(${p('principals')}::text[]) x on conflict do nothing)`,
  },
  moved: {
    parameters: [],
    sql: p => `moved as (update case_access a set state = ${p('state')}::text from u where a.case_id = u.id)`,
  },
  search: {
    parameters: ['words'],
    sql: p => `search as (insert into case_search (case_id, words) select u.id, lower(unaccent(${p('words')}::text)) from u on conflict (case_id) do update set words = excluded.words)`,
  },
  scope: {
    parameters: ['scopes'],
    sql: p => `scope as (insert into case_scopes (scope, case_id) select s, u.id from u, unnest(${p('scopes')}::text[]) s on conflict do nothing)`,
  },
  freeze: {
    parameters: ['frozen'],
    sql: p => `frozen as (update attachments f set used_by = z.seq from u, jsonb_to_recordset(${p('frozen')}::jsonb) as z(id uuid, seq int) where f.case_id = u.id and f.id = z.id and f.used_by is null)`,
  },
  documents: {
    parameters: ['documents'],
    sql: p => `papers as (insert into documents (id, case_id, agenda_id, name, organisation, model, version, seq, ordinal) select d.id, u.id, d.agenda_id, d.name, d.organisation, decode(d.model, 'hex'), d.version, d.seq, d.ordinal from u, jsonb_to_recordset(${p('documents')}::jsonb) as d(id uuid, agenda_id uuid, name text, organisation text, model text, version int, seq int, ordinal int))`,
  },
  tasks: {
    parameters: ['tasks'],
    // What waited before keeps the instant since when it waits.
    sql: p => `asked as (select t.* from jsonb_to_recordset(${p('tasks')}::jsonb) as t(name text, principal text, roles text[], command text, deadline text, due date)),
 tasks_gone as (delete from tasks o using u where o.case_id = u.id and o.origin = 'process' and not exists (select 1 from asked a where a.name = o.name and a.principal = o.principal)),
 tasks_put as (insert into tasks as o (case_id, name, principal, origin, roles, command, deadline, due, since) select u.id, a.name, a.principal, 'process', a.roles, a.command, a.deadline, a.due, ${p('at')}::timestamptz from u, asked a
 on conflict (case_id, name, principal) do update set roles = excluded.roles, command = excluded.command, deadline = excluded.deadline, due = excluded.due)`,
  },
  calendar: {
    parameters: ['appointments'],
    // Each version has the SEQUENCE after the one before: under the case's lock nobody else counts.
    sql: p => `calendar_past as (update calendar_entries e set latest = false from u where e.case_id = u.id and e.latest),
 calendar_now as (insert into calendar_entries (case_id, sequence, version, latest, status, starts, ends, principals, sealed, changed_at)
 select u.id, coalesce((select max(e.sequence) + 1 from calendar_entries e where e.case_id = u.id), 0) + n.ordinal, n.version, n.latest, n.status, n.starts, n.ends, n.principals, decode(n.sealed, 'hex'), ${p('at')}::timestamptz
 from u, jsonb_to_recordset(${p('appointments')}::jsonb) as n(ordinal int, version int, latest boolean, status text, starts timestamptz, ends timestamptz, principals text[], sealed text))`,
  },
  broadcasts: {
    parameters: ['broadcasts'],
    sql: p => `to_many as (insert into broadcasts (id, case_id, name, organisation, template, template_version, channels, acknowledge, acknowledge_by, sealed, version)
 select b.id, u.id, b.name, b.organisation, b.template, b.template_version, b.channels, b.acknowledge, b.acknowledge_by, decode(b.sealed, 'hex'), b.version
 from u, jsonb_to_recordset(${p('broadcasts')}::jsonb) as b(id uuid, name text, organisation text, template text, template_version text, channels text[], acknowledge boolean, acknowledge_by date, sealed text, version int))`,
  },
  offers: {
    parameters: ['offers'],
    // One row, or none where the case offers nothing any more.
    sql: p => `offers_gone as (delete from case_offers o using u where o.case_id = u.id and jsonb_array_length(${p('offers')}::jsonb) = 0),
 offers_put as (insert into case_offers as o (case_id, process, process_version, scope, resource, parties, principals, offer)
 select u.id, n.process, n.version, n.scope, n.resource, n.parties, n.principals, n.offer from u, jsonb_to_recordset(${p('offers')}::jsonb) as n(process text, version int, scope text, resource text, parties jsonb, principals text[], offer jsonb)
 on conflict (case_id) do update set process_version = excluded.process_version, scope = excluded.scope, resource = excluded.resource, offer = excluded.offer)`,
  },
  drafts: {
    parameters: ['submitted'],
    sql: p => `drafts_gone as (delete from form_drafts f using u, jsonb_to_recordset(${p('submitted')}::jsonb) as d(form text, principal text) where f.case_id = u.id and f.form = d.form and f.principal = d.principal)`,
  },
};

const DEADLINE_CHANGES: Part[] = ['settle', 'cancel', 'arm'];
const cache = new Map<number, { statement: Statement; parameters: string[] }>();

/** The write for a set of parts, and the names of its parameters in order. Its one row says that the version was still the one decided on. */
export function writeStatement(parts: ReadonlySet<Part>): { statement: Statement; parameters: string[] } {
  const mask = PARTS.reduce((sum, part, bit) => (parts.has(part) ? sum | (1 << bit) : sum), 0);
  const known = cache.get(mask);
  if (known) return known;
  const touchesAgenda = DEADLINE_CHANGES.some(part => parts.has(part));
  const parameters = [...WRITE_BASE, ...(touchesAgenda ? ['nextArmed'] : []), ...PARTS.filter(part => parts.has(part)).flatMap(part => PART_SQL[part].parameters)];
  // `cancel` and `settle` are needed to know which deadline comes next.
  const p = (name: string) => {
    const index = parameters.indexOf(name);
    if (index < 0) throw new Error(`the write has no parameter ${name}`);
    return `$${index + 1}`;
  };
  const over = [
    parts.has('settle') ? `and g.id not in (select s.id from jsonb_to_recordset(${p('settled')}::jsonb) as s(id uuid))` : '',
    parts.has('cancel') ? `and not (${p('cancelAll')}::boolean or g.node = any (${p('cancelEvents')}::text[]))` : '',
  ].join(' ');
  const nextDue = touchesAgenda ? `, next_due = least(${p('nextArmed')}::timestamptz, (select min(g.due_at) from agenda g where g.case_id = ${p('id')}::uuid and g.kind = 'deadline' and g.state = 'due' ${over}))` : '';
  const text = `with u as (update cases c set version = ${p('newVersion')}, seq = ${p('newSeq')}, head = ${p('head')}, state = ${p('state')}, value = ${p('value')}, context = ${p('context')}, history_value = ${p('historyValue')},
 sealed = ${p('sealed')}, "row" = ${p('row')}, number = ${p('number')}, draft = ${p('draft')}, done = ${p('done')}, last_at = ${p('at')}${nextDue}
 where c.id = ${p('id')}::uuid and c.version = ${p('version')} and c.seq = ${p('seq')} returning c.id${touchesAgenda ? ', c.next_due' : ''}),
 entries as (insert into history (case_id, seq, version, at, kind, name, from_state, to_state, actor, caller, key, body_digest, payload, payload_digest, hash, execution)
 select u.id, e.seq, e.version, e.at, e.kind, e.name, e."from", e."to", e.actor, e.caller, e.key, decode(e."bodyDigest", 'hex'), decode(e.payload, 'hex'), decode(e."payloadDigest", 'hex'), decode(e.hash, 'hex'), e.execution
 from u, jsonb_to_recordset(${p('entries')}::jsonb) as e(${ENTRY_COLUMNS}))${PARTS.filter(part => parts.has(part)).map(part => `,\n ${PART_SQL[part].sql(p)}`).join('')}
 select id${touchesAgenda ? ', next_due' : ''} from u`;
  const made = { statement: { name: `write_${mask}`, text }, parameters };
  cache.set(mask, made);
  return made;
}

/** A case's first rows: the key and the row; the write follows with version 0 → 1. */
export const INSERT_CASE: Statement = {
  name: 'insert_case',
  text: `with k as (insert into case_keys (case_id, wrapped, master) values ($1, $2, $9))
 insert into cases (id, process, process_version, state, value, context, sealed, "row", parties, version, seq, head, draft, created_at, created_by, last_at)
 values ($1, $3, $4, '', 'null', 'null', '', 'null', $5, 0, 0, $6, true, $7, $8, $7)`,
};
