/**
 * The data key of a case: AES-256-GCM, wrapped by the installation's master key.
 * Sealed bytes are `nonce (12) ‖ tag (16) ‖ ciphertext`. Destroying the key destroys every payload, item and attachment of the case.
 */
import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { keysOf, masterFingerprint, type MasterKey } from '../../database/masterKeys.ts';

const NONCE = 12, TAG = 16;

/** Not its bytes: Node would make a key object of them at each use, which costs more than the use. */
export type CaseKey = KeyObject;

const masterKeys = new WeakMap<Buffer, KeyObject>();

function masterKeyOf(bytes: Buffer): KeyObject {
  let key = masterKeys.get(bytes);
  if (!key) masterKeys.set(bytes, (key = createSecretKey(bytes)));
  return key;
}

/** A new key, its wrapped form and the fingerprint of the master key; `caseId` is bound to it, so that keys cannot be swapped between rows. */
export function newCaseKey(masterKey: MasterKey, caseId: string): { key: CaseKey; wrapped: Buffer; master: string } {
  const bytes = randomBytes(32);
  return { key: createSecretKey(bytes), ...wrapWith(keysOf(masterKey).current, bytes, caseId) };
}

/** Throws when none of the master keys wrapped it. */
export function unwrapCaseKey(masterKey: MasterKey, wrapped: Buffer, caseId: string): CaseKey {
  return createSecretKey(openWithMaster(masterKey, wrapped, caseId));
}

/** The same data key under another master key. Throws when it is not the first one's. */
export function rewrapCaseKey(previous: Buffer, next: Buffer, wrapped: Buffer, caseId: string): { wrapped: Buffer; master: string } {
  return wrapWith(next, openBytes(masterKeyOf(previous), wrapped, caseId), caseId);
}

function wrapWith(master: Buffer, bytes: Buffer, caseId: string): { wrapped: Buffer; master: string } {
  return { wrapped: sealBytes(masterKeyOf(master), bytes, caseId), master: masterFingerprint(master) };
}

/** Opens what any of the master keys sealed. Throws when none did. */
export function openWithMaster(masterKey: MasterKey, sealed: Buffer, context: string): Buffer {
  const keys = keysOf(masterKey);
  for (let tries = keys.all, again = true; ; tries = keys.all) {
    let failure: unknown;
    for (const key of tries) {
      try {
        return openBytes(masterKeyOf(key), sealed, context);
      } catch (error) {
        failure = error;
      }
    }
    // Another program may just have changed the key.
    if (!again || !keys.reload()) throw failure;
    again = false;
  }
}

export function sealBytes(key: CaseKey, plain: Buffer, context: string): Buffer {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

/** Throws when the bytes were changed, or sealed by another key or for another context. */
export function openBytes(key: CaseKey, sealed: Buffer, context: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE)).setAAD(Buffer.from(context));
  decipher.setAuthTag(sealed.subarray(NONCE, NONCE + TAG));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE + TAG)), decipher.final()]);
}

export function sealJson(key: CaseKey, value: unknown, context: string): Buffer {
  return sealBytes(key, Buffer.from(JSON.stringify(value)), context);
}

export function openJson<T = any>(key: CaseKey, sealed: Buffer, context: string): T {
  return JSON.parse(openBytes(key, sealed, context).toString('utf8'));
}

