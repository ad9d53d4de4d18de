/** A document model becomes a PDF, the same one every time: what was decided is frozen, and its print can be made again and compared. */
import type { DocumentModel, PrintedProtocol } from '../../plugins/documentModel.ts';
import { DOCUMENT_WORDS } from './documentWords.ts';
import { drawBlock } from './pdfBlocks.ts';
import { printable } from './pdfFonts.ts';
import { drawAddress, drawLetterhead } from './pdfLetter.ts';
import { drawPageEdges, PageFlow, STYLES } from './pdfPage.ts';
import { drawSignatures, laySignatures } from './pdfSignatures.ts';
import { bytesOf, TaggedDocument } from './pdfTags.ts';

export interface PdfOptions {
  /** Printed when the document is registered. */
  protocol?: PrintedProtocol | null;
  /** When the document was asked for, never the clock: it is in the bytes. */
  createdAt: Date;
  /** Of the file's properties: the organisation. */
  author: string;
}

/**
 * PDF/A-2a and PDF/UA-1, A4, fonts embedded. The same model and options give the same bytes (with the same release of Node.js, whose
 * zlib packs them). Throws DocumentError, whose `piece` says what cannot be printed.
 */
export async function renderPdf(model: DocumentModel, { protocol = null, createdAt, author }: PdfOptions): Promise<Buffer> {
  const words = DOCUMENT_WORDS[model.language];
  const property = (text: string) => printable(text.slice(0, 1_000)).replaceAll('\n', ' ').trim();
  const title = property(model.title) || property(author) || '—';
  const document = new TaggedDocument({
    title, author: property(author), subject: property(model.subject ?? ''), language: words.language, createdAt, landscape: model.landscape ?? false,
  });
  const flow = new PageFlow(document);
  if (model.letterhead) drawLetterhead(flow, model.letterhead);
  drawAddress(flow, model, protocol, words);
  flow.paragraph('H1', model.title.trim() || title, STYLES.title);
  if (model.subject?.trim()) {
    flow.space(6);
    flow.paragraph('P', `${words.subject} ${model.subject}`, STYLES.strong);
  }
  flow.space(6);
  const signatures = laySignatures(flow, model);
  for (const [index, block] of model.blocks.entries()) {
    if (index === model.blocks.length - 1 && signatures.height < flow.heightOfPage / 2) flow.reserve = signatures.height;
    await drawBlock(flow, block, `blocks[${index}]`);
  }
  drawSignatures(flow, signatures);
  drawPageEdges(flow, {
    head: [model.letterhead?.organisation ?? model.title, protocol ? words.protocol(protocol) : ''], footer: model.footer ?? '', pageOf: words.pageOf,
  });
  document.close(document.root);
  return bytesOf(document);
}
