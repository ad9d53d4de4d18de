/**
 * The seal of a register's day: what stands in the register, what was printed and what came before, under the installation's signature.
 * Whoever changes an entry, the PDF, a row's figures or the order of days breaks one of them.
 */
import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import type { LocalDate } from '../../plugins/contract.ts';
import { canonicalBytes } from '../history/chain.ts';
import { sha256, type Direction, type ProtocolNumber, type RegisteredAttachment } from './protocol.ts';

const FORMAT = 'iter-protocol-day/1';

/** An entry as ENTRIES_OF_DAY reads it. */
export interface EntryRow {
  organisation: string; year: number; number: number; direction: Direction; at: Date; day: LocalDate; key: string; case_id: string | null; subject: string; sender: string; recipients: string[];
  document: string; sha256: string; attachments: RegisteredAttachment[]; sender_protocol: ProtocolNumber | null; message_id: string | null;
}
/** What the signature covers. Digests are SHA-256, hexadecimal. */
export interface DaySeal {
  organisation: string;
  day: LocalDate;
  year: number;
  /** Null on a day without entries. */
  first: number | null;
  last: number | null;
  entries: number;
  /** Of the entries, every column of them. */
  digest: string;
  /** Of the PDF. */
  sha256: string;
  /** Of the PDF of the day before; null on the register's first day. */
  previous: string | null;
  /** ISO 8601, UTC. */
  sealedAt: string;
}

export const digestOfEntries = (rows: EntryRow[]): string => sha256(canonicalBytes(rows.map(row => ({ ...row, at: row.at.toISOString() }))));

const signedText = (seal: DaySeal): Buffer => Buffer.from(`${FORMAT}\n${sha256(canonicalBytes(seal))}\n`);

/** `publicKey`: SPKI in base64, so that a row can be verified by itself; whose key it is, the verifier must know. */
export function signDay(key: KeyObject, seal: DaySeal): { signature: string; publicKey: string } {
  return { signature: sign(null, signedText(seal), key).toString('base64'), publicKey: publicKeyText(key) };
}

export const publicKeyText = (key: KeyObject): string => (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' }).toString('base64');

/** False for a key or a signature that is none, too. */
export function isDaySigned(seal: DaySeal, signature: string, publicKey: string): boolean {
  try {
    return verify(null, signedText(seal), createPublicKey({ key: Buffer.from(publicKey, 'base64'), format: 'der', type: 'spki' }), Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}
