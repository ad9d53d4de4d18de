/** Organisations, which are no secret. */
import type pg from 'pg';

/** code → name; codes that are no organisation's are left out. */
export async function organisationNames(pool: pg.Pool, codes: string[]): Promise<Map<string, string>> {
  if (codes.length === 0) return new Map();
  const { rows } = await pool.query({ name: 'organisation_names', text: 'select code, name from organisations where code = any ($1)', values: [codes] });
  return new Map(rows.map(row => [row.code, row.name]));
}
