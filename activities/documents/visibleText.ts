/** What XML 1.0 can carry and people can see, on one line: no control and direction characters, white space once, composed letters. */
export function visibleText(text: string): string {
  return text.toWellFormed().normalize('NFC').replace(/\s+/g, ' ').replace(/[\p{Cc}\p{Cf}\p{Cn}]/gu, '').trim();
}
