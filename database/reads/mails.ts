/** Mail of a case, behind row-level security; and the tray, which belongs to accounts, not cases: read as `iter_worker` once the caller is known to answer for the account. */
import type pg from 'pg';
import { TRAY_ITEM } from '../mailStatements.ts';
import { run } from '../pools.ts';
import { accessQuery, type Access } from './accessLog.ts';
import { readAs, type Reader } from './session.ts';

export interface CaseMail {
  id: string; messageId: string; effect: string | null; party: string | null; sender: string | null; recipient: string; certified: boolean; state: 'sent' | 'accepted' | 'delivered' | 'failed'; size: number; sha256: string;
  sentAt: Date; acceptedAt: Date | null; deliveredAt: Date | null; failedAt: Date | null; failure: string | null; overdueAt: Date | null; handledAt: Date | null; handledBy: string | null; handling: string | null;
}
/** `mailId` null: a message that somebody assigned to the case. */
export interface CaseReceipt { id: string; mailId: string | null; account: string; kind: string; at: Date | null; receivedAt: Date; summary: Buffer; size: number; closedBy: string | null; closing: string | null }
export interface TrayEntry { id: string; account: string; kind: string; at: Date | null; receivedAt: string; reference: string | null; doubt: string | null; summary: Buffer; size: number }
export interface TrayPosition { receivedAt: string; id: string }

const MAILS = {
  name: 'case_mails',
  text: `select m.id, m.message_id as "messageId", a.name as effect, m.party, m.sender, m.recipient, m.certified, m.state, m.size, m.sha256, m.sent_at as "sentAt", m.accepted_at as "acceptedAt", m.delivered_at as "deliveredAt",
 m.failed_at as "failedAt", m.failure, m.overdue_at as "overdueAt", m.handled_at as "handledAt", m.handled_by as "handledBy", m.handling from mails m left join agenda a on a.id = m.agenda_id where m.case_id = $1 order by m.sent_at, m.id`,
};
const RECEIPTS = {
  name: 'case_receipts',
  text: `select id, mail_id as "mailId", account, kind, at, received_at as "receivedAt", summary, size, closed_by as "closedBy", closing from mail_receipts where case_id = $1 order by received_at, id`,
};

export async function readCaseMails(pool: pg.Pool, reader: Reader, caseId: string): Promise<{ mails: CaseMail[]; receipts: CaseReceipt[] }> {
  const [mails, receipts] = await readAs(pool, reader, [{ ...MAILS, values: [caseId] }, { ...RECEIPTS, values: [caseId] }]);
  return { mails: mails!.rows, receipts: receipts!.rows };
}

/** The sealed bytes of a mail or of what came in, read together with the record that somebody read them. Null when it is not there. */
export async function readMessage(pool: pg.Pool, reader: Reader, from: 'mails' | 'mail_receipts', id: string, access: Access): Promise<Buffer | null> {
  const [content] = await readAs(pool, reader, [{ name: `sealed_of_${from}`, text: `select sealed from ${from} where id = $1 and case_id = $2`, values: [id, access.caseId] }, accessQuery(reader, access)]);
  return (content!.rows[0]?.sealed as Buffer | undefined) ?? null;
}

/** The case of a mail that the reader may know of. */
export async function caseOfMail(pool: pg.Pool, reader: Reader, mailId: string): Promise<string | null> {
  const [found] = await readAs(pool, reader, [{ name: 'case_of_mail', text: 'select case_id from mails where id = $1', values: [mailId] }]);
  return (found!.rows[0]?.case_id as string | undefined) ?? null;
}

/** What waits, the longest first. */
export async function listTray(pool: pg.Pool, account: string, after: TrayPosition | null, limit: number): Promise<TrayEntry[]> {
  const { rows } = await pool.query({
    name: 'list_tray', values: [account, after?.receivedAt ?? null, after?.id ?? null, limit],
    text: `select id, account, kind, at, to_char(received_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "receivedAt", reference, doubt, summary, size from mail_receipts
 where account = $1 and mail_id is null and closed_at is null and ($2::timestamptz is null or (received_at, id) > ($2::timestamptz, $3::uuid)) order by received_at, id limit $4`,
  });
  return rows;
}

/** Also of what was closed. */
export async function findTrayEntry(pool: pg.Pool, id: string): Promise<{ id: string; account: string; mailId: string | null; caseId: string | null; sealed: Buffer; closedAt: Date | null; closedBy: string | null; closing: string | null } | null> {
  const { rows: [row] } = await run(pool, TRAY_ITEM, [id]);
  return row ? { id: row.id, account: row.account, mailId: row.mail_id, caseId: row.case_id, sealed: row.sealed, closedAt: row.closed_at, closedBy: row.closed_by, closing: row.closing } : null;
}
