/** Text into lines of a width: where a line may end (Unicode's rules), which font prints which word, and how it is drawn. */
import LineBreaker from 'linebreak';
import { chooseFont, printable, sizeIn, type Face, type FontRun } from './pdfFonts.ts';
import type { TaggedDocument } from './pdfTags.ts';

/** Sizes in points. `leading`: from one line's foot to the next. */
export interface Style { face: Face; size: number; leading: number; color: string }
/** `width` without the blank at its end. */
export interface Line { runs: FontRun[]; width: number }
export type Align = 'left' | 'right' | 'center';

/** Where the letters stand in the height of their line. */
const BASELINE = 0.74;
/** Words that are written from right to left stand in their own order among others that are not: no more of Unicode's rules for both than that. */
const LETTER = '[\\p{Script=Arabic}\\p{Script=Hebrew}]';
const RIGHT_TO_LEFT = new RegExp(`(${LETTER}(?:[\\p{Script=Arabic}\\p{Script=Hebrew}\\p{M}\\s]*${LETTER})?\\p{M}*)`, 'u');
/** `n. 42`, `art. 13`, `€ 5,00`: the number is never alone on the next line. */
const CLINGS = /(?:(?:^|[\s(])(?:n|nn|art|artt|c|lett|pag|pagg)\.|€)\s$/iu;
const graphemes = new Intl.Segmenter('it', { granularity: 'grapheme' });

/** At least one line; a word that is wider than `width` is broken, one character a line at worst. */
export function breakLines(document: TaggedDocument, text: string, style: Style, width: number): Line[] {
  const lines: Line[] = [];
  let line: Line = { runs: [], width: 0 };
  /** The line's width with the blank that the next word would follow. */
  let pen = 0;
  const endLine = () => { lines.push(line); line = { runs: [], width: 0 }; pen = 0; };
  const append = (piece: string) => {
    const run = chooseFont(piece, style.face);
    const visible = piece.trimEnd();
    line.width = pen + (visible === piece ? 0 : widthOf(document, chooseFont(visible, style.face), style.size));
    pen += widthOf(document, run, style.size);
    if (visible === piece) line.width = pen;
    const last = line.runs.at(-1);
    if (last && last.font === run.font && !last.actual && !run.actual) last.text += run.text;
    else line.runs.push(run);
  };
  for (const { word, endsLine } of words(printable(text))) {
    const wordWidth = widthOf(document, chooseFont(word.trimEnd(), style.face), style.size);
    if (pen > 0 && pen + wordWidth > width) endLine();
    if (wordWidth <= width) append(word);
    else {
      for (const piece of pieces(document, word, style, width)) {
        if (pen > 0) endLine();
        append(piece);
      }
    }
    if (endsLine) endLine();
  }
  if (line.runs.length > 0 || lines.length === 0) endLine();
  return lines;
}

/** Of a text that is not broken. */
export function naturalWidth(document: TaggedDocument, text: string, style: Style): number {
  return breakLines(document, text, style, Infinity).reduce((widest, { width }) => Math.max(widest, width), 0);
}

export function widestWord(document: TaggedDocument, text: string, style: Style): number {
  let widest = 0;
  for (const { word } of words(printable(text))) widest = Math.max(widest, widthOf(document, chooseFont(word.trimEnd(), style.face), style.size));
  return widest;
}

/** `y`: the top of the line. */
export function drawLine(document: TaggedDocument, line: Line, style: Style, box: { x: number; y: number; width: number; align?: Align }): void {
  const slack = box.align === 'right' ? box.width - line.width : box.align === 'center' ? (box.width - line.width) / 2 : 0;
  let x = box.x + slack;
  const y = box.y + (style.leading - style.size) / 2 + style.size * BASELINE;
  document.fillColor(style.color);
  for (const run of line.runs) {
    document.font(run.font, sizeIn(run.font, style.size));
    // What the file shows is not what it says: the reader's program is told.
    if (run.actual) document.markContent('Span', { actual: run.actual });
    spansOf(run.text).forEach((span, index) => {
      if (!span) return;
      document.text(span, x, y, { lineBreak: false, baseline: 'alphabetic', ...shaping(index) });
      x += document.widthOfString(span, shaping(index));
    });
    if (run.actual) document.endMarkedContent();
  }
}

function widthOf(document: TaggedDocument, run: FontRun, size: number): number {
  document.font(run.font, sizeIn(run.font, size));
  return spansOf(run.text).reduce((width, span, index) => width + (span ? document.widthOfString(span, shaping(index)) : 0), 0);
}

/** Every second span is written from right to left, and shaped as one. */
const spansOf = (text: string) => text.split(RIGHT_TO_LEFT);
const shaping = (index: number) => (index % 2 === 1 ? { features: [] } : {});

/** Each with the blanks behind it. */
function* words(text: string): Generator<{ word: string; endsLine: boolean }> {
  const breaker = new LineBreaker(text);
  let start = 0;
  for (let at = breaker.nextBreak(); at; at = breaker.nextBreak()) {
    const piece = text.slice(start, at.position);
    if (!at.required && CLINGS.test(text.slice(Math.max(start, at.position - 8), at.position)) && /\d/.test(text[at.position] ?? '')) continue;
    const word = piece.replaceAll('\n', '');
    const endsLine = piece.endsWith('\n');
    if (word || endsLine) yield { word, endsLine };
    start = at.position;
  }
}

/** As many graphemes as fit, one at least. */
function* pieces(document: TaggedDocument, word: string, style: Style, width: number): Generator<string> {
  let piece = '', pieceWidth = 0;
  for (const { segment } of graphemes.segment(word)) {
    const segmentWidth = widthOf(document, chooseFont(segment, style.face), style.size);
    if (piece && segment.trim() && pieceWidth + segmentWidth > width) { yield piece; piece = ''; pieceWidth = 0; }
    piece += segment;
    pieceWidth += segmentWidth;
  }
  if (piece) yield piece;
}
