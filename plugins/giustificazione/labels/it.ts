/** Every word of this process that a person may read, in Italian. Labels only grow: old histories still need theirs. */
export const it = {
  process: 'Assenze e giustificazioni',
  states: {
    aperto: 'Aperto', chiuso: 'Chiuso',
    'aperto.giustificazioni': 'Giustificazioni', 'aperto.giustificazioni.verifica': 'Verifica', 'aperto.giustificazioni.inRegola': 'In regola', 'aperto.giustificazioni.daGiustificare': 'Da giustificare',
    'aperto.soglia': 'Limite delle assenze', 'aperto.soglia.sotto': 'Sotto il limite', 'aperto.soglia.vicina': 'Vicino al limite', 'aperto.soglia.superata': 'Limite superato',
    'aperto.riepilogo': 'Riepilogo', 'aperto.riepilogo.attesa': 'In attesa del prossimo riepilogo',
  },
  commands: {
    registra: 'Registra assenze e ritardi', giustifica: 'Giustifica', accetta: 'Accetta la giustificazione', chiediDiNuovo: 'Chiedi di nuovo', riapri: 'Riapri il termine', annulla: 'Annulla (registrate per errore)',
    cambiaClasse: 'Cambia la classe', aggiornaFamiglia: 'Aggiorna la famiglia', chiudi: 'Chiudi l’anno',
  },
  roles: { segreteria: 'Segreteria', dirigente: 'Dirigente scolastico', docente: 'Docente', genitore: 'Genitore', altroGenitore: 'Altro genitore', studente: 'Studente' },
  parties: { scuola: 'Scuola', famiglia: 'Famiglia', secondoGenitore: 'Secondo genitore', studente: 'Studente' },
  deadlines: { fineAnno: 'Fine dell’anno scolastico', termineGiustificazione: 'Termine per giustificare', riepilogo: 'Riepilogo periodico' },
  effects: {
    avvisaRettifica: 'Rettifica di un avviso', avvisaFamiglia: 'Avviso di assenza o ritardo', avvisaRichiesta: 'Richiesta di chiarimenti', avvisaScadenza: 'Avviso di termine scaduto', avvisaSoglia: 'Preavviso del limite delle assenze',
    avvisaSuperamento: 'Avviso di superamento del limite', inviaRiepilogo: 'Riepilogo delle assenze',
  },
  attachments: { certificato: 'Certificato o altro documento' },
  tasks: { giustifica: 'Assenze o ritardi da giustificare', giustificaAltroGenitore: 'Assenze o ritardi da giustificare', giustificaStudente: 'Assenze o ritardi da giustificare (se maggiorenne)', valutaSuperamento: 'Limite delle assenze superato: da valutare' },
  imports: { absences: 'Assenze e ritardi' },
  fields: {
    alunno: 'Alunno', codice: 'Codice alunno', nome: 'Nome', nascita: 'Data di nascita', cognome: 'Cognome', classe: 'Classe', annoScolastico: 'Anno scolastico', eventi: 'Assenze e ritardi', giorno: 'Giorno', tipo: 'Tipo', ora: 'Ora', minuti: 'Minuti di lezione persi',
    stato: 'Stato', entro: 'Da giustificare entro', motivo: 'Motivo', giustificatoIl: 'Giustificato il', nota: 'Nota', registrato: 'Registrato', allegati: 'Allegati', totale: 'Totale', limiteOre: 'Limite in ore', daGiustificare: 'Da giustificare', chiave: 'Chiave', ritirati: 'Ritirati',
    notificato: 'Notificato', giustificato: 'Giustificato', accettato: 'Accettato', daChiarire: 'Da chiarire', scaduto: 'Scaduto', annullato: 'Annullato', assenza: 'Assenza', ritardo: 'Ritardo', uscita: 'Uscita anticipata',
  },
  refusals: {
    famigliaNota: 'La scuola non dice chi risponde dell’alunno in questo anno: importi prima le famiglie.',
    alunnoMinorenne: 'Non risulta che l’alunno sia maggiorenne: giustifica chi ne risponde.',
    eventoSconosciuto: 'Non risulta: {evento}.', eventiDaGiustificare: '{evento} non è da giustificare: è {stato}.', eventiGiustificati: '{evento} non è giustificato: è {stato}.', eventiScaduti: '{evento} non è scaduto: è {stato}.',
    eventiEsistenti: '{evento} è già {stato}.', giornoFuturo: 'Il giorno deve ancora venire.', altroAnno: 'Il {giorno} non è dell’anno scolastico {annoScolastico}.', annoChiuso: 'Il giorno è di un altro anno scolastico.',
  },
};
