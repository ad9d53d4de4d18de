/** Why: from the decision to the proof of delivery nothing may be lost or said twice, whatever is away for an hour in between. */
import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { simpleParser } from 'mailparser';
import { INSTALLATION } from '../../engine/mail/post.ts';
import { readMailIndex, startMailbox, type Mailbox } from '../../worker/embedded/mail.ts';
import { inboxFolder } from '../../worker/embedded/mailProvider.ts';
import { folderInbox } from '../../worker/mail/folderInbox.ts';
import { agendaOf, give, openLife, presented, until, type Life } from '../agenda/life.ts';
import { corrispondenza } from '../toys/corrispondenza.ts';
import { albo, permesso } from '../toys/permesso.ts';

let life: Life, home: string, mailbox: Mailbox;
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'iter-way-'));
  mailbox = await startMailbox({ home });
  life = await openLife([permesso, albo, corrispondenza]);
  await life.work({ mail: { smtpUrl: mailbox.url, from: 'Iter <iter@scuola.pec.example.it>', timeoutMs: 1_500 }, post: { inboxes: [folderInbox(INSTALLATION, inboxFolder(mailbox.folder), { everyMs: 200 })], tickMs: 100, overdueEveryMs: 200 } });
});
afterAll(async () => {
  await life?.close();
  await mailbox?.stop();
  rmSync(home, { recursive: true, force: true });
});

const mailsOf = async (caseId: string) => (await life.admin.query('select m.id, m.state, m.certified, m.sha256, m.message_id, (select count(*)::int from mail_receipts r where r.mail_id = m.id) as receipts from mails m where m.case_id = $1', [caseId])).rows;
const isDelivered = async (caseId: string) => { const [mail] = await mailsOf(caseId); return mail?.state === 'delivered' && mail; };

const CERTIFICATE = Buffer.from('%PDF-1.4\n%âãÏÓ\nil certificato\n');
async function letter(): Promise<string> {
  const { engine, people } = life;
  const { record: { state: { id } } } = await engine.createCase({ process: 'corrispondenza', data: {}, parties: { polo: 'P1', famiglia: people.genitore.userId }, caller: people.segreteria, key: randomUUID() });
  await engine.attach({ caseId: id, kind: 'certificato', name: 'certificato.pdf', mediaType: 'application/pdf', content: CERTIFICATE, caller: people.segreteria, key: randomUUID() });
  await give(life, id, 'presenta');
  return id;
}

describe('A letter', () => {
  it('is decided, sent, accepted and delivered, with both receipts on record and an empty tray', async () => {
    const caseId = await presented(life);
    expect(await until(() => isDelivered(caseId), 'it is delivered')).toMatchObject({ certified: true, receipts: 2 });
    expect((await life.admin.query('select id from mail_receipts where mail_id is null')).rowCount).toBe(0);
  });

  it('with its documents and attachments waits while the mail server is away, then goes out once, to the byte as it is on record', async () => {
    await mailbox.stop();
    const ids = await Promise.all(Array.from({ length: 2 }, () => letter()));
    for (const id of ids) await until(async () => ((await agendaOf(life, id, 'inviaRichiesta'))[0]?.attempts ?? 0) >= 2, 'it was tried');
    mailbox = await startMailbox({ home });
    for (const id of ids) {
      const mail = await until(() => isDelivered(id), 'it is delivered');
      const [kept, ...more] = readMailIndex(mailbox.folder).filter(({ subject }) => subject.includes(id));
      expect(more).toEqual([]);
      const raw = readFileSync(join(mailbox.folder, kept!.file));
      expect([createHash('sha256').update(raw).digest('hex'), mail.receipts]).toEqual([mail.sha256, 2]);
      const { attachments } = await simpleParser(raw);
      expect([attachments.some(({ filename }) => filename?.toLowerCase() === 'segnatura.xml'), attachments.some(({ content }) => content.equals(CERTIFICATE))]).toEqual([true, true]);
    }
  });

  it('waits while the mail server is away, then goes out once, and its receipts come', async () => {
    await mailbox.stop();
    const ids = await Promise.all(Array.from({ length: 3 }, () => presented(life)));
    for (const id of ids) await until(async () => ((await agendaOf(life, id, 'avvisaPolo'))[0]?.attempts ?? 0) >= 2, 'it was tried');
    mailbox = await startMailbox({ home });
    for (const id of ids) expect(await until(() => isDelivered(id), 'it is delivered')).toMatchObject({ receipts: 2 });
    for (const id of ids) expect(readMailIndex(mailbox.folder).filter(({ subject }) => subject.includes(id))).toHaveLength(1);
  });
});
