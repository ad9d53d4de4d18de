/**
 * Reads every mailbox, matches receipts that came before their mail was on record, and raises what nobody confirmed. One in the whole
 * installation; the mailboxes beside each other, each with its own patience: a provider that is away keeps nobody from their mail.
 */
import type pg from 'pg';
import { everyWhileLeading } from '../../engine/agenda/leading.ts';
import type { Logger } from '../../engine/commit/context.ts';
import type { Post } from '../../engine/mail/post.ts';
import { Problem } from '../../engine/problems.ts';
import type { Inbox } from './inbox.ts';

export interface PostOfficeOptions {
  inboxes: Inbox[];
  /** A certified mail that nobody confirmed so long after it was sent is overdue. */
  overdueHours?: number;
  tickMs?: number;
  overdueEveryMs?: number;
}
export interface PostOffice { stop(): Promise<void> }

/** A day: what a provider has to say that it could not deliver, it says within that time (DM 2/11/2005, allegato). */
const OVERDUE_HOURS = 24;
const TICK_MS = 1_000, OVERDUE_EVERY_MS = 60_000, SOON_MS = 2_000, FIRST_PAUSE_MS = 5_000, LONGEST_PAUSE_MS = 600_000;
/** Mailboxes read at once: each holds a message of at most 50 MB. */
const MOST_AT_ONCE = 4;

export function startPostOffice({ inboxes, overdueHours = OVERDUE_HOURS, tickMs = TICK_MS, overdueEveryMs = OVERDUE_EVERY_MS }: PostOfficeOptions, { pool, post, log }: { pool: pg.Pool; post: Post; log: Logger }): PostOffice {
  const stopping = new AbortController(), reading = new Map<Inbox, Promise<void>>(), due = new Map<Inbox, { at: number; pauseMs: number }>();
  let overdueAt = 0;

  async function read(inbox: Inbox): Promise<void> {
    const { account } = inbox, { pauseMs } = due.get(inbox) ?? { pauseMs: 0 };
    try {
      await inbox.read((raw, tooLarge) => takeOne(raw, tooLarge, account), stopping.signal);
      if (pauseMs > 0) log.info({ account }, 'the mailbox is read again');
      due.set(inbox, { at: Date.now() + inbox.everyMs, pauseMs: 0 });
    } catch (error) {
      const longer = Math.min(pauseMs > 0 ? pauseMs * 2 : FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
      if (pauseMs === 0 && !stopping.signal.aborted) log.warn({ account, err: error }, 'a mailbox could not be read; it is tried again, later each time');
      due.set(inbox, { at: Date.now() + longer, pauseMs: longer });
    }
  }

  async function takeOne(raw: Buffer, tooLarge: boolean, account: string): Promise<boolean> {
    try {
      const { id, kind, mail, doubt } = await post.takeIn(raw, account, { tooLarge });
      if (id !== null) log.info({ account, kind, mail, ...(doubt ? { doubt } : {}) }, mail ? 'a receipt came in' : 'a message came into the tray');
      // Its mail may be noted in a moment: the provider was quicker than we.
      if (id !== null && !mail && !doubt) overdueAt = Math.min(overdueAt, Date.now() + SOON_MS);
      return true;
    } catch (error) {
      // Without PostgreSQL nothing can be taken; what is wrong with one message is no reason to leave the others.
      if (error instanceof Problem) throw error;
      log.error({ account, err: error }, 'a message could not be taken in; it stays in its mailbox and is tried again');
      return false;
    }
  }

  async function work(): Promise<void> {
    const now = Date.now();
    for (const inbox of inboxes) {
      if (reading.size >= MOST_AT_ONCE) break;
      if (reading.has(inbox) || (due.get(inbox)?.at ?? 0) > now) continue;
      reading.set(inbox, read(inbox).finally(() => reading.delete(inbox)));
    }
    if (now < overdueAt) return;
    overdueAt = now + overdueEveryMs;
    try {
      await post.matchWaiting();
      const overdue = await post.markOverdue(overdueHours);
      if (overdue > 0) log.warn({ overdue }, 'certified mail is without a receipt of delivery');
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      log.warn({ err: error }, 'receipts could not be matched now');
    }
  }

  const loop = everyWhileLeading({ name: 'mail', pool, log, everyMs: tickMs, work });
  return {
    async stop() {
      stopping.abort(new Error('the worker stops'));
      await loop.stop();
      await Promise.all(reading.values());
    },
  };
}
