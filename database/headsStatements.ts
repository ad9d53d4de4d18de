/** Reading the heads of all chains, page by page, as a role that may read every case. */
import type { Statement } from './statements.ts';

/** One writer of a folder at a time. */
export const HEADS_LOCK = 7_401_882_301;

export const HEADS_CLOCK: Statement = { name: 'heads_clock', text: `select date_trunc('milliseconds', clock_timestamp()) as until` };

/**
 * $1 last id, $2 changed since, $3 page. Pages go by the primary key, whatever has changed in them: `last` is where the next one begins,
 * and a page without changes is one row without a case.
 */
export const HEADS_PAGE: Statement = {
  name: 'heads_page',
  text: `with page as materialized (select id, seq, head, last_at from cases where id > $1::uuid order by id limit $3)
 select l.id as last, p.id, p.seq, encode(p.head, 'hex') as head from (select id from page order by id desc limit 1) l left join page p on p.last_at >= $2 order by p.id`,
};
