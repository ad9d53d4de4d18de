/** Names that a decision did not know (plugins/documentModel.ts), as the tables have them when the document is made. */
import type pg from 'pg';
import { NAME_PLACEHOLDER } from '../../plugins/documentModel.ts';
import { run } from '../../database/pools.ts';
import * as sql from '../../database/registerStatements.ts';

/** Every text of `models` with its names in it; who is unknown is called by code or id. */
export async function withNames<T>(client: pg.PoolClient, models: T[]): Promise<T[]> {
  const wanted = { organisation: new Set<string>(), person: new Set<string>() };
  const texts = JSON.stringify(models);
  for (const [, kind, id] of texts.matchAll(NAME_PLACEHOLDER)) wanted[kind as keyof typeof wanted].add(id!);
  if (wanted.organisation.size + wanted.person.size === 0) return models;
  const { rows } = await run(client, sql.NAMES, [[...wanted.organisation], [...wanted.person]]);
  const names = new Map(rows.map(({ kind, id, name }) => [`${kind}:${id}`, name as string]));
  const named = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replace(NAME_PLACEHOLDER, (_whole, kind: string, id: string) => names.get(`${kind}:${id}`) ?? id);
    if (Array.isArray(value)) return value.map(named);
    return value !== null && typeof value === 'object' ? Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, named(inner)])) : value;
  };
  return models.map(model => named(model) as T);
}
