/**
 * The protocollo informatico in SQL, as `iter_commit`. The row of (organisation, year) is the register's lock: whoever holds it takes the
 * clock and the number after it, so that numbers, instants and days of one register come in the same order.
 */
import type { Statement } from './statements.ts';

const LOCAL = (instant: string) => `${instant} at time zone 'Europe/Rome'`;

/** $1 organisation, $2 solar year (null: that of now). Locks the register, and begins one at the first entry of a year. */
export const LOCK_REGISTER: Statement = {
  name: 'lock_protocol_register',
  text: `insert into protocol_registers as r (organisation, year) values ($1, coalesce($2::int, extract(year from ${LOCAL('clock_timestamp()')})::int))
 on conflict (organisation, year) do update set last = r.last returning year, last`,
};
/**
 * $1 organisation, $2 key, $3 year that is locked. Under the lock: the instant of the next entry, and the entry that bears the key, if any.
 * A clock that went back neither goes behind the last entry nor into a day that is sealed.
 */
export const REGISTER_CLOCK: Statement = {
  name: 'protocol_register_clock',
  text: `select n.at, (${LOCAL('n.at')})::date::text as day, extract(year from ${LOCAL('n.at')})::int as year, e.year as known_year, e.number as known_number, e.day::text as known_day, e.at as known_at
 from (select date_trunc('milliseconds', greatest(clock_timestamp(),
   (select at from protocol_entries where organisation = $1 and year = $3 order by number desc limit 1),
   (select ${LOCAL('(max(day) + 1)::timestamp')} from protocol_days where organisation = $1))) as at) n
 left join protocol_entries e on e.organisation = $1 and e.key = $2`,
};
/** $3 number. Counter and entry in one statement: neither is ever there without the other. */
export const INSERT_ENTRY: Statement = {
  name: 'insert_protocol_entry',
  text: `with taken as (update protocol_registers set last = $3 where organisation = $1 and year = $2 and last = $3 - 1 returning 1)
 insert into protocol_entries (organisation, year, number, direction, at, day, key, case_id, subject, sender, recipients, document, sha256, attachments, sender_protocol, message_id)
 select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16 from taken`,
};

/** $1 effect: what it has to make, or has made. */
export const EFFECT_DOCUMENTS: Statement = {
  name: 'effect_documents',
  text: `select d.id, d.name, d.organisation, d.model, d.created_at, d.content, d.sha256, d.protocol_year, d.protocol_number, d.protocol_day::text as protocol_day, d.made_at, k.wrapped
 from documents d join case_keys k on k.case_id = d.case_id where d.agenda_id = $1 order by d.ordinal`,
};
/** $1 ids, $2 sealed contents, $3 digests, $4 sizes, then the registration. Bytes that are there are never written over. */
export const STORE_DOCUMENTS: Statement = {
  name: 'store_documents',
  text: `update documents d set content = n.content, sha256 = n.sha256, size = n.size, made_at = $5, protocol_year = $6, protocol_number = $7, protocol_day = $8
 from unnest($1::uuid[], $2::bytea[], $3::text[], $4::int[]) as n(id, content, sha256, size) where d.id = n.id and d.content is null`,
};
/** $1 effect, $2 case: the attachments that its letter takes along. */
export const LETTER_FILES: Statement = { name: 'letter_files', text: `select f.*, k.wrapped from iter_letter_files($1) with ordinality f(id, kind, sealed, media_type, sha256, content, position), case_keys k where k.case_id = $2 order by f.position` };
export const CASE_KEY: Statement = { name: 'case_key', text: 'select wrapped from case_keys where case_id = $1' };
/** What a mail server took over is on record once, whoever notes it twice. */
export const INSERT_MAIL: Statement = {
  name: 'insert_mail',
  text: `insert into mails (id, message_id, case_id, agenda_id, party, sender, recipient, certified, sealed, size, sha256) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict (message_id) do nothing`,
};
/** $1 case, $2 effect. As `iter_worker`: to whom it has written already. */
export const SENT_MAILS: Statement = { name: 'sent_mails', text: 'select party, message_id from mails where case_id = $1 and agenda_id = $2' };
/** $1 codes: how an organisation is named in registers and on letters. */
export const CORRESPONDENTS: Statement = { name: 'correspondents', text: 'select code, name, ipa, aoo, fiscal_code, address, coalesce(pec, email) as email from organisations where code = any ($1)' };

/** Organisations that keep a register, and from which day on it is to be sealed. */
export const UNSEALED_REGISTERS: Statement = {
  name: 'unsealed_registers',
  text: `select r.organisation, o.name, coalesce((select max(s.day) + 1 from protocol_days s where s.organisation = r.organisation), (select min(e.day) from protocol_entries e where e.organisation = r.organisation))::text as "from"
 from (select distinct organisation from protocol_registers) r left join organisations o on o.code = r.organisation order by r.organisation`,
};
/** The day that is over by PostgreSQL's clock, and its instant. */
export const LAST_DAY: Statement = { name: 'last_day', text: `select ((${LOCAL('clock_timestamp()')})::date - 1)::text as day, date_trunc('milliseconds', clock_timestamp()) as now` };
const ENTRY = `e.organisation, e.year, e.number, e.direction, e.at, e.day::text as day, e.key, e.case_id, e.subject, e.sender, e.recipients, e.document, e.sha256, e.attachments, e.sender_protocol, e.message_id`;
/** $1 organisation, $2 day. */
export const ENTRIES_OF_DAY: Statement = { name: 'protocol_entries_of_day', text: `select ${ENTRY} from protocol_entries e where e.organisation = $1 and e.day = $2 order by e.year, e.number` };
/** $1 organisation: the last day that is sealed. */
export const LAST_SEALED: Statement = { name: 'last_sealed_day', text: 'select day::text as day, sha256 from protocol_days where organisation = $1 order by day desc limit 1' };
export const INSERT_DAY: Statement = {
  name: 'insert_protocol_day',
  text: `insert into protocol_days (organisation, day, year, first, last, entries, digest, content, sha256, previous, signature, signing_key, sealed_at)
 values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) on conflict (organisation, day) do nothing`,
};
/** $1 organisation, $2 the day before, $3 page. In order, a page at a time: a register of years does not fit into memory. */
export const SEALED_DAYS: Statement = {
  name: 'sealed_days',
  text: `select organisation, day::text as day, year, first, last, entries, digest, content, sha256, previous, signature, signing_key, sealed_at from protocol_days where organisation = $1 and ($2::date is null or day > $2) order by day limit $3`,
};
/** $1 organisation: by year, what the counter says and what is there. */
export const REGISTER_COUNTS: Statement = {
  name: 'protocol_register_counts',
  text: `select r.year, r.last, count(e.number)::int as entries, coalesce(max(e.number), 0) as highest, min(e.day)::text as first_day from protocol_registers r
 left join protocol_entries e on e.organisation = r.organisation and e.year = r.year where r.organisation = $1 group by r.year, r.last order by r.year`,
};
/** $1 organisation codes, $2 user ids: how they are called. */
export const NAMES: Statement = {
  name: 'names',
  text: `select 'organisation' as kind, code as id, name from organisations where code = any ($1::text[]) union all select 'person', id::text, name from users where id::text = any ($2::text[])`,
};
