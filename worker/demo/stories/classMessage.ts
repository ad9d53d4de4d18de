/** A message to a class: what it would cost, on which channels it leaves, what became of each, and who has not taken note. */
import { QUIET_HOURS, quietMs } from '../../../engine/broadcasts/quietHours.ts';
import { addDays, schoolYearOf } from '../../../plugins/calendar.ts';
import { demoFamilies } from '../../demoFamilies.ts';
import type { Cast } from '../cast.ts';
import { chapter, euro, localDay, note, table, tell } from '../narrator.ts';
import type { Person } from '../person.ts';
import { must } from '../steps.ts';

const COMUNICAZIONE = 'comunicazione', CLASSE = '2B', INFORMATIVA = '2026-09';
const CHANNELS: Record<string, string> = { email: 'e-mail', sms: 'SMS', portal: 'portale', none: 'nessuno' };
const STATES: Record<string, string> = { delivered: 'consegnato', sending: 'in viaggio', created: 'da inviare', permanentFailure: 'non consegnabile', technicalFailure: 'non consegnato', temporaryFailure: 'si riprova', withdrawn: 'ritirato' };

/** Answers the message's case. */
export async function tellClassMessage(cast: Cast, oggi: string, sms: boolean): Promise<string> {
  await recipients(cast, oggi, sms);
  const id = await writing(cast, oggi, sms);
  await sending(cast, id);
  await takingNote(cast, id);
  return id;
}

async function recipients({ segreteria, famiglia }: Cast, oggi: string, sms: boolean): Promise<void> {
  chapter('Le famiglie e i loro canali');
  const classesNow = async () => (await segreteria.get('/families/classes')).items as { class: string; pupils: number }[];
  let classes = await classesNow();
  if (!classes.some(each => each.class === CLASSE)) {
    const imported = await segreteria.does('POST', '/families/imports', demoFamilies(schoolYearOf(oggi), sms), 'importa le famiglie dal programma della segreteria (CSV)');
    must(imported.errors.length === 0, 'ogni riga doveva essere accolta', imported.errors);
    classes = await classesNow();
  }
  tell('·', segreteria.label, `vede le classi: ${classes.map(({ class: name, pupils }) => `${name} (${pupils})`).join(', ')}`);
  const chosen = await famiglia.does('PUT', '/me/contacts', {
    email: null, phone: sms ? '333 1230101' : null, channels: ['portal', 'email', ...(sms ? ['sms'] : [])], consents: { email: { version: INFORMATIVA }, ...(sms ? { sms: { version: INFORMATIVA } } : {}) },
  }, 'sceglie come essere raggiunta, e dà i consensi');
  note(`Canali: ${chosen.channels.map((channel: string) => CHANNELS[channel]).join(', ')}.`);
}

async function writing({ docente, segreteria, scuola }: Cast, oggi: string, sms: boolean): Promise<string> {
  chapter('Il messaggio e il suo costo');
  const { id } = await docente.begin(COMUNICAZIONE, {}, { scuola }, 'comincia una comunicazione');
  // By night an SMS waits for the morning, unless it is urgent: the story does not.
  const urgente = quietMs(QUIET_HOURS, Date.now()) > 0;
  const testo = (shortText: string) => ({ testi: { it: { oggetto: 'Uscita didattica', testo: 'Gentile {destinatario},\n\nla classe {classi} va al museo. Si va a piedi, con il pranzo al sacco. Vale per {alunni}.', sms: shortText }, en: { oggetto: 'School trip', testo: 'Dear {destinatario},\n\nclass {classi} goes to the museum. We walk there and bring our lunch. This is about {alunni}.', sms: 'School trip of 2B to the museum: hours and programme are in the portal.' } } });
  await docente.give(id, 'scrivi', testo('Uscita didattica della 2B al museo: l’orario e il programma sono nel portale.'), 'scrive il testo, in italiano e in inglese');
  await docente.give(id, 'indirizza', { destinatari: { tipo: 'classi', annoScolastico: schoolYearOf(oggi), classi: [CLASSE] }, canali: ['email', 'sms', 'portal'], presaVisione: { entro: addDays(oggi, 7), solleciti: [3, 1] }, urgente }, `indirizza alla ${CLASSE}${urgente ? ' come urgente (è notte)' : ''}, con presa visione entro ${localDay(addDays(oggi, 7))}`);
  await docente.isRefused(id, 'invia', {}, 'prova a inviare', 403);
  const estimate = () => segreteria.get(`/cases/${id}/broadcasts/estimate`);
  const dear = await estimate();
  tellEstimate(segreteria, dear);
  if (!sms) return id;
  must(dear.sms.costly.includes('’'), 'l’apostrofo tipografico doveva risultare costoso', dear.sms);
  note(`Nel testo c’è ${dear.sms.costly.join(' ')}: l’SMS diventa UCS-2, 70 caratteri per parte invece di 160.`);
  await segreteria.give(id, 'scrivi', testo("Uscita didattica della 2B al museo: l'orario e il programma sono nel portale."), 'riscrive l’SMS con l’apostrofo semplice');
  const cheap = await estimate();
  tellEstimate(segreteria, cheap);
  must(cheap.sms.segments < dear.sms.segments && cheap.sms.longest === 1, 'ora ogni SMS doveva stare in una parte', cheap.sms);
  return id;
}

function tellEstimate(person: Person, { recipients: people, unreachable, channels, sms }: any): void {
  tell('·', person.label, `chiede la stima: ${people} destinatari, ${unreachable} senza canale; e-mail ${channels.email}, portale ${channels.portal}, SMS ${channels.sms} (${sms.segments} parti, ${euro(sms.costMillis / 10)})`);
}

async function sending({ segreteria, famiglia, altraScuola }: Cast, id: string): Promise<void> {
  chapter('L’invio');
  await segreteria.give(id, 'invia', {}, 'invia', 'inInvio');
  await segreteria.waitFor('vede partire tutti i messaggi', async () => ((await segreteria.get(`/cases/${id}`)).state === 'inviata' ? true : null));
  const { href } = await onlyBroadcast(segreteria, id);
  // Receipts of SMS come a moment later.
  const items: any[] = await segreteria.waitFor('vede che cosa è stato di ognuno', async () => {
    const rows = (await segreteria.get(`${pathOf(href)}?limit=200`)).items;
    return rows.every(({ state }: any) => state !== 'sending' && state !== 'created') ? rows : null;
  });
  table(items.toSorted((a, b) => a.recipient.name.localeCompare(b.recipient.name)).map(({ recipient, pupils, channel, state, error }) => [recipient.name, pupils.map(({ name }: any) => name).join(', '), CHANNELS[channel]!, `${channel === 'none' ? 'da avvisare a voce' : STATES[state]}${error && channel !== 'none' ? ` (${error})` : ''}`]));
  const mine = items.filter(({ recipient }) => recipient.name === 'Giulia Rossi');
  must(mine.length >= 2 && mine.every(({ state }) => state === 'delivered'), 'alla famiglia Rossi doveva arrivare su ogni canale scelto', mine);
  must((await altraScuola.call('GET', pathOf(href))).status === 404, 'un’altra scuola non doveva vedere i destinatari');
  const seen = (await famiglia.get('/inbox')).items[0];
  must(seen?.subject === 'Uscita didattica', 'il messaggio doveva essere nel portale della famiglia', seen);
}

async function takingNote({ segreteria, famiglia, bianchi }: Cast, id: string): Promise<void> {
  chapter('La presa visione');
  const broadcast = await onlyBroadcast(segreteria, id), deliveries = pathOf(broadcast.href);
  const [first] = (await famiglia.get('/inbox')).items;
  const read = await famiglia.does('POST', `/inbox/${first.id}/read`, {}, 'apre il messaggio nel portale');
  note(`“${read.text.replaceAll('\n', ' ').replaceAll(/ +/g, ' ')}”`);
  await famiglia.does('POST', `/inbox/${first.id}/acknowledge`, {}, 'prende visione');
  const [other] = (await bianchi.get('/inbox')).items;
  await bianchi.does('POST', `/inbox/${other.id}/acknowledge`, {}, 'prende visione');
  const silent = async () => [...new Map(((await segreteria.get(`${deliveries}?acknowledged=false&limit=200`)).items as any[]).map(row => [row.recipient.id, row])).values()];
  const before = await silent();
  tell('·', segreteria.label, `vede chi non ha ancora preso visione: ${before.map(({ recipient }) => recipient.name).join(', ')}`);
  must(before.length > 0 && !before.some(({ recipient }) => /Rossi|Bianchi/.test(recipient.name)), 'per Anna Rossi ed Eva Bianchi doveva bastare un genitore', before.map(({ recipient }) => recipient.name));
  const paper = before.find(({ channel }) => channel === 'none');
  must(paper !== undefined, 'una famiglia non doveva avere canali', before);
  await segreteria.does('POST', `${deliveries}/${paper.id}/acknowledge`, {}, `registra la firma su carta di ${paper.recipient.name}, che non ha canali`);
  const { acknowledge } = await onlyBroadcast(segreteria, id);
  must((await silent()).length === before.length - 1, 'ne doveva mancare uno in meno', acknowledge);
  note(`Prese visioni ${acknowledge.acknowledged}, mancanti ${acknowledge.silent}: a loro va il sollecito tre giorni prima del termine, e il giorno prima.`);
}

async function onlyBroadcast(person: Person, id: string): Promise<any> {
  const { items } = await person.get(`/cases/${id}/broadcasts`);
  must(items.length === 1, 'la comunicazione doveva avere un solo invio', items);
  return items[0];
}

/** Below /api/v1, as a person calls it. */
const pathOf = (href: string): string => href.replace('/api/v1', '');
