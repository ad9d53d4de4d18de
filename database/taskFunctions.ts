/**
 * Tasks of one principal in one role, read as the owner: behind the policies of `agenda` and `case_access` ten thousand tasks would ask for
 * access thirty thousand times. The functions let nobody ask for another's principal, and show a task with its case only (a draft is its author's).
 */

/** The open deadline that a task names; a task's own date goes before it. */
const DEADLINE = `(select min(g.due_at) from agenda g where g.case_id = t.case_id and g.kind = 'deadline' and g.state = 'due' and g.name = t.deadline)`;
/** When a task `t` is overdue: the midnight after its local date in Europe/Rome, also on the two days that are not of 24 hours, or the deadline's own instant. */
export const TASK_DUE_AT = `case when t.due is not null then (t.due + 1)::timestamp at time zone 'Europe/Rome' when t.deadline is not null then ${DEADLINE} end`;
/** The last local day of what is due at an instant: what ends at midnight ends with the day before. */
export const dayOf = (instant: string) => `((${instant} - interval '1 millisecond') at time zone 'Europe/Rome')::date`;
/** A task `t` with the row that opens its case to the same principal. */
export const TASK_ACCESS = 'tasks t join case_access a on a.case_id = t.case_id and a.principal = t.principal';
/** Days after today within which something is due "this week". */
export const WEEK_DAYS = 7;
export const LOCAL_TODAY = `(clock_timestamp() at time zone 'Europe/Rome')::date`;

const quoted = (sql: string) => sql.replaceAll(`'`, `''`);

export const TASK_FUNCTIONS = `
-- Beyond a position: (since, case, name), or (due or infinity, since, case, name) when by_due. words are LIKE patterns without their ends.
create function iter_tasks(principal text, in_role text, of_process text, of_command text, is_overdue boolean, words text[], by_due boolean, after_due timestamptz, after_since timestamptz, after_case uuid, after_name text, most int)
 returns table (case_id uuid, name text, origin text, roles text[], command text, since timestamptz, due_at timestamptz) language plpgsql stable security definer set search_path = public rows 100 as $$
begin
  if not $1 = any (iter_principals()) then return; end if;
  return query execute 'select w.* from (select t.case_id, t.name, t.origin, t.roles, t.command, t.since, ${quoted(TASK_DUE_AT)} as due_at from ${TASK_ACCESS} where t.principal = $1 and $2 = any (t.roles)'
    || case when $3 is null then '' else ' and a.process = $3' end || case when $4 is null then '' else ' and t.command = $4' end
    || (select coalesce(string_agg(format(' and exists (select 1 from case_search s where s.case_id = t.case_id and s.words like %L)', '%' || lower(unaccent(w)) || '%'), ''), '') from unnest($6) w)
    || case when $7 or $9 is null then '' else ' and (t.since, t.case_id, t.name) > ($9, $10, $11)' end
    -- The fence: without it the deadline would be looked up for each mention of due_at.
    || case when $7 then ' offset 0' else '' end || ') w where true' || case when $5 is null then '' when $5 then ' and w.due_at <= clock_timestamp()' else ' and (w.due_at is null or w.due_at > clock_timestamp())' end
    || case when $7 and $9 is not null then ' and (coalesce(w.due_at, ''infinity''), w.since, w.case_id, w.name) > ($8, $9, $10, $11)' else '' end
    || ' order by ' || case when $7 then 'coalesce(w.due_at, ''infinity''), ' else '' end || 'w.since, w.case_id, w.name limit $12'
  using $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12;
end $$;
-- The engine names a task after what it is about: <task>/<id>. Those of one task are counted together.
create function iter_count_tasks(principal text, in_role text)
 returns table (process text, name text, origin text, total int, overdue int, due_this_week int) language plpgsql stable security definer set search_path = public rows 20 as $$
begin
  if not $1 = any (iter_principals()) then return; end if;
  return query select w.process, w.name, w.origin, count(*)::int, (count(*) filter (where w.due_at <= clock_timestamp()))::int,
    (count(*) filter (where w.due_at > clock_timestamp() and ${dayOf('w.due_at')} <= ${LOCAL_TODAY} + ${WEEK_DAYS}))::int
    from (select a.process, case t.origin when 'engine' then split_part(t.name, '/', 1) else t.name end as name, t.origin, ${TASK_DUE_AT} as due_at from ${TASK_ACCESS} where t.principal = $1 and $2 = any (t.roles) offset 0) w
    group by w.process, w.name, w.origin order by w.process, w.name;
end $$;
revoke execute on function iter_tasks(text, text, text, text, boolean, text[], boolean, timestamptz, timestamptz, uuid, text, int), iter_count_tasks(text, text) from public;
grant execute on function iter_tasks(text, text, text, text, boolean, text[], boolean, timestamptz, timestamptz, uuid, text, int), iter_count_tasks(text, text) to iter_api;
`;
