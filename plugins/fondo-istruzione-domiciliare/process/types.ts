/** What a fund remembers: the money, and what was paid. Its projects are rows of the case (`progetto`). */
import type { LocalDate } from '../../contract.ts';

/** One project of the fund. Its messages may arrive in any order: every part is written on its own and none erased. */
export interface Progetto {
  numero: string;
  scuola: string;
  minutiAutorizzati: number;
  attivato: boolean;
  /** Of the accounted hours: what they cost, and the polo's share of it. */
  rendiconto: { il: LocalDate; minutiContabili: number; costoCents: number; quotaCents: number; /** Of the school, as Modello Z says it. */ iban: string | null } | null;
  /** Taken out by rinuncia or decadenza. */
  tolto: { il: LocalDate; motivo: string } | null;
  liquidatoCents: number | null;
  /** Which payment it was, counted from 1. */
  liquidazione: number | null;
}

/** Parameter `contoPolo`: the account from which the polo pays. Without a holder it is the polo's own name; the BIC may be left out. */
export interface ContoPolo { intestatario: string; iban: string; bic: string }

export interface Liquidazione {
  il: LocalDate;
  atto: { numero: string; data: LocalDate };
  progetti: number;
  /** Money that was there, shares that were due, and what was paid: the smaller of the two. */
  disponibileCents: number;
  dovutoCents: number;
  liquidatoCents: number;
}

export interface Contesto {
  annoScolastico: string;
  finanziamenti: { il: LocalDate; importoCents: number; atto: { numero: string; data: LocalDate } }[];
  liquidazioni: Liquidazione[];
  /** Counts of the projects, for lists. */
  progetti: number;
  rendicontati: number;
}
