/** The polo reminds a silent school, before it may declare the decadenza. */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { alunnoInLettera, documento, POLO, SCUOLA } from './letter.ts';
import { giornoOppure } from './words.ts';

export const sollecito: DocumentDefinition<Contesto> = {
  content: step => {
    const { sollecito: dato } = step.context;
    return documento(step, {
      nome: 'sollecito', titolo: 'Sollecito', da: 'polo', a: ['scuola'], argomento: 'sollecito',
      blocchi: [
        { paragraph: `Per il progetto di istruzione domiciliare in oggetto, relativo al${alunnoInLettera(step)}, non risultano pervenuti gli atti che la Procedura per avviare, attivare, rendicontare progetti di istruzione domiciliare richiede alla scuola.` },
        { paragraph: `Si sollecita la scuola a provvedere entro il ${giornoOppure(dato?.entro, 'termine indicato')}.` },
        ...(step.data.nota ? [{ paragraph: step.data.nota as string }] : []),
        { paragraph: 'Trascorso inutilmente tale termine, la scuola polo può dichiarare la decadenza del progetto, così che non sia ritardato il pagamento degli altri progetti rendicontati.' },
      ],
    });
  },
  readBy: [...SCUOLA, ...POLO], protected: true,
};
