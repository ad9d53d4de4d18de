/** A running case moved to a newer version of its process: what the plugin's pure `migrate` makes of it, and what then is to be done. */
import type { AnyMachineSnapshot } from 'xstate';
import type { Item, JsonObject, Moved } from '../../plugins/contract.ts';
import { activeInvokes, type CompiledProcess } from './compile.ts';
import { armDeadline, bindEffect, restore } from './decide.ts';
import { asDecisionError } from './step.ts';
import { plain } from './plain.ts';
import { DecisionError, type Accepted, type CaseState, type StepEnvironment } from './types.ts';

/** `path`: the process in every version from the case's own to the one it moves to, in order. */
export interface Move { path: CompiledProcess[]; state: CaseState; items: Item[]; environment: StepEnvironment }
export type MoveDecision = Accepted | { accepted: false; refused: string };

/**
 * Terms and effects of states that both versions have go on as they are: what runs is not begun anew, what is over does not come back.
 * Those that only the new version has begin now; those that only the old one had end. Throws {@link DecisionError} where a plugin throws.
 */
export function move({ path, state, items, environment }: Move): MoveDecision {
  const target = path.at(-1)!;
  let { value, context } = state;
  for (const [index, process] of path.slice(1).entries()) {
    const version = path[index]!.plugin.version;
    const moved = migrated(process, { version, value, context: structuredClone(context), parties: state.parties, items });
    if ('refused' in moved) return { accepted: false, refused: moved.refused };
    ({ value, context } = moved);
  }
  const next: CaseState = { ...state, value: plain(value, 'the state'), context: plain(context, 'the context') as JsonObject };
  const before = restore(path[0]!, state), after = restore(target, next);
  const terms = { then: events(before), now: events(after) }, invokes = { then: activeInvokes(before._nodes).map(({ id }) => id), now: activeInvokes(after._nodes) };
  const at = { ...environment, state: next };
  return {
    accepted: true, next, items: [], reservations: [],
    agenda: {
      cancel: terms.then.filter(event => !terms.now.includes(event)),
      arm: terms.now.filter(event => !terms.then.includes(event)).flatMap(event => armDeadline(target, event, at) ?? []),
      unbind: invokes.then.filter(id => !invokes.now.some(invoke => invoke.id === id)),
      bind: invokes.now.filter(({ id }) => !invokes.then.includes(id)).map(invoke => bindEffect(target, invoke, at)),
      owe: [],
    },
  };
}

function migrated(process: CompiledProcess, old: Parameters<NonNullable<CompiledProcess['plugin']['migrate']>>[0]): Moved {
  const { plugin } = process;
  if (!plugin.migrate) throw new DecisionError(`${plugin.process} version ${plugin.version} does not say how a case of version ${old.version} is moved to it (migrate)`);
  try {
    return plugin.migrate(old);
  } catch (error) {
    throw asDecisionError(process, error);
  }
}

/** Events of all terms that the active states may arm. */
function events({ _nodes }: AnyMachineSnapshot): string[] {
  return _nodes.flatMap(node => node.ownEvents.filter(event => event.startsWith('xstate.after.')));
}
