/**
 * Protocollo informatico (DPR 445/2000, artt. 53-57): one register per organisation and solar year, without gaps, never changed.
 * A number is taken and its entry written by one transaction: who dies in between has taken none.
 */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { LocalDate } from '../../plugins/contract.ts';
import { pipeline, run } from '../../database/pools.ts';
import * as sql from '../../database/registerStatements.ts';
import { withConnection } from '../commit/transaction.ts';

export type Direction = 'entrata' | 'uscita' | 'interno';
/** Of what goes with the registered document; `name` is its label, never a file's own name, which may name a pupil. */
export interface RegisteredAttachment { name: string; sha256: string }
/** An entry as it stands in a register, told to others. `day` is local. */
export interface ProtocolNumber { organisation: string; number: number; year: number; day: LocalDate }

/** What is registered (art. 53 c. 1). It stays for ever and is sealed by no case's key: no names of minors, nothing about health. */
export interface ProtocolEntry {
  /** Whose register. */
  organisation: string;
  /** The same key gets the same number again: the effect's id, or the document's. */
  key: string;
  direction: Direction;
  caseId: string | null;
  subject: string;
  sender: string;
  recipients: string[];
  /** What kind of document it is, in words. */
  document: string;
  /** Of the document's bytes, hexadecimal. */
  sha256: string;
  attachments: RegisteredAttachment[];
  /** Of an incoming document: how its sender registered it. */
  senderProtocol?: ProtocolNumber | null;
  messageId?: string | null;
}
/** `isNew: false`: the key had its number before, and nothing was written. */
export interface Registration extends ProtocolNumber { at: Date; isNew: boolean }

/** As registers hold digests: hexadecimal. */
export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

const LEAST_DIGITS = 7;

/** As it is printed: at least seven digits (DPCM 3/12/2013, art. 9, kept by the AgID guidelines). */
export const protocolText = (number: number): string => String(number).padStart(LEAST_DIGITS, '0');

/** Registers by one short transaction (`pool`: of `iter_commit`). Idempotent by organisation and key. Throws Problem `unavailable`. */
export async function registerProtocol(pool: pg.Pool, entry: ProtocolEntry): Promise<Registration> {
  return await withConnection(pool, async client => {
    const registration = await beginRegistration(client, entry.organisation, entry.key);
    if (registration.isNew) await insertEntry(client, registration, entry);
    await endRegistration(client, registration);
    return registration;
  });
}

/** BEGIN, the register's lock, and under it the clock: the number that comes next, which insertEntry alone takes. */
export async function beginRegistration(client: pg.PoolClient, organisation: string, key: string): Promise<Registration> {
  const [, register] = await pipeline(client, [client.query('begin'), run(client, sql.LOCK_REGISTER, [organisation, null])]);
  let { year, last } = register!.rows[0] as { year: number; last: number };
  for (;;) {
    const { rows: [clock] } = await run(client, sql.REGISTER_CLOCK, [organisation, key, year]);
    if (clock.known_number !== null) return { organisation, year: clock.known_year, number: clock.known_number, day: clock.known_day, at: clock.known_at, isNew: false };
    if (clock.year === year) return { organisation, year, number: last + 1, day: clock.day, at: clock.at, isNew: true };
    // The year ended while the lock was waited for. The old one's stays held: years are locked in their order, and nobody waits in a circle.
    ({ year, last } = (await run(client, sql.LOCK_REGISTER, [organisation, clock.year])).rows[0]);
  }
}

/** In the transaction of `registration`, which alone may end it. */
export async function insertEntry(client: pg.PoolClient, { year, number, at, day }: Registration, entry: ProtocolEntry): Promise<void> {
  const { organisation, direction, key, caseId, subject, sender, recipients, document, sha256, attachments, senderProtocol = null, messageId = null } = entry;
  const { rowCount } = await run(client, sql.INSERT_ENTRY, [
    organisation, year, number, direction, at, day, key, caseId, subject, sender, recipients, document, sha256, JSON.stringify(attachments), senderProtocol && JSON.stringify(senderProtocol), messageId,
  ]);
  if (rowCount !== 1) throw new Error(`the number ${organisation}/${year}/${number} was taken by somebody past the register's lock`);
}

/** COMMIT, whose tag may say ROLLBACK. */
export async function endRegistration(client: pg.PoolClient, { organisation, year, number }: Registration): Promise<void> {
  const { command } = await client.query('commit');
  if (command !== 'COMMIT') throw new Error(`the registration ${organisation}/${year}/${number} ended in ${command}`);
}
