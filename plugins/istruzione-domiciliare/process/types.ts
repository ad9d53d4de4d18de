/** What a project of istruzione domiciliare remembers. Lessons are rows of the case (`lezione`), not context. */
import type { JsonObject, LocalDate } from '../../contract.ts';
import type { CERTIFICATO, DISPONIBILITA, FREQUENZA_OSPEDALE, LEZIONE, MODELLO_G, MODELLO_P, MODELLO_V, ALUNNO, DISABILITA } from './schemas.ts';
import type { Static } from 'typebox';

export type Alunno = Static<typeof ALUNNO>;
/** Filled and signed with the account of a parent (art. 65 CAD): no scan is needed. */
export interface FirmaConAccount { utente: string; il: LocalDate }
export type Certificato = Static<typeof CERTIFICATO>;
export type ModelloG = Static<typeof MODELLO_G> & { firma?: FirmaConAccount };
export type ModelloV = Static<typeof MODELLO_V>;
export type FrequenzaOspedale = Static<typeof FREQUENZA_OSPEDALE>;
export type Disabilita = Static<typeof DISABILITA>;
export type Disponibilita = Static<typeof DISPONIBILITA>;
export type ModelloP = Static<typeof MODELLO_P>;
export type DatiLezione = Static<typeof LEZIONE>;
export type Ordine = 'primaria' | 'secondariaPrimoGrado' | 'secondariaSecondoGrado';

/** Days from `dal` to `al`, both included. */
export interface Periodo { dal: LocalDate; al: LocalDate }

/** One entry of the register (Modello OF), as stored. Minutes and accountability are always computed, never stored. */
export interface Lezione extends DatiLezione {
  registrataIl: LocalDate;
  /** Beyond duty and certified by the dirigente (online only). */
  certificataIl?: LocalDate;
  /** The lesson that this one corrects, and why. */
  rettifica?: { lezione: string; motivo: string };
  /** The lesson by which this one was corrected: it stays in the register and counts no more. */
  rettificataDa?: string;
  annullata?: { il: LocalDate; motivo: string };
}

export interface Proroga {
  richiestaIl: LocalDate;
  certificato: Certificato;
  oreRichieste: number | null;
  motivazione: string | null;
  stato: 'inAttesa' | 'autorizzata' | 'rifiutata';
  decisaIl: LocalDate | null;
  minutiAutorizzati: number;
  motivo: string | null;
}

/** The register of one teacher. */
/** `firmatoDa`: the user who signed; the teacher, where the availability names an account. */
export interface Registro { lezioni: number; firmatoIl: LocalDate | null; firmatoDa?: string; vistatoIl: LocalDate | null }

/** Costs by teacher, in cents; `aCaricoProgetto` is what the polo and the school share. */
export interface PianoFinanziario {
  docenti: { docente: string; minuti: number; fonte: string; lordoCents: number; costoCents: number }[];
  lordoCents: number;
  oneriRiflessiCents: number;
  costoCents: number;
  aCaricoProgettoCents: number;
  cofinanziamentoCents: number;
  quotaPoloCents: number;
}

export interface Rendiconto {
  il: LocalDate;
  modello: 'modelloZ' | 'autocertificazione';
  compilatoDa: string;
  minutiContabili: number;
  docenti: { docente: string; minuti: number; costoCents: number; fonte: string }[];
  costoCents: number;
  quotaPoloCents: number;
  /** Where the school is paid. */
  iban: string | null;
}

export interface Contesto {
  annoScolastico: string;
  regione: string;
  ordine: Ordine;
  esameDiStato: boolean;
  alunno: Alunno;
  numero: string | null;
  presentataIl: LocalDate | null;
  oggettoPec: string | null;
  certificato: Certificato | null;
  modelloG: ModelloG | null;
  /** Papers that the family delivered with its own account, before the school presents. */
  consegnati: string[];
  disabilita: Disabilita | null;
  /** What the rules let pass but the polo must weigh, e.g. exactly 30 days. */
  avvertenze: { regola: string; figure: JsonObject }[];
  integrazione: { motivi: string; entro: LocalDate } | null;
  deliberaCollegio: { numero: string; data: LocalDate; ptof: string | null } | null;
  consiglioClasse: { data: LocalDate; verbale: string | null } | null;
  referente: { nome: string; data: LocalDate } | null;
  disponibilita: Record<string, Disponibilita>;
  modelloP: (ModelloP & { inviatoIl: LocalDate }) | null;
  pianoFinanziario: PianoFinanziario | null;
  /** The hours that the operator proposes and the dirigente of the polo countersigns (or sends back). `da`: the operator, and for whom as a deputy. */
  proposta?: { minuti: number; il: LocalDate; da: string[]; rinvio: { il: LocalDate; motivo: string } | null } | null;
  autorizzataIl: LocalDate | null;
  /** Of the first authorisation and of every granted proroga. */
  minutiAutorizzati: number;
  proroghe: Proroga[];
  /** Next entry of the register: `L0001`, `L0002`, … */
  prossimaLezione: number;
  /** Entries that are neither annulled nor replaced. */
  lezioni: number;
  registri: Record<string, Registro>;
  relazioni: Record<string, LocalDate>;
  frequenzeOspedale: FrequenzaOspedale[];
  modelloV: ModelloV | null;
  conclusaIl: LocalDate | null;
  rendiconto: Rendiconto | null;
  sollecito: { il: LocalDate; entro: LocalDate } | null;
  /** Why it was refused, withdrawn or taken out. */
  chiusura: { esito: 'respinta' | 'rinuncia' | 'decadenza' | 'annullata'; il: LocalDate; motivo: string } | null;
  liquidazione: { il: LocalDate; quotaCents: number; dovutaCents: number; atto: string } | null;
}
