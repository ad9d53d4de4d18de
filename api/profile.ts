/** In which of their profiles a person speaks: `<organisation>/<role>`, or `persona/genitore` for themselves. A deputy has those of the absent one too. */
import type { Deputyship, Person } from '../database/reads/people.ts';
import type { Caller } from '../engine/engine.ts';
import { Problem } from '../engine/problems.ts';
import type { Processes } from '../engine/processes.ts';

export const OWN_PROFILE = 'persona';
const DEFAULT_PERSON_ROLE = 'genitore';

export interface Profile { organisation: string | null; role: string; /** Held for somebody who is absent. */ deputyship?: Deputyship }

/** Roles that people hold for themselves, in any process. */
export function personRoles(processes: Processes): string[] {
  const roles = new Set([DEFAULT_PERSON_ROLE]);
  for (const { plugin } of processes.all()) for (const [role, party] of Object.entries(plugin.roles)) if (plugin.parties[party]?.kind === 'person') roles.add(role);
  return [...roles];
}

export const profileName = ({ organisation, role }: Profile): string => `${organisation ?? OWN_PROFILE}/${role}`;

/** Every profile that this person may choose. `deputyships`: as they are now, never remembered ones. */
export function profilesOf(person: Person, ownRoles: string[], deputyships: Deputyship[] = []): Profile[] {
  return [
    ...person.memberships.map(({ organisation, role }) => ({ organisation, role })), ...deputyships.map(deputyship => ({ organisation: deputyship.organisation, role: deputyship.role, deputyship })),
    ...ownRoles.map(role => ({ organisation: null, role })),
  ];
}

/** Whether the profile that a request asks for may be one that the person holds as a deputy: only then are those read. */
export function mayBeDeputy(person: Person, header: string | undefined, ownRoles: string[]): boolean {
  const wanted = header?.trim() ?? person.profile;
  return wanted !== null && !profilesOf(person, ownRoles).some(profile => profileName(profile) === wanted);
}

/** The profile in force without a header: the saved choice, else the only membership, else (without any) the person's own. Null: one must be chosen. */
export function defaultProfile(person: Person, ownRoles: string[], deputyships: Deputyship[] = []): Profile | null {
  const saved = person.profile === null ? undefined : profilesOf(person, ownRoles, deputyships).find(profile => profileName(profile) === person.profile);
  if (saved) return saved;
  const { memberships } = person;
  if (memberships.length === 1) return { organisation: memberships[0]!.organisation, role: memberships[0]!.role };
  return memberships.length === 0 ? { organisation: null, role: ownRoles[0]! } : null;
}

/** Throws Problem `forbidden` for a profile that is not this person's, and where one must be chosen. */
export function chooseProfile(person: Person, header: string | undefined, ownRoles: string[], deputyships: Deputyship[] = []): Profile {
  const names = () => profilesOf(person, ownRoles, deputyships).map(profileName);
  if (header !== undefined) {
    const wanted = header.trim();
    const slash = wanted.lastIndexOf('/');
    const organisation = wanted.slice(0, slash), role = wanted.slice(slash + 1);
    if (slash > 0 && organisation === OWN_PROFILE && ownRoles.includes(role)) return { organisation: null, role };
    if (slash > 0 && person.memberships.some(membership => membership.organisation === organisation && membership.role === role)) return { organisation, role };
    const deputyship = deputyships.find(held => held.organisation === organisation && held.role === role);
    if (slash > 0 && deputyship) return { organisation, role, deputyship };
    throw new Problem('forbidden', 'The profile of the header Iter-Profile is not one of yours.', { profiles: names() });
  }
  const profile = defaultProfile(person, ownRoles, deputyships);
  if (!profile) throw new Problem('forbidden', 'You have several profiles: choose one with the header Iter-Profile, or save your choice with PUT /api/v1/me/profile.', { profiles: names() });
  return profile;
}

/** The engine's caller for a person in a profile. */
export function callerFor(person: Person, { organisation, role, deputyship }: Profile): Caller {
  const principals = organisation === null ? [person.id] : [organisation, person.id];
  return { kind: 'user', userId: person.id, role, organisation, principals, ...(deputyship ? { deputyFor: deputyship.deputyFor.user } : {}) };
}

/** Operators look after the installation: admin of an organisation of kind `ente`. */
export function isOperator(person: Person, { organisation, role, deputyship }: Profile): boolean {
  return role === 'admin' && (deputyship ? [deputyship] : person.memberships).some(membership => membership.organisation === organisation && membership.role === 'admin' && membership.organisationKind === 'ente');
}
