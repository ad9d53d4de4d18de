/** What leaves for the accounts and the bank: checked against its schema, exact to the cent, and refused with all that is missing at once. */
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { validateXML } from 'xmllint-wasm';
import { definePlugin } from '../../plugins/contract.ts';
import { fondoIstruzioneDomiciliare } from '../../plugins/fondo-istruzione-domiciliare/plugin.ts';
import { richiesta } from '../toys/richiesta.ts';
import { BARI, MILANO, newRichiesta, POLO, startTestApi, USR, type Answer, type TestApi } from './harness.ts';

const FONDO = 'fondo-istruzione-domiciliare', ANNO = '2026/27';
const IBAN = 'IT60X0542811101000000123456', OTHER_IBAN = 'DE89370400440532013000';
const SCHEMA = readFileSync(new URL('../../api/exports/schemas/pain.001.001.09.xsd', import.meta.url), 'utf8');

const { checked: _checked, ...definition } = richiesta;
/** With tables of its own: one of health data, one whose figures are wrong. */
const conElenchi = definePlugin({
  ...definition,
  exports: {
    elenco: { format: 'csv', by: ['segreteria'], protected: true, content: ({ context }) => ({ format: 'csv', fileName: '../élenco alunni', columns: [{ name: 'alunno', title: 'Alunno' }], rows: [{ alunno: context.alunno }] }) },
    conto: { format: 'csv', by: ['segreteria'], content: ({ context }) => ({ format: 'csv', fileName: 'conto', columns: [{ name: 'ore', title: 'Ore' }], rows: [{ ore: 1 }, { ore: context.ore / 0 }] }) },
  },
  labels: { it: { ...richiesta.labels.it, exports: { elenco: 'Elenco', conto: 'Conto' } }, en: { ...richiesta.labels.en, exports: { elenco: 'List', conto: 'Account' } } },
});

let api: TestApi, fund: string;
beforeAll(async () => {
  api = await startTestApi({ plugins: [fondoIstruzioneDomiciliare, conElenchi] });
  fund = (await api.post('dirigente.polo.puglia', `/processes/${FONDO}/cases`, { data: { annoScolastico: ANNO }, parties: { polo: POLO, usr: USR } })).body.id;
});
afterAll(async () => { await api.stop(); });

const progetti = new Map<number, string>();
const get = (username: string, name: string, headers = {}) => api.get(username, `/cases/${fund}/exports/${name}`, headers);
/** As the project's own case sends it. */
async function rendiconta(n: number, quotaCents: number, more: object = { iban: IBAN }): Promise<void> {
  const progetto = progetti.get(n) ?? randomUUID();
  progetti.set(n, progetto);
  const data = { progetto, numero: `ID-${ANNO}-000${n}`, scuola: n % 2 ? BARI : MILANO, minutiContabili: 50, costoCents: 2 * quotaCents, quotaCents, ...more };
  expect(await api.composed.api.engine.sendCommand({ effectId: randomUUID(), from: { process: 'istruzione-domiciliare', caseId: progetto }, input: { process: FONDO, command: 'registraRendiconto', data, target: { id: fund } } })).toMatchObject({ ok: true });
}
async function give(username: string, command: string, data: object): Promise<void> {
  const answer = await api.post(username, `/cases/${fund}/commands/${command}`, data);
  expect([command, answer.status, answer.body.detail]).toEqual([command, 200, undefined]);
}
const atto = (numero: string) => ({ numero, data: '2026-09-01' });
const amounts = ({ text }: Answer) => [...text.matchAll(/<InstdAmt Ccy="EUR">(\d+)\.(\d\d)<\/InstdAmt>/g)].map(([, euro, cents]) => Number(euro! + cents!));
async function expectValid(answer: Answer): Promise<void> {
  expect([answer.status, answer.headers.get('content-type'), answer.text.slice(0, 5)]).toEqual([200, 'application/xml', '<?xml']);
  expect((await validateXML({ xml: [{ fileName: 'file.xml', contents: answer.text }], schema: [{ fileName: 'schema.xsd', contents: SCHEMA }], maxMemoryPages: 1024 })).errors).toEqual([]);
}

describe('the exports of a fund', () => {
  it('are listed to the roles that may take them, with their labels', async () => {
    expect((await api.get('polo.puglia', `/cases/${fund}/exports`, { 'accept-language': 'en' })).body).toEqual({
      items: [
        { name: 'riparto', label: 'Distribution of the fund', format: 'csv', href: `/api/v1/cases/${fund}/exports/riparto` },
        { name: 'contabilita', label: 'Movements for the accounts', format: 'csv', href: `/api/v1/cases/${fund}/exports/contabilita` },
        { name: 'bonifici', label: 'Transfers of the last payment (SEPA)', format: 'pain.001', href: `/api/v1/cases/${fund}/exports/bonifici` },
      ],
      next: null,
    });
    expect((await api.get('usr.puglia', `/cases/${fund}/exports`)).body.items.map(({ name }: any) => name)).toEqual(['riparto']);
    expect([(await get('usr.puglia', 'bonifici')).status, (await get('polo.puglia', 'altro')).status, (await get('polo.puglia', 'constructor')).status]).toEqual([403, 404, 404]);
    expect([(await get('segreteria.bari', 'riparto')).status, (await api.get('segreteria.bari', `/cases/${fund}/exports`)).status, (await api.get('polo.puglia', '/cases/x/exports/riparto')).status]).toEqual([404, 404, 404]);
  });

  it('say that there is nothing to pay, and from no account', async () => {
    const refused = await get('polo.puglia', 'bonifici', { 'accept-language': 'it' });
    expect([refused.status, refused.body.code, refused.body.errors.map(({ pointer }: any) => pointer)]).toEqual([422, 'invalid', ['/debtor/iban', '/transfers']]);
    expect(refused.body.errors[0].message).toMatch(/manca l’IBAN del conto da cui si paga.*parametri/);
  });

  it('name every school whose account is missing, and pay once it is there', async () => {
    await rendiconta(1, 100);
    await rendiconta(2, 100, { iban: null });
    await rendiconta(3, 100, {});
    await give('polo.puglia', 'registraFinanziamento', { importoCents: 100, atto: atto('1') });
    await give('dirigente.polo.puglia', 'liquida', { atto: atto('77') });
    const refused = await get('polo.puglia', 'bonifici', { 'accept-language': 'it' });
    expect(refused.body.errors).toMatchObject([
      { pointer: '/debtor/iban' }, { pointer: '/transfers/1/iban', message: expect.stringMatching(/^IC Morosini Manara, Milano \(ID-2026\/27-0002\): manca l’IBAN/) },
      { pointer: '/transfers/2/iban', message: expect.stringMatching(/^IC "Massari Galilei", Bari \(ID-2026\/27-0003\)/) },
    ]);

    const proposed = await api.call('polo.puglia', '/parameters/contoPolo', { method: 'PUT', body: { value: { intestatario: '', iban: IBAN, bic: '' }, from: '2026-09-01', reason: 'Conto di tesoreria' } });
    expect((await api.post('dirigente.polo.puglia', `/parameters/proposals/${proposed.body.id}/approve`)).status).toBe(200);
    for (const n of [2, 3]) await give('polo.puglia', 'registraIban', { progetto: progetti.get(n), iban: OTHER_IBAN });

    const paid = await get('polo.puglia', 'bonifici');
    await expectValid(paid);
    expect(paid.headers.get('content-disposition')).toMatch(/^attachment; filename="bonifici-2026-27-1\.xml"/);
    // The fund does not suffice: 33 1/3 cents each, and the cent that is left.
    expect(amounts(paid)).toEqual([34, 33, 33]);
    for (const part of ['<Nm>Scuola polo Puglia</Nm>', '<Nm>IC Morosini Manara, Milano</Nm>', `<IBAN>${OTHER_IBAN}</IBAN>`, '<CtrlSum>1.00</CtrlSum>', '<EndToEndId>ID-2026/27-0001</EndToEndId>', '<Ustrd>Progetto istruzione domiciliare ID-2026/27-0001 a.s. 2026/27 quota</Ustrd>']) expect(paid.text).toContain(part);
    expect((await get('polo.puglia', 'bonifici')).text).toBe(paid.text);
  });

  it('divide what does not suffice to the cent: the transfers are the fund', async () => {
    const shares = [333_33, 1_27, 99_999, 50_001];
    for (const [i, cents] of shares.entries()) await rendiconta(4 + i, cents);
    await give('polo.puglia', 'registraFinanziamento', { importoCents: 123_457, atto: atto('2') });
    await give('dirigente.polo.puglia', 'liquida', { atto: atto('78') });
    const paid = await get('dirigente.polo.puglia', 'bonifici');
    await expectValid(paid);
    expect(amounts(paid)).toHaveLength(4);
    expect(amounts(paid).reduce((sum, cents) => sum + cents, 0)).toBe(123_457);
  });

  it('tell each project with hours, shares, account and act as a table that Excel opens', async () => {
    const answer = await get('usr.puglia', 'riparto');
    expect([answer.status, answer.headers.get('content-type'), answer.headers.get('content-disposition')]).toEqual([200, 'text/csv; charset=utf-8', expect.stringMatching(/^attachment; filename="riparto-2026-27\.csv"/)]);
    const rows = parse(answer.text, { bom: true, columns: true, delimiter: ';' }) as Record<string, string>[];
    expect(rows[0]).toMatchObject({ 'Progetto': 'ID-2026/27-0001', 'Codice scuola': BARI, 'Scuola': 'IC "Massari Galilei", Bari', 'Ore contabili': '0,83', 'Costo (€)': '2,00', 'Quota spettante (€)': '1,00', 'Quota liquidata (€)': '0,34', 'IBAN': IBAN, 'Atto': 'n. 77 del 2026-09-01' });
    const cents = (text: string) => Number(text.replace(',', ''));
    expect(rows).toHaveLength(7);
    expect(rows.reduce((sum, row) => sum + cents(row['Quota liquidata (€)']!), 0)).toBe(123_557);
    for (const row of rows) expect(cents(row['Quota proporzionale in centesimi interi (€)']!) + cents(row['Aggiunto per il maggior resto (€)']!)).toBe(cents(row['Quota liquidata (€)']!));

    const movements = parse((await get('polo.puglia', 'contabilita')).text, { bom: true, columns: true, delimiter: ';' }) as Record<string, string>[];
    expect(movements.map(row => [row['Entrata (€)'] || row['Uscita (€)'], row['Saldo (€)']]).slice(0, 3)).toEqual([['1,00', '1,00'], ['1234,57', '1235,57'], ['0,34', '1235,23']]);
    expect(movements.at(-1)!['Saldo (€)']).toBe('0,00');
    expect((await api.get('polo.puglia', `/cases/${fund}/access-log`)).body.items).toEqual([]);
  });
});

describe('an export', () => {
  it('of health data is written into the access log with the reason, under a safe name', async () => {
    const { id } = await newRichiesta(api);
    const answer = await api.get('segreteria.bari', `/cases/${id}/exports/elenco`, { 'iter-reason': 'Controllo' });
    expect([answer.status, answer.headers.get('content-disposition')]).toEqual([200, 'attachment; filename="elenco-alunni.csv"; filename*=UTF-8\'\'elenco-alunni.csv']);
    expect(answer.text).toBe('Alunno\r\nLuca Rossi\r\n');
    expect((await api.get('segreteria.bari', `/cases/${id}/access-log`)).body.items[0]).toMatchObject({ fields: ['elenco'], labels: ['Elenco'], reason: 'Controllo', role: 'segreteria' });
    expect((await api.get('dirigente.bari', `/cases/${id}/exports/elenco`)).status).toBe(403);
  });

  it('that cannot be written says which row is wrong', async () => {
    const { id } = await newRichiesta(api);
    expect((await api.get('segreteria.bari', `/cases/${id}/exports/conto`)).body).toMatchObject({ status: 422, errors: [{ pointer: '/rows/1/ore' }] });
  });
});
