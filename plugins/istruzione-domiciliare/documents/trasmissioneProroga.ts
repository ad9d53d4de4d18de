/** The school sends the updated certificate with the request for a proroga. */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { alunnoInLettera, numeroScritto } from './letter.ts';
import { lettera, READERS } from './letteraScuola.ts';
import { giorno, oreScritte } from './words.ts';

export const trasmissioneProroga: DocumentDefinition<Contesto> = {
  content: step => {
    const proroga = step.context.proroghe.at(-1);
    return lettera(step, {
      nome: 'trasmissioneProroga', titolo: 'Trasmissione della richiesta di proroga', argomento: 'richiesta di proroga',
      testo: `Poiché il progetto di istruzione domiciliare n. ${numeroScritto(step.context)}, relativo al${alunnoInLettera(step)}, prosegue rispetto al periodo indicato nella fase di avvio, si trasmettono:`,
      allegati: [...(proroga ? [`Modello ${proroga.certificato.modello} aggiornato, del ${giorno(proroga.certificato.rilasciatoIl)}, con l'ulteriore periodo di assenza;`] : []), 'Modello di richiesta di proroga.'],
      seguito: [{ paragraph: proroga?.oreRichieste ? `Si chiede l'autorizzazione di ulteriori ${oreScritte(proroga.oreRichieste)} ore.` : "Si chiede l'autorizzazione delle ulteriori ore." }],
    });
  },
  readBy: READERS,
};
