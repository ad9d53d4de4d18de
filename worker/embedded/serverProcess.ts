/**
 * Processes that outlive a crash of ours: how they are started, recognised after it, and stopped.
 *
 * They run in a session of their own, so that Ctrl-C reaches us alone and we stop them in order. After a `kill -9` of
 * ours they go on; the next start recognises them by process id *and* time of birth, since ids are used again.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const LOG_LIMIT = 20 * 1024 * 1024;
const LOG_LINE = 400;
const POLL_MS = 50;

export type ServerOptions = {
  command: string;
  args: string[];
  /** Both outputs are appended here. */
  logFile: string;
  env?: NodeJS.ProcessEnv;
  uid?: number | undefined;
  gid?: number | undefined;
};

export function spawnServer(options: ServerOptions): ChildProcess {
  const log = openLog(options.logFile);
  try {
    const child = spawn(options.command, options.args, {
      detached: true,
      stdio: ['ignore', log, log],
      env: options.env ?? process.env,
      ...(options.uid === undefined ? {} : { uid: options.uid }),
      ...(options.gid === undefined ? {} : { gid: options.gid }),
    });
    // Its failure to start is seen by whoever waits for it to answer.
    child.on('error', () => undefined);
    return child;
  } finally {
    closeSync(log);
  }
}

function openLog(file: string): number {
  mkdirSync(dirname(file), { recursive: true });
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_LIMIT) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}

/** The last lines of a log, cut to what can be read, to show beside an error. */
export function logTail(file: string, lines = 8): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines).map((line) => `  | ${line.slice(0, LOG_LINE)}`).join('\n');
  } catch {
    return '  | (no log)';
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    // EPERM: it lives, and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

// A process that ended and that nobody has collected, as happens to orphans in containers without an init.
function isZombie(pid: number): boolean {
  return procStat(pid)?.[0] === 'Z';
}

/** Fields of /proc/<pid>/stat after the name, which may itself hold spaces and brackets. */
function procStat(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** A text that differs between two processes that had the same id one after the other; `undefined` if there is none. */
export function processIdentity(pid: number): string | undefined {
  if (!isAlive(pid)) return undefined;
  const started = procStat(pid)?.[19];
  if (started) return `${pid} ${started} ${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`;
  try {
    return `${pid} ${execFileSync('ps', ['-p', String(pid), '-o', 'lstart='], { encoding: 'utf8' }).trim()}`;
  } catch {
    return undefined;
  }
}

/** The command line of a process, empty if it cannot be read. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    try {
      return execFileSync('ps', ['-p', String(pid), '-o', 'command='], { encoding: 'utf8' }).trim();
    } catch {
      return '';
    }
  }
}

/** Remembers a running server, to be found by `findServer` after a crash of ours. */
export function rememberServer(pidFile: string, pid: number): void {
  mkdirSync(dirname(pidFile), { recursive: true });
  writeFileSync(pidFile, `${pid}\n${processIdentity(pid) ?? ''}\n`);
}

/** The process id of the remembered server if that very process still runs. */
export function findServer(pidFile: string): number | undefined {
  let text: string;
  try {
    text = readFileSync(pidFile, 'utf8');
  } catch {
    return undefined;
  }
  const [pid, identity] = text.split('\n');
  return identity && processIdentity(Number(pid)) === identity ? Number(pid) : undefined;
}

export function forgetServer(pidFile: string): void {
  rmSync(pidFile, { force: true });
}

/** Sends each signal in turn until the process has ended. Resolves to false if it outlived them all. */
export async function stopProcess(pid: number, steps: { signal: NodeJS.Signals; waitMs: number }[]): Promise<boolean> {
  for (const { signal, waitMs } of steps) {
    try {
      process.kill(pid, signal);
    } catch {
      return true;
    }
    if (await waitFor(() => !isAlive(pid), waitMs)) return true;
  }
  return false;
}

const RESTART_MS = 500;
const RESTART_LIMIT_MS = 30_000;

export type Supervision = { release(): Promise<void> };

/**
 * Starts a server again when it is killed or fails, ever more slowly. One that ends with success was asked to, by
 * whomever: it stays down. After `release` any end is right.
 */
export function supervise(name: string, first: ChildProcess, restart: () => Promise<ChildProcess>): Supervision {
  let isReleased = false;
  let restarting = Promise.resolve();
  const watch = (child: ChildProcess) => {
    child.unref();
    const onExit = () => {
      if (!isReleased && child.exitCode !== 0) restarting = again();
    };
    // It may have ended before anybody watched: then there is no event to come.
    if (child.exitCode !== null || child.signalCode !== null) onExit();
    else child.once('exit', onExit);
  };
  const again = async () => {
    process.stderr.write(`${name} has ended by itself: starting it again.\n`);
    let isTold = false;
    for (let delay = RESTART_MS; !isReleased; delay = Math.min(2 * delay, RESTART_LIMIT_MS)) {
      await new Promise((resolve) => setTimeout(resolve, delay));
      try {
        if (!isReleased) watch(await restart());
        return;
      } catch (error) {
        if (!isTold) process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
        isTold = true;
      }
    }
  };
  watch(first);
  return {
    release: async () => {
      isReleased = true;
      await restarting;
    },
  };
}

/** Polls until `isDone`; resolves to false when the time is over. */
export async function waitFor(isDone: () => boolean | Promise<boolean>, timeoutMs: number): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (performance.now() < end) {
    if (await isDone()) return true;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  return false;
}
