/** The text of a file that some program wrote on some machine. */
import { TableFileError } from './tableErrors.ts';

/** How workbooks and other files that are no text begin. */
const WORKBOOKS = ['PK\x03\x04', '\xd0\xcf\x11\xe0'], OTHERS = ['%PDF', '\x1f\x8b', '\x89PNG', 'GIF8', '\xff\xd8\xff', 'Rar!', '7z\xbc\xaf'];

/** With a byte order mark what it says; valid UTF-8 is UTF-8; anything else is Windows' Latin. Throws TableFileError. */
export function decodeText(bytes: Buffer): string {
  const begin = bytes.subarray(0, 8).toString('latin1');
  if (WORKBOOKS.some(magic => begin.startsWith(magic))) throw new TableFileError({ code: 'workbook' });
  if (OTHERS.some(magic => begin.startsWith(magic))) throw new TableFileError({ code: 'notText' });
  const text = decoded(bytes, begin);
  if (text.includes('\0')) throw new TableFileError({ code: 'notText' });
  return text;
}

function decoded(bytes: Buffer, begin: string): string {
  // "Unicode text" of spreadsheets.
  if (begin.startsWith('\xff\xfe')) return new TextDecoder('utf-16le').decode(bytes);
  if (begin.startsWith('\xfe\xff')) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
