/** Turns a plugin into a machine that decides: names become implementations, deadlines a sentinel, effects inert actors. */
import { assign, createMachine, fromPromise, type AnyActorLogic, type AnyStateMachine, type AnyStateNode } from 'xstate';
import type { Plugin, Refusal, Step } from '../../plugins/contract.ts';

/** A numeric delay keeps XState from firing a named `after` at once; its length means nothing. */
const SENTINEL_DELAY = 1;

const NOT_BEGUN = { status: 'active', output: undefined, error: undefined } as const;

export interface CompiledProcess {
  plugin: Plugin;
  machine: AnyStateMachine;
  /** What transition() is given: the machine, without the beginning that XState would run (the plugin's updates with it) before every step. */
  logic: AnyActorLogic;
  /** Its cases may be members of scopes over which others decide. */
  isMember: boolean;
  /** The step being decided. Decisions are synchronous, so one place is enough; guards of raised events need it too. */
  current: { step: Omit<Step, 'context' | 'params'> | null; refusals: Refusal[] };
}

/** Compiles once per plugin and process: building state nodes costs more than a hundred decisions. */
export function compile(plugin: Plugin): CompiledProcess {
  const current: CompiledProcess['current'] = { step: null, refusals: [] };
  const stepOf = (context: unknown, params: unknown): Step => ({ ...current.step!, context, params: params ?? {} });
  const guards: Record<string, any> = {};
  for (const [name, rule] of Object.entries(plugin.rules)) {
    guards[name] = ({ context }: any, params: unknown) => {
      const refusal = rule(stepOf(context, params));
      if (refusal) current.refusals.push(refusal);
      return refusal === null;
    };
  }
  for (const [name, guard] of Object.entries(plugin.guards ?? {})) guards[name] = ({ context }: any, params: unknown) => guard(stepOf(context, params));
  const actions: Record<string, any> = {};
  for (const [name, update] of Object.entries(plugin.updates)) actions[name] = assign(({ context }: any, params: unknown) => update(stepOf(context, params)) as any);
  // Effects, items, reservations and parties are read from the list of actions after the step; here they only need to exist.
  for (const name of [...Object.keys(plugin.effects), ...Object.keys(plugin.items ?? {}), ...Object.keys(plugin.reservations ?? {}), ...Object.keys(plugin.partyUpdates ?? {})]) actions[name] = () => {};
  const never = fromPromise(() => new Promise<never>(() => {}));
  const actors = Object.fromEntries(Object.keys(plugin.effects).map(name => [name, never]));
  const delays = Object.fromEntries(Object.keys(plugin.deadlines).map(name => [name, SENTINEL_DELAY]));
  // A chart that chases its own tail is a plugin's mistake: stop it after 100 microsteps.
  const machine = createMachine({ ...plugin.machine.config, context: ({ input }: any) => input, options: { ...plugin.machine.config.options, maxIterations: 100 } } as any, { guards, actions, actors, delays } as any) as AnyStateMachine;
  const logic: AnyActorLogic = {
    config: machine.config,
    transition: (snapshot, event, scope) => machine.transition(snapshot, event, scope),
    getInitialSnapshot: (scope, input) => (input === undefined ? NOT_BEGUN : machine.getInitialSnapshot(scope, input)),
    getPersistedSnapshot: snapshot => snapshot,
  };
  return { plugin, machine, logic, current, isMember: plugin.create.joins !== undefined || plugin.create.members !== undefined || Object.values(plugin.commands).some(({ joins }) => joins !== undefined) };
}

/** Deadline name of an armed event `xstate.after.<name>.<node id>`: definePlugin lets no name have a dot. */
export function deadlineName({ plugin }: CompiledProcess, event: string): string | null {
  const name = /^xstate\.after\.([^.]+)\./.exec(event)?.[1];
  return name !== undefined && Object.hasOwn(plugin.deadlines, name) ? name : null;
}

/** Ids of the invocations that live in a state. */
export function activeInvokes(nodes: AnyStateNode[]): { id: string; src: string }[] {
  return nodes.flatMap(node => node.invoke.map(invoke => ({ id: invoke.id, src: String(invoke.src) })));
}

/** The first level of a state value: what lists show and filters name. */
export function topState(value: unknown): string {
  return typeof value === 'string' ? value : Object.keys(value as object)[0]!;
}
