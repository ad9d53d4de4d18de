/** Tables of other software that a process takes in, row by row. Shapes only: the engine reads the file, matches columns and keeps what was taken. */
import type { JsonObject, LocalDate } from './contract.ts';

/** A field of a row. `date` becomes a local date, `time` becomes `HH:MM`, `whole` a number. */
export interface ImportColumn {
  type: 'text' | 'date' | 'time' | 'whole' | 'choice';
  required?: boolean;
  /** Headings under which the column is found while the organisation has said nothing else; case, accents and blanks do not count. */
  headings: string[];
  /** Of a `choice`: value → the words that mean it. */
  words?: Record<string, string[]>;
  /** Of a `choice`: words that say that the row is about nothing that is taken in. */
  ignored?: string[];
  /** Of a `whole`. */
  min?: number;
  max?: number;
}

/** Of the registry of families; never asked of the file. */
export interface ImportedPupil { code: string; class: string; year: string; name: { nome: string; cognome: string }; /** Date of birth, where the school's file tells it. */ birth: string | null; /** The pupil's own account. */ own: string | null; /** User ids of those who answer for the pupil, in the order in which they are written to. */ contacts: string[] }

export interface ImportedRow { /** Natural key within the organisation: the same row of the same file has the same. */ key: string; data: JsonObject }

/** Rows about pupils of the organisation that imports them. */
export interface ImportDefinition {
  by: string[];
  columns: Record<string, ImportColumn>;
  /** The column with the pupil's code, and the one with the day to which a row belongs. */
  pupil: string;
  day: string;
  /** Of one day and pupil several rows may be told apart by it. */
  key: (row: JsonObject) => string;
  /** Two rows of one file with the same key: what they say together; null: they contradict each other, and the second is told as wrong. */
  merge?: (one: JsonObject, other: JsonObject) => JsonObject | null;
  /** What is wrong with a row that its columns do not say; null: nothing. The text stands in the labels' refusals. */
  check?: (row: JsonObject, today: LocalDate) => { rule: string; column: string } | null;
  /** The case that takes the rows of a pupil, found by the process's key and begun when there is none. */
  target: (pupil: ImportedPupil, organisation: string) => { data: JsonObject; parties: Record<string, string> };
  command: string;
  /** Given, empty, to the running case of a pupil whose family has come to be another than `target` says: after an import of families. */
  family?: string;
  /** Rows that are new or say something else than before, and keys of those that were withdrawn. */
  input: (rows: ImportedRow[], withdrawn: string[]) => JsonObject;
}
