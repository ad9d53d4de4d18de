/**
 * The embedded mailbox: an SMTP server on loopback that keeps what it receives in ITER_HOME/mail and sends nothing on.
 * Each message is a .eml file and a line of index.jsonl. A message that comes twice is kept twice: that is to be seen.
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { rememberedPorts } from './ports.ts';

const MESSAGE_LIMIT = 50 * 1024 * 1024;

/** A line of index.jsonl. */
export type ReceivedMail = {
  /** Name of the .eml file beside the index. */
  file: string;
  at: string;
  from: string;
  /** The recipients of the envelope: whoever the message was really given to. */
  to: string[];
  subject: string;
  messageId: string;
};

export type Mailbox = { url: string; folder: string; stop(): Promise<void> };

export async function startMailbox(options: { home: string }): Promise<Mailbox> {
  const folder = mailFolder(options.home);
  mkdirSync(folder, { recursive: true });
  const [port] = (await rememberedPorts(options.home, 'mail', 1)) as [number];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    size: MESSAGE_LIMIT,
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', done);
      stream.on('end', () => {
        if (stream.sizeExceeded) return done(Object.assign(new Error(`The message is over ${MESSAGE_LIMIT} bytes`), { responseCode: 552 }));
        keep(folder, Buffer.concat(chunks), session).then(() => done(), done);
      });
    },
  });
  // A sender that goes away in the middle of a message is the sender's matter.
  server.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const stop = () => new Promise<void>((resolve) => server.close(resolve));
  return { url: `smtp://127.0.0.1:${port}`, folder, stop };
}

export const mailFolder = (home: string): string => join(home, 'mail');

/** Everything received, oldest first. */
export function readMailIndex(folder: string): ReceivedMail[] {
  let lines: string;
  try {
    lines = readFileSync(join(folder, 'index.jsonl'), 'utf8');
  } catch {
    return [];
  }
  return lines.split('\n').filter(Boolean).map((line) => JSON.parse(line));
}

/** On disk before the sender is told that it is received. */
async function keep(folder: string, content: Buffer, session: SMTPServerSession): Promise<void> {
  const at = new Date().toISOString();
  const file = `${at.replaceAll(':', '-')}-${randomBytes(4).toString('hex')}.eml`;
  const handle = await open(join(folder, file), 'wx');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  const { subject, messageId } = await simpleParser(content, { skipHtmlToText: true, skipTextToHtml: true, skipImageLinks: true });
  const entry: ReceivedMail = {
    file,
    at,
    from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
    to: session.envelope.rcptTo.map((recipient) => recipient.address),
    subject: subject ?? '',
    messageId: messageId ?? '',
  };
  appendFileSync(join(folder, 'index.jsonl'), `${JSON.stringify(entry)}\n`);
}
