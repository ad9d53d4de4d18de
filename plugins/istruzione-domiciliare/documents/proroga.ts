/** The polo grants further hours for a further period. */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { alunnoInLettera, delProgetto, documento, FAMIGLIA, POLO, preambolo, SCUOLA, VISTA_PROCEDURA } from './letter.ts';
import { CONDIZIONI, monteOre } from './monteOre.ts';
import { giorno, oreDi, periodiScritti } from './words.ts';

export const proroga: DocumentDefinition<Contesto> = {
  content: step => {
    const { context } = step;
    const ultima = context.proroghe.at(-1);
    return documento(step, {
      nome: 'proroga', titolo: 'Autorizzazione della proroga', da: 'polo', a: ['scuola'], argomento: 'proroga autorizzata',
      blocchi: [
        ...preambolo([
          VISTA_PROCEDURA, context.autorizzataIl ? `VISTA l'autorizzazione del ${giorno(context.autorizzataIl)}` : null,
          ultima ? `VISTA la richiesta di proroga del ${giorno(ultima.richiestaIl)}, con il Modello ${ultima.certificato.modello} aggiornato del ${giorno(ultima.certificato.rilasciatoIl)}` : null,
        ], 'AUTORIZZA'),
        { paragraph: `la proroga ${delProgetto(step)} per ${alunnoInLettera(step)}${ultima ? `, per l'ulteriore periodo ${periodiScritti(ultima.certificato.periodi)}, con ulteriori ${oreDi(ultima.minutiAutorizzati)} ore` : ''}.` },
        { paragraph: `Le ore autorizzate sono in tutto ${oreDi(context.minutiAutorizzati)}. Le lezioni già svolte nell'ulteriore periodo sono contabili entro tale limite.` },
        ...monteOre(step),
        ...CONDIZIONI,
      ],
    });
  },
  readBy: [...SCUOLA, ...POLO, ...FAMIGLIA], protected: true,
};
