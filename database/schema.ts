/**
 * The tables, their owner and their walls (engine.md, "The commit in SQL" and "Walls and secrets").
 * Serving roles own nothing. Reading roles see rows through policies; the commit's role checks access in its locking SELECT.
 */

/** Roles of the cluster. Passwords are set by the migration, from the installation's master key. */
export const LOGIN_ROLES = ['iter_api', 'iter_commit', 'iter_worker', 'iter_auditor'] as const;
export type LoginRole = (typeof LOGIN_ROLES)[number];

export const ROLES_AND_EXTENSIONS = `
do $$ declare r text; begin
  foreach r in array array['iter_owner','iter_api','iter_commit','iter_worker','iter_auditor'] loop
    begin execute format('create role %I', r); exception when duplicate_object or unique_violation then null; end;
  end loop;
end $$;
create extension if not exists btree_gist;
create extension if not exists pg_trgm;
create extension if not exists unaccent;
do $$ begin execute format('grant create, usage on schema public to iter_owner'); execute format('grant iter_owner to %I', current_user); end $$;
revoke create on schema public from public;
`;

/** Timeouts are the roles' own, so that no client can forget them. */
export const ROLE_SETTINGS = `
alter role iter_commit set lock_timeout = '2s'; alter role iter_commit set statement_timeout = '5s'; alter role iter_commit set transaction_timeout = '10s';
alter role iter_worker set lock_timeout = '2s'; alter role iter_worker set statement_timeout = '15s';
alter role iter_api set statement_timeout = '5s'; alter role iter_api set transaction_timeout = '10s';
`;

export const TABLES = `
create table organisations (
  code text primary key, name text not null, kind text not null check (kind in ('scuola','polo','usr','comune','ente')),
  region text, email text, pec text, created_at timestamptz not null default now());
create table users (
  id uuid primary key, username text not null unique, name text not null, email text, locale text not null default 'it' check (locale in ('it','en')),
  subject text unique, profile text, disabled boolean not null default false, created_at timestamptz not null default now());
create table memberships (
  user_id uuid not null references users, organisation text not null references organisations, role text not null,
  primary key (user_id, organisation, role));
create table tokens (
  hash bytea primary key, user_id uuid not null references users, created_at timestamptz not null default now(), expires_at timestamptz not null, revoked_at timestamptz);

create table cases (
  id uuid primary key, process text not null, process_version int not null, number text, state text not null,
  value jsonb not null, context jsonb not null, history_value jsonb, sealed bytea not null, "row" jsonb not null, parties jsonb not null,
  version int not null, seq int not null, head bytea not null, draft boolean not null, done boolean not null default false,
  suspended uuid, next_due timestamptz, created_at timestamptz not null, created_by text not null, last_at timestamptz not null,
  -- The engine keeps it under 64 KiB as it counts; this is for whoever comes past the engine.
  check (octet_length(context::text) <= 131072), check (octet_length(sealed) <= 131072)) with (fillfactor = 80);
create table case_keys (case_id uuid primary key, wrapped bytea not null);
create table case_access (
  principal text not null, case_id uuid not null references cases, process text not null, state text not null, created_at timestamptz not null,
  primary key (case_id, principal)) with (fillfactor = 80);
create index case_access_list on case_access (principal, process, state, created_at desc, case_id desc);
create index case_access_all on case_access (principal, created_at desc, case_id desc);

create table history (
  case_id uuid not null references cases, seq int not null, version int not null, at timestamptz not null,
  kind text not null check (kind in ('created','command','deadline','effect','refused','attachment','operator','migration')),
  name text not null, from_state text, to_state text, actor jsonb not null, caller text not null, key text not null, body_digest bytea not null,
  payload bytea not null, payload_digest bytea not null, hash bytea not null, execution jsonb,
  primary key (case_id, seq), unique (case_id, caller, key));

create table agenda (
  id uuid primary key, case_id uuid not null references cases, kind text not null check (kind in ('deadline','effect')),
  name text not null, node text, generation int not null, mode text check (mode in ('owed','bound')), does text,
  input jsonb, detail jsonb, due_at timestamptz not null,
  state text not null default 'due' check (state in ('due','begun','performed','done','fired','cancelled','withdrawn','unwanted','parked')),
  attempts int not null default 0, lease_until timestamptz, result jsonb, error text, execution jsonb,
  created_at timestamptz not null default clock_timestamp()) with (fillfactor = 80);
create index agenda_due on agenda (due_at) where state in ('due','begun','performed');
create index agenda_case on agenda (case_id) where state in ('due','begun','performed','unwanted','parked');

create table case_items (
  case_id uuid not null references cases, kind text not null, key text not null, data bytea not null, seq int not null,
  primary key (case_id, kind, key));
create table attachments (
  id uuid primary key, case_id uuid not null references cases, kind text not null, sealed bytea not null, media_type text not null, size int not null,
  sha256 text not null, content bytea not null, seq int not null, used_by int, created_at timestamptz not null default clock_timestamp());
create index attachments_case on attachments (case_id);
create table case_search (case_id uuid primary key references cases, words text not null);
create index case_search_words on case_search using gin (words gin_trgm_ops);

create table registers (organisation text not null, register text not null, year text not null, last int not null default 0, primary key (organisation, register, year));
create table register_entries (
  organisation text not null, register text not null, year text not null, value int not null, text text not null,
  case_id uuid not null references cases, seq int not null, at timestamptz not null, primary key (organisation, register, year, value));
create index register_entries_case on register_entries (case_id);
create table reservations (
  case_id uuid not null references cases, key text not null, resource text not null, during tstzrange not null,
  primary key (case_id, key), constraint reservations_exclusive exclude using gist (resource with =, during with &&));
create table case_scopes (scope text not null, case_id uuid not null references cases, primary key (scope, case_id));
create index case_scopes_case on case_scopes (case_id);

create table parameters (
  name text not null, organisation text references organisations, valid_from date not null, valid_to date, value jsonb not null,
  version int generated always as identity primary key, reason text not null, set_by text not null, set_at timestamptz not null default clock_timestamp(),
  check (valid_to is null or valid_to >= valid_from));
create index parameters_name on parameters (name, organisation);
create table incidents (
  id uuid primary key, case_id uuid not null references cases, agenda_id uuid references agenda, kind text not null, name text not null, detail text not null,
  created_at timestamptz not null default clock_timestamp(), resolved_at timestamptz, resolved_by text, resolution text);
create unique index incidents_open on incidents (agenda_id) where resolved_at is null;
create unique index incidents_open_by_name on incidents (case_id, kind, name) where resolved_at is null and agenda_id is null;
create index incidents_list on incidents (created_at desc, id) where resolved_at is null;
create index incidents_case on incidents (case_id);
create table access_log (
  id bigint generated always as identity primary key, case_id uuid not null references cases, at timestamptz not null default clock_timestamp(),
  user_id text not null, organisation text, role text not null, fields text[] not null, reason text);
create index access_log_case on access_log (case_id, id);
`;

export const FUNCTIONS = `
create function iter_append_only() returns trigger language plpgsql as $$ begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger history_append_only before update or delete or truncate on history for each statement execute function iter_append_only();
create trigger register_entries_append_only before update or delete or truncate on register_entries for each statement execute function iter_append_only();
create trigger access_log_append_only before update or delete or truncate on access_log for each statement execute function iter_append_only();

-- The caller's principals, set once per transaction. The sub-select is evaluated once per statement.
create function iter_principals() returns text[] language sql stable parallel safe as
  $$ select array_remove(array[nullif(current_setting('iter.org', true), ''), nullif(current_setting('iter.user', true), '')], null) $$;
-- RLS keeps GIN from serving LIKE (not leakproof) and hides the other parties' rows, so the search filters access itself, as the owner:
-- cases of one of the caller's principals in which all words (LIKE patterns without their ends) occur and which the party takes part in,
-- beyond a position. Planned with the values at hand: a rare word begins at the words, a common one at the newest cases.
create function iter_search_cases(principal text, words text[], party text, of_process text, in_state text, after_at timestamptz, after_id uuid, ascending boolean, most int)
 returns table (case_id uuid, created_at timestamptz) language plpgsql stable security definer set search_path = public as $$
begin
  if not $1 = any (iter_principals()) then return; end if;
  return query execute 'select a.case_id, a.created_at from case_access a where a.principal = $1'
    || case when $4 is null then '' else ' and a.process = $4' end || case when $5 is null then '' else ' and a.state = $5' end
    || case when $3 is null then '' else ' and exists (select 1 from case_access b where b.case_id = a.case_id and b.principal = $3)' end
    || (select coalesce(string_agg(format(' and exists (select 1 from case_search s where s.case_id = a.case_id and s.words like %L)', '%' || lower(unaccent(w)) || '%'), ''), '') from unnest($2) w)
    || case when $6 is null then '' when $8 then ' and (a.created_at, a.case_id) > ($6, $7)' else ' and (a.created_at, a.case_id) < ($6, $7)' end
    || case when $8 then ' order by a.created_at, a.case_id' else ' order by a.created_at desc, a.case_id desc' end || ' limit $9'
  using $1, $2, $3, $4, $5, $6, $7, $8, $9;
end $$;
create function iter_visible(wanted uuid) returns boolean language sql stable security definer set search_path = public as
  $$ select exists (select 1 from case_access a where a.case_id = wanted and a.principal = any (iter_principals())) $$;
`;

/** What each role may do. `iter_commit` never updates or deletes history; nobody deletes cases. */
export const WALLS = `
revoke execute on function iter_search_cases(text, text[], text, text, text, timestamptz, uuid, boolean, int), iter_visible(uuid) from public;
grant usage on schema public to iter_api, iter_commit, iter_worker, iter_auditor;
grant execute on function iter_principals(), iter_search_cases(text, text[], text, text, text, timestamptz, uuid, boolean, int), iter_visible(uuid) to iter_api, iter_auditor, iter_commit, iter_worker;

grant select on cases, case_keys, case_access, history, agenda, case_items, attachments, access_log, register_entries, reservations, incidents to iter_api, iter_auditor;
grant select on organisations, users, memberships, tokens, parameters, schools, school_pupils to iter_api;
grant select on organisations, parameters to iter_auditor, iter_commit, iter_worker;
grant select (id, username, disabled) on users to iter_commit;
grant select (id, username, name, email, locale, disabled) on users to iter_worker;
grant insert on access_log to iter_api;
grant update (profile) on users to iter_api;

-- What makes a case that case (its process, parties, author and key) is written once.
grant select, insert on cases, case_access, agenda, case_items, registers, incidents, case_search, history, register_entries, case_scopes, case_keys, reservations to iter_commit;
grant update (process_version, number, state, value, context, history_value, sealed, "row", version, seq, head, draft, done, suspended, next_due, last_at) on cases to iter_commit;
grant update (state, attempts, lease_until, due_at, result, error) on agenda to iter_commit;
grant update (state) on case_access to iter_commit;
grant update (data) on case_items to iter_commit;
grant update (last) on registers to iter_commit;
grant update (detail, resolved_at, resolved_by, resolution) on incidents to iter_commit;
grant update (words) on case_search to iter_commit;
grant update (used_by) on attachments to iter_commit;
grant insert on attachments, parameters to iter_commit;
grant select (id, case_id, kind, sealed, media_type, size, sha256, seq, used_by) on attachments to iter_commit;
grant delete on case_items, reservations to iter_commit;

-- The worker follows the agenda: it needs to know what happened, not what was said.
grant select on cases, agenda, case_access, incidents to iter_worker;
grant select (case_id, seq, version, at, kind, name, from_state, to_state, actor, caller, key, hash, execution) on history to iter_worker;
grant update (state, attempts, lease_until, due_at, result, error, execution) on agenda to iter_worker;

alter table cases enable row level security; alter table case_access enable row level security; alter table history enable row level security;
alter table case_keys enable row level security; alter table agenda enable row level security; alter table case_items enable row level security;
alter table attachments enable row level security; alter table access_log enable row level security; alter table register_entries enable row level security;
alter table reservations enable row level security; alter table incidents enable row level security;

do $$ declare t text; r text; begin
  foreach t in array array['cases','case_access','history','case_keys','agenda','case_items','attachments','access_log','register_entries','reservations','incidents'] loop
    foreach r in array array['iter_commit','iter_worker'] loop
      execute format('create policy %I on %I to %I using (true) with check (true)', t || '_' || r, t, r);
    end loop;
    -- A scalar sub-select, not EXISTS: PostgreSQL would hash all the cases of a principal (100,000 of a polo) to filter a page of fifty.
    execute format('create policy %I on %I for select to iter_api, iter_auditor using (%s)', t || '_read', t,
      case when t = 'case_access' then 'principal = any ((select iter_principals())::text[])'
           else format('(select true from case_access a where a.case_id = %I.%I and a.principal = any ((select iter_principals())::text[]) limit 1)', t, case t when 'cases' then 'id' else 'case_id' end) end);
  end loop;
end $$;
create policy access_log_write on access_log for insert to iter_api with check (iter_visible(case_id));
`;
