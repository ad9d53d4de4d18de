/** What is written to families and teachers. Day and time as the clock in Rome shows them; no pupil's name. */
import { romeDate, type MessageTemplate } from '../contract.ts';

const clock = new Intl.DateTimeFormat('it-IT', { timeZone: 'Europe/Rome', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const days = { it: new Intl.DateTimeFormat('it-IT', { timeZone: 'Europe/Rome', weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }), en: new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/Rome', weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }) };
const WORDS = { it: { alle: 'alle', da: 'presso', online: 'online', none: '' }, en: { alle: 'at', da: 'in', online: 'online', none: '' } } as const;
type Language = 'it' | 'en';

const MOTIVI: Record<Language, Record<string, string>> = {
  it: { assenzaDocente: 'Il docente è assente.', impegnoDiServizio: 'Il docente ha un impegno di servizio.', chiusuraScuola: 'La scuola è chiusa.', sciopero: 'È proclamato uno sciopero.', variazioneOrario: "L'orario di ricevimento è cambiato." },
  en: { assenzaDocente: 'The teacher is away.', impegnoDiServizio: 'The teacher is on duty elsewhere.', chiusuraScuola: 'The school is closed.', sciopero: 'There is a strike.', variazioneOrario: 'The hours have changed.' },
};

/** `lunedì 26 ottobre 2026 alle 15:20, online`. */
function when({ inizio, luogo, modalita }: any, language: Language): string {
  if (!inizio) return WORDS[language].none;
  const at = Date.parse(inizio), words = WORDS[language];
  return `${days[language].format(at)} ${words.alle} ${clock.format(at)}${modalita === 'online' ? `, ${words.online}` : luogo ? `, ${words.da} ${luogo}` : ''}`;
}
const day = (date: string, language: Language): string => days[language].format(Date.parse(`${date}T12:00:00Z`));
const until = (instant: string, language: Language): string => `${days[language].format(Date.parse(instant))} ${WORDS[language].alle} ${clock.format(Date.parse(instant))}`;
const reason = ({ motivo }: any, language: Language): string => (motivo && Object.hasOwn(MOTIVI[language], motivo) ? ` ${MOTIVI[language][motivo]}` : '');
const subject = (about: string, of: string, topic: string) => ({ data }: { data: any }): string => `${about}${data.inizio ? ` ${of} ${romeDate(data.inizio).split('-').reverse().join('/')}` : ''} - ${topic}`;

/** Whoever has several interviews on one evening must know which this is. */
const whose = ({ docente }: any, word: string): string => (docente ? `\n\n${word}: ${docente}` : '');

type Text = (data: any) => string;
const template = (topic: string, text: Text, topicEn: string, textEn: Text): { it: MessageTemplate; en: MessageTemplate } => ({
  it: message => ({ subject: subject('Colloquio', 'del', topic)(message), text: `${text(message.data)}${whose(message.data, 'Docente')}` }), en: message => ({ subject: subject('Interview', 'of', topicEn)(message), text: `${textEn(message.data)}${whose(message.data, 'Teacher')}` }),
});

export const messages: Record<string, { it: MessageTemplate; en: MessageTemplate }> = {
  iscrizione: template('lista di attesa', ({ dal, al }) => `È registrata la richiesta di un posto ${dal === al ? `per ${day(dal, 'it')}` : `da ${day(dal, 'it')} a ${day(al, 'it')}`}. Quando se ne libera uno è offerto in ordine di richiesta.`,
    'waiting list', ({ dal, al }) => `You wait for a slot ${dal === al ? `on ${day(dal, 'en')}` : `from ${day(dal, 'en')} to ${day(al, 'en')}`}. Slots that come free are offered in the order of the requests.`),
  richiesta: template('richiesta', data => `È chiesto un colloquio ${when(data, 'it')}. Il posto è tenuto fino alla risposta del docente.`, 'request', data => `An interview is asked for: ${when(data, 'en')}. The slot is kept until the teacher answers.`),
  conferma: template('confermato', data => `Il colloquio è confermato: ${when(data, 'it')}.`, 'confirmed', data => `The interview is confirmed: ${when(data, 'en')}.`),
  collegamento: template('collegamento', data => `Per il colloquio ${when(data, 'it')} è indicato un nuovo collegamento: si trova nella pratica.`, 'meeting address', data => `The meeting of ${when(data, 'en')} has a new address: it is in the case.`),
  rifiuto: template('non accolto', data => `La richiesta di colloquio ${when(data, 'it')} non è accolta. Il motivo è nella pratica.`, 'refused', data => `The interview asked for ${when(data, 'en')} is refused. The reason is in the case.`),
  annullamento: template('annullato', data => `Il colloquio ${when(data, 'it')} è annullato.`, 'cancelled', data => `The interview of ${when(data, 'en')} is cancelled.`),
  annullamentoScuola: template('annullato dalla scuola', data => `La scuola ha annullato il colloquio ${when(data, 'it')}.${reason(data, 'it')}`, 'cancelled by the school', data => `The school has cancelled the interview of ${when(data, 'en')}.${reason(data, 'en')}`),
  spostamento: template('spostato', data => `La scuola ha spostato il colloquio: ${when(data, 'it')}.${reason(data, 'it')} Vale se la famiglia non lo annulla.`, 'moved', data => `The school has moved the interview: ${when(data, 'en')}.${reason(data, 'en')} It stands unless you cancel it.`),
  offerta: template('posto offerto', data => `Si è liberato un posto: ${when(data, 'it')}. È tenuto fino a ${until(data.entro, 'it')}: senza risposta passa a chi segue.`, 'slot offered', data => `A slot has come free: ${when(data, 'en')}. It is kept until ${until(data.entro, 'en')}, then it goes to the next.`),
  offertaScaduta: template('offerta scaduta', data => `Il posto offerto (${when(data, 'it')}) non è stato accettato in tempo ed è passato a chi segue.`, 'offer lapsed', data => `The slot that was offered (${when(data, 'en')}) was not accepted in time and went to the next.`),
  offertaRitirata: template('offerta ritirata', data => `Il posto offerto non è più disponibile.${reason(data, 'it')} La richiesta resta in lista di attesa.`, 'offer withdrawn', data => `The slot that was offered is not there any more.${reason(data, 'en')} You stay on the waiting list.`),
  fineAttesa: template('lista di attesa terminata', () => 'Non si è liberato nessun posto nei giorni richiesti.', 'waiting list over', () => 'No slot has come free on the days that you asked for.'),
  richiestaScaduta: template('richiesta scaduta', data => `La richiesta di colloquio ${when(data, 'it')} è scaduta senza risposta.`, 'request lapsed', data => `The request for ${when(data, 'en')} has lapsed without an answer.`),
  promemoria: template('promemoria', data => `Si ricorda il colloquio: ${when(data, 'it')}.`, 'reminder', data => `Remember the interview: ${when(data, 'en')}.`),
};
