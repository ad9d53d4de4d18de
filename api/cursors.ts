/** Cursors of keyset lists: opaque, bound to the query that they continue, and not to be made up. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Problem } from '../engine/problems.ts';

const TAG_BYTES = 12;

export interface Cursors {
  /** `query`: what the list was asked for; a cursor of another query is refused. */
  write(query: string, position: Record<string, string>): string;
  /** Throws Problem `malformed`. */
  read(query: string, cursor: string): Record<string, string>;
}

export function createCursors(masterKey: Buffer): Cursors {
  const secret = createHmac('sha256', masterKey).update('iter/cursors').digest();
  const tag = (query: string, body: Buffer) => createHmac('sha256', secret).update(query).update('\0').update(body).digest().subarray(0, TAG_BYTES);
  return {
    write(query, position) {
      const body = Buffer.from(JSON.stringify(position));
      return Buffer.concat([tag(query, body), body]).toString('base64url');
    },
    read(query, cursor) {
      const bytes = Buffer.from(cursor, 'base64url'), body = bytes.subarray(TAG_BYTES);
      if (bytes.length <= TAG_BYTES || !timingSafeEqual(bytes.subarray(0, TAG_BYTES), tag(query, body))) {
        throw new Problem('malformed', 'The cursor is not one that this list gave. Begin again without it.');
      }
      return JSON.parse(body.toString('utf8')) as Record<string, string>;
    },
  };
}
