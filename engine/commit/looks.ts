/** Offered time read for a decision, under the shared lock of its scope. */
import type pg from 'pg';
import type { Look, Offer } from '../../plugins/contract.ts';
import { addDays, endOfLocalDate, instantAt } from '../../plugins/calendar.ts';
import { run } from '../../database/pools.ts';
import * as sql from '../../database/offerStatements.ts';
import { offerOf, type OfferRow, type TakenTime } from '../decide/offers.ts';
import type { Processes } from '../processes.ts';
import { NO_ROWS } from './transaction.ts';

/** How many statements a look takes. */
export const LOOK_QUERIES = 4;

/** Names of parameters that slots of any offering process may depend on. */
export const parametersOfOffers = (processes: Processes): string[] => [...new Set(processes.all().flatMap(({ plugin }) => (plugin.offers ? plugin.parameters ?? [] : [])))];

/** The stretch of time in which slots that begin on these dates lie: one that begins late may end on the day after. Of dates that end before they begin: none. */
export function spanOf({ from, to }: Pick<Look, 'from' | 'to'>): [from: string, to: string] {
  const begin = endOfLocalDate(addDays(from, -1));
  return [begin, to < from ? begin : endOfLocalDate(addDays(to, 1))];
}

/** Sent after the scope's lock: each sees what was committed before it. */
export function lookQueries(client: pg.PoolClient, look: Look, processes: Processes): Promise<pg.QueryResult>[] {
  return [
    run(client, sql.OFFERS_OF_SCOPE, [look.scope]), run(client, sql.PARAMETERS_OF_SCOPE, [parametersOfOffers(processes), look.scope]), run(client, sql.TAKEN_OF_SCOPE, [look.scope, ...spanOf(look)]),
    look.with?.length ? run(client, sql.TAKEN, [look.with, ...spanOf(look)]) : NO_ROWS,
  ];
}

/** Throws DecisionError for a fault of the plugin that offers, RangeError for a look at no dates. */
export function offersSeen(look: Look, [offers, parameters, taken, busy]: pg.QueryResult[], processes: Processes, at: string): Offer[] {
  return offers!.rows.map((row: OfferRow) => offerOf(processes.version(row.process, row.version), row, { range: look, taken: takenTimes(taken!.rows), busy: takenTimes(busy!.rows), parameters: parameters!.rows, at }));
}

/**
 * Whether the look has shown a slot that is wanted to be held. Only for a beginning: a case that holds time may be about to leave it. What was free
 * when it was looked at may be gone: the constraint says.
 */
export const isSeenTaken = (wanted: { resource: string; from: string; to: string }[], offers: Offer[]): boolean =>
  wanted.some(({ resource, from, to }) => offers.some(offer => offer.resource === resource && offer.slots.some(slot => !slot.free && slot.from === from && slot.to === to)));

/** As they compare: instants in text. */
export const takenTimes = (rows: { resource: string; from: number; to: number }[]): TakenTime[] => rows.map(({ resource, from, to }) => ({ resource, from: instantAt(from), to: instantAt(to) }));
