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
    return { ...this.refusal, members: { ...this.refusal.members, alternatives: (await look(context, this.wish, [])).alternatives } };
  }
}

/** Null: no rule says that another time would do, or the process proposes none. */
export function wishOf(process: CompiledProcess, state: Pick<CaseState, 'id' | 'createdAt' | 'number' | 'parties' | 'context'>, data: Json, refusals: Refusal[]): Wish | null {
  return refusals.some(({ alternatives }) => alternatives) ? alternativesAsked(process, state, data) : null;
}

/** Read after the refusal: whoever is quick may find one of the alternatives taken too. */
export async function whatIsTaken(context: EngineContext, { held, wish }: ResourceTaken): Promise<Taken> {
  const { taken, alternatives } = await look(context, wish, held);
  const told: Taken = taken ? { resource: taken.resource, from: taken.from.toISOString(), to: taken.to.toISOString() } : { resource: held[0]!.resource };
  return wish ? { ...told, alternatives } : told;
}

/** What of `held` is taken, and free slots that the booker would be given now, the nearest first. One round trip. */
async function look(context: EngineContext, wish: Wish | null, held: ResourceTaken['held']): Promise<{ taken?: { resource: string; from: Date; to: Date }; alternatives: Alternative[] }> {
  return await withConnection(context.pools[context.commitPool], async client => {
    const widest = wish && around(wish.asked, FAR_DAYS), first = held.length > 0 ? run(client, sql.FIRST_TAKEN, [JSON.stringify(held)]) : NO_ROWS;
    if (!wish || !widest) return { taken: (await first).rows[0], alternatives: [] };
    // What is read serves both ranges: asking for the far one only where the near one gives too few would be another round trip.
    const { asked } = wish, wanted = (range: DateRange) => ({ ...range, scope: asked.scope, with: asked.with });
    const [taken, clock, members, ...seen] = await pipeline(client, [
      first, run(client, sql.CLOCK, []), asked.sees === undefined ? NO_ROWS : run(client, MEMBERS_OF, [[asked.sees]]), ...lookQueries(client, wanted(widest), context.processes),
    ]);
    const at: Instant = clock!.rows[0].now.toISOString(), today = romeDate(at);
    const nearest = (range: DateRange | null): Alternative[] => {
      if (!range || range.to < today) return [];
      const { from, to } = range, offers = offersSeen(wanted({ from: from < today ? today : from, to }), seen, context.processes, at);
      return nearestSlots(wish.process, offers, { asked, members: members!.rows as Member[] }).map(({ offer, slot: { from: begin, to: end, detail } }) => ({ case: offer.id, from: begin, to: end, detail }));
    };
    const near = nearest(around(asked, NEAR_DAYS));
    return { taken: taken!.rows[0], alternatives: near.length >= asked.most ? near : nearest(widest) };
  });
}

/** Null: all of it is past. By this machine's clock and a day early: what has begun since is left out by the database's. */
function around({ around: wanted }: AlternativesAsked, days: number): DateRange | null {
  const earliest = addDays(romeDate(new Date().toISOString()), -1), from = addDays(romeDate(wanted), -days), to = addDays(romeDate(wanted), days);
  return to < earliest ? null : { from: from < earliest ? earliest : from, to };
}
