/** The school sends the further papers that the polo asked for. */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { alunnoInLettera, delProgetto, POLO, SCUOLA } from './letter.ts';
import { allegato, lettera } from './letteraScuola.ts';
import { giorno } from './words.ts';

export const integrazione: DocumentDefinition<Contesto> = {
  content: step => {
    const { data } = step;
    const nuovi = [
      ...(data.certificato ? [`Modello ${data.certificato.modello} aggiornato, del ${giorno(data.certificato.rilasciatoIl)}`] : []), ...(data.modelloG ? [`Modello G, del ${giorno(data.modelloG.firmatoIl)}`] : []),
      ...(allegato(step, 'integrazione') ? ['documenti integrativi'] : []),
    ];
    return lettera(step, {
      nome: 'integrazione', titolo: 'Trasmissione di documentazione integrativa', argomento: 'integrazione della documentazione',
      testo: `In riscontro alla richiesta di integrazione, si trasmette la documentazione integrativa ${delProgetto(step)} per ${alunnoInLettera(step)}${nuovi.length > 0 ? ':' : '.'}`,
      allegati: nuovi.map((voce, i) => `${voce}${i === nuovi.length - 1 ? '.' : ';'}`),
      seguito: data.nota ? [{ paragraph: data.nota }] : [],
    });
  },
  // What the school writes may say more than it should.
  readBy: [...SCUOLA, ...POLO], protected: true,
};
