/**
 * `npm run agenda:rebuild`: after Temporal lost its data, gives every live case its workflow again. Harmless to repeat: no effect is done twice.
 * `-- --after-restore`, before any worker runs on a restored PostgreSQL: letters that were being sent become incidents first.
 */
import { createPools } from '../../database/pools.ts';
import { parkDoubtful, rebuildAgenda } from '../../engine/agenda/rebuild.ts';
import { isTemporalAway, linkTemporal } from '../../engine/agenda/temporal.ts';
import { createEngine } from '../../engine/engine.ts';
import { createProcesses } from '../../engine/processes.ts';
import { plugins } from '../../plugins/registry.ts';
import { ConfigError, loadConfig, type Config } from '../config.ts';
import { prepareNamespace } from '../embedded/temporalNamespace.ts';
import { StartError } from '../homeLock.ts';
import { withInstallationDatabase } from '../installationDatabase.ts';
import { printLine, withProgress } from '../progress.ts';
import { findTemporal } from '../temporalAddress.ts';

try {
  const config = loadConfig();
  const [option, ...more] = process.argv.slice(2);
  if ((option !== undefined && option !== '--after-restore') || more.length > 0) throw new StartError('Usage: npm run agenda:rebuild [-- --after-restore]');
  if (option) printLine(`${await withInstallationDatabase(config, databaseUrl => parkAll(databaseUrl, config))} letters in doubt are incidents now: retry each, or record what became of it.`);
  const address = await findTemporal(config);
  if (address === null) throw new StartError(config.temporal.address ? `There is no Temporal at ${config.temporal.address} (TEMPORAL_ADDRESS).` : `No Iter runs on ${config.home}: start it (npm start), wait until Temporal is ready, and run this again.`);
  const { namespace } = config.temporal;
  await prepareNamespace(address, namespace);
  const link = linkTemporal({ namespace, connection: { address } });
  const nudged = await withInstallationDatabase(config, async databaseUrl => {
    const pools = createPools(databaseUrl, config.masterKeys, { read: 1, commit: 1, worker: 2 });
    try {
      return await withProgress('Giving every live case its workflow', note => rebuildAgenda({ pool: pools.worker, signal: link.signal, onProgress: (done, of) => note(`${done} of ${of}`) }));
    } finally {
      await pools.end();
    }
  });
  await link.close();
  printLine(`${nudged} cases follow their agenda again.`);
} catch (error) {
  process.stderr.write(`${told(error)}\n`);
  process.exit(1);
}

async function parkAll(databaseUrl: string, { masterKeys: masterKey }: Config): Promise<number> {
  const pools = createPools(databaseUrl, masterKey, { read: 1, commit: 1, worker: 1 });
  const engine = createEngine({ pools, processes: createProcesses(plugins), masterKey, log: { info() {}, warn() {}, error: (fields, message) => printLine(`${message} ${JSON.stringify(fields)}`) } });
  try {
    return await parkDoubtful(pools.worker, engine.parkEffect);
  } finally {
    await pools.end();
  }
}

function told(error: unknown): string {
  if (error instanceof ConfigError || error instanceof StartError) return error.message;
  if (isTemporalAway(error)) return `Temporal went away: ${(error as Error).message}. Run this again: what was done is not done twice.`;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
