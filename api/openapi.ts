/** The OpenAPI document, generated from the plugins: every command of every process with its own schema. Pure. */
import type { CompiledProcess } from '../engine/decide/compile.ts';
import { PROBLEMS, type ProblemCode } from '../engine/problems.ts';
import type { Processes } from '../engine/processes.ts';
import type { Plugin } from '../plugins/contract.ts';
import { NEW_ABSENCE } from './absences.ts';
import { NEW_FEED } from './calendars.ts';
import { NEW_CASE } from './cases.ts';
import { NEW_FIELDS } from './forms.ts';
import { ERASURE } from './erasure.ts';
import { MAPPING } from './imports.ts';
import { RESOLUTION } from './incidents.ts';
import { NOTE } from './mail.ts';
import { ASSIGNMENT } from './mailTray.ts';
import { DIGEST_CHOICE, PROFILE_CHOICE } from './me.ts';
import { addChannels, CHANNEL_SCHEMAS } from './openapiChannels.ts';
import { SCHEMAS, page } from './openapiSchemas.ts';
import { DIRECTIONS } from './protocol.ts';
import { APPROVAL, NEW_VALUE, REJECTION } from './parameterProposals.ts';
import { TASK_SORTS } from './tasks.ts';

type Json = any;
interface Operation {
  summary: string; tag: string; id: string; description?: string; /** Schemas by name; `required: true` beside a schema's own words. */ query?: Record<string, Json>; body?: Json; answer: Json; status?: number; answerType?: string;
  refuses?: ProblemCode[]; key?: boolean; match?: boolean; etag?: boolean;
  /** Without signing in. */
  open?: boolean;
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const parameter = (name: string) => ({ $ref: `#/components/parameters/${name}` });
const plain = (schema: object): Json => JSON.parse(JSON.stringify(schema));
const ALWAYS: ProblemCode[] = ['unauthenticated', 'forbidden', 'too-many-requests', 'internal', 'unavailable'];
const SIGNED_IN: ProblemCode[] = ['unauthenticated', 'forbidden'];
const OF_COMMANDS: ProblemCode[] = ['malformed', 'not-found', 'command-not-allowed', 'version-mismatch', 'too-large', 'invalid', 'case-erased'];
const IN_PATH = ['id', 'process', 'form', 'command', 'document', 'name', 'code', 'year', 'number', 'day', 'mail', 'receipt', 'secret', 'broadcast', 'delivery'];
const LIST_QUERY = { limit: { type: 'integer', minimum: 1, maximum: 200, default: 50 }, cursor: { type: 'string', description: 'The `next` of the page before.' } };

function operation(path: string, { summary, tag, id, description, query = {}, body, answer, status = 200, answerType = 'application/json', refuses = [], key = false, match = false, etag = false, open = false }: Operation): Json {
  const codes = [...new Set([...ALWAYS.filter(code => !open || !SIGNED_IN.includes(code)), ...refuses])].sort((a, b) => PROBLEMS[a].status - PROBLEMS[b].status);
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) byStatus.set(PROBLEMS[code].status, [...(byStatus.get(PROBLEMS[code].status) ?? []), code]);
  const headers = { ...(key ? { 'Idempotency-Key': { schema: { type: 'string' }, description: 'The key of the request, made here when none was sent.' } } : {}), ...(etag ? { ETag: { schema: { type: 'string' }, description: 'The version, quoted: for If-Match.' } } : {}) };
  return {
    operationId: id, summary, tags: [tag], ...(description ? { description } : {}), ...(open ? { security: [] } : {}),
    parameters: [
      ...IN_PATH.filter(name => path.includes(`{${name}}`)).map(name => ({ name, in: 'path', required: true, schema: { type: 'string', ...(name === 'id' ? { format: 'uuid' } : {}) } })),
      ...Object.entries(query).map(([name, { required = false, ...schema }]) => ({ name, in: 'query', ...(required ? { required } : {}), schema })),
      ...(open ? [] : [parameter('profile')]), parameter('language'), ...(key ? [parameter('idempotencyKey')] : []), ...(match ? [parameter('ifMatch')] : []),
    ],
    ...(body ? { requestBody: { required: true, content: body } } : {}),
    responses: {
      [status]: { description: 'Done', ...(Object.keys(headers).length > 0 ? { headers } : {}), ...(status === 204 ? {} : { content: { [answerType]: { schema: answer } } }) },
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
  const schemas: Record<string, Json> = { ...SCHEMAS, ...plain(CHANNEL_SCHEMAS) };
  const paths: Record<string, Json> = {};
  const add = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, described: Operation) => { (paths[path] ??= {})[method] = operation(path, described); };
  addGeneral(add);
  addChannels(add, { ref, page, json, plain, query: LIST_QUERY, tags: { general: 'Pratiche', people: 'Persone e scuole', admin: 'Amministrazione' } });
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
      { name: 'Amministrazione', description: 'Incidents, parameters, families of a school, tables of other software, incoming mail' }, { name: 'Persone e scuole', description: 'The caller: profile, messages, channels and consents, calendars; absences and deputies; the registry of schools' },
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

type Add = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, described: Operation) => void;

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
  add('get', '/tasks', {
    summary: 'Che cosa aspetta il profilo in uso, dal più vecchio', tag: general, id: 'listTasks', answer: page(ref('Task')), refuses: ['malformed'],
    query: { process: text, command: text, overdue: { type: 'boolean' }, q: { ...text, description: 'Words that must all occur in the case' }, sort: { type: 'string', enum: [...TASK_SORTS], default: 'since', description: '`since`: what waits longest; `due`: what is due first, then what has no date.' }, ...LIST_QUERY },
  });
  add('get', '/tasks/counts', { summary: 'Quante attività aspettano il profilo in uso', tag: general, id: 'countTasks', answer: ref('TaskCounts') });
  add('get', '/slots', {
    summary: 'Tempi offerti: quali ci sono e quali sono liberi', tag: general, id: 'listSlots', description: 'Of what cases of the process offer now; at most 93 days at once. Who holds a slot is told to nobody.', answer: ref('Offers'), refuses: ['malformed', 'not-found'],
    query: { process: { ...text, required: true }, case: { ...text, format: 'uuid' }, party: { ...text, description: 'Organisation code or user id of who takes part in the offer' }, from: date, to: date, free: { type: 'boolean', default: false, description: 'Only what may be booked now.' }, limit: { type: 'integer', minimum: 1, maximum: 100, default: 50 } },
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
  add('get', '/cases/{id}/documents/{document}', { summary: 'Un documento o allegato', tag: general, id: 'getDocument', description: 'A document that the engine makes has an ETag, its sha256; while it is being made: 409. Reading an attachment or a protected document is recorded; say why with the header Iter-Reason.', answer: { type: 'string', contentMediaType: 'application/octet-stream' }, answerType: 'application/octet-stream', refuses: ['not-found', 'conflict'] });
  add('get', '/cases/{id}/dossier', { summary: 'Il fascicolo, ZIP', tag: general, id: 'getDossier', description: 'Documents, attachments, mail with its receipts, register extract and verified history: all that the caller may read one by one; every reading is recorded. Say why with the header Iter-Reason.', answer: { type: 'string', contentMediaType: 'application/zip' }, answerType: 'application/zip', refuses: ['not-found'] });
  add('get', '/cases/{id}/protocol', { summary: 'Le registrazioni di protocollo della pratica, nel registro del proprio ente', tag: general, id: 'getCaseProtocol', answer: page(ref('ProtocolEntry')), refuses: ['not-found'] });
  add('get', '/protocol', {
    summary: 'Il protocollo del proprio ente, dalla registrazione più recente', tag: general, id: 'listProtocol', answer: page(ref('ProtocolEntry')), refuses: ['malformed'],
    query: { year: { type: 'integer' }, from: date, to: date, direction: { type: 'string', enum: [...DIRECTIONS] }, q: { ...text, description: 'A piece of subject, sender, recipients or document, or the number.' }, ...LIST_QUERY },
  });
  add('get', '/protocol/{year}/{number}', { summary: 'Una registrazione di protocollo', tag: general, id: 'getProtocolEntry', answer: ref('ProtocolEntry'), refuses: ['malformed', 'not-found'] });
  add('get', '/protocol/days', { summary: 'I registri giornalieri sigillati', tag: general, id: 'listProtocolDays', answer: page(ref('ProtocolDay')), refuses: ['malformed'], query: LIST_QUERY });
  add('get', '/protocol/days/{day}', { summary: 'Il registro giornaliero, PDF', tag: general, id: 'getProtocolDay', answer: { type: 'string', contentMediaType: 'application/pdf' }, answerType: 'application/pdf', refuses: ['malformed', 'not-found'] });
  add('get', '/cases/{id}/erasure', { summary: 'Quando la pratica si può cancellare, e che cosa', tag: admin, id: 'getErasure', answer: ref('Erasure'), refuses: ['not-found'] });
  add('post', '/cases/{id}/erasure', { summary: 'Cancella il contenuto della pratica dopo la conservazione', tag: admin, id: 'eraseCase', body: json(plain(ERASURE)), answer: ref('Erased'), key: true, refuses: ['malformed', 'not-found', 'erasure-too-early', 'case-erased', 'command-not-allowed', 'invalid', 'idempotency-key-reused'] });
  add('get', '/processes/{process}/forms', { summary: 'Moduli di un procedimento', tag: 'Procedimenti', id: 'listForms', answer: page(ref('FormListItem')), refuses: ['not-found'] });
  add('get', '/processes/{process}/forms/{form}', { summary: 'Un modulo come va compilato, con i campi aggiunti da un ente', tag: 'Procedimenti', id: 'getForm', answer: ref('FormWithVersions'), query: { organisation: { ...text, description: 'Whose fields count; default: your own organisation, where it is the one to which the form belongs.' }, at: date }, refuses: ['malformed', 'not-found'] });
  add('put', '/processes/{process}/forms/{form}', { summary: 'Aggiunge campi a un modulo, con validità e motivo', tag: 'Procedimenti', id: 'setForm', description: 'All added fields, not only new ones. For the heads and operators of the organisation to which the form belongs; operators of the installation name one, or set the fields of those who have none of their own.', body: json(plain(NEW_FIELDS)), answer: ref('FormWithVersions'), query: { organisation: text }, refuses: ['malformed', 'not-found', 'too-large', 'invalid'] });
  add('get', '/cases/{id}/forms', { summary: 'I moduli che il profilo compila in questa pratica', tag: general, id: 'listCaseForms', answer: page(ref('CaseForm')), refuses: ['not-found'] });
  add('get', '/cases/{id}/forms/{form}', { summary: 'Un modulo come va compilato in questa pratica', tag: general, id: 'getCaseForm', answer: ref('Form'), refuses: ['not-found'] });
  add('get', '/cases/{id}/forms/{form}/draft', { summary: 'La bozza di un modulo', tag: general, id: 'getDraft', description: 'Shared by the people of your party who fill the form. Reading what somebody else wrote is recorded.', answer: ref('Draft'), refuses: ['not-found'], etag: true });
  add('patch', '/cases/{id}/forms/{form}/draft', { summary: 'Salva la bozza mentre si scrive', tag: general, id: 'patchDraft', description: 'RFC 7386: null takes a member out, lists are replaced. Without If-Match the last writer wins, field by field. The draft ends with the command that carries the form.', body: { 'application/merge-patch+json': { schema: { type: 'object' } }, ...json({ type: 'object' }) }, answer: ref('Draft'), refuses: ['malformed', 'not-found', 'command-not-allowed', 'version-mismatch', 'too-large', 'invalid'], match: true, etag: true });
  add('delete', '/cases/{id}/forms/{form}/draft', { summary: 'Butta la bozza', tag: general, id: 'deleteDraft', answer: {}, status: 204, refuses: ['malformed', 'not-found', 'version-mismatch'], match: true });
  add('get', '/cases/{id}/exports', { summary: 'Esportazioni che il ruolo può prendere', tag: general, id: 'listExports', answer: page(ref('Export')), refuses: ['not-found'] });
  add('get', '/cases/{id}/exports/{name}', {
    summary: "Un'esportazione: tabella CSV, o bonifici SEPA (pain.001)", tag: general, id: 'getExport', description: 'CSV as `text/csv` (semicolons, decimal commas), credit transfers as `application/xml`, checked against the schema of ISO 20022. `invalid` names every row that must be mended first, as `/transfers/3/iban`.',
    answer: { type: 'string' }, answerType: 'text/csv', refuses: ['not-found', 'invalid'],
  });
  const file = { answer: { type: 'string', contentMediaType: 'message/rfc822' }, answerType: 'message/rfc822', refuses: ['not-found'] as ProblemCode[] };
  add('get', '/cases/{id}/mails', { summary: 'Messaggi della pratica: inviati, con le ricevute, e ricevuti', tag: general, id: 'listMails', answer: ref('MailList'), refuses: ['not-found'] });
  add('get', '/cases/{id}/mails/{mail}', { summary: 'Un messaggio, come fu inviato (.eml)', tag: general, id: 'getMail', description: 'For those who answer for the letters of its sender or receiver. Its reading is recorded.', ...file });
  add('get', '/cases/{id}/mails/{mail}/receipts/{receipt}', { summary: 'Una ricevuta, come arrivò (.eml)', tag: general, id: 'getMailReceipt', ...file });
  add('get', '/cases/{id}/received/{receipt}', { summary: 'Un messaggio ricevuto e assegnato alla pratica (.eml)', tag: general, id: 'getReceivedMail', ...file });
  add('post', '/cases/{id}/mails/{mail}/handled', { summary: 'Si è provveduto a un messaggio non consegnato', tag: general, id: 'handleMail', body: json(plain(NOTE)), answer: ref('Mail'), key: true, refuses: ['malformed', 'not-found', 'conflict', 'invalid'], description: 'Ends its task.' });
  add('get', '/mail/tray', { summary: 'Posta in arrivo senza pratica', tag: admin, id: 'listTray', answer: page(ref('TrayItem')), query: LIST_QUERY, refuses: ['malformed'], description: 'Of the account of the organisation for whose letters the caller answers; operators see that of the installation.' });
  add('get', '/mail/tray/{id}', { summary: 'Un messaggio in arrivo (.eml)', tag: admin, id: 'getTrayItem', ...file });
  add('post', '/mail/tray/{id}/assign', { summary: 'Assegna a un messaggio inviato o a una pratica', tag: admin, id: 'assignTrayItem', body: json(plain(ASSIGNMENT)), answer: ref('TrayAnswer'), key: true, refuses: ['malformed', 'not-found', 'conflict', 'invalid'], description: 'A receipt that is assigned to a mail takes effect.' });
  add('post', '/mail/tray/{id}/close', { summary: 'Chiudi senza assegnare', tag: admin, id: 'closeTrayItem', body: json(plain(NOTE)), answer: ref('TrayAnswer'), key: true, refuses: ['malformed', 'not-found', 'conflict', 'invalid'] });
  add('get', '/incidents', { summary: 'Incidenti', tag: admin, id: 'listIncidents', answer: page(ref('Incident')), query: { state: { type: 'string', enum: ['open', 'resolved'], default: 'open' }, process: text, ...LIST_QUERY } });
  add('get', '/incidents/{id}', { summary: 'Un incidente', tag: admin, id: 'getIncident', answer: ref('Incident'), refuses: ['not-found'] });
  add('post', '/incidents/{id}/retry', { summary: "Riprova, o registra a mano l'esito", tag: admin, id: 'retryIncident', body: json(plain(RESOLUTION)), answer: ref('Resolved'), key: true, refuses: ['malformed', 'not-found', 'conflict', 'invalid'] });
  add('get', '/parameters', { summary: 'Parametri in vigore', tag: admin, id: 'listParameters', answer: page(ref('ParameterListItem')), query: { at: date, organisation: text } });
  add('get', '/parameters/{name}', { summary: 'Un parametro e le sue versioni', tag: admin, id: 'getParameter', answer: ref('Parameter'), query: { at: date, organisation: text }, refuses: ['malformed', 'not-found'] });
  add('put', '/parameters/{name}', { summary: 'Propone un nuovo valore, con validità e motivo', tag: admin, id: 'proposeParameter', description: 'In force once another person who could have proposed it approves. Roles: operators of the installation for general values; dirigente, dirigentePolo and operatorePolo for those of their organisation.', body: json(plain(NEW_VALUE)), answer: ref('ParameterProposal'), status: 202, refuses: ['malformed', 'not-found', 'invalid'] });
  add('get', '/parameters/proposals', { summary: 'Valori proposti, dal più recente', tag: admin, id: 'listProposals', answer: page(ref('ParameterProposal')), refuses: ['malformed'], query: { state: { type: 'string', enum: ['open', 'all'], default: 'open' }, ...LIST_QUERY } });
  add('get', '/parameters/proposals/{id}', { summary: 'Un valore proposto', tag: admin, id: 'getProposal', answer: ref('ParameterProposal'), refuses: ['not-found'] });
  add('post', '/parameters/proposals/{id}/approve', { summary: 'Approva: il valore entra in vigore', tag: admin, id: 'approveProposal', body: json(plain(APPROVAL)), answer: ref('ParameterProposal'), key: true, refuses: ['malformed', 'four-eyes', 'not-found', 'conflict', 'invalid'] });
  add('post', '/parameters/proposals/{id}/reject', { summary: 'Respinge, con il motivo', tag: admin, id: 'rejectProposal', body: json(plain(REJECTION)), answer: ref('ParameterProposal'), key: true, refuses: ['malformed', 'four-eyes', 'not-found', 'conflict', 'invalid'] });
  add('get', '/me', { summary: 'Chi chiama', tag: people, id: 'getMe', answer: ref('Me') });
  add('put', '/me/profile', { summary: 'Salva il profilo scelto', tag: people, id: 'saveProfile', body: json(plain(PROFILE_CHOICE)), answer: ref('Me'), refuses: ['malformed', 'invalid'] });
  add('put', '/me/digest', { summary: 'Vuole o no le attività per posta elettronica, nei giorni lavorativi', tag: people, id: 'saveDigest', body: json(plain(DIGEST_CHOICE)), answer: ref('Me'), refuses: ['malformed', 'invalid'] });
  add('get', '/me/calendar', { summary: 'I propri indirizzi di calendario', tag: people, id: 'listCalendarFeeds', answer: page(ref('CalendarFeed')) });
  add('post', '/me/calendar', { summary: 'Un indirizzo segreto da cui altri programmi leggono i propri appuntamenti', tag: people, id: 'openCalendarFeed', description: 'Whoever knows the address reads the calendar: it is told this once, and revoked by DELETE. Several are possible, one for each program.', body: json(plain(NEW_FEED)), answer: ref('OpenedCalendarFeed'), status: 201, refuses: ['malformed', 'invalid', 'conflict'] });
  add('delete', '/me/calendar/{id}', { summary: 'Revoca un indirizzo di calendario', tag: people, id: 'revokeCalendarFeed', answer: {}, status: 204, refuses: ['not-found'] });
  add('get', '/calendar/{secret}.ics', { summary: 'Il calendario di chi ha fatto l’indirizzo (iCalendar)', tag: people, id: 'getCalendar', description: 'ETag and Last-Modified: 304 where nothing changed. Cancelled appointments stay as CANCELLED for a month.', answer: { type: 'string' }, answerType: 'text/calendar', refuses: ['not-found'], open: true });
  add('post', '/imports/{name}', {
    summary: 'Importa una tabella di un altro programma (CSV)', tag: admin, id: 'importRows', description: `An import that a process declares, e.g. \`absences\`. Rows are known by natural keys: the same file twice is nothing twice, and what it says anew corrects what it said. What is wrong in one row keeps no other out.`,
    body: { 'text/csv': { schema: { type: 'string', examples: ['Codice alunno;Data;Tipo;Ora\nA1A01;20/11/2026;A;\nA1A03;20/11/2026;R;08:25'] } } }, answer: ref('ImportSummary'), refuses: ['malformed', 'not-found', 'too-large', 'invalid'],
    query: { preview: { type: 'string', enum: ['', 'true', 'false'], description: 'Tells what would happen, and changes nothing.' }, whole: { type: 'string', enum: ['', 'true', 'false'], description: 'The file holds all of the days in it: rows that it does not name any more are withdrawn.' } },
  });
  add('get', '/imports/{name}/mapping', { summary: 'Come si chiamano le colonne nei propri file', tag: admin, id: 'getImportMapping', answer: ref('ImportMapping'), refuses: ['not-found'] });
  add('put', '/imports/{name}/mapping', { summary: 'Dice come si chiamano le colonne nei propri file', tag: admin, id: 'setImportMapping', body: json(plain(MAPPING)), answer: ref('ImportMapping'), refuses: ['malformed', 'not-found', 'invalid'] });
  add('get', '/absences', { summary: 'Assenze e sostituzioni: le proprie e, per chi dirige, quelle della sua organizzazione', tag: people, id: 'listAbsences', answer: page(ref('Absence')), refuses: ['malformed'], query: { state: { type: 'string', enum: ['open', 'all'], default: 'open', description: '`all`: with those that are over or withdrawn.' }, ...LIST_QUERY } });
  add('post', '/absences', { summary: "Registra un'assenza e chi sostituisce", tag: people, id: 'recordAbsence', description: 'From the first day to the last, in local dates, the deputy holds the roles of the absent person in that organisation. Roles: the person; dirigente, dirigentePolo or admin of the organisation.', body: json(plain(NEW_ABSENCE)), answer: ref('RecordedAbsence'), status: 201, key: true, refuses: ['malformed', 'invalid', 'conflict', 'idempotency-key-reused'] });
  add('delete', '/absences/{id}', { summary: "Ritira un'assenza: la sostituzione finisce subito", tag: people, id: 'withdrawAbsence', answer: ref('Absence'), refuses: ['not-found', 'conflict'] });
  add('get', '/schools', { summary: 'Anagrafe delle scuole', tag: people, id: 'searchSchools', answer: page(ref('School')), query: { q: text, province: text, limit: { type: 'integer', minimum: 1, maximum: 100, default: 20 }, cursor: text }, refuses: ['malformed'] });
  add('get', '/schools/{code}', { summary: 'Una scuola', tag: people, id: 'getSchool', answer: ref('School'), refuses: ['not-found'] });
}
