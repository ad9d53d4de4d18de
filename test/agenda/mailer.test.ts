/** Why: what a protocollo seals must be what the other side got, byte for byte, from the account of whoever writes. */
import { createHash } from 'node:crypto';
import { afterEach, describe, expect, it } from '@jest/globals';
import { simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';
import { createMailer, type Mail, type Mailer } from '../../activities/mailer.ts';

const letter: Mail = {
  to: 'baic80000a@pec.istruzione.it', subject: 'Progetto Istruzione Domiciliare n. 12/2026 – perché sì', text: 'Si trasmette.\n.una riga che comincia con un punto\n', lang: 'it',
  messageId: 'effetto-1@iter.test', thread: 'case.1@iter.test', sender: null, certified: true,
  attachments: [{ filename: 'Modello S è.pdf', contentType: 'application/pdf', content: Buffer.from('%PDF-1.7\nperché\r\n\n.\n') }, { filename: 'segnatura.xml', contentType: 'application/xml', content: Buffer.from('<?xml version="1.0"?><a/>') }],
};

interface Received { raw: Buffer; from: string; to: string[]; user: string | undefined }
const opened: { close(): unknown }[] = [];
afterEach(async () => { for (const each of opened.splice(0)) await each.close(); });

async function listen(options: ConstructorParameters<typeof SMTPServer>[0] = {}): Promise<{ url(user?: string): string; received: Received[] }> {
  const received: Received[] = [];
  const server = new SMTPServer({
    authOptional: true, disabledCommands: ['STARTTLS'], allowInsecureAuth: true, logger: false, onAuth: (auth, _session, done) => { done(null, { user: auth.username ?? '' }); },
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        received.push({ raw: Buffer.concat(chunks), from: mailFrom ? mailFrom.address : '', to: rcptTo.map(each => each.address), user: session.user });
        done();
      });
    },
    ...options,
  });
  server.on('error', () => {});
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve); });
  opened.push({ close: () => new Promise<void>(resolve => { server.close(resolve); }) });
  const { port } = server.server.address() as { port: number };
  return { url: (user?: string) => `smtp://${user ? `${user}:segreto@` : ''}127.0.0.1:${port}`, received };
}
function mailer(options: Parameters<typeof createMailer>[0]): Mailer {
  const made = createMailer(options);
  opened.unshift(made);
  return made;
}
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

describe('A mail', () => {
  it('is answered with the bytes that the server took, attachments and all', async () => {
    const { url, received } = await listen();
    const sent = await mailer({ smtpUrl: url(), from: 'Iter <iter@pec.test>' }).send(letter);
    expect(received.map(({ raw, from, to }) => [sha256(raw), from, to])).toEqual([[sha256(sent.raw), 'iter@pec.test', [letter.to]]]);
    const read = await simpleParser(sent.raw);
    expect([read.messageId, read.subject, read.references, read.headers.get('x-tiporicevuta'), read.headers.get('auto-submitted')]).toEqual(['<effetto-1@iter.test>', letter.subject, '<case.1@iter.test>', 'completa', 'auto-generated']);
    expect(read.attachments.map(({ filename, contentType, content }) => ({ filename, contentType, content }))).toEqual(letter.attachments);
  });

  it('asks for no receipt of certified mail when it is an ordinary one', async () => {
    const { url } = await listen();
    const { raw } = await mailer({ smtpUrl: url(), from: 'iter@pec.test' }).send({ ...letter, certified: false });
    expect((await simpleParser(raw)).headers.has('x-tiporicevuta')).toBe(false);
  });

  it('leaves from the account of the organisation that writes, else from the installation\'s', async () => {
    const { url, received } = await listen();
    const from = mailer({ smtpUrl: url('iter'), from: 'Iter <iter@pec.test>', accounts: { BAIC80000A: { smtpUrl: url('scuola'), from: 'IC Bari <baic80000a@pec.istruzione.it>' } } });
    for (const sender of [null, 'BAIC80000A', 'MIIC80000A']) await from.send({ ...letter, sender });
    expect(received.map(each => [each.user, each.from])).toEqual([['iter', 'iter@pec.test'], ['scuola', 'baic80000a@pec.istruzione.it'], ['iter', 'iter@pec.test']]);
  });

  it('smuggles no header in by its subject, address or file names', async () => {
    const { url, received } = await listen();
    const { raw } = await mailer({ smtpUrl: url(), from: 'iter@pec.test' }).send({ ...letter, subject: 'Progetto\r\nBcc: spia@altrove.test', attachments: [{ filename: 'a\r\nX-Ricevuta: accettazione.pdf', contentType: 'application/pdf', content: Buffer.from('x') }] });
    const read = await simpleParser(raw);
    expect([read.bcc, read.headers.has('x-ricevuta'), received[0]?.to]).toEqual([undefined, false, [letter.to]]);
  });
});

describe('A mail that is not taken', () => {
  const refusing = (responseCode: number) => ({ onRcptTo: (_address: unknown, _session: unknown, done: (error?: Error) => void) => { done(Object.assign(new Error('no'), { responseCode })); } });
  it.each([
    ['is refused for good when the recipient does not exist', refusing(550), {}, 'PermanentFailure'],
    ['is tried again when the recipient is greylisted', refusing(450), {}, 'TemporaryFailure'],
    ['is refused for good when it is larger than the server takes', { size: 1_000 }, { attachments: [{ filename: 'a', contentType: 'application/pdf', content: Buffer.alloc(5_000, 1) }] }, 'PermanentFailure'],
    ['is refused for good when it names nobody', {}, { to: '' }, 'PermanentFailure'],
    ['is tried again when our account is not accepted', { onAuth: (_auth: unknown, _session: unknown, done: (error: Error) => void) => { done(new Error('no')); } }, { sender: 'BAIC80000A' }, 'TemporaryFailure'],
  ])('%s', async (_what, options, change, name) => {
    const { url } = await listen(options);
    const from = mailer({ smtpUrl: url(), from: 'iter@pec.test', accounts: { BAIC80000A: { smtpUrl: url('scuola'), from: 'scuola@pec.test' } } });
    await expect(from.send({ ...letter, ...change })).rejects.toMatchObject({ name });
  });

  it('is tried again when nobody listens', async () => {
    const { url } = await listen();
    await opened.splice(0)[0]?.close();
    await expect(mailer({ smtpUrl: url(), from: 'iter@pec.test' }).send(letter)).rejects.toMatchObject({ name: 'TemporaryFailure' });
  });
});
