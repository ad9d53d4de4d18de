/** Formats of JSON Schema that Italian procedures need, for every plugin: `codice-fiscale` and `iban`. Each is a library's judgement. */
import { isValidIBAN } from 'ibantools';
import { stdnum } from 'stdnum';

/** Shape and check character of a person's code, omocodia included; in capitals, as it is printed. */
function isCodiceFiscale(text: string): boolean {
  return text === text.toUpperCase() && stdnum.IT!.codicefiscale!.validate(text).isValid;
}

/** Any validator of ajv's make. */
interface FormatTaker { addFormat(name: string, format: { type: 'string'; validate: (text: string) => boolean }): unknown }

export function addDomainFormats<A extends FormatTaker>(ajv: A): A {
  ajv.addFormat('codice-fiscale', { type: 'string', validate: isCodiceFiscale });
  ajv.addFormat('iban', { type: 'string', validate: text => isValidIBAN(text) });
  return ajv;
}
