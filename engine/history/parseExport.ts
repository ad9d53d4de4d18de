/** Reads an exported history from a file: strictly, since a verifier must not overlook what it does not know. */
import { open } from 'node:fs/promises';
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js';
import { Type, type TSchema } from 'typebox';
import { EXPORT_FORMAT, type HistoryExport } from './export.ts';

/** The file cannot be judged: it is not there, not whole, or not of this format. Says nothing about the case. */
export class MalformedExport extends Error {
  override name = 'MalformedExport';
}

/** A case of a hundred thousand entries takes about a quarter of this. */
export const MOST_BYTES = 256 * 1024 * 1024;

const digest = Type.String({ pattern: '^[0-9a-f]{64}$' });
const text = Type.String(), count = Type.Integer({ minimum: 0 });
const instant = Type.String({ pattern: '^\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z$' });
const orNull = (schema: TSchema) => Type.Union([schema, Type.Null()]);
const strict = { additionalProperties: false } as const;

const SHAPE = Type.Object({
  format: Type.Literal(EXPORT_FORMAT), exportedAt: instant, digest,
  case: Type.Object({
    id: text, process: text, processVersion: count, createdAt: instant, number: orNull(text), parties: Type.Record(text, text), version: count, seq: count, head: digest, state: text,
    value: Type.Unknown(), historyValue: orNull(Type.Record(text, Type.Unknown())), done: Type.Boolean(), contextDigest: orNull(digest), itemsDigest: orNull(digest),
  }, strict),
  withheld: Type.Array(count),
  entries: Type.Array(Type.Object({
    caseId: text, seq: count, version: count, at: instant, kind: text, name: text, from: orNull(text), to: orNull(text),
    actor: Type.Object({ kind: text, id: text, role: text, organisation: Type.Optional(text), deputyFor: Type.Optional(text) }, strict), caller: text, key: text, bodyDigest: digest, payloadDigest: digest,
    execution: orNull(Type.Record(text, Type.Unknown())), hash: digest, salted: orNull(text),
  }, strict), { minItems: 1 }),
}, strict);

const validate = new Ajv({ strict: false }).compile<HistoryExport>(SHAPE);

/** Throws {@link MalformedExport}. */
export function parseExport(content: string): HistoryExport {
  let value: any;
  try {
    value = JSON.parse(content);
  } catch (error) {
    const { message } = error as Error;
    throw new MalformedExport(/Unexpected end|Unterminated/.test(message) || content.trim() === '' ? 'the file is cut off: its JSON ends in the middle' : `the file is not JSON: ${message}`);
  }
  const format = value?.format;
  if (typeof format !== 'string' || !format.startsWith('iter-history/')) throw new MalformedExport(`the file is not an exported history: "format" should be "${EXPORT_FORMAT}"`);
  if (format !== EXPORT_FORMAT) throw new MalformedExport(`the file is of format "${format}"; this program reads "${EXPORT_FORMAT}". Use the program that made it, or a newer one`);
  if (validate(value)) return value;
  const { instancePath, message, params } = validate.errors![0]!;
  const what = 'additionalProperty' in params ? `${message} (${String(params.additionalProperty)})` : message;
  throw new MalformedExport(`the file is not a whole export: ${instancePath || '/'} ${what}`);
}

/** Throws {@link MalformedExport}, whatever is wrong with the file. */
export async function readExportFile(file: string): Promise<HistoryExport> {
  const handle = await open(file).catch(error => { throw new MalformedExport(`the file cannot be read: ${(error as Error).message}`); });
  try {
    const { size } = await handle.stat();
    if (size > MOST_BYTES) throw new MalformedExport(`the file has ${Math.round(size / 1_048_576)} MiB; an export is read whole and has at most ${MOST_BYTES / 1_048_576} MiB`);
    const bytes = await handle.readFile();
    return parseExport(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    if (error instanceof MalformedExport) throw error;
    throw new MalformedExport((error as { code?: string }).code === 'ERR_ENCODING_INVALID_ENCODED_DATA' ? 'the file is not UTF-8 text' : `the file cannot be read: ${(error as Error).message}`);
  } finally {
    await handle.close();
  }
}
