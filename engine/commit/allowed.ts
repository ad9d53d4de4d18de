/** Which commands a person may give now, and why not: asked of the pure step, never remembered. */
import type { Actor, Refusal } from '../../plugins/contract.ts';
import { acceptedEvents, decide, restore } from '../decide/decide.ts';
import { needsFacts } from '../decide/facts.ts';
import { roleAs } from '../decide/parties.ts';
import { mayGive } from './commands.ts';
import type { ReadCase } from './read.ts';

export interface CommandNow {
  name: string;
  /** Null: only the commit can tell, since the decision needs facts of other rows. */
  allowed: boolean | null;
  why: { code: 'forbidden' | 'command-not-allowed' | 'case-suspended' } | { code: 'invalid'; refusals: Refusal[] } | null;
}

/** One row per command that people may give at all. A refusal that points at a field is the payload's matter, not the case's. */
export function commandsNow(record: Pick<ReadCase, 'process' | 'state' | 'suspended'> & Partial<Pick<ReadCase, 'parameters' | 'now'>>, given: Actor, speaksFor: string): CommandNow[] {
  const { process, state } = record, actor = { ...given, role: roleAs(process.plugin, state.parties, given.role, speaksFor) };
  const accepted = acceptedEvents(process, restore(process, state));
  return Object.entries(process.plugin.commands).filter(([, definition]) => !definition.hidden && definition.by.length > 0).map(([name, definition]): CommandNow => {
    if (!mayGive(process, { command: name, actor, speaksFor }, state.parties)) return { name, allowed: false, why: { code: 'forbidden' } };
    if (!accepted.includes(name)) return { name, allowed: false, why: { code: 'command-not-allowed' } };
    if (record.suspended) return { name, allowed: false, why: { code: 'case-suspended' } };
    if (needsFacts(definition) || !record.parameters || !record.now) return { name, allowed: null, why: null };
    try {
      const decision = decide(process, state, { kind: 'command', name, data: {} }, { at: record.now.toISOString(), actor, parameters: record.parameters });
      const refusals = decision.accepted ? [] : decision.refusals.filter(refusal => refusal.pointer === undefined);
      return refusals.length > 0 ? { name, allowed: false, why: { code: 'invalid', refusals } } : { name, allowed: true, why: null };
    } catch {
      // The rule needs a payload: the state takes the command, the rest shows when it is given.
      return { name, allowed: true, why: null };
    }
  });
}
