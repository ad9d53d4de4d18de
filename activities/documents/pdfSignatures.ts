/** Place, date and who signs: side by side, and never alone on a page, where they would sign nothing. */
import type { DocumentModel } from '../../plugins/documentModel.ts';
import { INK, NOTHING, STYLES, type PageFlow } from './pdfPage.ts';
import { breakLines, type Line, type Style } from './pdfText.ts';

const GAP = { columns: 24, before: 22, rows: 18, note: 3, placeAndDate: 16 };
/** To write on. */
const LINE_HEIGHT = 30;
const NOTE: Style = { ...STYLES.quiet, face: 'italic' };

interface Signature { role: Line[]; name: Line[]; note: Line[] }
export interface Signatures {
  placeAndDate: string;
  columns: number;
  width: number;
  rows: { signatures: Signature[]; height: number }[];
  /** With the first row, and the white before it; 0 without anything to sign. */
  height: number;
}

export function laySignatures(flow: PageFlow, { placeAndDate = '', signatures = [], landscape }: DocumentModel): Signatures {
  const columns = Math.max(2, Math.min(landscape ? 4 : 3, signatures.length));
  const width = (flow.width - GAP.columns * (columns - 1)) / columns;
  const set = (text: string | undefined, style: Style) => (text?.trim() ? breakLines(flow.document, text, style, width) : []);
  const rows = Array.from({ length: Math.ceil(signatures.length / columns) }, (_, row) => {
    const each = signatures.slice(row * columns, (row + 1) * columns)
      .map(({ role, name, note }): Signature => ({ role: set(role.trim() || NOTHING, STYLES.quiet), name: set(name, STYLES.strong), note: set(note, NOTE) }));
    return { signatures: each, height: Math.max(...each.map(heightOf)) };
  });
  const height = (placeAndDate ? STYLES.text.leading + GAP.placeAndDate : 0) + (rows[0]?.height ?? 0);
  return { placeAndDate, columns, width, rows, height: height && height + GAP.before };
}

function heightOf({ role, name, note }: Signature): number {
  return role.length * STYLES.quiet.leading + name.length * STYLES.strong.leading + (note.length > 0 ? GAP.note + note.length * NOTE.leading : LINE_HEIGHT);
}

export function drawSignatures(flow: PageFlow, { placeAndDate, columns, width, rows, height }: Signatures): void {
  if (height === 0) return;
  flow.ensure(height);
  flow.space(GAP.before);
  if (placeAndDate) {
    flow.paragraph('P', placeAndDate, STYLES.text);
    flow.space(GAP.placeAndDate);
  }
  for (const row of rows) {
    flow.ensure(row.height);
    const [top, page] = [flow.y, flow.page];
    row.signatures.forEach((signature, index) => {
      if (flow.page === page) flow.y = top;
      // Who signs alone signs on the right.
      const column = rows.length === 1 && row.signatures.length === 1 ? columns - 1 : index;
      drawSignature(flow, signature, { x: flow.left + column * (width + GAP.columns), width });
    });
    if (flow.page === page) flow.y = top + row.height;
    flow.space(GAP.rows);
  }
}

function drawSignature(flow: PageFlow, { role, name, note }: Signature, { x, width }: { x: number; width: number }): void {
  const { document } = flow;
  const tag = document.open('Div', document.root);
  const write = (lines: Line[], style: Style) => {
    if (lines.length === 0) return;
    const part = document.open('P', tag);
    flow.write(part, lines, style, { x, width, align: 'center' });
    document.close(part);
  };
  write(role, STYLES.quiet);
  write(name, STYLES.strong);
  if (note.length > 0) {
    flow.y += GAP.note;
    write(note, NOTE);
  } else flow.rule(flow.y + LINE_HEIGHT - 4, { x: x + 8, width: width - 16, color: INK.quiet });
  document.close(tag);
}
