/** A table of families: one row for each pupil and each person who answers for them. */
import { mobileNumber } from '../contacts/phone.ts';
import { CellError, localDate, meaning, text, type Column } from '../imports/readTable.ts';

const column = <T>(headers: string[], read: (cell: string) => T, required = false): Column<T> => ({ headers, read, required });

function email(cell: string): string {
  if (cell.length > 200 || !/^[^\s@<>",;]+@[^\s@<>",;]+\.[^\s@<>",;]+$/.test(cell)) throw new CellError('is no e-mail address');
  return cell.toLowerCase();
}
function mobile(cell: string): string {
  const number = mobileNumber(cell);
  if (number === null) throw new CellError('is not the number of a mobile telephone');
  return number;
}
/** Of a class as schools write it: `1A`, `1 A`, `1ª A` are the same. */
function schoolClass(cell: string): string {
  const name = cell.toUpperCase().replaceAll(/[ª°^.\s]+/g, '');
  if (name === '' || name.length > 20) throw new CellError('is no class');
  return name;
}

/** What the fields of a few words may hold, and how it is written. */
export const FAMILY_WORDS = {
  relazione: { genitore: ['madre', 'padre', 'mamma', 'papà', 'papa'], tutore: ['tutrice', 'affidatario', 'affidataria'], delegato: ['delegata', 'nonno', 'nonna'] },
  lingua: { it: ['ita', 'italiano'], en: ['eng', 'inglese', 'english'] },
} as const;
/** Field → word of the school's software → value. */
export type OwnWords = Record<string, Record<string, string>>;

export const familyColumns = (own: OwnWords = {}) => ({
  codiceAlunno: column(['codice alunno', 'codice sidi', 'matricola'], text(60), true),
  cognomeAlunno: column(['cognome alunno', 'cognome'], text(100), true),
  nomeAlunno: column(['nome alunno', 'nome'], text(100), true),
  classe: column(['classe', 'classe sezione', 'sezione'], schoolClass, true),
  codiceGenitore: column(['codice genitore', 'codice tutore', 'codice fiscale genitore'], text(60), true),
  cognomeGenitore: column(['cognome genitore'], text(100), true),
  nomeGenitore: column(['nome genitore'], text(100), true),
  relazione: column(['relazione', 'parentela', 'grado di parentela'], meaning(FAMILY_WORDS.relazione, own['relazione'])),
  email: column(['email', 'e mail', 'email genitore', 'e mail genitore'], email),
  cellulare: column(['cellulare', 'telefono cellulare', 'cellulare genitore'], mobile),
  /** When the person signed it, at the school. */
  consensoEmail: column(['consenso email'], localDate),
  consensoSms: column(['consenso sms'], localDate),
  versioneInformativa: column(['versione informativa', 'informativa'], text(60)),
  lingua: column(['lingua'], meaning(FAMILY_WORDS.lingua, own['lingua'])),
  /** User name of an account that the person has already. */
  utente: column(['utente', 'nome utente'], text(100)),
} as const);
export type FamilyColumns = ReturnType<typeof familyColumns>;
