/** One file and its kind from a multipart body, measured while it streams: nothing larger than the limit is ever held. */
import busboy from 'busboy';
import type { Request } from 'express';
import { Problem } from '../engine/problems.ts';
import { ClientGoneError } from './problems.ts';
import { drain } from './readBody.ts';

export const MOST_FILE_BYTES = 5 * 1024 * 1024;
const MOST_FIELD_BYTES = 200;
/** Boundaries, part headers and the field `kind`. */
const ENVELOPE_BYTES = 64 * 1024;

export interface Upload { kind: string; name: string; content: Buffer }
interface Parts { kinds: string[]; files: { name: string; content: Buffer }[]; unknown: string[] }

/** Throws Problem: malformed (not multipart, cut off), too-large, invalid (not exactly one `file` and one `kind`, or empty). */
export async function readUpload(req: Request): Promise<Upload> {
  if (Number(req.headers['content-length'] ?? 0) > MOST_FILE_BYTES + ENVELOPE_BYTES) throw await refuse(req, tooLarge());
  const parts = await readParts(req).catch(async (error: unknown) => { throw await refuse(req, error); });
  const errors = [
    ...parts.unknown.map(name => ({ pointer: `/${name.slice(0, 60)}`, message: 'no such part' })),
    ...(parts.kinds.length === 1 ? [] : [{ pointer: '/kind', message: parts.kinds.length === 0 ? 'required' : 'only one' }]),
    ...(parts.files.length === 1 ? [] : [{ pointer: '/file', message: parts.files.length === 0 ? 'required' : 'only one' }]),
    ...(parts.files.length === 1 && parts.files[0]!.content.length === 0 ? [{ pointer: '/file', message: 'empty' }] : []),
  ];
  if (errors.length > 0) throw new Problem('invalid', 'Send exactly one file ("file", not empty) and its "kind".', { errors });
  return { kind: parts.kinds[0]!, ...parts.files[0]! };
}

const tooLarge = () => new Problem('too-large', `A file may have at most ${MOST_FILE_BYTES / 1024 / 1024} MiB.`);

/** Lets the client finish sending, for a moment, so that it reads the answer instead of a broken connection. */
async function refuse(req: Request, error: unknown): Promise<unknown> {
  await drain(req);
  return error;
}

function readParts(req: Request): Promise<Parts> {
  return new Promise((resolve, reject) => {
    let parser: busboy.Busboy;
    try {
      // One of each more than allowed, to tell "too many" from "all there is"; so too the bytes.
      parser = busboy({ headers: req.headers, defParamCharset: 'utf8', limits: { fileSize: MOST_FILE_BYTES + 1, files: 2, fields: 4, parts: 6, fieldSize: MOST_FIELD_BYTES, fieldNameSize: 60, headerPairs: 20 } });
    } catch {
      reject(new Problem('malformed', 'Send multipart/form-data with a "file" and its "kind".'));
      return;
    }
    const parts: Parts = { kinds: [], files: [], unknown: [] };
    let settled = false;
    const settle = (finish: () => void) => {
      if (settled) return;
      settled = true;
      req.unpipe(parser);
      req.off('close', onGone);
      finish();
    };
    const fail = (error: unknown) => settle(() => { parser.destroy(); reject(error); });
    // A request that came whole closes too, and sometimes before the parser has closed.
    const onGone = () => { if (!req.complete) fail(new ClientGoneError('the client went away')); };
    parser.on('field', (name, value, { valueTruncated }) => {
      if (name !== 'kind') parts.unknown.push(name);
      else if (valueTruncated || value.length > 60) parts.kinds.push('');
      else parts.kinds.push(value);
    });
    parser.on('file', (name, stream, { filename }) => {
      stream.on('limit', () => fail(tooLarge()));
      stream.on('error', () => {});
      if (name !== 'file') { parts.unknown.push(name); stream.resume(); return; }
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => parts.files.push({ name: plainName(filename), content: Buffer.concat(chunks) }));
    });
    parser.on('partsLimit', () => fail(new Problem('invalid', 'The form has too many parts.', { errors: [{ pointer: '', message: 'too many parts' }] })));
    parser.on('fieldsLimit', () => parts.unknown.push('fields'));
    parser.on('filesLimit', () => parts.unknown.push('files'));
    // Also "Unexpected end of form": a body that was cut off.
    parser.on('error', () => fail(new Problem('malformed', 'The multipart body cannot be read.')));
    parser.on('close', () => settle(() => resolve(parts)));
    req.on('close', onGone);
    req.pipe(parser);
  });
}

/** A name as people see it: no path, no control or direction characters, at most 150 characters. */
export function plainName(given: string | undefined): string {
  // Browsers write a quote in a name as %22.
  const name = (given ?? '').replaceAll('%22', '"').normalize('NFC').split(/[\\/]/).at(-1)!.replace(/[\p{Cc}\p{Cf}\p{Cs}]/gu, '').trim();
  if (name === '' || /^\.+$/.test(name)) return 'senza-nome';
  if (name.length <= 150) return name;
  const extension = /\.[A-Za-z0-9]{1,8}$/.exec(name)?.[0] ?? '';
  return `${name.slice(0, 150 - extension.length)}${extension}`.toWellFormed();
}
