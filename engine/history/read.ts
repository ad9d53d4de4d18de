/** Reading, verifying and exporting a case's history. */
import { pipeline } from '../../database/pools.ts';
import { beginReading } from '../commit/read.ts';
import type { EngineContext } from '../commit/context.ts';
import { withConnection } from '../commit/transaction.ts';
import { openCase, type CaseRow } from '../commit/caseRecord.ts';
import { READ_CASE, type Statement } from '../../database/statements.ts';
import { openPayload, verifyChain, type ChainedEntry, type ChainVerification } from './chain.ts';

export interface HistoryEntry extends ChainedEntry { previousHash: string; payload: unknown; salted: Buffer }

const HISTORY: Statement = {
  name: 'history_of',
  text: `select seq, version, at, kind, name, from_state, to_state, actor, caller, key, body_digest, payload, payload_digest, hash, execution from history where case_id = $1 and seq > $2 order by seq limit $3`,
};
const WHOLE = 2_147_483_647;

export interface HistoryPage { process: string; processVersion: number; version: number; state: string; value: unknown; entries: HistoryEntry[] }

/** Entries after `since`, oldest first. Null when there is no such case for these principals. */
export async function readHistory(context: EngineContext, caseId: string, principals: string[], since = 0, limit = WHOLE): Promise<HistoryPage | null> {
  return await withConnection(context.pools.read, async client => {
    const [, , found, entries] = await pipeline(client, [
      ...beginReading(client, principals), client.query({ name: READ_CASE.name, text: READ_CASE.text, values: [caseId] }), client.query({ name: HISTORY.name, text: HISTORY.text, values: [caseId, since === 0 ? 0 : since - 1, since === 0 ? limit : limit + 1] }), client.query('commit'),
    ]);
    const row = found!.rows[0] as CaseRow | undefined;
    if (!row) return null;
    const opened = openCase(row, context.processes, context.masterKey);
    let previousHash = Buffer.alloc(32).toString('hex');
    const all = entries!.rows.map((entry): HistoryEntry => {
      const { salted, payload } = openPayload(opened.key, caseId, entry.payload);
      const hash = entry.hash.toString('hex');
      const made: HistoryEntry = {
        caseId, seq: entry.seq, version: entry.version, at: entry.at.toISOString(), kind: entry.kind, name: entry.name, from: entry.from_state, to: entry.to_state, actor: entry.actor, caller: entry.caller, key: entry.key,
        bodyDigest: entry.body_digest.toString('hex'), payloadDigest: entry.payload_digest.toString('hex'), execution: entry.execution, hash, previousHash, payload, salted,
      };
      previousHash = hash;
      return made;
    });
    return { process: row.process, processVersion: row.process_version, version: row.version, state: row.state, value: row.value, entries: since === 0 ? all : all.slice(1) };
  });
}

/** Checks chain and payloads of the stored history. */
export function verifyHistory(page: HistoryPage): ChainVerification {
  return verifyChain(page.entries, new Map(page.entries.map(entry => [entry.seq, entry.salted])));
}

/** The format of an export: all that is needed to verify and to fold again without the database. */
export const EXPORT_FORMAT = 'iter-history/1';
export interface HistoryExport {
  format: typeof EXPORT_FORMAT;
  exportedAt: string;
  case: { id: string; process: string; processVersion: number; version: number; state: string; value: unknown };
  /** `salted` is base64 of salt ‖ canonical payload; null after erasure. */
  entries: (ChainedEntry & { salted: string | null })[];
}

export function exportHistory(caseId: string, page: HistoryPage, exportedAt: string): HistoryExport {
  return {
    format: EXPORT_FORMAT, exportedAt,
    case: { id: caseId, process: page.process, processVersion: page.processVersion, version: page.version, state: page.state, value: page.value },
    entries: page.entries.map(({ previousHash: _previous, payload: _payload, salted, ...entry }) => ({ ...entry, salted: salted.toString('base64') })),
  };
}
