/** What is wrong with a table or a row of it, in Italian: the engine says it in English, and these are its sentences. One that is not here stays as it is. */
import type { TableFileError } from '../engine/imports/readTable.ts';
import { Problem } from '../engine/problems.ts';
import type { Language } from './language.ts';

const SENTENCES: [english: RegExp, italian: (...parts: string[]) => string][] = [
  [/^The file has no header in its first line\.$/, () => 'Nella prima riga del file mancano le intestazioni.'],
  [/^The file is not a table: (.*)$/s, why => `Il file non è una tabella: ${why}`],
  [/^The header lacks (.*)\. It has (.*)\.$/s, (missing, has) => `Fra le intestazioni mancano: ${missing}. Ci sono: ${has}.`],
  [/^The file is a workbook, not a text: save it as CSV\.$/, () => 'Il file è una cartella di lavoro, non un testo: va salvato come CSV.'],
  [/^The file is not a text\.$/, () => 'Il file non è un testo.'],
  [/^(\d+) fields where the header has (\d+)$/, (fields, headings) => `ha ${fields} campi, le intestazioni sono ${headings}`],
  [/^is missing$/, () => 'manca'],
  [/^is longer than (\d+) characters$/, most => `supera i ${most} caratteri`],
  [/^is no date \((.*)\)$/, form => `non è una data (${form})`],
  [/^is no time \((.*)\)$/, form => `non è un’ora (${form})`],
  [/^is no whole number from (\d+) to (\d+)$/, (min, max) => `non è un numero intero da ${min} a ${max}`],
  [/^must be one of (.*)$/s, values => `deve essere fra: ${values}`],
  [/^is no e-mail address$/, () => 'non è un indirizzo di posta elettronica'],
  [/^is not the number of a mobile telephone$/, () => 'non è il numero di un telefono cellulare'],
  [/^is no class$/, () => 'non è una classe'],
  [/^is the user name of nobody$/, () => 'non è il nome utente di nessuno'],
  [/^is on line (\d+) with another name or class$/, line => `è alla riga ${line} con un altro nome o un’altra classe`],
  [/^is there twice for this pupil$/, () => 'c’è due volte per questo alunno'],
  [/^is the code of no pupil of (.*)$/, year => `non è il codice di nessun alunno dell’a.s. ${year}`],
  [/^is the code of a pupil who left on (\d+)-(\d+)-(\d+)$/, (year, month, day) => `è il codice di un alunno che ha lasciato la scuola il ${day}/${month}/${year}`],
  [/^says something else than line (\d+) of the same$/, line => `dice altro dalla riga ${line} sulla stessa cosa`],
];

export function tableText(message: string, language: Language): string {
  if (language !== 'it') return message;
  for (const [english, italian] of SENTENCES) {
    const found = english.exec(message);
    if (found) return italian(...found.slice(1));
  }
  return message;
}

/** Of a file that cannot be taken at all. */
export function tableProblem(error: TableFileError, language: Language): Problem {
  const message = tableText(error.message, language);
  return new Problem('invalid', message, { errors: [{ pointer: '', message }] });
}
