/** Fields that an organisation adds to a form, as data, and how documents and pages print them. Pure. */

export interface AddedFieldSchema {
  type: 'string' | 'integer' | 'number' | 'boolean';
  title?: string;
  /** Choices of a text. */
  enum?: string[];
  format?: 'date';
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  multipleOf?: number;
}
/** Italian is what papers are printed in; without the English one it stands for both. */
export interface FieldLabels { it: string; en?: string }

export interface AddedField {
  name: string;
  schema: AddedFieldSchema;
  required: boolean;
  labels: FieldLabels;
  help?: FieldLabels;
  section?: string;
  widget?: 'text' | 'textarea' | 'date' | 'number' | 'choice' | 'checkbox';
  order?: number;
}

/** What an organisation made of a form: a version of the parameter `formParameter(process, form)`. */
export interface FormOverlay {
  fields: AddedField[];
  /** Other words for the form's own fields. */
  labels?: Record<string, FieldLabels>;
  /** Labels of fields that earlier versions had: cases that hold such a value still say what it is. */
  former?: Record<string, FieldLabels>;
}

/** What `step.parameter(formParameter(process, form), today, party)` gives where nobody added anything. */
export const NOTHING_ADDED: FormOverlay = Object.freeze({ fields: [] });

const YES_NO = { it: ['sì', 'no'], en: ['yes', 'no'] } as const;

/**
 * The added fields of a form as lines of a page or a document, in the order of the overlay; then those that it had once, and at last those
 * that nobody knows any more, by their names. Ask for the overlay without a date: the one in force today knows all labels since the first.
 */
export function extraFieldLines(overlay: FormOverlay | null, values: Record<string, unknown> | null | undefined, language: 'it' | 'en'): { label: string; value: string }[] {
  const given = Object.entries(values ?? {}).filter(([, value]) => value !== undefined && value !== null && value !== '');
  const fields = inOrder(overlay?.fields ?? []), former = overlay?.former ?? {};
  const labels = new Map<string, FieldLabels>([...fields.map(({ name, labels: words }): [string, FieldLabels] => [name, words]), ...Object.entries(former).filter(([name]) => !fields.some(field => field.name === name))]);
  const places = [...labels.keys()];
  const place = (name: string) => (labels.has(name) ? places.indexOf(name) : places.length);
  return given.sort(([a], [b]) => place(a) - place(b)).map(([name, value]) => ({ label: labelIn(labels.get(name), language) ?? name, value: valueText(value, language) }));
}

/** As they are shown: by their `order`, those without one after, otherwise as they were written. */
export function inOrder<F extends { order?: number }>(fields: F[]): F[] {
  return [...fields].sort((a, b) => (a.order ?? Infinity) === (b.order ?? Infinity) ? 0 : (a.order ?? Infinity) - (b.order ?? Infinity));
}

export function labelIn(labels: FieldLabels | undefined, language: 'it' | 'en'): string | undefined {
  return language === 'en' ? labels?.en ?? labels?.it : labels?.it;
}

function valueText(value: unknown, language: 'it' | 'en'): string {
  if (typeof value === 'boolean') return YES_NO[language][value ? 0 : 1];
  if (typeof value === 'number') return language === 'it' ? String(value).replace('.', ',') : String(value);
  if (typeof value !== 'string') return JSON.stringify(value);
  const date = /^(\d{4})-(\d{2})-(\d{2})$/.exec(value);
  return date ? `${date[3]}/${date[2]}/${date[1]}` : value;
}
