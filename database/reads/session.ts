/** One reader's transaction behind row-level security, in one pipelined round trip. */
import type pg from 'pg';
import { pipeline } from '../pools.ts';
import type { Statement } from '../statements.ts';

/** Whose eyes a read goes through. An empty part is nobody. */
export interface Reader { organisation: string | null; userId: string }
export type Query = Statement & { values: unknown[] };

/** For whom the statements of this transaction read: the policies compare with these two settings. */
const READ_AS = `select set_config('iter.org', $1, true), set_config('iter.user', $2, true)`;

/** Runs the queries as `reader` in one transaction (role `iter_api`) and gives their results in order. */
export async function readAs(pool: pg.Pool, reader: Reader, queries: Query[]): Promise<pg.QueryResult[]> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const results = await pipeline(client, [
      client.query('begin'), client.query({ name: 'read_as', text: READ_AS, values: [reader.organisation ?? '', reader.userId] }),
      ...queries.map(query => client.query({ name: query.name, text: query.text, values: query.values })),
      client.query('commit'),
    ]);
    return results.slice(2, -1);
  } catch (error) {
    // COMMIT was already sent and ended the failed transaction; a connection that cannot say so is not given back.
    broken = (await client.query('rollback').then(() => undefined, (failure: Error) => failure));
    throw error;
  } finally {
    client.release(broken);
  }
}
