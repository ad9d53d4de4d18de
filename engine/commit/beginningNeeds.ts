/** What the beginning of a case needs beyond its data: the scopes that it enters, their cases, and the time that it looks at. */
import type pg from 'pg';
import type { Facts } from '../../plugins/contract.ts';
import { pipeline, run } from '../../database/pools.ts';
import { IS_CASE } from '../../database/offerStatements.ts';
import { LOCK_SCOPES, MEMBERS_OF } from '../../database/scopeStatements.ts';
import { beginningStep } from '../decide/decide.ts';
import type { CompiledProcess } from '../decide/compile.ts';
import type { Processes } from '../processes.ts';
import { LOOK_QUERIES, lookQueries, offersSeen } from './looks.ts';
import { pupilsQuery, pupilsSeen } from './pupils.ts';
import { NO_ROWS } from './transaction.ts';

export interface BeginningNeeds {
  facts: Facts | null;
  /** Those that the case enters. */
  scopes: string[];
  /** A case of this id is there already. */
  isThere: boolean;
}

/** No round trip for a process that asks for nothing. Throws DecisionError for the plugin's fault. */
export async function beginningNeeds(client: pg.PoolClient, process: CompiledProcess, beginning: Parameters<typeof beginningStep>[1], processes: Processes): Promise<BeginningNeeds> {
  const { create } = process.plugin;
  if (!create.joins && !create.sees && !create.members && !create.looks && !create.pupils) return { facts: null, scopes: [], isThere: false };
  const [joins, sees, members, look, asked] = beginningStep(process, beginning, step => [create.joins?.(step) ?? [], create.sees?.(step) ?? [], create.members?.(step) ?? [], create.looks?.(step) ?? null, create.pupils?.(step) ?? null] as const);
  const all = [...joins, ...sees, ...(look ? [look.scope] : []), ...members], read = [...sees, ...members];
  const { at } = beginning.environment;
  const [, found, own, pupils, ...seen] = await pipeline(client, [
    all.length > 0 ? run(client, LOCK_SCOPES, [all, all.map(scope => members.includes(scope))]) : NO_ROWS,
    read.length > 0 ? run(client, MEMBERS_OF, [read]) : NO_ROWS,
    run(client, IS_CASE, [beginning.state.id]),
    asked ? pupilsQuery(client, asked, at) : NO_ROWS,
    ...(look ? lookQueries(client, look, processes) : []),
  ]);
  const facts: Facts = { items: [], members: found!.rows, attachments: [], ...(look ? { offers: offersSeen(look, seen.slice(0, LOOK_QUERIES), processes, at) } : {}), ...(asked ? { pupils: pupilsSeen(pupils!, at) } : {}) };
  return { facts, scopes: [...new Set([...joins, ...members])], isThere: own!.rows.length > 0 };
}
