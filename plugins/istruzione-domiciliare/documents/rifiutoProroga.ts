/** The polo refuses a proroga: why, and what then counts. */
import type { DocumentDefinition } from '../../contract.ts';
import { periodiAmmessi } from '../process/accountability.ts';
import { firstDay } from '../process/periods.ts';
import type { Contesto } from '../process/types.ts';
import { alunnoInLettera, delProgetto, documento, FAMIGLIA, POLO, SCUOLA } from './letter.ts';
import { giorno, oreDi, periodiScritti } from './words.ts';

export const rifiutoProroga: DocumentDefinition<Contesto> = {
  content: step => {
    const { context } = step;
    const ultima = context.proroghe.at(-1);
    const inizio = ultima && firstDay(ultima.certificato.periodi);
    return documento(step, {
      nome: 'rifiutoProroga', titolo: 'Proroga non autorizzata', da: 'polo', a: ['scuola'], argomento: 'proroga non autorizzata',
      blocchi: [
        { paragraph: `Esaminata la richiesta di proroga${ultima ? ` del ${giorno(ultima.richiestaIl)}` : ''} ${delProgetto(step)} per ${alunnoInLettera(step)}, si comunica che la proroga non è autorizzata per la seguente motivazione:` },
        { note: ultima?.motivo ?? '' },
        { paragraph: `Restano autorizzate ${oreDi(context.minutiAutorizzati)} ore per il periodo ${periodiScritti(periodiAmmessi(context))}. Le lezioni svolte oltre tale periodo${inizio ? ` (dal ${giorno(inizio)})` : ''} restano nel registro e non sono contabili.` },
        { paragraph: 'La scuola può presentare una nuova richiesta, con un nuovo certificato aggiornato.' },
      ],
    });
  },
  readBy: [...SCUOLA, ...POLO, ...FAMIGLIA], protected: true,
};
