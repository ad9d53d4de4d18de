/** Looks for bytes in every file below a folder, as somebody who holds the disk would: whatever the files mean. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A text as it may stand in a file: UTF-8, UTF-16, hexadecimal, and base64 in its three alignments. */
export function formsOf(text: string | Buffer): Buffer[] {
  const bytes = Buffer.from(text);
  const base64 = [0, 1, 2].map(shift => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64');
    // The characters at the ends depend on the neighbours.
    return encoded.slice(shift === 0 ? 0 : 4, encoded.length - 4);
  });
  const wide = typeof text === 'string' ? [Buffer.from(text, 'utf16le'), Buffer.from(text, 'utf16le').swap16()] : [];
  return [bytes, ...wide, Buffer.from(bytes.toString('hex')), Buffer.from(bytes.toString('hex').toUpperCase()), ...base64.map(encoded => Buffer.from(encoded))];
}

/** Names of the files that hold one of the forms. A file that goes away while it is looked for holds nothing. */
export function filesHolding(folder: string, forms: Buffer[]): string[] {
  const found: string[] = [];
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    let content: Buffer;
    try {
      content = readFileSync(file);
    } catch {
      continue;
    }
    if (forms.some(form => content.includes(form))) found.push(file.slice(folder.length + 1));
  }
  return found.sort();
}
