/** What a plugin hands to other software: tables and payment files, as data. The engine writes the formats (api/exports). */
import type { LocalDate } from './contract.ts';

/** A table for a spreadsheet or an accounting program. */
export interface CsvTable {
  format: 'csv';
  /** Without extension. */
  fileName: string;
  /** `organisation`: its cells are codes of organisations, and the API writes their names instead. */
  columns: { name: string; title: string; organisation?: boolean }[];
  rows: Record<string, string | number | null>[];
}

/** A file of credit transfers that a bank's portal takes (ISO 20022 pain.001). Amounts are whole cents of euro. */
export interface CreditTransferFile {
  format: 'pain.001';
  /** Without extension. */
  fileName: string;
  /** The same file has the same: a bank refuses it twice. At most 35 characters. */
  messageId: string;
  createdAt: string;
  executeOn: LocalDate;
  /** A `name` that is the code of an organisation is told by that organisation's name: a plugin knows codes alone. */
  debtor: { name: string; iban: string; bic?: string };
  transfers: { endToEndId: string; name: string; iban: string; bic?: string; amountCents: number; remittance: string }[];
}
