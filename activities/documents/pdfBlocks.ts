/** The body: headings, paragraphs, the filled lines of a form, lists, notes; tables are in pdfTable.ts. */
import type { DocumentBlock } from '../../plugins/documentModel.ts';
import { INK, NOTHING, STYLES, type PageFlow } from './pdfPage.ts';
import { drawTable } from './pdfTable.ts';
import { breakLines, naturalWidth } from './pdfText.ts';

/** The labels of a form take what they need, up to this share. */
const MOST_OF_LABELS = 0.42;
const FIELD = { gap: 14, padding: 4 };
const INDENT = 20;

/** `piece`: its path in the model, for errors. */
export async function drawBlock(flow: PageFlow, block: DocumentBlock, piece: string): Promise<void> {
  if ('heading' in block) return drawHeading(flow, block.heading, block.level ?? 1);
  if ('paragraph' in block) {
    if (!block.paragraph.trim()) return;
    flow.space(7);
    return flow.paragraph('P', block.paragraph, STYLES.text, { isLast: true });
  }
  if ('fields' in block) return drawFields(flow, block.fields);
  if ('list' in block) return drawList(flow, block.list, block.ordered ?? false);
  if ('table' in block) return drawTable(flow, block.table, `${piece}.table`);
  return drawNote(flow, block.note);
}

/** The title of the document is the one H1. */
function drawHeading(flow: PageFlow, text: string, level: 1 | 2): void {
  if (!text.trim()) return;
  const style = level === 1 ? STYLES.heading : STYLES.subheading;
  flow.space(level === 1 ? 16 : 11);
  // Never without the beginning of what it heads.
  flow.ensure(style.leading + Math.max(3 * STYLES.text.leading, flow.reserve));
  flow.paragraph(level === 1 ? 'H2' : 'H3', text, style);
}

/** A table to whoever hears it: the label heads its row. */
function drawFields(flow: PageFlow, fields: { label: string; value: string }[]): void {
  if (fields.length === 0) return;
  const { document } = flow;
  const labelWidth = Math.min(flow.width * MOST_OF_LABELS, Math.max(...fields.map(({ label }) => naturalWidth(document, label, STYLES.quiet))) + 1);
  const valueBox = { x: flow.left + labelWidth + FIELD.gap, width: flow.width - labelWidth - FIELD.gap };
  flow.space(7);
  const table = document.open('Table', document.root);
  for (const [index, { label, value }] of fields.entries()) {
    const labelLines = breakLines(document, label || NOTHING, STYLES.quiet, labelWidth);
    const valueLines = breakLines(document, value.trim() || NOTHING, STYLES.text, valueBox.width);
    // Label and value stand on one line of writing, though of two sizes.
    const lowered = (STYLES.text.leading - STYLES.quiet.leading) / 2 + 0.4;
    const height = Math.max(labelLines.length * STYLES.quiet.leading + lowered, valueLines.length * STYLES.text.leading) + 2 * FIELD.padding;
    flow.ensure(Math.min(height, flow.heightOfPage / 3) + (index === fields.length - 1 ? flow.reserve : 0));
    const row = document.open('TR', table);
    const [top, page] = [flow.y + FIELD.padding, flow.page];
    flow.y = top + lowered;
    const head = document.open('TH', row, { scope: 'Row' });
    flow.write(head, labelLines, STYLES.quiet, { width: labelWidth });
    document.close(head);
    const foot = flow.y;
    const labelPage = flow.page;
    if (flow.page === page) flow.y = top;
    const data = document.open('TD', row);
    flow.write(data, valueLines, STYLES.text, valueBox);
    document.close(data);
    document.close(row);
    if (flow.page === labelPage) flow.y = Math.max(flow.y, foot);
    flow.y += FIELD.padding;
    flow.rule(flow.y);
  }
  document.close(table);
}

function drawList(flow: PageFlow, items: string[], ordered: boolean): void {
  if (items.length === 0) return;
  const { document } = flow;
  flow.space(7);
  const list = document.open('L', document.root, { listNumbering: ordered ? 'Decimal' : 'Disc' });
  const labelWidth = Math.max(INDENT - 6, naturalWidth(document, `${items.length}.`, STYLES.text));
  const x = flow.left + labelWidth + 6;
  items.forEach((text, index) => {
    if (index > 0) flow.space(3);
    const lines = breakLines(document, text.trim() || NOTHING, STYLES.text, flow.left + flow.width - x);
    const isLast = index === items.length - 1;
    flow.ensure((lines.length <= 3 ? lines.length : 2) * STYLES.text.leading + (isLast && lines.length <= 3 ? flow.reserve : 0));
    const item = document.open('LI', list);
    const label = document.open('Lbl', item);
    const top = flow.y;
    flow.write(label, breakLines(document, ordered ? `${index + 1}.` : '•', STYLES.text, labelWidth), STYLES.text, { width: labelWidth, align: 'right' });
    document.close(label);
    flow.y = top;
    const body = document.open('LBody', item);
    flow.write(body, lines, STYLES.text, { x, width: flow.left + flow.width - x, isLast });
    document.close(body);
    document.close(item);
  });
  document.close(list);
}

/** On a ground of its own, with a bar at its side. */
function drawNote(flow: PageFlow, text: string): void {
  if (!text.trim()) return;
  const { document } = flow;
  flow.space(13);
  flow.ensure(3 * STYLES.note.leading);
  const ground = (top: number, height: number) => {
    document.rect(flow.left, top - 5, flow.width, height + 10).fill(INK.ground);
    document.rect(flow.left, top - 5, 2.5, height + 10).fill(INK.accent);
  };
  flow.paragraph('P', text, STYLES.note, { x: flow.left + 14, width: flow.width - 26, ground, isLast: true });
  flow.space(6);
}
