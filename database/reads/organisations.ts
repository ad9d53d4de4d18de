/** Organisations, which are no secret. */
import type pg from 'pg';
import { ORGANISATION_NAMES } from '../offerStatements.ts';
import { run } from '../pools.ts';

/** code → name; codes that are no organisation's are left out. */
export async function organisationNames(pool: pg.Pool, codes: string[]): Promise<Map<string, string>> {
  if (codes.length === 0) return new Map();
  const { rows } = await run(pool, ORGANISATION_NAMES, [codes]);
  return new Map(rows.map(row => [row.code, row.name]));
}
