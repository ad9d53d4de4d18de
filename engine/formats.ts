/** Formats of JSON Schema for every plugin: `codice-fiscale` and `iban`, each a library's judgement; dates and instants that the calendar can work with. */
import { fullFormats } from 'ajv-formats/dist/formats.js';
import { isValidIBAN } from 'ibantools';
import { stdnum } from 'stdnum';
import { instantOf, romeDate } from '../plugins/calendar.ts';

/** Shape and check character of a person's code, omocodia included; in capitals, as it is printed. */
function isCodiceFiscale(text: string): boolean {
  return text === text.toUpperCase() && stdnum.IT!.codicefiscale!.validate(text).isValid;
}

/** Dates have four digits of a year, with a day before and after: what a rule adds to them is a date too. */
const isYear = (date: string): boolean => /^\d{4}-/.test(date) && '1000' <= date.slice(0, 4) && date.slice(0, 4) <= '9998';
const isDate = (text: string): boolean => (fullFormats.date as { validate: (text: string) => boolean }).validate(text) && isYear(text);
function isInstant(text: string): boolean {
  if (!(fullFormats['date-time'] as { validate: (text: string) => boolean }).validate(text)) return false;
  try {
    return isYear(romeDate(instantOf(text)));
  } catch {
    // As RFC 3339 lets it be written, but no instant to the calendar: a tab between date and time.
    return false;
  }
}

/** Any validator of ajv's make. */
interface FormatTaker { addFormat(name: string, format: { type: 'string'; validate: (text: string) => boolean }): unknown }

export function addDomainFormats<A extends FormatTaker>(ajv: A): A {
  ajv.addFormat('date', { type: 'string', validate: isDate });
  ajv.addFormat('date-time', { type: 'string', validate: isInstant });
  ajv.addFormat('codice-fiscale', { type: 'string', validate: isCodiceFiscale });
  ajv.addFormat('iban', { type: 'string', validate: text => isValidIBAN(text) });
  return ajv;
}
