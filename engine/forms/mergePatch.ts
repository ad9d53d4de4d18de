/** JSON Merge Patch (RFC 7386): null takes a member out, objects merge, anything else (a list too) takes the place of what was there. Pure. */
import type { Json, JsonObject } from '../../plugins/contract.ts';

const isObject = (value: Json | undefined): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Changes neither of the two. A member called `__proto__` is one like any other. */
export function mergePatch(target: Json | undefined, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged = new Map<string, Json>(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) merged.delete(name);
    else merged.set(name, mergePatch(merged.get(name), value));
  }
  // fromEntries defines its members: no setter of a prototype runs.
  return Object.fromEntries(merged);
}

/** Whether the value is nested more than `most` levels deep. Looks no deeper than that. */
export function isDeeperThan(value: Json, most: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return most === 0 || Object.values(value).some(inner => isDeeperThan(inner, most - 1));
}
