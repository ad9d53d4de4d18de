/** The school sends Modello V, Z (or the self-certification) and the registers (Procedura ID, "Conclusione e rendicontazione"). */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { alunnoInLettera, delProgetto } from './letter.ts';
import { lettera, READERS } from './letteraScuola.ts';
import { conta, docenteScritto, euro, oreDi } from './words.ts';

export const trasmissioneRendiconto: DocumentDefinition<Contesto> = {
  content: step => {
    const { context } = step;
    const { rendiconto } = context;
    const insegnanti = rendiconto?.docenti ?? [];
    return lettera(step, {
      nome: 'trasmissioneRendiconto', titolo: 'Trasmissione della rendicontazione', argomento: 'rendicontazione',
      testo: `A conclusione ${delProgetto(step)} per ${alunnoInLettera(step)}, si trasmettono:`,
      allegati: [
        'Modello V - Verifica e valutazione del progetto;',
        rendiconto?.modello === 'autocertificazione' ? 'Autocertificazione, in alternativa al Modello Z;' : 'Modello Z - Dichiarazione del Dirigente scolastico a consuntivo;',
        `scansione dei registri (Modello OF) di ${conta(insegnanti.length, 'docente', 'docenti')}: ${insegnanti.map(({ docente, minuti }) => `${docenteScritto(context, docente)}, ore ${oreDi(minuti)}`).join('; ')}.`,
      ],
      seguito: rendiconto ? [{ paragraph: `Le ore svolte e contabili sono ${oreDi(rendiconto.minutiContabili)} e coincidono con quelle dei registri individuali. La spesa è di ${euro(rendiconto.costoCents)}; la quota a carico della scuola polo è di ${euro(rendiconto.quotaPoloCents)}.` }] : [],
    });
  },
  readBy: READERS,
};
