/** What a command's forms hold in their added fields, checked against what their organisation asks for today. Pure. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { EXTRA_FIELDS, formParameter, type CommandDefinition, type FormDefinition, type Json, type JsonObject, type ParameterRow, type Plugin, type Refusal } from '../../plugins/contract.ts';
import { labelIn, NOTHING_ADDED, type AddedField, type FormOverlay } from '../../plugins/formFields.ts';
import { parameterReader } from '../decide/step.ts';
import { DecisionError } from '../decide/types.ts';

const addFormats = ajvFormats as unknown as (ajv: Ajv2020, options: { formats: string[] }) => void;
const LONGEST_TEXT = 4_000;
/** Faults told at once; beyond these the first say enough. */
const MOST_FAULTS = 20;

export interface OverlayInForce { overlay: FormOverlay; /** Of its parameter; 0 where nobody added anything. */ version: number }

/** What decides over a form's added fields: the organisation's own overlay, else the general one. */
export function overlayInForce(plugin: Plugin, form: string, { parameters, today, parties }: { parameters: ParameterRow[]; today: string; parties: Record<string, string> }): OverlayInForce {
  const { editableBy } = plugin.forms![form]!;
  if (editableBy === undefined) return { overlay: NOTHING_ADDED, version: 0 };
  let version = 0;
  const overlay = parameterReader(parameters, today, parties, row => { version = row.version; })<FormOverlay>(formParameter(plugin.process, form), today, editableBy);
  return { overlay, version };
}

/** The schema of `campiAggiuntivi`. */
export function addedFieldsSchema({ fields }: Pick<FormOverlay, 'fields'>): JsonObject {
  const required = fields.filter(field => field.required).map(({ name }) => name);
  return { type: 'object', properties: Object.fromEntries(fields.map(field => [field.name, propertyOf(field)])), ...(required.length > 0 ? { required } : {}), additionalProperties: false };
}

function propertyOf({ schema, required, labels }: AddedField): JsonObject {
  const property: JsonObject = { title: labels.it, ...(schema as unknown as JsonObject) };
  if (schema.type !== 'string' || schema.enum || schema.format) return property;
  // A text that must be there is not empty, and no text is without an end.
  return { ...property, ...(required && !schema.minLength ? { minLength: 1 } : {}), maxLength: schema.maxLength ?? LONGEST_TEXT };
}

const MOST_COMPILED = 500;
const compiled = new Map<string, ValidateFunction>();

/** An instance of its own for each, so that one which is forgotten is gone: ajv keeps whatever it compiled. */
function validatorOf(key: string, overlay: FormOverlay): ValidateFunction {
  const known = compiled.get(key);
  if (known) return known;
  const ajv = new Ajv2020({ strict: true, allErrors: true, ownProperties: true, multipleOfPrecision: 9, logger: false, validateSchema: false });
  addFormats(ajv, { formats: ['date'] });
  let validate: ValidateFunction;
  try {
    validate = ajv.compile(addedFieldsSchema(overlay));
  } catch (error) {
    throw new DecisionError(`the added fields of ${key} cannot be used: ${(error as Error).message}`, { cause: error });
  }
  if (compiled.size >= MOST_COMPILED) compiled.delete(compiled.keys().next().value!);
  compiled.set(key, validate);
  return validate;
}

/** What is wrong with the added fields of one form's data (`null` or absent counts as none); pointers begin at `pointer`. */
export function addedFieldsFaults(plugin: Plugin, form: string, { overlay, version }: OverlayInForce, data: JsonObject, pointer = ''): Refusal[] {
  const validate = validatorOf(version === 0 ? '0' : `${plugin.process}/${form}/${version}`, overlay);
  const values = Object.hasOwn(data, EXTRA_FIELDS) ? data[EXTRA_FIELDS] : {};
  if (validate(values)) return [];
  const told = new Map<string, Refusal>();
  for (const error of validate.errors!) {
    const fault = faultOf(error, overlay, `${pointer}/${EXTRA_FIELDS}`);
    if (!told.has(fault.pointer!)) told.set(fault.pointer!, fault);
    if (told.size === MOST_FAULTS) break;
  }
  return [...told.values()];
}

/** Never with the value: it may be about somebody's health. */
function faultOf({ keyword, params, instancePath }: ErrorObject, { fields, former }: FormOverlay, pointer: string): Refusal {
  const name = keyword === 'required' ? params['missingProperty'] as string : keyword === 'additionalProperties' ? String(params['additionalProperty']).slice(0, 100) : instancePath.slice(1);
  if (name === '') return { rule: 'campiAggiuntiviNonOggetto', pointer };
  const labels = fields.find(field => field.name === name)?.labels ?? former?.[name];
  const figures = { campo: labelIn(labels, 'it') ?? name, field: labelIn(labels, 'en') ?? name };
  const at = `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  // An empty text where one must be is one that is missing.
  if (keyword === 'minLength' && params['limit'] === 1) return { rule: 'campoAggiuntivoMancante', pointer: at, figures };
  switch (keyword) {
    case 'required': return { rule: 'campoAggiuntivoMancante', pointer: at, figures };
    case 'additionalProperties': return { rule: 'campoAggiuntivoNonPrevisto', pointer: at, figures };
    case 'enum': return { rule: 'campoAggiuntivoFuoriScelte', pointer: at, figures: { ...figures, scelte: params['allowedValues'] as string[] } };
    case 'type': return { rule: `campoAggiuntivoDiAltroTipo_${params['type']}`, pointer: at, figures };
    case 'format': return { rule: 'campoAggiuntivoNonData', pointer: at, figures };
    case 'minLength': case 'maxLength': case 'minimum': case 'maximum': return { rule: `campoAggiuntivo_${keyword}`, pointer: at, figures: { ...figures, limite: params['limit'] as number } };
    case 'multipleOf': return { rule: 'campoAggiuntivo_multipleOf', pointer: at, figures: { ...figures, limite: params['multipleOf'] as number } };
    default: return { rule: 'campoAggiuntivoNonValido', pointer: at, figures };
  }
}

/** The forms that a payload really carries: each with its data and the place where it stands. */
export function formsIn(plugin: Plugin, definition: Pick<CommandDefinition, 'forms'>, payload: Json): { form: string; data: JsonObject; pointer: string }[] {
  return Object.entries(definition.forms ?? {}).flatMap(([form, field]) => {
    const data = field === '' ? payload : isObject(payload) && Object.hasOwn(payload, field) ? payload[field] : undefined;
    return isObject(data) && isForm(plugin.forms![form]!, data) ? [{ form, data, pointer: field === '' ? '' : `/${field}` }] : [];
  });
}

const isForm = ({ is = {} }: FormDefinition, data: JsonObject) => Object.entries(is).every(([field, value]) => data[field] === value);
const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Null when all added fields of the command's forms are as they must be, and there are none where nobody may add any. */
export function refusedForms(plugin: Plugin, definition: Pick<CommandDefinition, 'forms'>, payload: Json, now: { parameters: ParameterRow[]; today: string; parties: Record<string, string> }): Refusal[] | null {
  const faults = formsIn(plugin, definition, payload).flatMap(({ form, data, pointer }) => addedFieldsFaults(plugin, form, overlayInForce(plugin, form, now), data, pointer));
  return faults.length > 0 ? faults.slice(0, MOST_FAULTS) : null;
}
