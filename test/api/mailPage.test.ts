/** Why: the page shows everybody's mail without asking who looks. It is there only for this machine, and what strangers wrote stays text. */
import { request } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createMailer, type Mail } from '../../activities/mailer.ts';
import { startMailbox, type Mailbox } from '../../worker/embedded/mail.ts';
import { readReceipts } from '../../worker/embedded/mailProvider.ts';
import { openSentMails } from '../../worker/embedded/sentMails.ts';
import { startSmsSimulator } from '../../worker/embedded/smsSimulator.ts';
import { until } from '../agenda/life.ts';
import { startTestApi, type Answer, type TestApi } from './harness.ts';

let home: string, mailbox: Mailbox, api: TestApi, without: TestApi;
const letter: Mail = {
  to: 'polo@pec.example.it', subject: 'Progetto Istruzione Domiciliare <script>alert("1")</script> & "perché"', text: 'Buongiorno,\n<img src=x onerror=alert(1)>\n', lang: 'it', messageId: 'uno@iter.test', thread: 'case@iter.test', sender: null, certified: true,
  attachments: [{ filename: '"><script>alert(2)</script>.html', contentType: 'text/html', content: Buffer.from('<script>alert(3)</script>') }, { filename: 'segnatura.xml', contentType: 'application/xml', content: Buffer.from('<a/>') }],
};
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'iter-page-'));
  mailbox = await startMailbox({ home, lateMs: 200 });
  const mailer = createMailer({ smtpUrl: mailbox.url, from: 'Iter <iter@scuola.pec.test>' });
  await mailer.send(letter);
  await mailer.send({ ...letter, to: 'famiglia@example.it', subject: 'Alla famiglia \u202Eoiggassem', messageId: 'due@iter.test', certified: false, attachments: [] });
  mailer.close();
  await until(() => readReceipts(mailbox.folder).length === 2, 'two receipts');
  [api, without] = await Promise.all([startTestApi({ sentMails: openSentMails(mailbox.folder) }), startTestApi()]);
});
afterAll(async () => {
  await Promise.all([api?.stop(), without?.stop(), mailbox?.stop()]);
  rmSync(home, { recursive: true, force: true });
});

const page = (path: string, headers: Record<string, string> = {}): Promise<Answer> => api.call(null, `/${path}`, { headers });
/** The addresses that a page points at, as a browser reads them. */
const linksOf = ({ text }: Answer) => [...text.matchAll(/(?:href|src)="([^"]*)"/g)].map(([, address]) => address!);

describe('The page of the mails sent', () => {
  it('lists them newest first, each with its receipts', async () => {
    const { status, text, headers } = await page('/mail');
    expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect([text.indexOf('Alla famiglia') < text.indexOf('Progetto Istruzione Domiciliare'), text.indexOf('Alla famiglia') > 0]).toEqual([true, true]);
    for (const word of ['polo@pec.example.it', 'famiglia@example.it', '>accettata<', '>consegnata<', '>posta ordinaria<', '2 messaggi']) expect(text).toContain(word);
  });

  it('opens what it lists: the text, the attachments, the receipts, the message as it is', async () => {
    const seen = new Set<string>(), found: Answer[] = [];
    const walk = async (path: string): Promise<void> => {
      if (seen.has(path)) return;
      seen.add(path);
      const answer = await page(path);
      expect([path, answer.status]).toEqual([path, 200]);
      found.push(answer);
      if (answer.headers.get('content-type')?.startsWith('text/html')) for (const link of linksOf(answer)) await walk(link);
    };
    await walk('/mail');
    expect([...seen].filter(path => path.startsWith('/mail/messages/') && path.endsWith('.eml'))).toHaveLength(2);
    expect([...seen].filter(path => path.startsWith('/mail/receipts/') && path.endsWith('.eml'))).toHaveLength(2);
    expect([...seen].filter(path => path.includes('/attachments/'))).toHaveLength(5);
    expect(found.some(({ text }) => text.includes('Buongiorno,'))).toBe(true);
  });

  it('shows as text whatever a subject, a text or a file name holds, and runs nothing', async () => {
    const list = await page('/mail'), messages = await Promise.all(linksOf(list).filter(link => link.startsWith('/mail/messages/')).map(link => page(link)));
    for (const { text, headers } of [list, ...messages]) {
      expect(text).not.toMatch(/<script|<img|onerror=alert\(1\)>[^&]|\u202e/i);
      expect(headers.get('content-security-policy')).toBe(`default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`);
      expect(text).toContain('<html lang="it">');
    }
    expect(list.text).toContain('&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt; &amp; &quot;perché&quot;');
  });

  it('gives attachments to be saved, never to be run', async () => {
    const list = await page('/mail'), shown = await Promise.all(linksOf(list).filter(link => link.startsWith('/mail/messages/')).map(link => page(link)));
    for (const path of shown.flatMap(linksOf).filter(link => link.includes('/attachments/'))) {
      const { headers } = await page(path);
      expect([headers.get('content-type'), headers.get('content-disposition')?.startsWith('attachment;'), headers.get('content-security-policy'), headers.get('x-content-type-options')]).toEqual(['application/octet-stream', true, `default-src 'none'; sandbox`, 'nosniff']);
    }
  });

  it.each(['/mail/messages/..%2F..%2Fkeys%2Fmaster.key', '/mail/messages/index.jsonl', '/mail/messages/x.eml', '/mail/receipts/..%2Findex.jsonl', '/mail/messages/%00', '/mail/altro'])('knows nothing of %s', async (path) => {
    expect((await page(path)).status).toBe(404);
  });

  it('is for this machine alone: not through a proxy, and not under somebody else\'s name', async () => {
    expect((await page('/mail', { 'x-forwarded-for': '10.0.0.1' })).status).toBe(404);
    expect((await page('/mail', { forwarded: 'for=10.0.0.1' })).status).toBe(404);
    const { port } = new URL(api.base);
    const asHost = (host: string) => new Promise<number>((resolve, reject) => { request({ host: '127.0.0.1', port, path: '/mail', headers: { host } }, answer => { answer.resume(); resolve(answer.statusCode ?? 0); }).on('error', reject).end(); });
    expect([await asHost(`localhost:${port}`), await asHost('attacker.example')]).toEqual([200, 404]);
  });

  it('shows the SMS of the simulator beside it, newest first, with what became of each', async () => {
    const sms = await startSmsSimulator({ userKey: 'k', accessToken: 't', receiptsUrl: null });
    const simulated = await startTestApi({ sentMails: { ...openSentMails(mailbox.folder), sms: sms.sent } });
    const seen = async () => (await simulated.call(null, '//mail/sms')).text;
    try {
      expect(await seen()).toContain('Nessun SMS è partito');
      for (const [n, to] of ['+393331230101', '+393331230550'].entries()) {
        await fetch(`${sms.url}/sms`, { method: 'POST', headers: { user_key: 'k', access_token: 't' }, body: JSON.stringify({ message: `Uscita <b>${n}</b>`, recipient: [to], order_id: `ordine${n}` }) });
      }
      await sms.settle();
      const text = await seen();
      expect(text).toMatch(/Uscita &lt;b&gt;1&lt;\/b&gt;.*\+393331230550.*non consegnato \(UNKNRCPT\)[\s\S]*Uscita &lt;b&gt;0.*\+393331230101.*consegnato \(DLVRD\)/);
      expect((await page('/mail/sms')).text).toContain('SMS_URL');
    } finally {
      await Promise.all([simulated.stop(), sms.stop()]);
    }
  });

  it('is not there where mail really leaves', async () => {
    expect((await without.call(null, '//mail')).status).toBe(404);
  });
});
