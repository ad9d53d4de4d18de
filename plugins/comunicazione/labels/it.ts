/** Every word of this process that a person may read, in Italian. */
export const it = {
  process: 'Comunicazione alle famiglie',
  states: { bozza: 'Bozza', programmata: 'Programmata', inInvio: 'In invio', daRivedere: 'Da rivedere', inviata: 'Inviata', chiusa: 'Chiusa', ritirata: 'Ritirata' },
  commands: {
    scrivi: 'Scrivi il testo', usaModello: 'Usa un modello', indirizza: 'Scegli i destinatari', programma: "Programma l'invio", invia: 'Invia', ferma: "Ferma l'invio", ritira: 'Ritira', sollecita: 'Sollecita chi non ha preso visione', chiudi: 'Chiudi',
  },
  roles: { segreteria: 'Segreteria', dirigente: 'Dirigente scolastico', docente: 'Docente' },
  parties: { scuola: 'Scuola' },
  deadlines: { orarioInvio: "Ora dell'invio", sollecitoPresaVisione: 'Sollecito della presa visione', chiusuraAutomatica: 'Chiusura automatica' },
  effects: { invioMessaggi: 'Invio dei messaggi', sollecito: 'Sollecito a chi non ha preso visione' },
  attachments: {},
  tasks: { daInviare: 'Rivedi e invia', daRivedere: 'Rivedi: non è stato possibile inviarla', presaVisioneInAttesa: 'Controlla chi non ha preso visione' },
  fields: {
    testi: 'Testi', modello: 'Modello', destinatari: 'Destinatari', alunni: 'Alunni', canali: 'Canali', presaVisione: 'Presa visione', urgente: 'Urgente', programmataPer: 'Programmata per', inviataIl: 'Inviata il', fermata: 'Invio fermato', ritirata: 'Ritirata', esito: "Esito dell'invio",
    errore: 'Errore', sollecitatoIl: 'Solleciti', tipo: 'Destinatari', classi: 'Classi', presaVisioneEntro: 'Presa visione entro',
  },
  refusals: {
    contenutoMancante: 'La comunicazione non è completa: mancano {mancano}.',
    testoVuoto: 'Oggetto e testo in italiano non possono essere vuoti.',
    modelloSconosciuto: 'Il modello {modello} non esiste. Ci sono: {modelli}.',
    presaVisionePassata: "La presa visione è chiesta entro il {entro}, prima dell'invio ({invio}).",
    presaVisioneNonRichiesta: 'Per questa comunicazione non è chiesta la presa visione.',
    orarioPassato: "Il {giorno} alle {ora} è già passato: per inviare subito c'è l'azione Invia.",
    orarioLontano: 'Il {giorno} è fra più di {giorni} giorni.',
  },
};
