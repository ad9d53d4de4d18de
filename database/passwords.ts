import { createHmac } from 'node:crypto';
import type { LoginRole } from './schema.ts';

/** Database passwords follow from the master key: one secret to keep, none to hand round. */
export function deriveDatabasePassword(masterKey: Buffer, role: LoginRole): string {
  return createHmac('sha256', masterKey).update(`iter/database/${role}`).digest('base64url');
}
