/**
 * Erasure of a case, of 0002-dossier: the one way in which content ever leaves the tables, whole or not at all.
 * A function of the owner, so that no serving role may empty anything piecemeal. Without the key, history is metadata and noise.
 */

/** A principal that is a person: organisations have codes. */
export const PERSON = `'^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$'`;

export const ERASURE = `
-- Why somebody read a case is free text, and may name the pupil. Who read what and when stays.
create function iter_append_only_until_erased() returns trigger language plpgsql as $$ begin
  if tg_op = 'UPDATE' and current_user = 'iter_owner' and current_setting('iter.erasing', true) = 'yes' then return null; end if;
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
drop trigger access_log_append_only on access_log;
create trigger access_log_append_only before update or delete or truncate on access_log for each statement execute function iter_append_only_until_erased();

-- Refuses a case that is not over or that still has something to do. Erased already: answers when, and does nothing.
create function iter_erase_case(wanted uuid) returns timestamptz language plpgsql security definer set search_path = public as $$
declare at timestamptz := date_trunc('milliseconds', clock_timestamp()); before timestamptz; over boolean; people text[];
begin
  select erased_at, done into before, over from cases where id = wanted for no key update;
  if not found then raise exception 'no such case' using errcode = 'no_data_found'; end if;
  if before is not null then return before; end if;
  if not over or exists (select from agenda where case_id = wanted and state in ('due','begun','performed','parked')) then
    raise exception 'the case is not over' using errcode = 'object_not_in_prerequisite_state';
  end if;
  select coalesce(array_agg(p.key), '{}') into people from cases c, jsonb_each_text(c.parties) p where c.id = wanted and p.value ~ ${PERSON};
  perform set_config('iter.erasing', 'yes', true);
  update case_keys set wrapped = '', master = null where case_id = wanted;
  update cases set context = '{}', sealed = '', "row" = '{}', next_due = null, suspended = null, erased_at = at,
    parties = coalesce((select jsonb_object_agg(p.key, p.value) from jsonb_each_text(parties) p where p.value !~ ${PERSON}), '{}') where id = wanted;
  delete from case_access where case_id = wanted and principal ~ ${PERSON};
  delete from case_items where case_id = wanted;
  delete from case_search where case_id = wanted;
  delete from form_drafts where case_id = wanted;
  delete from tasks where case_id = wanted;
  delete from reservations where case_id = wanted;
  update attachments set sealed = '', content = '', sha256 = '' where case_id = wanted;
  update documents set model = '', content = case when content is null then null else ''::bytea end where case_id = wanted;
  update mail_receipts set sealed = '', summary = '', doubt = null, closing = null, closed_at = coalesce(closed_at, clock_timestamp()), closed_by = coalesce(closed_by, 'system')
    where case_id = wanted or seems_of = wanted or mail_id in (select id from mails where case_id = wanted);
  update mails set sealed = '', sha256 = '', failure = null, handling = null,
    recipient = case when party is null or party = any (people) or party ~ ${PERSON} then '' else recipient end where case_id = wanted;
  update agenda set input = null, result = null, detail = null, error = null, state = case when state = 'unwanted' then 'done' else state end where case_id = wanted;
  update incidents set detail = '', resolution = null, resolved_at = coalesce(resolved_at, at), resolved_by = coalesce(resolved_by, 'system') where case_id = wanted;
  update access_log set reason = null where case_id = wanted and reason is not null;
  perform set_config('iter.erasing', '', true);
  return at;
end $$;
revoke execute on function iter_erase_case(uuid) from public;
grant execute on function iter_erase_case(uuid) to iter_commit;
revoke update (erased_at, parties) on cases from iter_commit;
grant update (forgotten_at) on cases to iter_commit;
`;
