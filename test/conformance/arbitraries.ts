/** Values that a JSON Schema accepts, drawn at random: the payloads that nobody thought of. */
import fc from 'fast-check';
import type { Json } from '../../plugins/contract.ts';

type Schema = Record<string, any>;

const LONGEST_ARRAY = 3, LONGEST_TEXT = 40;
const DAY_MS = 86_400_000, FIRST_DAY = Date.parse('2026-09-14T00:00:00.000Z'), DAYS = 290;
const day = fc.nat(DAYS).map(days => new Date(FIRST_DAY + days * DAY_MS).toISOString());
const FORMATS: Record<string, fc.Arbitrary<string>> = {
  date: day.map(instant => instant.slice(0, 10)), 'date-time': day, time: fc.tuple(fc.nat(23), fc.nat(59)).map(parts => `${parts.map(part => String(part).padStart(2, '0')).join(':')}:00Z`),
  email: fc.nat(9_999).map(n => `persona${n}@example.org`), uri: fc.nat(9_999).map(n => `https://example.org/${n}`), uuid: fc.uuid(),
  'codice-fiscale': fc.constantFrom('RSSMRA85T10A562S', 'RSSMRA85T10A56NH'), iban: fc.constantFrom('IT60X0542811101000000123456', 'DE89370400440532013000'),
};

/**
 * `words`: texts that mean something to the process (the names in its parameters), drawn now and then in the place of free text.
 * Throws for a keyword that it does not know: a schema should be simple enough for a form.
 */
export function arbitraryOf(schema: Schema, words: string[] = []): fc.Arbitrary<any> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return fc.oneof(...alternatives.map((each: Schema) => arbitraryOf(each, words)));
  switch (schema.type) {
    case 'object': return objectOf(schema, words);
    case 'array': return arrayOf(schema, words);
    case 'string': return textOf(schema, words);
    case 'integer': return fc.integer({ min: schema.minimum ?? (schema.exclusiveMinimum !== undefined ? schema.exclusiveMinimum + 1 : -1_000), max: schema.maximum ?? (schema.exclusiveMaximum !== undefined ? schema.exclusiveMaximum - 1 : 1_000_000) });
    case 'number': return numberOf(schema);
    case 'boolean': return fc.boolean();
    case 'null': return fc.constant(null);
    default:
      if (Object.keys(schema).every(key => ['title', 'description', 'default', 'examples'].includes(key))) return fc.constantFrom<Json>(null, true, 7, 'testo', [], {});
      throw new Error(`no values for the schema ${JSON.stringify(schema).slice(0, 200)}`);
  }
}

function objectOf({ properties = {}, required = [], patternProperties, minProperties = 0 }: Schema, words: string[]): fc.Arbitrary<any> {
  const known = fc.record(Object.fromEntries(Object.entries(properties).map(([name, inner]) => [name, arbitraryOf(inner as Schema, words)])), { requiredKeys: required });
  const [pattern] = Object.entries(patternProperties ?? {});
  const whole = pattern ? fc.tuple(known, fc.dictionary(keyOf(pattern[0]), arbitraryOf(pattern[1] as Schema, words), { maxKeys: LONGEST_ARRAY })).map(([own, more]) => ({ ...more, ...own })) : known;
  // A dictionary of fast-check may have no prototype: JSON's objects have one.
  return whole.map(value => ({ ...value })).filter(value => Object.keys(value).length >= minProperties);
}

const keyOf = (pattern: string) => (['^.*$', '^(.*)$'].includes(pattern) ? fc.nat(999).map(n => `chiave${n}`) : fc.stringMatching(new RegExp(pattern)));

function arrayOf({ items = {}, minItems = 0, maxItems = minItems + LONGEST_ARRAY, uniqueItems }: Schema, words: string[]): fc.Arbitrary<any> {
  const bounds = { minLength: minItems, maxLength: Math.min(maxItems, minItems + LONGEST_ARRAY) };
  return uniqueItems ? fc.uniqueArray(arbitraryOf(items, words), { ...bounds, selector: value => JSON.stringify(value) }) : fc.array(arbitraryOf(items, words), bounds);
}

function textOf({ pattern, format, minLength = 0, maxLength = LONGEST_TEXT }: Schema, words: string[]): fc.Arbitrary<string> {
  if (format !== undefined) {
    const known = FORMATS[format];
    if (!known) throw new Error(`no values for the format ${format}`);
    return pattern === undefined ? known : known.filter(text => new RegExp(pattern).test(text));
  }
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern)).filter(text => text.length >= minLength && text.length <= maxLength);
  // Unlike any word of the code: where it turns up, it came from here.
  const free = fc.noBias(fc.nat(0x7fff_ffff)).map(n => `zq${n.toString(16).padStart(8, '0')}`.padEnd(minLength, '·').slice(0, maxLength));
  const fitting = words.filter(word => word.length >= minLength && word.length <= maxLength);
  return fitting.length > 0 ? fc.oneof(free, fc.constantFrom(...fitting)) : free;
}

function numberOf({ minimum, maximum, exclusiveMinimum, exclusiveMaximum, multipleOf = 0.01 }: Schema): fc.Arbitrary<number> {
  const least = Math.ceil((minimum ?? exclusiveMinimum ?? -1_000) / multipleOf) + (exclusiveMinimum === undefined ? 0 : 1);
  const most = Math.floor((maximum ?? exclusiveMaximum ?? 100_000) / multipleOf) - (exclusiveMaximum === undefined ? 0 : 1);
  return fc.integer({ min: least, max: most }).map(n => Number((n * multipleOf).toFixed(6)));
}

/** Names that stand as keys in a value and are no dates, years or numbers. */
export function namesIn(value: unknown): string[] {
  return value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.keys(value).filter(key => /^\p{L}/u.test(key)) : [];
}

/** All strings in a value, keys left out. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return value !== null && typeof value === 'object' ? Object.values(value).flatMap(textsIn) : [];
}
