/** The plugins' schemas as validators, compiled once per process version; errors are told by JSON pointer. */
import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import type { TSchema } from 'typebox';
import type { CompiledProcess } from '../engine/decide/compile.ts';
import { addDomainFormats } from '../engine/formats.ts';
import type { Language } from './language.ts';
import { errorText } from './schemaErrorText.ts';

export interface FieldError { pointer: string; message: string }
/** Null when the data fits. */
export type Validator = (data: unknown, language: Language) => FieldError[] | null;

/** Errors told at once; beyond this the first say enough. */
const MOST_ERRORS = 20;
/** All errors of a form are looked for, but only the first of a payload that is large: the search has no end otherwise. */
const SMALL_BYTES = 32 * 1024;

const options = { strict: true, strictTypes: false, strictTuples: false, allowUnionTypes: true, multipleOfPrecision: 9, validateFormats: true, logger: false } as const;
const addFormats = ajvFormats as unknown as (ajv: Ajv2020) => void;

function newAjv(allErrors: boolean): Ajv2020 {
  const ajv = new Ajv2020({ ...options, allErrors });
  addFormats(ajv);
  return addDomainFormats(ajv);
}
const first = newAjv(false), all = newAjv(true);

/** Throws when the schema is not one (ajv in strict mode): found at the start, not by a caller. */
export function createValidator(schema: TSchema | object): Validator {
  const isValid = first.compile(schema as object);
  let findAll: ValidateFunction | undefined;
  return (data, language) => {
    if (isValid(data)) return null;
    let errors = isValid.errors!;
    if (JSON.stringify(data).length <= SMALL_BYTES) {
      findAll ??= all.compile(schema as object);
      findAll(data);
      errors = findAll.errors ?? errors;
    }
    return fieldErrors(errors, language);
  };
}

/** One message per place: the branches of a union are one error, not many. */
function fieldErrors(errors: ErrorObject[], language: Language): FieldError[] {
  const unions = errors.filter(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
  const told = new Map<string, FieldError>();
  for (const error of errors) {
    if (unions.some(union => union !== error && error.schemaPath.startsWith(`${union.schemaPath}/`))) continue;
    const pointer = error.keyword === 'required' ? `${error.instancePath}/${escapePointer(error.params['missingProperty'])}`
      : error.keyword === 'additionalProperties' || error.keyword === 'unevaluatedProperties' ? `${error.instancePath}/${escapePointer(error.params['additionalProperty'] ?? error.params['unevaluatedProperty'])}`
      : error.instancePath;
    if (!told.has(pointer)) told.set(pointer, { pointer, message: errorText(error, language) });
    if (told.size === MOST_ERRORS) break;
  }
  return [...told.values()];
}

const escapePointer = (name: unknown) => String(name).slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1');

interface ProcessValidators { create: Validator; commands: Map<string, Validator>; /** Their own fields; what organisations add is the engine's to check. */ forms: Map<string, Validator> }
const compiled = new WeakMap<CompiledProcess, ProcessValidators>();

export function validatorsOf(process: CompiledProcess): ProcessValidators {
  let validators = compiled.get(process);
  if (!validators) {
    const { plugin } = process;
    const named = (what: string, schema: TSchema) => {
      try {
        return createValidator(schema);
      } catch (error) {
        throw new Error(`${plugin.process} ${plugin.version}: the schema of ${what} cannot be used: ${(error as Error).message}`, { cause: error });
      }
    };
    validators = {
      create: named('create', plugin.create.schema),
      commands: new Map(Object.entries(plugin.commands).map(([name, { schema }]) => [name, named(`the command "${name}"`, schema)])),
      forms: new Map(Object.entries(plugin.forms ?? {}).map(([name, { schema }]) => [name, named(`the form "${name}"`, schema)])),
    };
    compiled.set(process, validators);
  }
  return validators;
}
