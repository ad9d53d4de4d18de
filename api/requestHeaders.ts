/** Headers that steer a request: Idempotency-Key, If-Match, Iter-Reason. */
import { randomUUID } from 'node:crypto';
import type { Request, Response } from 'express';
import { Problem } from '../engine/problems.ts';

const MOST_REASON = 500;

/** The request's key, or one made here; the answer always names it. Throws Problem `malformed`. */
export function idempotencyKey(req: Request, res: Response): string {
  const given = req.headers['idempotency-key'];
  if (given !== undefined && (typeof given !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(given))) {
    throw new Problem('malformed', 'Idempotency-Key must be 1 to 200 visible ASCII characters.');
  }
  const key = given ?? randomUUID();
  res.setHeader('Idempotency-Key', key);
  return key;
}

/** No case is ever at this version: a tag that is not ours never matches. */
const NO_VERSION = -1;

const ENTITY_TAG = /^\s*(?:W\/)?"([\x21\x23-\x7e]*)"\s*$/;

/** The version of If-Match; undefined without it and for `*`. A weak tag counts: proxies weaken them. Throws Problem `malformed`. */
export function ifMatchVersion(req: Request): number | undefined {
  const header = req.headers['if-match'];
  if (header === undefined || header.trim() === '*') return undefined;
  const tag = ENTITY_TAG.exec(header)?.[1];
  if (tag === undefined) throw new Problem('malformed', 'If-Match must be one entity tag, as ETag gave it: "3".');
  return /^[1-9]\d{0,8}$/.test(tag) ? Number(tag) : NO_VERSION;
}

/** The tag of If-Match where it is no case's version; undefined without it and for `*`. Throws Problem `malformed`. */
export function ifMatchTag(req: Request): string | undefined {
  const header = req.headers['if-match'];
  if (header === undefined || header.trim() === '*') return undefined;
  const tag = ENTITY_TAG.exec(header)?.[1];
  if (tag === undefined) throw new Problem('malformed', 'If-Match must be one entity tag, as ETag gave it.');
  return tag;
}

/** Why the caller reads protected fields, for the access log. */
export function readingReason(req: Request): string | null {
  const header = req.get('iter-reason')?.trim();
  if (!header) return null;
  // Header values arrive as Latin-1; people write them in UTF-8.
  const text = Buffer.from(header, 'latin1').toString('utf8');
  return (text.includes('\ufffd') ? header : text).slice(0, MOST_REASON);
}
