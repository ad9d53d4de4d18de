/** Which parameters the processes of this installation read, and what their values must look like. */
import type { Processes } from '../engine/processes.ts';
import type { Json } from '../plugins/contract.ts';
import type { Language } from './language.ts';
import { createValidator, type FieldError, type Validator } from './validators.ts';

export interface KnownParameter { processes: string[]; example: Json | undefined; /** What its process says a value must be. */ validate: Validator | undefined }

/** Parameters that rules read, with the process's own default as an example of their shape. */
export function parametersOf(processes: Processes): Map<string, KnownParameter> {
  const known = new Map<string, KnownParameter>();
  for (const { plugin } of processes.all()) {
    for (const name of new Set([...(plugin.parameters ?? []), ...(plugin.defaultParameters ?? []).map(({ name }) => name)])) {
      const parameter = known.get(name) ?? { processes: [], example: undefined, validate: undefined };
      parameter.processes.push(plugin.process);
      parameter.example ??= plugin.defaultParameters?.find(row => row.name === name)?.value;
      const schema = plugin.parameterSchemas?.[name];
      if (schema) parameter.validate ??= createValidator(schema);
      known.set(name, parameter);
    }
  }
  return known;
}

/** What no schema tells: the order of the dates, and a value unlike the default. */
export function shapeErrors({ value, from, to }: { value: Json; from: string; to?: string | null }, { example, validate }: Pick<KnownParameter, 'example' | 'validate'>, language: Language): FieldError[] | null {
  const errors: FieldError[] = [];
  if (to && to < from) errors.push({ pointer: '/to', message: 'before "from"' });
  const invalid = validate?.(value, language);
  if (invalid) errors.push(...invalid.map(({ pointer, message }) => ({ pointer: `/value${pointer}`, message })));
  else if (!validate && example !== undefined) compareShape(value, example, '/value', errors);
  return errors.length > 0 ? errors : null;
}

/** A rate that turns into a text would break every case that reads it: the value must look like the default. */
function compareShape(value: Json, example: Json, pointer: string, errors: FieldError[]): void {
  const kind = (json: Json) => (json === null ? 'null' : Array.isArray(json) ? 'list' : typeof json);
  if (example === null) return;
  if (kind(value) !== kind(example)) { errors.push({ pointer, message: `must be a ${kind(example)}, as the default is` }); return; }
  if (Array.isArray(example)) {
    if (example.length > 0) (value as Json[]).forEach((inner, i) => compareShape(inner, example[0]!, `${pointer}/${i}`, errors));
    return;
  }
  if (typeof example === 'object') for (const [key, inner] of Object.entries(example)) {
    const given = (value as Record<string, Json>)[key];
    if (given === undefined) errors.push({ pointer: `${pointer}/${key}`, message: 'missing, though the default has it' });
    else compareShape(given, inner, `${pointer}/${key}`, errors);
  }
}
