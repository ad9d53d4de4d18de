/** Italian or English: what the request asks for, else the person's own language. */
import type { Request } from 'express';

export type Language = 'it' | 'en';

/** The best of `it` and `en` in an Accept-Language header; null when it names neither. */
export function acceptedLanguage(header: string | undefined): Language | null {
  if (header === undefined) return null;
  let best: Language | null = null, bestQuality = 0;
  for (const part of header.split(',', 20)) {
    const match = /^\s*(it|en)(?:-[a-z0-9-]+)?\s*(?:;\s*q=(1(?:\.0{0,3})?|0(?:\.\d{0,3})?))?\s*$/i.exec(part);
    const quality = match ? Number(match[2] ?? 1) : 0;
    if (quality > bestQuality) { best = match![1]!.toLowerCase() as Language; bestQuality = quality; }
  }
  return best;
}

export function languageOf(req: Request, own: Language = 'it'): Language {
  return acceptedLanguage(req.headers['accept-language']) ?? own;
}
