/** The sealed bytes of an attachment, read together with the record that somebody read them. */
import type pg from 'pg';
import { accessQuery, type Access } from './accessLog.ts';
import { readAs, type Reader } from './session.ts';

/** For an attachment that the case's record lists. Null when it is gone; throws when the reader may not see the case. */
export async function readAttachment(pool: pg.Pool, reader: Reader, attachmentId: string, access: Access): Promise<Buffer | null> {
  const log = accessQuery(reader, access);
  const [content] = await readAs(pool, reader, [
    { name: 'attachment_content', text: 'select content from attachments where id = $1 and case_id = $2', values: [attachmentId, access.caseId] },
    log,
  ]);
  return (content!.rows[0]?.content as Buffer | undefined) ?? null;
}
