/** `npm run migrate`: brings the database of DATABASE_URL to this version's schema, as a deployment does before its processes start. */
import { migrate } from '../../database/migrate.ts';
import { ConfigError, loadConfig } from '../config.ts';
import { requireDatabase } from '../externalPostgres.ts';
import { StartError } from '../homeLock.ts';
import { printLine, withProgress } from '../progress.ts';

try {
  const config = loadConfig();
  const { databaseUrl } = config;
  if (!databaseUrl) throw new StartError('DATABASE_URL is not set. The embedded database is migrated by every npm start.');
  await requireDatabase(databaseUrl);
  await withProgress('Bringing the database up to date', () => migrate(databaseUrl, config.masterKeys));
  printLine('The database is up to date.');
} catch (error) {
  process.stderr.write(`${error instanceof ConfigError || error instanceof StartError ? error.message : ((error as Error).stack ?? error)}\n`);
  process.exit(1);
}
