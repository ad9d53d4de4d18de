/** Which master keys a database knows, asked at every start: a wrong one must change nothing. */
import type { Client } from 'pg';
import { masterFingerprint, MasterKeyError, type MasterKeys } from './masterKeys.ts';

/**
 * Lists the key in force, and answers the one whose database passwords are: the oldest that is listed, until `keys:rotate` strikes it out.
 * Throws {@link MasterKeyError} where the database knows other keys.
 */
export async function adoptMasterKey(client: Client, keys: MasterKeys): Promise<Buffer> {
  await client.query('set role iter_owner');
  try {
    const { rows } = await client.query<{ fingerprint: string }>('select fingerprint from master_keys order by since, fingerprint');
    const listed = rows.map(({ fingerprint }) => fingerprint);
    const unknown = listed.filter(fingerprint => !keys.byFingerprint(fingerprint));
    if (unknown.length > 0) throw new MasterKeyError(wrongKey(keys, listed, unknown));
    // What was sealed before keys had names is the older one's.
    if (listed.length === 0 && keys.all.length > 1 && (await client.query('select 1 from case_keys limit 1')).rowCount === 1) listed.push(...await list(client, keys.all[1]!));
    if (!listed.includes(masterFingerprint(keys.current))) listed.push(...await list(client, keys.current));
    return keys.byFingerprint(listed[0]!)!;
  } finally {
    await client.query('reset role');
  }
}

/** Answers the key's fingerprint. As `iter_owner`. */
export async function list(client: Pick<Client, 'query'>, key: Buffer): Promise<[string]> {
  const fingerprint = masterFingerprint(key);
  await client.query('insert into master_keys (fingerprint) values ($1) on conflict do nothing', [fingerprint]);
  return [fingerprint];
}

function wrongKey({ all }: MasterKeys, listed: string[], unknown: string[]): string {
  const given = all.map(masterFingerprint).join(' and ');
  return unknown.length === listed.length
    ? `The master key ${given} is not this database's, which is sealed with ${listed.join(' and ')}. Nothing was changed: restore the right key (ITER_MASTER_KEY, or keys/master.key) from its copy.`
    : `The master key is being changed, and the key ${unknown.join(' and ')} is missing here. Nothing was changed: set both ITER_MASTER_KEY and ITER_MASTER_KEY_PREVIOUS until npm run keys:rotate has ended.`;
}
