/** Several programs start at once, on one database or on two of one cluster: each finds the schema, and the walls, as if it had been alone. */
import { afterAll, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migrate } from '../../database/migrate.ts';
import { createPools } from '../../database/pools.ts';
import { testServers } from '../environment/servers.ts';

const masterKey = Buffer.from(process.env['ITER_MASTER_KEY'] ?? '', 'base64');
const made: string[] = [];

async function administer(work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: testServers().postgres });
  await client.connect();
  await work(client);
  await client.end();
}
async function emptyDatabase(): Promise<string> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(client => client.query(`create database ${name}`));
  made.push(name);
  const url = new URL(testServers().postgres);
  url.pathname = name;
  return url.href;
}
afterAll(async () => { for (const name of made) await administer(client => client.query(`drop database ${name} with (force)`)); });

it('migrates an empty database once, though asked many times at once, beside another one', async () => {
  const [one, two] = [await emptyDatabase(), await emptyDatabase()];
  await Promise.all([one, two, one, two, one, two].map(url => migrate(url, masterKey)));
  for (const url of [one, two]) {
    const pools = createPools(url, masterKey, { read: 1, commit: 1, worker: 1 });
    for (const pool of [pools.read, pools.commit, pools.worker]) expect((await pool.query('select count(*)::int as n from cases')).rows[0].n).toBe(0);
    await pools.end();
  }
}, 60_000);
