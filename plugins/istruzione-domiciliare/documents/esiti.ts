/** How a project ends before its time: withdrawn or renounced by the school, refused or lapsed by the polo; and the reminder before it lapses. */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { alunnoInLettera, delProgetto, documento, POLO, preambolo, SCUOLA, USR, VISTA_PROCEDURA, VISTE_NORME, type ProjectStep } from './letter.ts';
import { giorno, giornoOppure } from './words.ts';

// A reason is free text, in which health data may be written: whoever reads it leaves a trace.
const ESITO = { readBy: [...SCUOLA, ...POLO], protected: true };

const motivoOf = ({ context }: ProjectStep): string => context.chiusura?.motivo ?? '';

export const respingimento: DocumentDefinition<Contesto> = {
  content: step => documento(step, {
    nome: 'respingimento', titolo: 'Respingimento del progetto', da: 'polo', a: ['scuola'], argomento: 'progetto respinto',
    blocchi: [
      ...preambolo([VISTE_NORME, VISTA_PROCEDURA, `VISTA la richiesta presentata il ${giornoOppure(step.context.presentataIl, 'agli atti')} per ${alunnoInLettera(step)}`, 'ESAMINATA la documentazione trasmessa'], 'COMUNICA'),
      { paragraph: 'che il progetto di istruzione domiciliare è respinto per la seguente motivazione:' },
      { note: motivoOf(step) },
      { paragraph: 'La scuola di appartenenza ne informa la famiglia.' },
    ],
  }),
  ...ESITO,
};

export const rinuncia: DocumentDefinition<Contesto> = {
  content: step => documento(step, {
    nome: 'rinuncia', titolo: 'Rinuncia al progetto', da: 'scuola', a: ['polo', 'usr'], argomento: 'rinuncia',
    blocchi: [
      { paragraph: `Si comunica la rinuncia alla prosecuzione ${delProgetto(step)} per ${alunnoInLettera(step)}, per la seguente motivazione:` },
      { note: motivoOf(step) },
      { paragraph: 'Il progetto, pertanto, non sarà rendicontato.' },
    ],
  }),
  ...ESITO, readBy: [...ESITO.readBy, ...USR],
};

export const annullamento: DocumentDefinition<Contesto> = {
  content: step => documento(step, {
    nome: 'annullamento', titolo: 'Annullamento della richiesta', da: 'scuola', a: ['polo', 'usr'], argomento: 'annullamento della richiesta',
    blocchi: [
      { paragraph: `Si comunica che la richiesta di istruzione domiciliare presentata il ${giornoOppure(step.context.presentataIl, 'agli atti')} per ${alunnoInLettera(step)} è annullata, per la seguente motivazione:` },
      { note: motivoOf(step) },
    ],
  }),
  ...ESITO, readBy: [...ESITO.readBy, ...USR],
};

export const sollecito: DocumentDefinition<Contesto> = {
  content: step => {
    const { sollecito: dato } = step.context;
    return documento(step, {
      nome: 'sollecito', titolo: 'Sollecito', da: 'polo', a: ['scuola'], argomento: 'sollecito',
      blocchi: [
        { paragraph: `Per il progetto di istruzione domiciliare in oggetto, relativo al${alunnoInLettera(step)}, non risultano pervenuti gli atti che la Procedura per avviare, attivare, rendicontare progetti di istruzione domiciliare richiede alla scuola.` },
        { paragraph: `Si sollecita la scuola a provvedere entro il ${giornoOppure(dato?.entro, 'termine indicato')}.` },
        ...(step.data.nota ? [{ paragraph: step.data.nota as string }] : []),
        { paragraph: 'Trascorso inutilmente tale termine, la scuola polo può dichiarare la decadenza del progetto, così che non sia ritardato il pagamento degli altri progetti rendicontati.' },
      ],
    });
  },
  readBy: [...SCUOLA, ...POLO], protected: true,
};

export const decadenza: DocumentDefinition<Contesto> = {
  content: step => {
    const { context } = step;
    return documento(step, {
      nome: 'decadenza', titolo: 'Dichiarazione di decadenza', da: 'polo', a: ['scuola', 'usr'], argomento: 'decadenza',
      blocchi: [
        ...preambolo([
          VISTA_PROCEDURA, context.autorizzataIl ? `VISTA l'autorizzazione del ${giorno(context.autorizzataIl)}` : null,
          context.sollecito ? `VISTO il sollecito del ${giorno(context.sollecito.il)}, con termine al ${giorno(context.sollecito.entro)}` : null, 'CONSTATATO che al sollecito non è stato dato seguito nel termine',
        ], 'DICHIARA'),
        { paragraph: `la decadenza ${delProgetto(step)} per ${alunnoInLettera(step)}, per la seguente motivazione:` },
        { note: motivoOf(step) },
        { paragraph: `Il progetto è escluso dal riparto del fondo della scuola polo per l'anno scolastico ${context.annoScolastico}.` },
      ],
    });
  },
  ...ESITO, readBy: [...ESITO.readBy, ...USR],
};
