/** The chart of one booking: names only. The slot is held from the request, by teacher and family, until it is over or let go. */
import { createMachine } from 'xstate';

const LASCIA = ['lascia', 'liberaPosto', 'scriveEsito', 'restituiscePosto'];
const chiudeOfferta = (esito: string) => ({ type: 'chiudeOfferta', params: { esito } });
const RILASCIA_OFFERTA = ['lascia', 'lasciaOfferta'];
/** The case ends with its offer: the slot that it had stays written. */
const PERDE_OFFERTA = ['lascia', 'liberaPosto'];

const DALLA_SCUOLA = {
  spostaDaScuola: { target: 'spostata', reenter: true, actions: ['riceveAltroPosto', 'occupa', 'restituiscePosto', 'avvisaSpostamento'] },
  annullaDaScuola: { target: 'annullata', actions: ['lascia', 'liberaPosto', 'scriveEsito', 'restituiscePosto', 'avvisaAnnullamentoScuola'] },
  comunicaCollegamento: { guard: 'proprioDocente', actions: ['scriveCollegamento', 'avvisaCollegamento'] },
};
const MUOVE = ['cambiaPosto', 'occupa', 'restituiscePosto'];
const sposta = (subito: string, rule: string) => [
  { guard: 'spostaLaScuola', target: 'spostata', reenter: true, actions: [...MUOVE, 'avvisaSpostamento'] },
  { guard: subito, target: 'confermata', reenter: true, actions: [...MUOVE, 'avvisaConferma'] },
  { guard: rule, target: 'chiesta', reenter: true, actions: [...MUOVE, 'avvisaRichiesta'] },
];
/** What is fixed: reminders run, it is held or not, and in the end it counts as held. */
const FISSATO = {
  initial: 'attende',
  states: { attende: { after: { promemoria: { target: 'attende', reenter: true, actions: 'ricorda' } } } },
  after: { esitoPresunto: 'svolta' },
};
const SVOLGIMENTO = {
  ...DALLA_SCUOLA,
  annulla: { guard: 'disdicibile', target: 'annullata', actions: [...LASCIA, 'avvisaAnnullamento'] },
  sposta: sposta('spostataSubito', 'spostabile'),
  registraSvolto: { guard: 'iniziato', target: 'svolta' },
  registraAssente: { guard: 'iniziato', target: 'assente' },
};

export const machine = createMachine({
  id: 'colloquio',
  initial: 'avvio',
  states: {
    avvio: {
      always: [
        { guard: 'attendePosto', target: 'inAttesa', actions: ['iscriveInLista', 'avvisaIscrizione'] },
        { guard: 'confermataSubito', target: 'confermata', actions: ['occupa', 'avvisaConferma'] },
        { target: 'chiesta', actions: ['occupa', 'avvisaRichiesta'] },
      ],
    },
    inAttesa: {
      on: {
        offri: { guard: 'offertaInTempo', target: 'offerta', actions: ['prendeOfferta', 'occupa', 'avvisaOfferta'] },
        annulla: { target: 'annullata', actions: ['scriveEsito', 'lasciaLista'] },
        terminaAttesa: { target: 'scaduta', actions: 'avvisaFineAttesa' },
      },
      after: { fineAttesa: { target: 'scaduta', actions: ['lasciaLista', 'avvisaFineAttesa'] } },
    },
    offerta: {
      on: {
        accetta: [
          { guard: 'accettataSubito', target: 'confermata', actions: ['accettaOfferta', chiudeOfferta('accettata'), 'avvisaConferma'] },
          { guard: 'accettabile', target: 'chiesta', actions: ['accettaOfferta', chiudeOfferta('accettata'), 'avvisaRichiesta'] },
        ],
        rifiutaOfferta: [
          { guard: 'resta', target: 'inAttesa', actions: [...RILASCIA_OFFERTA, chiudeOfferta('restaInLista')] },
          { target: 'annullata', actions: [...PERDE_OFFERTA, 'scriveEsito', chiudeOfferta('rifiutata')] },
        ],
        annulla: { target: 'annullata', actions: [...PERDE_OFFERTA, 'scriveEsito', chiudeOfferta('rifiutata')] },
        // The day was cancelled: who was offered the slot waits again, at the old place.
        annullaDaScuola: { target: 'inAttesa', actions: [...RILASCIA_OFFERTA, chiudeOfferta('ritirata'), 'avvisaOffertaRitirata'] },
        terminaAttesa: { target: 'scaduta', actions: [...PERDE_OFFERTA, 'avvisaFineAttesa'] },
      },
      after: { scadenzaOfferta: { target: 'scaduta', actions: [...PERDE_OFFERTA, chiudeOfferta('scaduta'), 'avvisaOffertaScaduta'] } },
    },
    chiesta: {
      on: {
        ...DALLA_SCUOLA,
        conferma: { guard: 'proprioDocente', target: 'confermata', actions: ['scriveCollegamento', 'avvisaConferma'] },
        rifiuta: { guard: 'proprioDocente', target: 'rifiutata', actions: [...LASCIA, 'avvisaRifiuto'] },
        annulla: { guard: 'ritirabile', target: 'annullata', actions: [...LASCIA, 'avvisaAnnullamento'] },
        sposta: sposta('richiestaSpostataSubito', 'richiestaSpostabile'),
      },
      after: { scadenzaRichiesta: { target: 'scaduta', actions: ['lascia', 'liberaPosto', 'avvisaRichiestaScaduta'] } },
    },
    confermata: { ...FISSATO, on: SVOLGIMENTO },
    // Moved by the school: it stands unless the family cancels.
    spostata: { ...FISSATO, on: { ...SVOLGIMENTO, accetta: { guard: 'accettabile', target: 'confermata' }, annulla: { guard: 'ritirabile', target: 'annullata', actions: [...LASCIA, 'avvisaAnnullamento'] } } },
    rifiutata: { type: 'final' },
    annullata: { type: 'final' },
    svolta: { type: 'final' },
    assente: { type: 'final' },
    scaduta: { type: 'final' },
  },
});
