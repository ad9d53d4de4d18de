/** HTML in which whatever is put into it is text: a subject is written by somebody else. */

export interface Html { readonly html: string }
type Part = Html | Html[] | string | number | null;

/** `html\`<p>${text}</p>\`` */
export function html(texts: TemplateStringsArray, ...parts: Part[]): Html {
  return { html: texts.reduce((whole, text, i) => whole + text + (i < parts.length ? rendered(parts[i]!) : ''), '') };
}

function rendered(part: Part): string {
  if (part === null) return '';
  if (Array.isArray(part)) return part.map(({ html: each }) => each).join('');
  return typeof part === 'object' ? part.html : escaped(String(part));
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
/** Also what turns the direction of a line around, or hides in it. */
const escaped = (text: string): string => text.toWellFormed().replace(/[&<>"']/g, character => ENTITIES[character]!).replace(/[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '\ufffd');
