/**
 * A mailbox of a provider, read by IMAP. It stays the people's own: nothing is moved or deleted, and what they opened before we came is
 * read too, as long as it is recent. What was taken is marked as seen; the fingerprint of each message does the rest.
 */
import { ImapFlow } from 'imapflow';
import { HEAD_BYTES, MESSAGE_LIMIT, type Inbox } from './inbox.ts';

export interface ImapOptions { everyMs?: number; limit?: number; timeoutMs?: number }

const EVERY_MS = 60_000, TIMEOUT_MS = 30_000, MOST_AT_ONCE = 500;
/** A receipt that somebody opened in the web mail is a receipt still. */
const RECENT_DAYS = 3, DAY_MS = 86_400_000;
const MAILBOX = 'INBOX';

/** `imap://` (with STARTTLS where the server offers it) or `imaps://`, user and password, and the path of a mailbox unless it is INBOX. */
export function imapInbox(account: string, address: string, { everyMs = EVERY_MS, limit = MESSAGE_LIMIT, timeoutMs = TIMEOUT_MS }: ImapOptions = {}): Inbox {
  const url = new URL(address), secure = url.protocol === 'imaps:', mailbox = decodeURIComponent(url.pathname.replace(/^\//, '')) || MAILBOX;
  // Seen messages that were taken: looked at once by this program. A mailbox made anew (UIDVALIDITY) numbers its messages anew.
  let known = { validity: '', uids: new Set<number>() };
  return {
    account, everyMs,
    async read(take, signal) {
      const client = new ImapFlow({
        host: url.hostname, port: Number(url.port) || (secure ? 993 : 143), secure, auth: { user: decodeURIComponent(url.username), pass: decodeURIComponent(url.password) }, logger: false,
        disableAutoIdle: true, connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs,
      });
      // What breaks the line ends the command under way too; without a listener it would end the program.
      client.on('error', () => {});
      const abandon = () => { client.close(); };
      signal.addEventListener('abort', abandon, { once: true });
      try {
        await client.connect();
        const { uidValidity } = await client.mailboxOpen(mailbox);
        if (known.validity !== String(uidValidity)) known = { validity: String(uidValidity), uids: new Set() };
        const unseen = new Set(await client.search({ seen: false }, { uid: true }) || []);
        const recent = await client.search({ since: new Date(Date.now() - RECENT_DAYS * DAY_MS), seen: true }, { uid: true }) || [];
        known.uids = new Set(recent.filter(uid => known.uids.has(uid)));
        const wanted = [...unseen, ...recent.filter(uid => !known.uids.has(uid))].toSorted((a, b) => a - b).slice(0, MOST_AT_ONCE);
        let taken = 0;
        for (const uid of wanted) {
          signal.throwIfAborted();
          const found = await client.fetchOne(String(uid), { size: true }, { uid: true });
          // Somebody deleted it meanwhile.
          if (!found) continue;
          const tooLarge = (found.size ?? 0) > limit;
          const message = await client.fetchOne(String(uid), { source: tooLarge ? { start: 0, maxLength: HEAD_BYTES } : true }, { uid: true });
          if (!message || !message.source) continue;
          if (!await take(message.source, tooLarge)) continue;
          taken += 1;
          known.uids.add(uid);
          if (unseen.has(uid)) await client.messageFlagsAdd(String(uid), ['\\Seen'], { uid: true });
        }
        return taken;
      } finally {
        signal.removeEventListener('abort', abandon);
        await client.logout().catch(() => { client.close(); });
      }
    },
  };
}
