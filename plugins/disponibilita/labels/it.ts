/** Every word of this process that a person may read, in Italian. */
export const it = {
  process: 'Ricevimento dei genitori',
  states: { bozza: 'Bozza', aperta: 'Aperto', 'aperta.quieta': 'In attesa', 'aperta.proponendo': 'Proposta in corso', 'aperta.inPausa': 'Proposta rinviata', chiusa: 'Chiuso', conclusa: 'Concluso', eliminata: 'Eliminato' },
  commands: {
    aggiorna: 'Aggiorna la bozza', pubblica: 'Pubblica', elimina: 'Elimina la bozza', modifica: 'Modifica la regola', aggiungiGiorno: 'Aggiungi un giorno', annullaGiorno: 'Annulla un giorno', spostaGiorno: 'Sposta un giorno',
    chiudi: 'Chiudi le prenotazioni', revoca: 'Revoca il ricevimento', riesamina: 'Riesamina la lista di attesa', iscriviInLista: 'Iscrivi in lista di attesa', lasciaLista: 'Togli dalla lista di attesa', chiudiOfferta: "Esito di un'offerta", liberaPosto: 'Posto liberato',
  },
  roles: { docente: 'Docente', segreteria: 'Segreteria', dirigente: 'Dirigente scolastico' },
  parties: { scuola: 'Scuola', docente: 'Docente' },
  deadlines: { ripresa: 'Ripresa delle proposte', finePeriodo: 'Fine del periodo', archiviazione: 'Archiviazione' },
  effects: { propone: 'Proposta a un colloquio', riesamina: 'Riesame della lista di attesa', riesaminaSeAttende: 'Riesame dopo un rifiuto', disdice: 'Annullamento dei colloqui', terminaAttese: 'Fine della lista di attesa', terminaIscritto: 'Iscrizione arrivata a ricevimento chiuso' },
  attachments: {},
  tasks: { pubblicaRicevimento: 'Pubblicare il ricevimento' },
  fields: {
    regola: 'Regola', condizioni: 'Condizioni di prenotazione', variazioni: 'Variazioni', inAttesa: 'In lista di attesa', lista: 'Lista di attesa', docente: 'Docente', dal: 'Dal', al: 'Al', modalita: 'Modalità', luogo: 'Luogo',
    presenza: 'in presenza', online: 'online', collegamento: 'Collegamento',
  },
  refusals: {
    altroDocente: 'Il ricevimento è di un altro docente.',
    periodoErrato: 'Il periodo dal {dal} al {al} è vuoto o più lungo di {giorni} giorni.',
    fasciaTroppoBreve: 'La fascia {dalle}–{alle} ({minuti} minuti) non contiene un colloquio di {durataMinuti} minuti.',
    fasceSovrapposte: 'La fascia {dalle}–{alle} del giorno {giorno} si sovrappone a {altra}.',
    orarioErrato: "L'orario {dalle}–{alle} finisce prima di cominciare.",
    doveMancante: 'Per i colloqui in modalità {modalita} occorre indicare dove.',
    aperturaErrata: 'Le prenotazioni chiuderebbero ({chiude}) prima di aprire ({apre}).',
    giornoPassato: 'Il giorno {data} è passato (oggi è il {oggi}).',
    scuolaChiusa: 'Il {data} la scuola è chiusa.',
    giornoSenzaColloqui: 'Il {data} non ci sono colloqui.',
    prenotazioniSenzaPosto: '{colloqui} colloqui già chiesti non avrebbero più posto (dal {primo} al {ultimo}): confermare con “annulla i colloqui” e il motivo.',
  },
};
