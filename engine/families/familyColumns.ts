/** A table of families: one row for each pupil and each person who answers for them. */
import { mobileNumber } from '../contacts/phone.ts';
import { localDate, oneOf, text } from '../imports/cells.ts';
import type { Column } from '../imports/readTable.ts';
import { CellError } from '../imports/tableErrors.ts';

const column = <T>(headers: string[], read: (cell: string) => T, required = false): Column<T> => ({ headers, read, required });

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

export const FAMILY_COLUMNS = {
  codiceAlunno: column(['codice alunno', 'codice sidi', 'matricola'], text(60), true),
  cognomeAlunno: column(['cognome alunno', 'cognome'], text(100), true),
  nomeAlunno: column(['nome alunno', 'nome'], text(100), true),
  classe: column(['classe', 'classe sezione', 'sezione'], schoolClass, true),
  codiceGenitore: column(['codice genitore', 'codice tutore', 'codice fiscale genitore'], text(60), true),
  cognomeGenitore: column(['cognome genitore'], text(100), true),
  nomeGenitore: column(['nome genitore'], text(100), true),
  relazione: column(['relazione', 'parentela'], oneOf(['genitore', 'tutore', 'delegato'])),
  email: column(['email', 'e mail', 'email genitore', 'e mail genitore'], email),
  cellulare: column(['cellulare', 'telefono cellulare', 'cellulare genitore'], mobile),
  /** When the person signed it, at the school. */
  consensoEmail: column(['consenso email'], localDate),
  consensoSms: column(['consenso sms'], localDate),
  versioneInformativa: column(['versione informativa', 'informativa'], text(60)),
  lingua: column(['lingua'], oneOf<'it' | 'en'>(['it', 'en'])),
  /** User name of an account that the person has already. */
  utente: column(['utente', 'nome utente'], text(100)),
} as const;
