/** Tables of 0002-dossier and their walls: what is made, registered, sent, waited for and forgotten. */

export const DOSSIER_TABLES = `
alter table organisations add column ipa text, add column aoo text, add column fiscal_code text, add column address text;
-- erased_at: the key is destroyed. forgotten_at: what was outside the database (copies of mail, the workflow) is gone too.
alter table cases add column erased_at timestamptz, add column forgotten_at timestamptz;
create index cases_to_forget on cases (id) where erased_at is not null and forgotten_at is null;
-- Master keys that may wrap: one that is struck out can be neither used nor come back, since every wrapped key refers to its own.
create table master_keys (fingerprint text primary key, since timestamptz not null default clock_timestamp());
alter table case_keys add column master text references master_keys;

-- A document's content is fixed by the commit that asks for it; its number, bytes and digest come with the effect that makes it.
create table documents (
  id uuid primary key, case_id uuid not null references cases, agenda_id uuid not null references agenda, name text not null, organisation text not null,
  model bytea not null, version int not null, seq int not null, ordinal int not null,
  protocol_year int, protocol_number int, protocol_day date, content bytea, sha256 text, size int, made_at timestamptz,
  created_at timestamptz not null default clock_timestamp(),
  check ((content is null) = (sha256 is null)), unique (agenda_id, ordinal));
create index documents_case on documents (case_id);

-- Protocollo (DPR 445/2000, artt. 53-57): one register per organisation and solar year, gap-free, never changed. No names of minors, no health data.
create table protocol_registers (organisation text not null, year int not null, last int not null default 0, primary key (organisation, year));
create table protocol_entries (
  organisation text not null, year int not null, number int not null check (number > 0), direction text not null check (direction in ('entrata','uscita','interno')),
  at timestamptz not null, day date not null, key text not null, case_id uuid, subject text not null, sender text not null, recipients text[] not null,
  document text not null, sha256 text not null, attachments jsonb not null default '[]', sender_protocol jsonb, message_id text,
  primary key (organisation, year, number), unique (organisation, key));
create index protocol_entries_day on protocol_entries (organisation, day, number);
create index protocol_entries_case on protocol_entries (case_id);
-- The register of a day, sealed (DPR 445/2000, art. 53 c. 3): a PDF, its digest, that of the entries, and the installation's signature, chained to the day before.
create table protocol_days (
  organisation text not null, day date not null, year int not null, first int, last int, entries int not null, digest text not null, content bytea not null,
  sha256 text not null, previous text, signature text not null, signing_key text not null, sealed_at timestamptz not null default clock_timestamp(), primary key (organisation, day));

create table mails (
  id uuid primary key, message_id text not null unique, case_id uuid references cases, agenda_id uuid references agenda, party text, sender text, recipient text not null,
  certified boolean not null, state text not null default 'sent' check (state in ('sent','accepted','delivered','failed')),
  sealed bytea not null, size int not null, sha256 text not null, sent_at timestamptz not null default clock_timestamp(), accepted_at timestamptz, delivered_at timestamptz, failed_at timestamptz, failure text,
  overdue_at timestamptz, handled_at timestamptz, handled_by text, handling text);
create index mails_case on mails (case_id);
create index mails_unanswered on mails (sent_at) where certified and state in ('sent','accepted') and overdue_at is null;
-- Receipts of certified mail, and what came in that no case waits for (the tray: mail_id is null and closed_at is null).
-- summary holds what lists show (from, subject), sealed as the message is: a subject may name a minor. doubt: why a receipt was not believed.
-- seems_of: the case whose mail it answers, while nobody has said where it belongs; it is erased with that case, also when it was put aside.
create table mail_receipts (
  id uuid primary key, account text not null, fingerprint text not null unique, mail_id uuid references mails, case_id uuid references cases, kind text not null,
  at timestamptz, received_at timestamptz not null default clock_timestamp(), message_id text, reference text, doubt text, summary bytea not null, sealed bytea not null, size int not null,
  closed_at timestamptz, closed_by text, closing text, seems_of uuid);
create index mail_receipts_seems on mail_receipts (seems_of) where seems_of is not null;
create index mail_receipts_mail on mail_receipts (mail_id);
create index mail_receipts_case on mail_receipts (case_id);
create index mail_receipts_tray on mail_receipts (account, received_at) where mail_id is null and closed_at is null;
create index mail_receipts_waiting on mail_receipts (reference) where mail_id is null and closed_at is null and doubt is null;

create table tasks (
  case_id uuid not null references cases, name text not null, principal text not null, origin text not null check (origin in ('process','engine')), roles text[] not null,
  command text, deadline text, due date, detail jsonb, since timestamptz not null, primary key (case_id, name, principal)) with (fillfactor = 80);
create index tasks_principal on tasks (principal, since, case_id, name);
create table absences (
  id uuid primary key, user_id uuid not null references users, deputy uuid not null references users, organisation text not null references organisations,
  from_day date not null, to_day date not null, reason text not null, set_by text not null, set_at timestamptz not null default clock_timestamp(), withdrawn_at timestamptz, withdrawn_by text,
  check (to_day >= from_day), check (user_id <> deputy),
  constraint absences_once exclude using gist (user_id with =, organisation with =, daterange(from_day, to_day, '[]') with &&) where (withdrawn_at is null));
create index absences_organisation on absences (organisation, from_day);
create index absences_user on absences (user_id) where withdrawn_at is null;
create index absences_deputy on absences (deputy) where withdrawn_at is null;
-- One daily mail per person and day: claimed before it is sent, so that nobody else sends it; failure says why it never will be.
create table digests (user_id uuid not null references users, day date not null, lease_until timestamptz not null, sent_at timestamptz, failure text, primary key (user_id, day));
alter table users add column digest boolean not null default true;
-- What a deputy holds from from_day to to_day: never more than the absent one does, and nothing where one of them is not of the organisation any more.
create view deputy_memberships as
 select a.id as absence_id, a.deputy as user_id, a.organisation, m.role, a.user_id as absent_id, u.name as absent_name, a.from_day, a.to_day
 from absences a join users u on u.id = a.user_id and not u.disabled join memberships m on m.user_id = a.user_id and m.organisation = a.organisation
 where a.withdrawn_at is null and exists (select from memberships d where d.user_id = a.deputy and d.organisation = a.organisation);
-- For the daily mail: the worker learns who holds which role on a day, without the tables.
create view held_memberships as
 select m.user_id, m.organisation, m.role, null::uuid as absent_id, null::text as absent_name, null::date as from_day, null::date as to_day from memberships m
 union all select d.user_id, d.organisation, d.role, d.absent_id, d.absent_name, d.from_day, d.to_day from deputy_memberships d;

create table form_drafts (
  case_id uuid not null references cases, form text not null, principal text not null, sealed bytea not null, revision int not null,
  updated_at timestamptz not null default clock_timestamp(), updated_by text not null, primary key (case_id, form, principal));

-- A change of a parameter that a second person must approve.
create table parameter_proposals (
  id uuid primary key, name text not null, organisation text references organisations, valid_from date not null, valid_to date, value jsonb not null, reason text not null,
  proposed_by text not null, proposed_at timestamptz not null default clock_timestamp(), decided_by text, decided_at timestamptz, approved boolean, note text,
  parameter_version int references parameters, check (valid_to is null or valid_to >= valid_from), check (decided_by is distinct from proposed_by));
create index parameter_proposals_open on parameter_proposals (name) where decided_at is null;
`;

export const DOSSIER_WALLS = `
create trigger protocol_entries_append_only before update or delete or truncate on protocol_entries for each statement execute function iter_append_only();
create trigger protocol_days_append_only before update or delete or truncate on protocol_days for each statement execute function iter_append_only();

grant select on documents, mails, mail_receipts, tasks, form_drafts, protocol_entries, protocol_days to iter_api, iter_auditor;
grant select on absences, parameter_proposals to iter_api;
grant update (erased_at, parties) on cases to iter_commit;
grant select (name) on users to iter_commit;

grant select, insert, delete on tasks, form_drafts to iter_commit;
grant update (roles, command, deadline, due, detail) on tasks to iter_commit;
grant update (sealed, revision, updated_at, updated_by) on form_drafts to iter_commit;
-- The commit reads no attachment's bytes but those that a letter takes with it: of the kinds that it names, frozen by the command that asked for it (earlier: or by one before).
create function iter_letter_files(effect uuid) returns table (id uuid, kind text, sealed bytea, media_type text, sha256 text, content bytea) language sql stable security definer set search_path = public as $$
  select a.id, a.kind, a.sealed, a.media_type, a.sha256, a.content from agenda g join documents d on d.agenda_id = g.id and d.ordinal = 0
   join attachments a on a.case_id = g.case_id and (a.used_by = d.seq and g.input -> 'letter' -> 'attachments' ? a.kind or a.used_by < d.seq and g.input -> 'letter' -> 'earlier' ? a.kind) where g.id = effect and g.does = 'message' order by a.seq $$;
revoke execute on function iter_letter_files(uuid) from public;
grant execute on function iter_letter_files(uuid) to iter_commit;
grant select, insert on documents, protocol_registers, protocol_entries, protocol_days, mails, mail_receipts, absences, parameter_proposals to iter_commit;
grant update (model, protocol_year, protocol_number, protocol_day, content, sha256, size, made_at) on documents to iter_commit;
grant update (last) on protocol_registers to iter_commit;
grant update (sealed, state, accepted_at, delivered_at, failed_at, failure, overdue_at, handled_at, handled_by, handling) on mails to iter_commit;
grant update (mail_id, case_id, seems_of, doubt, summary, sealed, closed_at, closed_by, closing) on mail_receipts to iter_commit;
grant update (withdrawn_at, withdrawn_by) on absences to iter_commit;
grant update (decided_by, decided_at, approved, note, parameter_version) on parameter_proposals to iter_commit;
grant update (digest) on users to iter_api;
grant select (digest) on users to iter_worker;
grant select on deputy_memberships to iter_api;
grant select on held_memberships to iter_worker;
grant select, insert, update, delete on digests to iter_worker;
grant select on documents, mails, mail_receipts, tasks, absences to iter_worker;

do $$ declare t text; r text; begin
  foreach t in array array['documents','mails','mail_receipts','tasks','form_drafts','protocol_entries','protocol_days'] loop
    execute format('alter table %I enable row level security', t);
    foreach r in array array['iter_commit','iter_worker'] loop
      execute format('create policy %I on %I to %I using (true) with check (true)', t || '_' || r, t, r);
    end loop;
  end loop;
  foreach t in array array['documents','mails','mail_receipts'] loop
    execute format('create policy %I on %I for select to iter_api, iter_auditor using ((select true from case_access a where a.case_id = %I.case_id and a.principal = any ((select iter_principals())::text[]) limit 1))', t || '_read', t, t);
  end loop;
  foreach t in array array['tasks','form_drafts'] loop
    execute format('create policy %I on %I for select to iter_api, iter_auditor using (principal = any ((select iter_principals())::text[]))', t || '_read', t);
  end loop;
  foreach t in array array['protocol_entries','protocol_days'] loop
    execute format('create policy %I on %I for select to iter_api, iter_auditor using (organisation = any ((select iter_principals())::text[]))', t || '_read', t);
  end loop;
end $$;
`;
