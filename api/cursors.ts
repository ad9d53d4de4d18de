/** Cursors of keyset lists: opaque, bound to the query that they continue, and not to be made up. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { keysOf, type MasterKey } from '../database/masterKeys.ts';
import { Problem } from '../engine/problems.ts';

const TAG_BYTES = 12;

export interface Cursors {
  /** `query`: what the list was asked for; a cursor of another query is refused. */
  write(query: string, position: Record<string, string>): string;
  /** Throws Problem `malformed`. */
  read(query: string, cursor: string): Record<string, string>;
}

export function createCursors(masterKey: MasterKey): Cursors {
  const keys = keysOf(masterKey);
  const tag = (key: Buffer, query: string, body: Buffer) => createHmac('sha256', createHmac('sha256', key).update('iter/cursors').digest()).update(query).update('\0').update(body).digest().subarray(0, TAG_BYTES);
  return {
    write(query, position) {
      const body = Buffer.from(JSON.stringify(position));
      return Buffer.concat([tag(keys.current, query, body), body]).toString('base64url');
    },
    read(query, cursor) {
      const bytes = Buffer.from(cursor, 'base64url'), body = bytes.subarray(TAG_BYTES);
      // A list goes on though the master key is changed in the middle of it.
      if (bytes.length <= TAG_BYTES || !keys.all.some(key => timingSafeEqual(bytes.subarray(0, TAG_BYTES), tag(key, query, body)))) {
        throw new Problem('malformed', 'The cursor is not one that this list gave. Begin again without it.');
      }
      return JSON.parse(body.toString('utf8')) as Record<string, string>;
    },
  };
}
