/** The write of a commit: one statement made of the parts that a decision needs; each combination is a prepared statement of its own. */
import type { Statement } from './statements.ts';

/** What a write may contain beside the case row and its history. */
export const PARTS = ['settle', 'cancel', 'arm', 'items', 'number', 'release', 'reserve', 'open', 'moved', 'search', 'scope', 'freeze', 'documents', 'tasks', 'drafts', 'calendar', 'broadcasts', 'offers', 'parties'] as const;
export type Part = (typeof PARTS)[number];

/** Parameters of the write that are always there, in order; parts append their own. */
export const WRITE_BASE = ['id', 'version', 'seq', 'newVersion', 'newSeq', 'head', 'state', 'value', 'context', 'historyValue', 'sealed', 'row', 'number', 'draft', 'done', 'at', 'entries'] as const;

const ENTRY_COLUMNS = 'seq int, version int, at timestamptz, kind text, name text, "from" text, "to" text, actor jsonb, caller text, key text, "bodyDigest" text, payload text, "payloadDigest" text, hash text, execution jsonb';

const PART_SQL: Record<Part, { parameters: string[]; sql: (p: (name: string) => string, parts: ReadonlySet<Part>) => string }> = {
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
    // No row may be written twice by one statement.
    sql: (p, parts) => `moved as (update case_access a set state = ${p('state')}::text from u where a.case_id = u.id${parts.has('parties') ? ` and a.principal <> all (${p('leaving')}::text[])` : ''})`,
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
 on conflict (case_id) do update set process_version = excluded.process_version, scope = excluded.scope, resource = excluded.resource, parties = excluded.parties, principals = excluded.principals, offer = excluded.offer)`,
  },
  parties: {
    // Never with `open`: a draft keeps its parties. The row itself is updated by `u`.
    parameters: ['parties', 'former', 'leaving', 'joining', 'process', 'createdAt'],
    sql: p => `left_out as (delete from case_access a using u where a.case_id = u.id and a.principal = any (${p('leaving')}::text[])),
 let_in as (insert into case_access (principal, case_id, process, state, created_at) select x, u.id, ${p('process')}::text, ${p('state')}::text, ${p('createdAt')}::timestamptz from u, unnest(${p('joining')}::text[]) x on conflict do nothing),
 left_drafts as (delete from form_drafts f using u where f.case_id = u.id and f.principal = any (${p('leaving')}::text[])),
 left_mails as (update mails m set party = n.person from u, jsonb_to_recordset(${p('former')}::jsonb) as n(party text, person text) where m.case_id = u.id and m.party = n.party)`,
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
 sealed = ${p('sealed')}, "row" = ${p('row')}, number = ${p('number')}, draft = ${p('draft')}, done = ${p('done')}, last_at = ${p('at')}${parts.has('parties') ? `, parties = ${p('parties')}::jsonb` : ''}${nextDue}
 where c.id = ${p('id')}::uuid and c.version = ${p('version')} and c.seq = ${p('seq')} returning c.id${touchesAgenda ? ', c.next_due' : ''}),
 entries as (insert into history (case_id, seq, version, at, kind, name, from_state, to_state, actor, caller, key, body_digest, payload, payload_digest, hash, execution)
 select u.id, e.seq, e.version, e.at, e.kind, e.name, e."from", e."to", e.actor, e.caller, e.key, decode(e."bodyDigest", 'hex'), decode(e.payload, 'hex'), decode(e."payloadDigest", 'hex'), decode(e.hash, 'hex'), e.execution
 from u, jsonb_to_recordset(${p('entries')}::jsonb) as e(${ENTRY_COLUMNS}))${PARTS.filter(part => parts.has(part)).map(part => `,\n ${PART_SQL[part].sql(p, parts)}`).join('')}
 select id${touchesAgenda ? ', next_due' : ''} from u`;
  const made = { statement: { name: `write_${mask}`, text }, parameters };
  cache.set(mask, made);
  return made;
}
