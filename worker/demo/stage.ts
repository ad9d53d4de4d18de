/** Where the stories take place: the installation that runs on ITER_HOME, or one of its own that is gone afterwards. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, loadConfig } from '../config.ts';
import { mailFolder } from '../embedded/mail.ts';
import { freePorts } from '../embedded/ports.ts';
import { tryLock } from '../fileLock.ts';
import { StartError } from '../homeLock.ts';
import { withInstallationDatabase } from '../installationDatabase.ts';
import { printLine } from '../progress.ts';
import { start } from '../start.ts';

export interface Stage {
  api: string;
  databaseUrl: string;
  /** Undefined where mail goes to a real server. */
  mail: string | undefined;
  /** SMS go to the simulator: otherwise nobody is given a number. */
  sms: boolean;
  /** Gone when the story is over. */
  temporary: boolean;
}

export async function withStage<T>(play: (stage: Stage) => Promise<T>): Promise<T> {
  const config = loadConfig();
  return config.databaseUrl || isRunning(config.home) ? await onRunning(config, play) : await onOwn(play);
}

function isRunning(home: string): boolean {
  const lock = tryLock(join(home, 'lock'));
  if (!('release' in lock)) return true;
  lock.release();
  return false;
}

async function onRunning<T>(config: Config, play: (stage: Stage) => Promise<T>): Promise<T> {
  const api = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${config.port}`;
  const answers = await fetch(`${api}/healthz`, { signal: AbortSignal.timeout(3_000) }).then(response => response.ok, () => false);
  if (!answers) throw new StartError(`Iter runs on ${config.home}, but its API does not answer at ${api}: give the PORT it was started with (PORT=… npm run demo).`);
  printLine(`The installation that runs on ${config.home} is used (${api}); the cases of the demo stay in it.`);
  return await withInstallationDatabase(config, databaseUrl => play({ api, databaseUrl, mail: config.mail.smtpUrl ? undefined : mailFolder(config.home), sms: !config.channels.account && !config.mail.smtpUrl, temporary: false }));
}

async function onOwn<T>(play: (stage: Stage) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'iter-demo-'));
  const [port] = (await freePorts(1)) as [number];
  const config = loadConfig({ ...process.env, ITER_HOME: home, HOST: '127.0.0.1', PORT: String(port), DATABASE_URL: '', TEMPORAL_ADDRESS: '', SMTP_URL: '', SMS_URL: '', SMS_USER_KEY: '', SMS_ACCESS_TOKEN: '', SMS_PRICE: process.env['SMS_PRICE'] || '0.065', ITER_MASTER_KEY: '', ITER_DEMO: '1', LOG_LEVEL: 'error' });
  printLine('No installation runs here: one is started for the demo, on free ports and in a temporary folder.');
  const iter = start(config);
  const stop = async () => {
    await iter.stop();
    rmSync(home, { recursive: true, force: true });
  };
  // Ctrl-C ends the story, not the servers: they would be left behind.
  let interrupted = false;
  const onSignal = () => {
    if (interrupted) return;
    interrupted = true;
    void stop().finally(() => process.exit(130));
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal);
  try {
    await iter.ready;
    return await withInstallationDatabase(config, databaseUrl => play({ api: `http://127.0.0.1:${port}`, databaseUrl, mail: mailFolder(home), sms: true, temporary: true }));
  } finally {
    if (!interrupted) await stop();
  }
}
