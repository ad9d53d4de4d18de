/** Documents that the engine makes: who sees them, from when on, and who is recorded as their reader. */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { corrispondenza } from '../toys/corrispondenza.ts';
import { BARI, POLO, startTestApi, type TestApi } from './harness.ts';
import { performEffects } from './performEffects.ts';

let api: TestApi, id: string;
beforeAll(async () => {
  api = await startTestApi({ plugins: [corrispondenza] });
  ({ body: { id } } = await api.post('segreteria.bari', '/processes/corrispondenza/cases', { data: { alunno: 'Luca Segreti' }, parties: { polo: POLO, famiglia: 'famiglia.rossi' } }));
});
afterAll(async () => { await api.stop(); });

const perform = (name: string) => performEffects(api, id, name);
const shown = async (username: string, profile?: string) => (await api.get(username, `/cases/${id}`, profile ? { 'iter-profile': profile } : {})).body.documents as any[];
const read = async (username: string, document: string, headers: Record<string, string> = {}) => {
  const response = await fetch(`${api.base}/api/v1/cases/${id}/documents/${document}`, { headers: { authorization: `Bearer ${await api.newToken(username)}`, ...headers } });
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) };
};

describe('a document', () => {
  it('is shown as being made from the command’s own answer on, and is not there to be read', async () => {
    const { body } = await api.post('segreteria.bari', `/cases/${id}/commands/presenta`);
    expect(body.documents).toEqual(['richiesta', 'prospetto'].map(name => ({
      id: expect.any(String), name, label: name, organisation: BARI, mediaType: 'application/pdf', protocol: null, sha256: null, size: null, madeAt: null, state: 'beingMade', href: expect.stringContaining(`/cases/${id}/documents/`),
    })));
    const answer = await api.get('segreteria.bari', `/cases/${id}/documents/${body.documents[0].id}`);
    expect([answer.status, answer.body]).toEqual([409, expect.objectContaining({ code: 'conflict', state: 'beingMade', detail: expect.stringMatching(/still being made/) })]);
  });

  it('once made, has its number, digest and size, and is read as PDF with its digest as ETag', async () => {
    await perform('inviaRichiesta');
    const [richiesta, prospetto] = await shown('segreteria.bari'), year = new Date().getFullYear();
    expect(richiesta).toMatchObject({ state: 'made', protocol: { number: '0000001', year, day: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) }, sha256: expect.stringMatching(/^[0-9a-f]{64}$/), madeAt: expect.stringMatching(/Z$/) });
    expect(prospetto.protocol).toEqual(richiesta.protocol);
    const { status, headers, bytes } = await read('polo.puglia', richiesta.id);
    expect([status, headers.get('content-type'), headers.get('etag'), headers.get('content-disposition'), headers.get('content-security-policy')]).toEqual([
      200, 'application/pdf', `"${richiesta.sha256}"`, `attachment; filename="richiesta 0000001-${year}.pdf"; filename*=UTF-8''richiesta%200000001-${year}.pdf`, `default-src 'none'; sandbox`,
    ]);
    expect([createHash('sha256').update(bytes).digest('hex'), bytes.length]).toEqual([richiesta.sha256, richiesta.size]);
  });

  it('is shown to and read by the roles that its process names, and no others', async () => {
    const documents = await shown('segreteria.bari');
    for (const [username, sees] of [['segreteria.bari', true], ['polo.puglia', true], ['docente.bari', false], ['famiglia.rossi', false]] as const) {
      expect((await shown(username)).map(({ name }) => name)).toEqual(sees ? ['richiesta', 'prospetto'] : []);
      for (const { id: document } of documents) expect((await read(username, document)).status).toBe(sees ? 200 : 403);
    }
    for (const username of ['segreteria.milano', 'admin', 'famiglia.bianchi']) for (const { id: document } of documents) expect((await read(username, document)).status).toBe(404);
    expect((await api.get(null, `/cases/${id}/documents/${documents[0].id}`)).status).toBe(401);
    await api.post('segreteria.bari', `/cases/${id}/commands/autorizza`);
    await perform('autorizzazione');
    const [answer] = await shown('famiglia.rossi');
    expect(answer).toMatchObject({ name: 'autorizzazione', organisation: POLO, state: 'made' });
    expect((await read('famiglia.rossi', answer.id)).status).toBe(200);
  });

  it('that is protected is read on record, with the reason; another is not', async () => {
    const [richiesta, prospetto] = await shown('segreteria.bari');
    const log = async () => (await api.get('segreteria.bari', `/cases/${id}/access-log`)).body.items.filter(({ fields }: any) => fields[0] === 'richiesta' || fields[0] === 'prospetto');
    const before = (await log()).length;
    await read('segreteria.bari', richiesta.id, { 'iter-reason': 'verifica della domanda' });
    await read('segreteria.bari', prospetto.id);
    const entries = await log();
    expect(entries).toHaveLength(before + 1);
    expect(entries[0]).toMatchObject({ fields: ['richiesta'], reason: 'verifica della domanda', role: 'segreteria', organisation: BARI });
  });

  it('of another case, or one that is none, is not found', async () => {
    const [richiesta] = await shown('segreteria.bari');
    const { body: other } = await api.post('segreteria.bari', '/processes/corrispondenza/cases', { parties: { polo: POLO } });
    for (const path of [`/cases/${other.id}/documents/${richiesta.id}`, `/cases/${id}/documents/${id}`, `/cases/${id}/documents/x`]) expect((await api.get('segreteria.bari', path)).status).toBe(404);
  });
});
