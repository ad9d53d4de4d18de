/** Appointments opened with their case's key, for the mails that carry them and the feeds that list them; and the secret addresses of feeds. */
import { hash, randomBytes } from 'node:crypto';
import type pg from 'pg';
import type { CalendarEntry } from '../../plugins/contract.ts';
import { run } from '../../database/pools.ts';
import * as sql from '../../database/calendarStatements.ts';
import type { EngineContext } from '../commit/context.ts';
import { withConnection } from '../commit/transaction.ts';
import { openJson, unwrapCaseKey } from '../history/caseKey.ts';
import { feedOf, FORMAT, type Appointment } from './icalendar.ts';

/** Without its address, which only its making tells. */
export interface CalendarFeed { id: string; organisation: string | null; name: string; createdAt: string }
/** `etag` follows from what is listed and in which version, so that nothing need be opened for whoever has it already; `changedAt`: of the newest entry, or the feed's own making. */
export interface FeedPage { etag: string; changedAt: Date; write(): string }

const MOST_FEEDS = 20;
const SECRET = /^[A-Za-z0-9_-]{43}$/;
const digest = (secret: string) => hash('sha256', secret, 'buffer');
const presented = ({ id, organisation, name, created_at: createdAt }: { id: string; organisation: string | null; name: string; created_at: Date }): CalendarFeed => ({ id, organisation, name, createdAt: createdAt.toISOString() });

export function createCalendars(context: EngineContext) {
  const commitPool = context.pools[context.commitPool];
  const opened = (caseId: string, row: { sequence: number; changed_at: Date; created_at: Date; organiser: string | null; sealed: Buffer; wrapped: Buffer }): Appointment => ({
    caseId, sequence: row.sequence, changedAt: row.changed_at, createdAt: row.created_at, organiser: row.organiser ?? '',
    entry: openJson<CalendarEntry & Record<string, any>>(unwrapCaseKey(context.masterKey, row.wrapped, caseId), row.sealed, `${caseId}/calendar`),
  });
  return {
    /** The entry as the step left it that owes the effect; null when the case was none then. */
    async appointmentFor(caseId: string, effectId: string): Promise<Appointment | null> {
      const { rows: [row] } = await withConnection(commitPool, client => run(client, sql.ENTRY_OF_EFFECT, [caseId, effectId]));
      return row ? opened(caseId, row) : null;
    },

    /** Parties that were sent a later entry already, than the one that this effect's message carries: mail was away, and what waited leaves after what came then. */
    async toldLater(caseId: string, effectId: string): Promise<ReadonlySet<string>> {
      const { rows } = await withConnection(commitPool, client => run(client, sql.LATER_INVITATIONS, [caseId, effectId]));
      return new Set((rows as { deliveries: Record<string, object> }[]).flatMap(({ deliveries }) => Object.entries(deliveries).flatMap(([party, delivery]) => ('refused' in delivery ? [] : [party]))));
    },

    /** What the holder of this secret may read. Null: nobody's, revoked, or of somebody who may not any more. */
    async readFeed(secret: string): Promise<FeedPage | null> {
      if (!SECRET.test(secret)) return null;
      const { feed, rows } = await readInOne(context.pools.read, digest(secret));
      if (!feed) return null;
      const { locale: lang, name } = feed, newest = Math.max(feed.created_at.getTime(), ...rows.map(row => row.changed_at.getTime()));
      return {
        etag: hash('sha256', JSON.stringify([FORMAT, lang, name, rows.map(row => [row.case_id, row.sequence, row.organiser])]), 'base64url'), changedAt: new Date(newest),
        write: () => feedOf(rows.map(row => opened(row.case_id, row)), { lang, name }),
      };
    },

    /** `secret` is told this once. Null: the person has too many. */
    async openFeed({ id, userId, organisation, name }: { id: string; userId: string; organisation: string | null; name: string }): Promise<{ feed: CalendarFeed; secret: string } | null> {
      const secret = randomBytes(32).toString('base64url');
      const { rows: [row] } = await withConnection(commitPool, client => run(client, sql.INSERT_FEED, [id, digest(secret), userId, organisation, name, MOST_FEEDS]));
      return row ? { feed: presented(row), secret } : null;
    },
    async listFeeds(userId: string): Promise<CalendarFeed[]> {
      return (await withConnection(commitPool, client => run(client, sql.LIST_FEEDS, [userId]))).rows.map(presented);
    },
    /** Whether it was there. */
    async revokeFeed(id: string, userId: string): Promise<boolean> {
      return (await withConnection(commitPool, client => run(client, sql.REVOKE_FEED, [id, userId]))).rows.length > 0;
    },
  };
}

async function readInOne(pool: pg.Pool, secret: Buffer): Promise<{ feed: { locale: 'it' | 'en'; name: string; created_at: Date } | undefined; rows: any[] }> {
  return await withConnection(pool, async client => {
    const { rows: [feed] } = await run(client, sql.FEED_OF_SECRET, [secret]);
    return { feed, rows: feed ? (await run(client, sql.FEED_ENTRIES, [secret])).rows : [] };
  });
}
