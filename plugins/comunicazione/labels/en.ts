import type { Labels } from '../../contract.ts';
import type { it } from './it.ts';

/** The same words in English. */
export const en = {
  process: 'Message to families',
  states: { bozza: 'Draft', programmata: 'Scheduled', inInvio: 'Being sent', daRivedere: 'To be looked at', inviata: 'Sent', chiusa: 'Closed', ritirata: 'Withdrawn' },
  commands: {
    scrivi: 'Write the text', usaModello: 'Use a template', indirizza: 'Choose the recipients', programma: 'Schedule', invia: 'Send', ferma: 'Stop sending', ritira: 'Withdraw', sollecita: 'Remind those who have not taken note', chiudi: 'Close',
  },
  roles: { segreteria: 'Secretariat', dirigente: 'Head of the school', docente: 'Teacher' },
  parties: { scuola: 'School' },
  deadlines: { orarioInvio: 'Time of sending', sollecitoPresaVisione: 'Reminder to take note', chiusuraAutomatica: 'Closes by itself' },
  effects: { invioMessaggi: 'Sending of the messages', sollecito: 'Reminder to those who have not taken note' },
  attachments: {},
  tasks: { daInviare: 'Read and send', daRivedere: 'Look at it: it could not be sent', presaVisioneInAttesa: 'See who has not taken note' },
  fields: {
    testi: 'Texts', modello: 'Template', destinatari: 'Recipients', alunni: 'Pupils', canali: 'Channels', presaVisione: 'Taking note (presa visione)', urgente: 'Urgent', programmataPer: 'Scheduled for', inviataIl: 'Sent on', fermata: 'Sending stopped', ritirata: 'Withdrawn', esito: 'What became of it',
    errore: 'Error', sollecitatoIl: 'Reminders', tipo: 'Recipients', classi: 'Classes', presaVisioneEntro: 'To be taken note of by',
  },
  refusals: {
    contenutoMancante: 'The message is not complete: {mancano} missing.',
    testoVuoto: 'Subject and text in Italian must not be empty.',
    modelloSconosciuto: 'There is no template {modello}. There are: {modelli}.',
    presaVisionePassata: 'Note is to be taken by {entro}, before it is sent ({invio}).',
    presaVisioneNonRichiesta: 'Nobody is asked to take note of this message.',
    orarioPassato: '{giorno} at {ora} is past: to send now use Send.',
    orarioLontano: '{giorno} is more than {giorni} days ahead.',
  },
} satisfies Labels<typeof it>;
