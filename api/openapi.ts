/** The OpenAPI document, generated from the plugins: every command of every process with its own schema. Pure. */
import type { CompiledProcess } from '../engine/decide/compile.ts';
import { PROBLEMS, type ProblemCode } from '../engine/problems.ts';
import type { Processes } from '../engine/processes.ts';
import type { Plugin } from '../plugins/contract.ts';
import { NEW_CASE } from './cases.ts';
import { RESOLUTION } from './incidents.ts';
import { PROFILE_CHOICE } from './me.ts';
import { SCHEMAS, page } from './openapiSchemas.ts';
import { NEW_VALUE } from './parameters.ts';

type Json = any;
interface Operation {
  summary: string; tag: string; id: string; description?: string; query?: Record<string, Json>; body?: Json; answer: Json; status?: number; answerType?: string;
  refuses?: ProblemCode[]; key?: boolean; match?: boolean; etag?: boolean;
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const parameter = (name: string) => ({ $ref: `#/components/parameters/${name}` });
const plain = (schema: object): Json => JSON.parse(JSON.stringify(schema));
const ALWAYS: ProblemCode[] = ['unauthenticated', 'forbidden', 'too-many-requests', 'internal', 'unavailable'];
const OF_COMMANDS: ProblemCode[] = ['malformed', 'not-found', 'command-not-allowed', 'version-mismatch', 'too-large', 'invalid'];
const IN_PATH = ['id', 'process', 'command', 'document', 'name', 'code'];
const LIST_QUERY = { limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 }, cursor: { type: 'string', description: 'The `next` of the page before.' } };

function operation(path: string, { summary, tag, id, description, query = {}, body, answer, status = 200, answerType = 'application/json', refuses = [], key = false, match = false, etag = false }: Operation): Json {
  const codes = [...new Set([...ALWAYS, ...refuses])].sort((a, b) => PROBLEMS[a].status - PROBLEMS[b].status);
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) byStatus.set(PROBLEMS[code].status, [...(byStatus.get(PROBLEMS[code].status) ?? []), code]);
  const headers = { ...(key ? { 'Idempotency-Key': { schema: { type: 'string' }, description: 'The key of the request, made here when none was sent.' } } : {}), ...(etag ? { ETag: { schema: { type: 'string' }, description: 'The version, quoted: for If-Match.' } } : {}) };
  return {
    operationId: id, summary, tags: [tag], ...(description ? { description } : {}),
    parameters: [
      ...IN_PATH.filter(name => path.includes(`{${name}}`)).map(name => ({ name, in: 'path', required: true, schema: { type: 'string', ...(name === 'id' ? { format: 'uuid' } : {}) } })),
      ...Object.entries(query).map(([name, schema]) => ({ name, in: 'query', schema })),
      parameter('profile'), parameter('language'), ...(key ? [parameter('idempotencyKey')] : []), ...(match ? [parameter('ifMatch')] : []),
    ],
    ...(body ? { requestBody: { required: true, content: body } } : {}),
    responses: {
      [status]: { description: 'Done', ...(Object.keys(headers).length > 0 ? { headers } : {}), content: { [answerType]: { schema: answer } } },
      ...Object.fromEntries([...byStatus].map(([problemStatus, told]) => [problemStatus, {
        description: told.map(code => `\`${code}\`: ${PROBLEMS[code].title}`).join('; '), content: { 'application/problem+json': { schema: ref('Problem') } },
      }])),
    },
  };
}

const json = (schema: Json) => ({ 'application/json': { schema } });
const pascal = (name: string) => name.replace(/(?:^|[-_/])(\w)/g, (_, letter: string) => letter.toUpperCase());

/** `processes`: the current version of each is described. */
export function buildOpenApi(processes: Pick<Processes, 'all'>): Json {
  const plugins = processes.all().map(({ plugin }: CompiledProcess) => plugin).sort((a, b) => a.process.localeCompare(b.process));
  const schemas: Record<string, Json> = { ...SCHEMAS };
  const paths: Record<string, Json> = {};
  const add = (method: 'get' | 'post' | 'put', path: string, described: Operation) => { (paths[path] ??= {})[method] = operation(path, described); };
  addGeneral(add);
  for (const plugin of plugins) addCreation(plugin, schemas, add);
  addCommands(plugins, schemas, add);
  return {
    openapi: '3.1.1',
    info: {
      title: 'Iter', version: '1', license: { name: 'EUPL-1.2', identifier: 'EUPL-1.2' },
      description: 'Procedures of Italian schools and municipalities, as durable cases. Sign in with an API token (`npm run --silent token -- <username>`) or a token of the configured OIDC issuer.',
    },
    servers: [{ url: '/api/v1' }],
    security: [{ bearer: [] }],
    tags: [
      { name: 'Pratiche', description: 'Cases: list, read, history, documents' }, { name: 'Procedimenti', description: 'The processes of this installation' },
      ...plugins.map(plugin => ({ name: plugin.process, 'x-displayName': plugin.labels.it.process, description: `Process \`${plugin.process}\`, version ${plugin.version}` })),
      { name: 'Amministrazione', description: 'Incidents and parameters' }, { name: 'Persone e scuole', description: 'The caller and the registry of schools' },
    ],
    paths,
    components: {
      schemas,
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', description: 'An API token (`iter_…`) or a JWT of the configured issuer.' } },
      parameters: {
        profile: { name: 'Iter-Profile', in: 'header', schema: { type: 'string', examples: ['BAIC818001/segreteria', 'persona/genitore'] }, description: 'In which profile you speak: `<organisation>/<role>`. Default: the only one, or the saved choice.' },
        language: { name: 'Accept-Language', in: 'header', schema: { type: 'string', enum: ['it', 'en'] } },
        idempotencyKey: { name: 'Idempotency-Key', in: 'header', schema: { type: 'string', minLength: 1, maxLength: 200 }, description: 'The same key and body give the same answer again, also after a crash.' },
        ifMatch: { name: 'If-Match', in: 'header', schema: { type: 'string', examples: ['"3"'] }, description: 'The ETag that you read: 412 when the case has changed since.' },
      },
    },
  };
}

type Add = (method: 'get' | 'post' | 'put', path: string, described: Operation) => void;

function addCreation(plugin: Plugin, schemas: Record<string, Json>, add: Add): void {
  const name = `${pascal(plugin.process)}New`;
  const parties = Object.fromEntries(Object.entries(plugin.parties).map(([party, { kind, organisations }]) => [party, {
    type: 'string', description: kind === 'person' ? 'User name or id' : `Code of an organisation${organisations ? ` (${organisations.join(', ')})` : ''}`,
  }]));
  schemas[name] = { type: 'object', additionalProperties: false, properties: { data: plain(plugin.create.schema), parties: { type: 'object', properties: parties, additionalProperties: false, description: 'Your own party may be left out.' } } };
  if (plugin.create.by.length === 0) return;
  add('post', `/processes/${plugin.process}/cases`, {
    summary: `${plugin.labels.it.process}: nuova pratica`, tag: plugin.process, id: `create${pascal(plugin.process)}`, description: `Roles: ${plugin.create.by.join(', ')}.`,
    body: json(ref(name)), answer: ref('Case'), status: 201, refuses: ['malformed', 'not-found', 'conflict', 'too-large', 'invalid', 'idempotency-key-reused'], key: true, etag: true,
  });
}

/** A path per command; where two processes know the same word, either payload may be right. */
function addCommands(plugins: Plugin[], schemas: Record<string, Json>, add: Add): void {
  const byName = new Map<string, Plugin[]>();
  for (const plugin of plugins) for (const [name, { hidden, by }] of Object.entries(plugin.commands)) if (!hidden && by.length > 0) byName.set(name, [...(byName.get(name) ?? []), plugin]);
  for (const [name, owners] of byName) {
    const bodies = owners.map(plugin => {
      const schema = `${pascal(plugin.process)}${pascal(name)}`;
      schemas[schema] = plain(plugin.commands[name]!.schema);
      return ref(schema);
    });
    const needs = owners.flatMap(plugin => (plugin.commands[name]!.attachments ?? []).map(group => group.join(' or ')));
    add('post', `/cases/{id}/commands/${name}`, {
      summary: owners.map(plugin => plugin.labels.it.commands[name] ?? name).join(' / '), tag: owners[0]!.process, id: `command${pascal(name)}`,
      description: `Roles: ${owners.map(plugin => plugin.commands[name]!.by.join(', ')).join(' / ')}.${needs.length > 0 ? ` Needs attachments: ${needs.join('; ')}.` : ''}`,
      body: json(bodies.length === 1 ? bodies[0] : { anyOf: bodies }), answer: ref('Case'), refuses: [...OF_COMMANDS, 'case-suspended', 'conflict', 'idempotency-key-reused'], key: true, match: true, etag: true,
    });
  }
}

function addGeneral(add: Add): void {
  const general = 'Pratiche', admin = 'Amministrazione', people = 'Persone e scuole';
  const text = { type: 'string' }, date = { type: 'string', format: 'date' };
  add('get', '/processes', { summary: 'Procedimenti', tag: 'Procedimenti', id: 'listProcesses', answer: page(ref('ProcessListItem')) });
  add('get', '/processes/{process}', { summary: 'Un procedimento: stati, azioni, documenti, etichette, diagramma', tag: 'Procedimenti', id: 'getProcess', answer: ref('Process'), refuses: ['not-found'] });
  add('post', '/processes/{process}/cases', { summary: 'Nuova pratica', tag: general, id: 'createCase', body: json(plain(NEW_CASE)), answer: ref('Case'), status: 201, refuses: ['malformed', 'not-found', 'conflict', 'too-large', 'invalid', 'idempotency-key-reused'], key: true, etag: true });
  add('get', '/cases', {
    summary: 'Pratiche visibili, a pagine', tag: general, id: 'listCases', answer: ref('CaseList'), refuses: ['malformed'],
    query: { process: text, state: text, party: { ...text, description: 'Organisation code or user id' }, q: { ...text, description: 'Words that must all occur' }, sort: { type: 'string', enum: ['-created', 'created'], default: '-created' }, ...LIST_QUERY },
  });
  add('get', '/cases/{id}', { summary: 'Una pratica', tag: general, id: 'getCase', answer: ref('Case'), refuses: ['not-found'], etag: true, description: 'Reading protected fields is recorded; say why with the header Iter-Reason.' });
  add('post', '/cases/{id}/commands/{command}', { summary: "Un'azione", tag: general, id: 'giveCommand', body: json({ type: 'object' }), answer: ref('Case'), refuses: [...OF_COMMANDS, 'case-suspended', 'conflict', 'idempotency-key-reused'], key: true, match: true, etag: true });
  add('get', '/cases/{id}/history', { summary: 'Storico', tag: general, id: 'getHistory', description: 'Payloads are shown to roles that may give that command, to roles that see everything and to their author, and never with a field that the projection hides from the reader (then `payloadHidden`).', answer: page(ref('HistoryEntry')), refuses: ['not-found'], query: { after: { type: 'integer', description: 'Entries after this seq.' }, limit: { type: 'integer', minimum: 1, maximum: 1000, default: 500 } } });
  add('get', '/cases/{id}/history/verification', { summary: 'Verifica dello storico', tag: general, id: 'verifyHistory', answer: ref('Verification'), refuses: ['not-found'] });
  add('get', '/cases/{id}/history/export', { summary: 'Storico per la verifica fuori linea', tag: general, id: 'exportHistory', answer: ref('HistoryExport'), refuses: ['not-found'] });
  add('get', '/cases/{id}/access-log', { summary: 'Chi ha letto i dati protetti', tag: general, id: 'getAccessLog', answer: page(ref('AccessEntry')), refuses: ['not-found'], query: LIST_QUERY });
  add('post', '/cases/{id}/attachments', {
    summary: 'Allega un file (PDF, JPEG, PNG; 5 MiB)', tag: general, id: 'attach', answer: ref('Attachment'), status: 201, key: true, refuses: ['malformed', 'not-found', 'command-not-allowed', 'too-large', 'unsupported-file', 'invalid', 'idempotency-key-reused'],
    body: { 'multipart/form-data': { schema: { type: 'object', required: ['file', 'kind'], properties: { file: { type: 'string', contentMediaType: 'application/octet-stream' }, kind: text } } } },
  });
  add('get', '/cases/{id}/documents/{document}', { summary: 'Un documento o allegato', tag: general, id: 'getDocument', answer: { type: 'string', contentMediaType: 'application/octet-stream' }, answerType: 'application/octet-stream', refuses: ['not-found'] });
  add('get', '/incidents', { summary: 'Incidenti', tag: admin, id: 'listIncidents', answer: page(ref('Incident')), query: { state: { type: 'string', enum: ['open', 'resolved'], default: 'open' }, process: text, ...LIST_QUERY } });
  add('get', '/incidents/{id}', { summary: 'Un incidente', tag: admin, id: 'getIncident', answer: ref('Incident'), refuses: ['not-found'] });
  add('post', '/incidents/{id}/retry', { summary: "Riprova, o registra a mano l'esito", tag: admin, id: 'retryIncident', body: json(plain(RESOLUTION)), answer: ref('Resolved'), key: true, refuses: ['malformed', 'not-found', 'conflict', 'invalid'] });
  add('get', '/parameters', { summary: 'Parametri in vigore', tag: admin, id: 'listParameters', answer: page(ref('ParameterListItem')), query: { at: date, organisation: text } });
  add('get', '/parameters/{name}', { summary: 'Un parametro e le sue versioni', tag: admin, id: 'getParameter', answer: ref('Parameter'), query: { at: date, organisation: text }, refuses: ['malformed', 'not-found'] });
  add('put', '/parameters/{name}', { summary: 'Nuovo valore, con validità e motivo', tag: admin, id: 'setParameter', body: json(plain(NEW_VALUE)), answer: ref('ParameterVersion'), refuses: ['malformed', 'not-found', 'invalid'] });
  add('get', '/me', { summary: 'Chi chiama', tag: people, id: 'getMe', answer: ref('Me') });
  add('put', '/me/profile', { summary: 'Salva il profilo scelto', tag: people, id: 'saveProfile', body: json(plain(PROFILE_CHOICE)), answer: ref('Me'), refuses: ['malformed', 'invalid'] });
  add('get', '/schools', { summary: 'Anagrafe delle scuole', tag: people, id: 'searchSchools', answer: page(ref('School')), query: { q: text, province: text, limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 }, cursor: text }, refuses: ['malformed'] });
  add('get', '/schools/{code}', { summary: 'Una scuola', tag: people, id: 'getSchool', answer: ref('School'), refuses: ['not-found'] });
}
