/** Why: who tries the system out must see certified mail behave as it will: accepted, delivered, refused, silent, late; and nothing said twice after a restart. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createMailer, type Mailer } from '../../activities/mailer.ts';
import { parseMail } from '../../engine/mail/parseMail.ts';
import { looksCertified } from '../../worker/embedded/certifiedMail.ts';
import { startMailbox, type Mailbox } from '../../worker/embedded/mail.ts';
import { inboxFolder, readReceipts } from '../../worker/embedded/mailProvider.ts';
import { sleep, until } from '../agenda/life.ts';

let home: string, mailbox: Mailbox, mailer: Mailer;
const open = async (lateMs: number) => {
  mailbox = await startMailbox({ home, lateMs });
  mailer = createMailer({ smtpUrl: mailbox.url, from: 'Scuola <scuola@pec.example.it>' });
};
const close = async () => { mailer.close(); await mailbox.stop(); };
beforeEach(async () => { home = mkdtempSync(join(tmpdir(), 'iter-provider-')); await open(300); });
afterEach(async () => { await close(); rmSync(home, { recursive: true, force: true }); });

let sent = 0;
const send = (to: string) => mailer.send({ to, subject: 'Progetto Istruzione Domiciliare', text: 'Testo', lang: 'it', messageId: `${sent += 1}@iter.example.it`, thread: 'x@iter.example.it', sender: null, certified: true, attachments: [{ filename: 'a.pdf', contentType: 'application/pdf', content: Buffer.from('%PDF') }] });
const kinds = () => readReceipts(mailbox.folder).map(({ kind }) => kind);
const gives = (...expected: string[]) => until(() => kinds().length >= expected.length, expected.join()).then(() => expect(kinds()).toEqual(expected));

describe('The embedded mail server', () => {
  it.each([
    ['polo@pec.example.it', ['accettazione', 'avvenuta-consegna']], ['errore.polo@pec.example.it', ['accettazione', 'errore-consegna']], ['lento.polo@pec.example.it', ['accettazione', 'avvenuta-consegna']],
  ])('answers what it took for %s as a provider does: %j', async (to, expected) => {
    await send(to);
    await gives(...expected);
    for (const { file, kind } of readReceipts(mailbox.folder)) {
      const raw = readFileSync(join(inboxFolder(mailbox.folder), 'new', file));
      expect(await parseMail(raw)).toMatchObject({ kind, reference: `${sent}@iter.example.it`, sender: 'posta-certificata@pec.example.it', doubt: null, ...(kind === 'accettazione' ? {} : { delivered: to }) });
    }
  });

  it.each([['muto.polo@pec.example.it', ['accettazione']], ['famiglia@example.it', []]])('says no more of %s than %j', async (to, expected) => {
    await send(to);
    await send('polo@pec.example.it');
    await gives(...expected, 'accettazione', 'avvenuta-consegna');
  });

  it('says after a restart what it had not said yet, and nothing twice', async () => {
    await close();
    await open(60_000);
    await send('lento.polo@pec.example.it');
    await gives('accettazione');
    await close();
    await open(0);
    await gives('accettazione', 'avvenuta-consegna');
    await close();
    await open(0);
    await sleep(200);
    expect(kinds()).toEqual(['accettazione', 'avvenuta-consegna']);
  });

  it.each([['a@pec.it', true], ['a@scuola.pec.istruzione.it', true], ['a@pecmail.example.it', true], ['a@namirialpec.it', true], ['a@aspects.it', false], ['a@example.it', false], ['pec@example.it', false]])('takes %s for certified: %s', (address, certified) => {
    expect(looksCertified(address)).toBe(certified);
  });
});
