/** The pieces of the forms, as JSON Schema. Dates are `YYYY-MM-DD`, times `HH:MM` on the clock in Rome, hours decimal. */
import { Type, type TProperties } from 'typebox';

/** No field but those named: a mistyped one is an error of the caller, not silence. */
export const form = <P extends TProperties>(fields: P) => Type.Object(fields, { additionalProperties: false });

export const text = (title: string, maxLength = 200) => Type.String({ title, minLength: 1, maxLength });
export const date = (title: string) => Type.String({ title, format: 'date' });
const time = (title: string) => Type.String({ title, pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' });

/** Authorised hours: the polo counts in quarters of an hour. */
export const ORE_AUTORIZZATE = Type.Number({ title: 'Ore autorizzate', exclusiveMinimum: 0, maximum: 1000, multipleOf: 0.25 });
/** Accounted hours: with two decimals, as Modello Z has them (50 minutes = 0.83). */
const ORE_RENDICONTATE = (title: string) => Type.Number({ title, minimum: 0, maximum: 1000, multipleOf: 0.01 });

/** What the polo added to a form of its own: checked by the engine against the polo's definition (contract.ts, EXTRA_FIELDS). */
const CAMPI_AGGIUNTIVI = { campiAggiuntivi: Type.Optional(Type.Record(Type.String({ maxLength: 40 }), Type.Union([Type.String({ maxLength: 4000 }), Type.Number(), Type.Boolean()]), { title: 'Campi aggiunti dalla scuola polo', maxProperties: 40 })) };
/** One of the ten forms: its own fields and those of the polo. */
const modello = <P extends TProperties>(fields: P) => form({ ...fields, ...CAMPI_AGGIUNTIVI });

const ATTO = { numero: text('Numero', 60), data: date('Data') };

export const INVIO = Type.Object({
  canale: Type.Enum(['pec', 'email', 'fax', 'consegna'], { title: 'Canale' }),
  oggetto: text('Oggetto', 300),
}, { additionalProperties: false, title: 'Invio (se manca, la PEC è composta dal sistema)' });

export const ALUNNO = form({
  nome: text('Nome', 80),
  cognome: text('Cognome', 80),
  codiceFiscale: Type.Optional(Type.String({ title: 'Codice fiscale', format: 'codice-fiscale' })),
  classe: text('Classe e sezione', 20),
});

export const ORDINE = Type.Enum(['primaria', 'secondariaPrimoGrado', 'secondariaSecondoGrado'], { title: 'Ordine di scuola' });

export const PROGETTO = {
  alunno: ALUNNO,
  ordine: ORDINE,
  esameDiStato: Type.Boolean({ title: "Sostiene l'esame di Stato conclusivo del ciclo" }),
  regione: text('Regione', 40),
};

/** Proposta di procedura: the project's first data. */
export const PROPOSTA = Type.Partial(modello(PROGETTO), { additionalProperties: false, minProperties: 1 });

const PERIODO = form({ dal: date('Dal'), al: date('Al') });

/** Modello S or Modello M. */
export const CERTIFICATO = modello({
  modello: Type.Enum(['S', 'M'], { title: 'Modello' }),
  intestatario: Type.Optional(Type.Object({ nome: text('Nome', 80), cognome: text('Cognome', 80), codiceFiscale: Type.Optional(Type.String({ title: 'Codice fiscale', format: 'codice-fiscale' })) }, { additionalProperties: false, title: 'Alunno per il quale è rilasciato' })),
  emittente: Type.Enum(['strutturaOspedaliera', 'medicoFamiglia', 'medicoCurante', 'specialistaPrivato'], { title: 'Rilasciato da' }),
  rilasciatoIl: date('Rilasciato il'),
  periodi: Type.Array(PERIODO, { title: 'Periodi di assenza', minItems: 1, maxItems: 20 }),
});

export const MODELLO_G = modello({
  firmatario: text('Firmatario'),
  indirizzo: Type.Optional(text('Indirizzo del domicilio')),
  telefono: Type.Optional(text('Telefono', 40)),
  email: Type.Optional(Type.String({ title: 'Indirizzo e-mail', format: 'email', maxLength: 200 })),
  qualita: Type.Enum(['genitore', 'tutore', 'altro'], { title: 'In qualità di' }),
  firmatoIl: date('Firmato il'),
});

export const DISABILITA = form({
  presente: Type.Boolean({ title: 'Alunno con disabilità certificata' }),
  patologiaCoincidente: Type.Boolean({ title: 'La patologia coincide con la disabilità' }),
});

export const DISPONIBILITA = form({
  docente: Type.String({ title: 'Docente (codice)', pattern: '^[A-Za-z0-9._-]{1,60}$' }),
  nome: text('Nome e cognome'),
  provenienza: Type.Enum(['classe', 'istituto', 'viciniore', 'esterno'], { title: 'Provenienza' }),
  discipline: Type.Array(text('Disciplina', 80), { title: 'Discipline', minItems: 1, maxItems: 20 }),
  dichiarazione: Type.Object({ data: date('Data'), protocollo: Type.Optional(text('Protocollo', 60)) }, { additionalProperties: false, title: 'Dichiarazione scritta di disponibilità' }),
  assenzaAdesioni: Type.Optional(text('Come è stata accertata la mancanza di adesioni precedenti', 500)),
  fonte: Type.Enum(['progetto', 'FIS', 'altro'], { title: 'Fonte di finanziamento' }),
  fonteDescrizione: Type.Optional(text('Altra fonte')),
  utente: Type.Optional(Type.String({ title: 'Utente del portale (id)', format: 'uuid' })),
});

export const PIANO_DI_LAVORO = form({
  disciplina: text('Disciplina', 80),
  docente: text('Docente (codice)', 60),
  ore: Type.Number({ title: 'Ore', exclusiveMinimum: 0, maximum: 1000, multipleOf: 0.25 }),
  obiettivi: text('Obiettivi e attività', 4000),
});

export const MODELLO_P = modello({
  variante: Type.Enum(['conSiO', 'senzaSiO'], { title: 'Variante del Modello P' }),
  scuolaInOspedale: Type.Optional(Type.Object({ nome: text('Scuola in ospedale'), sentitaIl: date('Sentita il') }, { additionalProperties: false })),
  pianiDiLavoro: Type.Array(PIANO_DI_LAVORO, { title: 'Piani di lavoro, uno per disciplina', minItems: 1, maxItems: 30 }),
  deliberaConsiglioIstituto: Type.Object({ ...ATTO, importoCents: Type.Integer({ title: 'Cofinanziamento deliberato (centesimi)', minimum: 0 }) }, { additionalProperties: false, title: "Delibera del Consiglio di Istituto" }),
  invio: Type.Optional(INVIO),
});

/** An entry of Modello OF. */
export const LEZIONE = modello({
  data: date('Data'),
  inizio: time('Ora di inizio'),
  fine: time('Ora di fine'),
  docente: Type.String({ title: 'Docente (codice)', pattern: '^[A-Za-z0-9._-]{1,60}$' }),
  disciplina: text('Disciplina', 80),
  modalita: Type.Enum(['presenza', 'online'], { title: 'Modalità' }),
  oltreServizio: Type.Optional(Type.Boolean({ title: "Oltre l'orario di servizio (online)" })),
  attivita: text('Attività svolte', 2000),
  verifiche: Type.Optional(text('Prove di verifica effettuate', 2000)),
  firmaFamiliare: Type.Optional(text('Familiare che ha firmato il registro')),
});

/** Valutazione complessiva del percorso, redatta dal dirigente insieme al referente. */
export const MODELLO_V = modello({
  data: date('Data'),
  valutazione: Type.Optional(text('Valutazione complessiva del percorso', 8000)),
  discipline: Type.Optional(Type.Array(form({ disciplina: text('Disciplina', 80), docente: Type.Optional(text('Docente', 200)), esito: text('Esito e osservazioni', 2000) }), { title: 'Discipline', maxItems: 30 })),
});

export const MODELLO_Z = modello({
  tipo: Type.Enum(['modelloZ', 'autocertificazione'], { title: 'Modello' }),
  compilatoDa: text('Compilato dal DSGA'),
  docenti: Type.Array(form({ docente: text('Docente (codice)', 60), ore: ORE_RENDICONTATE('Ore svolte') }), { title: 'Ore per docente', maxItems: 60 }),
  totaleOre: ORE_RENDICONTATE('Totale delle ore'),
  iban: Type.Optional(Type.String({ title: "IBAN dell'istituto", format: 'iban' })),
});

/** Modello di richiesta di proroga. */
export const RICHIESTA_PROROGA = modello({
  certificato: CERTIFICATO,
  oreRichieste: Type.Optional(ORE_AUTORIZZATE),
  motivazione: Type.Optional(text('Motivazione', 2000)),
  invio: Type.Optional(INVIO),
});

/** Lessons of the hospital's school: they count for the year, and may prevail. */
export const FREQUENZA_OSPEDALE = form({
  scuola: text('Scuola in ospedale'),
  dal: date('Dal'), al: date('Al'),
  giorni: Type.Integer({ title: 'Giorni di frequenza', minimum: 1, maximum: 366 }),
  ore: Type.Number({ title: 'Ore di lezione', minimum: 0, maximum: 2000, multipleOf: 0.25 }),
  attestazione: Type.Optional(text("Estremi dell'attestazione")),
});

export const ATTO_CITATO = ATTO;
export const MOTIVO = text('Motivo', 2000);
