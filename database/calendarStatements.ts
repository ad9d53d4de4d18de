/** Appointments of cases as messages and feeds read them, and the secret addresses of feeds. */
import type { Statement } from './statements.ts';

/** $1 case, $2 effect: the entry as the decision left it that owes the effect, the name of who organises it, and since when the case is there. */
export const ENTRY_OF_EFFECT: Statement = {
  name: 'entry_of_effect',
  text: `select e.sequence, e.status, e.changed_at, e.sealed, e.principals, c.created_at, o.name as organiser, k.wrapped
 from calendar_entries e join cases c on c.id = e.case_id join case_keys k on k.case_id = e.case_id left join organisations o on o.code = e.principals[1]
 where e.case_id = $1 and e.version <= (select g.generation from agenda g where g.id = $2 and g.case_id = $1) order by e.sequence desc limit 1`,
};
/** $1 case, $2 effect: what became of the invitations with later entries than this effect's, whichever left first. */
export const LATER_INVITATIONS: Statement = {
  name: 'later_invitations',
  text: `select coalesce(l.result -> 'value' -> 'deliveries', l.result -> 'deliveries') as deliveries
 from agenda g join agenda l on l.case_id = g.case_id and l.generation > g.generation and l.does = 'message' and (l.input ->> 'invitation')::boolean and (l.result ? 'deliveries' or l.result -> 'value' ? 'deliveries')
 where g.id = $2 and g.case_id = $1 and exists (select from calendar_entries e where e.case_id = $1 and e.version > g.generation and e.version <= l.generation)`,
};

const FEED = 'id, user_id, organisation, name, created_at, revoked_at';
/** $1 SHA-256 of the secret. */
export const FEED_OF_SECRET: Statement = { name: 'feed_of_secret', text: 'select * from iter_calendar_feed($1)' };
export const FEED_ENTRIES: Statement = { name: 'feed_entries', text: 'select * from iter_calendar_entries($1)' };
/** $1 user. */
export const LIST_FEEDS: Statement = { name: 'list_feeds', text: `select ${FEED} from calendar_feeds where user_id = $1 and revoked_at is null order by created_at, id` };
/** $1 id, $2 digest, $3 user, $4 organisation, $5 name, $6 how many one person may have. No row: too many, or the id is there already. */
export const INSERT_FEED: Statement = {
  name: 'insert_feed',
  text: `insert into calendar_feeds (id, hash, user_id, organisation, name) select $1, $2, $3, $4, $5 where (select count(*) from calendar_feeds where user_id = $3 and revoked_at is null) < $6 on conflict do nothing returning ${FEED}`,
};
/** $1 id, $2 user. Revoked once: a repeat finds it and changes nothing. */
export const REVOKE_FEED: Statement = { name: 'revoke_feed', text: 'update calendar_feeds set revoked_at = coalesce(revoked_at, clock_timestamp()) where id = $1 and user_id = $2 returning id' };
