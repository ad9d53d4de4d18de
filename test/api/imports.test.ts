/** Absences as the secretariat's software exports them: previewed, taken in once, corrected, told to the families the same morning. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { giustificazione } from '../../plugins/giustificazione/plugin.ts';
import { addDays, addMonths, romeDate } from '../../plugins/calendar.ts';
import { readMailIndex } from '../../worker/embedded/mail.ts';
import { testServers } from '../environment/servers.ts';
import { pdfForm, startTestApi, type Answer, type TestApi } from './harness.ts';
import { performEffects } from './performEffects.ts';

let api: TestApi;
const OGGI = romeDate(new Date().toISOString()), IERI = addDays(OGGI, -1);
const scritta = (date: string) => date.split('-').reverse().join('/');
const FAMIGLIE = `Codice alunno;Cognome;Nome;Classe;Codice genitore;Cognome genitore;Nome genitore;Utente
A01;Rossi;Luca;2B;G1;Rossi;Giulia;famiglia.rossi
A02;Bianchi;Eva;2B;G2;Bianchi;Andrea;famiglia.bianchi
A02;Bianchi;Eva;2B;G1;Rossi;Giulia;famiglia.rossi
A03;Verdi;Ugo;3A;G3;Verdi;Lia;
`;
beforeAll(async () => {
  api = await startTestApi({ plugins: [giustificazione] });
  const { status, text } = await csv('/families/imports', FAMIGLIE);
  if (status !== 200) throw new Error(text);
});
afterAll(async () => { await api.stop(); });

const csv = (path: string, content: string | Buffer, by = 'segreteria.bari'): Promise<Answer> => api.call(by, path, { method: 'POST', headers: { 'content-type': 'text/csv' }, raw: content as any });
const righe = (...rows: string[]) => ['Codice alunno;Data;Tipo;Ora', ...rows].join('\n');
async function take(content: string | Buffer, query = ''): Promise<any> {
  const { status, body, text } = await csv(`/imports/absences${query}`, content);
  if (status !== 200) throw new Error(text);
  return body;
}
const come = (by: string) => (by.startsWith('famiglia') ? { 'iter-profile': 'persona/genitore' } : undefined);
/** The pupil's register as the family sees it. */
async function registro(codice: string, by = 'segreteria.bari'): Promise<any> {
  for (const { id } of (await api.get(by, '/cases?process=giustificazione&limit=200', come(by))).body.items) {
    const { body } = await api.get(by, `/cases/${id}`, come(by));
    if (body.data.alunno.codice === codice) return body;
  }
  return null;
}
const stati = ({ data }: any) => Object.fromEntries(data.eventi.map(({ chiave, stato }: any) => [chiave, stato]));
const avvisi = async (id: string) => (await api.db.query(`select count(*)::int as n from agenda where case_id = $1 and name = 'avvisaFamiglia'`, [id])).rows[0].n;

describe('an export of absences', () => {
  it('is previewed: what it would do, and nothing done', async () => {
    const body = await take(righe(`A01;${scritta(OGGI)};A;`, `A02;${scritta(OGGI)};R;08.25`), '?preview');
    expect(body).toMatchObject({ preview: true, rows: 2, created: 2, changed: 0, unchanged: 0, refused: 0, cases: 2, errors: [], mapping: { codice: 'Codice alunno', giorno: 'Data', tipo: 'Tipo', ora: 'Ora' } });
    expect(body.sample[1]).toEqual({ line: 3, change: 'created', data: { codice: 'A02', giorno: OGGI, tipo: 'ritardo', ora: '08:25', minuti: null } });
    expect([await registro('A01'), (await api.db.query('select from import_rows')).rows]).toEqual([null, []]);
  });

  it('is taken in once, begins the pupil’s register by itself and tells the family', async () => {
    const file = righe(`A01;${scritta(OGGI)};A;`, `A02;${OGGI};Ritardo;8:25`);
    expect(await take(file)).toMatchObject({ preview: false, created: 2, cases: 2, refused: 0 });
    const luca = await registro('A01', 'famiglia.rossi');
    expect([stati(luca), luca.data.alunno, luca.parties, await avvisi(luca.id)]).toMatchObject([{ [`${OGGI}-assenza`]: 'notificato' }, { nome: 'Luca', cognome: 'Rossi' }, {}, 1]);
    const before = (await api.db.query('select count(*)::int as n from history')).rows[0].n;
    expect(await take(file)).toMatchObject({ created: 0, changed: 0, unchanged: 2, cases: 0 });
    expect((await api.db.query('select count(*)::int as n from history')).rows[0].n).toBe(before);
    // Both of those who answer for Eva are of her register.
    expect([(await registro('A02', 'famiglia.bianchi'))?.id, await registro('A01', 'famiglia.bianchi')]).toEqual([(await registro('A02'))!.id, null]);
    expect((await api.get('famiglia.rossi', '/tasks', come('famiglia.rossi'))).body.items.map(({ name }: any) => name)).toContain('giustifica');
  });

  it('tells what is wrong row by row, and takes the others', async () => {
    const body = await take(righe(`A03;${scritta(IERI)};A;`, `A99;${scritta(IERI)};A;`, `A01;31/02/2026;A;`, `A01;${scritta(IERI)};Boh;`, `A01;${scritta(addDays(OGGI, 1))};A;`, `A02;${scritta(IERI)};R;25.00`, `A03;${scritta(IERI)};A;09:00`, 'A01'));
    expect(body).toMatchObject({ rows: 8, created: 1, refused: 7 });
    expect(body.errors.map(({ line, field }: any) => [line, field])).toEqual([[3, 'codice'], [4, 'giorno'], [5, 'tipo'], [6, 'giorno'], [7, 'ora'], [8, null], [9, null]]);
    expect(body.errors.map(({ column, message }: any) => [column, message])).toEqual([
      ['Codice alunno', expect.stringMatching(/^non è il codice di un alunno del 20\d\d\/\d\d$/)], ['Data', 'non è una data (31/12/2026)'], ['Tipo', '“Boh” non è tra: assenza, ritardo, uscita'], ['Data', 'Il giorno deve ancora venire.'],
      ['Ora', 'non è un orario (08:05)'], [null, 'dice altro dalla riga 2 sulla stessa cosa'], [null, 'il file finisce a metà di questa riga'],
    ]);
    const english = await api.call('segreteria.bari', '/imports/absences?preview', { method: 'POST', headers: { 'content-type': 'text/csv', 'accept-language': 'en' }, raw: righe(`A01;${scritta(addDays(OGGI, 1))};A;`, 'A01;31/02/2026;A;') as any });
    expect(english.body.errors.map(({ message }: any) => message)).toEqual(['The day is still to come.', 'is no date (31/12/2026)']);
    expect(stati(await registro('A03'))).toEqual({ [`${IERI}-assenza`]: 'notificato' });
  });

  it('corrects what it said before, and withdraws what a whole file does not name any more', async () => {
    expect(await take(righe(`A02;${OGGI};R;08:55`, `A01;${OGGI};A;`))).toMatchObject({ changed: 1, unchanged: 1 });
    const eva = await registro('A02');
    expect([eva.data.eventi[0].ora, eva.data.eventi.length, await avvisi(eva.id)]).toEqual(['08:55', 1, 1]);
    // An error anywhere in the file: what seems to be gone may be the row that could not be read.
    expect(await take(righe(`A02;${OGGI};R;08:55`, `A99;${OGGI};A;`), '?whole')).toMatchObject({ withdrawn: 0, refused: 1 });
    expect(await take(righe(`A02;${OGGI};R;08:55`), '?whole&preview')).toMatchObject({ withdrawn: 1, preview: true });
    expect(stati(await registro('A01'))[`${OGGI}-assenza`]).toBe('notificato');
    expect(await take(righe(`A02;${OGGI};R;08:55`), '?whole')).toMatchObject({ withdrawn: 1 });
    expect(stati(await registro('A01'))).toEqual({ [`${OGGI}-assenza`]: 'annullato' });
    // Another day’s rows stay, and what comes back is new again.
    expect(stati(await registro('A03'))).toEqual({ [`${IERI}-assenza`]: 'notificato' });
    expect(await take(righe(`A01;${OGGI};A;`))).toMatchObject({ created: 1 });
    const luca = await registro('A01');
    expect([stati(luca), await avvisi(luca.id)]).toEqual([{ [`${OGGI}-assenza`]: 'notificato' }, 2]);
  });

  it('does nothing twice when the program died between a command and its note', async () => {
    const file = righe(`A03;${OGGI};U;12:10`);
    await take(file);
    const { version } = await registro('A03');
    await api.db.query(`delete from import_rows where key like 'A03/${OGGI}/%'`);
    expect(await take(file)).toMatchObject({ created: 1 });
    expect((await registro('A03')).version).toBe(version);
    expect(await take(file)).toMatchObject({ unchanged: 1 });
  });

  it('is read as the school’s software writes it, once the school has said how', async () => {
    const file = Buffer.from(`"Matr.","Giorno di lezione","Ev."\n"A03","${scritta(addDays(OGGI, -2))}","RIT."\n`, 'latin1');
    const { status, body } = await csv('/imports/absences?preview', file);
    expect([status, body.code]).toEqual([422, 'invalid']);
    const mapping = { columns: { codice: 'Matr.', giorno: 'Giorno di lezione', tipo: 'Ev.' }, words: { tipo: { 'RIT.': 'ritardo' } } };
    expect((await api.call('segreteria.bari', '/imports/absences/mapping', { method: 'PUT', body: mapping })).body).toMatchObject(mapping);
    expect(await take(file, '?preview')).toMatchObject({ created: 1, errors: [], sample: [{ data: { tipo: 'ritardo' } }] });
    expect((await api.get('segreteria.milano', '/imports/absences/mapping')).body).toMatchObject({ columns: {}, words: {}, fields: expect.arrayContaining([expect.objectContaining({ field: 'codice', label: 'Codice alunno', required: true })]) });
    for (const wrong of [{ columns: { boh: 'x' } }, { columns: {}, words: { tipo: { x: 'boh' } } }, { columns: {}, words: { codice: { x: 'y' } } }, {}]) expect((await api.call('segreteria.bari', '/imports/absences/mapping', { method: 'PUT', body: wrong })).status).toBe(422);
    await api.call('segreteria.bari', '/imports/absences/mapping', { method: 'PUT', body: { columns: {} } });
  });

  it.each([['docente.bari', 403], ['famiglia.rossi', 403], ['polo.puglia', 403]])('is the office’s: %s is answered %i', async (username, status) => {
    expect((await csv('/imports/absences', righe(`A01;${OGGI};A;`), username)).status).toBe(status);
  });

  it('of another school names none of these pupils; nor is any other import there', async () => {
    expect((await csv('/imports/absences', righe(`A01;${OGGI};A;`), 'segreteria.milano')).body).toMatchObject({ created: 0, refused: 1 });
    expect([(await csv('/imports/voti', 'x')).status, (await api.call('segreteria.bari', '/imports/absences', { method: 'POST', body: {} })).status]).toEqual([404, 400]);
  });

  it('leaves no pupil’s name or day in the clear', async () => {
    const { rows } = await api.db.query(`select string_agg(i::text, ' ') as imported, (select string_agg(c.row::text || c.context::text || c.parties::text, ' ') from cases c) as cases from import_rows i`);
    expect(rows[0].imported + rows[0].cases).not.toMatch(/Luca|Rossi|Eva|Bianchi/);
    expect(rows[0].cases).not.toMatch(/-(assenza|ritardo|uscita)|minuti/);
  });
});

describe('the family', () => {
  it('is written to the same morning, each of those who answer for the pupil on the channels that they chose', async () => {
    await api.call('famiglia.bianchi', '/me/contacts', { method: 'PUT', body: { email: null, phone: null, channels: ['portal', 'email'], consents: { email: { version: '2026-09' } } } });
    const before = readMailIndex(testServers().mail).length;
    await take(righe(`A02;${OGGI};U;12:10`));
    const { id } = await registro('A02');
    await performEffects(api, id, 'avvisaFamiglia');
    const mails = readMailIndex(testServers().mail).slice(before).filter(({ to }) => to.some(address => address.startsWith('famiglia.')));
    expect(mails.map(({ to, subject }) => [to, subject])).toContainEqual([['famiglia.bianchi@example.org'], 'Assenze e ritardi - Eva Bianchi (2B)']);
    expect(mails.some(({ to }) => to.includes('famiglia.rossi@example.org'))).toBe(false);
    for (const parent of ['famiglia.bianchi', 'famiglia.rossi']) expect((await api.get(parent, '/inbox')).body.items[0]).toMatchObject({ subject: 'Assenze e ritardi - Eva Bianchi (2B)' });
  });
});

describe('the parent', () => {
  it('justifies several days at once in the portal, and the school takes note', async () => {
    const giorni = [addDays(OGGI, -2), IERI];
    await take(righe(...giorni.map(giorno => `A02;${giorno};A;`)));
    const { id } = await registro('A02', 'famiglia.bianchi'), eventi = giorni.map(giorno => `${giorno}-assenza`);
    const given = await api.post('famiglia.bianchi', `/cases/${id}/commands/giustifica`, { eventi, motivo: 'Motivi di famiglia' }, come('famiglia.bianchi'));
    expect([given.status, stati(given.body)]).toMatchObject([200, Object.fromEntries(eventi.map(key => [key, 'giustificato']))]);
    expect((await api.post('famiglia.bianchi', `/cases/${id}/commands/giustifica`, { eventi, motivo: 'x' }, come('famiglia.bianchi'))).body).toMatchObject({ status: 422, errors: [{ pointer: '/eventi/0' }] });
    expect((await api.post('docente.bari', `/cases/${id}/commands/accetta`, { eventi })).status).toBe(200);
  });
});

describe('who justifies', () => {
  const giorno = addDays(OGGI, -4);
  const giustifica = (by: string, id: string, role: string) => api.post(by, `/cases/${id}/commands/giustifica`, { eventi: [`${giorno}-assenza`], motivo: 'Visita' }, { 'iter-profile': `persona/${role}` });

  it('may be either parent, with a certificate that the school reads', async () => {
    await take(righe(`A02;${scritta(giorno)};A;`));
    const { id } = await registro('A02');
    const uploaded = await api.call('famiglia.rossi', `/cases/${id}/attachments`, { method: 'POST', raw: pdfForm('certificato') });
    expect(uploaded.status).toBe(201);
    // The second parent by the same profile as the first.
    const { status, body } = await giustifica('famiglia.rossi', id, 'genitore');
    expect([status, body.data.eventi.find(({ chiave }: any) => chiave === `${giorno}-assenza`)]).toMatchObject([200, { stato: 'giustificato', allegati: [uploaded.body.id] }]);
    const dossier = await api.get('segreteria.bari', `/cases/${id}/dossier`);
    expect([dossier.status, dossier.text.includes('certificato.pdf')]).toEqual([200, true]);
    expect((await api.get('segreteria.milano', `/cases/${id}/dossier`)).status).toBe(404);
  });

  it('may be the pupil who is of age; one who is not is neither asked nor written to', async () => {
    for (const username of ['ada.neri', 'leo.blu', 'famiglia.verdi']) await api.db.query('insert into users (id, username, name) values (gen_random_uuid(), $1, $1) on conflict do nothing', [username]);
    const head = 'Codice alunno;Cognome;Nome;Data di nascita;Classe;Codice genitore;Cognome genitore;Nome genitore;Relazione;Utente', nato = (years: number, days = 0) => scritta(addDays(addMonths(OGGI, -12 * years), days));
    const rows = [`A04;Neri;Ada;${nato(18)};5A;G4;Neri;Rita;genitore;`, `A04;Neri;Ada;${nato(18)};5A;A04;Neri;Ada;alunno;ada.neri`, `A05;Blu;Leo;${nato(18, 1)};5A;G5;Blu;Rita;genitore;`, `A05;Blu;Leo;${nato(18, 1)};5A;A05;Blu;Leo;alunno;leo.blu`];
    expect((await csv('/families/imports', [head, ...rows, ''].join('\n'))).body).toMatchObject({ errors: [], pupils: { created: 2 } });
    // A file without the column forgets no birthday.
    expect((await csv('/families/imports', ['Codice alunno;Cognome;Nome;Classe;Codice genitore;Cognome genitore;Nome genitore;Relazione;Utente', 'A04;Neri;Ada;5A;G4;Neri;Rita;genitore;', 'A04;Neri;Ada;5A;A04;Neri;Ada;alunno;ada.neri', ''].join('\n'))).body).toMatchObject({ errors: [], pupils: { unchanged: 1 } });
    await take(righe(...['A04', 'A05'].flatMap(codice => [`${codice};${scritta(giorno)};A;`, `${codice};${scritta(OGGI)};A;`])));
    const [ada, leo] = [(await registro('A04')).id, (await registro('A05')).id];
    const refused = await giustifica('leo.blu', leo, 'studente');
    expect([(await giustifica('ada.neri', ada, 'studente')).status, refused.status, refused.body.detail]).toEqual([200, 422, 'Non risulta che l’alunno sia maggiorenne: giustifica chi ne risponde.']);
    for (const id of [ada, leo]) await performEffects(api, id, 'avvisaFamiglia');
    expect([(await api.get('ada.neri', '/inbox')).body.items.length, (await api.get('leo.blu', '/inbox')).body.items.length]).toEqual([1, 0]);
    expect((await api.db.query(`select string_agg(p::text, ' ') as pupils, (select string_agg(c.context::text || c.row::text, ' ') from cases c) as cases from pupils p`)).rows[0]).toEqual({ pupils: expect.not.stringMatching(/Neri|19\d\d-|200\d-/), cases: expect.not.stringMatching(/Neri|nascita/) });
  });
});

describe('a family that changes within the year', () => {
  const FAMIGLIA = ['Codice alunno', 'Cognome', 'Nome', 'Classe', 'Codice genitore', 'Cognome genitore', 'Nome genitore', 'Utente'].join(';');
  const famiglia = async (...rows: string[]) => (await csv('/families/imports', [FAMIGLIA, ...rows.map(row => `A06;Gialli;Nina;1C;${row}`), ''].join('\n'))).body;
  const BIANCHI = 'G2;Bianchi;Andrea;famiglia.bianchi', ROSSI = 'G1;Rossi;Giulia;famiglia.rossi';
  let id: string;
  beforeAll(async () => {
    await famiglia(BIANCHI);
    await take(righe(`A06;${scritta(IERI)};A;`, `A06;${scritta(OGGI)};A;`));
    ({ id } = await registro('A06'));
  });
  /** Without a profile chosen, and by that of every parent. */
  const sees = async (by: string) => {
    const paths = [`/cases/${id}`, `/cases/${id}/history`, `/cases/${id}/dossier`, `/cases/${id}/history/export`];
    return await Promise.all([undefined, come(by)].flatMap(profile => paths.map(async path => (await api.get(by, path, profile)).status)));
  };
  const waits = async (by: string) => (await api.get(by, '/tasks?limit=100')).body.items.filter((task: any) => task.case === id || task.href?.includes(id) || JSON.stringify(task).includes(id)).length;

  it('lets in a parent whom the school’s file brings, who justifies as the first one does', async () => {
    expect(new Set(await sees('famiglia.rossi'))).toEqual(new Set([404]));
    expect((await famiglia(BIANCHI, ROSSI)).cases).toEqual({ changed: 1, refused: 0 });
    expect([(await api.get('famiglia.rossi', `/cases/${id}`)).body.role, await waits('famiglia.rossi')]).toEqual(['altroGenitore', 1]);
    const uploaded = await api.call('famiglia.rossi', `/cases/${id}/attachments`, { method: 'POST', raw: pdfForm('certificato') });
    const { status, body } = await api.post('famiglia.rossi', `/cases/${id}/commands/giustifica`, { eventi: [`${IERI}-assenza`], motivo: 'Visita' });
    expect([uploaded.status, status, stati(body)]).toEqual([201, 200, { [`${IERI}-assenza`]: 'giustificato', [`${OGGI}-assenza`]: 'notificato' }]);
    // The same file again: nothing to be told to any case.
    const { version } = (await api.get('segreteria.bari', `/cases/${id}`)).body;
    expect([(await famiglia(BIANCHI, ROSSI)).cases, (await api.get('segreteria.bari', `/cases/${id}`)).body.version]).toEqual([{ changed: 0, refused: 0 }, version]);
  });

  it('takes the case, its documents, history and tasks from one whom the file does not name any more, at once', async () => {
    const document = (await api.get('famiglia.bianchi', `/cases/${id}`)).body.documents[0].href.replace('/api/v1', '');
    expect((await api.get('famiglia.bianchi', document)).status).toBe(200);
    const preview = await api.call('segreteria.bari', '/families/imports?preview', { method: 'POST', headers: { 'content-type': 'text/csv' }, raw: `${FAMIGLIA}\nA06;Gialli;Nina;1C;${ROSSI}\n` as any });
    expect([preview.body.cases, (await api.get('famiglia.bianchi', `/cases/${id}`)).status]).toEqual([null, 200]);
    expect((await famiglia(ROSSI)).cases).toEqual({ changed: 1, refused: 0 });
    expect([new Set(await sees('famiglia.bianchi')), (await api.get('famiglia.bianchi', document)).status, await waits('famiglia.bianchi')]).toEqual([new Set([404]), 404, 0]);
    expect((await api.get('famiglia.bianchi', '/cases?process=giustificazione&limit=200')).text).not.toContain(id);
    for (const [path, body] of [['commands/giustifica', { eventi: [`${OGGI}-assenza`], motivo: 'x' }]] as const) expect((await api.post('famiglia.bianchi', `/cases/${id}/${path}`, body)).status).toBe(404);
    expect((await api.call('famiglia.bianchi', `/cases/${id}/attachments`, { method: 'POST', raw: pdfForm('certificato') })).status).toBe(404);
    expect((await api.post('famiglia.rossi', `/cases/${id}/commands/giustifica`, { eventi: [`${OGGI}-assenza`], motivo: 'Visita' })).status).toBe(200);
    const { items } = (await api.get('segreteria.bari', `/cases/${id}/history`)).body;
    expect(items.filter(({ name }: any) => name === 'aggiornaFamiglia')).toHaveLength(2);
    expect((await api.get('segreteria.bari', `/cases/${id}/history`)).body.verification ?? { valid: true }).toMatchObject({ valid: true });
  });

  it('is found again by the next file where the case could not take it: suspended, or the program died in between', async () => {
    const incident = (await api.db.query(`insert into incidents (id, case_id, kind, name, detail) values (gen_random_uuid(), $1, 'command', 'x', 'x') returning id`, [id])).rows[0].id;
    await api.db.query('update cases set suspended = $2 where id = $1', [id, incident]);
    expect((await famiglia(BIANCHI)).cases).toEqual({ changed: 0, refused: 1 });
    await api.db.query('update cases set suspended = null where id = $1', [id]);
    expect((await famiglia(BIANCHI)).cases).toEqual({ changed: 1, refused: 0 });
    expect([(await api.get('famiglia.bianchi', `/cases/${id}`)).status, (await api.get('famiglia.rossi', `/cases/${id}`)).status]).toEqual([200, 404]);
  });
});

describe('the same rows', () => {
  const eventiDi = async (codice: string) => (await registro(codice)).data.eventi.filter(({ giorno }: any) => giorno === addDays(OGGI, -5));
  it('in another order, encoding and with other headings are nothing new', async () => {
    const giorno = scritta(addDays(OGGI, -5)), corto = giorno.replace(/\d\d(\d\d)$/, '$1');
    expect(await take(righe(`A01;${giorno};A;`, `A02;${giorno};R;08:20`))).toMatchObject({ created: 2 });
    const before = (await api.db.query('select count(*)::int as n from history')).rows[0].n;
    const again = `Registro dell’Istituto;;;\r\nPeriodo: novembre;;;\r\n"MATRICOLA";"Evento";"Ora entrata";"Giorno"\r\n="A02";"RIT.";"8.20";${corto}\r\nA01;ass.;;${corto};;\r\nA03;Presente;;${corto}\r\n`;
    for (const bytes of [Buffer.from(again.replace('’', '\x92'), 'latin1'), Buffer.from(`\ufeff${again}`), Buffer.from(`\ufeff${again}`, 'utf16le')]) expect(await take(bytes)).toMatchObject({ rows: 3, ignored: 1, created: 0, changed: 0, unchanged: 2, errors: [] });
    expect((await api.db.query('select count(*)::int as n from history')).rows[0].n).toBe(before);
  });

  it('sent by two people at the same time tell the family once', async () => {
    const giorno = scritta(addDays(OGGI, -2)), file = righe(`A01;${giorno};U;11:00`, `A02;${giorno};U;11:05`, `A03;${giorno};U;11:10`);
    const ora = async () => { const counts: number[] = []; for (const codice of ['A01', 'A02', 'A03']) counts.push(await avvisi((await registro(codice)).id)); return counts; };
    const before = await ora();
    await Promise.all(['segreteria.bari', 'dirigente.bari', 'segreteria.bari'].map(async by => { const { status, text } = await csv('/imports/absences', file, by); if (status !== 200) throw new Error(text); }));
    expect(await ora()).toEqual(before.map(n => n + 1));
    expect(await take(file)).toMatchObject({ unchanged: 3 });
  });

  it('that say different things at the same time leave what the register heard last, and what is known of it', async () => {
    const giorno = addDays(OGGI, -5), files = ['08:31', '08:32', '08:33', '08:34'].map(ora => righe(`A02;${scritta(giorno)};R;${ora}`));
    await Promise.all(files.map(file => take(file)));
    const [{ ora }] = await eventiDi('A02'), standing = files.findIndex(file => file.includes(ora));
    expect(await take(files[standing]!)).toMatchObject({ unchanged: 1 });
    // Whichever is sent next is heard.
    const other = files[(standing + 1) % files.length]!;
    expect(await take(other)).toMatchObject({ changed: 1 });
    expect(other).toContain((await eventiDi('A02'))[0].ora);
  });
});

describe('a pupil marked absent', () => {
  it('who then enters late is late: in a later file, in the same one, and back', async () => {
    const giorno = addDays(OGGI, -3), oggi = async () => Object.fromEntries(Object.entries(stati(await registro('A02'))).filter(([key]) => key.startsWith(giorno)));
    const { id } = await registro('A02'), rettifiche = async () => (await api.db.query(`select count(*)::int as n from agenda where case_id = $1 and name = 'avvisaRettifica'`, [id])).rows[0].n, before = await rettifiche();
    const a = `A02;${scritta(giorno)};A;`, r = `A02;${scritta(giorno)};R;10:00`;
    await take(righe(r));
    expect(await oggi()).toEqual({ [`${giorno}-ritardo`]: 'notificato' });
    expect(await take(righe(a))).toMatchObject({ changed: 1 });
    expect(await oggi()).toEqual({ [`${giorno}-ritardo`]: 'annullato', [`${giorno}-assenza`]: 'notificato' });
    for (const both of [righe(a, r), righe(r, a)]) await take(both);
    expect(await oggi()).toEqual({ [`${giorno}-ritardo`]: 'notificato', [`${giorno}-assenza`]: 'annullato' });
    expect(await rettifiche()).toBe(before + 2);
    expect(await take(righe(`A03;${scritta(giorno)};A;`), '?whole')).toMatchObject({ withdrawn: 1 });
    expect(await oggi()).toEqual({ [`${giorno}-ritardo`]: 'annullato', [`${giorno}-assenza`]: 'annullato' });
  });
});

describe('a file', () => {
  it('that is too large, no text or of another year changes nothing', async () => {
    expect((await csv('/imports/absences', Buffer.alloc(9 * 1024 * 1024, 'x'))).status).toBe(413);
    const { status, body } = await csv('/imports/absences', Buffer.from('PK\x03\x04'));
    expect([status, body.errors[0].message]).toEqual([422, 'Il file è una cartella di lavoro (Excel), non un testo: salvarlo come CSV.']);
    expect((await take(righe(`A01;${scritta(addDays(OGGI, -400))};A;`))).errors[0].message).toBe('Il giorno è di un altro anno scolastico.');
  });

  it('whose pupil’s register is closed tells why in words, and takes the others', async () => {
    const { id } = await registro('A03');
    await api.post('segreteria.bari', `/cases/${id}/commands/chiudi`);
    const giorno = scritta(addDays(OGGI, -6)), body = await take(righe(`A03;${giorno};A;`, `A01;${giorno};A;`));
    expect([body.refused, body.errors]).toEqual([1, [{ line: 2, field: null, column: null, message: '“Registra assenze e ritardi” non è possibile nello stato “Chiuso”.' }]]);
    expect(stati(await registro('A01'))[`${addDays(OGGI, -6)}-assenza`]).toBe('notificato');
  });

  it('that a case refused is taken when it is sent again after somebody mended the case', async () => {
    const { id } = await registro('A01'), giorno = addDays(OGGI, -7), file = righe(`A01;${scritta(giorno)};A;`);
    await api.db.query('update cases set suspended = gen_random_uuid() where id = $1', [id]);
    for (const _again of [1, 2]) expect((await take(file)).errors.map(({ message }: any) => message)).toEqual(['La pratica è sospesa finché un incidente non è risolto.']);
    await api.db.query('update cases set suspended = null where id = $1', [id]);
    expect([await take(file), stati(await registro('A01'))[`${giorno}-assenza`]]).toMatchObject([{ created: 1, refused: 0 }, 'notificato']);
    expect(await take(file)).toMatchObject({ unchanged: 1 });
  });

  it('of 100,000 rows is previewed while others are served', async () => {
    const file = righe(...Array.from({ length: 100_000 }, (_each, i) => `A0${1 + (i % 3)};${scritta(addDays(OGGI, -(i % 60)))};A;`));
    let served = 0, over = false;
    const preview = take(file, '?preview').finally(() => { over = true; });
    while (!over) { await api.get('segreteria.bari', '/me'); served += 1; }
    expect(await preview).toMatchObject({ rows: 100_000, refused: expect.any(Number) });
    expect(served).toBeGreaterThan(1);
  });
});
