/** What leaves the case: messages to the parties and commands to the polo's fund. No health data, no pupil's name. */
import type { CommandInput, EffectRule, JsonObject, MessageInput, Step } from '../../contract.ts';
import { ore } from './accountability.ts';
import { finePeriodoOf, termineRendicontazioneOf } from './deadlines.ts';
import type { Contesto } from './types.ts';

type ProjectStep = Step<Contesto>;

/** "All'Ufficio Scolastico Regionale e/o alla Scuola Polo Regionale". */
const POLO = ['polo', 'usr'];

/** A message to those of `to` who take part in this case. */
function message(template: string, to: string[], data: (step: ProjectStep) => JsonObject = () => ({})): EffectRule<Contesto> {
  return {
    does: 'message',
    input: (step): MessageInput => ({
      template, to: to.filter(party => step.parties[party] !== undefined),
      data: { numero: step.context.numero, annoScolastico: step.context.annoScolastico, ...data(step) },
    }),
  };
}

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

export const effects: Record<string, EffectRule<Contesto>> = {
  notificaPresentazione: message('presentazione', POLO),
  confermaPresentazione: message('presentazioneFamiglia', ['famiglia']),
  notificaRichiestaIntegrazione: message('richiestaIntegrazione', ['scuola'], ({ context }) => ({ entro: context.integrazione!.entro })),
  notificaIntegrazione: message('integrazione', POLO),
  notificaRespingimento: message('respingimento', ['scuola', 'famiglia']),
  notificaNumero: message('numero', ['scuola']),
  notificaModelloP: message('modelloP', POLO),
  notificaAutorizzazione: message('autorizzazione', ['scuola', 'famiglia'], autorizzate),
  notificaRichiestaProroga: message('richiestaProroga', POLO, ({ context }) => ({ oreRichieste: context.proroghe.at(-1)!.oreRichieste })),
  notificaProroga: message('proroga', ['scuola', 'famiglia'], step => ({ ...autorizzate(step), oreProroga: ore(step.context.proroghe.at(-1)!.minutiAutorizzati) })),
  notificaRifiutoProroga: message('rifiutoProroga', ['scuola', 'famiglia']),
  notificaConclusione: message('conclusione', ['scuola'], step => ({ termine: termineRendicontazioneOf(step) })),
  notificaRendiconto: message('rendiconto', POLO, ({ context }) => ({ ore: ore(context.rendiconto!.minutiContabili) })),
  notificaLiquidazione: message('liquidazione', ['scuola'], ({ context }) => ({ quotaCents: context.liquidazione!.quotaCents, dovutaCents: context.liquidazione!.dovutaCents, atto: context.liquidazione!.atto })),
  notificaRinuncia: message('rinuncia', [...POLO, 'famiglia']),
  notificaAnnullamento: message('annullamento', [...POLO, 'famiglia']),
  notificaDecadenza: message('decadenza', ['scuola', 'famiglia', 'usr']),
  notificaSollecito: message('sollecito', ['scuola'], ({ context }) => ({ entro: context.sollecito!.entro })),

  ricordaRisposta: message('rispostaScaduta', ['polo', 'scuola']),
  ricordaRispostaProroga: message('rispostaProrogaScaduta', ['polo', 'scuola']),
  ricordaIntegrazione: message('integrazioneScaduta', ['scuola', 'polo'], ({ context }) => ({ entro: context.integrazione!.entro })),
  ricordaFinePeriodo: message('finePeriodoVicina', ['scuola'], step => ({ finePeriodo: finePeriodoOf(step) })),
  avvisaFinePeriodo: message('finePeriodo', ['scuola'], step => ({ finePeriodo: finePeriodoOf(step) })),
  ricordaRendicontazione: message('rendicontazioneScaduta', ['scuola', 'polo'], step => ({ termine: termineRendicontazioneOf(step) })),
  avvisaSollecitoScaduto: message('sollecitoScaduto', ['polo', 'scuola'], ({ context }) => ({ entro: context.sollecito!.entro })),

  iscriviAlFondo: toFondo('registraProgetto', ({ context }) => ({ minutiAutorizzati: context.minutiAutorizzati, attivato: context.lezioni > 0 })),
  rendicontaAlFondo: toFondo('registraRendiconto', ({ context }) => ({
    minutiContabili: context.rendiconto!.minutiContabili, costoCents: context.rendiconto!.costoCents, quotaCents: context.rendiconto!.quotaPoloCents,
  })),
  togliDalFondo: toFondo('togliProgetto', ({ context }) => ({ motivo: context.chiusura!.esito })),
};
