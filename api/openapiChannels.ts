/** How people are reached, the inbox, messages to many, and the families of a school, as the OpenAPI document describes them. Pure. */
import { Type, type TSchema } from 'typebox';
import { DELIVERY_CHANNELS, DELIVERY_STATES, ESTIMATE } from './broadcasts.ts';
import { CODE, CONTACTS } from './contacts.ts';
import { MAPPING } from './imports.ts';

const strict = <T extends Record<string, TSchema>>(fields: T) => Type.Object(fields);
const instant = Type.String({ format: 'date-time' }), orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]), text = Type.String(), count = Type.Integer({ minimum: 0 });
const date = Type.String({ format: 'date' }), uuid = Type.String({ format: 'uuid' }), some = (values: readonly string[]) => Type.Union(values.map(value => Type.Literal(value)));
const pupils = Type.Array(strict({ name: text, class: text }));
const counts = strict({ created: count, changed: count, unchanged: count });

const PENDING = orNull(Type.Object({ address: text, expiresAt: instant, sent: Type.Boolean(), failure: orNull(text) }, { description: 'Given, and not confirmed yet: what was there before is used' }));

/** By name, for `#/components/schemas`. */
export const CHANNEL_SCHEMAS: Record<string, TSchema> = {
  Contacts: strict({
    email: orNull(text), accountEmail: orNull(text), phone: orNull(Type.String({ description: 'E.164' })), channels: Type.Array(some(['email', 'sms', 'portal'])), chosenAt: orNull(instant), pending: strict({ email: PENDING, phone: PENDING }),
    consents: Type.Array(strict({ channel: some(['email', 'sms']), version: text, givenAt: instant, source: some(['self', 'secretariat']), withdrawnAt: orNull(instant) })),
  }),
  InboxMessage: strict({
    id: uuid, from: strict({ organisation: text, name: text }), process: text, number: orNull(text), subject: text, text: Type.Optional(text), pupils, at: instant, readAt: orNull(instant),
    acknowledge: orNull(strict({ by: orNull(date), at: orNull(instant) })),
  }),
  BroadcastEstimate: ESTIMATE,
  Broadcast: strict({
    id: uuid, effect: strict({ name: text, label: text }), organisation: text, template: text, templateVersion: text, channels: Type.Array(some(['email', 'sms', 'portal'])), about: orNull(uuid), createdAt: instant, resolvedAt: orNull(instant),
    recipients: count, acknowledged: Type.Optional(count), done: Type.Boolean({ description: 'Nothing is to be sent any more; receipts may still come' }), acknowledge: orNull(strict({ by: orNull(date), acknowledged: count, silent: count })),
    counts: Type.Array(strict({ channel: some(DELIVERY_CHANNELS), state: some(DELIVERY_STATES), count, segments: count, costMillis: count })), costMillis: count, href: text,
  }),
  Delivery: strict({
    id: uuid, recipient: strict({ id: uuid, name: text, language: some(['it', 'en']) }), pupils, channel: some(DELIVERY_CHANNELS), address: orNull(text), state: some(DELIVERY_STATES), attempts: count, nextAt: orNull(instant),
    segments: orNull(count), costMillis: orNull(count), error: orNull(text), sentAt: orNull(instant), deliveredAt: orNull(instant), failedAt: orNull(instant), readAt: orNull(instant), acknowledgedAt: orNull(instant), acknowledgedBy: orNull(text),
  }),
  FamilyImport: strict({
    schoolYear: text, preview: Type.Boolean(), rows: count, refused: count, pupils: strict({ ...counts.properties, left: count }), guardians: counts,
    cases: orNull(strict({ changed: count, refused: count })), mapping: Type.Record(text, text), unused: Type.Array(text, { description: 'Headings of the file that were taken for nothing' }),
    errors: Type.Array(strict({ line: Type.Integer(), field: orNull(text), column: orNull(text), message: text })), moreErrors: count,
  }),
  FamilyMapping: strict({
    columns: Type.Record(text, text), words: Type.Record(text, Type.Record(text, text)),
    fields: Type.Array(strict({ field: text, required: Type.Boolean(), headings: Type.Array(text), words: Type.Optional(Type.Record(text, Type.Array(text))) })),
  }),
  Pupil: strict({ id: uuid, code: text, name: text, class: text, leftOn: orNull(date), contacts: Type.Array(strict({ id: uuid, name: text, relation: text, channels: Type.Array(text), chosen: Type.Boolean() })) }),
  SchoolClasses: strict({ schoolYear: text, items: Type.Array(strict({ class: text, pupils: count })) }),
};

const FAMILIES = 'Codice alunno;Cognome;Nome;Classe;Codice genitore;Cognome genitore;Nome genitore;Utente;E-mail;Consenso e-mail;Cellulare;Consenso SMS;Lingua\nA2B01;Rossi;Anna;2B;G01;Rossi;Giulia;famiglia.rossi;famiglia.rossi@example.org;01/09/2026;333 1230101;01/09/2026;it\nA2B04;El Fassi;Omar;2B;G08;El Fassi;Leila;;leila.elfassi@example.org;;;;en';

type Add = (method: 'get' | 'post' | 'put' | 'patch' | 'delete', path: string, described: any) => void;
interface Parts { ref: (name: string) => any; page: (items: any) => any; json: (schema: any) => any; plain: (schema: object) => any; query: Record<string, any>; tags: { general: string; people: string; admin: string } }

export function addChannels(add: Add, { ref, page, json, plain, query: list, tags: { general, people, admin } }: Parts): void {
  const string = { type: 'string' }, flag = { type: 'string', enum: ['', 'true', 'false'], default: 'false' }, year = { ...string, description: '`2026/27`; default: the current one' };
  add('get', '/me/contacts', { summary: 'Come si vuole essere raggiunti, e i consensi', tag: people, id: 'getContacts', answer: ref('Contacts') });
  add('put', '/me/contacts', { summary: 'Sceglie indirizzo, cellulare e canali; dà o ritira i consensi', tag: people, id: 'saveContacts', description: 'E-mail and SMS need a consent that stands; the portal does not. A new address or number is used once `verify` confirms it.', body: json(plain(CONTACTS)), answer: ref('Contacts'), refuses: ['malformed', 'invalid'] });
  add('post', '/me/contacts/verify', { summary: 'Conferma un indirizzo o un numero con il codice ricevuto', tag: people, id: 'verifyContact', body: json(plain(CODE)), answer: ref('Contacts'), refuses: ['malformed', 'invalid'] });
  add('get', '/inbox', { summary: 'Comunicazioni ricevute, dalla più recente', tag: people, id: 'listInbox', answer: page(ref('InboxMessage')), query: list, refuses: ['malformed'] });
  add('get', '/inbox/{id}', { summary: 'Una comunicazione', tag: people, id: 'getInboxMessage', description: 'Reading it here is no receipt: see `read`.', answer: ref('InboxMessage'), refuses: ['not-found'] });
  add('post', '/inbox/{id}/read', { summary: 'Segna come letta', tag: people, id: 'readInboxMessage', answer: ref('InboxMessage'), refuses: ['not-found'] });
  add('post', '/inbox/{id}/acknowledge', { summary: 'Presa visione', tag: people, id: 'acknowledgeInboxMessage', answer: ref('InboxMessage'), refuses: ['not-found', 'command-not-allowed'] });
  add('get', '/cases/{id}/broadcasts', { summary: 'Invii a più persone, e come stanno', tag: general, id: 'listBroadcasts', description: 'For the organisation that writes.', answer: page(ref('Broadcast')), refuses: ['not-found'] });
  add('get', '/cases/{id}/broadcasts/estimate', { summary: "Chi raggiungerebbe l'invio adesso, e quanto costerebbe", tag: general, id: 'estimateBroadcast', answer: ref('BroadcastEstimate'), query: { effect: { ...string, description: 'Default: the first of the process that writes to many' } }, refuses: ['not-found', 'command-not-allowed'] });
  const chosen = { state: { type: 'string', enum: [...DELIVERY_STATES] }, channel: { type: 'string', enum: [...DELIVERY_CHANNELS], description: '`none`: whom no channel reaches' }, acknowledged: { type: 'string', enum: ['true', 'false'], description: '`false`: who has not taken note, nor anybody else for all of their children' } };
  add('get', '/cases/{id}/broadcasts/{broadcast}/deliveries', {
    summary: 'Che cosa è stato di ogni messaggio; chi non ha preso visione', tag: general, id: 'listDeliveries', answer: page(ref('Delivery')), refuses: ['malformed', 'not-found'],
    query: { ...chosen, ...list },
  });
  add('get', '/cases/{id}/broadcasts/{broadcast}/deliveries.csv', {
    summary: 'Lo stesso elenco come tabella: una riga per destinatario', tag: general, id: 'exportDeliveries', description: 'With `acknowledged=false`: who has not taken note yet, by class, with addresses. Semicolons, UTF-8 with its mark.', answer: { type: 'string' }, answerType: 'text/csv', query: chosen, refuses: ['malformed', 'not-found'],
  });
  add('post', '/cases/{id}/broadcasts/{broadcast}/deliveries/{delivery}/acknowledge', { summary: 'Registra una presa visione su carta', tag: general, id: 'acknowledgeDelivery', answer: ref('Delivery'), key: true, refuses: ['not-found', 'command-not-allowed'] });
  add('post', '/families/imports', {
    summary: 'Importa le famiglie da una tabella CSV', tag: admin, id: 'importFamilies', description: 'One row for each pupil and each person who answers for them. The same file twice is nothing twice; a wrong row keeps no other out. Roles: segreteria, dirigente, admin.',
    body: { 'text/csv': { schema: { type: 'string', examples: [FAMILIES] } } }, answer: ref('FamilyImport'), refuses: ['malformed', 'too-large', 'invalid'],
    query: { schoolYear: year, preview: { ...flag, description: 'Says what would be, and changes nothing' }, whole: { ...flag, description: 'The file holds all pupils: those who are not in it have left' }, columns: { ...string, description: 'JSON, field → header where this file has names of its own, besides those of `mapping`: `{"classe":"Sezione"}`' } },
  });
  add('get', '/families', { summary: 'Alunni e famiglie della propria scuola', tag: admin, id: 'listFamilies', answer: page(ref('Pupil')), query: { schoolYear: year, class: string, ...list }, refuses: ['malformed'] });
  add('get', '/families/mapping', { summary: 'Come si chiamano le colonne delle famiglie nei propri file', tag: admin, id: 'getFamilyMapping', answer: ref('FamilyMapping') });
  add('put', '/families/mapping', { summary: 'Dice come si chiamano le colonne delle famiglie nei propri file', tag: admin, id: 'setFamilyMapping', description: 'Kept for the school: every later import reads its files so.', body: json(plain(MAPPING)), answer: ref('FamilyMapping'), refuses: ['malformed', 'invalid'] });
  add('get', '/families/classes', { summary: 'Classi della propria scuola', tag: admin, id: 'listClasses', answer: ref('SchoolClasses'), query: { schoolYear: year }, refuses: ['malformed'] });
  const status = { order_id: string, status: string, recipient: string, delivery_date: string };
  const receipt = { tag: admin, description: 'For the SMS provider. The address holds the secret SMS_RECEIPTS_SECRET.', answer: {}, status: 204, refuses: ['malformed', 'not-found', 'too-large'], open: true };
  add('post', '/sms/receipts/{secret}', { ...receipt, summary: 'Ricevuta di un SMS', id: 'postSmsReceipt', body: { 'application/x-www-form-urlencoded': { schema: { type: 'object', properties: status, required: ['order_id', 'status'] } } } });
  add('get', '/sms/receipts/{secret}', { ...receipt, summary: 'Ricevuta di un SMS, per i fornitori che chiedono con GET', id: 'getSmsReceipt', query: status });
}
