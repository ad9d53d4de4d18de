/**
 * `npm run cases:erase -- --due [--dry-run]`: erases every case whose retention is over; `-- <case> --reason "…"`: one of them.
 * `--purge` takes what was erased off the disk too: tables are rewritten and the log is dropped. Interrupted, run it again.
 */
import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { createPools, type Pools } from '../../database/pools.ts';
import { purge } from '../../database/purge.ts';
import { UUID } from '../../database/uuid.ts';
import { createForgetter } from '../../engine/agenda/forget.ts';
import { isTemporalAway } from '../../engine/agenda/temporal.ts';
import type { EngineContext } from '../../engine/commit/context.ts';
import { casesDue, eraseCase } from '../../engine/erasure/eraseCase.ts';
import { forgetErased } from '../../engine/erasure/forget.ts';
import { Problem } from '../../engine/problems.ts';
import { createProcesses } from '../../engine/processes.ts';
import type { Actor } from '../../plugins/contract.ts';
import { plugins } from '../../plugins/registry.ts';
import { ConfigError, loadConfig, type Config } from '../config.ts';
import { eraseMail } from '../embedded/eraseMail.ts';
import { mailFolder } from '../embedded/mail.ts';
import { PostgresError } from '../embedded/postgres.ts';
import { StartError } from '../homeLock.ts';
import { withInstallationDatabase } from '../installationDatabase.ts';
import { printLine, withProgress } from '../progress.ts';
import { findTemporal } from '../temporalAddress.ts';

const USAGE = `Usage: npm run cases:erase -- --due [--dry-run] [--reason "…"] [--purge]    every case whose retention is over
       npm run cases:erase -- <case> --reason "…" [--purge]                 one of them
       npm run cases:erase -- --purge                                       only takes off the disk what was erased before`;
const ACTOR: Actor = { kind: 'system', id: 'system', role: 'conservazione' };

interface Wish { caseId: string | null; due: boolean; dryRun: boolean; purge: boolean; reason: string }

function readArguments(): Wish {
  try {
    const { values, positionals } = parseArgs({ allowPositionals: true, options: { due: { type: 'boolean' }, 'dry-run': { type: 'boolean' }, purge: { type: 'boolean' }, reason: { type: 'string' } } });
    const { due = false, 'dry-run': dryRun = false, purge: isPurging = false, reason = due ? 'conservazione conclusa' : '' } = values, [caseId = null, ...more] = positionals;
    const sound = more.length === 0 && !(due && caseId) && (due || caseId !== null || isPurging) && !(dryRun && !due) && !(dryRun && isPurging) && (caseId === null || UUID.test(caseId) && reason.length >= 3);
    if (!sound) throw new Error('It must be said what to erase, and why.');
    return { caseId, due, dryRun, purge: isPurging, reason };
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n${USAGE}`);
  }
}

/** One case at a time: what fails is told at the end, and the others are erased. */
async function eraseAll(context: EngineContext, pools: Pools, wish: Wish): Promise<number> {
  let erased = 0;
  const failed: string[] = [];
  const ids = async function* () {
    if (wish.caseId) yield wish.caseId;
    if (wish.due) for await (const { id, process, number, retention } of casesDue(context, pools.worker)) {
      if (wish.dryRun) printLine(`${id}  ${process}  ${number ?? '–'}  since ${'from' in retention ? retention.from : ''}`);
      yield id;
    }
  };
  for await (const caseId of ids()) {
    erased += 1;
    if (wish.dryRun) continue;
    await eraseCase(context, { caseId, actor: ACTOR, caller: ACTOR.id, key: `erase/${caseId}`, reason: wish.reason }).catch((error: unknown) => {
      erased -= 1;
      failed.push(`${caseId}: ${error instanceof Problem ? error.message : String(error)}`);
    });
  }
  printLine(wish.dryRun ? `${erased} cases would be erased. Nothing was changed.` : `${erased} cases are erased.`);
  if (failed.length > 0) throw new StartError(`${failed.length} could not be erased:\n${failed.join('\n')}`);
  return erased;
}

/** What is outside the database. Without Temporal, the worker does it as soon as both are there. */
async function forget(config: Config, pools: Pools): Promise<void> {
  const address = await findTemporal(config);
  const forgetter = address === null ? null : createForgetter({ namespace: config.temporal.namespace, connection: { address } });
  try {
    if (!forgetter) throw new StartError('');
    await forgetErased({ pool: pools.worker, commitPool: pools.commit, forgetWorkflow: forgetter.forgetWorkflow, eraseFiles: async (ids, fingerprints) => { eraseMail(mailFolder(config.home), ids, fingerprints); } });
    printLine('Their workflows (which only held ids) and the copies of their mail are gone too.');
  } catch (error) {
    if (!(error instanceof StartError) && !isTemporalAway(error)) throw error;
    printLine('Temporal is not there: their workflows (which only hold ids) and the copies of their mail are removed by the worker when it is.');
  } finally {
    await forgetter?.close();
  }
}

async function work(config: Config, wish: Wish, databaseUrl: string): Promise<void> {
  const pools = createPools(databaseUrl, config.masterKeys, { read: 1, commit: 1, worker: 2 });
  const log = pino({ level: 'silent' });
  const context: EngineContext = { pools, processes: createProcesses(plugins), masterKey: config.masterKeys, log, onCommitted() {}, onCounted() {}, commitPool: 'commit' };
  try {
    if (wish.caseId || wish.due) await eraseAll(context, pools, wish);
    if (!wish.dryRun) await forget(config, pools);
  } finally {
    await pools.end();
  }
  if (!wish.purge) return;
  const { left } = await withProgress('Taking it off the disk', note => purge(databaseUrl, note));
  printLine(left.length === 0 ? 'Nothing of it is left in the files of this PostgreSQL.' : `Left on the disk:\n${left.map(what => `  - ${what}`).join('\n')}`);
  printLine('Backups, archived logs, exports and mail that was delivered are copies elsewhere: they end with their own retention.');
}

try {
  const wish = readArguments(), config = loadConfig();
  await withInstallationDatabase(config, databaseUrl => work(config, wish, databaseUrl));
} catch (error) {
  const told = error instanceof ConfigError || error instanceof StartError || error instanceof PostgresError;
  process.stderr.write(`${told ? (error as Error).message : ((error as Error).stack ?? error)}\n`);
  process.exitCode = 1;
}
