/**
 * What a letter or a form says, without how it looks: pure data, made by a plugin from a decision's step, frozen with the commit
 * that asked for it and rendered later (activities/documents). Everything that people see is already in words: dates, money, names.
 */
import type { LocalDate } from './contract.ts';

export interface DocumentModel {
  /** Of the file and of the heading, e.g. `Autorizzazione delle ore`. */
  title: string;
  language: 'it' | 'en';
  /** The head of the page: the organisation's name, then its lines (address, codes, e-mail). */
  letterhead?: { organisation: string; lines: string[]; /** PNG or JPEG, base64, at most 100 kB. */ logo?: string };
  /** Each addressee with its lines. */
  recipients?: string[][];
  /** `Oggetto`. */
  subject?: string;
  blocks: DocumentBlock[];
  /** Who signs: each one beside the other. `note`: signed with the account, and when (words); without it there is a line to sign on. */
  signatures?: { role: string; name?: string; note?: string }[];
  /** `Luogo e data`. */
  placeAndDate?: string;
  /** Small print at the foot of each page, beside `pagina n di m`. */
  footer?: string;
  /** A5-like tables of many columns want it. Default portrait. */
  landscape?: boolean;
}

/**
 * In the place of a name that the decision does not know: the registry's name of an organisation (by its code), the name of a person's account
 * (by user id). The document is made with the names of the day on which it is made.
 */
export const organisationName = (code: string): string => `${NAME_BEGINS}organisation:${code}${NAME_ENDS}`;
export const personName = (userId: string): string => `${NAME_BEGINS}person:${userId}${NAME_ENDS}`;
/** Of Unicode's private use, and refused in everything that callers send: nobody can write a placeholder into a form. */
export const NAME_BEGINS = '\ue000', NAME_ENDS = '\ue001';
export const NAME_PLACEHOLDER = /\ue000(organisation|person):([^\ue000\ue001]{1,64})\ue001/g;

export type DocumentBlock =
  | { heading: string; level?: 1 | 2 }
  | { paragraph: string }
  /** Label and value, one per line: the filled lines of a form. */
  | { fields: { label: string; value: string }[] }
  | { list: string[]; ordered?: boolean }
  | { table: DocumentTable }
  /** Set apart: a warning, a citation of the norm. */
  | { note: string };

export interface DocumentTable {
  caption?: string;
  columns: { title: string; align?: 'left' | 'right' | 'center'; /** Share of the width; where no column has one, what stands in them decides. */ weight?: number }[];
  /** A cell that is empty or missing is printed as a dash. */
  rows: string[][];
  /** Totals. */
  foot?: string[][];
}

/** The registration that is printed on the document: `Prot. n. 0000123 del 12/11/2026`. */
export interface PrintedProtocol {
  /** 7 digits or more. */
  number: string;
  date: LocalDate;
  /** Of the organisation that registered it. */
  organisation: string;
  direction: 'entrata' | 'uscita' | 'interno';
}
