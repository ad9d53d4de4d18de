/** What is known of a case whether or not it was erased: for its history, and for the page that says that it was. */
import { pipeline, run } from '../../database/pools.ts';
import { CASE_OUTLINE } from '../../database/erasureStatements.ts';
import type { EngineContext } from '../commit/context.ts';
import { beginReading } from '../commit/read.ts';
import { withConnection } from '../commit/transaction.ts';
import type { CompiledProcess } from '../decide/compile.ts';

export interface CaseOutline {
  id: string; process: CompiledProcess; number: string | null; state: string; value: unknown; version: number; draft: boolean; done: boolean;
  parties: Record<string, string>; createdAt: string; lastAt: string; erasedAt: string | null;
}

/** Behind row-level security. Null when there is no such case for these principals. */
export async function readOutline(context: EngineContext, caseId: string, principals: string[]): Promise<CaseOutline | null> {
  return await withConnection(context.pools.read, async client => {
    const [, , found] = await pipeline(client, [...beginReading(client, principals), run(client, CASE_OUTLINE, [caseId]), client.query('commit')]);
    const row = found!.rows[0];
    if (!row) return null;
    const { id, number, state, value, version, draft, done, parties } = row;
    return {
      id, number, state, value, version, draft, done, parties, process: context.processes.version(row.process, row.process_version),
      createdAt: row.created_at.toISOString(), lastAt: row.last_at.toISOString(), erasedAt: row.erased_at?.toISOString() ?? null,
    };
  });
}
