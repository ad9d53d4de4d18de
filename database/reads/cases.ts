/** Lists of cases: keyset pages that walk the indexes of case_access, one walk per principal of the reader. */
import type { FilterQuery } from '@mikro-orm/core';
import type { EntityManager } from '@mikro-orm/postgresql';
import { CaseAccessEntity, CaseEntity } from '../entities.ts';
import type { Reader } from './session.ts';
import type { Reads } from './orm.ts';

export interface CaseFilter {
  process?: string | undefined;
  state?: string | undefined;
  /** Organisation code or user id of a party. */
  party?: string | undefined;
  /** Words that must all occur in the case's search text. */
  words: string[];
}
/** The last case of the page before. */
export interface CasePosition { createdAt: string; id: string }
export interface CaseListItem {
  id: string; process: string; processVersion: number; number: string | null; state: string; row: Record<string, unknown>; parties: Record<string, string>;
  version: number; draft: boolean; done: boolean; suspended: string | null; nextDue: Date | null; createdAt: Date; lastAt: Date;
}
export interface CasePage { items: CaseListItem[]; more: boolean; /** The words occur in more cases than are looked through. */ truncated: boolean }

/** As many cases as one word may match before the list is told to be incomplete. */
const MOST_MATCHES = 5_000;
/** Cases looked through at most for the filter by another party, per page. */
const MOST_WALKED = 20_000;

export async function listCases(reads: Reads, reader: Reader, filter: CaseFilter, page: { order: 'asc' | 'desc'; after: CasePosition | null; limit: number }): Promise<CasePage> {
  return await reads.as(reader, async em => {
    const matches = filter.words.length > 0 ? await matching(em, filter.words) : null;
    if (matches?.ids.length === 0) return { items: [], more: false, truncated: matches.truncated };
    const principals = [reader.organisation, reader.userId].filter(principal => principal !== null);
    const items: CaseListItem[] = [];
    let after = page.after, walked = 0;
    // A filter that the index does not know is applied to what the walk finds, batch by batch.
    for (let batch = page.limit + 1; ; batch = Math.min(batch * 4, 1_000)) {
      const found = await walk(em, principals, filter, matches?.ids ?? null, page.order, after, batch);
      walked += found.length;
      const cases = await casesOf(em, found.map(({ caseId }) => caseId));
      items.push(...cases.filter(item => filter.party === undefined || Object.values(item.parties).includes(filter.party)));
      if (items.length > page.limit) return { items: items.slice(0, page.limit), more: true, truncated: matches?.truncated ?? false };
      if (found.length < batch) return { items, more: false, truncated: matches?.truncated ?? false };
      if (walked >= MOST_WALKED) return { items, more: false, truncated: true };
      const last = found.at(-1)!;
      after = { createdAt: last.createdAt.toISOString(), id: last.caseId };
    }
  });
}

interface Found { caseId: string; createdAt: Date }

async function walk(em: EntityManager, principals: string[], filter: CaseFilter, ids: string[] | null, order: 'asc' | 'desc', after: CasePosition | null, limit: number): Promise<Found[]> {
  const beyond = order === 'desc' ? '$lt' : '$gt', from = order === 'desc' ? '$lte' : '$gte';
  const found = new Map<string, Found>();
  for (const principal of principals) {
    const where = {
      principal, ...(filter.process === undefined ? {} : { process: filter.process }), ...(filter.state === undefined ? {} : { state: filter.state }),
      ...(ids ? { caseId: { $in: ids } } : {}),
      // The first condition is where the index scan begins; the second leaves out what the page before had.
      ...(after ? { createdAt: { [from]: new Date(after.createdAt) }, $or: [{ createdAt: { [beyond]: new Date(after.createdAt) } }, { createdAt: new Date(after.createdAt), caseId: { [beyond]: after.id } }] } : {}),
    } as FilterQuery<typeof CaseAccessEntity>;
    const rows = await em.find(CaseAccessEntity, where as any, { fields: ['caseId', 'createdAt'], orderBy: [{ createdAt: order }, { caseId: order }], limit } as any) as unknown as Found[];
    for (const { caseId, createdAt } of rows) found.set(caseId, { caseId, createdAt });
  }
  const sign = order === 'desc' ? -1 : 1;
  const compare = (a: Found, b: Found) => sign * (a.createdAt.getTime() - b.createdAt.getTime() || (a.caseId < b.caseId ? -1 : 1));
  return [...found.values()].sort(compare).slice(0, limit);
}

async function casesOf(em: EntityManager, ids: string[]): Promise<CaseListItem[]> {
  if (ids.length === 0) return [];
  const rows = await em.find(CaseEntity, { id: { $in: ids } }) as unknown as CaseListItem[];
  const byId = new Map(rows.map(row => [row.id, row]));
  return ids.flatMap(id => byId.get(id) ?? []);
}

/** Ids of the cases in which every word occurs, through the definer function that filters access itself. */
async function matching(em: EntityManager, words: string[]): Promise<{ ids: string[]; truncated: boolean }> {
  let ids: Set<string> | null = null as Set<string> | null;
  let truncated = false;
  for (const word of words) {
    const rows: { id: string }[] = await em.execute('select iter_search_cases(?, ?) as id', [word.replace(/[\\%_]/g, '\\$&'), MOST_MATCHES]);
    truncated ||= rows.length === MOST_MATCHES;
    const found = new Set(rows.map(row => row.id));
    ids = ids ? new Set([...ids].filter(id => found.has(id))) : found;
  }
  return { ids: [...(ids ?? [])], truncated };
}
