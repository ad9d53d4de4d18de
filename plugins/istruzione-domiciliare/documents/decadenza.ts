/** The polo takes a silent project out, so that it does not block the payment of the others. */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { ESITO, motivoOf } from './esito.ts';
import { alunnoInLettera, delProgetto, documento, preambolo, USR, VISTA_PROCEDURA } from './letter.ts';
import { giorno } from './words.ts';

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
