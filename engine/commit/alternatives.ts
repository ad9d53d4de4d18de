/** What a refused booker is told: which resource is taken and when, and the free slots that are nearest. */
import type { AlternativesAsked, DateRange, Instant, Json, JsonObject, Member, Refusal } from '../../plugins/contract.ts';
import { addDays, romeDate } from '../../plugins/calendar.ts';
import { pipeline, run } from '../../database/pools.ts';
import { MEMBERS_OF } from '../../database/scopeStatements.ts';
import * as sql from '../../database/statements.ts';
import { alternativesAsked, nearestSlots, type Wish } from '../decide/offers.ts';
import type { CompiledProcess } from '../decide/compile.ts';
import type { CaseState } from '../decide/types.ts';
import type { EngineContext } from './context.ts';
import { lookQueries, offersSeen } from './looks.ts';
import type { StoredRefusal } from './refusals.ts';
import { NO_ROWS, withConnection, type ResourceTaken } from './transaction.ts';

export interface Alternative { case: string; from: Instant; to: Instant; detail: JsonObject }
export interface Taken { resource: string; from?: Instant; to?: Instant; alternatives?: Alternative[] }

/** Days around the wanted one in which is looked first, and where that gives too few. */
const NEAR_DAYS = 7, FAR_DAYS = 60;

/** A rule refuses, and another time would do: the transaction ends, and what is free is looked for. */
export class AnotherTime extends Error {
  private readonly refusal: StoredRefusal;
  private readonly wish: Wish;
  constructor(refusal: StoredRefusal, wish: Wish) {
    super(refusal.detail);
    this.refusal = refusal;
    this.wish = wish;
  }
  async withAlternatives(context: EngineContext): Promise<StoredRefusal> {
    return { ...this.refusal, members: { ...this.refusal.members, alternatives: await nearestFree(context, this.wish) } };
  }
}

/** Null: no rule says that another time would do, or the process proposes none. */
export function wishOf(process: CompiledProcess, state: Pick<CaseState, 'id' | 'createdAt' | 'number' | 'parties' | 'context'>, data: Json, refusals: Refusal[]): Wish | null {
  return refusals.some(({ alternatives }) => alternatives) ? alternativesAsked(process, state, data) : null;
}

/** Read after the refusal: whoever is quick may find one of the alternatives taken too. */
export async function whatIsTaken(context: EngineContext, { held, wish }: ResourceTaken): Promise<Taken> {
  const { rows: [taken] } = await withConnection(context.pools[context.commitPool], client => run(client, sql.FIRST_TAKEN, [JSON.stringify(held)]));
  const told: Taken = taken ? { resource: taken.resource, from: taken.from.toISOString(), to: taken.to.toISOString() } : { resource: held[0]!.resource };
  return wish ? { ...told, alternatives: await nearestFree(context, wish) } : told;
}

/** Free slots that the booker would be given now, the nearest first. */
async function nearestFree(context: EngineContext, { process, asked }: Wish): Promise<Alternative[]> {
  return await withConnection(context.pools[context.commitPool], async client => {
    const { rows: [clock] } = await run(client, sql.CLOCK, []), at: Instant = clock.now.toISOString();
    const near = await look(NEAR_DAYS);
    return near.length >= asked.most ? near : await look(FAR_DAYS);

    async function look(days: number): Promise<Alternative[]> {
      const range = around(asked, days, at);
      if (!range) return [];
      const wanted = { ...range, scope: asked.scope, with: asked.with };
      const [members, ...seen] = await pipeline(client, [asked.sees === undefined ? NO_ROWS : run(client, MEMBERS_OF, [[asked.sees]]), ...lookQueries(client, wanted, context.processes)]);
      return nearestSlots(process, offersSeen(wanted, seen, context.processes, at), { asked, members: members!.rows as Member[] }).map(({ offer, slot: { from, to, detail } }) => ({ case: offer.id, from, to, detail }));
    }
  });
}

/** Null: all of it is past. */
function around({ around: wanted }: AlternativesAsked, days: number, at: Instant): DateRange | null {
  const today = romeDate(at), first = addDays(romeDate(wanted), -days), to = addDays(romeDate(wanted), days);
  return to < today ? null : { from: first < today ? today : first, to };
}
