/**
 * The agenda's own statements: read by the durable workflow, leased by activities, searched by the sweeper.
 * They run as `iter_worker`, each a transaction of its own. Waiting times are computed here, by PostgreSQL's clock.
 */
import type { Statement } from './statements.ts';

const OPEN = `('due','begun','performed')`;
/** Milliseconds from now until a row may be served: its instant, or the end of somebody's lease. */
const WAIT_MS = `ceil(extract(epoch from (case when a.state = 'due' then a.due_at else coalesce(a.lease_until, '-infinity') end) - clock_timestamp()) * 1000)`;
const MILLISECONDS = (parameter: string) => `make_interval(secs => ${parameter}::float8 / 1000)`;

/** Cases that may share a deadline's instant before their wakes are spread. */
const PEERS_AT_ONCE = 20;
/** The longest spread, reached by six hundred cases: ten minutes. */
const MOST_PEERS = 600;

/** $1 case, $2 seq last seen, $3 rows being served, $4 most steps. One statement: one view of row, history and agenda. */
export const READ_AGENDA: Statement = {
  name: 'read_agenda',
  text: `select c.process, c.state, c.version, c.seq, c.done, c.draft, c.suspended is not null as suspended,
 coalesce((select json_agg(json_build_object('seq', h.seq, 'name', h.name, 'from', h.from_state, 'to', h.to_state) order by h.seq)
   from (select seq, name, from_state, to_state from history where case_id = $1 and seq > $2 and kind <> 'refused' order by seq desc limit $4) h), '[]') as steps,
 coalesce((select json_agg(json_build_object('id', r.id, 'kind', r.kind, 'name', r.name, 'mode', r.mode, 'does', r.does, 'attempts', r.attempts, 'due', (extract(epoch from r.due_at) * 1000)::float8, 'waitMs', r.wait_ms) order by r.due_at, r.id)
   from (select a.id, a.kind, a.name, a.mode, a.does, a.attempts, a.due_at, case when a.state <> 'due' and a.lease_until is null then 0 else ${WAIT_MS} end as wait_ms
     from agenda a where a.case_id = $1 and a.state in ${OPEN} order by a.due_at, a.id limit 200) r), '[]') as rows,
 coalesce((select json_agg(a.id) from agenda a where a.id = any ($3::uuid[]) and a.state in ('withdrawn','unwanted')), '[]') as withdrawn,
 exists (select 1 from agenda a where a.case_id = $1 and a.state = 'parked') as parked,
 (hashtextextended(c.id::text, 0) & 1023) / 1024.0::float8 * 1000 * greatest(0, (select count(*) from (select from agenda p where p.due_at = c.next_due and p.state in ${OPEN} limit ${MOST_PEERS + PEERS_AT_ONCE}) peers) - ${PEERS_AT_ONCE}) as spread_ms
 from cases c where c.id = $1`,
};

/**
 * $1 effect, $2 lease in ms, $3 execution. Compare-and-set due → begun; a row that was begun or performed is taken again once its lease is over.
 * Always one row if the effect exists: `was` and `wait_ms` tell why nothing was begun.
 */
export const BEGIN_EFFECT: Statement = {
  name: 'begin_effect',
  text: `with begun as (update agenda a set state = case when a.state = 'performed' then 'performed' else 'begun' end, attempts = a.attempts + 1,
   lease_until = clock_timestamp() + ${MILLISECONDS('$2')}, execution = $3::jsonb
   where a.id = $1 and a.kind = 'effect' and (a.state = 'due' and a.due_at <= clock_timestamp() + interval '1 second'
     or a.state in ('begun','performed') and coalesce(a.lease_until, '-infinity') <= clock_timestamp())
   returning a.id, a.attempts)
 select a.state as was, case when a.lease_until is null and a.state <> 'due' then 0 else ${WAIT_MS} end as wait_ms, b.id is not null as begun, b.attempts,
   a.name, a.mode, a.does, a.input, a.result, a.created_at, c.id as case_id, c.process, c.process_version, c.number, c.parties
 from agenda a join cases c on c.id = a.case_id left join begun b on b.id = a.id where a.id = $1`,
};
/** $1 effect, $2 result. The outcome is on record before anybody acts on it: a repeat finds it and does not perform again. */
export const STORE_PERFORMED: Statement = {
  name: 'store_performed',
  text: `update agenda set state = case when state = 'begun' then 'performed' else state end, result = $2::jsonb, error = null where id = $1 and state in ('begun','performed','unwanted')`,
};
/** $1 effect, $2 what was done so far of an effect of several parts. */
export const STORE_PROGRESS: Statement = { name: 'store_progress', text: `update agenda set result = $2::jsonb where id = $1 and state in ('begun','unwanted')` };
/** $1 effect, $2 ms until the next attempt, $3 error. What left its state meanwhile stays as it is. */
export const POSTPONE_EFFECT: Statement = {
  name: 'postpone_effect',
  text: `update agenda set state = case when state = 'begun' then 'due' else state end, due_at = case when state = 'begun' then clock_timestamp() + ${MILLISECONDS('$2')} else due_at end,
 lease_until = case when state = 'begun' then null else clock_timestamp() + ${MILLISECONDS('$2')} end, error = $3 where id = $1 and state in ('begun','performed') returning state`,
};
/** $1 effect, $2 ms until it goes on. */
export const CONTINUE_EFFECT: Statement = {
  name: 'continue_effect',
  text: `update agenda set state = 'due', due_at = clock_timestamp() + ${MILLISECONDS('$2')}, lease_until = null, attempts = 0, error = null where id = $1 and state = 'begun' returning state`,
};

/**
 * $1 grace in ms, $2 most cases. Cases with an open row that nobody serves though its time has come, the oldest first.
 * Deadlines that share an instant get the ten minutes over which their wakes are spread. What a suspended case may not do is not asked for.
 */
export const SWEEP: Statement = {
  name: 'sweep_agenda',
  text: `select c.id as case_id, c.process, extract(epoch from clock_timestamp() - min(w.since))::float8 as age from (
   select o.*, case when o.state = 'due' then o.due_at else greatest(o.due_at, coalesce(o.lease_until, o.due_at)) end as since,
     count(*) filter (where o.kind = 'deadline') over (partition by o.due_at) as peers
   from (select a.case_id, a.kind, a.mode, a.state, a.due_at, a.lease_until from agenda a where a.state in ${OPEN} and a.due_at <= clock_timestamp() - ${MILLISECONDS('$1')} order by a.due_at limit 20000) o) w
 join cases c on c.id = w.case_id
 where not c.draft and w.since <= clock_timestamp() - ${MILLISECONDS('$1')}
   - case when w.kind = 'deadline' then make_interval(secs => least(${MOST_PEERS}, greatest(0, w.peers - ${PEERS_AT_ONCE}))) else interval '0' end
   and not (c.suspended is not null and (w.kind = 'deadline' or w.mode = 'bound'))
 group by c.id, c.process order by min(w.since) limit $2`,
};
/** Seconds since the oldest row that is due and nobody serves; null when there is none. */
export const OLDEST_UNSERVED: Statement = {
  name: 'oldest_unserved',
  text: `select extract(epoch from clock_timestamp() - min(greatest(a.due_at, coalesce(a.lease_until, a.due_at))))::float8 as age from agenda a join cases c on c.id = a.case_id
 where a.state in ${OPEN} and a.due_at <= clock_timestamp() and (a.state = 'due' or coalesce(a.lease_until, '-infinity') <= clock_timestamp())
   and not (c.suspended is not null and (a.kind = 'deadline' or a.mode = 'bound'))`,
};
/** $1 last id, $2 page. Every case that has a life to live: others can see it, and it is not over or still owes something. */
export const LIVE_CASES: Statement = {
  name: 'live_cases',
  text: `select c.id, c.process from cases c where c.id > $1::uuid and not c.draft and (not c.done or exists (select 1 from agenda a where a.case_id = c.id and a.state in ${OPEN})) order by c.id limit $2`,
};
export const COUNT_LIVE_CASES: Statement = {
  name: 'count_live_cases',
  text: `select count(*)::int as count from cases c where not c.draft and (not c.done or exists (select 1 from agenda a where a.case_id = c.id and a.state in ${OPEN}))`,
};
/** Letters of which nobody knows whether they left: begun when the backup was taken, and without a result. Messages to many of which some had left: since then others have. */
export const BEGUN_LETTERS: Statement = {
  name: 'begun_letters',
  text: `select id, case_id, name from agenda where kind = 'effect' and (does = 'message' and state = 'begun' or does = 'broadcast' and (state = 'begun' or state = 'due' and result is not null)) order by case_id, id`,
};
/** $1 organisation codes, $2 user ids: where messages go, in which language, and whether a certified mailbox (PEC) takes them. */
export const ADDRESSES: Statement = {
  name: 'addresses',
  text: `select code as party, coalesce(nullif(pec, ''), nullif(email, '')) as address, 'it' as lang, nullif(pec, '') is not null as certified from organisations where code = any ($1::text[])
 union all select id::text, nullif(email, ''), locale, false from users where id::text = any ($2::text[]) and not disabled`,
};
