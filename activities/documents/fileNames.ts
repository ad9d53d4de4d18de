/** Names of files that leave with a letter: what a person uploaded them as, without what could harm or mislead whoever saves them. */
import { visibleText } from './visibleText.ts';

const LONGEST = 120;
const EXTENSIONS: Record<string, string[]> = { 'application/pdf': ['.pdf'], 'image/jpeg': ['.jpg', '.jpeg'], 'image/png': ['.png'] };
/** Names that Windows takes for devices. */
const RESERVED = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/** One visible line without path and reserved characters, that ends as its content does. Never empty. */
export function safeFileName(name: string, mediaType: string): string {
  const endings = EXTENSIONS[mediaType] ?? [];
  const plain = visibleText(name.replace(/[\\/:*?"<>|\p{Cc}]/gu, '-')).replace(/^[.\s]+|[.\s]+$/g, '');
  const ending = endings.find(each => plain.toLowerCase().endsWith(each)) ?? endings[0] ?? '';
  const stem = ending !== '' && plain.toLowerCase().endsWith(ending) ? plain.slice(0, -ending.length) : plain;
  // By characters, not by halves of them; what ended inside may end in a blank now.
  const short = [...stem].slice(0, LONGEST).join('').replace(/[.\s]+$/, '') || 'documento';
  return `${RESERVED.test(short) ? `_${short}` : short}${ending}`;
}

/** The same names, those that come again counted: `certificato (2).pdf`. Letters of both cases count as one, as in most file systems. */
export function distinctNames(names: string[], taken: string[] = []): string[] {
  const used = new Set(taken.map(name => name.toLowerCase()));
  return names.map(name => {
    const dot = name.lastIndexOf('.');
    const [stem, ending] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
    let distinct = name;
    for (let count = 2; used.has(distinct.toLowerCase()); count += 1) distinct = `${stem} (${count})${ending}`;
    used.add(distinct.toLowerCase());
    return distinct;
  });
}
