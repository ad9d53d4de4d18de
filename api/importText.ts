/** What is wrong with a table, in words: of the whole file, of a row, of a cell. */
import { TableFileError, type Said, type TableCode } from '../engine/imports/tableErrors.ts';
import type { TableError } from '../engine/imports/readTable.ts';
import { Problem } from '../engine/problems.ts';
import type { Language } from './language.ts';

type Text = (figures: Record<string, string | number>) => string;

/** `rule` and `refused` are told by who raised them: a plugin's labels, a case. */
const TEXTS: Record<Language, Record<TableCode, Text>> = {
  it: {
    empty: () => 'Il file è vuoto.', workbook: () => 'Il file è una cartella di lavoro (Excel), non un testo: salvarlo come CSV.', notText: () => 'Il file non è un testo CSV.',
    quote: ({ line }) => `Le virgolette aperte prima della riga ${line} non si chiudono.`, noTable: ({ why }) => `Il file non è una tabella: ${why}`,
    lacks: ({ missing, headers }) => `Nell’intestazione manca: ${missing}. Ci sono: ${headers}.`,
    twice: ({ headings, second }) => `L’intestazione ha due volte: ${headings}. Indicare nella mappatura quale vale (la seconda è “${second}”).`,
    tooMany: ({ cells, headers }) => `ha ${cells} valori, ma l’intestazione ha ${headers} colonne`, cutOff: () => 'il file finisce a metà di questa riga', missing: () => 'manca',
    contradicts: ({ line }) => `dice altro dalla riga ${line} sulla stessa cosa`, refused: ({ why }) => String(why), rule: ({ rule }) => String(rule),
    tooLong: ({ most }) => `è più lungo di ${most} caratteri`, date: () => 'non è una data (31/12/2026)', time: () => 'non è un orario (08:05)', whole: ({ min, max }) => `non è un numero intero da ${min} a ${max}`,
    oneOf: ({ cell, values }) => `“${cell}” non è tra: ${values}`, email: () => 'non è un indirizzo e-mail', mobile: () => 'non è il numero di un cellulare', class: () => 'non è una classe',
    unknownPupil: ({ year }) => `non è il codice di un alunno del ${year}`, pupilLeft: ({ day }) => `è il codice di un alunno che ha lasciato la scuola il ${day}`, unknownUser: () => 'non è il nome utente di nessuno',
    otherPupil: ({ line }) => `è alla riga ${line} con altro nome o altra classe`, guardianTwice: () => 'c’è due volte per questo alunno',
  },
  en: {
    empty: () => 'The file is empty.', workbook: () => 'The file is a workbook, not a text: save it as CSV.', notText: () => 'The file is no CSV text.',
    quote: ({ line }) => `The quotes that were opened before line ${line} are never closed.`, noTable: ({ why }) => `The file is not a table: ${why}`,
    lacks: ({ missing, headers }) => `The header lacks ${missing}. It has ${headers}.`,
    twice: ({ headings, second }) => `The header has twice: ${headings}. Say in the mapping which one counts (the second is “${second}”).`,
    tooMany: ({ cells, headers }) => `has ${cells} values where the header has ${headers} columns`, cutOff: () => 'the file ends in the middle of this row', missing: () => 'is missing',
    contradicts: ({ line }) => `says something else than line ${line} of the same`, refused: ({ why }) => String(why), rule: ({ rule }) => String(rule),
    tooLong: ({ most }) => `is longer than ${most} characters`, date: () => 'is no date (31/12/2026)', time: () => 'is no time (08:05)', whole: ({ min, max }) => `is no whole number from ${min} to ${max}`,
    oneOf: ({ cell, values }) => `“${cell}” is none of: ${values}`, email: () => 'is no e-mail address', mobile: () => 'is not the number of a mobile telephone', class: () => 'is no class',
    unknownPupil: ({ year }) => `is the code of no pupil of ${year}`, pupilLeft: ({ day }) => `is the code of a pupil who left on ${day}`, unknownUser: () => 'is the user name of nobody',
    otherPupil: ({ line }) => `is on line ${line} with another name or class`, guardianTwice: () => 'is there twice for this pupil',
  },
};

export const tableText = ({ code, figures = {} }: Said, language: Language): string => TEXTS[language][code](figures);

/** `column`: as the file calls it. */
export interface ToldError { line: number; field: string | null; column: string | null; message: string }

export function toldError(error: TableError, mapping: Record<string, string>, language: Language): ToldError {
  const { line, field } = error;
  return { line, field, column: field === null ? null : mapping[field] ?? null, message: tableText(error, language) };
}

/** What the whole file refuses; anything else as it is. */
export function asTableProblem(error: unknown, language: Language): unknown {
  if (!(error instanceof TableFileError)) return error;
  const message = tableText(error.said, language);
  return new Problem('invalid', message, { errors: [{ pointer: '', message }] });
}
