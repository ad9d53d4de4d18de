/** Offered time over HTTP: a family finds what is free, books it, and is told what else there is when somebody was quicker. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addDays, dayOfWeek, instantOfLocal, romeDate } from '../../plugins/calendar.ts';
import { colloquio } from '../../plugins/colloquio/plugin.ts';
import { disponibilita } from '../../plugins/disponibilita/plugin.ts';
import { BARI, startTestApi, type TestApi } from './harness.ts';

const DAY = addDays(romeDate(new Date().toISOString()), 12), AS_PARENT = { 'iter-profile': 'persona/genitore' };
const at = (time: string) => instantOfLocal(DAY, time);
let api: TestApi, hours: string, docente: string;

beforeAll(async () => {
  api = await startTestApi({ plugins: [disponibilita, colloquio] });
  docente = await api.userId('docente.bari');
  // Whatever the calendar says of that day.
  await api.db.query(`insert into parameters (name, valid_from, value, reason, set_by) values ('chiusureScuola', '2020-01-02', '{"festivita":[],"periodi":[]}', 'prova', 'prova')`);
  const regola = { dal: DAY, al: DAY, fasce: [{ giorno: dayOfWeek(DAY), dalle: '17:00', alle: '18:00' }], durataMinuti: 20, modalita: 'online', collegamento: 'https://meet.example.org/verdi' };
  const made = await api.post('docente.bari', '/processes/disponibilita/cases', { data: { regola, condizioni: { confermaAutomatica: true, perGenitore: 2, perAlunno: 2 } }, parties: { docente: 'docente.bari' } });
  expect([made.status, made.text]).toEqual([201, expect.any(String)]);
  hours = made.body.id;
});
afterAll(async () => { await api.stop(); });

const slots = (query = '') => api.get('famiglia.rossi', `/slots?process=disponibilita&from=${DAY}&to=${DAY}${query}`, AS_PARENT);
const book = (family: string, inizio: string, more: object = {}, headers: Record<string, string> = {}) => api.post(family, '/processes/colloquio/cases', {
  data: { disponibilita: hours, inizio, codiceAlunno: `A-${family}`, alunno: { nome: 'Nina', cognome: 'Rossi', classe: '2B' }, ...more }, parties: { scuola: BARI, docente: 'docente.bari', genitore: family },
}, { ...AS_PARENT, ...headers });

it('a draft offers nothing; what is published is seen by a family that has no part in it', async () => {
  expect((await slots()).body).toMatchObject({ items: [], more: false });
  expect((await api.post('docente.bari', `/cases/${hours}/commands/pubblica`)).status).toBe(200);
  const { body } = await slots(`&party=${BARI}`);
  expect(body.items).toMatchObject([{ case: hours, process: 'disponibilita', parties: { scuola: { id: BARI }, docente: { id: docente, name: 'Marco Colella' } }, terms: { durataMinuti: 20, perGenitore: 2, inAttesa: 0 } }]);
  expect(body.items[0].slots).toEqual(['17:00', '17:20', '17:40'].map((time, n) => ({ from: at(time), to: at(['17:20', '17:40', '18:00'][n]!), free: true, bookable: true, detail: { modalita: 'online', luogo: null, riservato: false } })));
  expect(body.items[0].labels).toMatchObject({ durataMinuti: 'Durata (minuti)', perGenitore: 'Prenotazioni per genitore', riservato: 'Riservato alla lista di attesa', modalita: 'Modalità', online: 'online' });
  expect((await api.get('famiglia.rossi', `/slots?process=disponibilita&from=${DAY}&to=${DAY}`, { ...AS_PARENT, 'accept-language': 'en' })).body.items[0].labels).toMatchObject({ durataMinuti: 'Length (minutes)', modalita: 'Mode' });
  // The address of the meeting is for who has a booking.
  expect(JSON.stringify(body)).not.toContain('meet.example.org');
  expect((await api.get('famiglia.rossi', `/cases/${hours}`, AS_PARENT)).status).toBe(404);
});

it('the second is refused with the nearest free slots, in words', async () => {
  const first = await book('famiglia.rossi', at('17:20'));
  expect([first.status, first.body.state, first.body.data.collegamento]).toEqual([201, 'confermata', 'https://meet.example.org/verdi']);
  const second = await book('famiglia.bianchi', at('17:20'));
  expect([second.status, second.body]).toMatchObject([409, { code: 'conflict', detail: 'La risorsa è già impegnata in quel periodo.', resource: `persona/${docente}`, from: at('17:20'), alternatives: [{ case: hours, from: at('17:00') }, { case: hours, from: at('17:40') }] }]);
  expect((await book('famiglia.bianchi', second.body.alternatives[0].from)).status).toBe(201);
  expect((await slots('&free=true')).body.items[0].slots.map(({ from }: { from: string }) => from)).toEqual([at('17:40')]);
});

it('a rule refuses with its figures, by the clock in Rome', async () => {
  const none = await book('famiglia.bianchi', at('17:10'));
  expect([none.status, none.body]).toMatchObject([422, { rule: 'postoInesistente', errors: [{ pointer: '/data/inizio' }], alternatives: [{ case: hours, from: at('17:40'), to: at('18:00'), detail: { modalita: 'online', riservato: false } }] }]);
  expect(none.body.detail).toContain('17:10');
  const english = await book('famiglia.bianchi', at('17:10'), {}, { 'accept-language': 'en' });
  expect(english.body.detail).toMatch(/^On .+ there is no slot that begins at .+17:10\.$/);
});

it('a beginning that lacks something is told in the language of who asks', async () => {
  const begin = (username: string, language: string) => api.post(username, '/processes/colloquio/cases', { data: { disponibilita: hours, inizio: at('17:40'), codiceAlunno: 'A', alunno: { nome: 'Nina', cognome: 'Rossi', classe: '2B' } }, parties: { docente: 'nessuno' } }, { 'accept-language': language });
  const told = ({ status, body }: Awaited<ReturnType<typeof begin>>) => [status, body.detail, body.errors?.map(({ pointer, message }: any) => `${pointer} ${message}`)];
  expect(told(await begin('famiglia.rossi', 'it'))).toEqual([422, 'Le parti indicate non vanno bene.', ['/parties/scuola obbligatorio', '/parties/docente utente sconosciuto']]);
  expect(told(await begin('famiglia.rossi', 'en'))).toEqual([422, 'The parties are not right.', ['/parties/scuola required', '/parties/docente unknown user']]);
  expect(told(await begin('docente.bari', 'it'))).toEqual([403, 'Il ruolo “Docente” non può aprire “Colloquio con il docente”.', undefined]);
  const empty = await api.post('famiglia.rossi', '/processes/colloquio/cases', { data: {} }, { 'accept-language': 'it' });
  expect([empty.body.detail, empty.body.errors[0]]).toEqual(['I dati non sono quelli che l’azione richiede.', { pointer: '/data/disponibilita', message: 'obbligatorio' }]);
});

describe('GET /slots', () => {
  it.each([
    ['no process', '/slots', 400], ['a process that offers nothing', '/slots?process=colloquio', 404], ['an unknown process', '/slots?process=niente', 404], ['no case', `/slots?process=disponibilita&case=x`, 400],
    ['a century', '/slots?process=disponibilita&from=2026-01-01&to=2126-01-01', 400], ['the wrong order', '/slots?process=disponibilita&from=2026-02-01&to=2026-01-01', 400], ['no date', '/slots?process=disponibilita&from=domani', 400],
  ])('refuses %s', async (_what, path, status) => {
    expect((await api.get('famiglia.rossi', path, AS_PARENT)).status).toBe(status);
  });
  it('is for whoever is signed in', async () => {
    expect((await api.get(null, '/slots?process=disponibilita')).status).toBe(401);
    expect((await api.get('segreteria.milano', `/slots?process=disponibilita&case=${hours}&from=${DAY}`)).body.items).toHaveLength(1);
    expect((await api.get('famiglia.rossi', `/slots?process=disponibilita&case=00000000-0000-4000-8000-000000000000`, AS_PARENT)).body.items).toEqual([]);
  });
});
