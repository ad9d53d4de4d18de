/** Who takes part in a case, in which role, and how a step changes it. Pure. */
import type { Plugin } from '../../plugins/contract.ts';
import { DecisionError } from './types.ts';

type Parties = Record<string, string>;
/** Party → user id; null: nobody any more. */
export type PartyChanges = Record<string, string | null>;

const USER_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** The same object where nothing changes. Only people come and go: an organisation keeps registers, documents and numbers of its case. Throws {@link DecisionError}. */
export function partiesAfter({ process, parties: known }: Plugin, before: Parties, changes: PartyChanges): Parties {
  const after = { ...before };
  for (const [party, person] of Object.entries(changes)) {
    const definition = Object.hasOwn(known, party) ? known[party]! : undefined;
    if (definition?.kind !== 'person') throw new DecisionError(`${process}: "${party}" is no person of this process: no step changes it`);
    if (person === null) {
      if (definition.required) throw new DecisionError(`${process}: the party "${party}" is required: somebody must be it`);
      delete after[party];
    } else {
      if (typeof person !== 'string' || !USER_ID.test(person)) throw new DecisionError(`${process}: the party "${party}" would be ${JSON.stringify(person)}, which is no user id`);
      after[party] = person;
    }
  }
  return areSameParties(before, after) ? before : after;
}

export const areSameParties = (one: Parties, other: Parties): boolean => Object.keys({ ...one, ...other }).every(party => one[party] === other[party]);

/** Roles in which somebody may act who comes with this one: itself, and those that go by it. */
const rolesBehind = ({ goesBy = {} }: Plugin, role: string): string[] => [role, ...Object.keys(goesBy).filter(other => goesBy[other] === role)];

/** The role in which somebody acts on a case: the first behind the one they come with whose party they are. Null: none is theirs. */
export function actingRole(plugin: Plugin, parties: Parties, role: string, isParty: (party: string) => boolean): string | null {
  return rolesBehind(plugin, role).find(each => {
    const party = Object.hasOwn(plugin.roles, each) ? plugin.roles[each]! : undefined;
    return party !== undefined && parties[party] !== undefined && isParty(party);
  }) ?? null;
}

/** The same, for whom `speaksFor` names; who is none of them keeps the role they came with, and is refused under it. */
export function roleAs(plugin: Plugin, parties: Parties, role: string, speaksFor: string | null): string {
  return actingRole(plugin, parties, role, party => parties[party] === speaksFor) ?? role;
}
