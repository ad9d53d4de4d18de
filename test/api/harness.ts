/** The API on a database of the test file's own, with the demo people, and a way to call it as each of them. */
import { hash, randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { Client } from 'pg';
import type { OidcSettings } from '../../api/jwt.ts';
import type { ApiSettings } from '../../api/context.ts';
import type { SentMails } from '../../api/mailPage.ts';
import { composeApi, serve, type ComposedApi, type RunningApi } from '../../api/server.ts';
import { loadDefaultParameters } from '../../database/parameters.ts';
import type { Plugin } from '../../plugins/contract.ts';
import { simplePdf } from '../../worker/demo/pdf.ts';
import { seed } from '../../worker/seed.ts';
import { createTestDatabase, type TestDatabase } from '../environment/servers.ts';
import { richiesta } from '../toys/richiesta.ts';

export const MASTER_KEY = Buffer.alloc(32, 'iter');
export const BARI = 'BAIC818001', MILANO = 'MIIC8B9003', POLO = 'POLOPUGLIA', USR = 'USRPUGLIA';

export interface Answer { status: number; headers: Headers; body: any; text: string }
export interface Request { method?: string; body?: unknown; headers?: Record<string, string>; raw?: NonNullable<RequestInit['body']> }

export interface TestApi {
  base: string;
  composed: ComposedApi;
  database: TestDatabase;
  /** The superuser. */
  db: Client;
  /** As `username` (null: nobody), below /api/v1. */
  call(username: string | null, path: string, request?: Request): Promise<Answer>;
  get(username: string | null, path: string, headers?: Record<string, string>): Promise<Answer>;
  post(username: string | null, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  newToken(username: string, life?: string): Promise<string>;
  userId(username: string): Promise<string>;
  stop(): Promise<void>;
}

export interface TestApiOptions { plugins?: Plugin[]; oidc?: OidcSettings; settings?: Partial<ApiSettings>; sentMails?: SentMails }

export async function startTestApi({ plugins = [richiesta], oidc, settings = {}, sentMails }: TestApiOptions = {}): Promise<TestApi> {
  const database = await createTestDatabase();
  const db = new Client({ connectionString: database.url });
  await db.connect();
  await seed(null, { databaseUrl: database.url });
  const composed = composeApi({ databaseUrl: database.url, masterKey: MASTER_KEY, plugins, oidc, sentMails, settings: { rateLimitPerMinute: 0, trustProxy: false, ...settings }, log: pino({ level: 'silent' }), poolSizes: { read: 4, commit: 4, worker: 1 } });
  await loadDefaultParameters(composed.api.pools.commit, plugins.flatMap(plugin => plugin.defaultParameters ?? []));
  const running: RunningApi = await serve(composed, '127.0.0.1', 0);
  const base = `http://127.0.0.1:${running.port}`;
  const tokens = new Map<string, string>();

  async function newToken(username: string, life = '1 day'): Promise<string> {
    const token = `iter_${randomBytes(32).toString('base64url')}`;
    await db.query(`insert into tokens (hash, user_id, expires_at) select $1, id, now() + $2::interval from users where username = $3`, [hash('sha256', token, 'buffer'), life, username]);
    return token;
  }
  async function tokenOf(username: string): Promise<string> {
    if (!tokens.has(username)) tokens.set(username, await newToken(username));
    return tokens.get(username)!;
  }
  const api: TestApi = {
    base, composed, database, db, newToken,
    async call(username, path, { method = 'GET', body, headers = {}, raw } = {}) {
      const response = await fetch(`${base}${path.startsWith('//') ? path.slice(1) : `/api/v1${path}`}`, {
        method, redirect: 'manual',
        headers: { ...(username === null ? {} : { authorization: `Bearer ${await tokenOf(username)}` }), ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
        ...(raw !== undefined ? { body: raw } : body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, headers: response.headers, text, body: /json/.test(response.headers.get('content-type') ?? '') && text ? JSON.parse(text) : null };
    },
    get: (username, path, headers = {}) => api.call(username, path, { headers }),
    post: (username, path, body = {}, headers = {}) => api.call(username, path, { method: 'POST', body, headers }),
    async userId(username) { return (await db.query('select id from users where username = $1', [username])).rows[0].id; },
    async stop() {
      await running.stop();
      await db.end();
      await database.drop();
    },
  };
  return api;
}

/** A second admin of the installation, as `npm run people:import` adds one. */
export async function addOperator(api: TestApi, username: string): Promise<void> {
  await api.db.query(`with u as (insert into users (id, username, name) values (gen_random_uuid(), $1, 'Seconda Amministrazione') returning id) insert into memberships select id, 'ITER', 'admin' from u`, [username]);
}

export const RICHIESTA = { oggetto: 'Prova', alunno: 'Luca Rossi', diagnosi: 'asma', ore: 10 };

/** A case of the toy, as the school's segreteria. */
export async function newRichiesta(api: TestApi, data: object = {}, parties: object = {}): Promise<any> {
  const answer = await api.post('segreteria.bari', '/processes/richiesta/cases', { data: { ...RICHIESTA, ...data }, parties: { polo: POLO, usr: USR, famiglia: 'famiglia.rossi', ...parties } });
  if (answer.status !== 201) throw new Error(`no case: ${answer.status} ${answer.text}`);
  return answer.body;
}

/** Submitted: seen by all parties. */
export async function submitted(api: TestApi, data: object = {}, parties: object = {}): Promise<any> {
  const { id } = await newRichiesta(api, data, parties);
  const answer = await api.post('segreteria.bari', `/cases/${id}/commands/presenta`);
  if (answer.status !== 200) throw new Error(`not submitted: ${answer.status} ${answer.text}`);
  return answer.body;
}

const PDF = simplePdf('Certificato', ['Prova']) as Uint8Array;

export function pdfForm(kind: string | null, options: { name?: string; content?: Uint8Array | string; field?: string; more?: Record<string, string> } = {}): FormData {
  const { name = 'certificato.pdf', content = PDF, field = 'file', more = {} } = options;
  const form = new FormData();
  if (kind !== null) form.set('kind', kind);
  for (const [key, value] of Object.entries(more)) form.append(key, value);
  form.append(field, new Blob([content as string | Uint8Array<ArrayBuffer>]), name);
  return form;
}
