/** Lists of cases: keyset pages that walk the indexes of case_access, one walk per principal of the reader. */
import type { EntityManager } from '@mikro-orm/postgresql';
import { CaseAccessEntity, CaseEntity } from '../entities.ts';
import type { Reader } from './session.ts';
import type { Reads } from './orm.ts';

export interface CaseFilter {
  process?: string | undefined;
  state?: string | undefined;
  /** Organisation code or user id of a party that the case is open to (a draft is not yet). */
  party?: string | undefined;
  /** Words that must all occur in the case's search text. */
  words: string[];
}
/** The last case of the page before. */
export interface CasePosition { createdAt: string; id: string }
export interface CaseListItem {
  id: string; process: string; processVersion: number; number: string | null; state: string; row: Record<string, unknown>; parties: Record<string, string>;
  version: number; draft: boolean; done: boolean; suspended: string | null; nextDue: Date | null; createdAt: Date; lastAt: Date; erasedAt: Date | null;
}
export interface CasePage { items: CaseListItem[]; more: boolean }

export async function listCases(reads: Reads, reader: Reader, filter: CaseFilter, page: { order: 'asc' | 'desc'; after: CasePosition | null; limit: number }): Promise<CasePage> {
  return await reads.as(reader, async em => {
    const principals = [reader.organisation, reader.userId].filter(principal => principal !== null);
    // Words and other parties are for the definer function; a plain list walks behind the policies.
    const find = filter.words.length > 0 || filter.party !== undefined ? search : walk;
    const found = new Map<string, Found>();
    for (const principal of principals) for (const row of await find(em, principal, filter, page.order, page.after, page.limit + 1)) found.set(row.caseId, row);
    const sign = page.order === 'desc' ? -1 : 1;
    const compare = (a: Found, b: Found) => sign * (a.createdAt.getTime() - b.createdAt.getTime() || (a.caseId < b.caseId ? -1 : 1));
    const ids = [...found.values()].sort(compare).map(({ caseId }) => caseId);
    return { items: await casesOf(em, ids.slice(0, page.limit)), more: ids.length > page.limit };
  });
}

interface Found { caseId: string; createdAt: Date }
type Find = (em: EntityManager, principal: string, filter: CaseFilter, order: 'asc' | 'desc', after: CasePosition | null, limit: number) => Promise<Found[]>;

const walk: Find = async (em, principal, filter, order, after, limit) => {
  const [beyond, from] = order === 'desc' ? (['$lt', '$lte'] as const) : (['$gt', '$gte'] as const);
  const at = after && new Date(after.createdAt);
  return await em.find(CaseAccessEntity, {
    principal, ...(filter.process === undefined ? {} : { process: filter.process }), ...(filter.state === undefined ? {} : { state: filter.state }),
    // The first condition is where the index scan begins; the second leaves out what the page before had.
    ...(at && after ? { createdAt: { [from]: at }, $or: [{ createdAt: { [beyond]: at } }, { createdAt: at, caseId: { [beyond]: after.id } }] } : {}),
  }, { orderBy: [{ createdAt: order }, { caseId: order }], limit });
};

const search: Find = async (em, principal, filter, order, after, limit) => {
  const words = filter.words.map(word => word.replace(/[\\%_]/g, '\\$&'));
  const rows: { case_id: string; created_at: Date | string }[] = await em.execute(
    'select case_id, created_at from iter_search_cases(?, array(select jsonb_array_elements_text(?::jsonb)), ?, ?, ?, ?, ?, ?, ?)',
    [principal, JSON.stringify(words), filter.party ?? null, filter.process ?? null, filter.state ?? null, after?.createdAt ?? null, after?.id ?? null, order === 'asc', limit],
  );
  return rows.map(row => ({ caseId: row.case_id, createdAt: new Date(row.created_at) }));
};

async function casesOf(em: EntityManager, ids: string[]): Promise<CaseListItem[]> {
  if (ids.length === 0) return [];
  const rows = await em.find(CaseEntity, { id: { $in: ids } }) as unknown as CaseListItem[];
  const byId = new Map(rows.map(row => [row.id, row]));
  return ids.flatMap(id => byId.get(id) ?? []);
}
