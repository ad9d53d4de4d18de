/** The procedure's own forms over HTTP: what the polo adds is asked for, printed and shown; the family fills and signs Modello G with its account. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openJson } from '../../engine/history/caseKey.ts';
import { addDays, romeDate } from '../../plugins/contract.ts';
import * as examples from '../../plugins/istruzione-domiciliare/examples.ts';
import { plugins } from '../../plugins/registry.ts';
import { openCalendar } from '../journeys/onEngine.ts';
import { pdfForm, POLO, startTestApi, type Answer, type TestApi } from './harness.ts';

const PROCESS = '/processes/istruzione-domiciliare';
const today = romeDate(new Date().toISOString()), before = addDays(today, -3);
let api: TestApi;
beforeAll(async () => {
  api = await startTestApi({ plugins });
  await openCalendar({ admin: api.db as never, polo: POLO });
});
afterAll(async () => { await api.stop(); });

const MODELLI = { intestazione: [], piede: '', luogo: '', firmatario: { nome: '', ruolo: 'Il Dirigente scolastico' }, testi: {} };
const setForm = (form: string, fields: object[]) => api.call('polo.puglia', `${PROCESS}/forms/${form}`, { method: 'PUT', body: { fields, reason: 'richiesto dalla Regione' } });
const pointers = ({ body }: Answer) => (body.errors ?? []).map((error: any) => error.pointer);
const must = (answer: Answer): Answer => { if (answer.status >= 300) throw new Error(`${answer.status} ${answer.text}`); return answer; };

it('asks for, prints and shows what the polo adds to its forms', async () => {
  must(await setForm('modelloPSenzaSiO', [{ name: 'mezzoDiTrasporto', schema: { type: 'string', enum: ['auto', 'treno'] }, required: true, labels: { it: 'Mezzo di trasporto del docente' } }]));
  must(await setForm('modelloG', [{ name: 'reperibile', schema: { type: 'boolean' }, required: true, labels: { it: 'Un adulto è sempre reperibile' } }]));
  must(await setForm('modelloS', [{ name: 'reparto', schema: { type: 'string' }, required: true, labels: { it: 'Reparto' } }]));
  const { id } = must(await api.post('segreteria.bari', `${PROCESS}/cases`, { data: examples.BOZZA, parties: { polo: POLO, famiglia: 'famiglia.rossi' } })).body;
  const command = (username: string, name: string, data: object) => api.post(username, `/cases/${id}/commands/${name}`, data);

  // The family fills its own form, saved as it is typed, and signs it.
  const G = { firmatario: 'Maria Rossi', qualita: 'genitore', firmatoIl: today };
  const draft = await api.call('famiglia.rossi', `/cases/${id}/forms/modelloG/draft`, { method: 'PATCH', body: G });
  expect([draft.status, draft.body.errors]).toEqual([200, [{ pointer: '/campiAggiuntivi/reperibile', message: '“Un adulto è sempre reperibile” è obbligatorio.' }]]);
  expect(pointers(await command('famiglia.rossi', 'firmaModelloG', { modelloG: G }))).toEqual(['/modelloG/campiAggiuntivi/reperibile']);
  expect((await api.call('famiglia.rossi', `/cases/${id}/forms/modelloG/draft`, { method: 'PATCH', body: { campiAggiuntivi: { reperibile: true } } })).body.complete).toBe(true);
  const { data } = (await api.get('famiglia.rossi', `/cases/${id}/forms/modelloG/draft`)).body;
  must(await command('famiglia.rossi', 'firmaModelloG', { modelloG: data }));
  expect((await api.get('famiglia.rossi', `/cases/${id}/forms/modelloG/draft`)).status).toBe(404);
  // The certificate is Modello S; another polo's field, or that of Modello M, says nothing about it.
  const certificato = examples.certificato([{ dal: addDays(today, -2), al: addDays(today, 60) }], { rilasciatoIl: before });
  must(await api.call('famiglia.rossi', `/cases/${id}/attachments`, { method: 'POST', raw: pdfForm('modelloS') }));
  expect(pointers(await command('famiglia.rossi', 'consegnaCertificato', { certificato }))).toEqual(['/certificato/campiAggiuntivi/reparto']);
  must(await command('famiglia.rossi', 'consegnaCertificato', { certificato: { ...certificato, campiAggiuntivi: { reparto: 'Oncologia' } } }));
  expect(JSON.stringify((await api.db.query('select context, "row" from cases where id = $1', [id])).rows)).not.toContain('Oncologia');

  must(await command('segreteria.bari', 'presenta', {}));
  must(await command('polo.puglia', 'assegnaNumero', {}));
  for (const [name, act] of examples.ATTI) must(await command('dirigente.bari', name, JSON.parse(JSON.stringify(act, (key, value) => (key === 'data' && typeof value === 'string' ? before : value)))));
  must(await api.call('segreteria.bari', `/cases/${id}/attachments`, { method: 'POST', raw: pdfForm('modelloP') }));
  const P = examples.modelloP({ deliberaConsiglioIstituto: { numero: '45', data: before, importoCents: 130_000 } });
  expect(pointers(await command('segreteria.bari', 'inviaModelloP', P))).toEqual(['/campiAggiuntivi/mezzoDiTrasporto']);
  expect(pointers(await command('segreteria.bari', 'inviaModelloP', { ...P, campiAggiuntivi: { mezzoDiTrasporto: 'aereo', altro: 1 } })).sort()).toEqual(['/campiAggiuntivi/altro', '/campiAggiuntivi/mezzoDiTrasporto']);
  const sent = must(await command('segreteria.bari', 'inviaModelloP', { ...P, campiAggiuntivi: { mezzoDiTrasporto: 'treno' } }));
  expect(JSON.stringify(sent.body.data)).toContain('mezzoDiTrasporto');

  const record = (await api.composed.api.engine.readCaseAsSystem(id))!;
  const { rows } = await api.db.query('select id, name, model from documents where case_id = $1', [id]);
  const printed = (name: string) => rows.filter(row => row.name === name).map(row => JSON.stringify(openJson(record.key, row.model, `${id}/document/${row.id}`))).join();
  expect(printed('modelloP')).toContain(JSON.stringify({ label: 'Mezzo di trasporto del docente', value: 'treno' }));
  expect(printed('modelloG')).toContain(JSON.stringify({ label: 'Un adulto è sempre reperibile', value: 'sì' }));
});

it('has its forms listed, each ready to be filled in', async () => {
  const { items } = (await api.get('polo.puglia', `${PROCESS}/forms`)).body;
  expect(items.map(({ form }: any) => form)).toEqual(['propostaProcedura', 'modelloS', 'modelloM', 'modelloG', 'modelloPConSiO', 'modelloPSenzaSiO', 'modelloOF', 'richiestaProroga', 'modelloV', 'modelloZ']);
  for (const { form, label } of items) {
    const { status, body } = await api.get('segreteria.bari', `${PROCESS}/forms/${form}?organisation=${POLO}`);
    expect([form, status, body.label]).toEqual([form, 200, label]);
    for (const name of Object.keys(body.hints)) expect([form, name, body.labels[name] ?? null]).toEqual([form, name, expect.any(String)]);
  }
});

it.each<[string, unknown, string[]]>([
  ['modelliDocumenti', { ...MODELLI, logo: Buffer.from('<svg/>').toString('base64') }, ['/value/logo']],
  ['modelliDocumenti', { ...MODELLI, intestazione: ['Scuola polo', 1], testi: { numeroProgetto: { premessa: 5 }, proroga: 'ciao' } }, ['/value/intestazione/1', '/value/testi/numeroProgetto/premessa', '/value/testi/proroga']],
  ['modelliDocumenti', { ...MODELLI, firmatario: { nome: 'Vito Ranieri' } }, ['/value/firmatario/ruolo']],
  ['compensoOrarioLordoCents', -5, ['/value']],
  ['percentualePolo', 101, ['/value']],
  ['contoPolo', { intestatario: 'Scuola polo', iban: 'XX', bic: '' }, ['/value/iban']],
])('takes no value of %s that would stop the letters or pay wrong sums', async (name, value, places) => {
  const refused = await api.call('polo.puglia', `/parameters/${name}`, { method: 'PUT', body: { value, from: today, reason: 'prova' } });
  expect([refused.status, pointers(refused).sort()]).toEqual([422, places]);
});

it('takes a letterhead with a picture, and an account', async () => {
  const logo = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNkYAAAAAYAAjCB0C8AAAAASUVORK5CYII=';
  const put = async (name: string, value: object) => (await api.call('polo.puglia', `/parameters/${name}`, { method: 'PUT', body: { value, from: today, reason: 'prova' } })).status;
  expect([await put('modelliDocumenti', { ...MODELLI, intestazione: ['Scuola polo Puglia'], testi: { proroga: { chiusura: 'Cordiali saluti' } }, logo }), await put('contoPolo', { intestatario: 'Scuola polo', iban: 'IT60X0542811101000000123456', bic: 'BCITITMM' })]).toEqual([202, 202]);
});
