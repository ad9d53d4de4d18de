/** Which files are taken: the content decides, the name must not say otherwise, and somebody must be able to read it. */
import { fileTypeFromBuffer } from 'file-type';
import { Problem } from '../engine/problems.ts';
import { flawOf, type Flaw } from './fileReader.ts';
import type { Language } from './language.ts';

const ACCEPTED: Record<string, string[]> = {
  'application/pdf': ['pdf'],
  'image/jpeg': ['jpg', 'jpeg', 'jpe', 'jfif'],
  'image/png': ['png'],
};

const WORDS = {
  it: {
    kind: (found: string | null) => `Si accettano solo file PDF, JPEG e PNG; questo è ${found ?? 'di un altro tipo'}.`,
    renamed: (extension: string, found: string) => `Il file si chiama .${extension} ma il suo contenuto è ${found}.`,
    flaws: {
      'protected': 'Il PDF è protetto da una password: chi lo riceve non potrebbe aprirlo. Salvarlo senza password e allegarlo di nuovo.',
      'incomplete': 'Il file è incompleto: manca la fine. Salvarlo o scansionarlo di nuovo.',
      'damaged': 'Il file è danneggiato e non si può leggere. Salvarlo o scansionarlo di nuovo.',
      'no-pages': 'Il PDF non ha pagine.',
      'too-complex': 'Il file non si riesce ad aprire: è troppo complesso. Stamparlo o scansionarlo in un nuovo PDF.',
    },
  },
  en: {
    kind: (found: string | null) => `Only PDF, JPEG and PNG files are accepted; this one is ${found ?? 'none of them'}.`,
    renamed: (extension: string, found: string) => `The file is named .${extension} but its content is ${found}.`,
    flaws: {
      'protected': 'The PDF is protected by a password: whoever gets it could not open it. Save it without a password and attach it again.',
      'incomplete': 'The file is incomplete: its end is missing. Save or scan it again.',
      'damaged': 'The file is damaged and cannot be read. Save or scan it again.',
      'no-pages': 'The PDF has no pages.',
      'too-complex': 'The file cannot be opened: it is too complex. Print or scan it into a new PDF.',
    },
  },
} as const satisfies Record<Language, { kind: unknown; renamed: unknown; flaws: Record<Flaw, string> }>;

/**
 * The media type of the content. Throws Problem `unsupported-file` for any other content and for a file renamed to look like another,
 * `invalid` (with `why`) for one that nobody could read. A PDF with scripts is taken: it is only ever given back as a download, in a sandbox.
 */
export async function mediaTypeOf(content: Buffer, name: string, language: Language): Promise<string> {
  const words = WORDS[language];
  const found = await fileTypeFromBuffer(content).catch(() => undefined);
  const extensions = found && Object.hasOwn(ACCEPTED, found.mime) ? ACCEPTED[found.mime]! : undefined;
  if (!found || !extensions) throw new Problem('unsupported-file', words.kind(found?.mime ?? null));
  const extension = /\.([A-Za-z0-9]{1,8})$/.exec(name)?.[1]?.toLowerCase();
  if (extension !== undefined && !extensions.includes(extension)) throw new Problem('unsupported-file', words.renamed(extension, found.mime));
  const flaw = await flawOf(content, found.mime);
  if (flaw) throw new Problem('invalid', words.flaws[flaw], { why: flaw, errors: [{ pointer: '/file', message: words.flaws[flaw] }] });
  return found.mime;
}
