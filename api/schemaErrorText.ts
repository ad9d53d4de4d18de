/** What a schema has against a value, in the words of a form. */
import type { ErrorObject } from 'ajv';
import type { Language } from './language.ts';

type Words = Record<string, (params: Record<string, any>) => string>;

const TYPES: Record<Language, Record<string, string>> = {
  it: { string: 'un testo', number: 'un numero', integer: 'un numero intero', boolean: 'vero o falso', object: 'un oggetto', array: 'un elenco', null: 'vuoto' },
  en: { string: 'text', number: 'a number', integer: 'a whole number', boolean: 'true or false', object: 'an object', array: 'a list', null: 'null' },
};
const FORMATS: Record<Language, Record<string, string>> = {
  it: { date: 'una data (AAAA-MM-GG)', 'date-time': 'un istante (ISO 8601)', email: 'un indirizzo e-mail', uuid: 'un identificativo (UUID)', uri: 'un indirizzo web', time: "un'ora", iban: 'un IBAN valido', 'codice-fiscale': 'un codice fiscale valido' },
  en: { date: 'a date (YYYY-MM-DD)', 'date-time': 'an instant (ISO 8601)', email: 'an e-mail address', uuid: 'an identifier (UUID)', uri: 'a web address', time: 'a time', iban: 'a valid IBAN', 'codice-fiscale': 'a valid codice fiscale' },
};
const listed = (value: unknown) => [value].flat().map(String).join(', ');
const typed = (language: Language, type: unknown) => [type].flat().map(name => TYPES[language][String(name)] ?? String(name)).join(language === 'it' ? ' o ' : ' or ');

const IT: Words = {
  required: () => 'obbligatorio',
  additionalProperties: () => 'campo non previsto',
  unevaluatedProperties: () => 'campo non previsto',
  type: ({ type }) => `deve essere ${typed('it', type)}`,
  enum: ({ allowedValues }) => `deve essere uno tra: ${listed(allowedValues)}`,
  const: ({ allowedValue }) => `deve essere ${String(allowedValue)}`,
  format: ({ format }) => `deve essere ${FORMATS.it[format] ?? format}`,
  pattern: () => 'non ha la forma richiesta',
  minLength: ({ limit }) => (limit === 1 ? 'non può essere vuoto' : `almeno ${limit} caratteri`),
  maxLength: ({ limit }) => `al massimo ${limit} caratteri`,
  minimum: ({ limit }) => `almeno ${limit}`,
  maximum: ({ limit }) => `al massimo ${limit}`,
  exclusiveMinimum: ({ limit }) => `deve essere maggiore di ${limit}`,
  exclusiveMaximum: ({ limit }) => `deve essere minore di ${limit}`,
  multipleOf: ({ multipleOf }) => `deve essere un multiplo di ${multipleOf}`,
  minItems: ({ limit }) => `almeno ${limit} elementi`,
  maxItems: ({ limit }) => `al massimo ${limit} elementi`,
  uniqueItems: () => 'contiene doppioni',
  minProperties: ({ limit }) => `indicare almeno ${limit} campi`,
  maxProperties: ({ limit }) => `al massimo ${limit} campi`,
  anyOf: () => 'non è nessuna delle forme ammesse',
  oneOf: () => 'non è nessuna delle forme ammesse',
};
const EN: Words = {
  required: () => 'required',
  additionalProperties: () => 'no such field',
  unevaluatedProperties: () => 'no such field',
  type: ({ type }) => `must be ${typed('en', type)}`,
  enum: ({ allowedValues }) => `must be one of: ${listed(allowedValues)}`,
  const: ({ allowedValue }) => `must be ${String(allowedValue)}`,
  format: ({ format }) => `must be ${FORMATS.en[format] ?? format}`,
  pattern: () => 'does not have the form required',
  minLength: ({ limit }) => (limit === 1 ? 'must not be empty' : `at least ${limit} characters`),
  maxLength: ({ limit }) => `at most ${limit} characters`,
  minimum: ({ limit }) => `at least ${limit}`,
  maximum: ({ limit }) => `at most ${limit}`,
  exclusiveMinimum: ({ limit }) => `must be greater than ${limit}`,
  exclusiveMaximum: ({ limit }) => `must be less than ${limit}`,
  multipleOf: ({ multipleOf }) => `must be a multiple of ${multipleOf}`,
  minItems: ({ limit }) => `at least ${limit} items`,
  maxItems: ({ limit }) => `at most ${limit} items`,
  uniqueItems: () => 'has duplicates',
  minProperties: ({ limit }) => `give at least ${limit} fields`,
  maxProperties: ({ limit }) => `at most ${limit} fields`,
  anyOf: () => 'fits none of the allowed forms',
  oneOf: () => 'fits none of the allowed forms',
};

/** Never repeats the value: it may be personal. */
export function errorText(error: ErrorObject, language: Language): string {
  const say = (language === 'it' ? IT : EN)[error.keyword];
  return say ? say(error.params) : error.message ?? error.keyword;
}
