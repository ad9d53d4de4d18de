/**
 * The export of a case's history: all that is needed to verify it and to fold it again without database, keys or network.
 * The entries are proven by their chain, what stands before them by `digest`; that nobody wrote the whole anew, by the signed heads.
 */
import { pipeline, run } from '../../database/pools.ts';
import { CASE_ALL_ITEMS, READ_CASE } from '../../database/statements.ts';
import type { Item, Json, JsonObject } from '../../plugins/contract.ts';
import { openCase, openItems, type CaseRow } from '../commit/caseRecord.ts';
import type { EngineContext } from '../commit/context.ts';
import { beginReading } from '../commit/read.ts';
import { withConnection } from '../commit/transaction.ts';
import { canonicalBytes, digest, GENESIS, type ChainedEntry } from './chain.ts';
import { BEGIN_SNAPSHOT, caseKeyOf, HISTORY, openEntries, pageOf, WHOLE, type HistoryPage } from './read.ts';

export const EXPORT_FORMAT = 'iter-history/1';

/** The case as its row stood when the export was made. */
export interface ExportedCase {
  id: string;
  process: string;
  processVersion: number;
  createdAt: string;
  number: string | null;
  parties: Record<string, string>;
  version: number;
  /** Where the row says that the chain ends. */
  seq: number;
  head: string;
  state: string;
  value: Json;
  historyValue: JsonObject | null;
  done: boolean;
  /**
   * SHA-256 of the canonical JSON of the whole context, sealed fields included; so too of the items, by kind and key.
   * Null when the case's key was destroyed, and where payloads are withheld: a digest of few possible values tells them.
   */
  contextDigest: string | null;
  itemsDigest: string | null;
}
/** `salted` is base64 of salt ‖ canonical payload; null when it is withheld, or when the case's key was destroyed. */
export type ExportedEntry = ChainedEntry & { salted: string | null };
export interface HistoryExport {
  format: typeof EXPORT_FORMAT;
  /** The database's clock. */
  exportedAt: string;
  case: ExportedCase;
  /** `seq` of the entries whose payload this reader may not see; the chain verifies without. */
  withheld: number[];
  entries: ExportedEntry[];
  digest: string;
}

export function contextDigest(context: JsonObject): string {
  return digest(canonicalBytes(context)).toString('hex');
}

export function itemsDigest(items: Iterable<Item>): string {
  const sorted = [...items].map(({ kind, key, data }) => ({ kind, key, data })).sort((a, b) => compare(a.kind, b.kind) || compare(a.key, b.key));
  return digest(canonicalBytes(sorted)).toString('hex');
}
const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Over everything but the entries, with their number and head. */
export function exportDigest({ format, exportedAt, case: exported, withheld, entries }: Omit<HistoryExport, 'digest'>): string {
  return digest(canonicalBytes({ format, exportedAt, case: exported, withheld, entries: entries.length, head: entries.at(-1)?.hash ?? GENESIS.toString('hex') })).toString('hex');
}

/** The export for a reader who may not see the payloads of these entries. */
export function withhold(whole: HistoryExport, seqs: number[]): HistoryExport {
  const hidden = new Set(seqs);
  // What was erased is not withheld.
  const taken = whole.entries.filter(({ seq, salted }) => hidden.has(seq) && salted !== null).map(({ seq }) => seq);
  if (taken.length === 0) return whole;
  const made = {
    ...whole, withheld: [...whole.withheld, ...taken].sort((a, b) => a - b), case: { ...whole.case, contextDigest: null, itemsDigest: null },
    entries: whole.entries.map(entry => (hidden.has(entry.seq) ? { ...entry, salted: null } : entry)),
  };
  return { ...made, digest: exportDigest(made) };
}

export interface ReadExport { document: HistoryExport; page: HistoryPage }

/** Row and entries of one moment, behind row-level security. Null when there is no such case for these principals. */
export async function readExport(context: EngineContext, caseId: string, principals: string[]): Promise<ReadExport | null> {
  return await withConnection(context.pools.read, async client => {
    const [, , found, entries, items] = await pipeline(client, [
      ...beginReading(client, principals, BEGIN_SNAPSHOT),
      run(client, READ_CASE, [caseId]), run(client, HISTORY, [caseId, 0, WHOLE]), run(client, CASE_ALL_ITEMS, [caseId]), client.query('commit'),
    ]);
    const row = found!.rows[0] as CaseRow | undefined;
    if (!row) return null;
    const key = caseKeyOf(row, context.masterKey);
    const state = key && openCase(row, context.processes, context.masterKey).state;
    const page = pageOf(row, openEntries(caseId, entries!.rows, key));
    const made: Omit<HistoryExport, 'digest'> = {
      format: EXPORT_FORMAT, exportedAt: row.now!.toISOString(),
      case: {
        id: caseId, process: row.process, processVersion: row.process_version, createdAt: row.created_at.toISOString(), number: row.number, parties: row.parties,
        version: row.version, seq: page.seq, head: page.head, state: row.state, value: row.value, historyValue: row.history_value, done: row.done,
        contextDigest: state && contextDigest(state.context), itemsDigest: key && itemsDigest(openItems(key, caseId, items!.rows)),
      },
      withheld: [],
      entries: page.entries.map(({ previousHash: _previous, payload: _payload, salted, ...entry }) => ({ ...entry, salted: salted && salted.toString('base64') })),
    };
    return { document: { ...made, digest: exportDigest(made) }, page };
  });
}
