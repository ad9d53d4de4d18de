/** SMTP: pooled connections, bounded in time, and answers told apart: refused for good, or try again. */
import { createTransport } from 'nodemailer';
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
}
export interface Mailer {
  /** Resolves with the server's answer once it has taken the message over. Throws PermanentFailure or TemporaryFailure. */
  send(mail: Mail): Promise<{ response: string }>;
  /** The domain of Message-IDs. */
  readonly domain: string;
  close(): void;
}

export interface MailerOptions {
  smtpUrl: string;
  from: string;
  /** For each step of the conversation: connecting, the greeting, an answer. */
  timeoutMs?: number;
  connections?: number;
}

export function createMailer({ smtpUrl, from, timeoutMs = 15_000, connections = 4 }: MailerOptions): Mailer {
  const url = new URL(smtpUrl);
  const settings = { pool: true, maxConnections: connections, maxMessages: 100, connectionTimeout: timeoutMs, greetingTimeout: timeoutMs, socketTimeout: timeoutMs, dnsTimeout: timeoutMs };
  // What the installation's own address says wins.
  for (const [name, value] of Object.entries(settings)) if (!url.searchParams.has(name)) url.searchParams.set(name, String(value));
  const transport = createTransport(url.href, { from });
  return {
    domain: domainOf(from),
    async send({ to, subject, text, lang, messageId, thread }) {
      try {
        const { response } = await transport.sendMail({
          to, subject, text, messageId: `<${messageId}>`, references: `<${thread}>`,
          // RFC 3834: no answering machine should answer, and no loop begin.
          headers: { 'Auto-Submitted': 'auto-generated', 'Content-Language': lang },
        });
        return { response: String(response) };
      } catch (error) {
        throw classify(error as SmtpError);
      }
    },
    close: () => transport.close(),
  };
}

interface SmtpError extends Error { code?: string; responseCode?: number; response?: string; rejectedErrors?: { responseCode?: number }[] }

/** nodemailer's codes, and SMTP's (530 to 538), for an account of ours that is not accepted: an operator will mend it. */
const OUR_ACCOUNT = ['EAUTH', 'ETLS', 'ENOAUTH', 'EOAUTH2', '530', '534', '535', '538'];

/** 5xx about this message or its recipient is final; our own account (EAUTH), the line and 4xx are not. */
function classify(error: SmtpError): Error {
  const { code, responseCode, response } = error;
  const isOurs = OUR_ACCOUNT.includes(code ?? '') || OUR_ACCOUNT.includes(String(responseCode));
  const refused = (responseCode ?? 0) >= 500 && (code === 'EENVELOPE' || code === 'EMESSAGE') && !(error.rejectedErrors ?? []).some(each => (each.responseCode ?? 0) < 500);
  const malformed = code === 'EENVELOPE' && responseCode === undefined;
  if (!isOurs && (refused || malformed)) return new PermanentFailure(error.message, { code: 'refused', ...(response ? { response } : {}) });
  return new TemporaryFailure(error.message, { cause: error });
}

function domainOf(from: string): string {
  const domain = /@([a-z0-9.-]+)/i.exec(from)?.[1] ?? 'localhost';
  return `iter.${domain}`;
}
