/** One valid payload for every command, for tests, the demo and the API's documentation. Dates are of the school year 2026/27. */
import type { JsonObject } from '../contract.ts';

export const BOZZA: JsonObject = {
  alunno: { nome: 'Anna', cognome: 'Rossi', classe: '2B' }, ordine: 'secondariaPrimoGrado', esameDiStato: false, regione: 'Puglia',
};

export const PERIODI = [{ dal: '2026-10-12', al: '2026-12-20' }];

export const certificato = (periodi: { dal: string; al: string }[] = PERIODI, changes: JsonObject = {}): JsonObject =>
  ({ modello: 'S', emittente: 'strutturaOspedaliera', rilasciatoIl: '2026-10-01', periodi, ...changes });

export const presenta = (periodi = PERIODI, changes: JsonObject = {}): JsonObject =>
  ({ certificato: certificato(periodi), modelloG: { firmatario: 'Maria Rossi', qualita: 'genitore', firmatoIl: '2026-10-02' }, ...changes });

export const disponibilita = (docente: string, changes: JsonObject = {}): JsonObject =>
  ({ docente, nome: `Docente ${docente}`, provenienza: 'classe', discipline: ['italiano'], dichiarazione: { data: '2026-10-05' }, fonte: 'progetto', ...changes });

/** The acts of planning, in the order of the document. */
export const ATTI: [string, JsonObject][] = [
  ['registraDeliberaCollegio', { numero: '12', data: '2026-09-10', ptof: 'PTOF 2025-28, par. 4.3' }],
  ['informaConsiglioClasse', { data: '2026-10-05', verbale: 'verbale n. 2' }],
  ['registraDisponibilita', disponibilita('bianchi')],
  ['registraDisponibilita', disponibilita('verdi', { discipline: ['matematica'] })],
  ['nominaReferente', { nome: 'Carla Bianchi', data: '2026-10-05' }],
];

/** 30 and 20 hours at 38.50 € gross cost 2554.48 €: half is the co-financing. */
export const modelloP = (changes: JsonObject = {}): JsonObject => ({
  variante: 'senzaSiO',
  pianiDiLavoro: [
    { disciplina: 'italiano', docente: 'bianchi', ore: 30, obiettivi: 'Comprensione e produzione del testo' },
    { disciplina: 'matematica', docente: 'verdi', ore: 20, obiettivi: 'Frazioni e proporzioni' },
  ],
  deliberaConsiglioIstituto: { numero: '45', data: '2026-10-05', importoCents: 130_000 },
  ...changes,
});

export const lezione = (data: string, inizio: string, fine: string, changes: JsonObject = {}): JsonObject =>
  ({ data, inizio, fine, docente: 'bianchi', disciplina: 'italiano', modalita: 'presenza', attivita: 'Lettura e commento', firmaFamiliare: 'Maria Rossi', ...changes });

export const chiediProroga = (periodi: { dal: string; al: string }[], changes: JsonObject = {}): JsonObject =>
  ({ certificato: certificato(periodi), oreRichieste: 10, ...changes });

export const rendiconta = (docenti: { docente: string; ore: number }[], totaleOre: number, data: string, changes: JsonObject = {}): JsonObject =>
  ({ modelloV: { data }, modelloZ: { tipo: 'modelloZ', compilatoDa: 'DSGA Neri', docenti, totaleOre }, ...changes });
