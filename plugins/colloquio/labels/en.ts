/** Every word of this process that a person may read, in English. */
import type { Labels } from '../../contract.ts';
import type { it } from './it.ts';

export const en = {
  process: 'Interview with a teacher',
  states: {
    avvio: 'Beginning', inAttesa: 'On the waiting list', offerta: 'Slot offered', chiesta: 'Asked for', confermata: 'Confirmed', 'confermata.attende': 'Confirmed', spostata: 'Moved by the school', 'spostata.attende': 'Moved by the school',
    rifiutata: 'Refused', annullata: 'Cancelled', svolta: 'Held', assente: 'The family did not come', scaduta: 'Lapsed',
  },
  commands: {
    conferma: 'Confirm', rifiuta: 'Refuse', annulla: 'Cancel', sposta: 'Move', accetta: 'Accept', rifiutaOfferta: 'Refuse the offer', comunicaCollegamento: 'Tell the address of the meeting', registraSvolto: 'Record that it was held',
    registraAssente: 'Record that the family did not come', offri: 'Offer a slot', spostaDaScuola: 'The day was moved', annullaDaScuola: 'The day was cancelled', terminaAttesa: 'End of the waiting list',
  },
  roles: { docente: 'Teacher', segreteria: 'Secretary’s office', dirigente: 'Head of the school', genitore: 'Parent or guardian', altroGenitore: 'Other parent', delegato: 'Delegated adult' },
  parties: { scuola: 'School', docente: 'Teacher', genitore: 'Parent or guardian', altroGenitore: 'Other parent', delegato: 'Delegated adult' },
  deadlines: { fineAttesa: 'End of the days asked for', scadenzaOfferta: 'End of the offer', scadenzaRichiesta: 'End of the request', promemoria: 'Reminder', esitoPresunto: 'Presumed outcome' },
  effects: {
    iscriveInLista: 'Enters the waiting list', lasciaLista: 'Leaves the waiting list', chiudeOfferta: 'What became of the offer', restituiscePosto: 'Slot given back', avvisaIscrizione: 'Notice of the waiting list', avvisaRichiesta: 'Notice of the request',
    avvisaConferma: 'Notice of the confirmation', avvisaCollegamento: 'Notice of the address', avvisaRifiuto: 'Notice of the refusal', avvisaAnnullamento: 'Notice of the cancellation', avvisaAnnullamentoScuola: 'Notice of the school’s cancellation',
    avvisaSpostamento: 'Notice of the move', avvisaOfferta: 'Notice of the offer', avvisaOffertaScaduta: 'Notice that the offer lapsed', avvisaOffertaRitirata: 'Notice that the offer was withdrawn', avvisaFineAttesa: 'Notice of the end of waiting',
    avvisaRichiestaScaduta: 'Notice that the request lapsed', ricorda: 'Reminder to the family',
  },
  attachments: {},
  tasks: { rispondi: 'Answer the request', accettaPosto: 'Accept the slot', accettaSpostamento: 'Accept the move' },
  fields: {
    disponibilita: 'Hours', nomeDocente: 'Teacher', posto: 'Slot', collegamento: 'Address of the meeting', attesa: 'Days asked for', offertaFino: 'The offer stands until', codiceAlunno: 'Pupil’s code', alunno: 'Pupil', argomento: 'Topic', partecipano: 'Who comes',
    conDelega: 'By delegation', daVerificare: 'To be checked', condizioni: 'Conditions', esito: 'Outcome', spostamenti: 'Moves', docente: 'Teacher', genitore: 'Parent', chiestoIl: 'Asked for at', inizio: 'Beginning', fine: 'End', modalita: 'Mode', luogo: 'Place', dal: 'From', al: 'To', scuola: 'School', altroGenitore: 'Other parent', delegato: 'Delegated adult',
  },
  refusals: {
    ricevimentoChiuso: 'These hours take no bookings.',
    partiDiverse: 'These hours are of another party: {parte}.',
    postoOAttesa: 'Say when the interview begins, or on which days you wait for a slot.',
    prenotazioniNonAperte: 'Booking opens at {apre}.',
    prenotazioniChiuse: 'Booking closed at {chiude}.',
    postoInesistente: 'On {giorno} there is no slot that begins at {inizio}.',
    preavvisoMancante: 'Book at least {ore} hours before: the term was {entro}.',
    riservatoAllaLista: 'The slot is kept for the waiting list ({inAttesa} wait).',
    attesaFuoriPeriodo: 'You would wait from {dal} to {al}, but the hours go from {periodoDal} to {periodoAl}.',
    postiLiberi: 'There are {liberi} free slots on these days: the first is {primo}.',
    listaPiena: 'The waiting list is full ({inAttesa}).',
    limiteGenitore: 'Interviews of one parent in the period: at most {massimo}; booked: {prenotati}.',
    limiteAlunno: 'Interviews for one pupil in the period: at most {massimo}; booked: {prenotati}.',
    partecipanteSconosciuto: 'Who comes is no party: {parte}.',
    nonRispondeDellAlunno: 'The {parte} named does not answer for the pupil {codiceAlunno} as far as the school knows.',
    alunnoSconosciuto: 'The school knows no pupil with the code {codiceAlunno}: ask its office.',
    delegaSconosciuta: 'The school knows of no delega for the pupil {codiceAlunno}: who answers for the pupil asks, or the office.',
    stessaPersona: 'The same person appears more than once: {persone} people for {parti} parties.',
    altroDocente: 'This is the interview of another teacher.',
    giaSvolto: 'The interview ended at {fine}.',
    disdettaTardiva: 'Cancel or move at least {ore} hours before: the term was {entro}.',
    stessoPosto: 'The interview begins at {inizio} already.',
    offertaTardiva: 'The offer comes after its term ({entro}).',
    nonAncoraIniziato: 'The interview begins at {inizio}.',
  },
} satisfies Labels<typeof it>;
