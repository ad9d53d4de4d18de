/**
 * The embedded mailbox: an SMTP server on loopback that keeps what it receives in ITER_HOME/mail and sends nothing on.
 * Each message is a .eml file and a line of index.jsonl. A message that comes twice is kept twice: that is to be seen.
 * To certified addresses it behaves like a provider of certified mail (mailProvider.ts).
 */
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { mailFolder, type ReceivedMail } from './mailIndex.ts';
import { startMailProvider } from './mailProvider.ts';
import { rememberedPorts } from './ports.ts';

export { mailFolder, readMailIndex, type ReceivedMail } from './mailIndex.ts';

const MESSAGE_LIMIT = 50 * 1024 * 1024;

export type Mailbox = { url: string; folder: string; stop(): Promise<void> };

export async function startMailbox(options: { home: string; lateMs?: number }): Promise<Mailbox> {
  const folder = mailFolder(options.home);
  mkdirSync(folder, { recursive: true });
  const [port] = (await rememberedPorts(options.home, 'mail', 1)) as [number];
  const provider = startMailProvider(folder, options);
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
        keep(folder, Buffer.concat(chunks), session).then((mail) => {
          provider.accept(mail);
          done();
        }, done);
      });
    },
  });
  // A sender that goes away in the middle of a message is the sender's matter.
  server.on('error', () => undefined);
  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const stop = async () => {
    await new Promise<void>((resolve) => server.close(resolve));
    await provider.stop();
  };
  return { url: `smtp://127.0.0.1:${port}`, folder, stop };
}

/** On disk before the sender is told that it is received. */
async function keep(folder: string, content: Buffer, session: SMTPServerSession): Promise<ReceivedMail> {
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
  return entry;
}
