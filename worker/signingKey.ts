/** The Ed25519 key that signs the daily heads: given by ITER_SIGNING_KEY, or made at the first need in ITER_HOME/keys. */
import { createPrivateKey, randomBytes, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { ConfigError, readOrCreateSecret } from './config.ts';

const SEED_BYTES = 32;
/** PKCS #8 of an Ed25519 private key, up to its seed (RFC 8410). */
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** `setting`: 32 bytes in base64 (`openssl rand -base64 32`). Throws ConfigError when the setting or the file holds something else. */
export function loadSigningKey(home: string, setting: string | undefined = process.env['ITER_SIGNING_KEY']): KeyObject {
  const file = join(home, 'keys', 'signing.key');
  const text = setting?.trim() || readOrCreateSecret(file, () => randomBytes(SEED_BYTES).toString('base64'));
  const seed = Buffer.from(text, 'base64');
  if (seed.length !== SEED_BYTES) throw new ConfigError([`${setting?.trim() ? 'ITER_SIGNING_KEY' : file} must hold ${SEED_BYTES} bytes in base64 (openssl rand -base64 ${SEED_BYTES})`]);
  return createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, seed]), format: 'der', type: 'pkcs8' });
}

/** Where the heads are written: keep it on another disk than the database, or copy it away. */
export function headsFolder(home: string, setting: string | undefined = process.env['HEADS_FOLDER']): string {
  return setting?.trim() || join(home, 'heads');
}
