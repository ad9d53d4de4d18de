/** Forms as data over HTTP: a polo adds a field to its Modello P without code, and drafts are saved as they are typed. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { addDays, romeDate } from '../../plugins/calendar.ts';
import { domanda } from '../toys/domanda.ts';
import { BARI, POLO, startTestApi, type Answer, type TestApi } from './harness.ts';

const addFormats = ajvFormats as unknown as (ajv: Ajv2020) => void;
const OTHER_POLO = 'POLOALTRO';
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ plugins: [domanda] });
  await api.db.query(`insert into organisations (code, name, kind) values ($1, 'Altro polo', 'polo')`, [OTHER_POLO]);
  await api.db.query(`insert into memberships (user_id, organisation, role) select id, $1, 'operatorePolo' from users where username = 'usr.puglia'`, [OTHER_POLO]);
});
afterAll(async () => { await api.stop(); });

const FORM = '/processes/domanda/forms/modelloP';
const P = { variante: 'conSiO', ore: 20 };
const today = () => romeDate(new Date().toISOString());
const field = (name: string, more: object = {}) => ({ name, schema: { type: 'string' }, required: false, labels: { it: name }, ...more });
const setForm = (username: string, fields: unknown, more: object = {}, path = FORM, headers = {}) => api.call(username, path, { method: 'PUT', body: { fields, reason: 'prova', ...more }, headers });
const asOtherPolo = { 'iter-profile': `${OTHER_POLO}/operatorePolo` };
const pointers = ({ body }: Answer) => (body.errors ?? []).map((error: any) => error.pointer).sort();

async function newCase(username = 'segreteria.bari', polo = POLO): Promise<string> {
  const answer = await api.post(username, '/processes/domanda/cases', { data: {}, parties: { polo, famiglia: 'famiglia.rossi' } });
  if (answer.status !== 201) throw new Error(answer.text);
  return answer.body.id;
}
const invia = (id: string, modelloP: unknown, username = 'segreteria.bari', headers = {}) => api.post(username, `/cases/${id}/commands/invia`, { modelloP }, headers);
const historyOf = async (id: string) => (await api.get('segreteria.bari', `/cases/${id}/history`)).body.items as any[];

describe('a field that a polo adds to its Modello P', () => {
  const palestra = field('palestra', { schema: { type: 'string', maxLength: 30 }, required: true, labels: { it: 'Palestra vicina', en: 'Gym nearby' }, help: { it: 'La più vicina al domicilio' }, section: 'Altro', order: 2 });
  const fields = [palestra, field('ascensore', { schema: { type: 'boolean' }, labels: { it: 'C’è l’ascensore' }, order: 1 }), field('dal', { schema: { type: 'string', format: 'date' }, labels: { it: 'Disponibile dal' }, order: 3 })];
  beforeAll(async () => { expect(await setForm('polo.puglia', fields)).toMatchObject({ status: 200, body: { form: 'modelloP', version: expect.stringMatching(/^3\+[1-9]\d*$/), organisation: POLO } }); });
  afterAll(async () => { await setForm('polo.puglia', []); });

  it('is part of the form that is to be filled in, with its words', async () => {
    const { body } = await api.get('segreteria.bari', `${FORM}?organisation=${POLO}`, { 'accept-language': 'en' });
    expect(body).toMatchObject({ process: 'domanda', form: 'modelloP', editableBy: 'polo', labels: { ore: 'Hours', 'campiAggiuntivi.palestra': 'Gym nearby', 'campiAggiuntivi.ascensore': 'C’è l’ascensore' } });
    expect(body.schema.required).toEqual(expect.arrayContaining(['variante', 'ore', 'campiAggiuntivi']));
    expect(body.schema.properties.campiAggiuntivi).toMatchObject({ type: 'object', required: ['palestra'], additionalProperties: false, properties: { palestra: { type: 'string', minLength: 1, maxLength: 30 }, ascensore: { type: 'boolean' } } });
    expect(body.hints).toMatchObject({ ore: { help: 'Hours asked for', order: 1 }, 'campiAggiuntivi.palestra': { section: 'Altro', help: 'La più vicina al domicilio', widget: 'text' }, 'campiAggiuntivi.ascensore': { widget: 'checkbox' }, 'campiAggiuntivi.dal': { widget: 'date' } });
    // A polo sees its own without saying whose.
    expect((await api.get('polo.puglia', FORM)).body.version).toBe(body.version);
    expect((await api.get('segreteria.bari', FORM)).body.version).toBe('3+0');
  });

  it('is asked for, checked, stored, printed and shown', async () => {
    const id = await newCase();
    const missing = await invia(id, P);
    expect([missing.status, missing.body.code, pointers(missing)]).toEqual([422, 'invalid', ['/modelloP/campiAggiuntivi/palestra']]);
    expect(missing.body.errors[0].message).toBe('“Palestra vicina” è obbligatorio.');
    expect((await invia(id, P, 'segreteria.bari', { 'accept-language': 'en' })).body.detail).toBe('“Gym nearby” is required.');
    const sent = await invia(id, { ...P, campiAggiuntivi: { palestra: 'Comunale', ascensore: false, dal: '2026-02-01' } });
    expect([sent.status, sent.body.state]).toEqual([200, 'inviata']);
    const lines = [{ label: 'C’è l’ascensore', value: 'no' }, { label: 'Palestra vicina', value: 'Comunale' }, { label: 'Disponibile dal', value: '01/02/2026' }];
    expect(sent.body.data).toMatchObject({ modelloP: { campiAggiuntivi: { palestra: 'Comunale', ascensore: false } }, altriDati: lines });
    expect((await api.get('polo.puglia', `/cases/${id}`)).body.data.altriDati).toEqual(lines);
    const { rows: [{ input }] } = await api.db.query(`select input from agenda where case_id = $1 and name = 'lettera'`, [id]);
    expect(input.data.righe).toEqual(['C’è l’ascensore: no', 'Palestra vicina: Comunale', 'Disponibile dal: 01/02/2026']);
    // The row itself keeps it under the case's key.
    expect(JSON.stringify((await api.db.query('select context from cases where id = $1', [id])).rows)).not.toContain('Comunale');
    expect((await historyOf(id)).map(({ kind, name }) => [kind, name])).toEqual([['created', 'created'], ['refused', 'invia'], ['refused', 'invia'], ['command', 'invia']]);
    expect((await api.get('segreteria.bari', `/cases/${id}/history/verification`)).body.valid).toBe(true);
  });

  it.each([
    ['an empty text where one is required', { palestra: '' }, ['/modelloP/campiAggiuntivi/palestra']],
    ['a text that is too long', { palestra: 'x'.repeat(31) }, ['/modelloP/campiAggiuntivi/palestra']],
    ['another type', { palestra: 7 }, ['/modelloP/campiAggiuntivi/palestra']],
    ['a day that there is not', { palestra: 'x', dal: '2026-02-30' }, ['/modelloP/campiAggiuntivi/dal']],
    ['a field that nobody asked for', { palestra: 'x', piscina: 'y' }, ['/modelloP/campiAggiuntivi/piscina']],
    ['a name of every object', { palestra: 'x', constructor: 'y' }, ['/modelloP/campiAggiuntivi/constructor']],
    ['several faults at once', { ascensore: 'sì', piscina: 'y' }, ['/modelloP/campiAggiuntivi/ascensore', '/modelloP/campiAggiuntivi/palestra', '/modelloP/campiAggiuntivi/piscina']],
  ])('refuses %s, naming the place and never the value', async (_what, campiAggiuntivi, places) => {
    const answer = await invia(await newCase(), { ...P, campiAggiuntivi });
    expect([answer.status, pointers(answer)]).toEqual([422, places]);
    expect(answer.text).not.toContain('xxxxx');
  });

  it('is checked where the form is the whole payload', async () => {
    const id = await newCase();
    await invia(id, { ...P, campiAggiuntivi: { palestra: 'x' } });
    expect(pointers(await api.post('segreteria.bari', `/cases/${id}/commands/modifica`, P))).toEqual(['/campiAggiuntivi/palestra']);
    expect((await api.post('segreteria.bari', `/cases/${id}/commands/modifica`, { ...P, campiAggiuntivi: { palestra: 'y' } })).status).toBe(200);
  });

  it('is not asked of a command without the form, nor of a case of another polo', async () => {
    expect((await api.post('segreteria.bari', `/cases/${await newCase()}/commands/invia`, {})).status).toBe(200);
    const id = await newCase('segreteria.milano', OTHER_POLO);
    expect(pointers(await invia(id, { ...P, campiAggiuntivi: { palestra: 'x' } }, 'segreteria.milano'))).toEqual(['/modelloP/campiAggiuntivi/palestra']);
    expect((await invia(id, { ...P, campiAggiuntivi: {} }, 'segreteria.milano')).status).toBe(200);
  });

  it('never breaks a case that holds it, when it is taken away or becomes another', async () => {
    const id = await newCase();
    await invia(id, { ...P, campiAggiuntivi: { palestra: 'Comunale', ascensore: true } });
    expect((await setForm('polo.puglia', [field('palestra', { schema: { type: 'integer', minimum: 1 }, labels: { it: 'Numero di palestre' } })])).status).toBe(200);
    const shown = (await api.get('segreteria.bari', `/cases/${id}`)).body.data.altriDati;
    expect(shown).toEqual([{ label: 'Numero di palestre', value: 'Comunale' }, { label: 'C’è l’ascensore', value: 'sì' }]);
    expect((await api.post('segreteria.bari', `/cases/${id}/commands/chiudi`)).status).toBe(200);
    await setForm('polo.puglia', []);
    expect((await api.get('segreteria.bari', `/cases/${id}`)).body.data.altriDati.map(({ label }: any) => label)).toEqual(['Numero di palestre', 'C’è l’ascensore']);
    expect((await setForm('polo.puglia', fields)).status).toBe(200);
  });

  it('holds from its day on, and until its last', async () => {
    const tomorrow = addDays(today(), 1), far = addDays(today(), 30);
    expect((await setForm('usr.puglia', [field('domani', { required: true })], { from: tomorrow, to: far }, FORM, asOtherPolo)).status).toBe(200);
    const at = async (date: string) => (await api.get('segreteria.milano', `${FORM}?organisation=${OTHER_POLO}&at=${date}`)).body.fields.map(({ name }: any) => name);
    expect([await at(today()), await at(tomorrow), await at(far), await at(addDays(far, 1))]).toEqual([[], ['domani'], ['domani'], []]);
    const id = await newCase('segreteria.milano', OTHER_POLO);
    expect(pointers(await invia(id, { ...P, campiAggiuntivi: { domani: 'x' } }, 'segreteria.milano'))).toEqual(['/modelloP/campiAggiuntivi/domani']);
    expect((await invia(id, P, 'segreteria.milano')).status).toBe(200);
    // The day has come.
    await api.db.query(`alter table parameters disable trigger all`);
    await api.db.query(`update parameters set valid_from = $2 where organisation = $1`, [OTHER_POLO, today()]);
    await api.db.query(`alter table parameters enable trigger all`);
    expect(pointers(await api.post('segreteria.milano', `/cases/${id}/commands/modifica`, P))).toEqual(['/campiAggiuntivi/domani']);
    expect((await api.post('segreteria.milano', `/cases/${id}/commands/modifica`, { ...P, campiAggiuntivi: { domani: 'x' } })).status).toBe(200);
    await setForm('usr.puglia', [], {}, FORM, asOtherPolo);
  });

  it('may stand for all who have none of their own', async () => {
    expect((await setForm('admin', [field('perTutti', { required: true })])).body.organisation).toBeNull();
    const forms = async (organisation: string) => (await api.get('segreteria.bari', `${FORM}?organisation=${organisation}`)).body.fields.map(({ name }: any) => name);
    // Both have an overlay of their own, be it an empty one.
    expect([await forms(POLO), await forms(OTHER_POLO)]).toEqual([['palestra', 'ascensore', 'dal'], []]);
    await api.db.query(`insert into organisations (code, name, kind) values ('POLOTERZO', 'Terzo polo', 'polo')`);
    expect(await forms('POLOTERZO')).toEqual(['perTutti']);
    const id = await newCase('segreteria.milano', 'POLOTERZO');
    expect(pointers(await invia(id, P, 'segreteria.milano'))).toEqual(['/modelloP/campiAggiuntivi/perTutti']);
    await setForm('admin', []);
  });
});

describe('two forms in one field of a payload', () => {
  it('are told apart by what their data say', async () => {
    expect((await setForm('polo.puglia', [field('reparto', { required: true })], {}, '/processes/domanda/forms/certificatoS')).status).toBe(200);
    expect((await api.get('segreteria.bari', `/processes/domanda/forms/certificatoS?organisation=${POLO}`)).body.schema.properties.modello).toMatchObject({ const: 'S' });
    const id = await newCase();
    await invia(id, P);
    const certifica = (certificato: object) => api.post('segreteria.bari', `/cases/${id}/commands/certifica`, { certificato });
    expect(pointers(await certifica({ modello: 'S' }))).toEqual(['/certificato/campiAggiuntivi/reparto']);
    expect(pointers(await certifica({ modello: 'M', campiAggiuntivi: { reparto: 'x' } }))).toEqual(['/certificato/campiAggiuntivi/reparto']);
    expect((await certifica({ modello: 'M' })).status).toBe(200);
    expect((await certifica({ modello: 'S', campiAggiuntivi: { reparto: 'x' } })).status).toBe(200);
  });
});

describe('a form that nobody edits', () => {
  it('takes no added field, whatever its schema lets through', async () => {
    expect((await setForm('polo.puglia', [], {}, '/processes/domanda/forms/consenso')).status).toBe(403);
    expect((await setForm('admin', [], {}, '/processes/domanda/forms/consenso')).status).toBe(403);
    const id = await newCase();
    expect(pointers(await api.post('famiglia.rossi', `/cases/${id}/commands/firma`, { firmatario: 'R', campiAggiuntivi: { a: { b: 1 } } }))).toEqual(['/campiAggiuntivi/a']);
    expect(pointers(await api.post('famiglia.rossi', `/cases/${id}/commands/firma`, { firmatario: 'R', campiAggiuntivi: [] }))).toEqual(['/campiAggiuntivi']);
    expect((await api.post('famiglia.rossi', `/cases/${id}/commands/firma`, { firmatario: 'R' })).status).toBe(200);
  });
});

describe('changing a form', () => {
  it.each([
    ['segreteria.bari', {}, 403], ['dirigente.bari', {}, 403], ['famiglia.rossi', {}, 403], ['usr.puglia', { 'iter-profile': 'USRPUGLIA/funzionarioUsr' }, 403], ['dirigente.polo.puglia', {}, 200], ['polo.puglia', {}, 200], ['admin', {}, 200],
  ] as const)('by %s answers as it may', async (username, headers, status) => {
    expect((await setForm(username, [], {}, FORM, headers)).status).toBe(status);
  });

  it('is of one’s own organisation only, for who is no operator', async () => {
    expect((await setForm('polo.puglia', [], {}, `${FORM}?organisation=${OTHER_POLO}`)).status).toBe(403);
    expect((await setForm('admin', [], {}, `${FORM}?organisation=${OTHER_POLO}`)).body.organisation).toBe(OTHER_POLO);
    expect((await setForm('admin', [], {}, `${FORM}?organisation=NESSUNO`)).status).toBe(422);
    expect((await api.get('polo.puglia', `${FORM}?organisation=NESSUNO`)).status).toBe(404);
    for (const path of ['/processes/domanda/forms/altro', '/processes/domanda/forms/constructor', '/processes/altro/forms/modelloP']) expect([(await api.get('polo.puglia', path)).status, (await setForm('polo.puglia', [], {}, path)).status]).toEqual([404, 404]);
    expect((await api.call(null, FORM, { method: 'PUT', body: {} })).status).toBe(401);
  });

  it('adds nothing when it is repeated, and keeps who, when and why', async () => {
    const first = await setForm('polo.puglia', [field('uno')], { reason: 'prima volta' });
    const again = await setForm('polo.puglia', [field('uno')], { reason: 'prima volta' });
    expect(again.body.versions).toHaveLength(first.body.versions.length);
    expect(again.body.versions[0]).toMatchObject({ reason: 'prima volta', setBy: await api.userId('polo.puglia'), from: today(), to: null, organisation: POLO });
    await setForm('polo.puglia', []);
  });

  it('is no parameter that /parameters would let through', async () => {
    const name = encodeURIComponent('modulo/domanda/modelloP');
    expect((await api.get('admin', '/parameters')).status).toBe(200);
    expect((await api.get('admin', `/parameters/${name}`)).status).toBe(404);
    expect((await api.call('admin', `/parameters/${name}`, { method: 'PUT', body: { value: { fields: 'x' }, from: today(), reason: 'di lato' } })).status).toBe(404);
  });

  it.each<[string, unknown, string[]]>([
    ['a name that is none', [field('Nome'), field('1a'), field('a-b'), field('', { labels: { it: 'x' } })], ['/fields/0/name', '/fields/1/name', '/fields/2/name', '/fields/3/name']],
    ['names of every object', [field('constructor'), field('toString'), field('hasOwnProperty')], ['/fields/0/name', '/fields/1/name', '/fields/2/name']],
    ['a field of the form itself, and the place of the added ones', [field('ore'), field('campiAggiuntivi')], ['/fields/0/name', '/fields/1/name']],
    ['the same name twice', [field('a'), field('a')], ['/fields/1/name']],
    ['a reference', [field('a', { schema: { $ref: '#/definitions/x' } })], ['/fields/0/schema/$ref', '/fields/0/schema/type']],
    ['a pattern', [field('a', { schema: { type: 'string', pattern: '(a+)+$' } })], ['/fields/0/schema/pattern']],
    ['a type that no form shows', [field('a', { schema: { type: 'object' } }), field('b', { schema: { type: ['string', 'null'] } })], ['/fields/0/schema/type', '/fields/1/schema/type']],
    ['another format', [field('a', { schema: { type: 'string', format: 'regex' } })], ['/fields/0/schema/format']],
    ['constraints that do not fit the type', [field('a', { schema: { type: 'string', minimum: 1 } }), field('b', { schema: { type: 'integer', maxLength: 3, format: 'date' } }), field('c', { schema: { type: 'boolean', enum: ['x'] } })], ['/fields/0/schema/minimum', '/fields/1/schema/format', '/fields/1/schema/maxLength', '/fields/2/schema/enum']],
    ['bounds that let nothing pass', [field('a', { schema: { type: 'number', minimum: 2, maximum: 1 } }), field('b', { schema: { type: 'string', minLength: 9, maxLength: 2 } }), field('c', { schema: { type: 'integer', multipleOf: 0 } })], ['/fields/0/schema/minimum', '/fields/1/schema/minLength', '/fields/2/schema/multipleOf']],
    ['choices that are none', [field('a', { schema: { type: 'string', enum: [] } }), field('b', { schema: { type: 'string', enum: ['x', 'x'] } }), field('c', { schema: { type: 'string', enum: [' ', 'x'] } }), field('d', { schema: { type: 'string', enum: ['x'], maxLength: 3 } })], ['/fields/0/schema/enum', '/fields/1/schema/enum', '/fields/2/schema/enum/0', '/fields/3/schema/maxLength']],
    ['more choices than a person reads', [field('a', { schema: { type: 'string', enum: Array.from({ length: 51 }, (_, i) => `${i}`) } })], ['/fields/0/schema/enum']],
    ['no Italian label, or a blank one', [field('a', { labels: { en: 'A' } }), field('b', { labels: { it: '  ' } }), field('c', { labels: { it: 'a\nb' } }), field('d', { labels: { it: 'abc\u202efdp' } })], ['/fields/0/labels/it', '/fields/1/labels/it', '/fields/2/labels/it', '/fields/3/labels/it']],
    ['more fields than a form holds', Array.from({ length: 41 }, (_, i) => field(`c${i}`)), ['/fields']],
    ['more text than a history should carry', Array.from({ length: 40 }, (_, i) => field(`c${i}`, { help: { it: 'x'.repeat(500), en: 'y'.repeat(500) } })), ['/fields']],
    ['something else than fields', { a: 1 }, ['/fields']],
    ['all at once', [field('Nome', { schema: { type: 'string', pattern: 'x', minimum: 1 }, labels: {} }), null], ['/fields/0/labels/it', '/fields/0/name', '/fields/0/schema/minimum', '/fields/0/schema/pattern', '/fields/1']],
  ])('refuses %s', async (_what, fields, places) => {
    const answer = await setForm('polo.puglia', fields);
    expect([answer.status, pointers(answer)]).toEqual([422, places]);
    for (const { message } of answer.body.errors) expect(message).not.toMatch(/^[a-z]+[A-Z_]/);
  });

  it('refuses days that end before they begin, other members, and other words for fields that the form has not', async () => {
    expect(pointers(await setForm('polo.puglia', [], { from: '2026-03-02', to: '2026-03-01' }))).toEqual(['/to']);
    expect(pointers(await setForm('polo.puglia', [], { value: 1, former: {} }))).toEqual(['/former', '/value']);
    expect(pointers(await setForm('polo.puglia', [], { labels: { ore: { it: 'Ore a casa' }, altro: { it: 'x' } } }))).toEqual(['/labels/altro']);
    expect((await setForm('polo.puglia', [], { labels: { ore: { it: 'Ore a casa' } } })).body.labels.ore).toBe('Ore a casa');
    await setForm('polo.puglia', []);
  });
});

describe('a draft', () => {
  const draftOf = (id: string, form = 'modelloP') => `/cases/${id}/forms/${form}/draft`;
  const patch = (username: string, id: string, body: unknown, headers: Record<string, string> = {}, form = 'modelloP') => api.call(username, draftOf(id, form), { method: 'PATCH', body, headers: { 'content-type': 'application/merge-patch+json', ...headers } });

  it('is saved as it is typed, whatever is still missing', async () => {
    const id = await newCase();
    expect((await api.get('segreteria.bari', draftOf(id))).status).toBe(404);
    const first = await patch('segreteria.bari', id, { ore: 500, piani: ['a', 'b'] });
    expect(first).toMatchObject({ status: 200, body: { form: 'modelloP', revision: 1, data: { ore: 500, piani: ['a', 'b'] }, complete: false, updatedBy: { user: await api.userId('segreteria.bari'), name: expect.any(String) } } });
    expect(pointers(first)).toEqual(['/ore', '/variante']);
    const second = await patch('segreteria.bari', id, { ore: 12, variante: 'conSiO', piani: ['c'] });
    expect(second.body).toMatchObject({ revision: 2, data: { ore: 12, variante: 'conSiO', piani: ['c'] }, errors: [], complete: true });
    expect((await patch('segreteria.bari', id, { variante: null }, { 'content-type': 'application/json' })).body.data).toEqual({ ore: 12, piani: ['c'] });
    expect((await api.get('segreteria.bari', draftOf(id))).body).toMatchObject({ revision: 3, data: { ore: 12, piani: ['c'] } });
    // It is in no history, and in no row that can be read.
    expect((await historyOf(id)).map(({ kind }) => kind)).toEqual(['created']);
    const { rows: [row] } = await api.db.query('select sealed from form_drafts where case_id = $1', [id]);
    expect(row.sealed.includes(Buffer.from('piani'))).toBe(false);
  });

  it('is checked with the fields that the polo adds', async () => {
    await setForm('polo.puglia', [field('note', { required: true, labels: { it: 'Note' } })]);
    const id = await newCase();
    expect(pointers(await patch('segreteria.bari', id, P))).toEqual(['/campiAggiuntivi/note']);
    expect((await patch('segreteria.bari', id, { campiAggiuntivi: { note: 'x', altro: 1 } })).body.errors).toEqual([{ pointer: '/campiAggiuntivi/altro', message: 'Il modulo in vigore non prevede il campo “altro”.' }]);
    expect((await patch('segreteria.bari', id, { campiAggiuntivi: { altro: null } })).body).toMatchObject({ complete: true, data: { ...P, campiAggiuntivi: { note: 'x' } } });
    await setForm('polo.puglia', []);
  });

  it('is shared by the people of a school who fill the form, and seen by nobody else', async () => {
    const id = await newCase();
    await invia(id, P);
    await patch('segreteria.bari', id, { ore: 7 });
    expect((await api.get('dirigente.bari', draftOf(id))).body).toMatchObject({ data: { ore: 7 } });
    expect((await patch('dirigente.bari', id, { variante: 'conSiO' })).body).toMatchObject({ revision: 2, data: { ore: 7, variante: 'conSiO' } });
    for (const [username, status] of [['docente.bari', 403], ['polo.puglia', 403], ['famiglia.rossi', 403], ['segreteria.milano', 404], ['famiglia.bianchi', 404]] as const) {
      expect([username, (await api.get(username, draftOf(id))).status, (await patch(username, id, {})).status, (await api.call(username, draftOf(id), { method: 'DELETE' })).status]).toEqual([username, status, status, status]);
    }
    expect([(await api.get('segreteria.bari', draftOf(id, 'altro'))).status, (await api.get('segreteria.bari', draftOf('x'))).status, (await patch('segreteria.bari', id, {}, {}, 'constructor')).status]).toEqual([404, 404, 404]);
  });

  it('of the family is the family’s, also while the case is the school’s draft', async () => {
    const id = await newCase();
    expect((await api.get('famiglia.rossi', `/cases/${id}`)).status).toBe(200);
    expect((await api.get('polo.puglia', `/cases/${id}`)).status).toBe(404);
    await patch('famiglia.rossi', id, { firmatario: 'Rossi' }, {}, 'consenso');
    expect((await api.get('segreteria.bari', draftOf(id, 'consenso'))).status).toBe(404);
    await patch('segreteria.bari', id, { firmatario: 'Per la famiglia' }, {}, 'consenso');
    expect((await api.get('famiglia.rossi', draftOf(id, 'consenso'))).body.data).toEqual({ firmatario: 'Rossi' });
    const listed = async (username: string) => (await api.get(username, `/cases/${id}/forms`)).body.items.map(({ form, draft, commands }: any) => [form, draft?.revision ?? null, commands]);
    expect(await listed('famiglia.rossi')).toEqual([['certificatoS', null, []], ['certificatoM', null, []], ['consenso', 1, ['firma']]]);
    expect(await listed('segreteria.bari')).toEqual([['modelloP', null, ['invia', 'modifica']], ['certificatoS', null, ['certifica']], ['certificatoM', null, ['certifica']], ['consenso', 1, []]]);
    expect((await api.get('famiglia.rossi', `/cases/${id}/forms/consenso`)).body).toMatchObject({ label: 'Consenso', version: '1+0' });
    expect((await api.get('famiglia.rossi', `/cases/${id}/forms/modelloP`)).status).toBe(403);
    // The family signs with its own account: its draft is over, and what the school was typing is the school's to delete.
    expect((await api.post('famiglia.rossi', `/cases/${id}/commands/firma`, { firmatario: 'Rossi' })).status).toBe(200);
    expect((await api.db.query('select principal from form_drafts where case_id = $1', [id])).rows).toEqual([{ principal: BARI }]);
  });

  it('loses nothing when many write at once', async () => {
    const id = await newCase();
    const names = Array.from({ length: 24 }, (_, i) => `campo${i}`);
    const answers = await Promise.all(names.map((name, i) => patch(i % 2 ? 'segreteria.bari' : 'dirigente.bari', id, { [name]: i, oggetto: { [name]: i } })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    expect(answers.map(({ body }) => body.revision).sort((a, b) => a - b)).toEqual(names.map((_, i) => i + 1));
    const { data } = (await api.get('segreteria.bari', draftOf(id))).body;
    expect(Object.keys(data).sort()).toEqual([...names, 'oggetto'].sort());
    expect(Object.keys(data.oggetto).sort()).toEqual([...names].sort());
  });

  it('is not overwritten unknowingly by who says what they read', async () => {
    const id = await newCase();
    const mine = await patch('segreteria.bari', id, { ore: 1 });
    const tag = mine.headers.get('etag')!;
    expect((await patch('dirigente.bari', id, { ore: 2 }, { 'if-match': tag })).status).toBe(200);
    const stale = await patch('segreteria.bari', id, { ore: 3 }, { 'if-match': tag });
    expect([stale.status, stale.body.code, stale.body.revision]).toEqual([412, 'version-mismatch', 2]);
    expect((await api.call('segreteria.bari', draftOf(id), { method: 'DELETE', headers: { 'if-match': tag } })).status).toBe(412);
    const current = (await api.get('segreteria.bari', draftOf(id))).headers.get('etag')!;
    expect((await api.call('segreteria.bari', draftOf(id), { method: 'DELETE', headers: { 'if-match': current } })).status).toBe(204);
    // What comes late finds no draft to write into, and no other one that only looks the same.
    expect((await patch('segreteria.bari', id, { ore: 3 }, { 'if-match': current })).status).toBe(412);
    await patch('dirigente.bari', id, { ore: 9 });
    expect((await patch('segreteria.bari', id, { ore: 3 }, { 'if-match': tag })).status).toBe(412);
    for (const wrong of ['1', '"1', '"1", "2"']) expect([wrong, (await patch('segreteria.bari', id, {}, { 'if-match': wrong })).status]).toEqual([wrong, 400]);
    expect((await api.call('segreteria.bari', draftOf(id), { method: 'DELETE' })).status).toBe(204);
    expect((await api.call('segreteria.bari', draftOf(id), { method: 'DELETE' })).status).toBe(204);
  });

  it('ends with the command that carries its form, survives one that is refused, and is over with the case', async () => {
    const id = await newCase();
    await patch('segreteria.bari', id, { ore: 1 });
    await patch('segreteria.bari', id, { modello: 'S' }, {}, 'certificatoS');
    expect((await invia(id, { ...P, ore: 0 })).status).toBe(422);
    expect((await api.get('segreteria.bari', draftOf(id))).status).toBe(200);
    expect((await invia(id, P)).status).toBe(200);
    expect([(await api.get('segreteria.bari', draftOf(id))).status, (await api.get('segreteria.bari', draftOf(id, 'certificatoS'))).status]).toEqual([404, 200]);
    await api.post('segreteria.bari', `/cases/${id}/commands/chiudi`);
    const late = await patch('segreteria.bari', id, { ore: 1 });
    expect([late.status, late.body.code, late.body.state]).toEqual([409, 'command-not-allowed', 'chiusa']);
    expect((await api.call('segreteria.bari', draftOf(id, 'certificatoS'), { method: 'DELETE' })).status).toBe(204);
  });

  it('is read by somebody else on the record, and by its writer without', async () => {
    const id = await newCase();
    const log = async () => (await api.get('segreteria.bari', `/cases/${id}/access-log`)).body.items.filter(({ fields }: any) => fields[0].startsWith('bozza')).map(({ name, fields, reason }: any) => [name, fields, reason]).reverse();
    const nameOf = async (username: string) => (await api.get(username, '/me')).body.user.name;
    const [segreteria, dirigente] = [await nameOf('segreteria.bari'), await nameOf('dirigente.bari')];
    await patch('segreteria.bari', id, { ore: 1 });
    await patch('segreteria.bari', id, { ore: 2 });
    await api.get('segreteria.bari', draftOf(id));
    expect(await log()).toEqual([]);
    await api.get('dirigente.bari', draftOf(id), { 'iter-reason': 'controllo' });
    // A patch shows the whole draft too.
    await patch('dirigente.bari', id, { variante: 'conSiO' });
    await patch('dirigente.bari', id, { variante: 'senzaSiO' });
    await api.get('segreteria.bari', draftOf(id));
    expect(await log()).toEqual([[dirigente, ['bozza modelloP'], 'controllo'], [dirigente, ['bozza modelloP'], null], [segreteria, ['bozza modelloP'], null]]);
    // Told by the form's name, to a family that knows no other.
    const told = (await api.call('segreteria.bari', `/cases/${id}/access-log`, { headers: { 'accept-language': 'it' } })).body.items.find(({ fields }: any) => fields[0] === 'bozza modelloP').labels;
    expect(told).toEqual([expect.stringMatching(/^Bozza: (?!modelloP$)/)]);
  });

  it.each<[string, string, number]>([
    ['a list', '[1]', 422], ['a text', '"x"', 422], ['null', 'null', 422], ['no JSON', '{', 400], ['a NUL', '{"a":"\\u0000"}', 400], ['half a pair', '{"a":"\\ud800"}', 400], ['a NUL in a name', '{"\\u0000":1}', 400],
    ['a prototype', '{"__proto__":{"admin":true}}', 400], ['a prototype further in', '{"a":{"__proto__":{"admin":true}}}', 400], ['a number that is none', '{"a":1e999}', 400],
    ['what is too deep', `${'{"a":'.repeat(70)}1${'}'.repeat(70)}`, 400], ['what is too large', `{"a":"${'x'.repeat(256 * 1024)}"}`, 413],
  ])('refuses %s', async (_what, raw, status) => {
    const id = await newCase();
    await patch('segreteria.bari', id, { ore: 1 });
    expect((await api.call('segreteria.bari', draftOf(id), { method: 'PATCH', raw, headers: { 'content-type': 'application/merge-patch+json' } })).status).toBe(status);
    expect((await api.get('segreteria.bari', draftOf(id))).body).toMatchObject({ revision: 1, data: { ore: 1 } });
  });

  it('grows no larger than a form, however small its steps', async () => {
    const id = await newCase();
    expect((await patch('segreteria.bari', id, { a: 'x'.repeat(200 * 1024) })).status).toBe(200);
    const more = await patch('segreteria.bari', id, { b: 'x'.repeat(100 * 1024) });
    expect([more.status, more.body.code]).toEqual([413, 'too-large']);
    expect((await patch('segreteria.bari', id, { a: null, b: 'x'.repeat(100 * 1024), constructor: 1, toString: null })).body.data).toMatchObject({ constructor: 1 });
    expect((await patch('segreteria.bari', id, {}, { 'content-type': 'text/plain' })).status).toBe(400);
  });

  it('survives the program, and is nothing without the case’s key', async () => {
    const id = await newCase();
    await patch('segreteria.bari', id, { ore: 4 });
    const draft = await api.db.query('select sealed from form_drafts where case_id = $1', [id]);
    const other = await newCase();
    // Another case's bytes, or another form's, do not open: they are bound to their place.
    await patch('segreteria.bari', other, { ore: 5 });
    await api.db.query('update form_drafts set sealed = $2 where case_id = $1', [other, draft.rows[0].sealed]);
    expect((await api.get('segreteria.bari', draftOf(other))).status).toBe(500);
    expect((await api.get('segreteria.bari', draftOf(id))).body.data).toEqual({ ore: 4 });
  });
});

it('answers what the OpenAPI document says', async () => {
  const document = (await api.get(null, '/openapi.json')).body, ajv = new Ajv2020({ strict: false });
  addFormats(ajv);
  ajv.addSchema({ $id: 'openapi', ...document });
  const id = await newCase();
  const draft = await api.call('segreteria.bari', `/cases/${id}/forms/modelloP/draft`, { method: 'PATCH', body: { ore: 1 } });
  for (const [path, method, answer] of [
    ['/processes/{process}/forms', 'get', await api.get('polo.puglia', '/processes/domanda/forms')], ['/processes/{process}/forms/{form}', 'get', await api.get('polo.puglia', FORM)],
    ['/processes/{process}/forms/{form}', 'put', await setForm('polo.puglia', [field('a')])], ['/processes/{process}/forms/{form}', 'put', await setForm('polo.puglia', [field('A')])],
    ['/cases/{id}/forms', 'get', await api.get('segreteria.bari', `/cases/${id}/forms`)], ['/cases/{id}/forms/{form}', 'get', await api.get('segreteria.bari', `/cases/${id}/forms/modelloP`)],
    ['/cases/{id}/forms/{form}/draft', 'patch', draft], ['/cases/{id}/forms/{form}/draft', 'get', await api.get('segreteria.bari', `/cases/${id}/forms/modelloP/draft`)],
  ] as const) {
    const [type] = Object.keys(document.paths[path][method].responses[answer.status].content);
    const pointer = ['paths', path, method, 'responses', String(answer.status), 'content', type!, 'schema'].map(part => part.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('{', '%7B').replaceAll('}', '%7D')).join('/');
    const validate = ajv.compile({ $ref: `openapi#/${pointer}` });
    validate(answer.body);
    expect([method, path, answer.status, validate.errors ?? []]).toEqual([method, path, answer.status, []]);
  }
});

it('lists the forms of a process', async () => {
  const { body } = await api.get('segreteria.bari', '/processes/domanda/forms');
  expect(body.items.map(({ form, version, editableBy }: any) => [form, version, editableBy])).toEqual([['modelloP', 3, 'polo'], ['certificatoS', 1, 'polo'], ['certificatoM', 1, 'polo'], ['consenso', 1, null]]);
});
