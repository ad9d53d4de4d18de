/**
 * One decision: (process, case, input, environment) → what to write, or a refusal with its figures.
 * Pure: XState's transition() runs nothing, and time enters as `at`.
 */
import { initialTransition, transition, type AnyMachineSnapshot, type AnyStateNode } from 'xstate';
import type { Json, JsonObject, Refusal, Step } from '../../plugins/contract.ts';
import { arm, effectOf, foldActions, many } from './actions.ts';
import type { CompiledProcess } from './compile.ts';
import { partiesAfter } from './parties.ts';
import { freeze, plain } from './plain.ts';
import { asDecisionError, guarded, stepFor } from './step.ts';
import { DecisionError, type Accepted, type ArmedDeadline, type BoundEffect, type CaseState, type Decision, type Refused, type StepEnvironment, type StepInput } from './types.ts';

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
    const { parties, ...folded } = foldActions(process, null, after as AnyMachineSnapshot, actions, step, input.environment);
    if (Object.keys(parties).length > 0) throw new DecisionError(`${process.plugin.process}: a case begins with the parties that it is given`);
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
    const { parties, ...folded } = foldActions(process, before, after as AnyMachineSnapshot, actions, step, environment);
    return { accepted: true, next: lean(process, { ...state, parties: partiesAfter(process.plugin, state.parties, parties) }, before.context, after as AnyMachineSnapshot, number), ...folded };
  });
}

function refusal(process: CompiledProcess, before: AnyMachineSnapshot, why: Refused['why'], refusals: Refusal[]): Refused {
  return { accepted: false, why, refusals: plain(refusals, 'refusals'), allowed: acceptedEvents(process, before) };
}
