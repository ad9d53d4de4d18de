/** Tables of 0003-services for messages to many: who answers for which pupil, how each person wants to be reached, and what became of each message. */

export const CHANNELS_TABLES = `
-- How a person is reached: their own choice, or what the secretariat knows until they say something themselves (chosen_at).
create table contacts (
  user_id uuid primary key references users, email text, phone text check (phone ~ '^[+][1-9][0-9]{6,14}$'), channels text[] not null default '{portal}' check (channels <@ array['email','sms','portal']),
  chosen_at timestamptz, updated_at timestamptz not null default clock_timestamp(), updated_by text not null);
-- Each consent is kept with its version and instants, also when it was withdrawn; at most one per channel is open.
create table consents (
  user_id uuid not null references contacts, channel text not null check (channel in ('email','sms')), version text not null, given_at timestamptz not null, source text not null check (source in ('self','secretariat')), given_by text not null,
  withdrawn_at timestamptz, withdrawn_by text, primary key (user_id, channel, given_at));
create unique index consents_open on consents (user_id, channel) where withdrawn_at is null;

-- An address or number that a person gave, until they repeat the code that is sent there. The code is kept nowhere: it follows from the nonce and a key that is not in the database.
create table contact_codes (
  user_id uuid not null references users, channel text not null check (channel in ('email','sms')), address text not null, locale text not null, nonce uuid not null, tries int not null default 0,
  asked int not null default 1, asked_since timestamptz not null default clock_timestamp(), expires_at timestamptz not null, send_at timestamptz, failure text, primary key (user_id, channel));
create index contact_codes_unsent on contact_codes (send_at) where send_at is not null;

-- A message to many, fixed by the commit that asks for it (id: the effect's row); its recipients are found when the effect begins, all at once.
create table broadcasts (
  id uuid primary key references agenda, case_id uuid not null references cases, name text not null, organisation text not null, template text not null, template_version text not null, channels text[] not null,
  acknowledge boolean not null, acknowledge_by date, sealed bytea not null, version int not null, about uuid references broadcasts, resolved_at timestamptz, created_at timestamptz not null default clock_timestamp());
create index broadcasts_case on broadcasts (case_id, created_at);
-- One row per recipient and channel ('none': nobody knows how to reach them), its id following from both. sealed: name, address, language, pupils.
-- sending: taken by a worker until lease_until; with sent_at, taken over by the provider, whose receipt is waited for (and asked for again at lease_until).
-- link: digest of the secret address at which the recipient takes note without signing in.
create table deliveries (
  id uuid primary key, broadcast_id uuid not null references broadcasts, case_id uuid not null references cases, user_id uuid not null references users, pupils uuid[] not null default '{}',
  channel text not null check (channel in ('email','sms','portal','none')),
  state text not null check (state in ('created','sending','delivered','temporaryFailure','permanentFailure','technicalFailure','withdrawn')),
  attempts int not null default 0, next_at timestamptz not null default clock_timestamp(), lease_until timestamptz, segments int, cost int, provider_id text, error text, sealed bytea not null,
  created_at timestamptz not null default clock_timestamp(), sent_at timestamptz, delivered_at timestamptz, failed_at timestamptz, read_at timestamptz, acknowledged_at timestamptz, acknowledged_by text,
  link bytea unique, unique (broadcast_id, user_id, channel)) with (fillfactor = 80);
create index deliveries_open on deliveries (broadcast_id, channel, next_at) where state in ('created','temporaryFailure') or state = 'sending' and sent_at is null;
create index deliveries_inbox on deliveries (user_id, created_at desc, id desc) where channel = 'portal';
create index deliveries_case on deliveries (case_id);
create index deliveries_under_way on deliveries (lease_until) where state = 'sending';
create index deliveries_mail on deliveries (provider_id) where channel = 'email';
-- When a channel is free again, for all workers: each takes its turns in advance.
create table channel_turns (channel text primary key, free_at timestamptz not null);
`;

export const CHANNELS_WALLS = `
grant select, insert, update on contacts, consents, channel_turns to iter_commit;
grant select, insert, update, delete on contact_codes to iter_commit;
grant select, insert on broadcasts to iter_commit;
grant update (about, resolved_at) on broadcasts to iter_commit;
grant select, insert on deliveries to iter_commit;
grant update (state, attempts, next_at, lease_until, segments, cost, provider_id, error, sealed, sent_at, delivered_at, failed_at, read_at, acknowledged_at, acknowledged_by) on deliveries to iter_commit;
grant select (id, name, locale, username, disabled) on users to iter_commit;
grant select on contacts, consents to iter_api;
grant select (user_id, channel, address, expires_at, send_at, failure) on contact_codes to iter_api;
grant select on broadcasts, deliveries to iter_api, iter_auditor;

do $$ declare t text; begin
  foreach t in array array['contacts','consents','contact_codes','broadcasts','deliveries'] loop
    execute format('alter table %I enable row level security', t);
    execute format('create policy %I on %I to iter_commit using (true) with check (true)', t || '_iter_commit', t);
  end loop;
  foreach t in array array['broadcasts','deliveries'] loop
    execute format('create policy %I on %I for select to iter_api, iter_auditor using ((select true from case_access a where a.case_id = %I.case_id and a.principal = any ((select iter_principals())::text[]) limit 1))', t || '_read', t, t);
  end loop;
end $$;
create policy contacts_read on contacts for select to iter_api using (user_id::text = any ((select iter_principals())::text[]));
create policy contact_codes_read on contact_codes for select to iter_api using (user_id::text = any ((select iter_principals())::text[]));
create policy consents_read on consents for select to iter_api using (user_id::text = any ((select iter_principals())::text[]));

-- How these persons may be reached: what they chose, with a consent that stands; in the portal, who can sign in (not an account that a file brought and nobody has opened yet). The commit reads addresses of accounts in no other way.
create function iter_reached(wanted uuid[]) returns table (user_id uuid, name text, locale text, email text, phone text, channels text[]) language sql stable security definer set search_path = public as $$
  select u.id, u.name, u.locale, case when k.chosen_at is null then coalesce(nullif(u.email, ''), nullif(k.email, '')) else coalesce(nullif(k.email, ''), nullif(u.email, '')) end, k.phone,
   array(select ch from unnest(coalesce(k.channels, '{portal}')) ch where case when ch = 'portal' then u.username not like 'famiglia.%.%' or u.subject is not null or exists (select from tokens t where t.user_id = u.id and t.revoked_at is null)
    else exists (select from consents s where s.user_id = u.id and s.channel = ch and s.withdrawn_at is null) end)
  from users u left join contacts k on k.user_id = u.id where u.id = any (wanted) and not u.disabled $$;
-- Parents whom a file brings: an account without a way to sign in, until an operator or the identity provider gives it one; from then on it is its holder's.
create function iter_bring_guardians(people jsonb) returns void language sql volatile security definer set search_path = public as $$
  insert into users as u (id, username, name, locale) select r.id, r.username, r.name, r.locale from jsonb_to_recordset(people) as r(id uuid, username text, name text, locale text) where r.username like 'famiglia.%.%'
  on conflict (id) do update set name = excluded.name, locale = excluded.locale where u.subject is null and u.username = excluded.username and not exists (select from tokens t where t.user_id = u.id) $$;
revoke execute on function iter_reached(uuid[]), iter_bring_guardians(jsonb) from public;
grant execute on function iter_reached(uuid[]), iter_bring_guardians(jsonb) to iter_commit;

-- A recipient is no party of the case: what was written to them they read here, and nothing else of it.
create function iter_inbox(owner text, wanted uuid, before_at timestamptz, before_id uuid, most int)
 returns table (id uuid, case_id uuid, broadcast_id uuid, created_at timestamptz, read_at timestamptz, acknowledged_at timestamptz, sealed bytea, words bytea, wrapped bytea, organisation text, sender text,
  template text, acknowledge boolean, acknowledge_by date, process text, process_version int, number text)
 language sql stable security definer set search_path = public as $$
  select d.id, d.case_id, d.broadcast_id, d.created_at, d.read_at, d.acknowledged_at, d.sealed, b.sealed, k.wrapped, b.organisation, o.name, b.template, b.acknowledge, b.acknowledge_by, c.process, c.process_version, c.number
  from deliveries d join broadcasts b on b.id = d.broadcast_id join cases c on c.id = d.case_id and c.erased_at is null join case_keys k on k.case_id = d.case_id join organisations o on o.code = b.organisation
  where d.user_id::text = owner and owner = any (iter_principals()) and d.channel = 'portal' and d.state = 'delivered' and (wanted is null or d.id = wanted) and (before_at is null or (d.created_at, d.id) < (before_at, before_id))
  order by d.created_at desc, d.id desc limit most $$;
revoke execute on function iter_inbox(text, uuid, timestamptz, uuid, int) from public;
grant execute on function iter_inbox(text, uuid, timestamptz, uuid, int) to iter_api;

-- Who has the address that a message gave them: what was written to them, and nothing else. open: the case is not over; afterwards the address is worth nothing.
create function iter_linked(secret bytea)
 returns table (id uuid, user_id uuid, case_id uuid, broadcast_id uuid, read_at timestamptz, acknowledged_at timestamptz, sealed bytea, words bytea, wrapped bytea, organisation text, sender text,
  template text, acknowledge_by date, process text, process_version int, number text, open boolean)
 language sql stable security definer set search_path = public as $$
  select d.id, d.user_id, d.case_id, d.broadcast_id, d.read_at, d.acknowledged_at, d.sealed, b.sealed, k.wrapped, b.organisation, o.name, b.template, b.acknowledge_by, c.process, c.process_version, c.number, not c.done
  from deliveries d join broadcasts b on b.id = d.broadcast_id and b.acknowledge join cases c on c.id = d.case_id and c.erased_at is null join case_keys k on k.case_id = d.case_id join organisations o on o.code = b.organisation
  where d.link = secret $$;
revoke execute on function iter_linked(bytea) from public;
grant execute on function iter_linked(bytea) to iter_api;

-- What its state withdrew is not sent any more, whether or not a worker is at it.
create function iter_withdraw_broadcast() returns trigger language plpgsql set search_path = public as $$ begin
  update deliveries set state = 'withdrawn', lease_until = null where broadcast_id = new.id and state in ('created','temporaryFailure');
  return null;
end $$;
create trigger agenda_withdraw_broadcast after update of state on agenda for each row when (new.does = 'broadcast' and new.state in ('withdrawn','unwanted') and old.state is distinct from new.state) execute function iter_withdraw_broadcast();

-- With its key the words are noise already; who was written to goes too.
create function iter_erase_broadcasts() returns trigger language plpgsql set search_path = public as $$ begin
  delete from deliveries where case_id = new.id;
  update broadcasts set sealed = '' where case_id = new.id;
  return null;
end $$;
create trigger cases_erase_broadcasts after update of erased_at on cases for each row when (old.erased_at is null and new.erased_at is not null) execute function iter_erase_broadcasts();
`;
