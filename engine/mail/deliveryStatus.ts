/** An ordinary mail server's report about a delivery: multipart/report with message/delivery-status (RFC 3464), which is blocks of headers. */
import { simpleParser } from 'mailparser';
import { bareId } from './certificate.ts';
import type { ReceiptKind } from './receiptKinds.ts';

export interface DeliveryStatus {
  kind: ReceiptKind;
  /** Message-ID of the mail, as the part of it says that came back. */
  reference: string | null;
  recipient: string | null;
  failure: string | null;
  at: Date | null;
}

const LARGEST = 256 * 1024;
const KINDS: Record<string, ReceiptKind> = { failed: 'dsn-failed', delayed: 'dsn-delayed', delivered: 'dsn-delivered', relayed: 'dsn-relayed', expanded: 'dsn-relayed' };
/** The worst that it says of any recipient counts: ours is one, and a reader hears of the rest. */
const WORST_FIRST: ReceiptKind[] = ['dsn-failed', 'dsn-delayed', 'dsn-relayed', 'dsn-delivered'];

/** `returned`: the message or its headers as they came back. Null where nothing is said of any recipient. */
export async function readDeliveryStatus(status: Buffer, returned: Buffer[]): Promise<DeliveryStatus | null> {
  if (status.length > LARGEST) return null;
  const blocks = await Promise.all(status.toString('latin1').split(/\r?\n[ \t]*\r?\n/).filter(block => block.trim()).map(fieldsOf));
  const recipients = blocks.flatMap(fields => { const kind = KINDS[fields.get('action')?.toLowerCase() ?? '']; return kind ? [{ kind, fields }] : []; });
  const [worst] = recipients.toSorted((a, b) => WORST_FIRST.indexOf(a.kind) - WORST_FIRST.indexOf(b.kind));
  if (!worst) return null;
  const { kind, fields } = worst;
  const when = fields.get('last-attempt-date'), at = when === undefined ? null : new Date(when);
  return {
    kind, reference: await messageIdOf(returned), recipient: typed(fields.get('original-recipient')) ?? typed(fields.get('final-recipient')), at: at && !Number.isNaN(at.getTime()) ? at : null,
    failure: kind === 'dsn-failed' ? [fields.get('status'), typed(fields.get('diagnostic-code'))].filter(Boolean).join(' ') || 'failed' : null,
  };
}

async function fieldsOf(block: string): Promise<Map<string, string>> {
  const { headerLines } = await simpleParser(Buffer.from(`${block}\r\n\r\n`, 'latin1'));
  return new Map(headerLines.map(({ key, line }) => [key, line.slice(line.indexOf(':') + 1).replace(/\s+/g, ' ').trim()]));
}

/** `rfc822; a@b.it` → `a@b.it` */
const typed = (value: string | undefined): string | null => value?.slice(value.indexOf(';') + 1).trim() || null;

async function messageIdOf(returned: Buffer[]): Promise<string | null> {
  for (const part of returned) {
    const { messageId } = await simpleParser(part, { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true });
    if (messageId) return bareId(messageId);
  }
  return null;
}
