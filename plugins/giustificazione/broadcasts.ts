/** What is written to a pupil's family. An SMS does not name the pupil, and keeps to the letters that cost one segment: no curly apostrophe. */
import type { BroadcastDefinition, BroadcastMessage } from '../contract.ts';

const giorno = (date: string) => date.split('-').reverse().join('/');
const TIPI = { it: { assenza: 'assenza', ritardo: 'ritardo', uscita: 'uscita anticipata' }, en: { assenza: 'absence', ritardo: 'lateness', uscita: 'early leave' } };
/** `2026-11-20-ritardo` as people write it, with the hour where the register tells it. */
const evento = (key: string, lang: 'it' | 'en', ora?: string) => `${giorno(key.slice(0, 10))} (${TIPI[lang][key.slice(11) as 'assenza']}${ora === undefined ? '' : ` ${ora}`})`;
const elenco = ({ data }: BroadcastMessage, lang: 'it' | 'en', of = 'eventi') => (data[of] as string[]).map(key => evento(key, lang, of === 'eventi' ? data.orari?.[key] : undefined)).join(', ');
/** Sentences whose part there is. */
const frasi = (...parts: (string | false)[]) => parts.filter(Boolean).join(' ');
const nome = ({ recipient: { pupils } }: BroadcastMessage) => pupils.map(({ name, class: classe }) => `${name} (${classe})`).join(', ');
const numero = (value: number) => String(value).replace('.', ',');

type Words = (message: BroadcastMessage) => [topic: string, text: string];
function words(it: Words, en: Words): BroadcastDefinition {
  const written = (say: Words) => (message: BroadcastMessage) => {
    const [topic, text] = say(message);
    return { subject: [topic, nome(message)].filter(Boolean).join(' - '), text: `${text}\n\n${message.sender}`, sms: `${message.sender}: ${text}`.replaceAll('’', "'") };
  };
  return { version: 1, it: written(it), en: written(en) };
}

export const broadcasts: Record<string, BroadcastDefinition> = {
  assenze: words(
    message => ['Assenze e ritardi', `Risultano: ${elenco(message, 'it')}. Da giustificare entro il ${giorno(message.data.entro)}.`],
    message => ['Absences and lateness', `Recorded: ${elenco(message, 'en')}. To be justified by ${giorno(message.data.entro)}.`]),
  rettifica: words(
    message => ['Rettifica', frasi(message.data.tolti.length > 0 && `Non risulta più: ${elenco(message, 'it', 'tolti')}.`, message.data.eventi.length > 0 && `Risulta: ${elenco(message, 'it')}.`, message.data.entro !== null && `Da giustificare entro il ${giorno(message.data.entro)}.`)],
    message => ['Correction', frasi(message.data.tolti.length > 0 && `No longer recorded: ${elenco(message, 'en', 'tolti')}.`, message.data.eventi.length > 0 && `Recorded: ${elenco(message, 'en')}.`, message.data.entro !== null && `To be justified by ${giorno(message.data.entro)}.`)]),
  daChiarire: words(
    message => ['Giustificazione da chiarire', `La scuola chiede di chiarire: ${elenco(message, 'it')}. ${message.data.nota ?? ''} Rispondere entro il ${giorno(message.data.entro)}.`],
    message => ['Justification to be explained', `The school asks about: ${elenco(message, 'en')}. ${message.data.nota ?? ''} Answer by ${giorno(message.data.entro)}.`]),
  scadute: words(
    message => ['Termine scaduto', `Non risultano giustificati: ${elenco(message, 'it')}. Rivolgersi alla segreteria.`],
    message => ['Term over', `Not justified: ${elenco(message, 'en')}. Please ask the school office.`]),
  soglia: words(
    ({ data }) => ['Limite delle assenze vicino', `Le ore di assenza sono ${numero(data.ore)} su un massimo di ${numero(data.limite)} per la validità dell’anno scolastico.`],
    ({ data }) => ['Limit of absences near', `${data.ore} hours of absence, of at most ${data.limite} for a valid school year.`]),
  superamento: words(
    ({ data }) => ['Limite delle assenze superato', `Le ore di assenza sono ${numero(data.ore)}: oltre il massimo di ${numero(data.limite)} per la validità dell’anno scolastico. Contattare la scuola.`],
    ({ data }) => ['Limit of absences passed', `${data.ore} hours of absence: more than the ${data.limite} of a valid school year. Please contact the school.`]),
  riepilogo: words(
    ({ data }) => ['Riepilogo delle assenze', `Registrate dal ${giorno(data.dal)}: assenze ${data.assenze}, ritardi ${data.ritardi}, uscite anticipate ${data.uscite}. Ore perse nell’anno: ${numero(data.oreTotali)}.`],
    ({ data }) => ['Summary of absences', `Recorded since ${giorno(data.dal)}: absences ${data.assenze}, late ${data.ritardi}, left early ${data.uscite}. Hours missed this year: ${data.oreTotali}.`]),
};
