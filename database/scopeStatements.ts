/**
 * A scope's lock until the end of the transaction: members, and those who only see it, share it; who decides over it has it alone. Not a row: PostgreSQL
 * lets those who share a row overtake one who waits to have it alone, so that a fund with busy members would never be paid out; here they queue behind.
 */
import type { Statement } from './statements.ts';

const SCOPE_TURN = (scope: string) => `hashtextextended('iter/scope/' || ${scope}, 0)`;

/** $1 scopes in turn, $2 which of them alone: shared locks and exclusive ones in one order, so that nobody waits in a circle. */
export const LOCK_SCOPES: Statement = {
  name: 'lock_scopes',
  text: `select case when alone then pg_advisory_xact_lock(turn) is null else pg_advisory_xact_lock_shared(turn) is null end
 from (select ${SCOPE_TURN('s')} as turn, bool_or(a) as alone from unnest($1::text[], $2::boolean[]) as w(s, a) group by 1 order by 1) turns`,
};
/** $1 case. Whatever changes a member keeps out those who decide over its scopes, whether or not the command says that it joins. */
export const SHARE_OWN_SCOPES: Statement = { name: 'share_own_scopes', text: `select pg_advisory_xact_lock_shared(turn) from (select ${SCOPE_TURN('scope')} as turn from case_scopes where case_id = $1 order by 1) turns` };
/** $1 scopes: cases of any of them. */
export const MEMBERS_OF: Statement = {
  name: 'members_of',
  text: `select c.id, c.process, c.state, c.number, c."row" from cases c where c.id in (select s.case_id from case_scopes s where s.scope = any ($1)) order by c.id`,
};
