/** What the conformance tests look for, as functions of a plugin and of its walks. */
import type { AnyStateNode } from 'xstate';
import type { Plugin } from '../../plugins/contract.ts';
import { anything } from './anything.ts';
import { textsIn } from './arbitraries.ts';
import type { Walked } from './walks.ts';

/** Paths of the states to which some line of the chart leads, whatever its guard. */
export function reachable(root: AnyStateNode): Set<string> {
  const seen = new Set<AnyStateNode>();
  const visit = (node: AnyStateNode | undefined): void => {
    if (!node || seen.has(node)) return;
    seen.add(node);
    visit(node.parent);
    if (node.type === 'parallel') Object.values(node.states).forEach(child => visit(child as AnyStateNode));
    if (node.type === 'compound') node.initial?.target.forEach(visit);
    for (const transition of [...[...node.transitions.values()].flat(), ...node.always ?? []]) transition.target?.forEach(visit);
  };
  visit(root);
  return new Set([...seen].map(node => node.path.join('.')));
}

/** Inputs of a plugin's effects: those of its walks, and what each rule makes of any step. */
export function inputsOf<T>(plugin: Plugin, seen: Walked['effects'], does: string): T[] {
  const probed = Object.values(plugin.effects).filter(rule => rule.does === does).flatMap(rule => {
    try {
      return rule.input(anything()) as any;
    } catch {
      // Its input depends on real data: the walks tell what it makes of them.
      return [];
    }
  }).filter((input: any) => typeof (input.template ?? input.process) === 'string' && (input.to === undefined || Array.isArray(input.to)));
  return [...seen.filter(effect => effect.does === does).map(({ input }) => input), ...probed] as T[];
}

/** Texts of payloads that stand in a sealed field and also where everybody with access to the database reads them. */
export function leaks(plugin: Plugin, walked: Walked, stored: (walked: Walked) => unknown): string[] {
  const secret = new Set(walked.states.flatMap(({ state }) => plugin.sealed.flatMap(field => textsIn(state.context[field]))).filter(text => text.startsWith('zq') && walked.drawn.has(text)));
  return [...new Set(textsIn(stored(walked)).flatMap(text => [...text.matchAll(/zq[0-9a-f]{8}/g)].map(([found]) => found)))].filter(text => secret.has(text));
}
