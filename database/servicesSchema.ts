/** Tables of 0003-services and their walls, a block for each service: calendars, families, imports. */

/** Appointments of cases, every version of them, and the secret addresses at which calendars are read. */
export const CALENDARS = `
-- sealed holds the words; times and parties stand in the clear. version: of the case, so that a message finds the entry as its own step left it.
create table calendar_entries (
  case_id uuid not null references cases, sequence int not null, version int not null, latest boolean not null, status text not null check (status in ('tentative','confirmed','cancelled')),
  starts timestamptz not null, ends timestamptz not null, principals text[] not null, sealed bytea not null, changed_at timestamptz not null, primary key (case_id, sequence));
create index calendar_entries_principals on calendar_entries using gin (principals) where latest;
-- The address is known to its holder alone: here is its digest. organisation: only what this person has with it, for as long as they belong to it.
create table calendar_feeds (
  id uuid primary key, hash bytea not null unique, user_id uuid not null references users, organisation text references organisations, name text not null,
  created_at timestamptz not null default clock_timestamp(), revoked_at timestamptz);
create index calendar_feeds_user on calendar_feeds (user_id, created_at);

grant select, insert on calendar_entries to iter_commit;
grant update (latest) on calendar_entries to iter_commit;
grant select, insert on calendar_feeds to iter_commit;
grant update (revoked_at) on calendar_feeds to iter_commit;
grant select on calendar_entries to iter_api, iter_auditor;
alter table calendar_entries enable row level security;
create policy calendar_entries_commit on calendar_entries to iter_commit using (true) with check (true);
create policy calendar_entries_read on calendar_entries for select to iter_api, iter_auditor using (principals && (select iter_principals())::text[]);

-- What may be read with an address, and nothing else: whoever asks has no other right. Cancelled ones stay for a month, past ones for a year; of very many the latest.
create function iter_calendar_feed(secret bytea) returns table (user_id uuid, locale text, name text, created_at timestamptz) language sql stable security definer set search_path = public as $$
  select f.user_id, u.locale, f.name, f.created_at from calendar_feeds f join users u on u.id = f.user_id and not u.disabled
   where f.hash = secret and f.revoked_at is null and (f.organisation is null or exists (select from memberships m where m.user_id = f.user_id and m.organisation = f.organisation)) $$;
create function iter_calendar_entries(secret bytea) returns table (case_id uuid, sequence int, status text, changed_at timestamptz, created_at timestamptz, organiser text, sealed bytea, wrapped bytea)
 language sql stable security definer set search_path = public as $$
  select e.case_id, e.sequence, e.status, e.changed_at, c.created_at, o.name, e.sealed, k.wrapped
   from iter_calendar_feed(secret) w join calendar_feeds f on f.hash = secret join calendar_entries e on e.latest and e.principals @> array[w.user_id::text]
   join cases c on c.id = e.case_id join case_keys k on k.case_id = e.case_id left join organisations o on o.code = e.principals[1]
   where e.ends > clock_timestamp() - interval '1 year' and (f.organisation is null or e.principals @> array[f.organisation])
    and (e.status <> 'cancelled' or e.changed_at > clock_timestamp() - interval '30 days') order by e.starts desc, e.case_id limit 2000 $$;
revoke execute on function iter_calendar_feed(bytea), iter_calendar_entries(bytea) from public;
grant execute on function iter_calendar_feed(bytea), iter_calendar_entries(bytea) to iter_api;

-- As the owner, whose function alone erases.
create function iter_erase_calendar() returns trigger language plpgsql set search_path = public as $$ begin
  delete from calendar_entries where case_id = new.id;
  return null;
end $$;
create trigger cases_erase_calendar after update of erased_at on cases for each row when (old.erased_at is null and new.erased_at is not null) execute function iter_erase_calendar();
`;

/** Pupils of a school and who answers for them. Shared by absences and messages to families. */
export const FAMILIES = `
-- code: the pupil's own in the secretariat's software. sealed holds the names ({ nome, cognome }), under a data key of their own (PUPILS_KEY): none in clear.
create table pupils (
  id uuid primary key, school text not null references organisations, code text not null, year text not null, class text not null, sealed bytea not null,
  left_on date, created_at timestamptz not null default clock_timestamp(), updated_at timestamptz not null default clock_timestamp(), unique (school, code, year));
create index pupils_class on pupils (school, year, class);
-- relation alunno: the pupil, who has an account too. position: whom to write to first.
create table pupil_contacts (
  pupil_id uuid not null references pupils on delete cascade, user_id uuid not null references users, relation text not null check (relation in ('genitore','tutore','delegato','alunno')),
  position int not null default 1, primary key (pupil_id, user_id));
create index pupil_contacts_user on pupil_contacts (user_id);
grant select, insert, delete on pupils, pupil_contacts to iter_commit;
grant update (class, sealed, left_on, updated_at) on pupils to iter_commit;
grant update (relation, position) on pupil_contacts to iter_commit;
`;

/** Tables of other software, taken in row by row: what was taken in, by its natural key, and how each organisation names the columns. */
export const IMPORTS = `
create table import_mappings (
  name text not null, organisation text not null references organisations, mapping jsonb not null, set_by text not null, set_at timestamptz not null default clock_timestamp(), primary key (name, organisation));
-- digest: of what the row says, keyed, so that nobody can try out names on it. A row that is gone stays as withdrawn.
create table import_rows (
  name text not null, organisation text not null references organisations, key text not null, day date, digest bytea not null, withdrawn boolean not null default false, revision int not null default 1,
  -- case_version: of the case when it took the row as it stands here.
  case_version int not null,
  case_id uuid not null references cases, taken_at timestamptz not null default clock_timestamp(), primary key (name, organisation, key));
create index import_rows_day on import_rows (name, organisation, day) where not withdrawn;
create index import_rows_case on import_rows (case_id);
grant select, insert, update on import_mappings to iter_commit;
grant select, insert on import_rows to iter_commit;
grant update (digest, withdrawn, revision, case_version, taken_at) on import_rows to iter_commit;
alter table import_rows enable row level security;
create policy import_rows_commit on import_rows to iter_commit using (true) with check (true);

-- A key names a pupil by code: it goes with the case.
create function iter_erase_imports() returns trigger language plpgsql set search_path = public as $$ begin
  delete from import_rows where case_id = new.id;
  return null;
end $$;
create trigger cases_erase_imports after update of erased_at on cases for each row when (old.erased_at is null and new.erased_at is not null) execute function iter_erase_imports();
`;

/** Time that cases offer. What is taken of it is in `reservations`, whose constraint lets nobody hold a resource twice. */
export const OFFERS = `
-- One row for each case that offers now. principals: its parties, by whom it is found. offer: what its plugin needs to tell the slots; programs read it, people are shown what follows.
create table case_offers (
  case_id uuid primary key references cases, process text not null, process_version int not null, scope text not null, resource text not null,
  parties jsonb not null, principals text[] not null, offer jsonb not null);
create index case_offers_scope on case_offers (scope);
create index case_offers_resource on case_offers (resource);
create index case_offers_principals on case_offers using gin (principals);
grant select, insert, delete on case_offers to iter_commit;
grant update (process_version, scope, resource, offer) on case_offers to iter_commit;
alter table case_offers enable row level security;
create policy case_offers_iter_commit on case_offers to iter_commit using (true) with check (true);

-- When a resource is held, whoever holds it: the policy of reservations shows a reader those of their own cases only.
create function iter_taken(resources text[], since timestamptz, until timestamptz) returns table (resource text, "from" timestamptz, "to" timestamptz)
 language sql stable security definer set search_path = public as $$
  select r.resource, lower(r.during), upper(r.during) from reservations r where r.resource = any (resources) and r.during && tstzrange(since, until) and r.resource in (select o.resource from case_offers o) $$;
create function iter_offers(of_process text, of_case uuid, of_party text, most int) returns table (id uuid, scope text, process text, version int, resource text, parties jsonb, offer jsonb)
 language sql stable security definer set search_path = public as $$
  select o.case_id, o.scope, o.process, o.process_version, o.resource, o.parties, o.offer from case_offers o
   where o.process = of_process and (of_case is null or o.case_id = of_case) and (of_party is null or o.principals @> array[of_party]) order by o.case_id limit most $$;
revoke execute on function iter_taken(text[], timestamptz, timestamptz), iter_offers(text, uuid, text, int) from public;
grant execute on function iter_taken(text[], timestamptz, timestamptz), iter_offers(text, uuid, text, int) to iter_api;
`;
