/** The head of a letter: whose it is, its registration, who it is for. */
import type { DocumentModel, PrintedProtocol } from '../../plugins/documentModel.ts';
import { DocumentError } from './documentError.ts';
import type { DocumentWords } from './documentWords.ts';
import { readLogo } from './pdfLogo.ts';
import { INK, NOTHING, STYLES, type PageFlow } from './pdfPage.ts';
import type { Style } from './pdfText.ts';

const LOGO = { width: 110, height: 50, gap: 14 };
const ORGANISATION: Style = { face: 'bold', size: 14, leading: 18, color: INK.heading };
/** The column of the addressees begins where the window of an envelope does. */
const RECIPIENTS_FROM = 0.54;

/** Throws DocumentError when the logo is no picture. */
export function drawLetterhead(flow: PageFlow, { organisation, lines, logo }: NonNullable<DocumentModel['letterhead']>): void {
  const { document } = flow;
  const top = flow.y;
  const page = flow.page;
  let x = flow.left;
  let foot = top;
  if (logo) {
    const picture = openPicture(flow, logo);
    const scale = Math.min(LOGO.width / picture.width, LOGO.height / picture.height);
    const [width, height] = [picture.width * scale, picture.height * scale];
    const tag = document.open('Figure', document.root, { alt: `Logo: ${organisation}`, bbox: [x, top, x + width, top + height] });
    document.within(tag, () => document.image(picture as never, x, top, { width, height, ignoreOrientation: true } as PDFKit.Mixins.ImageOption));
    document.close(tag);
    x += width + LOGO.gap;
    foot = top + height;
  }
  const width = flow.left + flow.width - x;
  flow.y = top - 3;
  flow.paragraph('P', organisation, ORGANISATION, { x, width });
  for (const line of lines) flow.paragraph('P', line, STYLES.quiet, { x, width });
  // A letterhead of pages and pages is an error of the model, but not one to hide text for.
  flow.y = (flow.page === page ? Math.max(flow.y, foot) : flow.y) + 7;
  flow.rule(flow.y, { color: INK.accent, thickness: 1.2 });
  flow.y += 18;
}

interface Picture { width: number; height: number; colorSpace?: string }

function openPicture(flow: PageFlow, logo: string): Picture {
  const bytes = readLogo(logo);
  let picture: Picture;
  try {
    // Part of the library's interface that its types leave out.
    picture = (flow.document as unknown as { openImage(bytes: Buffer): Picture }).openImage(bytes);
  } catch (error) {
    throw new DocumentError('letterhead.logo', 'not a sound JPEG', { cause: error });
  }
  if (!(picture.width > 0 && picture.height > 0)) throw new DocumentError('letterhead.logo', 'a picture without a size');
  // The archive's format takes one colour space; inks are for printers.
  if (bytes[0] === 0xff && !['DeviceGray', 'DeviceRGB'].includes(picture.colorSpace ?? '')) throw new DocumentError('letterhead.logo', 'a JPEG that is neither gray nor RGB');
  return picture;
}

/** The registration on the left and the addressees on the right begin at the same height. */
export function drawAddress(flow: PageFlow, model: DocumentModel, protocol: PrintedProtocol | null, words: DocumentWords): void {
  const recipients = (model.recipients ?? []).filter((lines) => lines.length > 0);
  if (!protocol && recipients.length === 0) return;
  const top = flow.y;
  const page = flow.page;
  if (protocol) {
    const width = flow.width * RECIPIENTS_FROM - 16;
    flow.paragraph('P', words.protocol(protocol), STYLES.strong, { width });
    const registeredBy = protocol.organisation === model.letterhead?.organisation ? '' : protocol.organisation;
    flow.paragraph('P', [words.direction[protocol.direction], registeredBy].filter(Boolean).join(' · '), STYLES.quiet, { width });
  }
  const foot = flow.y;
  if (flow.page === page) flow.y = top;
  const x = flow.left + flow.width * RECIPIENTS_FROM;
  recipients.forEach((lines, index) => {
    if (index > 0) flow.space(7);
    lines.forEach((line) => flow.paragraph('P', line || NOTHING, STYLES.text, { x, width: flow.width * (1 - RECIPIENTS_FROM) }));
  });
  if (flow.page === page) flow.y = Math.max(flow.y, foot);
  flow.space(22);
}
