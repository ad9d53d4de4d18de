/** Modello V: the overall evaluation of the path, by the head of the school with the referente (Procedura ID, "Conclusione"). */
import type { DocumentBlock, DocumentDefinition } from '../../contract.ts';
import type { Contesto, ModelloV } from '../process/types.ts';
import { campiAggiuntivi, datiProgetto, documento, FAMIGLIA, firmaDirigente, firmaReferente, POLO, SCUOLA } from './letter.ts';
import { docenteScritto, giornoOppure, oreDi } from './words.ts';

export const modelloV: DocumentDefinition<Contesto> = {
  content: step => {
    const { context, data } = step;
    const dati: ModelloV | null = data.modelloV ?? context.modelloV;
    const { rendiconto, relazioni } = context;
    const discipline = dati?.discipline ?? [];
    const minuti = new Map((rendiconto?.docenti ?? []).map(({ docente, minuti: contabili }) => [docente, contabili]));
    const docenti = [...new Set([...minuti.keys(), ...Object.keys(relazioni)])];
    const valutazioni: DocumentBlock[] = discipline.length === 0 ? [] : [{
      table: {
        caption: 'Valutazione per disciplina',
        columns: [{ title: 'Disciplina', weight: 1.5 }, { title: 'Docente', weight: 1.5 }, { title: 'Esito e osservazioni', weight: 4 }],
        rows: discipline.map(({ disciplina, docente, esito }) => [disciplina, docente === undefined ? '' : docenteScritto(context, docente), esito]),
      },
    }];
    return documento(step, {
      nome: 'modelloV', titolo: 'Modello V - Verifica e valutazione del progetto', da: 'scuola',
      blocchi: [
        datiProgetto(step, { label: 'Conclusione del progetto', value: giornoOppure(context.conclusaIl) }, { label: 'Ore autorizzate', value: oreDi(context.minutiAutorizzati) }, { label: 'Data della valutazione', value: giornoOppure(dati?.data) }),
        { heading: 'Valutazione complessiva del percorso educativo-didattico', level: 2 },
        { paragraph: dati?.valutazione ?? 'La valutazione complessiva, redatta dal Dirigente scolastico insieme al referente del progetto, è nel documento allegato.' },
        ...valutazioni,
        { heading: 'Docenti, ore e relazioni finali', level: 2 },
        {
          table: {
            columns: [{ title: 'Docente', weight: 3 }, { title: 'Ore contabili', align: 'right' }, { title: 'Relazione finale del' }],
            rows: docenti.map(docente => [docenteScritto(context, docente), oreDi(minuti.get(docente) ?? 0), giornoOppure(relazioni[docente])]),
            foot: [['Totale', oreDi(rendiconto?.minutiContabili ?? 0), '']],
          },
        },
        ...campiAggiuntivi(step, 'modelloV', dati),
      ],
      firme: [firmaReferente(step), firmaDirigente(step, 'scuola')],
    });
  },
  readBy: [...SCUOLA, ...POLO, ...FAMIGLIA], protected: true,
};
