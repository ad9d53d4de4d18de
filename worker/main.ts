/**
 * `npm start [-- api | worker]`: runs an installation until it is told to stop.
 * Ctrl-C stops in order; a second one stops the servers at once and leaves the tidying to the next start.
 */
import { setFlagsFromString } from 'node:v8';
import { MasterKeyError } from '../database/masterKeys.ts';
import { type Config, ConfigError, loadConfig } from './config.ts';
import { killPostgres, PostgresError } from './embedded/postgres.ts';
import { killTemporal } from './embedded/temporal.ts';
import { StartError } from './homeLock.ts';
import { printLine } from './progress.ts';
import { type Roles, start } from './start.ts';

// One Ctrl-C may arrive twice: from the terminal, and handed on by npm.
const SAME_SIGNAL_MS = 500;
const STOP_LIMIT_MS = 40_000;
const PARENT_POLL_MS = 500;

function readRoles(argument: string | undefined): Roles {
  if (argument === undefined) return { api: true, worker: true };
  if (argument === 'api' || argument === 'worker') return { api: argument === 'api', worker: argument === 'worker' };
  fail(`npm start -- ${argument}: only "api" and "worker" can be started by themselves.`);
}

function fail(message: string): never {
  process.stderr.write(`\n${message}\n`);
  process.exit(1);
}

/** Mistakes that a person can mend are told in words; anything else is ours, and told whole. */
function explain(error: unknown): string {
  if (error instanceof ConfigError || error instanceof StartError || error instanceof PostgresError || error instanceof MasterKeyError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function abandon(message: string): never {
  killTemporal(config.home);
  killPostgres(config.home);
  fail(message);
}

function readConfig(): Config {
  try {
    return loadConfig();
  } catch (error) {
    fail(explain(error));
  }
}

const config = readConfig();
const roles = readRoles(process.argv[2]);
// A worker alone holds a thousand sleeping cases and is in no hurry: a small young generation keeps it a third smaller
// (measured, 1,000 open cases: 300–510 MiB without, 240–390 with).
if (!roles.api) setFlagsFromString('--max-semi-space-size=4');
const iter = start(config, roles);
let stoppingSince: number | undefined;

async function stop(reason: string, exitCode: number): Promise<void> {
  if (stoppingSince !== undefined) {
    if (performance.now() - stoppingSince < SAME_SIGNAL_MS) return;
    abandon('Stopped without waiting. The next start tidies up.');
  }
  stoppingSince = performance.now();
  printLine(`${reason}: stopping …`);
  setTimeout(() => abandon('It took too long to stop. The next start tidies up.'), STOP_LIMIT_MS).unref();
  try {
    await iter.stop();
    printLine('Stopped.');
    process.exit(exitCode);
  } catch (error) {
    fail(explain(error));
  }
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(signal, 0));
// A terminal that is gone cannot be written to; that is no reason to lose the order of the stop.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
for (const event of ['uncaughtException', 'unhandledRejection'] as const) {
  process.on(event, (error) => {
    process.stderr.write(`${explain(error)}\n`);
    void stop('An error that nobody handled', 1);
  });
}

// Whoever kills the command (npm, its shell) means us: without this we would go on unseen and keep the port.
// (Started by hand, without the bootstrap, our parent may leave as it likes.)
const parent = process.ppid;
if (process.env['ITER_PARENT'] === String(parent)) {
  setInterval(() => process.ppid !== parent && stoppingSince === undefined && void stop('The command was killed', 1), PARENT_POLL_MS).unref();
}

iter.ready.catch((error: unknown) => {
  if (stoppingSince !== undefined) return;
  stoppingSince = performance.now();
  process.stderr.write(`\n${explain(error)}\n`);
  iter.stop().finally(() => process.exit(1));
});
