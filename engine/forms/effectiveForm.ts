/** A form as it is to be filled in: its own fields, what an organisation added, and the words for both. Pure. */
import { EXTRA_FIELDS, type FieldHint, type JsonObject, type Plugin } from '../../plugins/contract.ts';
import { inOrder, labelIn, type AddedField } from '../../plugins/formFields.ts';
import { addedFieldsSchema, type OverlayInForce } from './addedFields.ts';

export interface EffectiveForm {
  process: string;
  form: string;
  label: string;
  /** Its own version, and that of what was added: `3+2`. The second part is 0 where nobody added anything. */
  version: string;
  by: string[];
  editableBy: string | null;
  /** JSON Schema of the whole. */
  schema: JsonObject;
  /** By field; added ones as `campiAggiuntivi.<name>`. */
  hints: Record<string, Omit<FieldHint, 'help'> & { help?: string }>;
  labels: Record<string, string>;
  /** What was added, as it was given. */
  fields: AddedField[];
}

type Language = 'it' | 'en';

export function effectiveForm(plugin: Plugin, form: string, { overlay, version }: OverlayInForce, language: Language): EffectiveForm {
  const definition = plugin.forms![form]!;
  const own = JSON.parse(JSON.stringify(definition.schema)) as JsonObject & { properties?: JsonObject; required?: string[] };
  const names = Object.keys(own.properties ?? {}).filter(name => name !== EXTRA_FIELDS);
  const properties: JsonObject = Object.fromEntries(names.map(name => [name, Object.hasOwn(definition.is ?? {}, name) ? { ...(own.properties![name] as JsonObject), const: definition.is![name]! } : own.properties![name]!]));
  const takesMore = definition.editableBy !== undefined;
  if (takesMore) properties[EXTRA_FIELDS] = { title: language === 'it' ? 'Altri dati' : 'Further data', ...addedFieldsSchema(overlay) };
  const required = [...new Set([...(own.required ?? []).filter(name => name !== EXTRA_FIELDS), ...(takesMore && overlay.fields.some(field => field.required) ? [EXTRA_FIELDS] : [])])];
  const fields = inOrder(overlay.fields), words = plugin.labels[language].fields;
  const labelOf = (name: string): string => labelIn(overlay.labels?.[name], language) ?? words[name] ?? titleOf(own.properties?.[name]) ?? name;
  return {
    process: plugin.process, form, label: plugin.labels[language].forms?.[form] ?? form, version: `${definition.version}+${version}`, by: definition.by, editableBy: definition.editableBy ?? null,
    schema: { ...own, properties, ...(required.length > 0 ? { required } : {}) },
    hints: Object.fromEntries([
      ...Object.entries(definition.hints).map(([name, { help, ...hint }]) => [name, { ...hint, ...(help ? { help: help[language] } : {}) }]),
      ...fields.map((field, i) => [`${EXTRA_FIELDS}.${field.name}`, hintOf(field, i, language)]),
    ]),
    labels: Object.fromEntries([...names.map(name => [name, labelOf(name)]), ...fields.map(({ name, labels }) => [`${EXTRA_FIELDS}.${name}`, labelIn(labels, language)])]),
    fields: overlay.fields,
  };
}

const titleOf = (schema: unknown): string | undefined => (schema as { title?: string } | undefined)?.title;

function hintOf({ schema, help, section, widget, order }: AddedField, place: number, language: Language) {
  const usual = schema.type === 'boolean' ? 'checkbox' : schema.type !== 'string' ? 'number' : schema.format ? 'date' : schema.enum ? 'choice' : (schema.maxLength ?? 0) > 200 ? 'textarea' : 'text';
  return { widget: widget ?? usual, order: order ?? place + 1, ...(section ? { section } : {}), ...(help ? { help: labelIn(help, language)! } : {}) } as const;
}
