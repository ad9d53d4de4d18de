export const it = {
  process: 'Richiesta di certificato',
  states: { bozza: 'Bozza', presentata: 'Presentata', inRitardo: 'In ritardo', rilasciata: 'Rilasciata', respinta: 'Respinta' },
  commands: { correggi: 'Correggi la richiesta', presenta: 'Presenta', rilascia: 'Rilascia il certificato', respingi: 'Respingi' },
  roles: { segreteria: 'Segreteria', genitore: 'Genitore' },
  parties: { scuola: 'Scuola', famiglia: 'Famiglia' },
  deadlines: { termineRilascio: 'Termine per il rilascio' },
  effects: { avvisaRilascio: 'Avviso di rilascio', avvisaRifiuto: 'Avviso di rifiuto', ricordaRilascio: 'Promemoria del termine' },
  attachments: {},
  fields: { alunno: 'Alunno', tipo: 'Tipo di certificato', destinazione: 'Destinazione', presentataIl: 'Presentata il', numero: 'Numero', motivo: 'Motivo' },
  refusals: { usoTraPrivati: 'I certificati valgono solo tra privati: per {destinazione} occorre un’autocertificazione (art. 40, d.P.R. 445/2000).' },
};
