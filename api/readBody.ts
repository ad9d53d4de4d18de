/** Request bodies: JSON read strictly and with bounds, so that nothing behind this line meets a value that it cannot store. */
import { isUtf8 } from 'node:buffer';
import type { Request } from 'express';
import type { Json } from '../plugins/contract.ts';
import { Problem } from '../engine/problems.ts';
import { ClientGoneError } from './problems.ts';

export const MOST_JSON_BYTES = 256 * 1024;
/** Deeper than any form; far shallower than what breaks a recursive reader. */
const MOST_DEPTH = 32;
/** How long the rest of a refused body is read and thrown away, so that the client gets to see the answer. */
const DRAIN_MS = 2_000;

/** Throws Problem: malformed, too-large. An absent body is `{}`. */
export async function readJson(req: Request): Promise<Json> {
  if (!hasBody(req)) return {};
  const type = req.headers['content-type'] ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\s*(?:;\s*charset="?utf-8"?\s*)?$/i.test(type)) {
    await drain(req);
    throw new Problem('malformed', 'Send JSON in UTF-8: Content-Type: application/json.');
  }
  if ((req.headers['content-encoding'] ?? 'identity') !== 'identity') {
    await drain(req);
    throw new Problem('malformed', 'Send the body uncompressed.');
  }
  return parseJson(await readBytes(req, MOST_JSON_BYTES));
}

export function hasBody(req: Request): boolean {
  return req.headers['transfer-encoding'] !== undefined || Number(req.headers['content-length'] ?? 0) > 0;
}

/** Throws Problem `malformed` for anything that is not storable JSON. */
export function parseJson(bytes: Buffer): Json {
  if (!isUtf8(bytes)) throw new Problem('malformed', 'The body is not valid UTF-8.');
  let value: Json;
  try {
    value = JSON.parse(bytes.toString('utf8')) as Json;
  } catch {
    throw new Problem('malformed', 'The body is not JSON.');
  }
  check(value, MOST_DEPTH);
  return value;
}

function check(value: Json, depth: number): void {
  if (typeof value === 'string') return checkText(value);
  // JSON.parse makes Infinity of 1e999.
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Problem('malformed', 'The body holds a number that is too large.');
  if (value === null || typeof value !== 'object') return;
  if (depth === 0) throw new Problem('malformed', `The body is nested more than ${MOST_DEPTH} levels deep.`);
  if (Array.isArray(value)) {
    for (const inner of value) check(inner, depth - 1);
    return;
  }
  for (const key of Object.keys(value)) {
    if (key === '__proto__') throw new Problem('malformed', 'The body holds a member named __proto__.');
    checkText(key);
    check(value[key]!, depth - 1);
  }
}

/** PostgreSQL stores neither U+0000 nor halves of surrogate pairs. */
function checkText(text: string): void {
  if (text.includes('\u0000') || !text.isWellFormed()) throw new Problem('malformed', 'The body holds a character that cannot be stored (U+0000 or half a surrogate pair).');
}

/** Throws Problem `too-large` as soon as the limit is passed; what still comes is drained. */
export async function readBytes(req: Request, most: number): Promise<Buffer> {
  if (Number(req.headers['content-length'] ?? 0) > most) {
    await drain(req);
    throw tooLarge(most);
  }
  const chunks: Buffer[] = [];
  let size = 0;
  const complete = await new Promise<boolean>((resolve, reject) => {
    const stop = (settle: () => void) => {
      req.off('data', onData).off('end', onEnd).off('close', onGone).off('error', onGone);
      settle();
    };
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > most) stop(() => resolve(false));
      else chunks.push(chunk);
    };
    const onEnd = () => stop(() => resolve(true));
    const onGone = () => stop(() => reject(new ClientGoneError('the client went away')));
    req.on('data', onData).on('end', onEnd).on('close', onGone).on('error', onGone);
  });
  if (!complete) {
    await drain(req);
    throw tooLarge(most);
  }
  return chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks);
}

const tooLarge = (most: number) => new Problem('too-large', `The body is larger than ${most / 1024} KiB.`);

/** Reads the rest of a refused body for a moment, then lets the connection end with the answer. */
export async function drain(req: Request): Promise<void> {
  const { res } = req;
  if (res && !res.headersSent) res.setHeader('Connection', 'close');
  if (req.complete || req.destroyed) return;
  // A client that waits for 100-continue has sent nothing yet.
  if (req.headers.expect !== undefined) return;
  await new Promise<void>(resolve => {
    const timer = setTimeout(done, DRAIN_MS);
    function done() {
      clearTimeout(timer);
      req.off('end', done).off('close', done).off('error', done);
      resolve();
    }
    req.on('end', done).on('close', done).on('error', done);
    req.resume();
  });
}
