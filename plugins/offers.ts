/** Time that a case offers and others book: the hours at which a teacher receives parents, the counter of an office. */
import type { Instant, JsonObject, LocalDate, Member, Step } from './contract.ts';

/** [from, to). `detail` is shown to whoever looks. */
export interface Slot { from: Instant; to: Instant; detail: JsonObject }

/** An offering case as others see it: what it published, who takes part, and the parameters in force for them. */
export interface Offering {
  offer: any;
  parties: Record<string, string>;
  parameter: <T = any>(name: string, date?: LocalDate) => T;
}
/** Local dates, both included. */
export interface DateRange { from: LocalDate; to: LocalDate }

type Standing<C> = Pick<Step<C>, 'context' | 'parties' | 'case'>;

/** What `offer` gives is stored unencrypted and decides alone, with the parameters, which slots there are: no health data, no names of minors. */
export interface OffersDefinition<C = any> {
  /** Top-level states in which the case offers its time. */
  in: string[];
  /** By which bookers find it. Their decisions share the scope's lock: a command that changes what is offered must decide over it (`members`). */
  scope: (step: Standing<C>) => string;
  /** Whose time it is. A slot is free while nobody holds this resource for it. */
  resource: (step: Standing<C>) => string;
  offer: (step: Standing<C>) => JsonObject;
  /** Slots that begin on these dates, in order, no two overlapping. */
  slots: (offering: Offering, range: DateRange) => Slot[];
  /** What bookers must keep to, in words of the process: limits, notice, from when to when. */
  terms: (offering: Offering) => JsonObject;
  /** What only decisions see: the address of a meeting online. */
  secret?: (offering: Offering) => JsonObject;
  /** Whether anybody may still take the slot at this instant, as far as the offer says. */
  bookable: (offering: Offering, at: Instant) => (slot: Slot) => boolean;
}

/** `free`: as far as is committed. Only the reservation decides. */
export interface OfferedSlot extends Slot { free: boolean; bookable: boolean; /** One of those with whom the look was is elsewhere then. */ clashes?: true }

/** An offering case as a decision of another case sees it. */
export interface Offer {
  id: string;
  process: string;
  resource: string;
  parties: Record<string, string>;
  /** Of people among the parties, by party: as they are called now. Only a decision is told. */
  names: Record<string, string>;
  terms: JsonObject;
  secret: JsonObject;
  /** Of the range that was looked at. */
  slots: OfferedSlot[];
}

/** Which offers a decision looks at: the cases of a scope, and their slots on these dates. `with`: resources of the booker, by which slots may clash. */
export interface Look extends DateRange { scope: string; with?: string[] }

/** What a refused booker may be offered instead: the free slots of a scope that are nearest to an instant. */
export interface AlternativesAsked {
  scope: string;
  around: Instant;
  most: number;
  /** Resources that must be free as well: the booker's own time. */
  with: string[];
  /** A scope whose cases `suits` sees. */
  sees?: string;
}

/** What a refused booker is told instead. Nothing is proposed that would be refused again. */
export interface AlternativesDefinition<C = any> {
  /** `context`: the case as it would have been; where a rule refuses a command, as it is. `data`: the payload. Null: nothing is proposed. */
  asked: (step: Standing<C> & Pick<Step<C>, 'data'>) => AlternativesAsked | null;
  /** Whether a free and bookable slot may be proposed. */
  suits?: (slot: OfferedSlot, offer: Offer, members: Member[]) => boolean;
}
