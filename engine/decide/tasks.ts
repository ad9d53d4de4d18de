/** What a case waits for: derived from where it stands and what it remembers. Pure. */
import { restore } from './decide.ts';
import { asDecisionError } from './step.ts';
import type { CompiledProcess } from './compile.ts';
import type { CaseState } from './types.ts';

/** As rows hold it. */
export interface OpenTask { name: string; /** Organisation code or user id. */ principal: string; roles: string[]; command: string | null; deadline: string | null; due: string | null }

/** Who goes by another role's profile finds it there. */
const rolesOf = ({ goesBy = {} }: CompiledProcess['plugin'], by: string[]): string[] => [...new Set([...by, ...by.flatMap(role => goesBy[role] ?? [])])];

/** In the order of the plugin's table. Throws {@link DecisionError} where plugin code throws. */
export function openTasks(process: CompiledProcess, state: CaseState): OpenTask[] {
  const { plugin } = process;
  if (state.done) return [];
  const active = new Set(restore(process, state)._nodes.map(node => node.path.join('.')));
  const step = { context: state.context, parties: state.parties };
  try {
    return Object.entries(plugin.tasks ?? {}).flatMap(([name, rule]): OpenTask[] => {
      const principal = state.parties[plugin.roles[rule.by[0]!]!];
      if (principal === undefined || !rule.in.some(path => active.has(path)) || rule.when?.(step) === false) return [];
      return [{ name, principal, roles: rolesOf(plugin, rule.by), command: rule.command ?? null, deadline: rule.deadline ?? null, due: rule.due?.(step) ?? null }];
    });
  } catch (error) {
    throw asDecisionError(process, error);
  }
}
