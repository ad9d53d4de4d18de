/** A table of families: one row for each pupil and each person who answers for them. */
import { mobileNumber } from '../contacts/phone.ts';
import { localDate, meaningOf, text, IGNORED } from '../imports/cells.ts';
import type { Column } from '../imports/readTable.ts';
import { CellError } from '../imports/tableErrors.ts';

const column = <T>(headers: string[], read: (cell: string) => T | typeof IGNORED, required = false): Column<T> => ({ headers, read, required });

function email(cell: string): string {
  if (cell.length > 200 || !/^[^\s@<>",;]+@[^\s@<>",;]+\.[^\s@<>",;]+$/.test(cell)) throw new CellError('email');
  return cell.toLowerCase();
}
function mobile(cell: string): string {
  const number = mobileNumber(cell);
  if (number === null) throw new CellError('mobile');
  return number;
}
/** Of a class as schools write it: `1A`, `1 A`, `1ª A` are the same. */
function schoolClass(cell: string): string {
  const name = cell.toUpperCase().replaceAll(/[ª°^.\s]+/g, '');
  if (name === '' || name.length > 20) throw new CellError('class');
  return name;
}

/** The day on which a consent was signed; who said no signed none. */
const signedOn = (cell: string): string | null => (['n', 'no'].includes(cell.toLowerCase()) ? null : localDate(cell));

/** What the fields of a few words may hold, and how it is written. */
export const FAMILY_WORDS = {
  relazione: { genitore: ['madre', 'padre', 'mamma', 'papà', 'papa'], tutore: ['tutrice', 'affidatario', 'affidataria'], delegato: ['delegata', 'nonno', 'nonna'], alunno: ['alunna', 'studente', 'studentessa'] },
  lingua: { it: ['ita', 'italiano'], en: ['eng', 'inglese', 'english'] },
} as const;
/** Field → word of the school's software → value; null: a row that is left out. */
export type OwnWords = Record<string, Record<string, string | null>>;

type Words = typeof FAMILY_WORDS;
const meaning = <F extends keyof Words>(field: F, own: OwnWords) => meaningOf<(keyof Words[F] & string) | typeof IGNORED>([
  ...Object.entries(FAMILY_WORDS[field]).flatMap(([value, known]) => [value, ...known].map(word => [word, value as keyof Words[F] & string] as const)),
  ...Object.entries(own[field] ?? {}).map(([word, value]) => [word, value === null ? IGNORED : value as keyof Words[F] & string] as const),
], Object.keys(FAMILY_WORDS[field]));

export const familyColumns = (own: OwnWords = {}) => ({
  codiceAlunno: column(['codice alunno', 'codice sidi', 'matricola'], text(60), true),
  cognomeAlunno: column(['cognome alunno', 'cognome'], text(100), true),
  nomeAlunno: column(['nome alunno', 'nome'], text(100), true),
  nascitaAlunno: column(['data nascita alunno', 'data di nascita', 'data nascita'], localDate),
  classe: column(['classe', 'classe sezione', 'sezione'], schoolClass, true),
  codiceGenitore: column(['codice genitore', 'codice tutore', 'codice fiscale genitore'], text(60), true),
  cognomeGenitore: column(['cognome genitore'], text(100), true),
  nomeGenitore: column(['nome genitore'], text(100), true),
  relazione: column(['relazione', 'parentela', 'grado di parentela'], meaning('relazione', own)),
  email: column(['email', 'e mail', 'email genitore', 'e mail genitore'], email),
  cellulare: column(['cellulare', 'telefono cellulare', 'cellulare genitore'], mobile),
  /** When the person signed it, at the school. */
  consensoEmail: column(['consenso email', 'consenso e mail'], signedOn),
  consensoSms: column(['consenso sms'], signedOn),
  versioneInformativa: column(['versione informativa', 'informativa'], text(60)),
  lingua: column(['lingua'], meaning('lingua', own)),
  /** User name of an account that the person has already. */
  utente: column(['utente', 'nome utente'], text(100)),
} as const);
export type FamilyColumns = ReturnType<typeof familyColumns>;
