/** What a teacher's reception remembers: the rule in local time, its exceptions, and who waits for a slot. No names. */
import type { Instant, LocalDate } from '../../contract.ts';

export type Modalita = 'presenza' | 'online';

/** `HH:MM` on the clock in Rome; `alle` may be `24:00`. */
export interface Orario { dalle: string; alle: string }
/** `giorno`: 1 Monday … 7 Sunday. */
export interface Fascia extends Orario { giorno: number }

export interface Regola {
  /** First and last day, included. */
  dal: LocalDate;
  al: LocalDate;
  fasce: Fascia[];
  durataMinuti: number;
  /** Between two interviews. */
  pausaMinuti: number;
  /** A break of the teacher, every day. */
  intervallo: Orario | null;
  modalita: Modalita;
  luogo: string | null;
  /** Address of the meeting online: known to who has a booking. */
  collegamento: string | null;
}

export interface Condizioni {
  /** Booking opens and closes at these instants; null: at once, to the end. */
  apre: Instant | null;
  chiude: Instant | null;
  /** Bookings of one adult, and for one pupil, in the whole period. */
  perGenitore: number;
  perAlunno: number;
  /** Hours before the interview until which one books, and until which a family cancels or moves. */
  preavvisoOre: number;
  disdettaOre: number;
  confermaAutomatica: boolean;
  /** How long an offer to the waiting list stands. */
  offertaMinuti: number;
  /** Hours before the interview at which the family is reminded. */
  promemoriaOre: number[];
}

/** One day that is not as the rule says. */
export type Variazione =
  | ({ tipo: 'aggiunta'; data: LocalDate; luogo: string | null } & Orario)
  | { tipo: 'annullata'; data: LocalDate; motivo: string }
  | { tipo: 'spostata'; data: LocalDate; motivo: string; a: { data: LocalDate; luogo: string | null } & Orario };

/** One who waits, in the order of `chiestoIl`. */
export interface Attesa {
  /** Id of the case that waits. */
  colloquio: string;
  dal: LocalDate;
  al: LocalDate;
  chiestoIl: Instant;
  /** Beginnings of slots that were offered to it in vain. */
  esclusi: Instant[];
  /** What is offered to it now. */
  offerta: { inizio: Instant; fine: Instant } | null;
}

/** What is to be told to a booking's case, one after another: its answer decides what comes next. */
export interface Proposta { colloquio: string; tipo: 'offerta' | 'spostamento'; inizio: Instant; fine: Instant; motivo: string | null; /** How often the slot was still held by somebody who is to leave it. */ tentativi: number }

export interface Contesto {
  regola: Regola;
  condizioni: Condizioni;
  variazioni: Variazione[];
  attesa: Attesa[];
  /** Who left before the request to enter arrived. */
  usciti: string[];
  proposte: Proposta[];
  /** Bookings that this decision ends. */
  disdetti: string[];
  motivo: string | null;
}
