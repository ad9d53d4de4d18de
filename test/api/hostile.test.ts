/** What strangers and broken programs send: every one of these has an answer of the table, and none breaks the server. */
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { newRichiesta, startTestApi, type TestApi } from './harness.ts';

let api: TestApi, id: string, token: string;
beforeAll(async () => {
  api = await startTestApi();
  ({ id } = await newRichiesta(api));
  token = await api.newToken('segreteria.bari');
});
afterAll(async () => { await api.stop(); });

/** A request as bytes; the answer's status and code. */
function send(bytes: string | Buffer, options: { more?: (Buffer | string)[]; end?: boolean } = {}): Promise<{ status: number; text: string; closed: boolean }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(api.base);
    const socket = connect(Number(port), hostname);
    let text = '';
    const done = (closed: boolean) => { clearTimeout(timer); socket.destroy(); resolve({ status: Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1] ?? 0), text, closed }); };
    const timer = setTimeout(() => done(false), 8_000);
    socket.on('data', data => { text += data.toString('utf8'); if (!options.more && /\r\n\r\n[\s\S]+/.test(text)) done(false); });
    socket.on('close', () => done(true));
    socket.on('error', error => { if (text === '') reject(error); });
    socket.write(bytes);
    for (const chunk of options.more ?? []) socket.write(chunk);
    if (options.end) socket.end();
  });
}
const head = (length: number, more = '') => `POST /api/v1/cases/${id}/commands/completa HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n${more}Content-Length: ${length}\r\n\r\n`;
const sendBody = (body: string | Buffer, more?: string) => send(Buffer.concat([Buffer.from(head(Buffer.byteLength(body), more)), Buffer.from(body)]));

describe('bodies', () => {
  const deep = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  it.each([
    ['no JSON', '{"ore": ', 400], ['not even text', 'ciao', 400], ['a lone surrogate', '{"oggetto":"\\ud800"}', 400], ['U+0000', '{"oggetto":"a\\u0000b"}', 400],
    ['a number beyond all', '{"ore":1e999}', 400], ['__proto__', '{"__proto__":{"x":1}}', 400], ['__proto__ inside', '{"oggetto":"x","a":{"__proto__":1}}', 400],
    ['40 levels', deep(40), 400], ['60,000 levels', '['.repeat(60_000), 400], ['60,000 closed levels', deep(20_000), 400],
    ['constructor', '{"constructor":{"prototype":{"x":1}}}', 422], ['a list', '[]', 422], ['null', 'null', 422], ['a text', '"x"', 422], ['a number', '1', 422],
    ['40,000 wrong members', `{${Array.from({ length: 20_000 }, (_, i) => `"k${i}":1`).join(',')}}`, 422],
    ['a byte order mark', '\ufeff{"ore":1}', 400], ['two documents', '{"ore":1}{"ore":2}', 400],
  ])('answers %s', async (_what, body, status) => {
    const answer = await sendBody(body);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain('application/problem+json');
    expect(({} as any).x).toBeUndefined();
  });

  it('refuses bytes that are not UTF-8', async () => {
    expect((await sendBody(Buffer.from([...Buffer.from('{"oggetto":"'), 0xc3, 0x28, ...Buffer.from('"}')]))).status).toBe(400);
    expect((await sendBody(Buffer.from('{"oggetto":"é"}', 'latin1'))).status).toBe(400);
  });

  it('refuses what is too large, told beforehand or not, and closes the connection', async () => {
    const large = JSON.stringify({ oggetto: 'x'.repeat(300 * 1024) });
    const told = await send(head(large.length), { more: [large] });
    expect([told.status, told.closed]).toEqual([413, true]);
    const chunk = Buffer.from(`10000\r\n${'x'.repeat(0x10000)}\r\n`);
    const chunked = await send(head(0).replace('Content-Length: 0', 'Transfer-Encoding: chunked'), { more: [...Array(6).fill(chunk), '0\r\n\r\n'] });
    expect([chunked.status, chunked.closed]).toEqual([413, true]);
    // The body never comes: the answer does.
    const never = await send(head(10_000_000), { more: [] });
    expect([never.status, never.closed]).toEqual([413, true]);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1', 'multipart/form-data; boundary=x', 'application/jsonp'])('refuses %s with 400', async type => {
    const answer = await api.call('segreteria.bari', `/cases/${id}/commands/completa`, { method: 'POST', raw: '{"ore":1}', headers: { 'content-type': type } });
    expect([answer.status, answer.body.code]).toEqual([400, 'malformed']);
  });

  it('takes JSON by its other names, and no body as an empty one', async () => {
    for (const type of ['application/json', 'application/json; charset=UTF-8', 'application/json;charset="utf-8"', 'application/merge-patch+json']) {
      expect([type, (await api.call('segreteria.bari', `/cases/${id}/commands/completa`, { method: 'POST', raw: '{"ore":1}', headers: { 'content-type': type } })).status]).toEqual([type, 200]);
    }
    expect((await api.call('segreteria.bari', `/cases/${(await newRichiesta(api)).id}/commands/presenta`, { method: 'POST' })).status).toBe(200);
  });

  it('refuses a compressed body', async () => {
    expect((await api.call('segreteria.bari', `/cases/${id}/commands/completa`, { method: 'POST', raw: 'xx', headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' } })).status).toBe(400);
  });

  it('tells a few of many errors', async () => {
    const answer = await api.post('segreteria.bari', `/cases/${id}/commands/completa`, Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`k${i}`, 1])));
    expect([answer.status, answer.body.errors.length]).toEqual([422, 20]);
  });
});

describe('addresses', () => {
  it.each(['/nulla', '/cases/x', '/cases/x/history', `/cases/${'0'.repeat(36)}`, '/cases/00000000-0000-4000-8000-000000000000', '/processes/nessuno', '/processes/__proto__', '/schools/XXXX', '/incidents/../me/x'])('does not know %s', async path => {
    const answer = await api.get('segreteria.bari', path);
    expect([answer.status, answer.body.code]).toEqual([404, 'not-found']);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  it('does not know other methods', async () => {
    for (const [method, path] of [['DELETE', `/cases/${id}`], ['PUT', '/cases'], ['PATCH', '/me'], ['POST', '/me'], ['GET', `/cases/${id}/commands/completa`]]) {
      expect([method, path, (await api.call('segreteria.bari', path!, { method: method! })).status]).toEqual([method, path, 404]);
    }
  });

  it('refuses a path that cannot be decoded', async () => {
    const answer = await send(`GET /api/v1/cases/%ff HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    expect(answer.status).toBe(400);
    expect(answer.text).toContain('application/problem+json');
  });

  it('answers no more than its own pages outside the API', async () => {
    expect((await api.get(null, '//')).body).toMatchObject({ documentation: '/docs', openapi: '/api/v1/openapi.json' });
    expect((await api.get(null, '//', { accept: 'text/html' })).text).toContain('href="/docs"');
    expect((await api.get(null, '//.env')).status).toBe(404);
    expect((await api.get(null, '//problems/invalid')).body).toMatchObject({ code: 'invalid', status: 422 });
  });

  it('tells the path of the request in a problem, without its query', async () => {
    expect((await api.get('segreteria.bari', '/cases?cursor=x&q=Rossi')).body).toMatchObject({ status: 400, instance: '/api/v1/cases', type: '/problems/malformed' });
  });
});

describe('connections', () => {
  it('says little about itself', async () => {
    const { headers } = await api.get('segreteria.bari', '/me');
    expect(headers.get('x-powered-by')).toBeNull();
    expect([headers.get('cache-control'), headers.get('x-content-type-options')]).toEqual(['no-store', 'nosniff']);
  });

  it('survives a client that goes away in the middle of its body', async () => {
    await new Promise<void>(resolve => {
      const { hostname, port } = new URL(api.base);
      const socket = connect(Number(port), hostname, () => { socket.write(`${head(1_000)}{"ore":`); setTimeout(() => { socket.destroy(); resolve(); }, 100); });
    });
    expect((await api.get('segreteria.bari', '/me')).status).toBe(200);
  });
});
