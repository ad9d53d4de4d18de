/** The school sends Modello S (or M) and G, and P if it is there (Procedura ID, "Avvio"). */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { alunnoInLettera } from './letter.ts';
import { allegato, lettera, READERS } from './letteraScuola.ts';
import { giorno } from './words.ts';

export const trasmissione: DocumentDefinition<Contesto> = {
  content: step => {
    const { context } = step;
    const { certificato, modelloG, modelloP } = context;
    const conP = modelloP !== null || allegato(step, 'modelloP');
    return lettera(step, {
      nome: 'trasmissione', titolo: 'Trasmissione della richiesta di istruzione domiciliare', argomento: 'trasmissione dei modelli di avvio',
      testo: `Con riferimento alla Procedura per avviare, attivare, rendicontare progetti di istruzione domiciliare, per ${alunnoInLettera(step)}, anno scolastico ${context.annoScolastico}, si trasmettono:`,
      allegati: [
        ...(certificato ? [`Modello ${certificato.modello} - ${certificato.modello === 'S' ? 'Certificazione sanitaria' : 'Certificato del medico di famiglia'}, del ${giorno(certificato.rilasciatoIl)};`] : []),
        ...(modelloG ? [`Modello G - Richiesta di servizio scolastico domiciliare, del ${giorno(modelloG.firmatoIl)}${conP ? ';' : '.'}`] : []),
        ...(conP ? ['Modello P - Progetto di istruzione domiciliare.'] : []),
      ],
      seguito: [
        { paragraph: context.numero === null ? "Si resta in attesa dell'assegnazione del numero di progetto, che sarà riportato in ogni comunicazione successiva." : `Il progetto ha il numero ${context.numero}.` },
        ...(conP ? [] : [{ paragraph: 'Il Modello P, con i piani di lavoro e il piano finanziario, sarà trasmesso successivamente.' }]),
      ],
    });
  },
  readBy: READERS,
};
