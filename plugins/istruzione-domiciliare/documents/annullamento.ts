/** The school withdraws its request before the number. */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { ESITO, motivoOf } from './esito.ts';
import { alunnoInLettera, documento, USR } from './letter.ts';
import { giornoOppure } from './words.ts';

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
