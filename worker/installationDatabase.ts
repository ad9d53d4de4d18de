/** The database of this installation, for a command that needs nothing else of it: also while Iter runs. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrate } from '../database/migrate.ts';
import type { Config } from './config.ts';
import { postgresFolder, startPostgres } from './embedded/postgres.ts';
import { requireDatabase } from './externalPostgres.ts';
import { tryLock } from './fileLock.ts';
import { StartError } from './homeLock.ts';

/**
 * Runs `work` with the administrator's address: of DATABASE_URL, of the embedded PostgreSQL of an Iter that runs on
 * ITER_HOME, or of one that is started (and migrated) for the while. Throws StartError where there is none to be had.
 */
export async function withInstallationDatabase<T>(config: Config, work: (databaseUrl: string) => Promise<T>): Promise<T> {
  const { databaseUrl, home } = config;
  if (databaseUrl) {
    await requireDatabase(databaseUrl);
    return work(databaseUrl);
  }
  const lock = tryLock(join(home, 'lock'));
  if (!('release' in lock)) return work(runningUrl(home));
  try {
    const postgres = await startPostgres({ home });
    try {
      await migrate(postgres.url('iter'), config.masterKeys);
      return await work(postgres.url('iter'));
    } finally {
      await postgres.stop();
    }
  } finally {
    lock.release();
  }
}

/** PostgreSQL writes its port on the fourth line of its process file, its state on the eighth. */
function runningUrl(home: string): string {
  try {
    const lines = readFileSync(join(postgresFolder(home), 'cluster', 'postmaster.pid'), 'utf8').split('\n');
    const password = readFileSync(join(home, 'keys', 'postgres.password'), 'utf8').trim();
    if (lines[7]?.trim() === 'ready') return `postgresql://postgres:${password}@127.0.0.1:${lines[3]}/iter`;
  } catch {
    // Answered below: it has not come that far.
  }
  throw new StartError(`Iter is just starting or stopping on ${home}: try again in a moment.`);
}
