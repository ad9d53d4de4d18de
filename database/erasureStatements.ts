/** Cases whose time to be erased comes, read as `iter_worker`; and what is left to do outside the database for those that are. */
import type { Statement } from './statements.ts';

const OUTLINE = `c.id, c.process, c.process_version, c.number, c.state, c.done, c.last_at, c.parties, c.erased_at,
 (select count(*)::int from agenda a where a.case_id = c.id and a.state in ('due','begun','performed','parked')) as open, clock_timestamp() as now`;

/** $1 case. */
export const ERASURE_OUTLINE: Statement = { name: 'erasure_outline', text: `select ${OUTLINE} from cases c where c.id = $1` };
/** $1 processes, $2 last id, $3 page: cases that are over and still have their content. */
export const ENDED_CASES: Statement = { name: 'ended_cases', text: `select ${OUTLINE} from cases c where c.done and c.erased_at is null and c.process = any ($1) and c.id > $2::uuid order by c.id limit $3` };
/** $1 case. Every word of it, or nothing: database/erasureSchema.ts. */
export const ERASE_CASE: Statement = { name: 'erase_case', text: 'select iter_erase_case($1) as at' };
/** $1 case, $2 caller, $3 key. */
export const ERASED_BY: Statement = { name: 'erased_by', text: `select c.erased_at from cases c join history h on h.case_id = c.id where c.id = $1 and h.caller = $2 and h.key = $3 and h.kind = 'operator' and h.name = 'erase'` };

/** $1 page: erased cases of which something may still be outside, with the ids by which it is found. */
export const TO_FORGET: Statement = {
  name: 'to_forget',
  text: `select c.id, c.process, array(select m.message_id from mails m where m.case_id = c.id) as messages, array(select a.id::text from agenda a where a.case_id = c.id and a.kind = 'effect') as effects,
 array(select r.fingerprint from mail_receipts r where r.case_id = c.id or r.seems_of = c.id or r.mail_id in (select m.id from mails m where m.case_id = c.id)) as fingerprints
 from cases c where c.erased_at is not null and c.forgotten_at is null order by c.id limit $1`,
};
/** $1 cases. */
export const FORGOTTEN: Statement = { name: 'forgotten', text: 'update cases set forgotten_at = clock_timestamp() where id = any ($1::uuid[]) and erased_at is not null and forgotten_at is null' };
/** $1 case, behind row-level security: what is known of a case whether or not it was erased. */
export const CASE_OUTLINE: Statement = {
  name: 'case_outline',
  text: 'select id, process, process_version, number, state, version, draft, done, parties, created_at, last_at, erased_at from cases where id = $1',
};
