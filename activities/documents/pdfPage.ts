/** The page: its measures and colours, where the next piece goes, and what stands at the head and foot of every page. Points. */
import { DocumentError } from './documentError.ts';
import { breakLines, drawLine, type Align, type Line, type Style } from './pdfText.ts';
import type { Tag, TaggedDocument } from './pdfTags.ts';

export const INK = { text: '#1c1c1c', heading: '#17324d', quiet: '#455a64', rule: '#c5cfd8', accent: '#0059b3', ground: '#eef2f6' };
export const STYLES = {
  title: { face: 'bold', size: 17, leading: 22, color: INK.heading },
  heading: { face: 'bold', size: 13, leading: 18, color: INK.heading },
  subheading: { face: 'bold', size: 11, leading: 15.5, color: INK.heading },
  text: { face: 'regular', size: 10.5, leading: 15, color: INK.text },
  strong: { face: 'bold', size: 10.5, leading: 15, color: INK.text },
  note: { face: 'italic', size: 10, leading: 14, color: INK.quiet },
  quiet: { face: 'regular', size: 9, leading: 12.5, color: INK.quiet },
  cell: { face: 'regular', size: 9, leading: 12, color: INK.text },
  cellStrong: { face: 'bold', size: 9, leading: 12, color: INK.text },
  columnTitle: { face: 'bold', size: 9, leading: 12, color: INK.heading },
  foot: { face: 'regular', size: 8, leading: 10.5, color: INK.quiet },
} satisfies Record<string, Style>;

const MARGIN = { side: 62, sideOfLandscape: 48, top: 44, bottom: 62 };
/** Under the running head. */
const TOP_OF_FURTHER_PAGES = 66;
const RUNNING_HEAD = 38;
const LINES_OF_FOOTER = 2;
/** Beyond it nobody reads on paper: a list of that size is an export. */
const MOST_PAGES = 1_000;
/** Printed where nothing was given. */
export const NOTHING = '—';

interface TextBox { x?: number; width?: number; align?: Align; /** Drawn under each page's part. */ ground?: (top: number, height: number) => void; /** The last that its block writes. */ isLast?: boolean }

export class PageFlow {
  readonly document: TaggedDocument;
  /** The top of what comes next. */
  y = MARGIN.top;
  readonly left: number;
  readonly width: number;
  readonly bottom: number;
  /** What must follow the piece that is being written on the same page: the signatures after the last block. */
  reserve = 0;
  #pages = 0;

  constructor(document: TaggedDocument) {
    this.document = document;
    this.newPage();
    this.left = document.page.width > document.page.height ? MARGIN.sideOfLandscape : MARGIN.side;
    this.width = document.page.width - 2 * this.left;
    this.bottom = document.page.height - MARGIN.bottom;
  }

  newPage(): void {
    if (this.#pages === MOST_PAGES) throw new DocumentError('blocks', `more than ${MOST_PAGES} pages`);
    this.document.addPage();
    this.#pages += 1;
    this.y = this.#pages === 1 ? MARGIN.top : TOP_OF_FURTHER_PAGES;
  }
  get page(): number { return this.#pages; }
  get room(): number { return this.bottom - this.y; }
  get isAtTop(): boolean { return this.y <= (this.#pages === 1 ? MARGIN.top : TOP_OF_FURTHER_PAGES); }
  /** Of a page that has nothing on it yet. */
  get heightOfPage(): number { return this.bottom - TOP_OF_FURTHER_PAGES; }
  /** A piece of this height begins on this page or on the next. */
  ensure(height: number): void {
    if (height > this.room && !this.isAtTop) this.newPage();
  }
  /** White space, which no page begins with. */
  space(height: number): void {
    if (!this.isAtTop) this.y += height;
  }

  /** Lines of one element over as many pages as they take; no single line is left behind or sent ahead. */
  write(tag: Tag, lines: Line[], style: Style, { x = this.left, width = this.width, align, ground, isLast = false }: TextBox = {}): void {
    for (let at = 0; at < lines.length;) {
      const left = lines.length - at;
      let fit = Math.min(left, Math.floor(this.room / style.leading));
      if (left - fit === 1) fit -= 1;
      else if (isLast && fit === left && fit * style.leading + this.reserve > this.room) fit -= 2;
      if (!this.isAtTop && fit < Math.min(left, 2)) { this.newPage(); continue; }
      fit = Math.max(fit, 1);
      if (ground) this.document.artifact(() => ground(this.y, fit * style.leading));
      this.document.within(tag, () => {
        for (const line of lines.slice(at, at + fit)) {
          drawLine(this.document, line, style, { x, y: this.y, width, align });
          this.y += style.leading;
        }
      });
      at += fit;
      if (at < lines.length) this.newPage();
    }
  }
  /** An element of its own with the text. */
  paragraph(type: string, text: string, style: Style, { parent, ...box }: TextBox & { parent?: Tag } = {}): void {
    const tag = this.document.open(type, parent ?? this.document.root);
    this.write(tag, breakLines(this.document, text, style, box.width ?? this.width), style, box);
    this.document.close(tag);
  }

  rule(y: number, { x = this.left, width = this.width, color = INK.rule, thickness = 0.6 } = {}): void {
    this.document.artifact(() => this.document.moveTo(x, y).lineTo(x + width, y).lineWidth(thickness).strokeColor(color).stroke());
  }
}

/** When all pages are there: `pagina n di m` on each, and from the second on whose document it is. */
export function drawPageEdges(flow: PageFlow, { head, footer, pageOf }: { head: [string, string]; footer: string; pageOf: (page: number, pages: number) => string }): void {
  const { document, left, width } = flow;
  const style = STYLES.foot;
  const pages = flow.page;
  const numberWidth = 90;
  const footerLines = footer ? breakLines(document, footer, style, width - numberWidth).slice(0, LINES_OF_FOOTER) : [];
  const headLines = head.map((text) => (text ? breakLines(document, text, style, width / 2 - 8)[0] : undefined));
  for (let page = 0; page < pages; page++) {
    document.switchToPage(page);
    document.artifact(() => {
      if (page > 0 && headLines.some(Boolean)) {
        headLines.forEach((line, index) => line && drawLine(document, line, style, { x: left, y: RUNNING_HEAD, width, align: index === 0 ? 'left' : 'right' }));
        document.moveTo(left, RUNNING_HEAD + 14).lineTo(left + width, RUNNING_HEAD + 14).lineWidth(0.6).strokeColor(INK.rule).stroke();
      }
      const y = flow.bottom + 20;
      document.moveTo(left, y - 5).lineTo(left + width, y - 5).lineWidth(0.6).strokeColor(INK.rule).stroke();
      footerLines.forEach((line, index) => drawLine(document, line, style, { x: left, y: y + index * style.leading, width }));
      drawLine(document, breakLines(document, pageOf(page + 1, pages), style, numberWidth)[0]!, style, { x: left + width - numberWidth, y, width: numberWidth, align: 'right' });
    }, 'Pagination');
  }
}
