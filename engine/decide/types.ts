/** The closed vocabulary of a decision. Pure data: what went in, what is to be written. */
import type { Actor, AssignedNumber, BroadcastInput, Due, EffectKind, Facts, Instant, Item, Json, JsonObject, ParameterRow, Refusal, ReservationChange } from '../../plugins/contract.ts';

/** A case as the decision sees it: the lean snapshot and who takes part. */
export interface CaseState {
  id: string;
  createdAt: Instant;
  number: string | null;
  parties: Record<string, string>;
  /** XState's state value. */
  value: Json;
  context: JsonObject;
  /** XState's history states, by node id → ids of the nodes; null when the chart has none. */
  historyValue: JsonObject | null;
  done: boolean;
}

export type StepInput =
  | { kind: 'command'; name: string; data: Json }
  /** `event` is the armed XState event, e.g. `xstate.after.termine.case.inIstruttoria`. */
  | { kind: 'deadline'; event: string }
  /** `invoke` is XState's id of the invocation, e.g. `0.case.inInvio`. */
  | { kind: 'outcome'; invoke: string; ok: boolean; result: Json };

export interface StepEnvironment {
  /** The instant in law. */
  at: Instant;
  actor: Actor;
  facts?: Facts;
  parameters?: ParameterRow[];
  number?: AssignedNumber | null;
}

export interface ArmedDeadline {
  name: string;
  /** XState's event id: one open deadline per event. */
  event: string;
  dueAt: Instant;
  due: Due;
  anchor: 'entry' | 'event';
  /** Parameters that the rule read, with their versions. */
  parameters: { name: string; version: number }[];
}

/** A document whose content this step fixed; it is registered and made into a PDF by the effect. */
export interface DocumentToMake { name: string; /** The party whose document it is. */ from: string; model: JsonObject }
export interface EffectToDo { name: string; does: EffectKind; input: JsonObject; documents?: DocumentToMake[]; /** Whom a broadcast writes to and what, kept sealed. */ broadcast?: BroadcastInput }
export interface BoundEffect extends EffectToDo { invoke: string }

export interface AgendaChange {
  arm: ArmedDeadline[];
  /** Events whose open deadline is over. Applied before `arm`. */
  cancel: string[];
  owe: EffectToDo[];
  bind: BoundEffect[];
  /** Invocations whose effect is withdrawn. Applied before `bind`. */
  unbind: string[];
}

export type ItemChange = Item | { kind: string; key: string; remove: true };

export interface Accepted {
  accepted: true;
  next: CaseState;
  agenda: AgendaChange;
  items: ItemChange[];
  reservations: ReservationChange[];
}
export interface Refused {
  accepted: false;
  /** `not-allowed`: the chart takes no such event in this state. `rule`: a rule says no. */
  why: 'not-allowed' | 'rule';
  refusals: Refusal[];
  /** Commands that the chart takes in this state, whatever their rules say. */
  allowed: string[];
}
export type Decision = Accepted | Refused;

/** The plugin broke its contract while deciding: a 500 with an incident, the case unchanged. */
export class DecisionError extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'DecisionError';
  }
}
