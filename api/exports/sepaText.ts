/**
 * The letters that every bank of the SEPA area must take: a-z A-Z 0-9 / - ? : ( ) . , ' + and space (EPC, SEPA requirements for an
 * extended character set, EPC217-08). All others are told by their nearest: è → e, ß → ss, « → '.
 */
import anyAscii from 'any-ascii';

const NOT_SEPA = /[^A-Za-z0-9/\-?:().,'+ ]/g;
const QUOTES = /["«»‹›“”„‟]/g;
/** ASCII that the set has not, replaced as EPC217-08 recommends; what is not named here becomes a full stop. */
const NEAREST: Record<string, string> = { '&': '+', ';': ',', '[': '(', ']': ')', '{': '(', '}': ')', '\\': '/', '|': '/', '^': '.', '_': '-', '~': '-', '`': '\'' };

/** Words in the SEPA set, control and direction characters gone, white space once. May be longer than what was given (ß, €), or empty. */
export function sepaText(text: string): string {
  const visible = text.toWellFormed().normalize('NFC').replace(/\s+/g, ' ').replace(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\uFFFD]/gu, '').replace(QUOTES, '\'');
  return anyAscii(visible).replace(NOT_SEPA, (letter) => NEAREST[letter] ?? '.').replace(/ +/g, ' ').trim();
}

/** An identifier is not rewritten, since it must be found again as it was given: 1–35 characters of the set, no / at an end, no //. */
export function isSepaId(id: string): boolean {
  return /^[A-Za-z0-9/\-?:().,'+ ]{1,35}$/.test(id) && !id.startsWith('/') && !id.endsWith('/') && !id.includes('//') && id.trim() === id;
}
