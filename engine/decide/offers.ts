/** Offered time, as decisions and readers see it: slots of the offering case's own plugin, and which of them are free. Pure. */
import type { AlternativesAsked, DateRange, Instant, Json, JsonObject, Member, Offer, OfferedSlot, ParameterRow, Slot } from '../../plugins/contract.ts';
import { minutesBetween, romeDate } from '../../plugins/calendar.ts';
import { asDecisionError, parameterReader } from './step.ts';
import { topState, type CompiledProcess } from './compile.ts';
import { plain } from './plain.ts';
import type { CaseState } from './types.ts';

/** What a case publishes, as its row holds it. */
export interface PublishedOffer { scope: string; resource: string; offer: JsonObject }
/** The row as it is read. */
export interface OfferRow extends PublishedOffer { id: string; process: string; version: number; parties: Record<string, string>; /** Of people, by id; where it is read for a decision. */ names?: Record<string, string> }
export interface TakenTime { resource: string; from: Instant; to: Instant }

/** Null: it offers nothing where it stands. Throws DecisionError for the plugin's fault. */
export function publishedOffer(process: CompiledProcess, { id, createdAt, number, parties, context, value, done }: CaseState): PublishedOffer | null {
  const { offers } = process.plugin;
  if (!offers || done || !offers.in.includes(topState(value))) return null;
  const step = { context, parties, case: { id, process: process.plugin.process, number, createdAt } };
  try {
    return { scope: offers.scope(step), resource: offers.resource(step), offer: plain(offers.offer(step), 'offers.offer') };
  } catch (error) {
    throw asDecisionError(process, error);
  }
}

/** An offer with its slots on these dates. `taken`: what is held around them of its resource, `busy` of those with whom is looked. Throws DecisionError for the plugin's fault. */
export function offerOf(process: CompiledProcess, row: OfferRow, { range, taken, busy = [], parameters, at }: { range: DateRange; taken: TakenTime[]; busy?: TakenTime[]; parameters: ParameterRow[]; at: Instant }): Offer {
  const offers = process.plugin.offers!;
  const own = parameters.filter(({ organisation }) => organisation === null || Object.values(row.parties).includes(organisation));
  const offering = { offer: row.offer, parties: row.parties, parameter: parameterReader(own, romeDate(at), row.parties) };
  const isFree = freeOf(taken.filter(({ resource }) => resource === row.resource));
  try {
    const isBookable = offers.bookable(offering, at), clashes = (slot: Slot) => busy.some(({ from, to }) => from < slot.to && slot.from < to);
    const slots = offers.slots(offering, range).map((slot): OfferedSlot => ({ ...slot, free: isFree(slot), bookable: isBookable(slot), ...(clashes(slot) ? { clashes: true } : {}) }));
    return { id: row.id, process: row.process, resource: row.resource, parties: row.parties, names: namesOf(row), terms: plain(offers.terms(offering), 'offers.terms'), secret: plain(offers.secret?.(offering) ?? {}, 'offers.secret'), slots };
  } catch (error) {
    throw asDecisionError(process, error);
  }
}

/** By party. */
function namesOf({ parties, names = {} }: OfferRow): Record<string, string> {
  return Object.fromEntries(Object.entries(parties).flatMap(([party, principal]) => (Object.hasOwn(names, principal) ? [[party, names[principal]!]] : [])));
}

/** Whether nothing holds a stretch of time. Holds of one resource never overlap (its constraint), so that the first that ends later decides. */
function freeOf(held: TakenTime[]): (slot: { from: Instant; to: Instant }) => boolean {
  const inOrder = [...held].sort((a, b) => (a.from < b.from ? -1 : 1));
  return slot => {
    let low = 0;
    for (let high = inOrder.length; low < high;) {
      const middle = (low + high) >> 1;
      if (inOrder[middle]!.to > slot.from) high = middle;
      else low = middle + 1;
    }
    return low === inOrder.length || inOrder[low]!.from >= slot.to;
  };
}

/** What a refused booker wants, and whose process says what suits. */
export interface Wish { process: CompiledProcess; asked: AlternativesAsked }

/** Null: its process proposes nothing. Throws DecisionError for the plugin's fault. */
export function alternativesAsked(process: CompiledProcess, { id, createdAt, number, context, parties }: Pick<CaseState, 'id' | 'createdAt' | 'number' | 'context' | 'parties'>, data: Json): Wish | null {
  try {
    const asked = process.plugin.alternatives?.asked({ context, parties, data, case: { id, process: process.plugin.process, number, createdAt } }) ?? null;
    return asked && { process, asked };
  } catch (error) {
    throw asDecisionError(process, error);
  }
}

/** Of free slots that suit the nearest to what was wanted, the earlier first where two are as near. */
export function nearestSlots(process: CompiledProcess, offers: Offer[], { asked: { around, most }, members }: { asked: AlternativesAsked; members: Member[] }): { offer: Offer; slot: OfferedSlot }[] {
  const distance = (instant: Instant) => Math.abs(minutesBetween(around, instant)), { suits = () => true } = process.plugin.alternatives ?? {};
  try {
    return offers.flatMap(offer => offer.slots.map(slot => ({ offer, slot })))
      .filter(({ offer, slot }) => slot.free && slot.bookable && !slot.clashes && suits(slot, offer, members))
      .sort((a, b) => distance(a.slot.from) - distance(b.slot.from) || (a.slot.from < b.slot.from ? -1 : 1)).slice(0, most);
  } catch (error) {
    throw asDecisionError(process, error);
  }
}
