/**
 * An address that a person gave is theirs when they repeat what was sent there. The code follows from its row and a key that the database has not: it is
 * kept nowhere, and who reads the table cannot say it.
 */
import { randomUUID, timingSafeEqual } from 'node:crypto';
import * as sql from '../../database/contactCodes.ts';
import { run } from '../../database/pools.ts';
import type { Statement } from '../../database/statements.ts';
import type { EngineContext } from '../commit/context.ts';
import { withConnection } from '../commit/transaction.ts';
import { createPupilNames } from '../families/pupilNames.ts';

export interface CodeToSend { userId: string; channel: 'email' | 'sms'; address: string; lang: 'it' | 'en'; code: string; /** Of this sending: what goes out twice has it twice. */ nonce: string }

const DIGITS = 6, VALID_MINUTES = 30, MOST_TRIES = 5, MOST_ASKED = 5;

export function createContactCodes(context: EngineContext) {
  const secrets = createPupilNames(context), pool = context.pools[context.commitPool];
  const ask = (statement: Statement, values: unknown[]) => withConnection(pool, client => run(client, statement, values)).then(({ rows }) => rows);
  async function codeOf(userId: string, channel: string, address: string, nonce: string): Promise<string> {
    const digest = await secrets.digest(['contact-code', userId, channel, address, nonce]);
    return String(digest.readUIntBE(0, 6) % 10 ** DIGITS).padStart(DIGITS, '0');
  }
  return {
    /** A code will be sent there, and any before it is worth nothing. False: as many were asked for today as one may. */
    async request(userId: string, channel: 'email' | 'sms', address: string, lang: 'it' | 'en'): Promise<boolean> {
      return (await ask(sql.REQUEST_CODE, [userId, channel, address, lang, randomUUID(), VALID_MINUTES, MOST_ASKED])).length > 0;
    },
    /** The person keeps what they had. */
    async forget(userId: string, channel: 'email' | 'sms'): Promise<void> { await ask(sql.FORGET_CODE, [userId, channel]); },
    /** Whether it is the code; then the address is theirs. Each try counts, also a good one that comes too late. */
    async verify(userId: string, channel: 'email' | 'sms', code: string): Promise<boolean> {
      const [row] = await ask(sql.TRY_CODE, [userId, channel, MOST_TRIES]);
      if (!row) return false;
      const right = Buffer.from(await codeOf(userId, channel, row.address, row.nonce)), given = Buffer.from(code);
      if (right.length !== given.length || !timingSafeEqual(right, given)) return false;
      return (await ask(sql.TAKE_ADDRESS, [userId, channel, row.nonce])).length > 0;
    },
    /** Codes that are to be sent, for `leaseMs` the caller's alone. */
    async claim(most: number, leaseMs: number): Promise<CodeToSend[]> {
      const rows = await ask(sql.CLAIM_CODES, [most, leaseMs]);
      return await Promise.all(rows.map(async ({ user_id: userId, channel, address, locale, nonce }): Promise<CodeToSend> => ({ userId, channel, address, lang: locale === 'en' ? 'en' : 'it', nonce, code: await codeOf(userId, channel, address, nonce) })));
    },
    /** `failure`: it cannot be sent there, and why. */
    async sent(nonce: string, failure: string | null): Promise<void> { await ask(sql.CODE_SENT, [nonce, failure]); },
  };
}
