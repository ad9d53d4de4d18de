/** What a refused booker is told: which resource is taken and when, and the free slots that are nearest. */
import type { AlternativesAsked, DateRange, Instant, JsonObject } from '../../plugins/contract.ts';
import { addDays, romeDate } from '../../plugins/calendar.ts';
import { pipeline, run } from '../../database/pools.ts';
import { TAKEN } from '../../database/offerStatements.ts';
import * as sql from '../../database/statements.ts';
import { nearestSlots } from '../decide/offers.ts';
import type { EngineContext } from './context.ts';
import { lookQueries, offersSeen, spanOf, takenTimes } from './looks.ts';
import { withConnection, type ResourceTaken } from './transaction.ts';

export interface Alternative { case: string; from: Instant; to: Instant; detail: JsonObject }
export interface Taken { resource: string; from?: Instant; to?: Instant; alternatives?: Alternative[] }

/** Days around the wanted one in which is looked first, and where that gives too few. */
const NEAR_DAYS = 7, FAR_DAYS = 60;

/** Read after the refusal: whoever is quick may find one of the alternatives taken too. */
export async function whatIsTaken(context: EngineContext, { held, asked, at }: ResourceTaken): Promise<Taken> {
  return await withConnection(context.pools[context.commitPool], async client => {
    const far = asked && around(asked, FAR_DAYS, at);
    // One round trip for both ranges: what is offered is the same, and few slots are taken far away.
    const [first, busy, ...seen] = await pipeline(client, [
      run(client, sql.FIRST_TAKEN, [JSON.stringify(held)]),
      ...(far ? [run(client, TAKEN, [asked.with, ...spanOf(far)]), ...lookQueries(client, { ...far, scope: asked.scope }, context.processes)] : []),
    ]);
    const taken = first!.rows[0];
    const told: Taken = taken ? { resource: taken.resource, from: taken.from.toISOString(), to: taken.to.toISOString() } : { resource: held[0]!.resource };
    if (!asked) return told;
    const near = nearest(around(asked, NEAR_DAYS, at));
    return { ...told, alternatives: near.length >= asked.most ? near : nearest(far) };

    function nearest(range: DateRange | null): Alternative[] {
      if (!range) return [];
      const offers = offersSeen({ ...range, scope: asked!.scope }, seen, context.processes, at);
      return nearestSlots(offers, { around: asked!.around, most: asked!.most, busy: takenTimes(busy!.rows) }).map(({ offer, slot: { from, to, detail } }) => ({ case: offer.id, from, to, detail }));
    }
  });
}

/** Null: all of it is past. */
function around({ around: wanted }: AlternativesAsked, days: number, at: Instant): DateRange | null {
  const today = romeDate(at), first = addDays(romeDate(wanted), -days), to = addDays(romeDate(wanted), days);
  return to < today ? null : { from: first < today ? today : first, to };
}
