/**
 * After an erasure: takes what was deleted off the disk too. PostgreSQL keeps deleted rows in its files until their space is used again,
 * samples of values in its statistics, and both in its log. Backups and copies of the log elsewhere are the installation's matter.
 */
import { Client } from 'pg';

/** All that an erasure touches (database/erasureSchema.ts). Histories lose nothing: without their key they are noise. */
const TABLES = ['case_keys', 'cases', 'case_access', 'case_items', 'case_search', 'form_drafts', 'tasks', 'calendar_entries', 'deliveries', 'broadcasts', 'import_rows', 'reservations', 'attachments', 'documents', 'mails', 'mail_receipts', 'agenda', 'incidents', 'access_log'];
const PATIENCE_MS = 60_000, MOST_SEGMENTS = 512;

export interface Purged {
  /** What could not be done with this user's rights, and what to do about it. Empty: nothing is left. */
  left: string[];
}

/**
 * `adminUrl`: best a superuser. Each table is rewritten under an exclusive lock: commands wait or are told to come back, so choose a quiet hour.
 * Harmless to interrupt and to repeat.
 */
export async function purge(adminUrl: string, onStep: (what: string) => void = () => {}): Promise<Purged> {
  const client = new Client({ connectionString: adminUrl, application_name: 'cases:erase --purge' });
  client.on('error', () => undefined);
  await client.connect();
  const left: string[] = [];
  const attempt = async (statement: string, otherwise: string) => {
    try {
      await client.query(statement);
    } catch (error) {
      if ((error as { code?: string }).code !== '42501') throw error;
      left.push(otherwise);
    }
  };
  try {
    const { rows: [{ superuser }] } = await client.query('select rolsuper as superuser from pg_roles where rolname = current_user');
    if (!superuser) await client.query('set role iter_owner');
    await waitForReaders(client, left);
    for (const table of TABLES) {
      onStep(table);
      await client.query(`vacuum (full, analyze) ${table}`);
    }
    onStep('statistics');
    await client.query('reset role');
    await attempt('vacuum (full) pg_statistic', 'samples of values in pg_statistic: VACUUM FULL pg_statistic, as a superuser');
    onStep('log');
    if (superuser) await dropLog(client);
    else left.push('the write-ahead log: its segments are overwritten in time; to drop them now, run this as a superuser, or ask your provider');
    const { rows: slots } = await client.query<{ slot_name: string }>('select slot_name from pg_replication_slots where restart_lsn is not null');
    if (slots.length > 0) left.push(`segments of the log that replication slots hold: ${slots.map(({ slot_name: name }) => name).join(', ')}`);
    return { left };
  } finally {
    await client.end();
  }
}

/** What a transaction of before may still see is not removed. */
async function waitForReaders(client: Client, left: string[]): Promise<void> {
  const { rows: [{ now }] } = await client.query('select clock_timestamp() as now');
  for (const end = performance.now() + PATIENCE_MS; ;) {
    const { rows: [{ older }] } = await client.query('select count(*)::int as older from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and (xact_start < $1 or backend_xmin is not null and query_start < $1)', [now]);
    if (older === 0) return;
    if (performance.now() > end) { left.push(`what ${older} transactions of before may still see: end them and run this again`); return; }
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}

/** Segments of the log are removed instead of being used again under another name, which would keep their bytes; and those that wait to be used are used up. */
async function dropLog(client: Client): Promise<void> {
  await client.query('alter system set wal_recycle = off');
  await client.query('select pg_reload_conf()');
  try {
    // The checkpointer reads its settings between two checkpoints.
    await client.query('checkpoint');
    for (let i = 0; i < MOST_SEGMENTS; i += 1) {
      await client.query(`select pg_logical_emit_message(false, 'iter', 'purge')`);
      await client.query('select pg_switch_wal()');
      const { rows: [{ waiting }] } = await client.query('select count(*)::int as waiting from pg_ls_waldir() where name ~ \'^[0-9A-F]{24}$\' and name > pg_walfile_name(pg_current_wal_lsn())');
      if (waiting === 0) break;
    }
    await client.query('checkpoint');
    await client.query(`select pg_logical_emit_message(false, 'iter', 'purge')`);
    await client.query('select pg_switch_wal()');
    await client.query('checkpoint');
  } finally {
    await client.query('alter system reset wal_recycle');
    await client.query('select pg_reload_conf()');
  }
}
