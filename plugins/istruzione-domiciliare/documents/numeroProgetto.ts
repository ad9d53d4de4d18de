/** The polo tells the school the number of the project. */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { alunnoInLettera, documento, numeroScritto, POLO, SCUOLA } from './letter.ts';
import { giornoOppure } from './words.ts';

export const numeroProgetto: DocumentDefinition<Contesto> = {
  content: step => {
    const { context } = step;
    return documento(step, {
      nome: 'numeroProgetto', titolo: 'Assegnazione del numero di progetto', da: 'polo', a: ['scuola'], argomento: 'assegnazione del numero di progetto',
      blocchi: [
        { paragraph: `In riscontro alla richiesta presentata il ${giornoOppure(context.presentataIl, 'agli atti')} per ${alunnoInLettera(step)}, anno scolastico ${context.annoScolastico}, si comunica che al progetto è assegnato il numero:` },
        { heading: numeroScritto(context) },
        { paragraph: 'Il numero deve essere utilizzato per ogni comunicazione successiva e indicato nell\'oggetto della posta certificata insieme alla dicitura «Progetto Istruzione Domiciliare».' },
        { paragraph: context.modelloP ? 'Il Modello P è pervenuto: le ore autorizzate saranno comunicate con successiva nota.' : 'Si resta in attesa del Modello P, con i piani di lavoro per ogni disciplina, il piano finanziario comprensivo del cofinanziamento e degli oneri riflessi e la delibera del Consiglio di Istituto.' },
        ...(context.avvertenze.some(({ regola }) => regola === 'assenzaAllaSoglia') ? [{ note: "L'assenza prevista è pari al minimo richiesto dalla Procedura: la scuola polo l'ha valutata nell'accogliere la richiesta." }] : []),
      ],
    });
  },
  readBy: [...SCUOLA, ...POLO],
};
