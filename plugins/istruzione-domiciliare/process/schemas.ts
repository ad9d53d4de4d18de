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

const ATTO = { numero: text('Numero', 60), data: date('Data') };

export const INVIO = Type.Object({
  canale: Type.Enum(['pec', 'email', 'fax', 'consegna'], { title: 'Canale' }),
  oggetto: text('Oggetto', 300),
}, { additionalProperties: false, title: 'Invio (se manca, la PEC è composta dal sistema)' });

export const ALUNNO = form({
  nome: text('Nome', 80),
  cognome: text('Cognome', 80),
  codiceFiscale: Type.Optional(Type.String({ title: 'Codice fiscale', pattern: '^[A-Z0-9]{16}$' })),
  classe: text('Classe e sezione', 20),
});

export const ORDINE = Type.Enum(['primaria', 'secondariaPrimoGrado', 'secondariaSecondoGrado'], { title: 'Ordine di scuola' });

export const PROGETTO = {
  alunno: ALUNNO,
  ordine: ORDINE,
  esameDiStato: Type.Boolean({ title: "Sostiene l'esame di Stato conclusivo del ciclo" }),
  regione: text('Regione', 40),
};

const PERIODO = form({ dal: date('Dal'), al: date('Al') });

/** Modello S or Modello M. */
export const CERTIFICATO = form({
  modello: Type.Enum(['S', 'M'], { title: 'Modello' }),
  emittente: Type.Enum(['strutturaOspedaliera', 'medicoFamiglia', 'medicoCurante', 'specialistaPrivato'], { title: 'Rilasciato da' }),
  rilasciatoIl: date('Rilasciato il'),
  periodi: Type.Array(PERIODO, { title: 'Periodi di assenza', minItems: 1, maxItems: 20 }),
});

export const MODELLO_G = form({
  firmatario: text('Firmatario'),
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
  utente: Type.Optional(text('Utente del portale', 100)),
});

export const PIANO_DI_LAVORO = form({
  disciplina: text('Disciplina', 80),
  docente: text('Docente (codice)', 60),
  ore: Type.Number({ title: 'Ore', exclusiveMinimum: 0, maximum: 1000, multipleOf: 0.25 }),
  obiettivi: text('Obiettivi e attività', 4000),
});

export const MODELLO_P = form({
  variante: Type.Enum(['conSiO', 'senzaSiO'], { title: 'Variante del Modello P' }),
  scuolaInOspedale: Type.Optional(Type.Object({ nome: text('Scuola in ospedale'), sentitaIl: date('Sentita il') }, { additionalProperties: false })),
  pianiDiLavoro: Type.Array(PIANO_DI_LAVORO, { title: 'Piani di lavoro, uno per disciplina', minItems: 1, maxItems: 30 }),
  deliberaConsiglioIstituto: Type.Object({ ...ATTO, importoCents: Type.Integer({ title: 'Cofinanziamento deliberato (centesimi)', minimum: 0 }) }, { additionalProperties: false, title: "Delibera del Consiglio di Istituto" }),
  invio: Type.Optional(INVIO),
});

/** An entry of Modello OF. */
export const LEZIONE = form({
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

export const MODELLO_Z = form({
  tipo: Type.Enum(['modelloZ', 'autocertificazione'], { title: 'Modello' }),
  compilatoDa: text('Compilato dal DSGA'),
  docenti: Type.Array(form({ docente: text('Docente (codice)', 60), ore: ORE_RENDICONTATE('Ore svolte') }), { title: 'Ore per docente', maxItems: 60 }),
  totaleOre: ORE_RENDICONTATE('Totale delle ore'),
});

export const ATTO_CITATO = ATTO;
export const MOTIVO = text('Motivo', 2000);
