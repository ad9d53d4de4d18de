/** Files: what is taken, what is refused and how, and who may read them. */
import { createHash, randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { simplePdf } from '../../worker/demo/pdf.ts';
import { newRichiesta, pdfForm, startTestApi, submitted, type TestApi } from './harness.ts';

const PNG = Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082', 'hex');
const JPEG = Buffer.concat([Buffer.from('ffd8ffe000104a46494600010100000100010000ffc0001108000800080301220002110103110100', 'hex'), Buffer.alloc(50), Buffer.from('ffd9', 'hex')]);
const PDF = simplePdf('Certificato', ['Assenza di 40 giorni']);
const ZIP = Buffer.from('504b0304140000000000000000000000000000000000000000000100000061', 'hex');
const EXE = Buffer.concat([Buffer.from('4d5a90000300000004000000ffff0000', 'hex'), Buffer.alloc(100)]);
const MIB = 1024 * 1024;

let api: TestApi, id: string;
beforeAll(async () => {
  api = await startTestApi();
  ({ id } = await submitted(api));
});
afterAll(async () => { await api.stop(); });

const attach = (form: FormData, { username = 'segreteria.bari', caseId = id, headers = {} }: { username?: string; caseId?: string; headers?: Record<string, string> } = {}) => api.call(username, `/cases/${caseId}/attachments`, { method: 'POST', raw: form, headers });

describe('uploading', () => {
  it.each([['application/pdf', 'certificato.pdf', PDF], ['image/png', 'foto.png', PNG], ['image/jpeg', 'foto.JPG', JPEG], ['image/jpeg', 'senza estensione', JPEG]])('takes %s', async (mediaType, name, content) => {
    const answer = await attach(pdfForm('certificato', { name, content }));
    const bytes = Buffer.from(content as never);
    expect([answer.status, answer.body]).toEqual([201, { id: expect.any(String), kind: 'certificato', name, mediaType, size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') }]);
    const page = (await api.get('segreteria.bari', `/cases/${id}`)).body;
    expect(page.documents.find((document: any) => document.id === answer.body.id)).toMatchObject({ label: 'Certificato', name, frozen: false });
    const entry = (await api.get('segreteria.bari', `/cases/${id}/history`)).body.items.at(-1);
    expect(entry).toMatchObject({ kind: 'attachment', name: 'certificato', payload: { sha256: answer.body.sha256 } });
    const read = await fetch(`${api.base}${answer.headers.get('location')}`, { headers: { authorization: `Bearer ${await api.newToken('segreteria.bari')}` } });
    expect(Buffer.from(await read.arrayBuffer()).equals(bytes)).toBe(true);
    expect([read.headers.get('content-type'), read.headers.get('content-security-policy')]).toEqual([mediaType, `default-src 'none'; sandbox`]);
  });

  it.each<[string, number, () => FormData]>([
    ['a program', 415, () => pdfForm('certificato', { name: 'certificato.exe', content: EXE })],
    ['a program that is named .pdf', 415, () => pdfForm('certificato', { content: EXE })],
    ['an archive', 415, () => pdfForm('certificato', { content: ZIP })],
    ['a picture that is named .pdf', 415, () => pdfForm('certificato', { content: PNG })],
    ['a PDF that is named .png', 415, () => pdfForm('certificato', { name: 'x.png' })],
    ['a page of HTML', 415, () => pdfForm('certificato', { name: 'x.pdf', content: '<html><script>alert(1)</script></html>' })],
    ['text', 415, () => pdfForm('certificato', { content: 'Luca Rossi' })],
    ['random bytes', 415, () => pdfForm('certificato', { content: randomBytes(5_000) })],
    ['an empty file', 422, () => pdfForm('certificato', { content: '' })],
    ['no file', 422, () => { const form = new FormData(); form.set('kind', 'certificato'); return form; }],
    ['no kind', 422, () => pdfForm(null)],
    ['two kinds', 422, () => pdfForm('certificato', { more: { kind: 'nota' } })],
    ['an unknown kind', 422, () => pdfForm('altro')],
    ['a kind that is a member of every object', 422, () => pdfForm('constructor')],
    ['another part', 422, () => pdfForm('certificato', { more: { nota: 'x' } })],
    ['the file under another name', 422, () => pdfForm('certificato', { field: 'documento' })],
    ['two files', 422, () => { const form = pdfForm('certificato'); form.append('file', new Blob(['%PDF-1.7']), 'due.pdf'); return form; }],
    ['many parts', 422, () => { const form = pdfForm('certificato'); for (let i = 0; i < 50; i += 1) form.append(`p${i}`, 'x'); return form; }],
    ['more than 5 MiB', 413, () => pdfForm('certificato', { content: Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(5 * MIB)]) })],
  ])('refuses %s with %i', async (_what, status, form) => {
    const answer = await attach(form());
    expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'application/problem+json']);
  });

  it('takes exactly 5 MiB', async () => {
    const answer = await attach(pdfForm('nota', { content: Buffer.concat([PDF, Buffer.alloc(5 * MIB - PDF.length)]) }));
    expect([answer.status, answer.body.size]).toEqual([201, 5 * MIB]);
  });

  it('refuses what is no form', async () => {
    for (const [type, raw] of [['application/json', '{}'], ['multipart/form-data', 'x'], ['multipart/form-data; boundary=abc', 'nothing'], ['multipart/form-data; boundary=abc', '--abc\r\ncontent-disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7 cut off']] as const) {
      const answer = await api.call('segreteria.bari', `/cases/${id}/attachments`, { method: 'POST', raw, headers: { 'content-type': type } });
      expect([type, raw, answer.status, answer.body.code]).toEqual([type, raw, 400, 'malformed']);
    }
  });

  it('ends the connection of an upload that never ends', async () => {
    const token = await api.newToken('segreteria.bari');
    const { hostname, port } = new URL(api.base);
    const began = performance.now();
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), hostname);
      let answer = '';
      socket.on('data', data => { answer += data.toString(); });
      socket.on('close', () => { clearInterval(dripping); resolve(answer); });
      socket.on('error', error => { if (answer === '') reject(error); });
      socket.write(`POST /api/v1/cases/${id}/attachments HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: multipart/form-data; boundary=abc\r\nTransfer-Encoding: chunked\r\n\r\n`);
      const part = (bytes: Buffer) => { socket.write(Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')])); };
      part(Buffer.from('--abc\r\ncontent-disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7\n'));
      const dripping = setInterval(() => part(Buffer.alloc(MIB)), 20);
    });
    expect(text).toMatch(/^HTTP\/1\.1 413 /);
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('keeps of a name only what people see', async () => {
    for (const [name, kept] of [['../../etc/passwd.pdf', 'passwd.pdf'], ['C:\\temp\\modulo.pdf', 'modulo.pdf'], ['a\u202efdp.pdf', 'afdp.pdf'], [`${'è'.repeat(300)}.pdf`, `${'è'.repeat(146)}.pdf`], ['..', 'senza-nome']] as const) {
      expect((await attach(pdfForm('nota', { name }))).body.name).toBe(kept);
    }
  });

  it('is once per key, and a key is one file', async () => {
    const headers = { 'idempotency-key': 'file-1' };
    const first = await attach(pdfForm('nota'), { headers }), again = await attach(pdfForm('nota'), { headers });
    expect([again.status, again.body]).toEqual([201, first.body]);
    for (const form of [pdfForm('certificato'), pdfForm('nota', { content: simplePdf('Altro', []) })]) {
      const other = await attach(form, { headers });
      expect([other.status, other.body.code]).toEqual([422, 'idempotency-key-reused']);
    }
    expect((await api.get('segreteria.bari', `/cases/${id}/history`)).body.items.filter(({ payload }: any) => payload?.id === first.body.id)).toHaveLength(1);
  });

  it('is for the roles of the kind, on a case that they see', async () => {
    expect((await attach(pdfForm('certificato'), { username: 'famiglia.rossi' })).status).toBe(201);
    expect((await attach(pdfForm('nota'), { username: 'famiglia.rossi' })).status).toBe(403);
    expect((await attach(pdfForm('nota'), { username: 'segreteria.milano' })).status).toBe(404);
    expect((await attach(pdfForm('nota'), { caseId: 'x' })).status).toBe(404);
  });
});

describe('reading', () => {
  it('is for who may see the kind, and is recorded', async () => {
    const { id: caseId } = await submitted(api);
    const { body: file } = await attach(pdfForm('certificato'), { caseId });
    const path = `/cases/${caseId}/documents/${file.id}`;
    expect((await api.get('famiglia.rossi', path, { 'iter-reason': 'Controllo' })).status).toBe(200);
    // The USR does not see what a certificate says (the diagnosis), nor the certificate.
    expect((await api.get('usr.puglia', path)).status).toBe(403);
    expect((await api.get('usr.puglia', `/cases/${caseId}`)).body.documents).toEqual([]);
    expect((await api.get('segreteria.milano', path)).status).toBe(404);
    expect((await api.get('segreteria.bari', `/cases/${caseId}/documents/nessuno`)).status).toBe(404);
    expect((await api.get('segreteria.bari', `/cases/${(await newRichiesta(api)).id}/documents/${file.id}`)).status).toBe(404);
    const log = (await api.get('segreteria.bari', `/cases/${caseId}/access-log`)).body.items;
    expect(log.filter(({ fields }: any) => fields.includes('certificato'))).toMatchObject([{ name: 'Giulia Rossi', role: 'genitore', organisation: null, reason: 'Controllo', labels: ['Certificato'] }]);
  });

  it('gives the name as it is, in ASCII for old programs', async () => {
    const { body: file } = await attach(pdfForm('nota', { name: 'perché "no".pdf' }));
    const { headers } = await api.get('segreteria.bari', `/cases/${id}/documents/${file.id}`);
    expect(headers.get('content-disposition')).toBe(`attachment; filename="perche _no_.pdf"; filename*=UTF-8''perch%C3%A9%20%22no%22.pdf`);
  });

  it('finds it frozen once a command has used it', async () => {
    const { id: caseId } = await submitted(api);
    const { body: file } = await attach(pdfForm('certificato', { name: 'x.pdf', content: simplePdf('x', []) }), { caseId });
    const answer = await api.post('segreteria.bari', `/cases/${caseId}/commands/documenta`);
    expect([answer.status, answer.body.documents]).toMatchObject([200, [{ id: file.id, frozen: true }]]);
    // A frozen file serves no second command.
    expect((await api.post('segreteria.bari', `/cases/${caseId}/commands/documenta`)).status).toBe(422);
  });
});
