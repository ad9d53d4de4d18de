/** The polo authorises hours: how many, how they were worked out, and within what they may vary. */
import type { DocumentDefinition } from '../../contract.ts';
import { minutiPianificati } from '../process/planning.ts';
import type { Contesto } from '../process/types.ts';
import { documento, FAMIGLIA, numeroScritto, POLO, preambolo, SCUOLA, VISTA_PROCEDURA, VISTE_NORME } from './letter.ts';
import { CONDIZIONI, monteOre } from './monteOre.ts';
import { giorno, giornoOppure, iniziali, oreDi } from './words.ts';

export const autorizzazione: DocumentDefinition<Contesto> = {
  content: step => {
    const { context } = step;
    const { modelloP, minutiAutorizzati, numero } = context;
    const previste = modelloP ? Object.values(minutiPianificati(modelloP)).reduce((sum, minuti) => sum + minuti, 0) : null;
    return documento(step, {
      nome: 'autorizzazione', titolo: 'Autorizzazione delle ore', da: 'polo', a: ['scuola'], argomento: 'ore autorizzate',
      blocchi: [
        ...preambolo([
          VISTE_NORME, VISTA_PROCEDURA, `VISTA la richiesta presentata il ${giornoOppure(context.presentataIl, 'agli atti')} per l'alunno/a ${iniziali(context.alunno)}, classe ${context.alunno.classe}`,
          modelloP && previste !== null ? `VISTO il Modello P (${modelloP.variante === 'conSiO' ? 'con SiO' : 'senza SiO'}) inviato il ${giorno(modelloP.inviatoIl)}, che prevede ${oreDi(previste)} ore, con la delibera del Consiglio di Istituto n. ${modelloP.deliberaConsiglioIstituto.numero} del ${giorno(modelloP.deliberaConsiglioIstituto.data)}` : null,
        ], 'AUTORIZZA'),
        { paragraph: `per il progetto di istruzione domiciliare n. ${numeroScritto(context)}, anno scolastico ${context.annoScolastico}, lo svolgimento di ${oreDi(minutiAutorizzati)} ore.` },
        // Number and hours in one answer.
        ...(step.number !== null && numero !== null ? [{ paragraph: `Con la presente è assegnato al progetto il numero ${numero}, da utilizzare per ogni comunicazione successiva.` }] : []),
        ...monteOre(step),
        ...CONDIZIONI,
      ],
    });
  },
  // It tells the certified period.
  readBy: [...SCUOLA, ...POLO, ...FAMIGLIA], protected: true,
};
