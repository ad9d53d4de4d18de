/** The protocollo over HTTP: each office reads its own register, whole, in pages and by what it looks for, and nobody else's. */
import { createHash, generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { renderPdf } from '../../activities/documents/renderPdf.ts';
import { registerProtocol, type ProtocolEntry } from '../../engine/registers/protocol.ts';
import { sealDays } from '../../engine/registers/sealDays.ts';
import { addDays, romeDate } from '../../plugins/calendar.ts';
import { BARI, POLO, startTestApi, submitted, type TestApi } from './harness.ts';

const today = romeDate(new Date().toISOString()), yesterday = addDays(today, -1), year = Number(today.slice(0, 4));
let api: TestApi, caseId: string;

const entry = (organisation: string, key: string, more: Partial<ProtocolEntry> = {}): ProtocolEntry => ({
  organisation, key, direction: 'uscita', caseId: null, subject: `Oggetto ${key}`, sender: `Scuola (${BARI})`, recipients: [`Scuola polo (${POLO})`], document: 'Richiesta', sha256: 'a'.repeat(64), attachments: [{ name: 'certificato', sha256: 'b'.repeat(64) }], ...more,
});
const register = (organisation: string, key: string, more?: Partial<ProtocolEntry>) => registerProtocol(api.composed.api.pools.commit, entry(organisation, key, more));

beforeAll(async () => {
  api = await startTestApi();
  ({ id: caseId } = await submitted(api));
  for (let i = 1; i <= 5; i += 1) await register(BARI, `n. ${i}`);
  await register(BARI, 'della pratica', { caseId, direction: 'interno', recipients: [] });
  const sent = await register(POLO, 'al 100 % di "Bari"', { caseId, sender: `Scuola polo (${POLO})` });
  await register(BARI, 'arrivata', { caseId, direction: 'entrata', senderProtocol: { organisation: POLO, number: sent.number, year: sent.year, day: sent.day }, messageId: 'x@example.it' });
  // As if it had been registered then: the days between are to be sealed.
  await api.db.query(`insert into protocol_registers values ('USRPUGLIA', $1, 1)`, [Number(addDays(today, -3).slice(0, 4))]);
  await api.db.query(`insert into protocol_entries (organisation, year, number, direction, at, day, key, subject, sender, recipients, document, sha256) values ('USRPUGLIA', extract(year from $1::date), 1, 'interno', $1::date + time '10:00', $1, 'k', 'Oggetto', 'USR', '{}', 'Nota', $2)`, [addDays(today, -3), 'c'.repeat(64)]);
});
afterAll(async () => { await api.stop(); });

describe('the entries', () => {
  it('come newest first, with at least seven digits and what was registered of each', async () => {
    const { status, body } = await api.get('segreteria.bari', '/protocol');
    expect(status).toBe(200);
    expect(body.items.map(({ number }: any) => number)).toEqual(['0000007', '0000006', '0000005', '0000004', '0000003', '0000002', '0000001']);
    expect(body.items[0]).toEqual({
      year, number: '0000007', direction: 'entrata', at: expect.stringMatching(/Z$/), day: today, caseId, subject: 'Oggetto arrivata', sender: `Scuola (${BARI})`, recipients: [`Scuola polo (${POLO})`], document: 'Richiesta', sha256: 'a'.repeat(64),
      attachments: [{ name: 'certificato', sha256: 'b'.repeat(64) }], senderProtocol: { organisation: POLO, number: '0000001', year, day: today }, messageId: 'x@example.it', href: `/api/v1/protocol/${year}/7`,
    });
    expect((await api.get('segreteria.bari', body.items[0].href.replace('/api/v1', ''))).body).toEqual(body.items[0]);
    expect((await api.get('segreteria.bari', `/protocol/${year}/0000007`)).body).toEqual(body.items[0]);
  });

  it('come in pages that go on where the last one ended, though others are registered meanwhile', async () => {
    const first = (await api.get('segreteria.bari', '/protocol?limit=3&direction=uscita')).body;
    expect(first.items.map(({ number }: any) => Number(number))).toEqual([5, 4, 3]);
    const { body } = await api.get('segreteria.bari', `/protocol?limit=3&direction=uscita&cursor=${first.next}`);
    expect([body.items.map(({ number }: any) => Number(number)), body.next]).toEqual([[2, 1], null]);
    expect((await api.get('segreteria.bari', `/protocol?limit=3&cursor=${first.next}`)).status).toBe(400);
    expect((await api.get('polo.puglia', `/protocol?limit=3&direction=uscita&cursor=${first.next}`)).status).toBe(400);
  });

  it.each([
    [`year=${year}`, 7], [`year=${year - 1}`, 0], [`from=${today}`, 7], [`to=${yesterday}`, 0], [`from=${yesterday}&to=${today}`, 7], ['direction=entrata', 1], ['direction=interno', 1], ['q=ARRIVATA', 1], ['q=n.%20', 5], ['q=6', 1], ['q=0000002', 1],
    ['q=%25', 0], ['q=_', 0], [`q=${POLO}`, 6], ['q=niente', 0],
  ])('are found by %s: %i', async (query, count) => {
    expect((await api.get('segreteria.bari', `/protocol?${query}`)).body.items).toHaveLength(count);
  });

  it.each(['year=26', 'year=x', 'from=2026-02-30', 'direction=altro', 'limit=0', 'cursor=x'])('%s is refused', async query => {
    expect((await api.get('segreteria.bari', `/protocol?${query}`)).status).toBe(400);
  });

  it('are each office’s own', async () => {
    expect((await api.get('polo.puglia', '/protocol')).body.items.map(({ subject }: any) => subject)).toEqual(['Oggetto al 100 % di "Bari"']);
    expect((await api.get('segreteria.milano', '/protocol')).body.items).toEqual([]);
    expect((await api.get('segreteria.milano', `/protocol/${year}/1`)).status).toBe(404);
    for (const path of ['/protocol', `/protocol/${year}/1`, '/protocol/days', `/protocol/days/${yesterday}`, `/cases/${caseId}/protocol`]) {
      for (const username of ['admin', 'famiglia.rossi']) expect([path, username, (await api.get(username, path)).status]).toEqual([path, username, 403]);
      expect((await api.get(null, path)).status).toBe(401);
    }
  });

  it('of a case are those of the reader’s register', async () => {
    expect((await api.get('segreteria.bari', `/cases/${caseId}/protocol`)).body).toMatchObject({ items: [{ number: '0000006', direction: 'interno' }, { number: '0000007', direction: 'entrata' }], next: null });
    expect((await api.get('polo.puglia', `/cases/${caseId}/protocol`)).body.items).toMatchObject([{ number: '0000001', direction: 'uscita' }]);
    expect((await api.get('segreteria.milano', `/cases/${caseId}/protocol`)).status).toBe(404);
  });

  it.each([`/protocol/${year}/99`, `/protocol/${year - 1}/1`])('%s is not there', async path => { expect((await api.get('segreteria.bari', path)).status).toBe(404); });
  it.each(['/protocol/26/1', `/protocol/${year}/x`, '/protocol/days/oggi', '/protocol/days/2026-02-30'])('%s cannot be', async path => { expect((await api.get('segreteria.bari', path)).status).toBe(400); });
});

describe('the days', () => {
  const key = generateKeyPairSync('ed25519').privateKey;
  beforeAll(async () => { await sealDays({ pool: api.composed.api.pools.workerCommit, key, day: yesterday, render: renderPdf, log: { info() {}, warn() {}, error() {} } }); });

  it('that are sealed are listed, the newest first, in pages', async () => {
    const { body } = await api.get('usr.puglia', '/protocol/days?limit=2');
    expect(body.items.map(({ day, entries, first, href }: any) => [day, entries, first, href])).toEqual([[yesterday, 0, null, `/api/v1/protocol/days/${yesterday}`], [addDays(today, -2), 0, null, `/api/v1/protocol/days/${addDays(today, -2)}`]]);
    const next = (await api.get('usr.puglia', `/protocol/days?limit=2&cursor=${body.next}`)).body;
    expect([next.items.map(({ day, entries, first, previous }: any) => [day, entries, first, previous]), next.next]).toEqual([[[addDays(today, -3), 1, '0000001', null]], null]);
    expect(body.items[1].previous).toBe(next.items[0].sha256);
  });

  it('are PDFs whose digest is their ETag', async () => {
    const { body: { items: [day] } } = await api.get('usr.puglia', '/protocol/days');
    const response = await fetch(`${api.base}${day.href}`, { headers: { authorization: `Bearer ${await api.newToken('usr.puglia')}` } });
    const bytes = Buffer.from(await response.arrayBuffer());
    expect([response.status, response.headers.get('content-type'), response.headers.get('etag')]).toEqual([200, 'application/pdf', `"${day.sha256}"`]);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(day.sha256);
  });

  it('that are not over, or of another office, are not there', async () => {
    for (const [username, day] of [['usr.puglia', today], ['usr.puglia', addDays(today, -4)], ['polo.puglia', yesterday]] as const) expect((await api.get(username, `/protocol/days/${day}`)).status).toBe(404);
  });
});
