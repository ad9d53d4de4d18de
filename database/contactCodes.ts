/** Codes by which people show that an address is theirs: as `iter_commit`. */
import type { Statement } from './statements.ts';

/** $1 user, $2 channel, $3 address, $4 language, $5 nonce, $6 minutes, $7 most in a day. No row: asked for too often. */
export const REQUEST_CODE: Statement = {
  name: 'request_code',
  text: `insert into contact_codes as c (user_id, channel, address, locale, nonce, expires_at, send_at) values ($1, $2, $3, $4, $5, clock_timestamp() + make_interval(mins => $6::int), clock_timestamp())
 on conflict (user_id, channel) do update set address = excluded.address, locale = excluded.locale, nonce = excluded.nonce, tries = 0, expires_at = excluded.expires_at, send_at = excluded.send_at, failure = null,
  asked = case when c.asked_since < clock_timestamp() - interval '1 day' then 1 else c.asked + 1 end, asked_since = case when c.asked_since < clock_timestamp() - interval '1 day' then clock_timestamp() else c.asked_since end
  where c.asked < $7 or c.asked_since < clock_timestamp() - interval '1 day' returning user_id`,
};
/** $1 user, $2 channel. The row stays: it counts how often was asked. */
export const FORGET_CODE: Statement = { name: 'forget_code', text: `update contact_codes set expires_at = clock_timestamp(), send_at = null, address = '' where user_id = $1 and channel = $2` };
/** $1 user, $2 channel, $3 most tries. */
export const TRY_CODE: Statement = { name: 'try_code', text: 'update contact_codes set tries = tries + 1 where user_id = $1 and channel = $2 and tries < $3 and expires_at > clock_timestamp() returning address, nonce' };
/** $1 user, $2 channel, $3 nonce. Once. */
export const TAKE_ADDRESS: Statement = {
  name: 'take_address',
  text: `with right_one as (select address from contact_codes where user_id = $1 and channel = $2 and nonce = $3 and expires_at > clock_timestamp() for update),
 used as (update contact_codes c set expires_at = clock_timestamp(), send_at = null, address = '' from right_one where c.user_id = $1 and c.channel = $2)
 update contacts k set email = case when $2 = 'email' then r.address else k.email end, phone = case when $2 = 'sms' then r.address else k.phone end, updated_at = clock_timestamp(), updated_by = $1::text from right_one r where k.user_id = $1 returning k.user_id`,
};
/** $1 most, $2 lease in ms. */
export const CLAIM_CODES: Statement = {
  name: 'claim_codes',
  text: `with due as (select user_id, channel from contact_codes where send_at <= clock_timestamp() and expires_at > clock_timestamp() order by send_at limit $1 for update skip locked)
 update contact_codes c set send_at = clock_timestamp() + make_interval(secs => $2::float8 / 1000) from due where c.user_id = due.user_id and c.channel = due.channel returning c.user_id, c.channel, c.address, c.locale, c.nonce`,
};
/** $1 nonce, $2 why it cannot be sent. A newer one is another's matter. */
export const CODE_SENT: Statement = { name: 'code_sent', text: 'update contact_codes set send_at = null, failure = $2 where nonce = $1' };
