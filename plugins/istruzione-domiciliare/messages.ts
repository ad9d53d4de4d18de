/** What is written to the parties. Subjects carry the words and the number that the procedure asks for. */
import type { MessageContext, MessageTemplate } from '../contract.ts';
import { conDateScritte } from './documents/words.ts';

/** The number as the decision knew it: a letter that leaves late does not bear one that was assigned after it. Procedura ID: the subject names the project and, once assigned, the number "da utilizzare per ogni comunicazione successiva". */
const subject = (topic: string) => ({ number, data }: MessageContext): string =>
  ['Progetto Istruzione Domiciliare', ('numero' in data ? data.numero : number) as string | null, topic].filter(Boolean).join(' - ');

const euro = (cents: number): string => `${Math.trunc(cents / 100)},${String(cents % 100).padStart(2, '0')} €`;
/** 12.5 is 12,5. */
const numero = (value: number): string => String(value).replace('.', ',');
const euroEn = (cents: number): string => `€ ${(cents / 100).toFixed(2)}`;

type Text = (data: any) => string;

function template(topic: string, text: Text, topicEn: string, textEn: Text): { it: MessageTemplate; en: MessageTemplate } {
  const foot = ({ data }: MessageContext) => `\n\nAnno scolastico ${data.annoScolastico}.`;
  const footEn = ({ data }: MessageContext) => `\n\nSchool year ${data.annoScolastico}.`;
  return {
    it: message => ({ subject: subject(topic)(message), text: `${conDateScritte(text(message.data))}${foot(message)}` }),
    // The Italian words stay in the subject: the polo's office files by them.
    en: message => ({ subject: subject(topicEn)(message), text: `${textEn(message.data)}${footEn(message)}` }),
  };
}

export const messages: Record<string, { it: MessageTemplate; en: MessageTemplate }> = {
  presentazione: template('presentazione', () => 'La scuola ha presentato un progetto di istruzione domiciliare con i modelli S (o M) e G. Si attende il numero di progetto.',
    'presented', () => 'The school has presented a home schooling project with forms S (or M) and G. It awaits the project number.'),
  presentazioneFamiglia: template('presentazione', () => 'La scuola ha inviato alla scuola polo la richiesta di istruzione domiciliare.',
    'presented', () => 'The school has sent the request for home schooling to the polo.'),
  richiestaIntegrazione: template('richiesta di integrazione', ({ entro }) => `La scuola polo chiede di integrare la documentazione entro il ${entro}. I motivi sono nella pratica.`,
    'integration requested', ({ entro }) => `The polo asks for further papers by ${entro}. The reasons are in the case.`),
  integrazione: template('integrazione', () => 'La scuola ha integrato la documentazione del progetto.', 'integration', () => 'The school has sent the further papers.'),
  respingimento: template('progetto respinto', () => 'La scuola polo ha respinto il progetto. La motivazione è nella pratica.', 'refused', () => 'The polo has refused the project. The reason is in the case.'),
  numero: template('numero assegnato', ({ numero }) => `Al progetto è assegnato il numero ${numero}, da indicare in ogni comunicazione successiva. Se non è già stato inviato, si attende il modello P.`,
    'number assigned', ({ numero }) => `The project has number ${numero}, to be given in every later message. Form P is awaited unless already sent.`),
  modelloP: template('modello P', () => 'La scuola ha inviato il modello P con i piani di lavoro, il piano finanziario e la delibera del Consiglio di Istituto.',
    'form P', () => 'The school has sent form P with work plans, financial plan and the delibera of the Consiglio di Istituto.'),
  autorizzazione: template('ore autorizzate', ({ oreAutorizzate }) => `Sono autorizzate ${numero(oreAutorizzate)} ore. Il numero di ore autorizzate non può essere superato; entro il monte ore possono variare i docenti e le ore di ciascuno.`,
    'hours authorised', ({ oreAutorizzate }) => `${oreAutorizzate} hours are authorised. They cannot be exceeded; within them teachers and their hours may vary.`),
  richiestaProroga: template('richiesta di proroga', ({ oreRichieste }) => `La scuola chiede la proroga del progetto${oreRichieste ? ` per ${numero(oreRichieste)} ore` : ''}, con il certificato aggiornato.`,
    'proroga requested', ({ oreRichieste }) => `The school asks for an extension${oreRichieste ? ` of ${oreRichieste} hours` : ''}, with the updated certificate.`),
  proroga: template('proroga autorizzata', ({ oreProroga, oreAutorizzate }) => `La proroga è autorizzata per ${numero(oreProroga)} ore; in tutto sono autorizzate ${numero(oreAutorizzate)} ore.`,
    'proroga granted', ({ oreProroga, oreAutorizzate }) => `The extension is granted for ${oreProroga} hours; ${oreAutorizzate} hours are authorised in all.`),
  rifiutoProroga: template('proroga non autorizzata', () => 'La proroga non è autorizzata. La motivazione è nella pratica; le lezioni oltre il periodo certificato non sono contabili.',
    'proroga refused', () => 'The extension is refused. The reason is in the case; lessons beyond the certified period do not count.'),
  conclusione: template('progetto concluso', ({ termine }) => `Il progetto è concluso. Entro il ${termine} si inviano relazioni finali, modello V, modello Z o autocertificazione e scansione dei registri.`,
    'concluded', ({ termine }) => `The project is concluded. By ${termine}: final reports, form V, form Z or self-certification, and scans of the registers.`),
  rendiconto: template('rendicontazione', ({ ore }) => `La scuola ha inviato la rendicontazione del progetto: ${numero(ore)} ore.`, 'report', ({ ore }) => `The school has sent the project's report: ${ore} hours.`),
  liquidazione: template('liquidazione', ({ quotaCents, dovutaCents, atto }) => `Con l'atto ${atto} è liquidata la quota di ${euro(quotaCents)} (quota spettante: ${euro(dovutaCents)}).`,
    'paid', ({ quotaCents, dovutaCents, atto }) => `By act ${atto} the share of ${euroEn(quotaCents)} is paid (share due: ${euroEn(dovutaCents)}).`),
  rinuncia: template('rinuncia', () => 'La scuola rinuncia al progetto. La motivazione è nella pratica.', 'renounced', () => 'The school renounces the project. The reason is in the case.'),
  annullamento: template('annullamento', () => 'La scuola ha annullato la richiesta. La motivazione è nella pratica.', 'withdrawn', () => 'The school has withdrawn the request. The reason is in the case.'),
  decadenza: template('decadenza', () => 'La scuola polo ha dichiarato la decadenza del progetto, dopo il sollecito rimasto senza seguito.', 'lapsed', () => 'The polo has declared the project lapsed, after an unanswered reminder.'),
  sollecito: template('sollecito', ({ entro }) => `La scuola polo sollecita il seguito del progetto entro il ${entro}. In mancanza può esserne dichiarata la decadenza.`,
    'reminder', ({ entro }) => `The polo asks for the next step by ${entro}. Without it the project may be declared lapsed.`),
  rispostaScaduta: template('termine di risposta scaduto', () => 'Il termine per la risposta della scuola polo è scaduto.', 'answer overdue', () => "The term for the polo's answer is over."),
  rispostaProrogaScaduta: template('termine di risposta alla proroga scaduto', () => 'Il termine per la risposta della scuola polo alla richiesta di proroga è scaduto.',
    'answer to the proroga overdue', () => "The term for the polo's answer to the extension is over."),
  integrazioneScaduta: template('termine di integrazione scaduto', ({ entro }) => `Il termine del ${entro} per integrare la documentazione è scaduto.`, 'integration overdue', ({ entro }) => `The term of ${entro} for the further papers is over.`),
  finePeriodoVicina: template('fine del periodo certificato', ({ finePeriodo }) => `Il periodo certificato finisce il ${finePeriodo}: se l'assenza continua occorre il certificato aggiornato con la richiesta di proroga.`,
    'end of the certified period', ({ finePeriodo }) => `The certified period ends on ${finePeriodo}: if the absence goes on, an updated certificate and the request for an extension are needed.`),
  finePeriodo: template('periodo certificato terminato', ({ finePeriodo }) => `Il periodo certificato è finito il ${finePeriodo}: chiedere la proroga o concludere il progetto. Le lezioni successive sono contabili solo con la proroga.`,
    'certified period over', ({ finePeriodo }) => `The certified period ended on ${finePeriodo}: ask for an extension or conclude. Later lessons count only with the extension.`),
  rendicontazioneScaduta: template('rendicontazione scaduta', ({ termine }) => `Il termine del ${termine} per la rendicontazione è scaduto.`, 'report overdue', ({ termine }) => `The term of ${termine} for the report is over.`),
  sollecitoScaduto: template('termine del sollecito scaduto', ({ entro }) => `Il termine del sollecito (${entro}) è scaduto: può essere dichiarata la decadenza.`, 'reminder overdue', ({ entro }) => `The reminder's term (${entro}) is over: the project may be declared lapsed.`),
};
