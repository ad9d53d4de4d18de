/** What the daily mail reads and remembers. As `iter_worker`, each a transaction of its own. */
import type { Statement } from './statements.ts';
import { dayOf, TASK_ACCESS, TASK_DUE_AT, WEEK_DAYS } from './taskFunctions.ts';

/** $1 day, $2 last user id, $3 page. People who get mail and whom nobody has written to, or is writing to, on that day. */
export const DIGEST_READERS: Statement = {
  name: 'digest_readers',
  text: `select u.id, u.name, u.email, u.locale from users u where u.id > $2::uuid and not u.disabled and u.digest and u.email <> ''
 and not exists (select from digests g where g.user_id = u.id and g.day = $1 and (g.sent_at is not null or g.failure is not null or g.lease_until > clock_timestamp())) order by u.id limit $3`,
};
/**
 * $1 user ids, $2 day. In which profiles each of them is written to: their own, those of people whom they stand in for, and (role null) their own
 * affairs. Whoever is absent from an organisation on that day hears nothing of it; what is held twice is told once, as one's own.
 */
export const DIGEST_PROFILES: Statement = {
  name: 'digest_profiles',
  text: `select user_id, principal, role, organisation, deputy_for from (
 select distinct on (h.user_id, h.organisation, h.role) h.user_id, h.organisation as principal, h.role, o.name as organisation, h.absent_name as deputy_for
  from held_memberships h join organisations o on o.code = h.organisation
  where h.user_id = any ($1::uuid[]) and (h.from_day is null or $2::date between h.from_day and h.to_day)
  and not exists (select from absences a where a.user_id = h.user_id and a.organisation = h.organisation and a.withdrawn_at is null and $2::date between a.from_day and a.to_day)
  order by h.user_id, h.organisation, h.role, h.absent_id nulls first) held
 union all select u, u::text, null, null, null from unnest($1::uuid[]) u order by user_id, deputy_for nulls first, organisation nulls last, role`,
};
/**
 * $1 principals, $2 roles, pairwise (role null: any), $3 day, $4 most lines of each. What is overdue, then what is due within a week, then the rest;
 * `total` and `overdue` count also what is beyond the lines.
 */
export const DIGEST_TASKS: Statement = {
  name: 'digest_tasks',
  text: `with asked as (select distinct p.principal, p.role from unnest($1::text[], $2::text[]) as p(principal, role)),
 waiting as materialized (select p.principal, p.role, t.case_id, t.name, t.origin, t.roles, t.since, ${TASK_DUE_AT} as due_at from asked p join (${TASK_ACCESS}) on t.principal = p.principal and (p.role is null or p.role = any (t.roles))),
 parted as (select w.*, ${dayOf('w.due_at')} as due, case when w.due_at <= clock_timestamp() then 0 when ${dayOf('w.due_at')} <= $3::date + ${WEEK_DAYS} then 1 else 2 end as part from waiting w),
 placed as (select p.*, row_number() over (partition by p.principal, p.role order by p.part, coalesce(p.due_at, 'infinity'), p.since, p.case_id, p.name) as place,
  count(*) over (partition by p.principal, p.role)::int as total, (count(*) filter (where p.part = 0) over (partition by p.principal, p.role))::int as overdue from parted p)
 select p.principal, p.role, p.name, p.origin, p.roles, p.due::text as due, p.part, p.total, p.overdue, c.process, c.process_version, c.number, ${dayOf('c.created_at')}::text as begun
 from placed p join cases c on c.id = p.case_id where p.place <= $4 order by p.principal, p.role, p.place`,
};
/** $1 user, $2 day, $3 lease in ms. One row for whoever may write now: nobody wrote, and nobody else has begun to. */
export const CLAIM_DIGEST: Statement = {
  name: 'claim_digest',
  text: `insert into digests as g (user_id, day, lease_until) values ($1, $2, clock_timestamp() + make_interval(secs => $3::float8 / 1000))
 on conflict (user_id, day) do update set lease_until = excluded.lease_until where g.sent_at is null and g.failure is null and g.lease_until <= clock_timestamp() returning user_id`,
};
/** $1 user, $2 day. */
export const DIGEST_SENT: Statement = { name: 'digest_sent', text: 'update digests set sent_at = clock_timestamp() where user_id = $1 and day = $2 and sent_at is null' };
/** $1 user, $2 day, $3 why the address takes no mail. */
export const DIGEST_FAILED: Statement = { name: 'digest_failed', text: 'update digests set failure = $3 where user_id = $1 and day = $2' };
/** $1 user, $2 day, $3 ms until somebody may try again. */
export const POSTPONE_DIGEST: Statement = { name: 'postpone_digest', text: 'update digests set lease_until = clock_timestamp() + make_interval(secs => $3::float8 / 1000) where user_id = $1 and day = $2' };
/** $1 day. Whether some were begun and are not out. */
export const UNSENT_DIGESTS: Statement = { name: 'unsent_digests', text: 'select exists (select from digests where day = $1 and sent_at is null and failure is null) as unsent' };
/** $1 day before which nobody needs to know any more. */
export const FORGET_DIGESTS: Statement = { name: 'forget_digests', text: 'delete from digests where day < $1' };
