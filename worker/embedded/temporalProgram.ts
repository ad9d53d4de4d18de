/** Where a Temporal server to run comes from, cheapest first; what was got once is kept in the user's cache. */
import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, createWriteStream, existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { tryLock } from '../fileLock.ts';
import { type Note, withProgress } from '../progress.ts';

export const TEMPORAL_VERSION = '1.32.0';
const CLI_ARCHIVE = 'https://temporal.download/cli/archive/latest';
const DOWNLOAD_ANSWER_MS = 4_000;
const DOWNLOAD_STALL_MS = 15_000;
const LOCK_POLL_MS = 1_000;

/** The `temporal` command line with its development server, or the server proper with its schema tool. */
export type TemporalProgram = { kind: 'cli'; temporal: string } | { kind: 'server'; server: string; sql: string };

/** No Temporal could be found or made; the message says what to install. */
export class TemporalMissingError extends Error {
  override name = 'TemporalMissingError';
}

/** Aborting ends a wait, a download or a build; what is compiled by then is not compiled again. */
export async function findTemporalProgram(signal?: AbortSignal): Promise<TemporalProgram> {
  const onPath = findOnPath('temporal');
  if (onPath && hasDevServer(onPath)) return { kind: 'cli', temporal: onPath };
  return cached() ?? (await obtain(signal));
}

/** `<cache>/iter/temporal`, as the XDG base directories say. */
export function temporalCache(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'iter', 'temporal');
}

function cached(): TemporalProgram | undefined {
  const temporal = join(temporalCache(), 'cli', 'temporal');
  if (existsSync(temporal)) return { kind: 'cli', temporal };
  const bin = join(temporalCache(), TEMPORAL_VERSION, 'bin');
  const program = { kind: 'server' as const, server: join(bin, 'server'), sql: join(bin, 'sql') };
  return existsSync(program.server) && existsSync(program.sql) ? program : undefined;
}

/** One process at a time: a second start waits for the first one's build and uses it. */
async function obtain(signal: AbortSignal | undefined): Promise<TemporalProgram> {
  const lockFile = join(temporalCache(), `${TEMPORAL_VERSION}.lock`);
  const lock = await withProgress('Waiting for another start that is getting Temporal', async () => {
    for (;;) {
      signal?.throwIfAborted();
      const held = tryLock(lockFile);
      if ('release' in held) return held;
      await new Promise((resolve) => setTimeout(resolve, LOCK_POLL_MS));
    }
  });
  try {
    return cached() ?? (await downloadCli(signal)) ?? (await buildServer(signal));
  } finally {
    lock.release();
  }
}

function findOnPath(name: string): string | undefined {
  const file = process.platform === 'win32' ? `${name}.exe` : name;
  return (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, file)).find((path) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function hasDevServer(temporal: string): boolean {
  return spawnSync(temporal, ['server', 'start-dev', '--help'], { stdio: 'ignore', timeout: 10_000 }).status === 0;
}

/** The archive that the SDKs download too; `undefined` within seconds where it cannot be reached. */
async function downloadCli(stop: AbortSignal | undefined): Promise<TemporalProgram | undefined> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const arch = process.arch === 'x64' ? 'amd64' : process.arch;
  const controller = new AbortController();
  let timer = setTimeout(() => controller.abort(), DOWNLOAD_ANSWER_MS);
  mkdirSync(temporalCache(), { recursive: true });
  const folder = mkdtempSync(join(temporalCache(), 'download-'));
  try {
    const answer = await fetch(`${CLI_ARCHIVE}?platform=${platform}&arch=${arch}`, { signal: stop ? AbortSignal.any([stop, controller.signal]) : controller.signal });
    if (!answer.ok || !answer.body) return undefined;
    const archive = join(folder, 'temporal.tar.gz');
    const { body } = answer;
    await withProgress('Downloading Temporal', async (note) => {
      let received = 0;
      const meter = new Transform({
        transform(chunk: Buffer, _encoding, done) {
          clearTimeout(timer);
          timer = setTimeout(() => controller.abort(), DOWNLOAD_STALL_MS);
          received += chunk.length;
          note(`${Math.round(received / 1e6)} MB`);
          done(null, chunk);
        },
      });
      await pipeline(Readable.fromWeb(body), meter, createWriteStream(archive));
    });
    if (spawnSync('tar', ['-xzf', archive, '-C', folder], { stdio: 'ignore' }).status !== 0) return undefined;
    rmSync(archive);
    if (!hasDevServer(join(folder, 'temporal'))) return undefined;
    renameSync(folder, join(temporalCache(), 'cli'));
    return cached();
  } catch {
    stop?.throwIfAborted();
    // Not reachable from here: the next way is tried.
    return undefined;
  } finally {
    clearTimeout(timer);
    rmSync(folder, { recursive: true, force: true });
  }
}

async function buildServer(signal: AbortSignal | undefined): Promise<TemporalProgram> {
  const go = findOnPath('go');
  if (!go) throw new TemporalMissingError(missingMessage('it is not installed, could not be downloaded, and there is no Go to build it with'));
  process.stderr.write(`Temporal is not installed and cannot be downloaded here: building version ${TEMPORAL_VERSION} with Go, once. Commands are served meanwhile.\n`);
  const folder = mkdtempSync(join(temporalCache(), 'build-'));
  try {
    await withProgress('Building Temporal', (note) => goInstall(go, folder, note, signal), { usually: '8 minutes on two cores' });
    mkdirSync(join(temporalCache(), TEMPORAL_VERSION), { recursive: true });
    const bin = join(temporalCache(), TEMPORAL_VERSION, 'bin');
    rmSync(bin, { recursive: true, force: true });
    // Renamed when whole: an interrupted build is never taken for a finished one.
    renameSync(folder, bin);
    return { kind: 'server', server: join(bin, 'server'), sql: join(bin, 'sql') };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function goInstall(go: string, bin: string, note: Note, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const module = 'go.temporal.io/server/cmd';
    const child = spawn(go, ['install', '-v', '-ldflags=-s -w', `${module}/server@v${TEMPORAL_VERSION}`, `${module}/tools/sql@v${TEMPORAL_VERSION}`], {
      cwd: dirname(bin),
      env: { ...process.env, GOBIN: bin, CGO_ENABLED: '0' },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    // A stop of ours ends the build; Go keeps what it has compiled and goes on from there next time.
    const abort = () => child.kill('SIGTERM');
    process.once('exit', abort);
    signal?.addEventListener('abort', abort, { once: true });
    let downloaded = 0;
    let compiled = 0;
    let last: string[] = [];
    child.stderr.on('data', (chunk) => {
      const lines = String(chunk).split('\n').filter(Boolean);
      downloaded += lines.filter((line) => line.startsWith('go: downloading')).length;
      compiled += lines.filter((line) => !line.startsWith('go: ')).length;
      last = [...last, ...lines].slice(-10);
      note(compiled ? `${compiled} packages compiled` : `${downloaded} modules downloaded`);
    });
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('exit', abort);
      signal?.removeEventListener('abort', abort);
      if (code === 0) resolve();
      else if (signal?.aborted) reject(signal.reason);
      else reject(new TemporalMissingError(missingMessage(`the build with Go failed:\n${last.map((line) => `  | ${line}`).join('\n')}\n`)));
    });
  });
}

function missingMessage(reason: string): string {
  return (
    `Temporal is needed for deadlines, documents and messages: ${reason}.\n` +
    'Do one of these and start again (commands given meanwhile are kept and caught up with):\n' +
    '  - install the Temporal CLI so that "temporal" is on the PATH: https://docs.temporal.io/cli\n' +
    '  - set TEMPORAL_ADDRESS=host:port of a running Temporal\n' +
    '  - install Go 1.26.8 or newer: https://go.dev/dl/'
  );
}
