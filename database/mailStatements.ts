/** Statements of mail that was sent: what its receipts make of it, and what came in that nobody waits for. As `iter_commit` unless it says otherwise. */
import type { Statement } from './statements.ts';

const MAIL_COLUMNS = `m.id, m.message_id, m.case_id, m.party, m.sender, m.recipient, m.certified, m.state, m.handled_at, c.process, c.process_version, c.parties, c.erased_at, k.wrapped`;
const MAILS = 'from mails m left join cases c on c.id = m.case_id left join case_keys k on k.case_id = m.case_id';

/** $1 Message-IDs. */
export const MAILS_BY_MESSAGE_ID: Statement = { name: 'mails_by_message_id', text: `select ${MAIL_COLUMNS} ${MAILS} where m.message_id = any ($1)` };
export const MAIL_BY_ID: Statement = { name: 'mail_by_id', text: `select ${MAIL_COLUMNS} ${MAILS} where m.id = $1` };

/**
 * What a receipt makes of its mail, in the same statement that notes the receipt (`r`), so that it happens once and only forwards:
 * delivered is never undone, failed only by a delivery. $1 mail, $2 effect, $3 instant, $4 failure, $5 task or null.
 */
const FOLLOWING = `u as (update mails m set
  state = case when $2::text = 'delivered' then 'delivered' when $2::text = 'failed' and m.state <> 'delivered' then 'failed' when $2::text = 'accepted' and m.state = 'sent' then 'accepted' else m.state end,
  accepted_at = case when $2::text = 'accepted' then coalesce(m.accepted_at, $3::timestamptz, clock_timestamp()) else m.accepted_at end,
  delivered_at = case when $2::text = 'delivered' then coalesce(m.delivered_at, $3::timestamptz, clock_timestamp()) else m.delivered_at end,
  failed_at = case when $2::text = 'failed' then coalesce(m.failed_at, $3::timestamptz, clock_timestamp()) else m.failed_at end,
  failure = case when $2::text = 'failed' then coalesce(m.failure, $4::text) else m.failure end
  from r where m.id = $1::uuid and $2::text is not null returning m.id, m.case_id, m.state, m.handled_at),
 done as (delete from tasks t using u where t.case_id = u.case_id and t.origin = 'engine' and t.name = 'consegnaMancante/' || u.id and u.state = 'delivered'),
 raised as (insert into tasks (case_id, name, principal, origin, roles, detail, since)
  select u.case_id, t.name, t.principal, 'engine', t.roles, t.detail, clock_timestamp() from u, jsonb_to_record($5::jsonb) as t(name text, principal text, roles text[], detail jsonb)
  where u.state = 'failed' and u.handled_at is null and t.name is not null and u.case_id is not null on conflict (case_id, name, principal) do update set detail = excluded.detail)
 select r.id, (select state from u) as state from r`;

/** $6 receipt's row as JSON without its bytes, $7 summary, $8 sealed. No row: it was known. */
export const TAKE_IN: Statement = {
  name: 'take_in_receipt',
  text: `with r as (insert into mail_receipts (id, account, fingerprint, mail_id, case_id, kind, at, message_id, reference, doubt, size, seems_of, summary, sealed)
  select n.id, n.account, n.fingerprint, n.mail_id, n.case_id, n.kind, n.at, n.message_id, n.reference, n.doubt, n.size, n.seems_of, $7::bytea, $8::bytea
  from jsonb_to_record($6::jsonb) as n(id uuid, account text, fingerprint text, mail_id uuid, case_id uuid, kind text, at timestamptz, message_id text, reference text, doubt text, size int, seems_of uuid)
  on conflict (fingerprint) do nothing returning id), ${FOLLOWING}`,
};

/** $6 receipt, $7 summary, $8 sealed, $9 case, $10 who closes it (null: it was found by itself), $11 why. No row: somebody was first. */
export const ATTACH: Statement = {
  name: 'attach_receipt',
  text: `with r as (update mail_receipts x set mail_id = $1::uuid, case_id = $9::uuid, seems_of = null, summary = $7, sealed = $8,
  closed_at = case when $10::text is null then null else clock_timestamp() end, closed_by = $10, closing = $11::text
  where x.id = $6 and x.mail_id is null and x.closed_at is null returning x.id), ${FOLLOWING}`,
};
/** Receipts that came before their mail was on record: sent and noted are two steps, and the provider may be quicker. */
export const WAITING_RECEIPTS: Statement = {
  name: 'waiting_receipts',
  text: `select r.id, r.reference from mail_receipts r join mails m on m.message_id = r.reference where r.mail_id is null and r.closed_at is null and r.doubt is null order by r.received_at limit $1`,
};
export const INSERT_TRAY_KEY: Statement = { name: 'insert_tray_key', text: 'insert into case_keys (case_id, wrapped, master) values ($1, $2, $3) on conflict (case_id) do nothing' };
/** $1 receipt, $2 why it is not believed, though the mail that it names is there. */
export const DOUBT_RECEIPT: Statement = { name: 'doubt_receipt', text: 'update mail_receipts set doubt = $2 where id = $1 and mail_id is null' };
export const TRAY_ITEM: Statement = {
  name: 'tray_item',
  text: 'select id, account, mail_id, case_id, kind, at, received_at, message_id, reference, doubt, summary, sealed, size, closed_at, closed_by, closing from mail_receipts where id = $1',
};
export const CLOSE_TRAY_ITEM: Statement = {
  name: 'close_tray_item',
  text: 'update mail_receipts set closed_at = clock_timestamp(), closed_by = $2, closing = $3 where id = $1 and mail_id is null and closed_at is null returning id',
};

/** $1 hours, $2 most. Certified mail that nobody confirmed in time, by PostgreSQL's clock. */
export const OVERDUE_MAILS: Statement = {
  name: 'overdue_mails',
  text: `select ${MAIL_COLUMNS} ${MAILS} where m.certified and m.state in ('sent','accepted') and m.overdue_at is null and m.sent_at <= clock_timestamp() - make_interval(secs => $1::float8 * 3600) order by m.sent_at limit $2`,
};
/** $1 mail, $2 task or null. A receipt that comes at the same moment wins. */
export const MARK_OVERDUE: Statement = {
  name: 'mark_overdue',
  text: `with u as (update mails set overdue_at = clock_timestamp() where id = $1 and overdue_at is null and state in ('sent','accepted') returning case_id)
 , raised as (insert into tasks (case_id, name, principal, origin, roles, detail, since)
  select u.case_id, t.name, t.principal, 'engine', t.roles, t.detail, clock_timestamp() from u, jsonb_to_record($2::jsonb) as t(name text, principal text, roles text[], detail jsonb)
  where t.name is not null and u.case_id is not null on conflict (case_id, name, principal) do nothing)
 select case_id from u`,
};
/** $1 mail, $2 who, $3 how. What was to be done about it is done: its task ends and does not come back. */
export const HANDLE_MAIL: Statement = {
  name: 'handle_mail',
  text: `with u as (update mails set handled_at = clock_timestamp(), handled_by = $2, handling = $3 where id = $1 and handled_at is null and state <> 'delivered' and (state = 'failed' or overdue_at is not null) returning id, case_id),
 done as (delete from tasks t using u where t.case_id = u.case_id and t.origin = 'engine' and t.name = 'consegnaMancante/' || u.id)
 select id from u`,
};
