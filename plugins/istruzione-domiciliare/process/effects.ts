/** What leaves the case: messages to the parties and commands to the polo's fund. No health data, no pupil's name. */
import type { CommandInput, EffectRule, JsonObject, MessageInput, Step } from '../../contract.ts';
import { ore } from './accountability.ts';
import { isPrevalente } from './validity.ts';
import { finePeriodoOf, termineRendicontazioneOf } from './deadlines.ts';
import type { Contesto } from './types.ts';

type ProjectStep = Step<Contesto>;

/** "All'Ufficio Scolastico Regionale e/o alla Scuola Polo Regionale". */
const POLO = ['polo', 'usr'];

/** A message to those of `to` who take part in this case. */
function message(template: string, to: string[], data: (step: ProjectStep) => JsonObject = () => ({})): EffectRule<Contesto> {
  return {
    does: 'message',
    // A case without a family has nobody there to write to.
    input: step => (to.some(party => step.parties[party] !== undefined) ? messageInput(step, template, to, data) : []),
  };
}

const messageInput = (step: ProjectStep, template: string, to: string[], data: (step: ProjectStep) => JsonObject): MessageInput => ({
  template, to: to.filter(party => step.parties[party] !== undefined),
  data: { numero: step.context.numero, annoScolastico: step.context.annoScolastico, ...data(step) },
});

/** An official letter between offices, with its documents and the papers that the command brought. */
interface Letter { from: string; to: string[]; documents: string[] | ((step: ProjectStep) => string[]); attachments?: string[]; earlier?: string[]; data?: (step: ProjectStep) => JsonObject }

function letter(template: string, { from, to, documents, attachments, earlier, data }: Letter): EffectRule<Contesto> {
  return {
    does: 'message',
    input: (step): MessageInput => ({
      ...messageInput(step, template, to, data ?? (() => ({}))),
      letter: { from, documents: typeof documents === 'function' ? documents(step) : documents, ...(attachments ? { attachments } : {}), ...(earlier ? { earlier } : {}) },
    }),
  };
}

const dallaScuola = (template: string, documents: string[] | ((step: ProjectStep) => string[]), attachments?: string[], data?: (step: ProjectStep) => JsonObject): EffectRule<Contesto> =>
  letter(template, { from: 'scuola', to: POLO, documents, ...(attachments ? { attachments } : {}), ...(data ? { data } : {}) });
const dalPolo = (template: string, document: string, data?: (step: ProjectStep) => JsonObject, to = ['scuola']): EffectRule<Contesto> =>
  letter(template, { from: 'polo', to, documents: [document], ...(data ? { data } : {}) });

/** "Modello S o, in alternativa, modello M", with G: as data, whoever filled them. */
const modelliDiAvvio = ({ context }: ProjectStep): string[] => ['trasmissione', 'propostaProcedura', `modello${context.certificato!.modello}`, 'modelloG'];
/** What the family writes to with its own account reads in the portal: its mail carries no papers. */
const FAMIGLIA = ['famiglia'];

/** The fund's case is the polo's for the school year; the first project makes it. */
function toFondo(command: string, data: (step: ProjectStep) => JsonObject): EffectRule<Contesto> {
  return {
    does: 'command',
    input: (step): CommandInput => {
      const { annoScolastico, numero } = step.context;
      const polo = step.parties.polo!;
      return {
        process: 'fondo-istruzione-domiciliare', command,
        data: { progetto: step.case.id, numero: numero!, scuola: step.parties.scuola!, ...data(step) },
        target: { key: `${polo}/${annoScolastico}`, create: { data: { annoScolastico }, parties: { polo } } },
      };
    },
  };
}

const autorizzate = ({ context }: ProjectStep): JsonObject => ({ oreAutorizzate: ore(context.minutiAutorizzati) });
const prorogate = (step: ProjectStep): JsonObject => ({ ...autorizzate(step), oreProroga: ore(step.context.proroghe.at(-1)!.minutiAutorizzati) });

export const effects: Record<string, EffectRule<Contesto>> = {
  // With the certificate that the family handed in with its account.
  notificaPresentazione: letter('presentazione', { from: 'scuola', to: POLO, documents: modelliDiAvvio, attachments: ['modelloS', 'modelloM', 'modelloG'], earlier: ['modelloS', 'modelloM'] }),
  confermaPresentazione: message('presentazioneFamiglia', ['famiglia']),
  notificaRichiestaIntegrazione: dalPolo('richiestaIntegrazione', 'richiestaIntegrazione', ({ context }) => ({ entro: context.integrazione!.entro })),
  notificaIntegrazione: dallaScuola('integrazione', ['integrazione'], ['integrazione', 'modelloS', 'modelloM', 'modelloG']),
  notificaRespingimento: dalPolo('respingimento', 'respingimento'),
  avvisaRespingimento: message('respingimento', FAMIGLIA),
  notificaNumero: dalPolo('numero', 'numeroProgetto'),
  notificaModelloP: dallaScuola('modelloP', ['trasmissioneModelloP', 'modelloP'], ['modelloP']),
  notificaAutorizzazione: dalPolo('autorizzazione', 'autorizzazione', autorizzate),
  avvisaAutorizzazione: message('autorizzazione', FAMIGLIA, autorizzate),
  notificaRichiestaProroga: dallaScuola('richiestaProroga', ['trasmissioneProroga', 'richiestaProroga'], ['modelloSAggiornato', 'modelloMAggiornato', 'richiestaProroga'], ({ context }) => ({ oreRichieste: context.proroghe.at(-1)!.oreRichieste })),
  notificaProroga: dalPolo('proroga', 'proroga', prorogate),
  avvisaProroga: message('proroga', FAMIGLIA, prorogate),
  notificaRifiutoProroga: dalPolo('rifiutoProroga', 'rifiutoProroga'),
  avvisaRifiutoProroga: message('rifiutoProroga', FAMIGLIA),
  /** Hours and days that count for the year; with the note on the scrutiny where these lessons prevail. */
  attestaFrequenza: { does: 'document', input: step => ({ from: 'scuola', documents: ['attestazione', ...(isPrevalente(step) ? ['notaScrutinio'] : [])] }) },
  notificaConclusione: message('conclusione', ['scuola'], step => ({ termine: termineRendicontazioneOf(step) })),
  notificaRendiconto: dallaScuola('rendiconto', ['trasmissioneRendiconto', 'modelloV', 'modelloZ', 'registroOF'], ['modelloV', 'modelloZ', 'autocertificazione', 'modelloOF', 'relazioneFinale'],
    ({ context }) => ({ ore: ore(context.rendiconto!.minutiContabili) })),
  notificaLiquidazione: dalPolo('liquidazione', 'avvisoPagamento', ({ context }) => ({ quotaCents: context.liquidazione!.quotaCents, dovutaCents: context.liquidazione!.dovutaCents, atto: context.liquidazione!.atto })),
  notificaRinuncia: dallaScuola('rinuncia', ['rinuncia']),
  avvisaRinuncia: message('rinuncia', FAMIGLIA),
  notificaAnnullamento: dallaScuola('annullamento', ['annullamento']),
  avvisaAnnullamento: message('annullamento', FAMIGLIA),
  notificaDecadenza: dalPolo('decadenza', 'decadenza', undefined, ['scuola', 'usr']),
  avvisaDecadenza: message('decadenza', FAMIGLIA),
  notificaSollecito: dalPolo('sollecito', 'sollecito', ({ context }) => ({ entro: context.sollecito!.entro })),

  ricordaRisposta: message('rispostaScaduta', ['polo', 'scuola']),
  ricordaRispostaProroga: message('rispostaProrogaScaduta', ['polo', 'scuola']),
  ricordaIntegrazione: message('integrazioneScaduta', ['scuola', 'polo'], ({ context }) => ({ entro: context.integrazione!.entro })),
  ricordaFinePeriodo: message('finePeriodoVicina', ['scuola'], step => ({ finePeriodo: finePeriodoOf(step) })),
  avvisaFinePeriodo: message('finePeriodo', ['scuola'], step => ({ finePeriodo: finePeriodoOf(step) })),
  ricordaRendicontazione: message('rendicontazioneScaduta', ['scuola', 'polo'], step => ({ termine: termineRendicontazioneOf(step) })),
  avvisaSollecitoScaduto: message('sollecitoScaduto', ['polo', 'scuola'], ({ context }) => ({ entro: context.sollecito!.entro })),

  iscriviAlFondo: toFondo('registraProgetto', ({ context }) => ({ minutiAutorizzati: context.minutiAutorizzati, attivato: context.lezioni > 0 })),
  rendicontaAlFondo: toFondo('registraRendiconto', ({ context }) => ({
    minutiContabili: context.rendiconto!.minutiContabili, costoCents: context.rendiconto!.costoCents, quotaCents: context.rendiconto!.quotaPoloCents, iban: context.rendiconto!.iban,
  })),
  togliDalFondo: toFondo('togliProgetto', ({ context }) => ({ motivo: context.chiusura!.esito })),
};
