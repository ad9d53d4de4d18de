/** A case read by the engine itself: for repeated answers and for what activities render. */
import { pipeline, run } from '../../database/pools.ts';
import * as sql from '../../database/statements.ts';
import { documentsOf, openAttachments, openCase, openItems, type CaseRecord, type CaseRow } from './caseRecord.ts';
import type { EngineContext } from './context.ts';
import { withConnection } from './transaction.ts';

/** Null when there is no such case. Not for answers to people: it asks nobody's leave. */
export async function readCaseAsSystem(context: EngineContext, caseId: string): Promise<CaseRecord | null> {
  return await withConnection(context.pools[context.commitPool], async client => {
    const [found, agenda, attachments, documents] = await pipeline(client, [run(client, sql.READ_CASE, [caseId]), run(client, sql.OPEN_AGENDA, [caseId]), run(client, sql.CASE_ATTACHMENTS, [caseId]), run(client, sql.CASE_DOCUMENTS, [caseId])]);
    const row = found!.rows[0] as CaseRow | undefined;
    if (!row) return null;
    const { process, key, state } = openCase(row, context.processes, context.masterKey);
    const kinds = process.plugin.projection.items ?? [];
    const items = kinds.length > 0 ? (await run(client, sql.CASE_ITEMS, [caseId, kinds])).rows : [];
    return {
      process, key, state, version: row.version, draft: row.draft, suspended: row.suspended, row: row.row, stateName: row.state, lastAt: row.last_at.toISOString(),
      agenda: agenda!.rows, attachments: openAttachments(key, caseId, attachments!.rows), items: openItems(key, caseId, items), documents: documentsOf(documents!.rows),
    };
  });
}
