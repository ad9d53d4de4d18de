/**
 * The embedded mail server as a provider of certified mail: what it took over for a certified address it accepts and delivers, with the receipts
 * in the sender's mailbox, ITER_HOME/mail/inbox. What was not yet said when it was stopped is said at the next start.
 */
import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deliverToFolder } from '../mail/folderInbox.ts';
import { composeReceipt, habitOf, looksCertified, type CertifiedKind } from './certifiedMail.ts';
import { readMailIndex, type ReceivedMail } from './mailIndex.ts';

/** A line of inbox/index.jsonl: a receipt, and the sent message (file of the index above) that it is about. */
export type GivenReceipt = { file: string; about: string; kind: CertifiedKind; recipient: string | null; at: string };

export type MailProvider = {
  /** Returns at once. The message is on disk. */
  accept(mail: ReceivedMail): void;
  /** Resolves when nothing is being written any more. */
  stop(): Promise<void>;
};

const LATE_MS = 20_000;
/** Nobody waits for what is older: it is from before there were receipts. */
const RESUMED_MS = 86_400_000;

export const inboxFolder = (folder: string): string => join(folder, 'inbox');

export function readReceipts(folder: string): GivenReceipt[] {
  try {
    return readFileSync(join(inboxFolder(folder), 'index.jsonl'), 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}

export function startMailProvider(folder: string, { lateMs = LATE_MS }: { lateMs?: number } = {}): MailProvider {
  const inbox = inboxFolder(folder);
  const timers = new Set<NodeJS.Timeout>();
  let stopped = false;
  let writing = Promise.resolve();

  async function give(mail: ReceivedMail, kind: CertifiedKind, recipient: string | null): Promise<void> {
    if (stopped) return;
    const at = new Date();
    const raw = readFileSync(join(folder, mail.file));
    const error = kind === 'errore-consegna' ? { error: { code: 'no-dest', detail: '5.1.1 - Gestore PEC di prova - indirizzo non valido' } } : {};
    const original = { messageId: bare(mail.messageId), subject: mail.subject, from: mail.from, recipients: mail.to, raw };
    const content = await composeReceipt({ kind, original, at, ...(recipient === null ? {} : { recipient }), ...error });
    const file = `${at.toISOString().replaceAll(':', '-')}-${randomUUID().slice(0, 8)}.eml`;
    await deliverToFolder(inbox, file, content);
    const line: GivenReceipt = { file, about: mail.file, kind, recipient, at: at.toISOString() };
    await appendFile(join(inbox, 'index.jsonl'), `${JSON.stringify(line)}\n`);
  }

  // One after another: a receipt of acceptance comes before that of the delivery. A disk that is full is told by what needs it more.
  const later = (work: () => Promise<void>) => { writing = writing.then(work).catch(() => undefined); };

  function answer(mail: ReceivedMail, given: GivenReceipt[]): void {
    const certified = mail.to.filter(looksCertified);
    if (!mail.from || !mail.messageId || certified.length === 0) return;
    const isGiven = (kind: CertifiedKind, recipient: string | null) => given.some((each) => each.about === mail.file && each.kind === kind && each.recipient === recipient);
    const giveOnce = (kind: CertifiedKind, recipient: string | null) => { if (!isGiven(kind, recipient)) later(() => give(mail, kind, recipient)); };
    giveOnce('accettazione', null);
    for (const recipient of certified) {
      const habit = habitOf(recipient);
      if (habit === 'errore') giveOnce('errore-consegna', recipient);
      else if (habit === null) giveOnce('avvenuta-consegna', recipient);
      else if (habit === 'lento') {
        const timer = setTimeout(() => { timers.delete(timer); giveOnce('avvenuta-consegna', recipient); }, lateMs);
        timers.add(timer);
      }
    }
  }

  const given = readReceipts(folder);
  for (const mail of readMailIndex(folder)) if (Date.now() - Date.parse(mail.at) < RESUMED_MS) answer(mail, given);
  return {
    accept: (mail) => { if (!stopped) answer(mail, []); },
    async stop() {
      for (const timer of timers) clearTimeout(timer);
      await writing;
      stopped = true;
    },
  };
}

const bare = (messageId: string): string => messageId.replace(/^<|>$/g, '');
