/** Files that nobody could read are refused in plain words, whatever they were made for; and an upload without end costs nothing. */
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { simplePdf } from '../../worker/demo/pdf.ts';
import { OWNED, PROTECTED, PROTECTED_AES_256 } from './encryptedPdfs.ts';
import { pdfForm, startTestApi, submitted, type Answer, type TestApi } from './harness.ts';

const MIB = 1024 * 1024;
let api: TestApi, id: string;
beforeAll(async () => {
  api = await startTestApi();
  ({ id } = await submitted(api));
});
afterAll(async () => { await api.stop(); });

const attach = (content: Uint8Array, name = 'certificato.pdf', headers: Record<string, string> = {}): Promise<Answer> => api.call('segreteria.bari', `/cases/${id}/attachments`, { method: 'POST', raw: pdfForm('certificato', { content, name }), headers });

/** A file of these objects (the first is the catalog), with a right table. */
function pdfOf(objects: string[], streams: (Buffer | undefined)[] = []): Buffer {
  const parts: Buffer[] = [Buffer.from('%PDF-1.7\n')], offsets: number[] = [];
  let length = parts[0]!.length;
  const put = (part: Buffer) => { parts.push(part); length += part.length; };
  objects.forEach((object, i) => {
    offsets.push(length);
    const stream = streams[i];
    put(Buffer.concat([Buffer.from(`${i + 1} 0 obj\n${object}\n`), ...(stream ? [Buffer.from('stream\n'), stream, Buffer.from('\nendstream\n')] : []), Buffer.from('endobj\n')]));
  });
  const start = length;
  put(Buffer.from(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.map(offset => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')}trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`));
  return Buffer.concat(parts);
}
const PAGE = '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>';

describe('a file that nobody could read', () => {
  const cases: [string, string, RegExp, RegExp, () => Buffer, string][] = [
    ['protected by a password', 'protected', /protetto da una password/, /protected by a password/, () => PROTECTED, 'certificato.pdf'],
    ['protected by a password, in the newest way', 'protected', /password/, /password/, () => PROTECTED_AES_256, 'certificato.pdf'],
    ['cut off', 'incomplete', /incompleto/, /its end is missing/, () => { const whole = simplePdf('Certificato', ['Assenza']); return whole.subarray(0, Math.floor(whole.length * 0.7)); }, 'certificato.pdf'],
    ['cut off after its first page', 'incomplete', /incompleto/, /incomplete/, () => pdfOf(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 2 >>', PAGE, PAGE]).subarray(0, 180), 'certificato.pdf'],
    ['a PDF in name only', 'damaged', /danneggiato/, /damaged/, () => Buffer.concat([Buffer.from('%PDF-1.7\n'), randomBytes(4_000), Buffer.from('\n%%EOF')]), 'certificato.pdf'],
    ['without pages', 'no-pages', /non ha pagine/, /no pages/, () => pdfOf(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [] /Count 0 >>']), 'certificato.pdf'],
    ['with a page that is none', 'damaged', /danneggiato/, /damaged/, () => pdfOf(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', '(niente)']), 'certificato.pdf'],
    ['a picture that was cut off', 'incomplete', /incompleto/, /incomplete/, () => Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d4944', 'hex'), 'foto.png'],
    ['a photograph that was cut off', 'incomplete', /incompleto/, /incomplete/, () => Buffer.from(`ffd8ffe000104a46494600010100000100010000ffc0001108000800080301220002110103110100${'00'.repeat(90)}`, 'hex'), 'foto.jpg'],
    ['a photograph of nothing', 'damaged', /danneggiato/, /damaged/, () => Buffer.from(`ffd8ffe000104a46494600010100000100010000${'00'.repeat(90)}ffd9`, 'hex'), 'foto.jpg'],
  ];
  it.each(cases)('is refused when it is %s', async (_what, why, it, en, make, name) => {
    const content = make();
    const italian = await attach(content, name), english = await attach(content, name, { 'accept-language': 'en' });
    expect([italian.status, italian.body.code, italian.body.why]).toEqual([422, 'invalid', why]);
    expect(italian.body.detail).toMatch(it);
    expect(english.body).toMatchObject({ detail: expect.stringMatching(en), errors: [{ pointer: '/file', message: expect.stringMatching(en) }] });
  });

  it('is not what only says that it may not be printed, holds a script, or ends in padding', async () => {
    expect((await attach(OWNED)).status).toBe(201);
    expect((await attach(Buffer.concat([simplePdf('Certificato', []), Buffer.alloc(50_000)]))).status).toBe(201);
    const script = pdfOf(['<< /Type /Catalog /Pages 2 0 R /OpenAction 4 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', PAGE, '<< /Type /Action /S /JavaScript /JS (app.alert\\(1\\)) >>']);
    const answer = await attach(script);
    expect(answer.status).toBe(201);
    const { headers } = await api.get('segreteria.bari', `/cases/${id}/documents/${answer.body.id}`);
    expect([headers.get('content-security-policy'), headers.get('content-disposition'), headers.get('x-content-type-options')]).toEqual([`default-src 'none'; sandbox`, expect.stringMatching(/^attachment/), 'nosniff']);
  });
});

describe('a file that was made to do harm', () => {
  /** Object streams are unpacked to be read: a thousandth of what they unpack to. */
  const bomb = (megabytes: number) => {
    const packed = deflateSync(Buffer.concat([Buffer.from('3 0 '), Buffer.alloc(megabytes * MIB, 0x20)]));
    return pdfOf(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>`, `<< /Length ${packed.length} /Filter /FlateDecode >>`], [undefined, undefined, undefined, packed]);
  };
  const tree = (depth: number) => pdfOf(['<< /Type /Catalog /Pages 2 0 R >>', ...Array.from({ length: depth }, (_, i) => `<< /Type /Pages /Kids [${i + 3} 0 R] /Count 1 >>`), PAGE]);
  const xrefBomb = () => {
    const packed = deflateSync(Buffer.alloc(400 * MIB));
    const head = Buffer.from('%PDF-1.7\n'), object = Buffer.from(`1 0 obj\n<< /Type /XRef /Size 300000000 /W [1 2 2] /Root 2 0 R /Length ${packed.length} /Filter /FlateDecode >>\nstream\n`);
    return Buffer.concat([head, object, packed, Buffer.from(`\nendstream\nendobj\nstartxref\n${head.length}\n%%EOF\n`)]);
  };
  it('is opened within bounds, and the next one is served', async () => {
    const loop = pdfOf(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [2 0 R] /Count 1000000 >>']);
    const deep = pdfOf([`<< /Type /Catalog /Pages 2 0 R /X ${'['.repeat(100_000)}${']'.repeat(100_000)} >>`, '<< /Type /Pages /Kids [3 0 R] /Count 1 >>', PAGE]);
    for (const [name, content] of [['loop', loop], ['deep', deep], ['tree', tree(20_000)], ['bomb', bomb(500)], ['xref', xrefBomb()]] as const) {
      expect([name, content.length < 5 * MIB]).toEqual([name, true]);
      const before = process.memoryUsage().rss;
      const { status, body } = await attach(content);
      // Taken (nothing of its pages is unpacked to open it) or refused in words; never an error of ours.
      expect([name, [201, 422].includes(status), status === 422 ? typeof body.why : 'string']).toEqual([name, true, 'string']);
      expect([name, process.memoryUsage().rss - before < 900 * MIB]).toEqual([name, true]);
      expect((await attach(simplePdf('Dopo', []))).status).toBe(201);
    }
  });

  it('does not keep out those who come at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, (_, i) => attach(i % 3 === 0 ? tree(5_000) : simplePdf(`Certificato ${i}`, []))));
    expect(answers.filter((_answer, i) => i % 3 !== 0).map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201));
  });
});

describe('an upload of two gigabytes', () => {
  const SIZE = 2 * 1024 * MIB;
  /** Sends a form of that length from a generator for as long as anybody reads it; answers the status and what was sent. */
  async function upload(headers: Record<string, string | number>): Promise<{ status: number; sent: number }> {
    const token = await api.newToken('segreteria.bari'), { hostname, port } = new URL(api.base);
    return await new Promise((resolve, reject) => {
      let sent = 0, over = false;
      const outgoing = request({ hostname, port, method: 'POST', path: `/api/v1/cases/${id}/attachments`, headers: { authorization: `Bearer ${token}`, 'content-type': 'multipart/form-data; boundary=abc', ...headers } });
      outgoing.on('response', response => { over = true; response.resume(); response.on('end', () => { outgoing.destroy(); resolve({ status: response.statusCode!, sent }); }); });
      outgoing.on('error', error => { if (!over) reject(error); });
      const chunk = Buffer.alloc(MIB, 'x');
      const more = () => {
        while (!over && sent < SIZE) {
          sent += chunk.length;
          if (!outgoing.write(chunk)) { outgoing.once('drain', more); return; }
        }
        if (!over) outgoing.end();
      };
      outgoing.write('--abc\r\ncontent-disposition: form-data; name="kind"\r\n\r\ncertificato\r\n--abc\r\ncontent-disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7\n');
      more();
    });
  }

  it.each<[string, Record<string, string | number>]>([
    ['that says so', { 'content-length': SIZE + 10_000 }],
    ['that does not say how long it is', { 'transfer-encoding': 'chunked' }],
    ['that says that it is longer still', { 'content-length': Number.MAX_SAFE_INTEGER }],
  ])('%s is refused early, and leaves no trace in memory', async (_what, headers) => {
    const before = process.memoryUsage().rss;
    const { status, sent } = await upload(headers);
    expect(status).toBe(413);
    // What the sockets of both sides hold, and what is read for a moment so that the answer arrives.
    expect(sent).toBeLessThan(SIZE);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * MIB);
    expect((await api.get('segreteria.bari', '/me')).status).toBe(200);
  });

  it('that says that it is short ends where it said', async () => {
    const result = await upload({ 'content-length': 1_000 }).catch((error: { code?: string }) => ({ status: 400, sent: 0, code: error.code }));
    expect([400, 413]).toContain(result.status);
    expect((await api.get('segreteria.bari', '/me')).status).toBe(200);
  });
});
