/** Offered time for whoever is signed in: published offers with their slots, which of them are free, and nothing of who holds the rest. */
import type { DateRange, Instant, Offer } from '../../plugins/contract.ts';
import { pipeline, run } from '../../database/pools.ts';
import * as sql from '../../database/offerStatements.ts';
import type { EngineContext } from '../commit/context.ts';
import { spanOf, takenTimes } from '../commit/looks.ts';
import { withConnection } from '../commit/transaction.ts';
import { offerOf, type OfferRow } from '../decide/offers.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export interface OffersAsked {
  process: string;
  caseId: string | null;
  /** Organisation code or user id of whoever takes part in the offer. */
  party: string | null;
  range: DateRange;
  most: number;
}

/** As `iter_api`, in two round trips. By case, with the names of who offers, by code or id: a family must know whose hours these are; `more`: there are others beyond `most`. Throws Problem `not-found` for an unknown process, DecisionError for a plugin's fault. */
export async function readOffers(context: EngineContext, { process, caseId, party, range, most }: OffersAsked): Promise<{ offers: Offer[]; names: Map<string, string>; more: boolean; at: Instant }> {
  const { plugin } = context.processes.current(process);
  return await withConnection(context.pools.read, async client => {
    const [clock, found] = await pipeline(client, [run(client, sql.READ_CLOCK, []), run(client, sql.OFFERS, [process, caseId, party, most + 1])]);
    const at = (clock!.rows[0].now as Date).toISOString(), rows = found!.rows as OfferRow[], shown = rows.slice(0, most);
    if (shown.length === 0) return { offers: [], names: new Map(), more: false, at };
    const parties = [...new Set(shown.flatMap(each => Object.values(each.parties)))];
    const [parameters, taken, names] = await pipeline(client, [
      run(client, sql.PARAMETERS_OF_PARTIES, [plugin.parameters ?? [], parties]),
      run(client, sql.TAKEN_TIMES, [[...new Set(shown.map(({ resource }) => resource))], ...spanOf(range)]),
      run(client, sql.NAMES_OF_PARTIES, [parties, parties.filter(party => UUID.test(party))]),
    ]);
    const seen = { range, taken: takenTimes(taken!.rows), parameters: parameters!.rows, at };
    const offers = shown.map(row => offerOf(context.processes.version(row.process, row.version), row, seen));
    return { offers, names: new Map(names!.rows.map(({ code, name }) => [code, name])), more: rows.length > most, at };
  });
}
