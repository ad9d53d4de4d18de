/** Every word of this process that a person may read, in English. */
import type { Labels } from '../../contract.ts';
import type { it } from './it.ts';

export const en = {
  process: 'Hours for parents',
  states: { bozza: 'Draft', aperta: 'Open', 'aperta.quieta': 'Waiting', 'aperta.proponendo': 'Proposal under way', 'aperta.inPausa': 'Proposal put off', chiusa: 'Closed', conclusa: 'Over', eliminata: 'Deleted' },
  commands: {
    aggiorna: 'Change the draft', pubblica: 'Publish', elimina: 'Delete the draft', modifica: 'Change the rule', aggiungiGiorno: 'Add a day', annullaGiorno: 'Cancel a day', spostaGiorno: 'Move a day', ripristinaGiorno: 'Restore a day',
    chiudi: 'Close bookings', revoca: 'Withdraw the hours', riesamina: 'Look at the waiting list again', iscriviInLista: 'Enter the waiting list', lasciaLista: 'Leave the waiting list', chiudiOfferta: 'What became of an offer', liberaPosto: 'A slot is free',
  },
  roles: { docente: 'Teacher', segreteria: 'Secretary’s office', dirigente: 'Head of the school' },
  parties: { scuola: 'School', docente: 'Teacher' },
  deadlines: { ripresa: 'Proposals go on', finePeriodo: 'End of the period', archiviazione: 'Filing' },
  effects: { propone: 'Proposal to a booking', riesamina: 'The waiting list is looked at again', riesaminaSeAttende: 'Looked at again after a refusal', disdice: 'Cancellation of bookings', terminaAttese: 'End of the waiting list', terminaIscritto: 'Entered after closing' },
  attachments: {},
  tasks: { pubblicaRicevimento: 'Publish the hours' },
  fields: {
    regola: 'Rule', condizioni: 'Conditions of booking', variazioni: 'Exceptions', inAttesa: 'Waiting', lista: 'Waiting list', docente: 'Teacher', dal: 'From', al: 'To', modalita: 'Mode', luogo: 'Place',
    riservato: 'Kept for the waiting list', durataMinuti: 'Length (minutes)', apre: 'Booking opens', chiude: 'Booking closes', perGenitore: 'Bookings per parent', perAlunno: 'Bookings per pupil', preavvisoOre: 'Hours of notice to book',
    disdettaOre: 'Hours of notice to cancel or move', confermaAutomatica: 'Confirmed automatically', offertaMinuti: 'How long an offer to the waiting list stands (minutes)', promemoriaOre: 'Reminders (hours before)',
    presenza: 'in person', online: 'online', collegamento: 'Address of the meeting',
  },
  refusals: {
    altroDocente: 'These are the hours of another teacher.',
    periodoErrato: 'The period from {dal} to {al} is empty or longer than {giorni} days.',
    fasciaTroppoBreve: '{dalle}–{alle} ({minuti} minutes) has no room for an interview of {durataMinuti} minutes.',
    fasceSovrapposte: '{dalle}–{alle} of day {giorno} overlaps {altra}.',
    orarioErrato: '{dalle}–{alle} ends before it begins.',
    doveMancante: 'Say where the interviews ({modalita}) are held.',
    aperturaErrata: 'Booking would close ({chiude}) before it opens ({apre}).',
    giornoPassato: '{data} is past (today is {oggi}).',
    scuolaChiusa: 'The school is closed on {data}.',
    giornoSenzaColloqui: 'There are no interviews on {data}.',
    giornoSenzaVariazioni: 'Nothing was changed on {data}: the day is as the rule says.',
    prenotazioniSenzaPosto: '{colloqui} interviews already asked for would have no slot any more (from {primo} to {ultimo}): confirm with “cancel the interviews” and the reason.',
  },
} satisfies Labels<typeof it>;
