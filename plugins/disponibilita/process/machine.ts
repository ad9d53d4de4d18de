/** The chart of a teacher's reception in a period: names only. Offers to the waiting list leave one after another, each answered before the next. */
import { createMachine } from 'xstate';

const ANNOTA = { lasciaLista: { actions: 'cancella' } };

export const machine = createMachine({
  id: 'disponibilita',
  initial: 'bozza',
  states: {
    bozza: {
      on: {
        aggiorna: { guard: 'propria', actions: 'scriviBozza' },
        pubblica: { guard: 'pubblicabile', target: 'aperta' },
        elimina: { guard: 'propria', target: 'eliminata' },
      },
    },
    aperta: {
      initial: 'quieta',
      states: {
        quieta: { always: { guard: 'haProposte', target: 'proponendo' } },
        proponendo: {
          invoke: { src: 'propone', onDone: { target: 'quieta', actions: ['chiudiProposta', 'disdice'] }, onError: [{ guard: 'daRiprovare', target: 'inPausa', actions: 'rinviaProposta' }, { target: 'quieta', actions: ['rifiutaProposta', 'disdice', 'riesamina'] }] },
        },
        inPausa: { after: { ripresa: 'quieta' } },
      },
      on: {
        ...ANNOTA,
        modifica: { guard: 'modificabile', actions: ['scriviModifica', 'disdice'] },
        aggiungiGiorno: { guard: 'giornoAggiungibile', actions: 'scriviGiornoAggiunto' },
        annullaGiorno: { guard: 'giornoAnnullabile', actions: ['scriviGiornoAnnullato', 'disdice'] },
        spostaGiorno: { guard: 'giornoSpostabile', actions: ['scriviGiornoSpostato', 'disdice'] },
        ripristinaGiorno: { guard: 'giornoRipristinabile', actions: ['scriviGiornoRipristinato', 'disdice'] },
        chiudi: { guard: 'propria', target: 'chiusa', actions: ['fermaLista', 'terminaAttese'] },
        revoca: { guard: 'propria', target: 'chiusa', actions: ['disdiciTutti', 'disdice', 'terminaAttese'] },
        iscriviInLista: { actions: 'riassegna' },
        chiudiOfferta: { actions: ['registraEsito', 'riesaminaSeAttende'] },
        riesamina: { actions: 'riassegna' },
        liberaPosto: { actions: 'riassegna' },
      },
      // The period may have been made longer since.
      after: { finePeriodo: [{ guard: 'periodoFinito', target: 'chiusa', actions: ['fermaLista', 'terminaAttese'] }, { target: 'aperta', reenter: true }] },
    },
    // Nothing is booked any more; what bookings still tell is taken.
    chiusa: {
      on: { ...ANNOTA, iscriviInLista: { actions: 'terminaIscritto' }, chiudiOfferta: { actions: 'toglieDallaLista' }, liberaPosto: {} },
      after: { archiviazione: 'conclusa' },
    },
    conclusa: { type: 'final' },
    eliminata: { type: 'final' },
  },
});
