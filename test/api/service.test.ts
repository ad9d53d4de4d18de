/** The API as a service: health, metrics, documentation, and what happens when PostgreSQL is away or the program is told to stop. */
import { createServer, connect, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { pino } from 'pino';
import { buildOpenApi } from '../../api/openapi.ts';
import { composeApi, serve } from '../../api/server.ts';
import { createProcesses } from '../../engine/processes.ts';
import { plugins } from '../../plugins/registry.ts';
import { richiesta } from '../toys/richiesta.ts';
import { MASTER_KEY, newRichiesta, pdfForm, startTestApi, submitted, type TestApi } from './harness.ts';

let api: TestApi;
beforeAll(async () => { api = await startTestApi({ plugins: [...plugins, richiesta] }); });
afterAll(async () => { await api.stop(); });

/** Reads the schemas of OpenAPI 3.1, which are those of JSON Schema 2020-12. */
async function schemaReader(): Promise<any> {
  const { default: Ajv } = await import('ajv/dist/2020.js') as any, addFormats = (await import('ajv-formats') as any).default;
  const ajv = new Ajv({ strict: false });
  (addFormats.default ?? addFormats)(ajv);
  return ajv;
}

describe('health', () => {
  it('is told without a token, at the root and beside the API', async () => {
    for (const path of ['//healthz', '/healthz']) expect((await api.get(null, path)).body).toEqual({ status: 'ok' });
    for (const path of ['//readyz', '/readyz']) {
      const { status, body } = await api.get(null, path);
      expect([status, body]).toMatchObject([200, { status: 'ready', postgresql: 'up', temporal: { state: 'unknown' }, worker: 'keeping-up', agenda: { openIncidents: 0 } }]);
    }
  });

  it('tells the age of what nobody serves', async () => {
    const { id } = await submitted(api);
    await api.db.query(`insert into agenda (id, case_id, kind, name, generation, mode, does, due_at) values (gen_random_uuid(), $1, 'effect', 'x', 1, 'owed', 'message', now() - interval '1 hour')`, [id]);
    const { status, body } = await api.get(null, '//readyz');
    expect([status, body.worker, body.agenda.oldestDueSeconds >= 3_599]).toEqual([200, 'behind', true]);
    await api.db.query(`delete from agenda where name = 'x'`);
  });
});

describe('metrics', () => {
  it('count commands, refusals and answers by route, and name nobody', async () => {
    const { id } = await submitted(api);
    await api.post('segreteria.bari', `/cases/${id}/commands/completa`, { ore: 1 });
    await api.get('segreteria.bari', '/cases?q=Rossi');
    const { text } = await api.get(null, '//metrics');
    expect(text).toContain('iter_events_total{what="command",process="richiesta",detail="presenta"}');
    expect(text).toContain('iter_events_total{what="refusal",process="richiesta",detail="command-not-allowed"} 1');
    expect(text).toContain('iter_http_problems_total{code="command-not-allowed"} 1');
    expect(text).toMatch(/iter_http_request_duration_seconds_count\{method="POST",route="\/cases\/:id\/commands\/:command",status="200"\} \d/);
    expect(text).toContain('iter_incidents_open 0');
    expect(text).toMatch(/iter_pool_connections\{pool="commit",state="idle"\} \d/);
    for (const secret of [id, 'Rossi', 'segreteria.bari', 'BAIC818001']) expect(text).not.toContain(secret);
  });
});

describe('the OpenAPI document', () => {
  it('is valid, and names every command of every process', async () => {
    const { status, body } = await api.get(null, '/openapi.json');
    expect(status).toBe(200);
    const validation = await new Validator().validate(structuredClone(body));
    expect(validation.errors ?? []).toEqual([]);
    expect(validation.valid).toBe(true);
    expect(body.openapi).toMatch(/^3\.1\./);
    for (const plugin of [...plugins, richiesta]) {
      for (const [name, { hidden, by }] of Object.entries(plugin.commands)) expect([name, Object.hasOwn(body.paths, `/cases/{id}/commands/${name}`)]).toEqual([name, !hidden && by.length > 0]);
      expect(Object.hasOwn(body.paths, `/processes/${plugin.process}/cases`)).toBe(plugin.create.by.length > 0);
    }
    const operations = Object.values<any>(body.paths).flatMap(path => Object.values<any>(path));
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
    // Every reference leads somewhere.
    for (const [, name] of JSON.stringify(body).matchAll(/"#\/components\/(?:schemas|parameters)\/([^"]+)"/g)) expect(body.components.schemas[name!] ?? body.components.parameters[name!]).toBeDefined();
  });

  it('gives examples that its own schemas take, for the beginnings and commands of a school and its families', async () => {
    const { body } = await api.get(null, '/openapi.json'), ajv = await schemaReader(), taken: string[] = [];
    const walk = (node: any, path: string): void => {
      if (node === null || typeof node !== 'object') return;
      if (Array.isArray(node.examples) && !path.endsWith('/properties')) for (const example of node.examples) {
        const validate = ajv.compile(node);
        validate(example);
        expect([path, validate.errors ?? []]).toEqual([path, []]);
        taken.push(path);
      }
      for (const [name, child] of Object.entries(node)) if (name !== 'examples') walk(child, `${path}/${name}`);
    };
    walk(body, '');
    for (const place of ['DisponibilitaNew', 'ColloquioNew', 'ComunicazioneScrivi', 'ComunicazioneIndirizza', 'GiustificazioneGiustifica', '/me/contacts', '/me/calendar', '/imports/{name}/mapping', '/imports/{name}/post', '/families/imports']) expect([place, taken.some(path => path.includes(place))]).toEqual([place, true]);
  });

  it('is the same for the same processes', () => {
    const build = () => JSON.stringify(buildOpenApi(createProcesses([richiesta, ...plugins])));
    expect(build()).toBe(build());
    expect(JSON.stringify(buildOpenApi(createProcesses([...plugins, richiesta])))).toBe(build());
  });

  it('describes what is really answered', async () => {
    const document = (await api.get(null, '/openapi.json')).body;
    const ajv = await schemaReader();
    ajv.addSchema({ $id: 'openapi', ...document });
    const check = (path: string, method: string, { status, body }: { status: number; body: unknown }) => {
      const response = document.paths[path][method].responses[status];
      const [type] = Object.keys(response.content);
      const pointer = ['paths', path, method, 'responses', String(status), 'content', type!, 'schema'].map(part => part.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')).join('/');
      const validate = ajv.compile({ $ref: `openapi#/${pointer}` });
      validate(body);
      expect([method, path, validate.errors ?? []]).toEqual([method, path, []]);
    };
    const created = await api.post('segreteria.bari', '/processes/richiesta/cases', { data: { oggetto: 'x', alunno: 'y', diagnosi: 'z', ore: 1 }, parties: { polo: 'POLOPUGLIA' } });
    check('/processes/richiesta/cases', 'post', created);
    const { id } = created.body;
    check('/cases/{id}/commands/presenta', 'post', await api.post('segreteria.bari', `/cases/${id}/commands/presenta`));
    check('/cases/{id}/commands/presenta', 'post', await api.post('segreteria.bari', `/cases/${id}/commands/presenta`));
    check('/cases/{id}/attachments', 'post', await api.call('segreteria.bari', `/cases/${id}/attachments`, { method: 'POST', raw: pdfForm('nota') }));
    for (const [path, real = path] of [
      ['/cases/{id}', `/cases/${id}`], ['/cases'], ['/processes'], ['/processes/{process}', '/processes/istruzione-domiciliare'], ['/cases/{id}/history', `/cases/${id}/history`],
      ['/cases/{id}/history/verification', `/cases/${id}/history/verification`], ['/cases/{id}/history/export', `/cases/${id}/history/export`], ['/cases/{id}/access-log', `/cases/${id}/access-log`],
      ['/parameters'], ['/parameters/{name}', '/parameters/tettoOre'], ['/me'], ['/schools', '/schools?q=bari'], ['/schools/{code}', '/schools/BAIC818001'],
    ] as [string, string?][]) check(path, 'get', await api.get('segreteria.bari', real));
    check('/incidents', 'get', await api.get('admin', '/incidents'));
    check('/cases/{id}', 'get', await api.get('segreteria.milano', `/cases/${id}`));
    const proposed = await api.call('admin', '/parameters/tettoOre', { method: 'PUT', body: { value: { ore: 20.5, dal: '2025-09-01' }, from: '2020-01-01', reason: 'uguale' } });
    check('/parameters/{name}', 'put', proposed);
    check('/parameters/proposals', 'get', await api.get('admin', '/parameters/proposals'));
    check('/parameters/proposals/{id}', 'get', await api.get('admin', `/parameters/proposals/${proposed.body.id}`));
    check('/parameters/proposals/{id}/approve', 'post', await api.post('admin', `/parameters/proposals/${proposed.body.id}/approve`));
    check('/me/profile', 'put', await api.call('segreteria.bari', '/me/profile', { method: 'PUT', body: { profile: null } }));
  });
});

describe('the documentation', () => {
  it('is served by this program alone', async () => {
    const page = await api.get(null, '//docs');
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    expect(page.text).toContain('src="/docs/scalar.js"');
    expect(page.text).toContain('/api/v1/openapi.json');
    // No address of another host is loaded, and the policy would not let it.
    expect(page.text.match(/(?:src|href)="[^"]*"/g)).toEqual(['src="/docs/scalar.js"']);
    expect(page.headers.get('content-security-policy')).toMatch(/default-src 'none'.*connect-src 'self'/);
    const nonce = /nonce-([^']+)'/.exec(page.headers.get('content-security-policy')!)![1]!;
    expect(page.text.split('<script').slice(1).every(tag => tag.includes(`nonce="${nonce}"`))).toBe(true);
  });

  it('brings its script along, compressed', async () => {
    const script = await api.get(null, '//docs/scalar.js', { 'accept-encoding': 'gzip' });
    expect([script.status, script.headers.get('content-encoding')]).toEqual([200, 'gzip']);
    expect(script.text).toContain('createApiReference');
  });
});

describe('processes', () => {
  it('tell what a form needs, in the language asked for', async () => {
    const { body } = await api.get('segreteria.bari', '/processes/richiesta');
    expect(body).toMatchObject({ process: 'richiesta', version: 1, label: 'Richiesta' });
    expect(body.states).toEqual(expect.arrayContaining([{ name: 'bozza', label: 'Bozza', draft: true, final: false }, { name: 'chiusa', label: 'Chiusa', draft: false, final: true }]));
    expect(body.commands.find(({ name }: any) => name === 'documenta')).toMatchObject({ roles: [{ role: 'segreteria', label: 'Segreteria', party: 'scuola' }, { role: 'genitore', label: 'Genitore', party: 'famiglia' }], attachments: [['certificato']] });
    expect(body.diagram).toMatch(/^stateDiagram-v2\n/);
    expect((await api.get('segreteria.bari', '/processes/richiesta', { 'accept-language': 'en' })).body.states[0].label).toBe('Draft');
    expect((await api.get('segreteria.bari', '/processes')).body.items.map(({ process }: any) => process)).toEqual(['colloquio', 'comunicazione', 'disponibilita', 'fondo-istruzione-domiciliare', 'giustificazione', 'istruzione-domiciliare', 'richiesta']);
  });
});

describe('without PostgreSQL', () => {
  it('commands and reads are answered 503 with Retry-After, health tells it, and it comes back by itself', async () => {
    const proxy = await startProxy(api.database.url);
    const composed = composeApi({ databaseUrl: proxy.url, masterKey: MASTER_KEY, plugins: [richiesta], settings: { rateLimitPerMinute: 0, trustProxy: false }, log: pino({ level: 'silent' }), poolSizes: { read: 2, commit: 2, worker: 1 } });
    const running = await serve(composed, '127.0.0.1', 0);
    const token = await api.newToken('segreteria.bari');
    const call = async (method: string, path: string, key = 'x') => {
      const response = await fetch(`http://127.0.0.1:${running.port}${path}`, { method, headers: { authorization: `Bearer ${token}`, 'idempotency-key': key } });
      return { status: response.status, retry: response.headers.get('retry-after'), body: await response.json() as any };
    };
    try {
      const { id } = await newRichiesta(api);
      expect((await call('GET', `/api/v1/cases/${id}`)).status).toBe(200);
      proxy.cut();
      // The token is still remembered: what fails is the work itself.
      expect(await call('POST', `/api/v1/cases/${id}/commands/presenta`)).toMatchObject({ status: 503, retry: '2', body: { code: 'unavailable' } });
      expect(await call('GET', `/api/v1/cases/${id}`)).toMatchObject({ status: 503, body: { code: 'unavailable' } });
      expect(await call('GET', '/api/v1/cases')).toMatchObject({ status: 503, body: { code: 'unavailable' } });
      expect((await call('GET', '/healthz')).status).toBe(200);
      expect(await call('GET', '/readyz')).toMatchObject({ status: 503, retry: '2', body: { status: 'unavailable', postgresql: 'down' } });
      await new Promise(resolve => setTimeout(resolve, 3_100));
      expect(await call('GET', '/api/v1/me')).toMatchObject({ status: 503 });
      proxy.mend();
      expect((await call('GET', '/readyz')).status).toBe(200);
      expect(await call('POST', `/api/v1/cases/${id}/commands/presenta`)).toMatchObject({ status: 200, body: { committedVersion: 2 } });
      expect(await call('POST', `/api/v1/cases/${id}/commands/presenta`)).toMatchObject({ status: 200, body: { committedVersion: 2, repeated: true } });
    } finally {
      await running.stop();
      proxy.close();
    }
  });
});

describe('stopping', () => {
  it('answers what is under way, takes nothing new and says so', async () => {
    const composed = composeApi({ databaseUrl: api.database.url, masterKey: MASTER_KEY, plugins: [richiesta], settings: { rateLimitPerMinute: 0, trustProxy: false }, log: pino({ level: 'silent' }), poolSizes: { read: 2, commit: 2, worker: 1 } });
    const running = await serve(composed, '127.0.0.1', 0);
    const token = await api.newToken('segreteria.bari');
    const { id } = await newRichiesta(api);
    await api.db.query('begin');
    await api.db.query('select 1 from cases where id = $1 for update', [id]);
    const underWay = fetch(`http://127.0.0.1:${running.port}/api/v1/cases/${id}/commands/presenta`, { method: 'POST', headers: { authorization: `Bearer ${token}` } });
    await new Promise(resolve => setTimeout(resolve, 300));
    const stopped = running.stop();
    await new Promise(resolve => setTimeout(resolve, 100));
    await expect(fetch(`http://127.0.0.1:${running.port}/healthz`)).rejects.toThrow();
    await api.db.query('rollback');
    const answer = await underWay;
    expect(answer.status).toBe(200);
    // The connection that the client would keep open for 65 s is not waited for: the test's own time is shorter.
    await stopped;
  });
});

interface Proxy { url: string; cut(): void; mend(): void; close(): void }

/** A PostgreSQL that can be away: its connections are cut, and new ones refused. */
async function startProxy(target: string): Promise<Proxy> {
  const { hostname, port } = new URL(target);
  const sockets = new Set<Socket>();
  let away = false;
  const server: Server = createServer(client => {
    if (away) { client.destroy(); return; }
    const upstream = connect(Number(port), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {}).on('close', () => { sockets.delete(socket); client.destroy(); upstream.destroy(); });
    }
    client.pipe(upstream).pipe(client);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(target);
  url.host = `127.0.0.1:${(server.address() as { port: number }).port}`;
  const cut = () => { away = true; for (const socket of sockets) socket.destroy(); };
  return { url: url.href, cut, mend: () => { away = false; }, close: () => { cut(); server.close(); } };
}
