/** Interviews: a teacher's hours, two families that want the same slot, a third that waits for one, and the appointment in calendars. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ICAL from 'ical.js';
import { addDays, romeDate } from '../../../plugins/calendar.ts';
import type { Cast } from '../cast.ts';
import { mailsOf } from '../epilogue.ts';
import { chapter, localHour, note, tell } from '../narrator.ts';
import type { Person } from '../person.ts';
import { must } from '../steps.ts';

const RICEVIMENTO = 'disponibilita', COLLOQUIO = 'colloquio';
/** Twelve weeks: each telling on the same installation takes a day of its own. */
const FROM_TODAY = 7, DAYS = 84;
const PUPILS = {
  rossi: { codiceAlunno: 'A2B01', alunno: { nome: 'Anna', cognome: 'Rossi', classe: '2B' } },
  bianchi: { codiceAlunno: 'A2B02', alunno: { nome: 'Eva', cognome: 'Bianchi', classe: '2B' } },
  verdi: { codiceAlunno: 'A2B03', alunno: { nome: 'Ugo', cognome: 'Verdi', classe: '2B' } },
};
interface Slot { from: string; to: string; free: boolean; bookable: boolean }

/** Answers the reception and the booking that the waiting family got. */
export async function tellInterviews(cast: Cast, oggi: string, mail: string | undefined): Promise<{ ricevimento: string; colloquio: string }> {
  const { ricevimento, slots } = await reception(cast, oggi);
  const { disdetto, colloquio } = await bookings(cast, ricevimento, slots);
  await calendars(cast, colloquio);
  await invitations(cast, mail, { disdetto, colloquio });
  return { ricevimento, colloquio };
}

async function reception({ docente, famiglia, scuola }: Cast, oggi: string): Promise<{ ricevimento: string; slots: [Slot, Slot] }> {
  chapter('Il ricevimento del docente');
  const dal = addDays(oggi, FROM_TODAY), al = addDays(dal, DAYS - 1);
  const regola = { dal, al, fasce: [1, 2, 3, 4, 5].map(giorno => ({ giorno, dalle: '15:00', alle: '15:40' })), durataMinuti: 20, modalita: 'presenza', luogo: 'aula 3' };
  const { id } = await docente.begin(RICEVIMENTO, { regola, condizioni: { confermaAutomatica: true, offertaMinuti: 720 } }, { scuola, docente: docente.username }, 'scrive il proprio ricevimento: dal lunedì al venerdì, 15:00–15:40, colloqui di 20 minuti');
  must((await slotsOf(famiglia, id, dal, al)).length === 0, 'una bozza non doveva offrire posti');
  await docente.give(id, 'pubblica', {}, 'pubblica il ricevimento');
  const days = Map.groupBy(await slotsOf(famiglia, id, dal, al), ({ from }) => romeDate(from));
  const slots = [...days.values()].find(each => each.length === 2 && each.every(({ free, bookable }) => free && bookable)) as [Slot, Slot] | undefined;
  must(slots !== undefined, `fra il ${dal} e il ${al} il docente non ha un giorno libero: troppi racconti su questa installazione`);
  tell('·', famiglia.label, `vede i posti liberi: fra i primi ${slots.map(({ from }) => localHour(from)).join(' e ')}`);
  return { ricevimento: id, slots };
}

const slotsOf = async (person: Person, ricevimento: string, from: string, to: string, query = ''): Promise<Slot[]> => (await person.get(`/slots?process=${RICEVIMENTO}&case=${ricevimento}&from=${from}&to=${to}${query}`)).items.flatMap(({ slots }: any) => slots);

async function bookings({ famiglia, bianchi, verdi, docente, scuola }: Cast, disponibilita: string, [first, second]: [Slot, Slot]): Promise<{ disdetto: string; colloquio: string }> {
  chapter('Le prenotazioni e la lista di attesa');
  const giorno = romeDate(first.from), parties = { scuola, docente: docente.username };
  const mine = await famiglia.begin(COLLOQUIO, { disponibilita, inizio: first.from, ...PUPILS.rossi, argomento: 'Rientro a scuola' }, parties, `prenota ${localHour(first.from)}`);
  must(mine.state === 'confermata', 'la conferma doveva essere automatica', mine.state);
  const taken = await bianchi.isNotBegun(COLLOQUIO, { disponibilita, inizio: first.from, ...PUPILS.bianchi }, parties, `vuole lo stesso posto, ${localHour(first.from)}`, 409);
  must(taken.alternatives?.some(({ from }: Slot) => from === second.from), 'il rifiuto doveva proporre il posto accanto', taken.alternatives);
  note(`Posti liberi più vicini: ${taken.alternatives.map(({ from }: Slot) => localHour(from)).join(', ')}.`);
  await bianchi.begin(COLLOQUIO, { disponibilita, inizio: second.from, ...PUPILS.bianchi }, parties, `prende ${localHour(second.from)}`);
  must((await slotsOf(verdi, disponibilita, giorno, giorno, '&free=true')).length === 0, 'il giorno doveva essere pieno');
  tell('·', verdi.label, 'vede che quel giorno è pieno');
  const waiting = await verdi.begin(COLLOQUIO, { disponibilita, attesa: { dal: giorno, al: giorno }, ...PUPILS.verdi }, parties, 'si mette in lista di attesa per quel giorno');
  must(waiting.state === 'inAttesa', 'doveva essere in lista di attesa', waiting.state);
  await famiglia.give(mine.id, 'annulla', { motivo: 'Un impegno di lavoro' }, 'disdice il proprio colloquio', 'annullata');
  const offered = await verdi.waitFor('riceve l’offerta del posto che si è liberato', async () => {
    const seen = await verdi.get(`/cases/${waiting.id}`);
    return seen.state === 'offerta' ? seen : null;
  });
  must(offered.data.posto.inizio === first.from, 'doveva essere offerto il posto disdetto', offered.data.posto);
  note(`Il posto di ${localHour(first.from)} è tenuto fino a ${localHour(offered.data.offertaFino)}; poi passa a chi segue.`);
  await verdi.give(waiting.id, 'accetta', {}, 'accetta', 'confermata');
  return { disdetto: mine.id, colloquio: waiting.id };
}

async function calendars({ verdi }: Cast, colloquio: string): Promise<void> {
  chapter('Il calendario');
  const { id, url } = await verdi.does('POST', '/me/calendar', {}, 'chiede un indirizzo segreto per il proprio calendario');
  const fetched = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  must(fetched.status === 200, 'il calendario doveva esserci', fetched.status);
  const events = new ICAL.Component(ICAL.parse(await fetched.text())).getAllSubcomponents('vevent').map(event => new ICAL.Event(event));
  const next = events.filter(({ component, endDate }) => component.getFirstPropertyValue('status') !== 'CANCELLED' && endDate.toJSDate() > new Date()).sort((a, b) => a.startDate.compare(b.startDate));
  const booked = next.find(({ uid }) => uid === colloquio);
  must(booked !== undefined, 'il colloquio accettato doveva essere nel calendario', next.map(({ uid }) => uid));
  tell('·', verdi.label, `il suo programma legge il calendario: ${next.length} ${next.length === 1 ? 'appuntamento' : 'appuntamenti'} da oggi`);
  note(`Il prossimo: ${next[0]!.summary}, ${localHour(next[0]!.startDate.toJSDate().toISOString())}, ${next[0]!.location}.`);
  await verdi.does('DELETE', `/me/calendar/${id}`, undefined, 'revoca l’indirizzo');
  const gone = await fetch(url, { signal: AbortSignal.timeout(30_000) });
  must(gone.status === 404, 'l’indirizzo revocato non doveva rispondere', gone.status);
  tell('✗', 'Chi ha ancora l’indirizzo', 'non trova più il calendario (404)');
}

/** What the families' programs are told by mail: the same UID all along, a SEQUENCE that grows. */
async function invitations({ famiglia, verdi }: Cast, folder: string | undefined, { disdetto, colloquio }: { disdetto: string; colloquio: string }): Promise<void> {
  if (!folder) return note('Gli inviti vanno al server di SMTP_URL.');
  const found = (caseId: string, username: string, method: string) => mailsOf(folder, [caseId]).find(({ to, file }) => to.includes(`${username}@example.org`) && readFileSync(join(folder, file), 'utf8').replace(/\r\n[ \t]+/g, ' ').includes(`method=${method}`));
  for (const [person, caseId, method, told] of [[verdi, colloquio, 'REQUEST', 'riceve l’invito, che entra nel calendario'], [famiglia, disdetto, 'CANCEL', 'riceve la disdetta, che toglie l’appuntamento']] as const) {
    const mail = await person.waitFor(told, async () => found(caseId, person.username, method) ?? null);
    note(`${mail.to.join(', ')}: ${mail.subject} (${method})`);
  }
}
