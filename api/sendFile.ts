/** Answers with a file: to be saved, never run, never sniffed, never kept on the way. */
import type { Response } from 'express';

export interface SentFile { content: Buffer; mediaType: string; name: string; /** For the ETag, where the bytes never change. */ sha256?: string }

export function sendFile(res: Response, { content, mediaType, name, sha256 }: SentFile): void {
  res.setHeader('Content-Type', mediaType);
  res.setHeader('Content-Length', content.length);
  if (sha256) res.setHeader('ETag', `"${sha256}"`);
  res.setHeader('Content-Security-Policy', `default-src 'none'; sandbox`);
  res.setHeader('Content-Disposition', contentDisposition(name));
  res.end(content);
}

/** RFC 6266: an ASCII name for old readers and the whole one for the rest. */
export function contentDisposition(name: string): string {
  const ascii = name.normalize('NFD').replace(/[^\x20-\x7e]/g, '').replace(/["\\]/g, '_') || 'documento';
  const encoded = encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
