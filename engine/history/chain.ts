/**
 * The chain of a case's history: hash = SHA-256(previous hash ‖ canonical metadata), where the metadata holds the digest of (salt ‖ payload).
 * The payload can be erased with the case's key; the chain goes on verifying.
 */
import { createHash, randomBytes } from 'node:crypto';
import canonicalize from 'canonicalize';
import { openBytes, sealBytes, type CaseKey } from './caseKey.ts';

const SALT = 16;
export const GENESIS: Buffer = Buffer.alloc(32);

/** The part of an entry that the hash covers. Instants are ISO with milliseconds, digests hexadecimal. */
export interface EntryMetadata {
  caseId: string;
  seq: number;
  version: number;
  at: string;
  kind: string;
  name: string;
  from: string | null;
  to: string | null;
  actor: { kind: string; id: string; role: string; organisation?: string; /** Of a deputy: user id of the absent person. */ deputyFor?: string };
  caller: string;
  key: string;
  bodyDigest: string;
  payloadDigest: string;
  /** Which execution of the durable workflow did it: ids and attempt. */
  execution: Record<string, unknown> | null;
}

export interface ChainedEntry extends EntryMetadata { hash: string }

export function digest(...parts: (Buffer | string)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** RFC 8785 bytes of a JSON value: equal values give equal bytes. */
export function canonicalBytes(value: unknown): Buffer {
  return Buffer.from(canonicalize(value) ?? 'null');
}

export function entryHash(previous: Buffer, { caseId, seq, version, at, kind, name, from, to, actor, caller, key, bodyDigest, payloadDigest, execution }: EntryMetadata): Buffer {
  return digest(previous, canonicalBytes({ caseId, seq, version, at, kind, name, from, to, actor, caller, key, bodyDigest, payloadDigest, execution }));
}

/** Salted, digested and sealed: what goes to disk of a payload. */
export function sealPayload(key: CaseKey, caseId: string, payload: unknown): { sealed: Buffer; payloadDigest: Buffer } {
  const salted = Buffer.concat([randomBytes(SALT), canonicalBytes(payload)]);
  return { sealed: sealBytes(key, salted, `${caseId}/history`), payloadDigest: digest(salted) };
}

/** The salted bytes (for verification) and the payload. */
export function openPayload<T = any>(key: CaseKey, caseId: string, sealed: Buffer): { salted: Buffer; payload: T } {
  const salted = openBytes(key, sealed, `${caseId}/history`);
  return { salted, payload: JSON.parse(salted.subarray(SALT).toString('utf8')) };
}

export interface ChainVerification { valid: boolean; entries: number; head: string; firstBroken: number | null; why?: string }

/** Walks entries in order of `seq`; `payloads` (salted bytes by seq) are checked where they are still there. */
export function verifyChain(entries: ChainedEntry[], payloads: Map<number, Buffer>): ChainVerification {
  let previous: Buffer = GENESIS, head = GENESIS.toString('hex');
  const broken = (seq: number, why: string): ChainVerification => ({ valid: false, entries: entries.length, head, firstBroken: seq, why });
  for (const [index, entry] of entries.entries()) {
    if (entry.seq !== index + 1) return broken(index + 1, `entry ${index + 1} is missing`);
    const hash = entryHash(previous, entry);
    if (hash.toString('hex') !== entry.hash) return broken(entry.seq, 'the entry does not follow from the one before');
    const salted = payloads.get(entry.seq);
    if (salted && digest(salted).toString('hex') !== entry.payloadDigest) return broken(entry.seq, 'the payload is not the one recorded');
    previous = hash;
    head = entry.hash;
  }
  return { valid: true, entries: entries.length, head, firstBroken: null };
}
