/**
 * The daily files of signed heads, outside the database: who can rewrite the rows cannot rewrite these too.
 *
 *   2026-05-02.jsonl      {"format":"iter-heads/1","day":"2026-05-02","until":"…","previous":{"day":"2026-05-01","digest":"…"}|null}
 *                         {"case":"<uuid>","seq":12,"head":"<hex>"}     one per case changed since the file before, by case id
 *                         {"cases":1}
 *   2026-05-02.jsonl.sig  {"format":"iter-heads-signature/1","digest":"<sha256 of the file>","key":"<fingerprint>","signature":"<base64>"}
 *   key-<fingerprint>.pem the public key
 */
import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

export const HEADS_FORMAT = 'iter-heads/1';
const SIGNATURE_FORMAT = 'iter-heads-signature/1';

export interface HeadsHeader {
  format: typeof HEADS_FORMAT;
  /** The local day that is signed. */
  day: string;
  /** The database's clock before the first case was read: every case changed before it is in this file or an earlier one. */
  until: string;
  previous: { day: string; digest: string } | null;
}
export interface HeadLine { case: string; seq: number; head: string }
export interface HeadsFooter { cases: number }
export interface HeadsSignature { format: typeof SIGNATURE_FORMAT; digest: string; key: string; signature: string }

/** The folder of heads is not as it should be; nothing was written. */
export class HeadsError extends Error {
  override name = 'HeadsError';
}

export const headsFileOf = (folder: string, day: string): string => join(folder, `${day}.jsonl`);
export const keyFileOf = (folder: string, fingerprint: string): string => join(folder, `key-${fingerprint}.pem`);

/** Days with a file, in order. Empty when there is no such folder. */
export async function signedDays(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.flatMap(name => /^(\d{4}-\d{2}-\d{2})\.jsonl$/.exec(name)?.[1] ?? []).sort();
}

export function publicPem(key: KeyObject): string {
  return (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'pem' }) as string;
}

/** The first 16 hexadecimal digits of the SHA-256 of the public key (SPKI, DER). */
export function fingerprintOf(key: KeyObject): string {
  const spki = (key.type === 'private' ? createPublicKey(key) : key).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(spki).digest('hex').slice(0, 16);
}

/** What Ed25519 signs: it wants its message whole, so the file enters by its digest. */
const signedText = (digest: string): Buffer => Buffer.from(`${HEADS_FORMAT}\n${digest}\n`);

export function signDigest(key: KeyObject, digest: string): HeadsSignature {
  return { format: SIGNATURE_FORMAT, digest, key: fingerprintOf(key), signature: sign(null, signedText(digest), key).toString('base64') };
}

export function isSigned({ digest, signature }: HeadsSignature, publicKey: KeyObject): boolean {
  return verify(null, signedText(digest), publicKey, Buffer.from(signature, 'base64'));
}

/** Throws {@link HeadsError} when there is no signature or it cannot be read. */
export async function readSignature(folder: string, day: string): Promise<HeadsSignature> {
  const file = `${headsFileOf(folder, day)}.sig`;
  const text = await readFile(file, 'utf8').catch(error => { throw new HeadsError(`${file} cannot be read: ${(error as Error).message}`); });
  try {
    const signature = JSON.parse(text) as HeadsSignature;
    if (signature.format === SIGNATURE_FORMAT && [signature.digest, signature.key, signature.signature].every(part => typeof part === 'string')) return signature;
  } catch { /* not JSON: told below */ }
  throw new HeadsError(`${file} is not a signature of this program (${SIGNATURE_FORMAT})`);
}
