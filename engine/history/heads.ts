/**
 * Signs the heads of all chains, once per local day: an export that was cut short, a chain that was written anew, a case that was
 * taken away are found by them (verifyHeads.ts). Memory does not grow with the number of cases.
 */
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import type pg from 'pg';
import { run } from '../../database/pools.ts';
import * as sql from '../../database/headsStatements.ts';
import { fingerprintOf, headsFileOf, HEADS_FORMAT, HeadsError, isSigned, keyFileOf, publicPem, readSignature, signDigest, signedDays, type HeadLine, type HeadsFooter, type HeadsHeader } from './headsFile.ts';

/** A commit's instant is read after its lock and before its COMMIT: what was under way then comes in again with the next file. */
const OVERLAP_MS = 3_600_000;
const PAGE = 2_000;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

export interface SignHeads {
  /** Of a role that reads every case: `iter_worker`. */
  pool: pg.Pool;
  folder: string;
  /** The private Ed25519 key. */
  key: KeyObject;
  /** The local day that is signed, `YYYY-MM-DD`; what happened until now is in it too. */
  day: string;
}
/** `written: false`: the day has its file already, or a later one has (`cases` is 0), or another program is writing it. */
export interface SignedHeads { file: string; written: boolean; cases: number }

/** Idempotent for a day; days that were missed are caught up by the next file. Throws {@link HeadsError}, or what the disk or the database says. */
export async function signHeads({ pool, folder, key, day }: SignHeads): Promise<SignedHeads> {
  const file = headsFileOf(folder, day);
  const client = await pool.connect();
  let lost: Error | undefined;
  try {
    const { rows: [{ mine }] } = await client.query('select pg_try_advisory_lock($1) as mine', [sql.HEADS_LOCK]);
    if (!mine) return { file, written: false, cases: 0 };
    try {
      const last = (await signedDays(folder)).at(-1);
      // Days are written in order: a file before an existing one would break the chain of files.
      if (last !== undefined && last >= day) return { file, written: false, cases: 0 };
      return { file, written: true, cases: await write(client, { folder, key, day, file, last }) };
    } finally {
      await client.query('select pg_advisory_unlock($1)', [sql.HEADS_LOCK]);
    }
  } catch (error) {
    lost = error as Error;
    throw error;
  } finally {
    // A connection that may still hold the lock is not given back.
    client.release(lost);
  }
}

interface Writing { folder: string; key: KeyObject; day: string; file: string; last: string | undefined }

async function write(client: pg.PoolClient, { folder, key, day, file, last }: Writing): Promise<number> {
  await mkdir(folder, { recursive: true });
  const previous = last === undefined ? null : await previousFile(folder, last);
  const until: Date = (await run(client, sql.HEADS_CLOCK, [])).rows[0].until;
  const since = previous ? new Date(Date.parse(previous.until) - OVERLAP_MS) : new Date(0);
  const draft = `${file}.tmp`, digest = createHash('sha256');
  const handle = await open(draft, 'w', 0o644);
  let cases = 0;
  try {
    const put = async (lines: (HeadsHeader | HeadLine | HeadsFooter)[]) => {
      const text = lines.map(line => `${JSON.stringify(line)}\n`).join('');
      digest.update(text);
      await handle.write(text);
    };
    await put([{ format: HEADS_FORMAT, day, until: until.toISOString(), previous: previous && { day: last!, digest: previous.digest } }]);
    for (let after = BEFORE_ALL; ;) {
      const { rows } = await run(client, sql.HEADS_PAGE, [after, since, PAGE]);
      if (rows.length === 0) break;
      const lines = rows.filter(row => row.id !== null).map((row): HeadLine => ({ case: row.id, seq: row.seq, head: row.head }));
      if (lines.length > 0) await put(lines);
      cases += lines.length;
      after = rows[0].last;
    }
    await put([{ cases }]);
    await handle.sync();
  } catch (error) {
    await handle.close();
    await rm(draft, { force: true });
    throw error;
  }
  await handle.close();
  await writeDurably(keyFileOf(folder, fingerprintOf(key)), publicPem(key));
  await writeDurably(`${file}.sig`, `${JSON.stringify(signDigest(key, digest.digest('hex')))}\n`);
  // Last: the file of the day is there only with all that belongs to it.
  await rename(draft, file);
  await syncFolder(folder);
  return cases;
}

/** The signature stands for the file before: reading it again costs nothing. Throws {@link HeadsError} when it is not good. */
async function previousFile(folder: string, day: string): Promise<{ digest: string; until: string }> {
  const signature = await readSignature(folder, day);
  const pem = await readFile(keyFileOf(folder, signature.key), 'utf8').catch(() => { throw new HeadsError(`the public key ${keyFileOf(folder, signature.key)} is missing`); });
  if (!isSigned(signature, createPublicKey(pem))) throw new HeadsError(`the signature of ${headsFileOf(folder, day)} is not good: no file is chained to it. Verify the folder, restore it from a copy, or begin a new one`);
  const handle = await open(headsFileOf(folder, day));
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4_096), 0, 4_096, 0);
    const text = buffer.toString('utf8', 0, bytesRead);
    return { digest: signature.digest, until: (JSON.parse(text.slice(0, text.indexOf('\n'))) as HeadsHeader).until };
  } finally {
    await handle.close();
  }
}

async function writeDurably(file: string, text: string): Promise<void> {
  const handle = await open(`${file}.tmp`, 'w', 0o644);
  try {
    await handle.write(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.tmp`, file);
}

/** A rename is on disk when its folder is. */
async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders.
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
