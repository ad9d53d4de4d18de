/** Messages to many in SQL, as `iter_commit`. Instants and waits are PostgreSQL's; a delivery only goes forwards. */
import type { Statement } from './statements.ts';

const MILLISECONDS = (parameter: string) => `make_interval(secs => ${parameter}::float8 / 1000)`;
/** A receipt that has not come by then is asked for. */
const RECEIPT_AFTER = `interval '30 minutes'`;
const UNSENT = `(state in ('created','temporaryFailure') or state = 'sending' and sent_at is null)`;

/** $1 effect. `asked`: whether the effect is still wanted. */
export const BROADCAST: Statement = {
  name: 'broadcast',
  text: `select b.id, b.case_id, b.name, b.organisation, o.name as sender, b.template, b.template_version, b.channels, b.acknowledge, b.acknowledge_by::text, b.sealed, b.resolved_at, k.wrapped, c.process, c.process_version, c.number,
   (clock_timestamp() at time zone 'Europe/Rome')::date::text as today
 from broadcasts b join cases c on c.id = b.case_id join case_keys k on k.case_id = b.case_id join organisations o on o.code = b.organisation where b.id = $1`,
};

const REACHED = 'u.user_id, u.name, u.locale, u.email, u.phone, u.channels';
/** $1 school, $2 school year, $3 classes, $4 pupils' codes (null: all), $5 today. One row for each pupil and person, in their order. */
export const FAMILY_RECIPIENTS: Statement = {
  name: 'family_recipients',
  text: `with found as materialized (select p.id, p.class, p.sealed, pc.user_id, pc.position, pc.relation from pupils p join pupil_contacts pc on pc.pupil_id = p.id where p.school = $1 and p.year = $2 and ($3::text[] is null or p.class = any ($3)) and ($4::text[] is null or p.code = any ($4)) and (p.left_on is null or p.left_on > $5::date))
 select p.id as pupil_id, p.class, p.sealed, p.relation, ${REACHED} from found p join iter_reached(array(select distinct user_id from found)) u on u.user_id = p.user_id order by p.class, p.id, p.position, u.user_id`,
};
/** $1 user ids. */
export const USER_RECIPIENTS: Statement = {
  name: 'user_recipients',
  text: `select null::uuid as pupil_id, null as class, null::bytea as sealed, ${REACHED} from iter_reached($1::uuid[]) u order by u.user_id`,
};
/** Pupils for whom somebody took note of a broadcast. One of the family is enough, for each of the children. */
export const COVERED = (broadcast: string, from = '') => `select distinct a.broadcast_id, unnest(a.pupils) as pupil from deliveries a${from} where a.broadcast_id = ${broadcast} and a.acknowledged_at is not null`;
/** Of a delivery `d`, with the table above at hand as `covered`. */
export const SILENT = `d.acknowledged_at is null and (d.pupils = '{}' or exists (select from unnest(d.pupils) p where (d.broadcast_id, p) not in (select broadcast_id, pupil from covered)))`;
/** $1 case, $2 effect's name, $3 this broadcast. The latest one of that name, and those of its recipients who have not taken note, nor others for all of their children. */
export const SILENT_RECIPIENTS: Statement = {
  name: 'silent_recipients',
  text: `with root as (select coalesce(about, id) as id from broadcasts where case_id = $1 and name = $2 and id <> $3 and resolved_at is not null order by created_at desc limit 1),
 covered as materialized (${COVERED('root.id', ', root')}), silent as (select distinct d.user_id, d.pupils from deliveries d, root where d.broadcast_id = root.id and ${SILENT})
 select root.id as about, p.id as pupil_id, p.class, p.sealed, ${REACHED} from root, silent s join iter_reached(array(select user_id from silent)) u on u.user_id = s.user_id left join pupils p on p.id = any (s.pupils) order by u.user_id, p.id`,
};

/** $1 broadcast, $2 case, $3 rows. */
export const INSERT_DELIVERIES: Statement = {
  name: 'insert_deliveries',
  text: `insert into deliveries (id, broadcast_id, case_id, user_id, pupils, channel, state, segments, cost, error, sealed, link, sent_at, delivered_at, failed_at)
 select r.id, $1, $2, r.user_id, r.pupils, r.channel, r.state, r.segments, r.cost, r.error, decode(r.sealed, 'hex'), decode(r.link, 'hex'), case when r.state = 'delivered' then clock_timestamp() end, case when r.state = 'delivered' then clock_timestamp() end, case when r.state = 'permanentFailure' then clock_timestamp() end
 from jsonb_to_recordset($3::jsonb) as r(id uuid, user_id uuid, pupils uuid[], channel text, state text, segments int, cost int, error text, sealed text, link text) on conflict do nothing`,
};
/** $1 broadcast: nobody else resolves it meanwhile. */
export const LOCK_BROADCAST: Statement = { name: 'lock_broadcast', text: 'select resolved_at from broadcasts where id = $1 for no key update' };
/** $1 broadcast, $2 what it is about. */
export const RESOLVED: Statement = { name: 'broadcast_resolved', text: 'update broadcasts set resolved_at = clock_timestamp(), about = $2 where id = $1' };

/**
 * $1 broadcast, $2 channel, $3 most, $4 lease in ms. Takes what is to be sent now; nothing once the effect is not wanted any more.
 * `doubtful`: somebody began to send it and did not live to say what came of it. `reached_at`: where the person may be reached now; null: not on this channel any more.
 */
export const CLAIM_DELIVERIES: Statement = {
  name: 'claim_deliveries',
  text: `with due as materialized (select d.id, d.state, d.user_id from deliveries d where d.broadcast_id = $1 and d.channel = $2 and ${UNSENT.replaceAll('state', 'd.state').replaceAll('sent_at', 'd.sent_at')}
   and (d.state = 'sending' and d.lease_until <= clock_timestamp() or d.state <> 'sending' and d.next_at <= clock_timestamp()) and exists (select from agenda a where a.id = $1 and a.state = 'begun')
   order by d.next_at, d.id limit $3 for update of d skip locked),
 reached as materialized (select u.user_id, case when $2 = 'email' then u.email else u.phone end as address from iter_reached(array(select user_id from due)) u where $2 = any (u.channels))
 update deliveries d set state = 'sending', attempts = d.attempts + 1, lease_until = clock_timestamp() + ${MILLISECONDS('$4')} from due left join reached r on r.user_id = due.user_id where d.id = due.id
 returning d.id, d.channel, d.attempts, d.sealed, due.state = 'sending' as doubtful, r.address as reached_at`,
};
/** $1 delivery, $2 where its recipient wants to be reached by now. */
export const READDRESS: Statement = { name: 'readdress_delivery', text: 'update deliveries set sealed = $2 where id = $1' };
/** $1 channel, $2 how many, $3 ms between two. Answers ms until the first of these turns. */
export const TAKE_TURNS: Statement = {
  name: 'take_turns',
  text: `insert into channel_turns as t (channel, free_at) values ($1, clock_timestamp() + ${MILLISECONDS('($2::float8 * $3::float8)')})
 on conflict (channel) do update set free_at = greatest(t.free_at, clock_timestamp()) + ${MILLISECONDS('($2::float8 * $3::float8)')}
 returning extract(epoch from free_at - ${MILLISECONDS('($2::float8 * $3::float8)')} - clock_timestamp())::float8 * 1000 as wait_ms`,
};
/** $1 channel, $2 ms: the provider asked to be left alone that long. */
export const PAUSE_CHANNEL: Statement = {
  name: 'pause_channel',
  text: `insert into channel_turns as t (channel, free_at) values ($1, clock_timestamp() + ${MILLISECONDS('$2')}) on conflict (channel) do update set free_at = greatest(t.free_at, clock_timestamp() + ${MILLISECONDS('$2')})`,
};
/** An operator may let what is parked go on. */
const GOES_ON = `('due','begun','performed','parked')`;
/** Its state withdrew the effect: what was not sent is not sent any more. */
const NOT_WANTED = `exists (select from agenda a where a.id = d.broadcast_id and a.state not in ${GOES_ON})`;
/** $1 ids: given back untried. */
export const RELEASE_DELIVERIES: Statement = {
  name: 'release_deliveries',
  text: `update deliveries d set state = case when ${NOT_WANTED} then 'withdrawn' else 'created' end, attempts = attempts - 1, lease_until = null where id = any ($1::uuid[]) and state = 'sending' and sent_at is null`,
};
/** $1 id, $2 state, $3 taken over by the provider, $4 its id, $5 error, $6 ms until the next attempt. A receipt that came first stays. */
export const RECORD_DELIVERY: Statement = {
  name: 'record_delivery',
  text: `update deliveries d set state = case when state <> 'sending' then state when $2 = 'temporaryFailure' and ${NOT_WANTED} then 'withdrawn' else $2 end, sent_at = case when $3::boolean then coalesce(sent_at, clock_timestamp()) else sent_at end, provider_id = coalesce($4, provider_id), error = case when state = 'sending' then $5 else error end,
 next_at = case when $2 = 'temporaryFailure' then clock_timestamp() + ${MILLISECONDS('coalesce($6::float8, 0)')} else next_at end, lease_until = case when $2 = 'sending' then clock_timestamp() + ${RECEIPT_AFTER} end,
 delivered_at = case when $2 = 'delivered' then coalesce(delivered_at, clock_timestamp()) else delivered_at end, failed_at = case when state = 'sending' and $2 in ('permanentFailure','technicalFailure') then clock_timestamp() else failed_at end where id = $1`,
};
/** $1 broadcast: the effect was withdrawn. What a provider may have taken over is left as it is. */
export const WITHDRAW_DELIVERIES: Statement = {
  name: 'withdraw_deliveries',
  text: `update deliveries set state = 'withdrawn', lease_until = null where broadcast_id = $1 and state in ('created','temporaryFailure') and not exists (select from agenda a where a.id = $1 and a.state in ('due','begun'))`,
};
/** $1 broadcast. `waits`: channel → ms until the next one may be sent. `wanted`: its state did not withdraw it; an attempt that outlived its lease must not take a row that another gave back for that. */
export const PROGRESS: Statement = {
  name: 'broadcast_progress',
  text: `select coalesce((select json_object_agg(channel, wait_ms) from (select channel, greatest(0, ceil(extract(epoch from min(case when state = 'sending' then lease_until else next_at end) - clock_timestamp()) * 1000))::float8 as wait_ms
   from deliveries where broadcast_id = $1 and ${UNSENT} group by channel) c), '{}') as waits, exists (select from agenda a where a.id = $1 and a.state in ('due','begun','performed')) as wanted`,
};
/** $1 broadcast: how many of each channel stand where. */
export const COUNTS: Statement = {
  name: 'broadcast_counts',
  text: `select channel, state, count(*)::int as count, coalesce(sum(segments), 0)::int as segments, coalesce(sum(cost), 0)::int as cost from deliveries where broadcast_id = $1 group by channel, state order by channel, state`,
};
/**
 * $1 delivery, $2 state, $3 error. What was said before stays: delivered is never undone, and a repeat changes nothing.
 * One row when there is such an SMS.
 */
export const SMS_RECEIPT: Statement = {
  name: 'sms_receipt',
  text: `update deliveries set state = case when state = 'delivered' or $2 = 'sending' and state in ('permanentFailure','technicalFailure') then state else $2 end, sent_at = coalesce(sent_at, clock_timestamp()), error = case when state = 'delivered' then error when $2 = 'delivered' then null else coalesce($3, error) end,
 lease_until = case when $2 = 'sending' and state not in ('delivered','permanentFailure','technicalFailure') then coalesce(lease_until, clock_timestamp() + ${RECEIPT_AFTER}) end,
 delivered_at = case when $2 = 'delivered' then coalesce(delivered_at, clock_timestamp()) else delivered_at end, failed_at = case when $2 in ('permanentFailure','technicalFailure') and state <> 'delivered' then coalesce(failed_at, clock_timestamp()) when $2 = 'delivered' then null else failed_at end
 where id = $1 and channel = 'sms' returning id`,
};

/** What its state withdrew while a worker that died meanwhile held it, or gave it back. */
export const WITHDRAW_LEFT: Statement = {
  name: 'withdraw_left',
  text: `update deliveries d set state = 'withdrawn', lease_until = null from agenda a where a.id = d.broadcast_id and a.state not in ${GOES_ON} and d.state in ('created','temporaryFailure')`,
};
/**
 * $1 most. SMS whose receipt has not come (`given_up`: for three days; networks try for two), and what somebody held of an effect that nobody goes on with.
 * Each is asked after less and less often.
 */
export const CLAIM_OPEN_ENDS: Statement = {
  name: 'claim_open_ends',
  text: `with due as (select d.id from deliveries d join agenda a on a.id = d.broadcast_id where d.state = 'sending' and d.lease_until <= clock_timestamp() and (d.sent_at is not null or a.state not in ${GOES_ON}) order by d.lease_until limit $1 for update of d skip locked)
 update deliveries d set lease_until = clock_timestamp() + greatest(${RECEIPT_AFTER}, (clock_timestamp() - coalesce(d.sent_at, clock_timestamp())) / 2) from due where d.id = due.id
 returning d.id, d.broadcast_id, d.channel, d.sealed, d.sent_at is not null as taken_over, coalesce(d.sent_at < clock_timestamp() - interval '72 hours', false) as given_up`,
};

/** $1 Message-ID, $2 whether it failed, $3 why. A server that took a mail over says later that it could not deliver it. One row when it is a mail of a message to many. */
export const BOUNCED: Statement = {
  name: 'broadcast_bounced',
  text: `with found as (select id from deliveries where provider_id = $1 and channel = 'email'),
 failed as (update deliveries d set state = 'permanentFailure', error = $3, failed_at = coalesce(d.failed_at, clock_timestamp()), delivered_at = null from found where d.id = found.id and $2::boolean) select id from found`,
};
/** $1 delivery, $2 user. */
export const MARK_READ: Statement = {
  name: 'mark_read',
  text: `update deliveries set read_at = coalesce(read_at, clock_timestamp()) where id = $1 and user_id = $2 and channel = 'portal' and state = 'delivered' returning read_at, acknowledged_at`,
};
/** $1 delivery: its secret address was opened by a person. */
export const MARK_OPENED: Statement = { name: 'mark_opened', text: 'update deliveries set read_at = coalesce(read_at, clock_timestamp()) where id = $1 and link is not null' };
/** $1 delivery, $2 user, $3 by whom. Of the message and of its reminders, on every channel: nobody takes note twice. */
export const ACKNOWLEDGE: Statement = {
  name: 'acknowledge_delivery',
  text: `with mine as (select coalesce(b.about, b.id) as root from deliveries d join broadcasts b on b.id = d.broadcast_id and b.acknowledge where d.id = $1 and d.user_id = $2),
 done as (update deliveries d set acknowledged_at = coalesce(d.acknowledged_at, clock_timestamp()), acknowledged_by = coalesce(d.acknowledged_by, $3), read_at = case when d.channel = 'portal' or d.id = $1 and d.link is not null and $3 = d.user_id::text then coalesce(d.read_at, clock_timestamp()) else d.read_at end
  from mine, broadcasts b where d.user_id = $2 and b.id = d.broadcast_id and (b.id = mine.root or b.about = mine.root) returning d.id, d.read_at, d.acknowledged_at)
 select read_at, acknowledged_at from done where id = $1`,
};
/** $1 organisation. */
export const SENDER: Statement = { name: 'broadcast_sender', text: 'select name from organisations where code = $1' };
