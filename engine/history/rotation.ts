/**
 * Wraps every case's data key with a new master key, while programs that hold both go on serving. Interrupted anywhere and repeated it
 * ends well: each batch is a commit, a key is replaced only as it was read, and the old master key is struck out last, in one
 * transaction with the database passwords. No payload is touched: histories verify as before.
 */
import type pg from 'pg';
import { masterFingerprint, MasterKeyError } from '../../database/masterKeys.ts';
import { list } from '../../database/adoptMasterKey.ts';
import { setPasswords } from '../../database/migrate.ts';
import { openWithMaster, rewrapCaseKey } from './caseKey.ts';

export interface Rotation {
  /** Of the administrator: `iter_owner` by role, and may change the passwords of roles. */
  client: pg.Client;
  previous: Buffer;
  next: Buffer;
  onProgress?: (done: number, of: number) => void;
}
/** `toDo`: keys that the previous one wraps; `done`: those that the next one does already; `erased`: cases that have none any more. */
export interface RotationCount { toDo: number; done: number; erased: number; /** The previous key is struck out: the change is over. */ over: boolean }

const BATCH = 500;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';
/** Any number known to all programs of one database. */
const ROTATION_LOCK = 7_401_882_401;
const FINISH_ATTEMPTS = 30;

interface KeyRow { case_id: string; wrapped: Buffer }

/** Opens every key and changes nothing. Throws MasterKeyError when one is of neither master key. */
export async function countRotation({ client, previous, next }: Pick<Rotation, 'client' | 'previous' | 'next'>): Promise<RotationCount> {
  return await asOwner(client, async () => {
    const listed = (await client.query<{ fingerprint: string }>('select fingerprint from master_keys')).rows.map(({ fingerprint }) => fingerprint);
    const foreign = listed.filter(fingerprint => fingerprint !== masterFingerprint(previous) && fingerprint !== masterFingerprint(next));
    if (foreign.length > 0) throw new MasterKeyError(`The keys of this database are wrapped by the master key ${foreign.join(' and ')}, which is neither the previous one given (${masterFingerprint(previous)}) nor the new one (${masterFingerprint(next)}). Nothing was changed.`);
    const count: RotationCount = { toDo: 0, done: 0, erased: 0, over: listed.length > 0 && !listed.includes(masterFingerprint(previous)) };
    for (let after = BEFORE_ALL; ;) {
      const { rows } = await client.query<KeyRow>('select case_id, wrapped from case_keys where case_id > $1 order by case_id limit $2', [after, BATCH]);
      for (const row of rows) count[whose(row, previous, next)] += 1;
      if (rows.length < BATCH) return count;
      after = rows.at(-1)!.case_id;
    }
  });
}

function whose({ case_id: caseId, wrapped }: KeyRow, previous: Buffer, next: Buffer): 'toDo' | 'done' | 'erased' {
  if (wrapped.length === 0) return 'erased';
  for (const [key, state] of [[previous, 'toDo'], [next, 'done']] as const) {
    try {
      openWithMaster(key, wrapped, caseId);
      return state;
    } catch {
      // Then the other one; with neither it cannot be done.
    }
  }
  throw new MasterKeyError(`The data key of case ${caseId} is wrapped by neither the previous nor the new master key, or it was tampered with. Nothing was changed: give the right previous key.`);
}

/**
 * From here on the next key may wrap: to be called before any program is given it. Throws MasterKeyError, before anything is changed,
 * for a wrong previous key and while another rotation runs.
 */
export async function beginRotation(rotation: Rotation): Promise<RotationCount> {
  const { client, next } = rotation;
  const { rows: [lock] } = await client.query('select pg_try_advisory_lock($1) as mine', [ROTATION_LOCK]);
  if (!lock.mine) throw new MasterKeyError('Another keys:rotate is under way on this database.');
  const count = await countRotation(rotation);
  if (!count.over) await asOwner(client, () => list(client, next));
  return count;
}

/** Wraps what is left to wrap, then strikes the previous key out. Answers how many were wrapped anew. After {@link beginRotation}. */
export async function finishRotation(rotation: Rotation, { toDo }: RotationCount): Promise<number> {
  let done = 0;
  await asOwner(rotation.client, async () => {
    for (let after: string | null = BEFORE_ALL; after !== null;) {
      const batch = await wrapBatch(rotation, after);
      done += batch.done;
      after = batch.last;
      rotation.onProgress?.(done, Math.max(done, toDo));
    }
  });
  for (let attempt = 1; ; attempt += 1) {
    try {
      return done + await strikeOut(rotation);
    } catch (error) {
      await rotation.client.query('rollback; reset role');
      // A reader was in the way, or another database's migration at the roles.
      if (attempt === FINISH_ATTEMPTS || (error as { code?: string }).code !== '55P03' && !/tuple concurrently/.test((error as Error).message)) throw error;
      await new Promise(resolve => setTimeout(resolve, 1_000));
    }
  }
}

/** One statement, one commit. A key that was destroyed meanwhile stays destroyed. */
async function wrapBatch({ client, previous, next }: Rotation, after: string): Promise<{ done: number; last: string | null }> {
  const fingerprint = masterFingerprint(next);
  const { rows } = await client.query<KeyRow>(`select case_id, wrapped from case_keys where case_id > $1 and wrapped <> '' and master is distinct from $2 order by case_id limit $3`, [after, fingerprint, BATCH]);
  if (rows.length === 0) return { done: 0, last: null };
  // Those that a program of before the names wrapped with the next key only need their name.
  const wrapped = rows.map(row => (whose(row, previous, next) === 'done' ? row.wrapped : rewrapCaseKey(previous, next, row.wrapped, row.case_id).wrapped));
  const { rowCount } = await client.query(
    'update case_keys k set wrapped = n.wrapped, master = $4 from unnest($1::uuid[], $2::bytea[], $3::bytea[]) as n(case_id, before, wrapped) where k.case_id = n.case_id and k.wrapped = n.before',
    [rows.map(row => row.case_id), rows.map(row => row.wrapped), wrapped, fingerprint],
  );
  return { done: rowCount ?? 0, last: rows.at(-1)!.case_id };
}

/** In one transaction: what was made meanwhile is wrapped anew, the previous key is gone from the list, and the passwords are the next one's. */
async function strikeOut(rotation: Rotation): Promise<number> {
  const { client, previous, next } = rotation;
  await client.query(`begin; set local role iter_owner; set local lock_timeout = '2s'; lock table case_keys in access exclusive mode`);
  let done = 0;
  for (let after: string | null = BEFORE_ALL; after !== null;) {
    const batch = await wrapBatch(rotation, after);
    done += batch.done;
    after = batch.last;
  }
  await client.query('delete from master_keys where fingerprint = $1', [masterFingerprint(previous)]);
  // From the first rotation on, no program may leave a key without saying whose it is.
  await client.query(`alter table case_keys drop constraint if exists case_keys_named, add constraint case_keys_named check (master is not null or wrapped = '')`);
  await client.query('reset role');
  await setPasswords(client, next);
  await client.query('commit');
  return done;
}

async function asOwner<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('set role iter_owner');
  try {
    return await work();
  } finally {
    await client.query('reset role').catch(() => {});
  }
}
