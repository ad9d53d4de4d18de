/** Every word of this process that a person may read, in Italian. */
export const it = {
  process: "Fondo per l'istruzione domiciliare",
  states: { aperto: 'Aperto', liquidato: 'Liquidato', chiuso: 'Chiuso' },
  commands: {
    registraProgetto: 'Registra un progetto', registraRendiconto: 'Registra un rendiconto', togliProgetto: 'Togli un progetto',
    registraIban: "Registra l'IBAN di una scuola", registraFinanziamento: 'Registra il finanziamento MIUR', liquida: 'Liquida le quote', chiudi: 'Chiudi il fondo',
  },
  roles: { operatorePolo: 'Operatore della scuola polo', dirigentePolo: 'Dirigente della scuola polo', funzionarioUsr: "Funzionario dell'USR" },
  parties: { polo: 'Scuola polo regionale', usr: 'Ufficio Scolastico Regionale' },
  deadlines: {},
  effects: { liquidaProgetti: 'Quota al progetto', redigeAtti: 'Piano di riparto e atto di liquidazione', notificaLiquidazione: 'Comunicazione della liquidazione' },
  attachments: {},
  documents: { pianoRiparto: 'Piano di riparto', attoLiquidazione: 'Atto di liquidazione' },
  exports: { riparto: 'Riparto del fondo', bonifici: "Bonifici dell'ultima liquidazione (SEPA)", contabilita: 'Movimenti per la contabilità' },
  fields: {
    annoScolastico: 'Anno scolastico', finanziamenti: 'Finanziamenti', finanziatoCents: 'Finanziato (centesimi)', dovutoCents: 'Quote spettanti (centesimi)', liquidatoCents: 'Liquidato (centesimi)',
    residuoCents: 'Residuo (centesimi)', progetti: 'Progetti', rendicontati: 'Rendicontati', liquidazioni: 'Liquidazioni',
  },
  refusals: {
    dataFutura: 'La data {data} è successiva a oggi ({oggi}).',
    attoGiaRegistrato: "L'atto {numero} del {data} è già registrato.",
    finanziamentoMancante: 'Il finanziamento MIUR per il {annoScolastico} non è registrato ({finanziatoCents}).',
    rendicontiMancanti: 'Mancano {mancano} rendicontazioni su {attivati} progetti attivati ({rendicontati} ricevute): {progetti}.',
    rendicontiInArrivo: '{inArrivo} rendicontazioni inviate non sono ancora arrivate al fondo: {progetti}. Riprovare fra poco.',
    nessunProgettoDaLiquidare: 'Nessun progetto da liquidare: {progetti} progetti, {rendicontati} rendicontati, {liquidazioni} liquidazioni già fatte.',
    progettoNonRendicontato: 'Il progetto {progetto} non è tra quelli rendicontati.',
    progettiAperti: '{aperti} progetti sono ancora aperti: {progetti}.',
  },
};
