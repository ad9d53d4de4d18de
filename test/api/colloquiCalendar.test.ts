/** Interviews in the calendars of those who come: booked in local time, told in the zone's, also where the clocks change. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import ICAL from 'node-ical';
import { colloquio } from '../../plugins/colloquio/plugin.ts';
import { disponibilita } from '../../plugins/disponibilita/plugin.ts';
import { instantOfLocal, romeTime } from '../../plugins/calendar.ts';
import { BARI, startTestApi, type TestApi } from './harness.ts';

let api: TestApi, ricevimento: string;
const DOCENTE = 'Marco Colella';
const GENITORE = { 'iter-profile': 'persona/genitore' };

async function must(username: string, path: string, body: object = {}, headers = {}): Promise<any> {
  const { status, body: answer, text } = await api.post(username, path, body, headers);
  if (status >= 300) throw new Error(`${path}: ${status} ${text}`);
  return answer;
}
beforeAll(async () => {
  api = await startTestApi({ plugins: [disponibilita, colloquio] });
  const docente = await api.userId('docente.bari');
  const regola = { dal: '2028-03-20', al: '2028-11-10', fasce: [6, 7, 1].map(giorno => ({ giorno, dalle: '17:00', alle: '18:00' })), durataMinuti: 10, modalita: 'presenza', luogo: 'Aula 3' };
  ricevimento = (await must('docente.bari', '/processes/disponibilita/cases', { data: { regola, condizioni: { perGenitore: 20, perAlunno: 20, confermaAutomatica: true, promemoriaOre: [24, 2], disdettaOre: 0 } }, parties: { docente } })).id;
  await must('docente.bari', `/cases/${ricevimento}/commands/pubblica`);
});
afterAll(async () => { await api?.stop(); });

async function book(inizio: string): Promise<string> {
  const data = { disponibilita: ricevimento, inizio, codiceAlunno: 'A01', alunno: { nome: 'Zefirino', cognome: 'Rossi', classe: '2B' } };
  return (await must('famiglia.rossi', '/processes/colloquio/cases', { data, parties: { scuola: BARI, docente: 'docente.bari' } }, GENITORE)).id;
}
async function feed(username: string): Promise<() => Promise<{ events: Map<string, any>; text: string }>> {
  const { url } = await must(username, '/me/calendar');
  return async () => {
    const { text } = await api.get(null, new URL(url).pathname.replace('/api/v1', ''));
    return { text, events: new Map(Object.values(ICAL.sync.parseICS(text) as Record<string, any>).filter(({ type }) => type === 'VEVENT').map(event => [event.uid, event])) };
  };
}

describe('an interview', () => {
  it.each([
    ['2028-03-25', '2028-03-25T16:10:00.000Z'], ['2028-03-26', '2028-03-26T15:10:00.000Z'], ['2028-03-27', '2028-03-27T15:10:00.000Z'],
    ['2028-10-28', '2028-10-28T15:10:00.000Z'], ['2028-10-29', '2028-10-29T16:10:00.000Z'], ['2028-10-30', '2028-10-30T16:10:00.000Z'],
  ])('at ten past five on %s is so in both calendars', async (date, instant) => {
    expect(instantOfLocal(date, '17:10')).toBe(instant);
    const id = await book(instant);
    for (const who of ['famiglia.rossi', 'docente.bari']) {
      const event = (await (await feed(who))()).events.get(id);
      expect([event.start.tz, event.start.toISOString(), romeTime(event.end.toISOString()), event.status]).toEqual(['Europe/Rome', instant, '17:20', 'CONFIRMED']);
    }
  });

  it('is moved and taken back in both, with its reminders, and names no pupil', async () => {
    const id = await book(instantOfLocal('2028-04-08', '17:00')), [parent, teacher] = [await feed('famiglia.rossi'), await feed('docente.bari')];
    const first = (await parent()).events.get(id);
    // Whoever has three of them on one evening must know with whom.
    expect([first.summary, (await api.get('famiglia.rossi', `/cases/${id}`, GENITORE)).body.data.nomeDocente]).toEqual(['Colloquio scuola-famiglia: ' + DOCENTE, DOCENTE]);
    expect([first.alarms.map(({ trigger }: any) => trigger), first.location]).toEqual([['-P1D', '-PT2H'], 'Aula 3']);
    const moved = instantOfLocal('2028-04-09', '17:30');
    await must('famiglia.rossi', `/cases/${id}/commands/sposta`, { inizio: moved }, GENITORE);
    for (const read of [parent, teacher]) expect((await read()).events.get(id)).toMatchObject({ sequence: first.sequence + 1, start: new Date(moved), status: 'CONFIRMED' });
    await must('famiglia.rossi', `/cases/${id}/commands/annulla`, {}, GENITORE);
    for (const read of [parent, teacher]) {
      const { events, text } = await read();
      expect([events.get(id).status, events.get(id).sequence]).toEqual(['CANCELLED', first.sequence + 2]);
      expect(text).not.toMatch(/Zefirino|Rossi/);
    }
  });
});
