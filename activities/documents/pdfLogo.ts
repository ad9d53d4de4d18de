/** A logo becomes a plain picture: what its bytes hide (sizes that lie, transparency, other colour spaces) does not reach the file. */
import { decode, encode, convertIndexedToRgb } from 'fast-png';
import { DocumentError } from './documentError.ts';

const PIECE = 'letterhead.logo';
const MOST_BASE64 = 100_000;
/** A few kB of PNG can claim gigabytes of pixels. */
const MOST_PIXELS = 4_000_000;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** PNG or JPEG that pdfkit embeds as it is. Throws DocumentError for anything else. */
export function readLogo(base64: string): Buffer {
  if (base64.length > MOST_BASE64) throw new DocumentError(PIECE, `longer than ${MOST_BASE64} characters`);
  if (!BASE64.test(base64)) throw new DocumentError(PIECE, 'not base64');
  const bytes = Buffer.from(base64, 'base64');
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return bytes;
  if (bytes.length < 33 || bytes.toString('latin1', 1, 4) !== 'PNG') throw new DocumentError(PIECE, 'neither PNG nor JPEG');
  // The size stands in the first chunk; a second such chunk would change it after this check.
  if (bytes.readUInt32BE(16) * bytes.readUInt32BE(20) > MOST_PIXELS || bytes.indexOf('IHDR', 16) >= 0) throw new DocumentError(PIECE, `more than ${MOST_PIXELS} pixels`);
  try {
    return Buffer.from(encode(onWhite(bytes)));
  } catch (error) {
    throw new DocumentError(PIECE, `not a sound PNG: ${(error as Error).message}`, { cause: error });
  }
}

/** 8 bits of red, green and blue, on the paper's white. */
function onWhite(bytes: Buffer): { width: number; height: number; channels: 3; depth: 8; data: Uint8Array } {
  const image = decode(bytes, { checkCrc: true });
  const { width, height } = image;
  // Grays of less than a byte are packed as indexes are.
  const palette = image.palette ?? (image.depth < 8 ? grays(image.depth) : undefined);
  const { data: source, channels, depth } = palette ? { data: convertIndexedToRgb({ ...image, palette }), channels: palette[0]!.length, depth: 8 } : image;
  const top = 2 ** depth - 1;
  const gray = channels < 3;
  const data = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    const at = pixel * channels;
    const alpha = channels % 2 === 0 ? source[at + channels - 1]! / top : 1;
    for (let color = 0; color < 3; color++) data[pixel * 3 + color] = Math.round(255 * (alpha * (source[gray ? at : at + color]! / top) + 1 - alpha));
  }
  return { width, height, channels: 3, depth: 8, data };
}

function grays(depth: number): [number, number, number][] {
  return Array.from({ length: 2 ** depth }, (_, step) => {
    const gray = Math.round((255 * step) / (2 ** depth - 1));
    return [gray, gray, gray];
  });
}
