/** A message's bytes → what came in: a receipt of certified mail, a bounce, somebody's message. Never throws: what cannot be read is that. */
import { simpleParser, type ParsedMail, type SimpleParserOptions } from 'mailparser';
import { bareId, readCertificate, type Certificate } from './certificate.ts';
import { readDeliveryStatus } from './deliveryStatus.ts';
import { isReceipt, type Doubt, type IncomingKind } from './receiptKinds.ts';

export interface Incoming {
  kind: IncomingKind;
  /** Message-ID of the mail that a receipt is about, without angle brackets. */
  reference: string | null;
  /** Message-IDs that it answers, the nearest first: which case it may belong to. */
  answers: string[];
  messageId: string | null;
  /** Address in From. Of a transport envelope: who wrote the message in it, where it says so. */
  sender: string | null;
  subject: string;
  /** Certified, or as the message says itself. */
  at: Date | null;
  doubt: Doubt | null;
  /** Why a mail did not arrive. */
  failure: string | null;
  /** To whom it was delivered, where that is certified. */
  delivered: string | null;
  /** Of a delivery receipt: `completa`, `breve`, `sintetica`. */
  extent: string | null;
}

/** The message in the envelope stays an attachment: its parts are not the provider's. Nothing is made of HTML. */
const OPTIONS = { ignoreEmbedded: true, keepDeliveryStatus: true, skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true } as SimpleParserOptions;
const LONGEST_LINE = 500, LONGEST_FAILURE = 1_000, MOST_ANSWERED = 50;

export async function parseMail(raw: Buffer): Promise<Incoming> {
  try {
    return await read(await simpleParser(raw, OPTIONS));
  } catch {
    return { ...NOTHING, kind: 'unreadable' };
  }
}

async function read(mail: ParsedMail): Promise<Incoming> {
  const told = tellOf(mail);
  if (!mail.headerLines?.some(({ key }) => key === 'from' || key === 'x-ricevuta')) return { ...told, kind: 'unreadable' };
  const claims = headersOf(mail, 'x-ricevuta'), transport = headersOf(mail, 'x-trasporto');
  if (claims.length > 0) return certified(mail, told, claims, transport);
  if (transport.includes('posta-certificata')) return { ...(await withEnvelope(mail, told)), kind: 'posta-certificata' };
  const bounce = (await bounceIn(mail)) ?? (transport.length > 0 ? await bounceIn(await envelopedIn(mail)) : null);
  if (bounce) return { ...told, ...bounce, at: bounce.at ?? told.at };
  return transport.length > 0 ? { ...(await withEnvelope(mail, told)), kind: 'anomalia' } : { ...told, kind: 'ordinary' };
}

const NOTHING: Incoming = { kind: 'ordinary', reference: null, answers: [], messageId: null, sender: null, subject: '', at: null, doubt: null, failure: null, delivered: null, extent: null };

function certified(mail: ParsedMail, told: Incoming, claims: string[], transport: string[]): Incoming {
  const references = headersOf(mail, 'x-riferimento-message-id').map(bareId), papers = certificatesIn(mail);
  const [claim = ''] = claims, [reference = null] = references;
  // A receipt that these rules do not know is somebody's to look at.
  if (!isReceipt(claim) || claim.startsWith('dsn-')) return { ...told, kind: 'ordinary', reference };
  const certificate = papers.length === 1 ? readCertificate(papers[0]!) : null;
  return {
    ...told, kind: claim, reference: reference ?? certificate?.reference ?? null, at: certificate?.at ?? told.at, delivered: certificate?.delivered ?? null, extent: certificate?.extent ?? null,
    failure: failureOf(certificate), doubt: doubtOf({ told, claim, claims, references, transport, papers, certificate }),
  };
}

function doubtOf({ told, claim, claims, references, transport, papers, certificate }: { told: Incoming; claim: string; claims: string[]; references: (string | null)[]; transport: string[]; papers: Buffer[]; certificate: Certificate | null }): Doubt | null {
  if (!told.sender?.startsWith('posta-certificata@')) return 'not-from-provider';
  if (transport.length > 0) return 'wrapped';
  if (claims.length > 1 || references.length > 1 || papers.length > 1) return 'ambiguous';
  if (!certificate) return 'no-certificate';
  const [reference = null] = references;
  return certificate.kind !== claim || (reference !== null && certificate.reference !== null && certificate.reference !== reference) ? 'contradiction' : null;
}

function failureOf(certificate: Certificate | null): string | null {
  if (!certificate || certificate.error === 'nessuno') return null;
  return line([certificate.error, certificate.errorDetail].filter(Boolean).join(': '), LONGEST_FAILURE);
}

/** Of the message's own parts: those of a message within it are within its attachment. */
function certificatesIn(mail: ParsedMail): Buffer[] {
  return mail.attachments.filter(({ filename }) => filename?.toLowerCase() === 'daticert.xml').map(({ content }) => content);
}

async function bounceIn(mail: ParsedMail | null): Promise<(Partial<Incoming> & { kind: IncomingKind; at: Date | null }) | null> {
  const status = mail?.attachments.find(({ contentType }) => contentType === 'message/delivery-status');
  if (!mail || !status) return null;
  const returned = mail.attachments.filter(({ contentType }) => contentType === 'message/rfc822' || contentType === 'text/rfc822-headers').map(({ content }) => content);
  const told = await readDeliveryStatus(status.content, returned);
  return told && { kind: told.kind, reference: told.reference && line(told.reference), failure: told.failure && line(told.failure, LONGEST_FAILURE), delivered: told.recipient && line(told.recipient).toLowerCase(), at: told.at };
}

/** The message that a transport envelope carries (postacert.eml); null where there is none. */
async function envelopedIn(mail: ParsedMail): Promise<ParsedMail | null> {
  const inner = mail.attachments.find(({ contentType }) => contentType === 'message/rfc822');
  return inner ? await simpleParser(inner.content, OPTIONS) : null;
}

async function withEnvelope(mail: ParsedMail, told: Incoming): Promise<Incoming> {
  const inner = await envelopedIn(mail);
  if (!inner) return told;
  const within = tellOf(inner);
  return { ...told, sender: within.sender ?? told.sender, subject: within.subject || told.subject, answers: [...new Set([...within.answers, ...told.answers])].slice(0, MOST_ANSWERED) };
}

function tellOf(mail: ParsedMail): Incoming {
  const references = mail.references === undefined ? [] : [mail.references].flat();
  const answers = [mail.inReplyTo, ...references.toReversed()].flatMap(each => each?.split(/\s+/) ?? []).flatMap(each => bareId(line(each)) ?? []);
  const date = mail.date && !Number.isNaN(mail.date.getTime()) ? mail.date : null;
  const sender = mail.from?.value[0]?.address?.toLowerCase();
  return { ...NOTHING, messageId: bareId(line(mail.messageId ?? '')), sender: sender ? line(sender) : null, subject: line(mail.subject ?? ''), at: date, answers: [...new Set(answers)].slice(0, MOST_ANSWERED) };
}

/** The values of a header, each time that it stands there, in lower case but for identifiers. */
function headersOf(mail: ParsedMail, name: string): string[] {
  return (mail.headerLines ?? []).filter(({ key }) => key === name).map(each => line(each.line.slice(each.line.indexOf(':') + 1).replace(/\r?\n/g, ' '))).map(value => (name.endsWith('-id') ? value : value.toLowerCase()));
}

/** As PostgreSQL and a line of a list can hold it. */
function line(text: string, most = LONGEST_LINE): string {
  // eslint-disable-next-line no-control-regex -- they are what is taken out
  return text.replace(/[\u0000-\u001f\u007f]+/g, ' ').toWellFormed().trim().slice(0, most).toWellFormed();
}
