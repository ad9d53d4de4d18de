/**
 * Who sees what of a case. A role counts only for the party that it is held for: the head of another school
 * who is a pupil's parent sees the case as a parent, not as a head.
 */
import type { JsonObject, Plugin } from '../plugins/contract.ts';
import { actingRole } from '../engine/decide/parties.ts';
import type { Caller } from '../engine/engine.ts';

/** The caller's role on this case, or the one that goes by it; null when it is held for none of its parties. */
export function roleOn(plugin: Plugin, parties: Record<string, string>, caller: Caller): string | null {
  return actingRole(plugin, parties, caller.role, party => parties[party] === (plugin.parties[party]?.kind === 'person' ? caller.userId : caller.organisation));
}

/** A field without a row in `visibility` is seen by every party. */
export function seesField(plugin: Plugin, role: string | null, field: string): boolean {
  const { visibility } = plugin.projection;
  return !Object.hasOwn(visibility, field) || (role !== null && visibility[field]!.includes(role));
}

/** Roles from which nothing is hidden: they may read the whole history too. */
export function seesEverything(plugin: Plugin, role: string | null): boolean {
  return role !== null && Object.values(plugin.projection.visibility).every(roles => roles.includes(role));
}

export function visibleFields(plugin: Plugin, role: string | null, fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter(([field]) => seesField(plugin, role, field)));
}

/** Names of the protected fields that this object shows: reading them is recorded. */
export function protectedFields(plugin: Plugin, shown: JsonObject): string[] {
  return plugin.projection.protected.filter(field => !isEmpty(shown[field]));
}

function isEmpty(value: unknown): boolean {
  return value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);
}

/**
 * An attachment is seen by the roles that may upload its kind, by those that see every protected field (a certificate says what they say),
 * and by those of a row of `visibility` that bears the kind's name.
 */
export function seesAttachment(plugin: Plugin, role: string | null, kind: string): boolean {
  if (role === null) return false;
  const { visibility, protected: secret } = plugin.projection;
  if (plugin.attachments?.[kind]?.by.includes(role) || (Object.hasOwn(visibility, kind) && visibility[kind]!.includes(role))) return true;
  return secret.every(field => seesField(plugin, role, field));
}

/**
 * The payload of a history entry goes to roles that may give that command, to roles that see everything, and to the person who gave it.
 * Nobody sees through it a field that the projection hides from them.
 */
export function seesPayload(plugin: Plugin, role: string | null, caller: Caller, entry: { kind: string; name: string; actor: { kind: string; id: string } }): boolean {
  if (seesEverything(plugin, role)) return true;
  if (entry.actor.kind === 'user' && entry.actor.id === caller.userId) return true;
  if (role === null) return false;
  switch (entry.kind) {
    case 'created': return plugin.create.by.includes(role);
    case 'command': case 'refused': return Object.hasOwn(plugin.commands, entry.name) && plugin.commands[entry.name]!.by.includes(role);
    case 'attachment': return seesAttachment(plugin, role, entry.name);
    default: return false;
  }
}
