/** What the actions of a step ask for: terms, effects with their documents, items, reservations, parties. Pure. */
import type { AnyMachineSnapshot } from 'xstate';
import type { BroadcastInput, CommandInput, DocumentInput, JsonObject, MessageInput, ReservationChange, Step } from '../../plugins/contract.ts';
import { endOfLocalDate, instantOf } from '../../plugins/calendar.ts';
import { activeInvokes, deadlineName, type CompiledProcess } from './compile.ts';
import { plain } from './plain.ts';
import type { PartyChanges } from './parties.ts';
import { parameterReader } from './step.ts';
import { DecisionError, type Accepted, type AgendaChange, type ArmedDeadline, type EffectToDo, type ItemChange, type StepEnvironment } from './types.ts';

/** Folds XState's actions, in order, to the net result. */
export function foldActions(process: CompiledProcess, before: AnyMachineSnapshot | null, after: AnyMachineSnapshot, actions: readonly any[], step: Omit<Step, 'context' | 'params'>, environment: StepEnvironment): Pick<Accepted, 'agenda' | 'items' | 'reservations'> & { parties: PartyChanges } {
  const { plugin } = process;
  const armed = new Set<string>(), cancelled = new Set<string>(), spawned = new Map<string, string>();
  const owe: EffectToDo[] = [], items: ItemChange[] = [], reservations: Accepted['reservations'] = [], parties: PartyChanges = {};
  const stepNow = (params: unknown): Step => ({ ...step, context: after.context, params: params ?? {} });
  for (const action of actions) {
    const { type, params } = action;
    if (type === 'xstate.raise') {
      // Leaving has cancelled it before: XState never arms an event twice.
      if (typeof params?.delay === 'number') armed.add(params.event.type);
    } else if (type === 'xstate.cancel') {
      // A cancel names the send id; for `after` it is the event's type.
      armed.delete(params.sendId); cancelled.add(params.sendId);
    } else if (type === 'xstate.spawnChild') {
      spawned.set(params.id, typeof params.src === 'string' ? params.src : '');
    } else if (Object.hasOwn(plugin.effects, type)) {
      const now = stepNow(params), rule = plugin.effects[type]!;
      for (const input of many(rule.input(now))) owe.push(effectOf(process, type, input, now));
    } else if (plugin.items && Object.hasOwn(plugin.items, type)) {
      items.push(...plugin.items[type]!(stepNow(params)).map(change => ('remove' in change ? change : { ...change, data: plain(change.data, `item ${change.kind}`) })));
    } else if (plugin.reservations && Object.hasOwn(plugin.reservations, type)) {
      reservations.push(...plugin.reservations[type]!(stepNow(params)).map(reservation));
    } else if (plugin.partyUpdates && Object.hasOwn(plugin.partyUpdates, type)) {
      Object.assign(parties, plugin.partyUpdates[type]!(stepNow(params)));
    }
  }
  const ended = after.status !== 'active';
  const activeBefore = before ? activeInvokes(before._nodes) : [];
  const activeAfter = ended ? [] : activeInvokes(after._nodes);
  const agenda: AgendaChange = { arm: [], cancel: [...cancelled], owe, bind: [], unbind: [] };
  // Compared before and after: a restored snapshot has no children, so XState's stopChild names nobody.
  for (const { id } of activeBefore) if (spawned.has(id) || !activeAfter.some(invoke => invoke.id === id)) agenda.unbind.push(id);
  for (const { id, src } of activeAfter) {
    if (!spawned.has(id)) continue;
    const now = stepNow({}), inputs = many(plugin.effects[src]!.input(now));
    if (inputs.length !== 1) throw new DecisionError(`${plugin.process}: the bound effect "${src}" needs exactly one input`);
    agenda.bind.push({ ...effectOf(process, src, inputs[0]!, now), invoke: id });
  }
  if (!ended) for (const event of armed) {
    const deadline = arm(process, event, stepNow({}), environment);
    if (deadline) agenda.arm.push(deadline);
  }
  return { agenda, items, reservations, parties };
}

/** Ranges are written [from, to): an empty one would hold nothing and be forgotten in silence. */
function reservation(change: ReservationChange): ReservationChange {
  if (!('hold' in change)) return change;
  const from = instantOf(change.hold.from), to = instantOf(change.hold.to);
  if (from >= to) throw new DecisionError(`the reservation "${change.hold.key}" of ${change.hold.resource} ends (${to}) before it begins (${from})`);
  return { hold: { ...change.hold, from, to } };
}

/** An effect with the documents that it needs, made of this very step: later the case may say something else. */
export function effectOf({ plugin }: CompiledProcess, name: string, input: MessageInput | DocumentInput | CommandInput | BroadcastInput, step: Step): EffectToDo {
  const { does } = plugin.effects[name]!;
  if (does === 'broadcast') return broadcastOf(plugin, name, input as BroadcastInput);
  const asked = 'letter' in input ? input.letter : does === 'document' ? (input as DocumentInput) : undefined;
  const documents = (asked?.documents ?? []).map(document => {
    const definition = plugin.documents?.[document];
    if (!definition) throw new DecisionError(`${plugin.process}: the effect "${name}" needs the unknown document "${document}"`);
    return { name: document, from: asked!.from, model: plain(definition.content(step) as unknown as JsonObject, `document "${document}"`) };
  });
  return { name, does, input: plain(input as unknown as JsonObject, `the input of "${name}"`), ...(documents.length > 0 ? { documents } : {}) };
}

/** The agenda is not encrypted: it knows the template alone. */
function broadcastOf(plugin: CompiledProcess['plugin'], name: string, given: BroadcastInput): EffectToDo {
  const broadcast = plain(given as unknown as JsonObject, `the input of "${name}"`) as unknown as BroadcastInput;
  if (!plugin.broadcasts?.[broadcast.template]) throw new DecisionError(`${plugin.process}: the effect "${name}" needs the unknown broadcast "${broadcast.template}"`);
  if (plugin.parties[broadcast.from]?.kind !== 'organisation') throw new DecisionError(`${plugin.process}: the effect "${name}" writes for "${broadcast.from}", which is no organisation of this process`);
  return { name, does: 'broadcast', input: { template: broadcast.template }, broadcast };
}

export const many = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

export function arm(process: CompiledProcess, event: string, step: Step, environment: StepEnvironment): ArmedDeadline | null {
  const name = deadlineName(process, event);
  if (name === null) throw new DecisionError(`${process.plugin.process}: no deadline for ${event}`);
  const rule = process.plugin.deadlines[name]!;
  const used = new Map<string, { name: string; version: number }>();
  const parameter = parameterReader(environment.parameters ?? [], step.today, step.parties, row => used.set(`${row.organisation}/${row.name}`, { name: row.name, version: row.version }));
  const due = rule.due({ ...step, parameter });
  if (due === null) return null;
  const dueAt = 'endOf' in due ? endOfLocalDate(due.endOf) : instantOf(due.at);
  return { name, event, dueAt, due, anchor: rule.anchor, parameters: [...used.values()] };
}
