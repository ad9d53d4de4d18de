/**
 * `npm run keys:rotate`: changes the master key while Iter goes on serving. Interrupted anywhere, run it again: it goes on where it was.
 * `-- --dry-run`: opens every key, counts, changes nothing.
 */
import { parseArgs } from 'node:util';
import pg from 'pg';
import { masterFingerprint, MasterKeyError } from '../../database/masterKeys.ts';
import { beginRotation, countRotation, finishRotation, type Rotation } from '../../engine/history/rotation.ts';
import { ConfigError, loadConfig, type Config } from '../config.ts';
import { PostgresError } from '../embedded/postgres.ts';
import { StartError } from '../homeLock.ts';
import { withInstallationDatabase } from '../installationDatabase.ts';
import { beginChange, retireKey, swapKeys, type ChangingKeys } from '../masterKeyFiles.ts';
import { printLine, withProgress } from '../progress.ts';

const HOW_TO = `The master key is in the environment: a new one must be given to every program first.
  1. Make a key, and keep a copy of it where the old one's copy is:   openssl rand -base64 32
  2. Set ITER_MASTER_KEY to the new key and ITER_MASTER_KEY_PREVIOUS to the old one, for every program and for this command.
     Restart the programs. (Where several serve at once, first restart each with the two the other way round:
     then none meets a case that it cannot open.)
  3. Run this command again. When it has ended, take ITER_MASTER_KEY_PREVIOUS away everywhere.`;

const told = (error: unknown) => error instanceof ConfigError || error instanceof StartError || error instanceof MasterKeyError || error instanceof PostgresError;

function readArguments(): { dryRun: boolean } {
  try {
    const { values } = parseArgs({ options: { 'dry-run': { type: 'boolean' } } });
    return { dryRun: values['dry-run'] === true };
  } catch (error) {
    throw new StartError(`${(error as Error).message}\nUsage: npm run keys:rotate [-- --dry-run]`);
  }
}

/** Null in a dry run that has nothing to compare with: the files hold no other key yet. */
function keysToChange(config: Config, dryRun: boolean): ChangingKeys | null {
  const [current, other] = config.masterKeys.all as [Buffer, Buffer | undefined];
  if (config.masterKeyFile === undefined) {
    if (!other) throw new StartError(HOW_TO);
    return { previous: other, next: current, swapped: true };
  }
  return dryRun ? null : beginChange(config.home);
}

async function rotate(client: pg.Client, config: Config, dryRun: boolean): Promise<void> {
  const keys = keysToChange(config, dryRun);
  if (dryRun) {
    const [current, other = current] = config.masterKeys.all as [Buffer, Buffer | undefined];
    const { toDo, done, erased } = await countRotation(keys ? { client, ...keys } : { client, previous: other, next: other === current ? Buffer.alloc(0) : current });
    printLine(`${toDo} data keys would be wrapped anew, ${done} are already, ${erased} cases are erased and have none. Nothing was changed.`);
    return;
  }
  const { previous, next, swapped } = keys!;
  const rotation: Rotation = { client, previous, next };
  const count = await withProgress('Opening every data key', () => beginRotation(rotation));
  if (!swapped) swapKeys(config.home, previous);
  const wrapped = count.over ? 0 : await withProgress('Wrapping them anew', note => finishRotation({ ...rotation, onProgress: (done, of) => note(`${done} of ${of}`) }, count));
  printLine(`The master key is ${masterFingerprint(next)} now: ${wrapped} data keys were wrapped anew, ${count.done} had been before. The database passwords changed with it.`);
  if (config.masterKeyFile !== undefined) {
    printLine(`Keep a copy of ${config.masterKeyFile}. The old key is ${retireKey(config.home, previous)}: only backups of before need it; delete it with the last of them.`);
  } else {
    printLine('Take ITER_MASTER_KEY_PREVIOUS away now. Only backups of before need the old key: delete it with the last of them.');
  }
}

try {
  const { dryRun } = readArguments();
  const config = loadConfig();
  await withInstallationDatabase(config, async databaseUrl => {
    const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000, application_name: 'keys:rotate' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      await rotate(client, config, dryRun);
    } finally {
      await client.end();
    }
  });
} catch (error) {
  process.stderr.write(`${told(error) ? (error as Error).message : ((error as Error).stack ?? error)}\n`);
  process.exitCode = 1;
}
