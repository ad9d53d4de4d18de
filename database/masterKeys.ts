/**
 * The installation's master keys: the one in force and, while it is being changed, the other one. Everything that hangs on them
 * (wrapped data keys, database passwords, cursors, sealed mail that belongs to no case) is opened with any and made with the first.
 */
import { createHmac } from 'node:crypto';

/** These keys are not those of this database. The message says what to do; nothing was changed. */
export class MasterKeyError extends Error {
  override name = 'MasterKeyError';
}

/** What tells master keys apart without saying anything of them: 16 hexadecimal digits. */
export function masterFingerprint(key: Buffer): string {
  return createHmac('sha256', key).update('iter/fingerprint').digest('hex').slice(0, 16);
}

export class MasterKeys {
  private held: Buffer[];
  private readonly read: (() => Buffer[]) | null;

  /** `read`: looks for them again where they may change under a running program (files). What it throws leaves the known ones. */
  constructor(keys: Buffer[], read: (() => Buffer[]) | null = null) {
    this.held = distinct(keys);
    this.read = read;
  }

  /** Wraps what is new. */
  get current(): Buffer { return this.held[0]!; }
  get all(): readonly Buffer[] { return this.held; }

  byFingerprint(fingerprint: string): Buffer | undefined {
    return this.held.find(key => masterFingerprint(key) === fingerprint);
  }

  /** Whether there are other keys now than before. */
  reload(): boolean {
    let found: Buffer[];
    try {
      found = distinct(this.read?.() ?? this.held);
    } catch {
      return false;
    }
    if (found.length === 0 || found.length === this.held.length && found.every((key, i) => key.equals(this.held[i]!))) return false;
    // A key object is made of each buffer once: those that stay keep theirs.
    this.held = found.map(key => this.held.find(known => known.equals(key)) ?? key);
    return true;
  }
}

/** A lone key is a ring of one. */
export type MasterKey = Buffer | MasterKeys;
const rings = new WeakMap<Buffer, MasterKeys>();

export function keysOf(masterKey: MasterKey): MasterKeys {
  if (masterKey instanceof MasterKeys) return masterKey;
  let ring = rings.get(masterKey);
  if (!ring) rings.set(masterKey, (ring = new MasterKeys([masterKey])));
  return ring;
}

function distinct(keys: Buffer[]): Buffer[] {
  return keys.filter((key, i) => keys.findIndex(other => other.equals(key)) === i);
}
