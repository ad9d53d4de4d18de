/**
 * One decision: (process, case, input, environment) → what to write, or a refusal with its figures.
 * Pure: XState's transition() runs nothing, and time enters as `at`.
 */
import { initialTransition, transition, type AnyMachineSnapshot, type AnyStateNode } from 'xstate';
import type { BroadcastInput, CommandInput, DocumentInput, Facts, Json, JsonObject, LocalDate, MessageInput, ParameterRow, Refusal, ReservationChange, Step } from '../../plugins/contract.ts';
import { endOfLocalDate, instantOf, romeDate } from '../../plugins/calendar.ts';
import { NOTHING_ADDED } from '../../plugins/formFields.ts';
import { FORM_PARAMETERS } from '../../plugins/formNames.ts';
import { activeInvokes, deadlineName, type CompiledProcess } from './compile.ts';
import { freeze, plain } from './plain.ts';
import { DecisionError, type AgendaChange, type ArmedDeadline, type BoundEffect, type CaseState, type Decision, type EffectToDo, type Accepted, type Refused, type StepEnvironment, type StepInput, type ItemChange } from './types.ts';

const NO_FACTS: Facts = { items: [], members: [], attachments: [] };

/** Finds the value in force: the latest version, the organisation's own before the general one; of one party's organisation where it is named. */
export function parameterReader(rows: ParameterRow[], today: LocalDate, parties: Record<string, string>, used?: (row: ParameterRow) => void) {
  return <T>(name: string, date: LocalDate = today, party?: string): T => {
    let best: ParameterRow | undefined;
    for (const row of rows) {
      if (row.name !== name || row.from > date || (row.to !== null && row.to < date)) continue;
      if (party !== undefined && row.organisation !== null && row.organisation !== parties[party]) continue;
      if (!best || Number(row.organisation !== null) > Number(best.organisation !== null)
        || (row.organisation !== null) === (best.organisation !== null) && row.version > best.version) best = row;
    }
    // Most organisations add nothing to a form: that is no gap in the parameters.
    if (!best && name.startsWith(FORM_PARAMETERS)) return NOTHING_ADDED as T;
    if (!best) throw new DecisionError(`parameter "${name}" has no value in force on ${date}`);
    used?.(best);
    return best.value as T;
  };
}

function stepFor(environment: StepEnvironment, state: Pick<CaseState, 'id' | 'createdAt' | 'number' | 'parties'>, process: string, data: unknown): Omit<Step, 'context' | 'params'> {
  const today = romeDate(environment.at);
  return {
    data: freeze(data), at: environment.at, today, actor: environment.actor, parties: state.parties,
    case: { id: state.id, process, number: state.number, createdAt: state.createdAt },
    facts: environment.facts ?? NO_FACTS, number: environment.number ?? null,
    parameter: parameterReader(environment.parameters ?? [], today, state.parties),
  };
}

function guarded<T>(process: CompiledProcess, step: Omit<Step, 'context' | 'params'>, run: () => T): T {
  process.current.step = step;
  process.current.refusals = [];
  try {
    return run();
  } catch (error) {
    throw asDecisionError(process, error);
  } finally {
    process.current.step = null;
  }
}

/** Whatever plugin code threw, as the plugin's fault. */
export function asDecisionError({ plugin }: CompiledProcess, error: unknown): DecisionError {
  return error instanceof DecisionError ? error : new DecisionError(`${plugin.process}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
}

/** jsonb gives the regions of a parallel state in an order of its own, but the chart's order is the order of their actions. */
function inChartOrder(node: AnyStateNode, value: Json): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const known = Object.keys(node.states).filter(key => Object.hasOwn(value, key)), unknown = Object.keys(value).filter(key => !known.includes(key));
  return Object.fromEntries([...known, ...unknown].map(key => [key, node.states[key] ? inChartOrder(node.states[key], value[key]!) : value[key]!]));
}

/** The snapshot of a stored case, frozen. Throws {@link DecisionError} when the state is not in the chart. */
export function restore(process: CompiledProcess, state: CaseState): AnyMachineSnapshot {
  try {
    const history = Object.entries(state.historyValue ?? {}).map(([id, nodes]) => [id, (nodes as string[]).map(node => process.machine.getStateNodeById(node))]);
    return process.machine.resolveState({ value: inChartOrder(process.machine.root, state.value) as any, context: freeze(state.context), status: state.done ? 'done' : 'active', historyValue: Object.fromEntries(history) });
  } catch (error) {
    throw asDecisionError(process, error);
  }
}

function eventFor(process: CompiledProcess, input: StepInput): { type: string } & Record<string, unknown> {
  switch (input.kind) {
    case 'command': return { type: input.name };
    case 'deadline': return { type: input.event };
    case 'outcome': return input.ok
      ? { type: `xstate.done.actor.${input.invoke}`, output: input.result, actorId: input.invoke }
      : { type: `xstate.error.actor.${input.invoke}`, error: input.result, actorId: input.invoke };
    default: return assertNever(input);
  }
}

function assertNever(value: never): never {
  throw new DecisionError(`not a step input: ${JSON.stringify(value)}`);
}

/** Commands that the chart takes in this state, before any rule is asked. */
export function acceptedEvents(process: CompiledProcess, snapshot: AnyMachineSnapshot): string[] {
  if (snapshot.status !== 'active') return [];
  const events = new Set<string>();
  for (const node of snapshot._nodes) for (const type of node.ownEvents) if (Object.hasOwn(process.plugin.commands, type)) events.add(type);
  return [...events];
}

/** Whether the chart takes this command in this state, before any rule is asked. */
export function accepts(process: CompiledProcess, snapshot: AnyMachineSnapshot, command: string): boolean {
  return snapshot.status === 'active' && Object.hasOwn(process.plugin.commands, command) && snapshot._nodes.some(node => node.transitions.has(command));
}

/** The new context as the row will hold it; what the step left alone was checked when it came in. */
function plainContext(before: JsonObject | null, after: JsonObject): JsonObject {
  const context: JsonObject = {};
  for (const [field, value] of Object.entries(after)) {
    if (value !== undefined) context[field] = before !== null && before[field] === value ? value : plain(value, `context/${field}`);
  }
  return context;
}

function lean(process: CompiledProcess, state: Omit<CaseState, 'value' | 'context' | 'historyValue' | 'done'>, before: JsonObject | null, snapshot: AnyMachineSnapshot, number: string | null): CaseState {
  if (snapshot.status === 'error') throw new DecisionError(`${process.plugin.process}: the chart ended in an error`, { cause: snapshot.error });
  const history = Object.entries(snapshot.historyValue ?? {}).map(([id, nodes]) => [id, (nodes as AnyStateNode[]).map(node => node.id).sort()]);
  return { ...state, number, value: snapshot.value as Json, context: plainContext(before, snapshot.context), historyValue: history.length > 0 ? Object.fromEntries(history) : null, done: snapshot.status === 'done' };
}

/** Folds XState's actions, in order, to the net result. */
function fold(process: CompiledProcess, before: AnyMachineSnapshot | null, after: AnyMachineSnapshot, actions: readonly any[], step: Omit<Step, 'context' | 'params'>, environment: StepEnvironment): Pick<Accepted, 'agenda' | 'items' | 'reservations'> {
  const { plugin } = process;
  const armed = new Set<string>(), cancelled = new Set<string>(), spawned = new Map<string, string>();
  const owe: EffectToDo[] = [], items: ItemChange[] = [], reservations: Accepted['reservations'] = [];
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
  return { agenda, items, reservations };
}

/** Ranges are written [from, to): an empty one would hold nothing and be forgotten in silence. */
function reservation(change: ReservationChange): ReservationChange {
  if (!('hold' in change)) return change;
  const from = instantOf(change.hold.from), to = instantOf(change.hold.to);
  if (from >= to) throw new DecisionError(`the reservation "${change.hold.key}" of ${change.hold.resource} ends (${to}) before it begins (${from})`);
  return { hold: { ...change.hold, from, to } };
}

/** An effect with the documents that it needs, made of this very step: later the case may say something else. */
function effectOf({ plugin }: CompiledProcess, name: string, input: MessageInput | DocumentInput | CommandInput | BroadcastInput, step: Step): EffectToDo {
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

const many = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

function arm(process: CompiledProcess, event: string, step: Step, environment: StepEnvironment): ArmedDeadline | null {
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

/** What a state arms that a case comes to without an event: when its process was changed under it. Null: the case has no such term now. */
export function armDeadline(process: CompiledProcess, event: string, environment: StepEnvironment & { state: CaseState }): ArmedDeadline | null {
  const step = stepFor(environment, environment.state, process.plugin.process, {});
  return guarded(process, step, () => arm(process, event, { ...step, context: environment.state.context, params: {} }, environment));
}

/** So too the effect of an invocation. */
export function bindEffect(process: CompiledProcess, { id, src }: { id: string; src: string }, environment: StepEnvironment & { state: CaseState }): BoundEffect {
  const step = stepFor(environment, environment.state, process.plugin.process, {});
  return guarded(process, step, () => {
    const now: Step = { ...step, context: environment.state.context, params: {} };
    return { ...effectOf(process, src, many(process.plugin.effects[src]!.input(now))[0]!, now), invoke: id };
  });
}

type Beginning = { data: Json; state: Pick<CaseState, 'id' | 'createdAt' | 'parties'>; environment: StepEnvironment };

/** What plugin code says of a case that is about to begin. Throws {@link DecisionError} when it throws. */
export function beginningStep<T>(process: CompiledProcess, { data, state, environment }: Beginning, ask: (step: Omit<Step, 'context'>) => T): T {
  const step = stepFor(environment, { ...state, number: null }, process.plugin.process, data);
  return guarded(process, step, () => ask({ ...step, params: {} }));
}

/** Why a case may not begin; null where nothing stands against it. */
export function refusedBeginning(process: CompiledProcess, beginning: Beginning): Refusal | null {
  const { rule } = process.plugin.create;
  return rule ? beginningStep(process, beginning, step => plain(rule(step), 'create.rule')) : null;
}

/** The case's beginning. A draft state arms nothing (checked by the commit), any other does at once. */
export function begin(process: CompiledProcess, input: Beginning): Accepted {
  const state = { ...input.state, number: null };
  const step = stepFor(input.environment, state, process.plugin.process, input.data);
  return guarded(process, step, () => {
    const context = process.plugin.create.context({ ...step, params: {} });
    const [after, actions] = initialTransition(process.logic, context);
    const folded = fold(process, null, after as AnyMachineSnapshot, actions, step, input.environment);
    return { accepted: true, next: lean(process, state, null, after as AnyMachineSnapshot, null), ...folded };
  });
}

/**
 * What follows from one event. Throws {@link DecisionError} when plugin code throws; refusals are data.
 * `before`: the state's snapshot, where the caller has restored it already.
 */
export function decide(process: CompiledProcess, state: CaseState, input: StepInput, environment: StepEnvironment, before: AnyMachineSnapshot = restore(process, state)): Decision {
  const data = input.kind === 'command' ? input.data : input.kind === 'outcome' ? input.result : {};
  const number = environment.number && input.kind === 'command' && process.plugin.commands[input.name]?.number?.asCaseNumber ? environment.number.text : state.number;
  const step = stepFor(environment, { ...state, number }, process.plugin.process, data);
  return guarded(process, step, () => {
    const event = eventFor(process, input) as never;
    if (input.kind === 'command' && !accepts(process, before, input.name)) return refusal(process, before, 'not-allowed', []);
    if (before.status !== 'active') return refusal(process, before, 'not-allowed', []);
    // An error that no state waits for would end the chart in an error.
    if (input.kind === 'outcome' && !before.can(event)) return refusal(process, before, 'not-allowed', []);
    const [after, actions] = transition(process.logic, before, event);
    // XState ignores a refused event silently: where nothing happened, ask.
    if (after === before && actions.length === 0) {
      process.current.refusals = [];
      if (!before.can(event)) return refusal(process, before, process.current.refusals.length > 0 ? 'rule' : 'not-allowed', process.current.refusals);
    }
    const folded = fold(process, before, after as AnyMachineSnapshot, actions, step, environment);
    return { accepted: true, next: lean(process, state, before.context, after as AnyMachineSnapshot, number), ...folded };
  });
}

function refusal(process: CompiledProcess, before: AnyMachineSnapshot, why: Refused['why'], refusals: Refusal[]): Refused {
  return { accepted: false, why, refusals: plain(refusals, 'refusals'), allowed: acceptedEvents(process, before) };
}
