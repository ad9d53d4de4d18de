/**
 * The process in which uploaded files are opened: somebody else's bytes meet parsers, so it may be ended at any moment and holds no
 * secret (fileReader.ts). A message is `{ id, mediaType, content }`, its answer `{ id, flaw }`.
 */
import { imageSize } from 'image-size';
import { getResolvedPDFJS } from 'unpdf';
import type { Flaw } from './fileReader.ts';

/** Room for what programs put behind the end; the norm asks for the mark in the last 1024 bytes (ISO 32000-1, annex H). */
const TAIL_BYTES = 2_048;
const MOST_PAGES_OPENED = 200;

const FLAWS: Record<string, (content: Uint8Array) => Promise<Flaw | null> | Flaw | null> = { 'application/pdf': flawOfPdf, 'image/png': flawOfImage, 'image/jpeg': flawOfImage };

async function flawOfPdf(content: Uint8Array): Promise<Flaw | null> {
  // A file that was cut off may still be mended by a reader, without what was lost.
  if (!tailOf(content).includes('%%EOF')) return 'incomplete';
  const { getDocument } = await getResolvedPDFJS();
  // Nothing of the file is run, fetched or drawn: scripts and links stay data, as they do where the file is kept.
  const loading = getDocument({ data: content, isEvalSupported: false, useSystemFonts: false, disableFontFace: true, stopAtErrors: true, enableXfa: false, verbosity: 0 });
  try {
    const document = await loading.promise;
    if (document.numPages === 0) return 'no-pages';
    for (let page = 1; page <= Math.min(document.numPages, MOST_PAGES_OPENED); page += 1) await document.getPage(page);
    return null;
  } catch (error) {
    return (error as Error).name === 'PasswordException' ? 'protected' : 'damaged';
  } finally {
    await loading.destroy().catch(() => {});
  }
}

const PNG_END = Buffer.from('0000000049454e44ae426082', 'hex'), JPEG_END = Buffer.from('ffd9', 'hex');

function flawOfImage(content: Uint8Array): Flaw | null {
  try {
    const { width, height, type } = imageSize(content);
    if (!width || !height) return 'damaged';
    return Buffer.from(content.buffer, content.byteOffset, content.byteLength).includes(type === 'png' ? PNG_END : JPEG_END, Math.max(0, content.length - 65_536)) ? null : 'incomplete';
  } catch {
    return 'damaged';
  }
}

/** The end of a file as text, without the padding of mail programs and scanners. */
function tailOf(content: Uint8Array): string {
  let end = content.length;
  while (end > 0 && (content[end - 1] === 0 || content[end - 1]! <= 0x20)) end -= 1;
  return Buffer.from(content.subarray(Math.max(0, end - TAIL_BYTES), end)).toString('latin1');
}

process.on('message', async ({ id, mediaType, content: bytes }: { id: number; mediaType: string; content: Buffer }) => {
  // pdf.js takes no Buffer.
  const content = new Uint8Array(bytes);
  process.send!({ id, flaw: (await FLAWS[mediaType]?.(content)) ?? null });
});
process.on('disconnect', () => process.exit());
// Whoever dies before this line died of our fault, not of a file's.
process.send!({ ready: true });
