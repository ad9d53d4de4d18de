/** Taking note without signing in: a secret address in each mail and SMS, a page that a look does not change, and what an SMS costs with it. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { give, stateOf, until } from '../agenda/life.ts';
import { ANNO, HEADER, openInstallation, PRICE, sent, type Installation } from './installation.ts';

let installation: Installation, base: string;
beforeAll(async () => {
  installation = await openInstallation({ publicUrl: 'https://iter.example.it' });
  base = `http://127.0.0.1:${installation.api.port}`;
  await installation.life.work({ attemptMs: 20_000, channels: installation.channels });
});
afterAll(() => installation?.close());
const estimateOf = async (caseId: string) => {
  const { engine, people } = installation.life, record = (await engine.readCase(caseId, people.segreteria.principals))!, { state } = record;
  return await engine.broadcasts.estimate({ ...record, caseId, number: state.number, parties: state.parties, at: record.now }, engine.broadcastNow(record, people.segreteria, 'invioMessaggi'), { sms: PRICE });
};

describe('who has no way to sign in', () => {
  let caseId: string, link: string;
  const open = (path: string, init: RequestInit = {}) => fetch(`${base}${path}`, { redirect: 'manual', ...init });
  const row = async () => (await installation.deliveries(caseId)).find(({ username, channel }) => username === 'famiglia.s1.gk1' && channel === 'email')! as unknown as { id: string; read_at: Date | null; acknowledged_at: Date | null; acknowledged_by: string; user_id: string; link: Buffer };

  it('finds an address of their own in the mail and in the SMS, of which the database keeps a digest', async () => {
    await installation.importFamilies([HEADER, 'K1;D’Amico;Zoë;1K;GK1;D’Amico;Anna;anna@example.it;+393331110101;01/09/2026;01/09/2026;it', 'K2;Smith;Leo;1K;GK2;Smith;Jo;jo@example.it;;01/09/2026;;en'].join('\n'));
    caseId = await installation.send({ tipo: 'classi', annoScolastico: ANNO, classi: ['1K'] }, { presaVisione: { entro: '2099-12-31', solleciti: [] } });
    await sent(installation, caseId);
    const text = (to: string) => installation.life.mail.received.find(mail => mail.to === to)!.raw.toString().replaceAll('=\r\n', '');
    link = /https:\/\/iter\.example\.it(\/p\/[\w-]{16})(?![\w-])/.exec(text('anna@example.it'))![1]!;
    expect(text('jo@example.it')).not.toContain(link);
    const sms = installation.sms.sent().find(({ to }) => to === '+393331110101')!;
    expect(sms.text).toMatch(/entro il 31\/12\/2099: https:\/\/iter\.example\.it\/p\/[\w-]{16}$/);
    expect(JSON.stringify((await installation.life.admin.query('select to_jsonb(d) as d from deliveries d')).rows)).not.toContain(link.slice(3));
  });
  it('reads the message there, in their language, as a page that programs may look at without changing anything', async () => {
    for (const headers of [{}, { 'user-agent': 'Scanner' }]) {
      const page = await open(link, { headers }), html = await page.text();
      expect([page.status, page.headers.get('content-type'), page.headers.get('referrer-policy'), page.headers.get('x-robots-tag'), page.headers.get('cache-control')]).toEqual([200, 'text/html; charset=utf-8', 'no-referrer', 'noindex, nofollow', 'no-store']);
      expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'/);
      expect(html).toMatch(/<html lang="it">[\s\S]*<h1>Uscita didattica<\/h1>[\s\S]*Zoë D’Amico va al museo[\s\S]*<button type="submit">Ho preso visione<\/button>/);
      expect(html).not.toMatch(/anna@|\+39|K1/);
    }
    await open(link, { method: 'HEAD' });
    expect(await row()).toMatchObject({ read_at: null, acknowledged_at: null });
  });
  it('has opened it when a browser says that a person did, and has taken note with the button, once', async () => {
    await open(link, { headers: { 'sec-fetch-user': '?1', 'sec-fetch-mode': 'navigate' } });
    expect(await row()).toMatchObject({ read_at: expect.any(Date), acknowledged_at: null });
    const done = await open(link, { method: 'POST' });
    expect([done.status, done.headers.get('location')]).toEqual([303, link]);
    const first = await row();
    expect(first).toMatchObject({ acknowledged_at: expect.any(Date), acknowledged_by: first.user_id });
    expect(await (await open(link)).text()).toMatch(/Presa visione registrata il \d\d\/\d\d\/\d{4}/);
    await open(link, { method: 'POST' });
    expect((await row()).acknowledged_at).toEqual(first.acknowledged_at);
    // For the family: on every channel, and nobody is reminded.
    expect((await installation.deliveries(caseId)).filter(({ username }) => username === 'famiglia.s1.gk1').every(({ acknowledged_at: at }) => at !== null)).toBe(true);
    await give(installation.life, caseId, 'sollecita');
    await until(async () => (await installation.deliveries(caseId, 'sollecito')).length === 1, 'the other family alone is reminded');
  });
  it('finds nothing behind another address, nor behind this one when the message is closed', async () => {
    for (const path of ['/p/AAAAAAAAAAAAAAAA', '/p/x', `${link}x`, `/p/${'%00'.repeat(16)}`]) for (const method of ['GET', 'POST']) {
      const page = await open(path, { method });
      expect([path, page.status, /Uscita|D’Amico/.test(await page.text())]).toEqual([path, 404, false]);
    }
    await give(installation.life, caseId, 'chiudi');
    await until(async () => (await stateOf(installation.life, caseId)) === 'chiusa', 'it is closed');
    const page = await open(link, { headers: { 'accept-language': 'en' } });
    expect([page.status, await page.text()]).toEqual([404, expect.stringContaining('This address is not valid any more')]);
  });
});

describe('what is told before sending', () => {
  it('is what is then sent and paid, whatever people are called', async () => {
    const name = fc.stringMatching(/^[A-ZÀÈÉÌÒÙ][a-zàèéìòùçñšźë'’ -]{0,30}$|^[A-Z][a-z]{1,10} (😀|“Ciccio”|€|\[x\]|N\u0303o|e\u0300)$/).map(text => text.trim());
    let turn = 0;
    await fc.assert(fc.asyncProperty(fc.array(fc.tuple(name, name), { minLength: 5, maxLength: 12 }), fc.constantFrom('', 'Gentile {destinatario}: {alunni} ({classi}) entro il {entro}.', `${'x'.repeat(420)} {alunni} {destinatario}`, 'x'.repeat(980), 'Costa 5 €\r\n[{alunni}]'), fc.boolean(), async (people, sms, asks) => {
      turn += 1;
      const of = `${turn}W`, before = installation.sms.sent().length;
      const rows = people.map(([one, other], n) => [`${of}${n}`, one, other, of, `G${of}${n}`, other, one, '', `+39333${String(turn * 100 + n).padStart(4, '0')}${700 + n}`, '', '01/09/2026', 'it'].map(cell => `"${cell.replaceAll('"', '""')}"`).join(';'));
      const imported = await installation.importFamilies([HEADER, ...rows].join('\n'));
      expect(imported.errors).toEqual([]);
      const caseId = await installation.send({ tipo: 'classi', annoScolastico: ANNO, classi: [of] }, { canali: ['sms'], presaVisione: asks ? { entro: '2099-12-31', solleciti: [] } : null, testi: { it: { oggetto: 'Uscita “speciale”', testo: 'x', sms }, en: null } });
      const told = await estimateOf(caseId);
      await sent(installation, caseId);
      const deliveries = await installation.deliveries(caseId), paid = deliveries.filter(({ state }) => state !== 'permanentFailure');
      expect(deliveries.reduce((sum, { segments }) => sum + segments!, 0)).toBe(told.sms.segments);
      expect(deliveries.reduce((sum, { cost }) => sum + cost!, 0)).toBe(told.sms.cost);
      expect(told.sms.tooLong).toBe(deliveries.length - paid.length);
      // By the rule of the networks, counted on what the provider got: 160 or 153 septets, 70 or 67 units.
      const taken = installation.sms.sent().slice(before);
      expect(taken).toHaveLength(paid.length);
      expect(taken.reduce((sum, { text, encoding }) => sum + partsOf(text, encoding), 0)).toBe(told.sms.segments);
    }), { numRuns: 8 });
  }, 240_000);
});

const EXTENDED = /[€[\]{}^~|\\]/;
/** Written without the library that the program counts with: greedily, no character in two parts. */
function partsOf(text: string, encoding: 'gsm' | 'ucs2'): number {
  const units = [...text].map(character => (encoding === 'gsm' ? (EXTENDED.test(character) ? 2 : 1) : character.length)), whole = units.reduce((sum, each) => sum + each, 0);
  const [one, several] = encoding === 'gsm' ? [160, 153] : [70, 67];
  if (whole <= one) return 1;
  let parts = 1, used = 0;
  for (const each of units) {
    if (used + each > several) { parts += 1; used = 0; }
    used += each;
  }
  return parts;
}
