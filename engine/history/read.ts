/** Reading and verifying a case's stored history. */
import type { MasterKey } from '../../database/masterKeys.ts';
import { pipeline, run } from '../../database/pools.ts';
import { beginReading } from '../commit/read.ts';
import type { EngineContext } from '../commit/context.ts';
import { withConnection } from '../commit/transaction.ts';
import type { CaseRow } from '../commit/caseRecord.ts';
import { READ_CASE, type Statement } from '../../database/statements.ts';
import { unwrapCaseKey, type CaseKey } from './caseKey.ts';
import { GENESIS, openPayload, verifyChain, type ChainedEntry, type ChainVerification } from './chain.ts';

/** `salted` and `payload` are null after erasure. A payload that cannot be opened was tampered with: `salted` is empty, so that verification finds it. */
export interface HistoryEntry extends ChainedEntry { previousHash: string; payload: unknown; salted: Buffer | null }

/** $1 case, $2 after which, $3 at most. */
export const HISTORY: Statement = {
  name: 'history_of',
  text: `select seq, version, at, kind, name, from_state, to_state, actor, caller, key, body_digest, payload, payload_digest, hash, execution from history where case_id = $1 and seq > $2 order by seq limit $3`,
};
export const WHOLE = 2_147_483_647;

export interface HistoryPage {
  process: string;
  processVersion: number;
  version: number;
  state: string;
  value: unknown;
  parties: Record<string, string>;
  /** Where the row says that the chain ends. */
  seq: number;
  head: string;
  entries: HistoryEntry[];
}

/** Row and entries of one moment. */
export const BEGIN_SNAPSHOT = 'begin isolation level repeatable read read only';

/** Entries after `since`, oldest first. Null when there is no such case for these principals. */
export async function readHistory(context: EngineContext, caseId: string, principals: string[], since = 0, limit = WHOLE): Promise<HistoryPage | null> {
  return await withConnection(context.pools.read, async client => {
    const [, , found, entries] = await pipeline(client, [
      // One entry more: its hash is the previous one of the first.
      ...beginReading(client, principals, BEGIN_SNAPSHOT), run(client, READ_CASE, [caseId]), run(client, HISTORY, [caseId, since === 0 ? 0 : since - 1, since === 0 ? limit : limit + 1]), client.query('commit'),
    ]);
    const row = found!.rows[0] as CaseRow | undefined;
    if (!row) return null;
    const all = openEntries(caseId, entries!.rows, caseKeyOf(row, context.masterKey));
    return pageOf(row, since === 0 ? all : all.slice(1));
  });
}

export function pageOf(row: CaseRow, entries: HistoryEntry[]): HistoryPage {
  return { process: row.process, processVersion: row.process_version, version: row.version, state: row.state, value: row.value, parties: row.parties, seq: row.seq, head: row.head.toString('hex'), entries };
}

/** Null when the key was destroyed: an erased case keeps its row with an empty one. */
export function caseKeyOf(row: Pick<CaseRow, 'id' | 'wrapped'>, masterKey: MasterKey): CaseKey | null {
  return row.wrapped.length > 0 ? unwrapCaseKey(masterKey, row.wrapped, row.id) : null;
}

/** Rows of {@link HISTORY}, from the first or from the one before the first that is wanted. */
export function openEntries(caseId: string, rows: any[], key: CaseKey | null): HistoryEntry[] {
  let previousHash = GENESIS.toString('hex');
  return rows.map((row): HistoryEntry => {
    const hash = row.hash.toString('hex');
    const entry: HistoryEntry = {
      caseId, seq: row.seq, version: row.version, at: row.at.toISOString(), kind: row.kind, name: row.name, from: row.from_state, to: row.to_state, actor: row.actor, caller: row.caller, key: row.key,
      bodyDigest: row.body_digest.toString('hex'), payloadDigest: row.payload_digest.toString('hex'), execution: row.execution, hash, previousHash, ...opened(caseId, row.payload, key),
    };
    previousHash = hash;
    return entry;
  });
}

function opened(caseId: string, sealed: Buffer, key: CaseKey | null): { payload: unknown; salted: Buffer | null } {
  if (key === null) return { payload: null, salted: null };
  try {
    return openPayload(key, caseId, sealed);
  } catch {
    return { payload: null, salted: Buffer.alloc(0) };
  }
}

/** Checks chain and payloads of a whole stored history, and that it ends where its row says. */
export function verifyHistory(page: HistoryPage): ChainVerification {
  const verified = verifyChain(page.entries, new Map(page.entries.flatMap(entry => (entry.salted === null ? [] : [[entry.seq, entry.salted]]))));
  if (!verified.valid || page.entries.length === page.seq && verified.head === page.head) return verified;
  return { ...verified, valid: false, firstBroken: page.entries.length + 1, why: `the case has ${page.seq} entries and the head ${page.head}` };
}
