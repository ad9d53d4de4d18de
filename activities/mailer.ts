/** SMTP: a message is composed once, to bytes, and exactly those are sent, over pooled connections bounded in time. Answers are told apart: refused for good, or try again. */
import { createTransport, type Transporter } from 'nodemailer';
import addressparser from 'nodemailer/lib/addressparser';
import MailComposer from 'nodemailer/lib/mail-composer';
import { PermanentFailure, TemporaryFailure } from './attemptEffect.ts';

export interface Mail {
  to: string;
  subject: string;
  text: string;
  lang: string;
  /** Without angle brackets. The receiver knows a repeat by it. */
  messageId: string;
  /** Groups the mails of one case in the reader's program. */
  thread: string;
  /** Code of the organisation that writes: its own account sends, where it has one. Null, or without an account: the installation's. */
  sender: string | null;
  /** Sent as certified mail (PEC): its receipts are waited for. */
  certified: boolean;
  attachments?: MailAttachment[];
  /** Shown by mail programs as an invitation, and attached as a file for those that do not. */
  invitation?: { method: 'REQUEST' | 'CANCEL'; content: string };
}
export interface MailAttachment { filename: string; contentType: string; content: Buffer }

export interface Mailer {
  /**
   * Resolves with the server's answer, once it has taken the message over, and with the bytes that it took.
   * Throws PermanentFailure or TemporaryFailure.
   */
  send(mail: Mail): Promise<{ response: string; raw: Buffer }>;
  /** The domain of Message-IDs. */
  readonly domain: string;
  /** From which address mail leaves, for an organisation with an account of its own or (null) the installation. */
  addressOf(sender: string | null): string;
  close(): void;
}

/** Where mail leaves from: `smtp://` or `smtps://` with user and password, and the address in From. */
export interface SendingAccount { smtpUrl: string; from: string }
export interface MailerOptions extends SendingAccount {
  /** Of the organisations that have an account of their own, by code. */
  accounts?: Record<string, SendingAccount>;
  /** For each step of the conversation: connecting, the greeting, an answer. */
  timeoutMs?: number;
  connections?: number;
}

export function createMailer({ smtpUrl, from, accounts = {}, timeoutMs = 15_000, connections = 4 }: MailerOptions): Mailer {
  const transportOf = (account: SendingAccount) => {
    const url = new URL(account.smtpUrl);
    const settings = { pool: true, maxConnections: connections, maxMessages: 100, connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs, dnsTimeout: timeoutMs };
    // What the installation's own address says wins.
    for (const [name, value] of Object.entries(settings)) if (!url.searchParams.has(name)) url.searchParams.set(name, String(value));
    return { from: account.from, transport: createTransport(url.href) };
  };
  const own = transportOf({ smtpUrl, from });
  // A pool connects only when it sends: an account that is never used costs nothing.
  const transports = new Map(Object.entries(accounts).map(([organisation, account]) => [organisation, transportOf(account)]));
  const accountOf = (sender: string | null) => (sender !== null && transports.get(sender)) || own;
  return {
    domain: domainOf(from),
    addressOf: sender => addressparser(accountOf(sender).from, { flatten: true })[0]?.address ?? '',
    async send(mail) {
      const account = accountOf(mail.sender);
      const { raw, envelope } = await compose(mail, account.from);
      try {
        const { response } = await account.transport.sendMail({ raw, envelope: { ...envelope, size: raw.length } } as Parameters<Transporter['sendMail']>[0]);
        return { response: String(response), raw };
      } catch (error) {
        throw classify(error as SmtpError);
      }
    },
    close: () => { for (const { transport } of [own, ...transports.values()]) transport.close(); },
  };
}

const INVITATION_FILE = 'invito.ics';

async function compose({ to, subject, text, lang, messageId, thread, certified, attachments = [], invitation }: Mail, from: string): Promise<{ raw: Buffer; envelope: { from: string | false; to: string[] } }> {
  const message = new MailComposer({
    from, to, subject, text, attachments, ...(invitation ? { icalEvent: { ...invitation, filename: INVITATION_FILE } } : {}), messageId: `<${messageId}>`, references: `<${thread}>`,
    // RFC 3834: no answering machine should answer, and no loop begin. A delivery receipt with the whole message in it is the full proof (DM 2/11/2005, allegato, 6.5).
    headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': lang, ...(certified ? { 'X-TipoRicevuta': 'completa' } : {}) },
    // As SMTP carries it, so that nothing is changed on the way; and nothing is ever fetched.
    newline: 'win', disableFileAccess: true, disableUrlAccess: true,
  }).compile();
  return { raw: await message.build(), envelope: message.getEnvelope() };
}

interface SmtpError extends Error { code?: string; command?: string; responseCode?: number; response?: string; rejectedErrors?: { responseCode?: number }[] }

/** nodemailer's codes, and SMTP's (530 to 538), for an account of ours that is not accepted: an operator will mend it. */
const OUR_ACCOUNT = ['EAUTH', 'ETLS', 'ENOAUTH', 'EOAUTH2', '530', '534', '535', '538'];

/** 5xx about this message or its recipient is final; our own account (EAUTH), the line and 4xx are not. */
function classify(error: SmtpError): Error {
  const { code, command, responseCode, response } = error;
  const isOurs = OUR_ACCOUNT.includes(code ?? '') || OUR_ACCOUNT.includes(String(responseCode));
  const refused = (responseCode ?? 0) >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE') && !(error.rejectedErrors ?? []).some(each => (each.responseCode ?? 0) < 500);
  const malformed = code === 'EENVELOPE' && responseCode === undefined;
  // Larger than the server said that it takes (SIZE): seen before anything is sent.
  const tooLarge = code === 'EMESSAGE' && command === 'MAIL FROM' && responseCode === undefined;
  if (!isOurs && (refused || malformed || tooLarge)) return new PermanentFailure(error.message, { code: 'refused', ...(response ? { response } : {}) });
  return new TemporaryFailure(error.message, { cause: error, ofOne: !isOurs && code === 'EENVELOPE' && command !== 'MAIL FROM' && (responseCode ?? 0) >= 400 && responseCode !== 421 });
}

function domainOf(from: string): string {
  const domain = /@([a-z0-9.-]+)/i.exec(from)?.[1] ?? 'localhost';
  return `iter.${domain}`;
}
