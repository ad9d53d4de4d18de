/** The polo refuses the project, with its reason. */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { ESITO, motivoOf } from './esito.ts';
import { alunnoInLettera, documento, preambolo, VISTA_PROCEDURA, VISTE_NORME } from './letter.ts';
import { giornoOppure } from './words.ts';

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
