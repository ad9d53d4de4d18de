/** How people want to be reached, the families that a school imports, what a message would cost, the inbox, and who may read whom it reached. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { comunicazione } from '../../plugins/comunicazione/plugin.ts';
import { BARI, startTestApi, type Answer, type TestApi } from './harness.ts';
import { performEffects } from './performEffects.ts';

const YEAR = '2026/27', SEGRETERIA = 'segreteria.bari', HEADER = 'codice alunno;cognome alunno;nome alunno;classe;codice genitore;cognome genitore;nome genitore;email;cellulare;consenso email;consenso sms;utente';
let api: TestApi;
beforeAll(async () => { api = await startTestApi({ plugins: [comunicazione], settings: { sms: { receiptsSecret: 'segreto', price: 65 } } }); });
afterAll(() => api?.stop());

const put = (username: string, body: object): Promise<Answer> => api.call(username, '/me/contacts', { method: 'PUT', body });
const bring = (content: string, query = '', username = SEGRETERIA): Promise<Answer> => api.call(username, `/families/imports?schoolYear=${encodeURIComponent(YEAR)}${query}`, { method: 'POST', raw: content, headers: { 'content-type': 'text/csv' } });
const pointers = ({ body }: Answer) => body.errors.map(({ pointer }: { pointer: string }) => pointer);

describe('/me/contacts', () => {
  it('begins with the portal alone: nobody consented to anything else', async () => {
    expect((await api.get('famiglia.bianchi', '/me/contacts')).body).toEqual({ email: null, accountEmail: 'famiglia.bianchi@example.org', phone: null, channels: ['portal'], chosenAt: null, pending: { email: null, phone: null }, consents: [] });
  });
  it('takes a number as people write it, which is used once its owner repeats the code, and consents with their version', async () => {
    const { status, body } = await put('famiglia.bianchi', { email: null, phone: '333 123 4567', channels: ['portal', 'email', 'sms'], consents: { email: { version: '2026-09' }, sms: { version: '2026-09' } } });
    expect(status).toBe(200);
    expect(body).toMatchObject({ phone: null, pending: { email: null, phone: { address: '+393331234567', sent: false, failure: null } }, channels: ['portal', 'email', 'sms'], consents: [{ channel: 'email', version: '2026-09', source: 'self', withdrawnAt: null }, { channel: 'sms', withdrawnAt: null }] });
    expect((await put('famiglia.bianchi', { email: null, phone: '333 123 4567', channels: ['portal', 'email', 'sms'], consents: { sms: { version: '2026-09' } } })).body.consents).toHaveLength(2);
  });
  it('knows a number by its code: five tries, half an hour, once', async () => {
    const reached = async () => (await api.db.query('select phone, channels from iter_reached(array[$1::uuid])', [await api.userId('famiglia.bianchi')])).rows[0];
    const verify = (code: string, username = 'famiglia.bianchi') => api.post(username, '/me/contacts/verify', { channel: 'sms', code });
    expect((await reached()).phone).toBeNull();
    const { contactCodes } = api.composed.api.engine, [sent] = await contactCodes.claim(10, 60_000);
    expect(sent).toMatchObject({ channel: 'sms', address: '+393331234567', lang: 'it', code: expect.stringMatching(/^\d{6}$/) });
    // Kept nowhere: neither as it is nor as anything that one could try codes on.
    expect(JSON.stringify((await api.db.query('select to_jsonb(c) as c from contact_codes c')).rows)).not.toContain(sent!.code);
    expect(await contactCodes.claim(10, 60_000)).toEqual([]);
    await contactCodes.sent(sent!.nonce, null);
    const wrong = String((Number(sent!.code) + 1) % 1_000_000).padStart(6, '0');
    expect((await verify(sent!.code, 'famiglia.rossi')).status).toBe(422);
    expect(pointers(await verify('abc'))).toEqual(['/code']);
    for (const _try of [1, 2, 3, 4]) expect(pointers(await verify(wrong))).toEqual(['/code']);
    expect((await verify(sent!.code)).body).toMatchObject({ phone: '+393331234567', pending: { phone: null } });
    expect((await verify(sent!.code)).status).toBe(422);
    expect(await reached()).toEqual({ phone: '+393331234567', channels: ['portal', 'email', 'sms'] });
  });
  it('keeps what was there while a new one is not confirmed, and forgets a code that was tried too often or asked for too often', async () => {
    const change = (phone: string | null) => put('famiglia.bianchi', { email: null, phone, channels: ['portal', 'email', 'sms'] });
    expect((await change('333 7654321')).body).toMatchObject({ phone: '+393331234567', pending: { phone: { address: '+393337654321' } } });
    const { contactCodes } = api.composed.api.engine, [sent] = await contactCodes.claim(10, 60_000);
    const wrong = String((Number(sent!.code) + 1) % 1_000_000).padStart(6, '0');
    for (const _try of [1, 2, 3, 4, 5]) expect((await api.post('famiglia.bianchi', '/me/contacts/verify', { channel: 'sms', code: wrong })).status).toBe(422);
    expect((await api.post('famiglia.bianchi', '/me/contacts/verify', { channel: 'sms', code: sent!.code })).status).toBe(422);
    expect((await change('+393331234567')).body).toMatchObject({ phone: '+393331234567', pending: { phone: null } });
    for (const last of ['11', '12', '13']) expect((await change(`333 76543${last}`)).status).toBe(200);
    expect(pointers(await change('333 7654314'))).toEqual(['/phone']);
    expect((await change('+393331234567')).body).toMatchObject({ phone: '+393331234567', pending: { phone: null } });
  });
  it('refuses what cannot be used: no number, no mobile, no consent', async () => {
    expect(pointers(await put('famiglia.rossi', { email: null, phone: '080 5551234', channels: ['portal'] }))).toEqual(['/phone']);
    expect(pointers(await put('famiglia.rossi', { email: null, phone: null, channels: ['sms'] }))).toEqual(['/phone', '/consents/sms']);
    expect(pointers(await put('famiglia.rossi', { email: null, phone: null, channels: [] }))).toEqual(['/channels']);
    expect((await api.get('famiglia.rossi', '/me/contacts')).body.chosenAt).toBeNull();
  });
  it('withdraws a consent in one step, keeps that it was given, and asks anew for a new version', async () => {
    const { body } = await put('famiglia.bianchi', { email: null, phone: '+393331234567', channels: ['portal', 'email', 'sms'], consents: { sms: null } });
    expect(body.channels).toEqual(['portal', 'email']);
    expect(body.consents.find(({ channel }: any) => channel === 'sms').withdrawnAt).not.toBeNull();
    const again = await put('famiglia.bianchi', { email: null, phone: '+393331234567', channels: ['portal', 'email'], consents: { email: { version: '2027-09' } } });
    expect(again.body.consents.filter(({ channel }: any) => channel === 'email').map(({ version, withdrawnAt }: any) => [version, withdrawnAt === null])).toEqual([['2027-09', true], ['2026-09', false]]);
  });
});

const FILE = [HEADER, 'A1;Rossi;Luca;1A;G1;Rossi;Giulia;;;;;famiglia.rossi', 'A2;Rossi;Mia;3B;G1;Rossi;Giulia;;;;;famiglia.rossi', 'A3;Verdi;Ugo;1A;G2;Verdi;Ada;ada@example.it;333 1112223;01/09/2026;01/09/2026;', 'A4;Neri;Leo;1A;G3;Neri;Pia;;;;;'].join('\n');

describe('the families of a school', () => {
  it('are previewed without a trace, then taken, then nothing is new', async () => {
    const expected = { rows: 4, refused: 0, pupils: { created: 4, changed: 0, unchanged: 0, left: 0 }, guardians: { created: 2, changed: 1, unchanged: 0 }, errors: [] };
    expect((await bring(FILE, '&preview=true')).body).toMatchObject({ preview: true, ...expected });
    expect((await api.get(SEGRETERIA, `/families?schoolYear=${YEAR}`)).body.items).toEqual([]);
    expect((await bring(FILE)).body).toMatchObject({ preview: false, ...expected });
    expect((await bring(FILE)).body).toMatchObject({ pupils: { created: 0, changed: 0, unchanged: 4 }, guardians: { created: 0, changed: 0, unchanged: 3 } });
    const { items } = (await api.get(SEGRETERIA, `/families?schoolYear=${YEAR}&class=1A`)).body;
    expect(items.map(({ code, name, contacts }: any) => [code, name, contacts.map((contact: any) => [contact.name, contact.channels])])).toEqual([['A1', 'Rossi Luca', [['Giulia Rossi', ['portal']]]], ['A3', 'Verdi Ugo', [['Ada Verdi', ['email', 'sms']]]], ['A4', 'Neri Leo', [['Pia Neri', []]]]]);
    expect((await api.get(SEGRETERIA, `/families/classes?schoolYear=${YEAR}`)).body.items).toEqual([{ class: '1A', pupils: 3 }, { class: '3B', pupils: 1 }]);
  });
  it('say which row is wrong and take the others; a pupil who is in no whole file has left', async () => {
    const { body } = await bring([HEADER, 'A1;Rossi;Luca;2A;G1;Rossi;Giulia;;;;;famiglia.rossi', 'A2;Rossi;Mia;3B;G1;Rossi;Giulia;;;;;nessuno', 'A3;Verdi;Ugo;1A;G2;Verdi;Ada;chiocciola;12;;;', 'A5;Blu;Eva;1A;G5;Blu;Ivo;;;;;', 'A5;Blu;Eva;1B;G5;Blu;Ivo;;;;;'].join('\n'), '&preview=true&whole=true');
    expect(body).toMatchObject({ rows: 5, refused: 3, pupils: { created: 1, changed: 1, unchanged: 0, left: 3 } });
    expect(body.errors.map(({ line, field }: any) => [line, field])).toEqual([[3, 'utente'], [4, 'email'], [4, 'cellulare'], [6, 'codiceAlunno']]);
  });
  it('never change what a person chose themselves', async () => {
    await put('famiglia.rossi', { email: null, phone: null, channels: ['portal'] });
    expect((await bring(FILE.replaceAll('Giulia;;;;;famiglia', 'Giulia;altra@example.it;3331234567;01/10/2026;01/10/2026;famiglia'))).body).toMatchObject({ guardians: { changed: 0, unchanged: 3 } });
    expect((await api.get('famiglia.rossi', '/me/contacts')).body).toMatchObject({ email: null, phone: null, channels: ['portal'], consents: [] });
  });
  it('come with the names that the school’s software gives columns and relations, said once', async () => {
    const mapping = { columns: { classe: 'Gruppo', codiceGenitore: 'CF tutore legale' }, words: { relazione: { 'esercente la responsabilità': 'tutore' } } };
    expect((await api.call(SEGRETERIA, '/families/mapping', { method: 'PUT', body: mapping })).body).toMatchObject({ ...mapping, fields: expect.arrayContaining([expect.objectContaining({ field: 'classe', required: true, headings: expect.arrayContaining(['classe']) })]) });
    const { body } = await bring(['CODICE_ALUNNO;Cognome Alunno;Nome Alunno;Gruppo;CF tutore legale;Cognome Genitore;Nome Genitore;Parentela', 'A8;Bruni;Ida;5C;G8;Bruni;Ivo;Esercente la responsabilità', 'A9;Bruni;Lea;5C;G9;Bruni;Eva;MADRE'].join('\n'), '&preview=true');
    expect(body).toMatchObject({ rows: 2, refused: 0, errors: [], mapping: { classe: 'Gruppo', relazione: 'Parentela' } });
    expect(pointers(await api.call(SEGRETERIA, '/families/mapping', { method: 'PUT', body: { columns: { colore: 'x' }, words: { relazione: { zio: 'zio' }, email: {} } } }))).toEqual(['/columns/colore', '/words/relazione/zio', '/words/email']);
    expect((await api.call('docente.bari', '/families/mapping', { method: 'PUT', body: mapping })).status).toBe(403);
    await api.call(SEGRETERIA, '/families/mapping', { method: 'PUT', body: { columns: {} } });
    expect((await bring(FILE)).body.errors).toEqual([]);
  });
  it('are for those who keep them', async () => {
    for (const who of ['docente.bari', 'famiglia.rossi', 'polo.puglia']) expect((await bring(FILE, '', who)).status).toBe(403);
    expect((await api.get('segreteria.milano', `/families?schoolYear=${YEAR}`)).body.items).toEqual([]);
    expect((await bring('x;y\n1;2')).status).toBe(422);
    expect((await bring('PK\x03\x04')).body.detail).toMatch(/cartella di lavoro/);
  });
});

describe('a message', () => {
  let id: string, message: string;
  const command = async (username: string, name: string, body: object = {}) => {
    const answer = await api.post(username, `/cases/${id}/commands/${name}`, body);
    expect([name, answer.status, answer.status < 300 ? '' : answer.text]).toEqual([name, 200, '']);
    return answer.body;
  };
  const deliveries = async (query = '') => (await api.get(SEGRETERIA, `/cases/${id}/broadcasts/${message}/deliveries${query}`)).body.items;

  it('tells before it is sent whom it reaches and what it costs, and which characters make it dear', async () => {
    id = (await api.post('docente.bari', '/processes/comunicazione/cases', { data: {} })).body.id;
    expect((await api.get(SEGRETERIA, `/cases/${id}/broadcasts/estimate`)).status).toBe(409);
    await command('docente.bari', 'scrivi', { testi: { it: { oggetto: 'Riunione', testo: 'Gentile {destinatario}, la riunione è domani.', sms: 'Riunione: “È domani”' }, en: null } });
    await command('docente.bari', 'indirizza', { destinatari: { tipo: 'classi', annoScolastico: YEAR, classi: ['1A', '3B'] }, canali: ['portal', 'email', 'sms'], presaVisione: { entro: '2099-12-31', solleciti: [] }, urgente: true });
    const { status, body } = await api.get(SEGRETERIA, `/cases/${id}/broadcasts/estimate`);
    expect([status, body]).toEqual([200, { recipients: 3, unreachable: 1, channels: { portal: 1, email: 1, sms: 1 }, sms: { segments: 1, costMillis: 65, longest: 1, tooLong: 0, costly: ['“', 'È', '”'] } }]);
  });
  it('is in the inbox of each, once, of all their children', async () => {
    await command(SEGRETERIA, 'invia');
    await performEffects(api, id);
    const { items } = (await api.get('famiglia.rossi', '/inbox')).body;
    expect(items).toMatchObject([{ subject: 'Riunione', from: { organisation: BARI, name: 'IC "Massari Galilei", Bari' }, pupils: [{ name: 'Luca Rossi', class: '1A' }, { name: 'Mia Rossi', class: '3B' }], readAt: null, acknowledge: { by: '2099-12-31', at: null } }]);
    expect(items[0]).not.toHaveProperty('text');
    expect((await api.get('famiglia.rossi', `/inbox/${items[0].id}`)).body).toMatchObject({ text: expect.stringContaining('Gentile Giulia Rossi'), readAt: null });
    expect((await api.get('famiglia.bianchi', '/inbox')).body.items).toEqual([]);
    for (const path of ['', '/read', '/acknowledge']) expect((await api.call('famiglia.bianchi', `/inbox/${items[0].id}${path}`, { method: path === '' ? 'GET' : 'POST' })).status).toBe(404);
    expect((await api.get('famiglia.rossi', `/cases/${id}`)).status).toBe(404);
  });
  it('says who has not taken note, until they do, in the portal or on paper', async () => {
    message = (await api.get(SEGRETERIA, `/cases/${id}/broadcasts`)).body.items[0].id;
    const silent = async () => [...new Set((await deliveries('?acknowledged=false')).map(({ recipient }: any) => recipient.name))].sort();
    expect(await silent()).toEqual(['Ada Verdi', 'Giulia Rossi', 'Pia Neri']);
    const [mine] = (await api.get('famiglia.rossi', '/inbox')).body.items;
    expect((await api.post('famiglia.rossi', `/inbox/${mine.id}/read`)).body.readAt).not.toBeNull();
    expect(await silent()).toHaveLength(3);
    const first = (await api.post('famiglia.rossi', `/inbox/${mine.id}/acknowledge`)).body.acknowledge.at;
    expect((await api.post('famiglia.rossi', `/inbox/${mine.id}/acknowledge`)).body.acknowledge.at).toBe(first);
    const pia = (await deliveries('?channel=none')).find(({ recipient }: any) => recipient.name === 'Pia Neri');
    expect((await api.post(SEGRETERIA, `/cases/${id}/broadcasts/${message}/deliveries/${pia.id}/acknowledge`)).body).toMatchObject({ acknowledgedBy: await api.userId(SEGRETERIA) });
    expect(await silent()).toEqual(['Ada Verdi']);
    const table = async (query: string, language = 'it', who = SEGRETERIA) => await api.call(who, `/cases/${id}/broadcasts/${message}/deliveries.csv${query}`, { headers: { 'accept-language': language } });
    const { text, headers } = await table('?acknowledged=false');
    expect([headers.get('content-type'), headers.get('content-disposition')]).toEqual(['text/csv; charset=utf-8', expect.stringMatching(/filename="invii\.csv"/)]);
    expect(text.replace(/^\ufeff/, '').split('\r\n')).toEqual(['Classe;Alunni;Destinatario;E-mail;Cellulare;Stato e-mail;Stato SMS;Portale;Non raggiunto;Letto;Presa visione', "1A;Ugo Verdi;Ada Verdi;ada@example.it;'+393331112223;consegnato;non consegnato;;;;", '']);
    const all = (await table('', 'en')).text.split('\r\n').map(line => line.split(';'));
    expect(all.slice(1, -1).map(([classes, pupils, person, , , , , portal, unreached]) => [classes, pupils, person, portal, unreached])).toEqual([
      ['1A', 'Leo Neri', 'Pia Neri', '', 'yes'], ['1A', 'Ugo Verdi', 'Ada Verdi', '', ''], ['1A, 3B', 'Luca Rossi, Mia Rossi', 'Giulia Rossi', 'delivered', ''],
    ]);
    expect(all[3]!.slice(-2)).toEqual([expect.stringMatching(/^\d\d\/\d\d\/\d{4}, \d\d:\d\d$/), expect.stringMatching(/^\d\d\/\d\d\/\d{4}, \d\d:\d\d$/)]);
    for (const who of ['segreteria.milano', 'famiglia.rossi']) expect((await table('', 'it', who)).status).toBe(404);
    expect((await api.get(SEGRETERIA, `/cases/${id}/broadcasts`)).body.items).toMatchObject([{ recipients: 3, done: true, acknowledge: { by: '2099-12-31', acknowledged: 2, silent: 1 }, costMillis: 0, templateVersion: '1' }]);
  });
  it('says what became of each: the e-mail went, for the SMS nobody is set up', async () => {
    expect((await deliveries()).filter(({ recipient }: any) => recipient.name === 'Ada Verdi').map(({ channel, state, address, error }: any) => [channel, state, address, error]).sort()).toEqual([
      ['email', 'delivered', 'ada@example.it', null], ['sms', 'permanentFailure', '+393331112223', 'no SMS provider is set up (SMS_URL)'],
    ]);
    expect((await deliveries('?state=permanentFailure')).map(({ channel }: any) => channel).sort()).toEqual(['none', 'sms']);
  });
  it('is nobody else’s: another school, a teacher of another, a family', async () => {
    for (const who of ['segreteria.milano', 'famiglia.rossi', 'polo.puglia']) expect((await api.get(who, `/cases/${id}/broadcasts`)).status).toBe(404);
    expect((await api.get('docente.bari', `/cases/${id}/broadcasts/${message}/deliveries`)).status).toBe(200);
    expect((await api.get(SEGRETERIA, `/cases/${id}/broadcasts/${id}/deliveries`)).status).toBe(404);
  });
});
