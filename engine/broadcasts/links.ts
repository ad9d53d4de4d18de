/**
 * The secret address at which a recipient takes note without signing in. It follows from the delivery and its case's key, so that a repeated mail has the
 * same one; the database keeps its digest, and with the case's key it is gone.
 */
import { createHash, createHmac } from 'node:crypto';
import type { CaseKey } from '../history/caseKey.ts';

/** 96 bits in 16 characters that an SMS carries as one each: short, and not to be guessed at the rate at which strangers may ask. */
const BYTES = 12;
export const LINK_SECRET = /^[A-Za-z0-9_-]{16}$/;

export function linkSecretOf(key: CaseKey, deliveryId: string): string {
  return createHmac('sha256', key).update(`link/${deliveryId}`).digest().subarray(0, BYTES).toString('base64url');
}
export const linkDigest = (secret: string): Buffer => createHash('sha256').update(secret).digest();
export const linkUrl = (publicUrl: string, secret: string): string => `${publicUrl}/p/${secret}`;
