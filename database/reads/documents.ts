/** The sealed bytes of a document that was made; of a protected one together with the record that somebody read it. */
import type pg from 'pg';
import { accessQuery, type Access } from './accessLog.ts';
import { readAs, type Reader } from './session.ts';

/** For a document that the case's record lists. `access` null: its reading is not recorded. Null when it is gone. */
export async function readDocument(pool: pg.Pool, reader: Reader, caseId: string, documentId: string, access: Access | null): Promise<Buffer | null> {
  const [content] = await readAs(pool, reader, [
    { name: 'document_content', text: 'select content from documents where id = $1 and case_id = $2', values: [documentId, caseId] },
    ...(access ? [accessQuery(reader, access)] : []),
  ]);
  return (content!.rows[0]?.content as Buffer | null | undefined) ?? null;
}
