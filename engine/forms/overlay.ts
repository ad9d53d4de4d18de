/** What an organisation may make of a form: the bounds of its own fields, every fault of a proposal, and what is kept of it. Pure. */
import { Type } from 'typebox';
import { EXTRA_FIELDS, type FormDefinition, type ParameterRow, type Plugin, type Refusal } from '../../plugins/contract.ts';
import { FORM_PARAMETERS, formParameter } from '../../plugins/formNames.ts';
import type { AddedField, FieldLabels, FormOverlay } from '../../plugins/formFields.ts';

const MOST_FIELDS = 40, MOST_CHOICES = 50, LONGEST_TEXT = 4_000;
/** Every entry of a history keeps what its decision looked at: an overlay must stay small. */
const LARGEST_OVERLAY = 32_768;
/** Labels of fields that were taken away; beyond these the oldest are forgotten. */
const MOST_FORMER = 200;

const words = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const labels = (maxLength: number) => Type.Object({ it: words(maxLength), en: Type.Optional(words(maxLength)) }, { additionalProperties: false });
const bound = () => Type.Optional(Type.Number({ minimum: -1e12, maximum: 1e12 }));

/** The field's schema: what a form can show and everybody can read. No references, and no patterns, whose matching may never end. */
const FIELD_SCHEMA = Type.Object({
  type: Type.Enum(['string', 'integer', 'number', 'boolean']),
  title: Type.Optional(words(200)),
  enum: Type.Optional(Type.Array(words(200), { minItems: 1, maxItems: MOST_CHOICES, uniqueItems: true })),
  format: Type.Optional(Type.Enum(['date'])),
  minLength: Type.Optional(Type.Integer({ minimum: 0, maximum: LONGEST_TEXT })),
  maxLength: Type.Optional(Type.Integer({ minimum: 1, maximum: LONGEST_TEXT })),
  minimum: bound(), maximum: bound(),
  multipleOf: Type.Optional(Type.Number({ minimum: 1e-6, maximum: 1e12 })),
}, { additionalProperties: false });

export const ADDED_FIELD = Type.Object({
  name: Type.String({ pattern: '^[a-z][A-Za-z0-9]{0,39}$' }),
  schema: FIELD_SCHEMA,
  required: Type.Boolean(),
  labels: labels(200),
  help: Type.Optional(labels(500)),
  section: Type.Optional(words(100)),
  widget: Type.Optional(Type.Enum(['text', 'textarea', 'date', 'number', 'choice', 'checkbox'])),
  order: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
}, { additionalProperties: false });

/** `fields` and `labels` of a proposal. */
export const OVERLAY_PROPERTIES = {
  fields: Type.Array(ADDED_FIELD, { maxItems: MOST_FIELDS }),
  labels: Type.Optional(Type.Record(Type.String({ maxLength: 60 }), labels(200), { maxProperties: 200 })),
};

const FITTING: Record<string, string[]> = { string: ['enum', 'format', 'minLength', 'maxLength'], integer: ['minimum', 'maximum', 'multipleOf'], number: ['minimum', 'maximum', 'multipleOf'], boolean: [] };

/** All that a schema cannot say against a proposal, whatever else is wrong with it: `fields` and `labels` may be anything. */
export function overlayFaults(form: FormDefinition, proposal: { fields?: unknown; labels?: unknown }): Refusal[] {
  const faults: Refusal[] = [];
  const complain = (rule: string, pointer: string, figures: Refusal['figures'] = {}) => { faults.push({ rule, pointer, figures }); };
  const own = ownFields(form), seen = new Set<string>();
  for (const [i, field] of (Array.isArray(proposal.fields) ? proposal.fields : []).entries()) {
    if (!isObject(field)) continue;
    const { name, schema, labels: said } = field;
    if (typeof name === 'string') {
      if (own.includes(name)) complain('campoDelModulo', `/fields/${i}/name`, { nome: name });
      else if (name in {} || name === EXTRA_FIELDS) complain('nomeRiservato', `/fields/${i}/name`, { nome: name });
      else if (seen.has(name)) complain('campoRipetuto', `/fields/${i}/name`, { nome: name });
      seen.add(name);
    }
    if (isObject(schema)) fieldFaults(schema, `/fields/${i}/schema`, complain);
    for (const [language, text] of Object.entries(isObject(said) ? said : {})) if (isBlank(text)) complain('testoVuoto', `/fields/${i}/labels/${language}`);
  }
  for (const [name, said] of Object.entries(isObject(proposal.labels) ? proposal.labels : {})) {
    if (!own.includes(name)) complain('campoIgnoto', `/labels/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`, { nome: name });
    for (const [language, text] of Object.entries(isObject(said) ? said : {})) if (isBlank(text)) complain('testoVuoto', `/labels/${name}/${language}`);
  }
  const bytes = Buffer.byteLength(JSON.stringify({ fields: proposal.fields, labels: proposal.labels }));
  if (bytes > LARGEST_OVERLAY) complain('moduloTroppoGrande', '/fields', { limite: LARGEST_OVERLAY / 1024 });
  return faults;
}

function fieldFaults(schema: Record<string, unknown>, pointer: string, complain: (rule: string, pointer: string, figures?: Refusal['figures']) => void): void {
  const { type } = schema;
  const fitting = typeof type === 'string' && Object.hasOwn(FITTING, type) ? FITTING[type]! : null;
  for (const keyword of Object.values(FITTING).flat().filter((found, i, all) => all.indexOf(found) === i)) {
    if (fitting && Object.hasOwn(schema, keyword) && !fitting.includes(keyword)) complain('vincoloInadatto', `${pointer}/${keyword}`, { vincolo: keyword, tipo: type as string });
  }
  const isMore = (least: unknown, most: unknown) => typeof least === 'number' && typeof most === 'number' && least > most;
  if (isMore(schema['minimum'], schema['maximum'])) complain('minimoOltreMassimo', `${pointer}/minimum`);
  if (isMore(schema['minLength'], schema['maxLength'])) complain('minimoOltreMassimo', `${pointer}/minLength`);
  const choices = Array.isArray(schema['enum']) ? schema['enum'] : [];
  // A choice that no other constraint lets pass could never be chosen.
  if (choices.length > 0) for (const keyword of ['format', 'minLength', 'maxLength']) if (Object.hasOwn(schema, keyword)) complain('vincoloConScelte', `${pointer}/${keyword}`, { vincolo: keyword });
  for (const [i, choice] of choices.entries()) if (isBlank(choice)) complain('testoVuoto', `${pointer}/enum/${i}`);
}

/** Spaces, and what breaks a printed line or turns it about: controls, and characters of direction. */
const isBlank = (text: unknown) => typeof text === 'string' && (text.trim() === '' || /[\p{Cc}\p{Zl}\p{Zp}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(text));
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Names of the fields that the form has without anybody's additions. */
export function ownFields({ schema }: FormDefinition): string[] {
  return Object.keys((schema as { properties?: object }).properties ?? {}).filter(name => name !== EXTRA_FIELDS);
}

/** The overlay as it is kept: with the labels of what earlier versions, newest first, had and it has not. */
export function keptOverlay({ fields, labels: own }: FormOverlay, earlier: FormOverlay[]): FormOverlay {
  const former = new Map<string, FieldLabels>();
  for (const overlay of earlier) {
    for (const [name, said] of [...overlay.fields.map((field): [string, FieldLabels] => [field.name, field.labels]), ...Object.entries(overlay.former ?? {})]) {
      if (former.size < MOST_FORMER && !former.has(name) && !fields.some(field => field.name === name)) former.set(name, said);
    }
  }
  return { fields, ...(own && Object.keys(own).length > 0 ? { labels: own } : {}), ...(former.size > 0 ? { former: Object.fromEntries(former) } : {}) };
}

/** Forms to which somebody may add fields, under the names of their parameters. */
export function formParametersOf(plugin: Plugin): string[] {
  return Object.entries(plugin.forms ?? {}).filter(([, { editableBy }]) => editableBy !== undefined).map(([form]) => formParameter(plugin.process, form));
}

/**
 * Rows in force as a decision reads them: those of the organisation that may edit the form (another party's organisation has no say), and of
 * each field only what checks and prints it.
 */
export function overlaysFor(plugin: Plugin, parties: Record<string, string>, rows: ParameterRow[]): ParameterRow[] {
  return rows.filter(({ name, organisation }) => organisation === null || organisation === parties[editorOf(plugin, name) ?? '']).map(row => {
    const { fields, former } = row.value as unknown as FormOverlay;
    const lean = inShort(fields);
    return { ...row, value: { fields: lean, ...(former ? { former } : {}) } as unknown as ParameterRow['value'] };
  });
}

const inShort = (fields: AddedField[]) => fields.map(({ name, schema, required, labels: said, order }) => ({ name, schema, required, labels: said, ...(order === undefined ? {} : { order }) }));

function editorOf(plugin: Plugin, parameter: string): string | undefined {
  const form = parameter.slice(`${FORM_PARAMETERS}${plugin.process}/`.length);
  return Object.hasOwn(plugin.forms ?? {}, form) ? plugin.forms![form]!.editableBy : undefined;
}
