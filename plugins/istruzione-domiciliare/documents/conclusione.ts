/** The school tells the polo that the project is concluded, and what will follow. */
import type { DocumentDefinition } from '../../contract.ts';
import { termineRendicontazioneOf } from '../process/deadlines.ts';
import type { Contesto } from '../process/types.ts';
import { alunnoInLettera, delProgetto, documento, POLO, SCUOLA, USR } from './letter.ts';
import { conta, giornoOppure } from './words.ts';

export const conclusione: DocumentDefinition<Contesto> = {
  content: step => {
    const { context } = step;
    return documento(step, {
      nome: 'conclusione', titolo: 'Conclusione del progetto', da: 'scuola', a: ['polo', 'usr'], argomento: 'conclusione del progetto',
      blocchi: [
        { paragraph: `Si comunica la conclusione ${delProgetto(step)} per ${alunnoInLettera(step)}, in data ${giornoOppure(context.conclusaIl, 'odierna')}. Nei registri dei docenti ${context.lezioni === 1 ? 'è registrata' : 'sono registrate'} ${conta(context.lezioni, 'lezione', 'lezioni')}.` },
        { paragraph: `Entro il ${giornoOppure(termineRendicontazioneOf(step), 'termine previsto')} saranno trasmessi:` },
        { list: ['il Modello V - Verifica e valutazione del progetto;', "il Modello Z, compilato dal DSGA, o in alternativa l'autocertificazione;", 'la scansione dei registri (Modelli OF), firmati dai docenti e vistati dal Dirigente scolastico.'] },
        { paragraph: 'Distinti saluti.' },
      ],
    });
  },
  readBy: [...SCUOLA, ...POLO, ...USR],
};
