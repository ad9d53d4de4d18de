/**
 * The faces: Titillium Web, the type of the Italian public administration (SIL OFL 1.1), and for what it does not have
 * (Vietnamese, Cyrillic, Greek, Arabic, Hebrew, ticks) DejaVu Sans (Bitstream Vera licence). All are embedded as subsets.
 */
import { createRequire } from 'node:module';
import { openSync, type Font } from 'fontkit';

export type Face = 'regular' | 'bold' | 'italic';
export type FontName = Face | 'fallback' | 'fallbackBold';

const FILES: Record<FontName, string> = {
  regular: '@expo-google-fonts/titillium-web/400Regular/TitilliumWeb_400Regular.ttf',
  bold: '@expo-google-fonts/titillium-web/600SemiBold/TitilliumWeb_600SemiBold.ttf',
  italic: '@expo-google-fonts/titillium-web/400Regular_Italic/TitilliumWeb_400Regular_Italic.ttf',
  fallback: 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf',
  fallbackBold: 'dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf',
};
const FALLBACK: Record<Face, FontName> = { regular: 'fallback', bold: 'fallbackBold', italic: 'fallback' };
/** Printed for a character that no face has, Chinese for one: the text itself stays in the file, to be read out and copied. */
const NO_GLYPH = '\ufffd';

const { resolve } = createRequire(import.meta.url);
const parsed = new Map<FontName, Font>();

/** Parsed once per process: a parsed font holds no state of a document. */
export function fontOf(name: FontName): Font {
  const known = parsed.get(name);
  if (known) return known;
  const font = openSync(resolve(FILES[name])) as Font;
  parsed.set(name, font);
  return font;
}

/** The fallback's letters are larger at the same size. */
const SCALE: Record<FontName, number> = { regular: 1, bold: 1, italic: 1, fallback: 0.9, fallbackBold: 0.9 };
export const sizeIn = (font: FontName, size: number) => size * SCALE[font];

/** A piece of text that one font can print. `actual`: what it stands for, where it had to be replaced. */
export interface FontRun { text: string; font: FontName; actual?: string }

/** A word is never set in two faces: one foreign letter in it, and all of it is in the fallback. */
export function chooseFont(word: string, face: Face): FontRun {
  if (isCovered(word, face)) return { text: word, font: face };
  const font = FALLBACK[face];
  if (isCovered(word, font)) return { text: word, font };
  return { text: Array.from(word, (character) => (isCovered(character, font) ? character : NO_GLYPH)).join(''), font, actual: word };
}

function isCovered(text: string, name: FontName): boolean {
  const font = fontOf(name);
  for (const character of text) if (!font.hasGlyphForCodePoint(character.codePointAt(0)!)) return false;
  return true;
}

/**
 * Without what a page has no place for: control characters, marks of direction (they would show another text than the one
 * that is stored), invisible and private characters, halves of a pair. Line ends of every kind become `\n`. Composed (NFC).
 */
export function printable(text: string): string {
  return text.toWellFormed().normalize('NFC')
    .replace(/\r\n|[\r\v\f\u0085\u2028\u2029]/g, '\n').replace(/\t/g, ' ').replace(/\u202f/g, '\u00a0')
    .replace(/[\p{Co}\p{Cn}]/gu, NO_GLYPH).replace(/\p{Variation_Selector}|(?!\n)\p{C}/gu, '');
}
