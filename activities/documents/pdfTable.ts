/** Tables over many pages: the head on each, rows whole wherever a page can hold them, totals with the rows that they add up. */
import type { DocumentTable } from '../../plugins/documentModel.ts';
import { DocumentError } from './documentError.ts';
import { INK, NOTHING, STYLES, type PageFlow } from './pdfPage.ts';
import type { Tag } from './pdfTags.ts';
import { breakLines, drawLine, naturalWidth, widestWord, type Align, type Line, type Style } from './pdfText.ts';

const PADDING = { x: 5, y: 3.5 };
/** Less is letters under each other. Nor does one long word take the page from the other columns. */
const NARROWEST = 24;
const WIDEST_WORD = 0.3;

interface Column { x: number; width: number; align: Align }
interface Row { cells: Line[][]; height: number }
type Kind = 'head' | 'body' | 'foot';

const STYLE_OF: Record<Kind, Style> = { head: STYLES.columnTitle, body: STYLES.cell, foot: STYLES.cellStrong };

/** Throws DocumentError for more columns than the page can hold, or more cells than columns. `piece`: its path in the model. */
export async function drawTable(flow: PageFlow, table: DocumentTable, piece: string): Promise<void> {
  const { document } = flow;
  if (table.columns.length === 0) {
    if (table.rows.length > 0) throw new DocumentError(`${piece}.columns`, 'rows without columns');
    return;
  }
  const rows = table.rows.length > 0 ? table.rows : [[]];
  const foot = table.foot ?? [];
  checkSize(table, flow.width, piece);
  const columns = layColumns(flow, table);
  const set = (cells: string[], kind: Kind): Row => {
    const lines = columns.map(({ width }, index) => breakLines(document, cells[index]?.trim() || (kind === 'foot' ? '' : NOTHING), STYLE_OF[kind], width - 2 * PADDING.x));
    return { cells: lines, height: Math.max(...lines.map((each) => each.length)) * STYLE_OF[kind].leading + 2 * PADDING.y };
  };
  const titles = set(table.columns.map(({ title }) => title), 'head');
  const caption = table.caption?.trim() ? breakLines(document, table.caption, STYLES.strong, flow.width) : [];

  flow.space(10);
  const tag = document.open('Table', document.root);
  const first = set(rows[0]!, 'body');
  flow.ensure(caption.length * STYLES.strong.leading + titles.height + Math.min(first.height, flow.heightOfPage / 3));
  if (caption.length > 0) {
    const captionTag = document.open('Caption', tag);
    flow.write(captionTag, caption, STYLES.strong);
    document.close(captionTag);
    flow.y += 4;
  }
  const repeatsTitles = titles.height < flow.heightOfPage / 3;
  drawRow(flow, columns, titles, 'head', tag, () => {});
  const nextPage = () => {
    flow.newPage();
    if (repeatsTitles) drawTitlesAgain(flow, columns, titles);
  };
  const last = rows.length - 1;
  const totals = foot.map((cells) => set(cells, 'foot'));
  // Totals, and signatures, do not stand alone on a page.
  const afterLast = totals.reduce((sum, { height }) => sum + height, 0) + flow.reserve;
  for (const [index, cells] of rows.entries()) {
    const row = index === 0 ? first : set(cells, 'body');
    const page = flow.page;
    const needed = row.height + (index === last && afterLast < flow.heightOfPage / 2 ? afterLast : 0);
    if (needed > flow.room && !flow.isAtTop && row.height <= heightUnderTitles(flow, titles, repeatsTitles)) nextPage();
    drawRow(flow, columns, row, 'body', tag, nextPage);
    // A register of thousands of rows leaves the process its turn.
    if (flow.page !== page) await new Promise<void>((resolve) => { setImmediate(resolve); });
  }
  for (const total of totals) {
    if (total.height > flow.room) nextPage();
    drawRow(flow, columns, total, 'foot', tag, nextPage);
  }
  document.close(tag);
  flow.space(4);
}

function checkSize({ columns, rows, foot = [] }: DocumentTable, width: number, piece: string): void {
  if (columns.length * NARROWEST > width) throw new DocumentError(`${piece}.columns`, `${columns.length} of them, of ${Math.floor(width / NARROWEST)} that the page can hold`);
  for (const [name, part] of Object.entries({ rows, foot })) {
    const at = part.findIndex((cells) => cells.length > columns.length);
    if (at >= 0) throw new DocumentError(`${piece}.${name}[${at}]`, `${part[at]!.length} cells for ${columns.length} columns`);
  }
}

const heightUnderTitles = (flow: PageFlow, titles: Row, repeated: boolean) => flow.heightOfPage - (repeated ? titles.height : 0);

/** By weight where the plugin gave any, else by what stands in the columns. */
function layColumns(flow: PageFlow, { columns, rows, foot = [] }: DocumentTable): Column[] {
  const { document, width: total } = flow;
  let widths: number[];
  if (columns.some(({ weight }) => weight !== undefined)) {
    widths = byWeight(columns.map(({ weight = 1 }) => (weight > 0 && Number.isFinite(weight) ? weight : 1)), total);
  } else {
    const measured = columns.map(({ title }, index) => {
      const texts: [string, Style][] = [[title, STYLES.columnTitle], ...rows.map((cells): [string, Style] => [cells[index] ?? '', STYLES.cell]), ...foot.map((cells): [string, Style] => [cells[index] ?? '', STYLES.cellStrong])];
      const widest = (measure: typeof naturalWidth) => texts.reduce((most, [text, style]) => Math.max(most, measure(document, text, style)), 0) + 2 * PADDING.x + 0.5;
      const least = Math.max(NARROWEST, Math.min(widest(widestWord), total * WIDEST_WORD));
      return { least, best: Math.max(least, Math.min(widest(naturalWidth), total)) };
    });
    widths = share(measured, total);
  }
  let x = flow.left;
  return widths.map((width, index) => {
    const column = { x, width, align: columns[index]!.align ?? 'left' };
    x += width;
    return column;
  });
}

function byWeight(weights: number[], total: number): number[] {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  const wide = weights.filter((weight) => (weight / sum) * total >= NARROWEST);
  const left = total - (weights.length - wide.length) * NARROWEST;
  const sumOfWide = wide.reduce((all, weight) => all + weight, 0);
  return weights.map((weight) => (wide.includes(weight) ? (weight / sumOfWide) * left : NARROWEST));
}

/** Narrow columns get what they need, so that only the long ones wrap: those share what is left. */
function share(columns: { least: number; best: number }[], total: number): number[] {
  const least = columns.reduce((sum, column) => sum + column.least, 0);
  const best = columns.reduce((sum, column) => sum + column.best, 0);
  if (best <= total) return columns.map((column) => column.best * (total / best));
  if (least >= total) return columns.map((column) => column.least * (total / least));
  const widths = columns.map((column) => column.least);
  let left = total - least;
  const growing = columns.map((column, index) => ({ index, wants: column.best - column.least })).sort((a, b) => a.wants - b.wants);
  growing.forEach(({ index, wants }, position) => {
    const share = Math.min(wants, left / (growing.length - position));
    widths[index]! += share;
    left -= share;
  });
  return widths;
}

/** One row; what does not fit on the page goes on under the titles of the next. */
function drawRow(flow: PageFlow, columns: Column[], row: Row, kind: Kind, table: Tag, nextPage: () => void): void {
  const { document } = flow;
  const style = STYLE_OF[kind];
  const lineCount = Math.max(...row.cells.map((lines) => lines.length));
  const tag = document.open('TR', table);
  const cells = columns.map(() => (kind === 'head' ? document.open('TH', tag, { scope: 'Column' }) : document.open('TD', tag)));
  for (let at = 0; at < lineCount;) {
    const fit = Math.min(lineCount - at, Math.max(flow.isAtTop ? 1 : 0, Math.floor((flow.room - 2 * PADDING.y) / style.leading)));
    // Titles that fill a page leave no room under them: one line a page still ends.
    if (fit < 1 && at === 0 && kind === 'head') { flow.newPage(); continue; }
    if (fit < 1) { nextPage(); if (flow.room < style.leading + 2 * PADDING.y) flow.newPage(); continue; }
    const height = fit * style.leading + 2 * PADDING.y;
    drawGround(flow, kind, height);
    columns.forEach((column, index) => {
      const lines = row.cells[index]!.slice(at, at + fit);
      if (lines.length === 0) return;
      document.within(cells[index]!, () => drawCell(flow, column, lines, style));
    });
    flow.y += height;
    flow.rule(flow.y, kind === 'head' ? { color: INK.heading, thickness: 0.9 } : {});
    at += fit;
    if (at < lineCount && kind === 'head') flow.newPage();
    else if (at < lineCount) nextPage();
  }
  cells.forEach((cell) => document.close(cell));
  document.close(tag);
}

function drawCell(flow: PageFlow, column: Column, lines: Line[], style: Style): void {
  lines.forEach((line, index) => drawLine(flow.document, line, style, {
    x: column.x + PADDING.x, y: flow.y + PADDING.y + index * style.leading, width: column.width - 2 * PADDING.x, align: column.align,
  }));
}

/** Once is enough for whoever hears the table. */
function drawTitlesAgain(flow: PageFlow, columns: Column[], titles: Row): void {
  drawGround(flow, 'head', titles.height);
  flow.document.artifact(() => columns.forEach((column, index) => drawCell(flow, column, titles.cells[index]!, STYLE_OF.head)), 'Pagination');
  flow.y += titles.height;
  flow.rule(flow.y, { color: INK.heading, thickness: 0.9 });
}

function drawGround(flow: PageFlow, kind: Kind, height: number): void {
  if (kind === 'foot') flow.rule(flow.y, { color: INK.heading, thickness: 0.9 });
  if (kind === 'head') flow.document.artifact(() => flow.document.rect(flow.left, flow.y, flow.width, height).fill(INK.ground));
}
