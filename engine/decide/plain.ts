/** What a plugin gives must be what the row will hold: JSON through and through, storable as jsonb, the same for a reader as for the writer. */
import { DecisionError } from './types.ts';

/** The value without fields that are undefined (the same object where there are none). Throws {@link DecisionError} that names the place. */
export function plain<T>(value: T, place: string): T {
  switch (typeof value) {
    case 'string':
      if (isStorable(value)) return value;
      throw new DecisionError(`${place} holds a text with a NUL or half a surrogate pair`);
    case 'boolean': return value;
    case 'number':
      if (Number.isFinite(value)) return value;
      throw new DecisionError(`${place} is ${value}: not a number that JSON can hold`);
    case 'object': {
      if (value === null) return value;
      if (Array.isArray(value)) return plainList(value, place) as T;
      const prototype = Object.getPrototypeOf(value);
      // A plain object of any realm: its prototype is the root.
      if (prototype !== null && Object.getPrototypeOf(prototype) !== null) throw new DecisionError(`${place} is a ${prototype.constructor?.name}: keep plain JSON`);
      return plainObject(value as Record<string, unknown>, place) as T;
    }
    default: throw new DecisionError(`${place} is a ${typeof value}: keep plain JSON`);
  }
}

function plainList(list: unknown[], place: string): unknown[] {
  let copy: unknown[] | null = null;
  for (let i = 0; i < list.length; i += 1) {
    const cleaned = plain(list[i], `${place}/${i}`);
    if (cleaned !== list[i]) (copy ??= [...list])[i] = cleaned;
  }
  return copy ?? list;
}

function plainObject(object: Record<string, unknown>, place: string): Record<string, unknown> {
  let copy: Record<string, unknown> | null = null;
  for (const key of Object.keys(object)) {
    if (!isStorable(key)) throw new DecisionError(`${place} has a key with a NUL or half a surrogate pair`);
    const value = object[key];
    if (value === undefined) {
      copy ??= { ...object };
      delete copy[key];
      continue;
    }
    const cleaned = plain(value, `${place}/${key}`);
    if (cleaned !== value) (copy ??= { ...object })[key] = cleaned;
  }
  return copy ?? object;
}

/** Whether PostgreSQL can keep the text: jsonb takes no NUL and no half of a surrogate pair. */
export function isStorable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed();
}

/** What callers may send: nothing that documents take for the place of a name (plugins/documentModel.ts). */
const isSendable = (text: string): boolean => isStorable(text) && !/[\ue000\ue001]/.test(text);

/** JSON pointer of the first text or key of `value` that nobody may send; null when all are well. */
export function unstorable(value: unknown, pointer = ''): string | null {
  if (typeof value === 'string') return isSendable(value) ? null : pointer;
  if (typeof value !== 'object' || value === null) return null;
  for (const [key, inner] of Object.entries(value)) {
    const found = isSendable(key) ? unstorable(inner, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`) : pointer;
    if (found !== null) return found;
  }
  return null;
}

/** Freezes JSON to its leaves: a rule that writes into what it was given fails at once, not in the next decision. */
export function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const key of Object.keys(value)) freeze((value as Record<string, unknown>)[key]);
  }
  return value;
}
