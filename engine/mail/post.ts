/**
 * The mail that comes back: receipts find the mail that they are about, everything else waits in the tray for somebody to say where it belongs.
 * At least once, and counted once: the fingerprint of a message in its account is unique. A mail only goes forwards (database/mailStatements.ts).
 */
import { createHash, randomUUID } from 'node:crypto';
import { run } from '../../database/pools.ts';
import * as sql from '../../database/mailStatements.ts';
import { BOUNCED } from '../../database/broadcastStatements.ts';
import { CASE_KEY } from '../../database/registerStatements.ts';
import type { Plugin } from '../../plugins/contract.ts';
import type { EngineContext } from '../commit/context.ts';
import { withConnection } from '../commit/transaction.ts';
import { newCaseKey, unwrapCaseKey, type CaseKey } from '../history/caseKey.ts';
import { openMessage, openSummary, sealingOfCase, sealMessage, TRAY_KEY, type Sealing, type Summary } from './mailSeals.ts';
import { taskAbout, type MailRow } from './mailTasks.ts';
import { parseMail, type Incoming } from './parseMail.ts';
import { isCertifiedReceipt, isReceipt, RECEIPTS, type Doubt, type MailEffect } from './receiptKinds.ts';

/** The account whose mailbox a message came into: an organisation's code, or the installation's own. */
export const INSTALLATION = 'installation';

export interface TakenIn {
  /** Of the row in mail_receipts; null when the message was known. */
  id: string | null;
  kind: Incoming['kind'];
  /** The mail that it is about; null: it is in the tray. */
  mail: string | null;
  doubt: Doubt | null;
}
export type Closing = { by: string; note: string };
/** `conflict`: somebody was first. */
export type Assigned = { ok: true; mail: string | null; caseId: string | null } | { ok: false; why: 'not-found' | 'conflict' };

const MOST_WAITING = 100, MOST_OVERDUE = 200;

export type Post = ReturnType<typeof createPost>;

export function createPost(context: EngineContext) {
  const { processes, masterKey } = context;
  const ask = (statement: typeof sql.MAIL_BY_ID, values: unknown[]) => withConnection(context.pools[context.commitPool], client => run(client, statement, values)).then(({ rows }) => rows);
  const pluginOf = (mail: MailRow): Plugin | null => (mail.process === null ? null : processes.version(mail.process, mail.process_version!).plugin);
  let trayKey: Promise<CaseKey> | null = null;
  /** Where what belongs to no case is kept, also a receipt of a mail that belongs to none. */
  async function tray(): Promise<Sealing> {
    trayKey ??= findTrayKey().catch(error => { trayKey = null; throw error; });
    return { caseId: null, key: await trayKey };
  }
  /** Made at the first need, by whoever is first. Its master key may change; it does not. */
  async function findTrayKey(): Promise<CaseKey> {
    const made = newCaseKey(masterKey, TRAY_KEY);
    for (const again of [true, false]) {
      const [row] = (await ask(CASE_KEY, [TRAY_KEY])) as { wrapped: Buffer }[];
      if (row) return unwrapCaseKey(masterKey, row.wrapped, TRAY_KEY);
      if (again) await ask(sql.INSERT_TRAY_KEY, [TRAY_KEY, made.wrapped, made.master]);
    }
    throw new Error('the key of the tray is not there');
  }
  const sealingOf = async (mail: MailRow): Promise<Sealing> => (mail.case_id === null ? await tray() : sealingOfCase(masterKey, mail.case_id, mail.wrapped));
  /** $1 to $5 of the statements that let a receipt take effect. */
  const following = (mail: MailRow | null, effect: MailEffect, told: Incoming) => [
    mail?.id ?? null, effect, told.at, effect === 'failed' ? (mail?.erased_at ? null : told.failure) ?? told.kind : null, mail && effect === 'failed' ? json(taskAbout(mail, pluginOf(mail), 'failed')) : null,
  ];

  async function mailsOf(messageIds: string[]): Promise<MailRow[]> {
    return messageIds.length === 0 ? [] : (await ask(sql.MAILS_BY_MESSAGE_ID, [messageIds])) as MailRow[];
  }

  /** A report about a mail of a message to many: it failed, or nothing is new. */
  async function isOfMany({ kind, reference, failure }: Incoming): Promise<boolean> {
    // Servers repeat the address, and a row's error is not sealed.
    const words = (failure ?? kind).replaceAll(/[^\s<>;:,]+@[^\s<>;:,]+/g, '…');
    return (await ask(BOUNCED, [reference, kind === 'dsn-failed', words.slice(0, 500)])).length > 0;
  }

  /** The case that a message may belong to: the one whose mail it answers. A mere suggestion. */
  async function suggestedCase({ answers, reference }: Incoming): Promise<string | null> {
    const [answered] = await mailsOf([...answers, ...(reference ? [reference] : [])]);
    const threads = answers.flatMap(id => /^case\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@/.exec(id)?.[1] ?? []);
    return answered?.case_id ?? threads[0] ?? null;
  }

  /** The receipt belongs to `mail` and nobody doubts it: opened with the old key, sealed with the case's. Answers false when somebody was first. */
  async function attach(item: TrayRow, mail: MailRow, closing: Closing | null): Promise<boolean> {
    const from = await tray(), raw = openMessage(from, item.id, item.sealed);
    if (!raw) return false;
    const told = await parseMail(raw), { sealed, summary } = sealMessage(await sealingOf(mail), item.id, raw, openSummary(from, item.id, item.summary));
    const rows = await ask(sql.ATTACH, [...following(mail, effectOf(told, mail), told), item.id, summary, sealed, mail.case_id, closing?.by ?? null, closing?.note ?? null]);
    return rows.length > 0;
  }

  return {
    /**
     * Resolves when the message is on record, for good. Throws only when PostgreSQL is away or this program does not know the case's version: try again.
     * `account`: an organisation's code, or {@link INSTALLATION}. `tooLarge`: `raw` is only the beginning of it; the rest stays in its mailbox.
     */
    async takeIn(raw: Buffer, account: string, { tooLarge = false } = {}): Promise<TakenIn> {
      const told: Incoming = { ...(await parseMail(raw)), ...(tooLarge ? { kind: 'too-large' as const } : {}) };
      const [mail = null] = isReceipt(told.kind) && told.reference ? await mailsOf([told.reference]) : [];
      // One of many: its row says what became of it, and a tray full of bounces would hide what somebody must read.
      if (!mail && isReceipt(told.kind) && told.reference && await isOfMany(told)) return { id: null, kind: told.kind, mail: null, doubt: null };
      const doubt = told.doubt ?? (mail ? doubtAbout(mail, told, account) : null);
      const believed = doubt === null ? mail : null, id = randomUUID();
      const summary: Summary = { sender: told.sender, subject: told.subject, extent: told.extent, delivered: told.delivered, failure: told.failure, suggestedCase: believed ? null : mail?.case_id ?? await suggestedCase(told) };
      const bytes = sealMessage(believed ? await sealingOf(believed) : await tray(), id, raw, summary);
      const row = {
        id, account, fingerprint: fingerprintOf(account, raw), mail_id: believed?.id ?? null, case_id: believed?.case_id ?? null, kind: told.kind,
        at: told.at, message_id: told.messageId, reference: told.reference, doubt, size: raw.length, seems_of: summary.suggestedCase,
      };
      const taken = await ask(sql.TAKE_IN, [...following(believed, believed ? effectOf(told, believed) : null, told), JSON.stringify(row), bytes.summary, bytes.sealed]);
      return { id: taken.length > 0 ? id : null, kind: told.kind, mail: believed?.id ?? null, doubt };
    },

    /** Receipts in the tray whose mail has come on record meanwhile. Answers how many found it. */
    async matchWaiting(): Promise<number> {
      let found = 0;
      for (const { id, reference } of (await ask(sql.WAITING_RECEIPTS, [MOST_WAITING])) as { id: string; reference: string }[]) {
        const [item] = (await ask(sql.TRAY_ITEM, [id])) as TrayRow[], [mail] = await mailsOf([reference]);
        if (!item || !mail) continue;
        const told = await parseMail(openMessage(await tray(), id, item.sealed) ?? Buffer.alloc(0));
        // Now that its mail is known it may turn out to be another's: then it stays for somebody to look at.
        const doubt = doubtAbout(mail, told, item.account);
        if (doubt !== null) await ask(sql.DOUBT_RECEIPT, [id, doubt]);
        else if (await attach(item, mail, null)) found += 1;
      }
      return found;
    },

    /** Certified mail without a delivery receipt `hours` after it was sent: noted once, with a task for its sender. Answers how many. */
    async markOverdue(hours: number): Promise<number> {
      const mails = (await ask(sql.OVERDUE_MAILS, [hours, MOST_OVERDUE])) as MailRow[];
      let marked = 0;
      for (const mail of mails) marked += (await ask(sql.MARK_OVERDUE, [mail.id, json(taskAbout(mail, pluginOf(mail), 'overdue'))])).length;
      return marked;
    },

    /** Somebody says what a message in the tray is about: a mail (a receipt then takes effect) or a case. Who may is the caller's matter. */
    async assign(itemId: string, to: { mail: string } | { caseId: string }, closing: Closing): Promise<Assigned> {
      const [item] = (await ask(sql.TRAY_ITEM, [itemId])) as TrayRow[];
      if (!item) return { ok: false, why: 'not-found' };
      if (item.mail_id !== null || item.closed_at !== null) return { ok: false, why: 'conflict' };
      if ('mail' in to) {
        const [mail] = (await ask(sql.MAIL_BY_ID, [to.mail])) as MailRow[];
        if (!mail) return { ok: false, why: 'not-found' };
        return await attach(item, mail, closing) ? { ok: true, mail: mail.id, caseId: mail.case_id } : { ok: false, why: 'conflict' };
      }
      const [key] = (await ask(CASE_KEY, [to.caseId])) as { wrapped: Buffer }[];
      if (!key?.wrapped.length) return { ok: false, why: 'not-found' };
      const from = await tray(), { sealed, summary } = sealMessage(sealingOfCase(masterKey, to.caseId, key.wrapped), item.id, openMessage(from, item.id, item.sealed)!, openSummary(from, item.id, item.summary));
      const rows = await ask(sql.ATTACH, [null, null, null, null, null, item.id, summary, sealed, to.caseId, closing.by, closing.note]);
      return rows.length > 0 ? { ok: true, mail: null, caseId: to.caseId } : { ok: false, why: 'conflict' };
    },

    /** Out of the tray, belonging to nothing. False when somebody was first. */
    async close(itemId: string, { by, note }: Closing): Promise<boolean> {
      return (await ask(sql.CLOSE_TRAY_ITEM, [itemId, by, note])).length > 0;
    },

    /** What was to be done about a mail that did not arrive was done: its task ends. False where there was nothing to be done. */
    async handle(mailId: string, { by, note }: Closing): Promise<boolean> {
      return (await ask(sql.HANDLE_MAIL, [mailId, by, note])).length > 0;
    },

    trayItem: async (id: string): Promise<TrayRow | null> => ((await ask(sql.TRAY_ITEM, [id]))[0] as TrayRow | undefined) ?? null,
    /** Of a message that belongs to no case. */
    openTraySummary: async (id: string, sealed: Buffer): Promise<Summary> => openSummary(await tray(), id, sealed),
    openTrayMessage: async (id: string, sealed: Buffer): Promise<Buffer | null> => openMessage(await tray(), id, sealed),
  };
}

export interface TrayRow {
  id: string; account: string; mail_id: string | null; case_id: string | null; kind: Incoming['kind']; at: Date | null; received_at: Date; message_id: string | null; reference: string | null;
  doubt: Doubt | null; summary: Buffer; sealed: Buffer; size: number; closed_at: Date | null; closed_by: string | null; closing: string | null;
}

/** What makes a message of an account known: a copy of it is found by this. */
export const fingerprintOf = (account: string, raw: Buffer): string => createHash('sha256').update(account).update('\0').update(raw).digest('hex');

const json = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

/** An ordinary server's word is no proof of a delivery: of certified mail it can only tell that it failed. */
function effectOf({ kind }: Incoming, { certified }: MailRow): MailEffect {
  if (!isReceipt(kind)) return null;
  const effect = RECEIPTS[kind];
  return effect === 'delivered' && certified && !isCertifiedReceipt(kind) ? null : effect;
}

/** What is only seen with the mail in hand. A receipt comes to the account that sent; that of the installation sends for those without one. */
function doubtAbout(mail: MailRow, { kind, delivered }: Incoming, account: string): Doubt | null {
  if (account !== INSTALLATION && account !== mail.sender) return 'other-account';
  return kind === 'avvenuta-consegna' && delivered !== null && delivered !== addressIn(mail.recipient) ? 'other-recipient' : null;
}
const addressIn = (recipient: string): string => (/<([^>]+)>\s*$/.exec(recipient)?.[1] ?? recipient).trim().toLowerCase();
