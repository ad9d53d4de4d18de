/**
 * The master key of an installation that keeps it in files: `master.key`, and while it is being changed `master.key.next` (made, not in
 * force) or `master.key.previous` (in force no more, still needed). At every moment the files together open everything.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { masterFingerprint } from '../database/masterKeys.ts';

export const MASTER_KEY_BYTES = 32;

export function decodeMasterKey(text: string): Buffer | undefined {
  const key = Buffer.from(text, 'base64');
  return key.length === MASTER_KEY_BYTES ? key : undefined;
}

export const masterKeyFile = (home: string): string => join(home, 'keys', 'master.key');

/** The one in force first. Throws when a file does not hold a key. */
export function readMasterKeyFiles(home: string): Buffer[] {
  const file = masterKeyFile(home);
  return [file, `${file}.previous`, `${file}.next`].filter(name => name === file || existsSync(name)).map(readKey);
}

export interface ChangingKeys { previous: Buffer; next: Buffer; /** The files say already that the next one is in force. */ swapped: boolean }

/** The key in force and the one that follows it: that of a change which was interrupted, else a new one, which is in a file before this returns. */
export function beginChange(home: string): ChangingKeys {
  const file = masterKeyFile(home);
  const current = readKey(file);
  const previous = existsSync(`${file}.previous`) ? readKey(`${file}.previous`) : null;
  if (previous && !previous.equals(current)) return { previous, next: current, swapped: true };
  if (!existsSync(`${file}.next`)) writeDurably(`${file}.next`, randomBytes(MASTER_KEY_BYTES));
  return { previous: current, next: readKey(`${file}.next`), swapped: false };
}

/** The next key is in force for whoever reads the files from now on; the one before stays beside it. */
export function swapKeys(home: string, previous: Buffer): void {
  const file = masterKeyFile(home);
  writeDurably(`${file}.previous`, previous);
  renameSync(`${file}.next`, file);
  syncFolder(dirname(file));
}

/** Sets the key aside that opens nothing here any more; answers the file, which backups of before still need. */
export function retireKey(home: string, previous: Buffer): string {
  const file = masterKeyFile(home), retired = `${file}.retired-${masterFingerprint(previous)}`;
  renameSync(`${file}.previous`, retired);
  syncFolder(dirname(file));
  return retired;
}

function readKey(file: string): Buffer {
  const key = decodeMasterKey(readFileSync(file, 'utf8').trim());
  if (!key) throw new Error(`${file} does not hold ${MASTER_KEY_BYTES} bytes in base64: restore it from a copy`);
  return key;
}

/** Whole or not at all, for this user alone. */
function writeDurably(file: string, key: Buffer): void {
  const draft = `${file}.tmp`;
  writeFileSync(draft, `${key.toString('base64')}\n`, { mode: 0o600, flush: true });
  renameSync(draft, file);
  syncFolder(dirname(file));
}

function syncFolder(folder: string): void {
  // Windows opens no folders.
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
