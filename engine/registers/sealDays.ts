/**
 * Seals the days that are over of every register (DPR 445/2000, art. 53 c. 3; AgID: sent to preservation by the next working day):
 * printed, chained to the day before and signed. Days that were missed are caught up; a day without entries says so.
 */
import type { KeyObject } from 'node:crypto';
import type pg from 'pg';
import { pipeline, run } from '../../database/pools.ts';
import * as sql from '../../database/registerStatements.ts';
import { addDays } from '../../plugins/calendar.ts';
import type { DocumentModel, LocalDate } from '../../plugins/contract.ts';
import type { Logger } from '../commit/context.ts';
import { withConnection } from '../commit/transaction.ts';
import { dayModel } from './dayModel.ts';
import { digestOfEntries, signDay, type DaySeal, type EntryRow } from './daySeal.ts';
import { sha256 } from './protocol.ts';

export interface SealDays {
  /** Of `iter_commit`. */
  pool: pg.Pool;
  /** The private Ed25519 key of the installation. */
  key: KeyObject;
  /** The last local day to seal, which is over. */
  day: LocalDate;
  /** activities/documents/renderPdf.ts: the engine knows no printer. */
  render: (model: DocumentModel, options: { createdAt: Date; author: string }) => Promise<Buffer>;
  log: Logger;
}
interface Register { organisation: string; name: string | null; from: LocalDate | null }

/** Answers how many days it sealed. Idempotent. One register that fails keeps no other from its seal; then it throws, to be run again. */
export async function sealDays(input: SealDays): Promise<number> {
  const { pool, day, log } = input;
  const { rows } = await withConnection(pool, client => run(client, sql.UNSEALED_REGISTERS, []));
  let sealed = 0, failure: unknown = null;
  for (const register of rows as Register[]) {
    if (register.from === null || register.from > day) continue;
    try {
      sealed += await sealRegister(input, register, register.from);
    } catch (error) {
      log.error({ err: error, organisation: register.organisation }, 'a register could not be sealed');
      failure ??= error;
    }
  }
  if (failure) throw failure;
  return sealed;
}

async function sealRegister(input: SealDays, register: Register, from: LocalDate): Promise<number> {
  await assertOver(input.pool, register.organisation, input.day);
  let sealed = 0;
  for (let day = from; day <= input.day; day = addDays(day, 1)) sealed += await sealDay(input, register, day);
  return sealed;
}

/**
 * Who registers takes the clock under the register's lock. Once it was ours after midnight, all entries of the days before are committed
 * and no other can come: nothing need be held while they are printed. Throws when PostgreSQL's clock is not past the day.
 */
async function assertOver(pool: pg.Pool, organisation: string, day: LocalDate): Promise<void> {
  const [, , clock] = await withConnection(pool, client => pipeline(client, [client.query('begin'), run(client, sql.LOCK_REGISTER, [organisation, Number(day.slice(0, 4))]), run(client, sql.LAST_DAY, []), client.query('commit')]));
  if (clock!.rows[0].day < day) throw new Error(`${day} is not over by PostgreSQL's clock: its register cannot be sealed`);
}

async function sealDay({ pool, key, render, log }: SealDays, { organisation, name }: Register, day: LocalDate): Promise<number> {
  const [found, before, clock] = await withConnection(pool, client => pipeline(client, [run(client, sql.ENTRIES_OF_DAY, [organisation, day]), run(client, sql.LAST_SEALED, [organisation]), run(client, sql.LAST_DAY, [])]));
  const entries = found!.rows as EntryRow[], previous = before!.rows[0] as { day: LocalDate; sha256: string } | undefined, now: Date = clock!.rows[0].now;
  // Another program was here first.
  if (previous && previous.day >= day) return 0;
  const digest = digestOfEntries(entries), author = name ?? organisation;
  const content = await render(dayModel({ organisation: { code: organisation, name: author }, day, entries, digest, previous: previous?.sha256 ?? null }), { createdAt: now, author });
  const seal: DaySeal = {
    organisation, day, year: Number(day.slice(0, 4)), first: entries[0]?.number ?? null, last: entries.at(-1)?.number ?? null, entries: entries.length,
    digest, sha256: sha256(content), previous: previous?.sha256 ?? null, sealedAt: now.toISOString(),
  };
  const { signature, publicKey } = signDay(key, seal);
  const { rowCount } = await withConnection(pool, client => run(client, sql.INSERT_DAY, [
    organisation, day, seal.year, seal.first, seal.last, seal.entries, digest, content, seal.sha256, seal.previous, signature, publicKey, now,
  ]));
  log.info({ organisation, day, entries: entries.length, isNew: rowCount === 1 }, 'a day of the protocollo is sealed');
  return rowCount ?? 0;
}
