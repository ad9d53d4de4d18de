/**
 * Opens what people upload, to refuse what nobody could read: protected by a password, cut off, damaged, without pages. In a process of
 * its own with bounds of time and memory, since a file may be made to exhaust whoever opens it. (Not a thread: one that runs out of
 * memory takes the program with it.)
 */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Problem } from '../engine/problems.ts';

/** Why a file is of no use. `too-complex`: opening it took more time or memory than any paper does. */
export type Flaw = 'protected' | 'incomplete' | 'damaged' | 'no-pages' | 'too-complex';

/** A scan of 5 MiB opens in some sixty milliseconds, the first one in half a second; a busy machine is slower. */
const TIME_MS = 10_000;
const HEAP_MIB = 192, MEMORY_BYTES = 512 * 1024 * 1024, LOOK_MS = 50;
/** Nobody uploads: the process gives its memory back. */
const IDLE_MS = 60_000;
const PROGRAM = fileURLToPath(new URL('./fileReaderProcess.ts', import.meta.url));
/** It reads its own program and nothing else: no files written, no processes, no environment with secrets. */
const CONFINED = ['--permission', '--allow-fs-read=*', '--disable-warning=SecurityWarning', `--max-old-space-size=${HEAP_MIB}`];

interface Waiting { id: number; mediaType: string; content: Buffer; resolve: (flaw: Flaw | null) => void; reject: (error: Error) => void }

/** One file at a time; the others wait. */
class FileReader {
  private child: ChildProcess | null = null;
  private current: (Waiting & { watch: NodeJS.Timeout }) | null = null;
  private readonly queue: Waiting[] = [];
  private idle: NodeJS.Timeout | null = null;
  private count = 0;

  flawOf(content: Buffer, mediaType: string): Promise<Flaw | null> {
    return new Promise((resolve, reject) => {
      this.queue.push({ id: (this.count += 1), mediaType, content, resolve, reject });
      this.next();
    });
  }

  private next(): void {
    if (this.current || this.queue.length === 0) return;
    if (this.idle) clearTimeout(this.idle);
    const child = (this.child ??= this.begin());
    const waiting = this.queue.shift()!, end = performance.now() + TIME_MS;
    this.current = { ...waiting, watch: setInterval(() => { if (performance.now() > end || memoryOf(child) > MEMORY_BYTES) this.drop(child); }, LOOK_MS) };
    hold(child, true);
    child.send({ id: waiting.id, mediaType: waiting.mediaType, content: waiting.content }, () => undefined);
  }

  private begin(): ChildProcess {
    const child = fork(PROGRAM, { execArgv: CONFINED, env: {}, serialization: 'advanced', stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
    let isReady = false;
    child.on('message', (message: { ready: true } | { id: number; flaw: Flaw | null }) => {
      if ('ready' in message) isReady = true;
      else if (this.current?.id === message.id) this.settle(message.flaw);
    });
    // Out of memory, or a parser that throws where nobody waits: of no use to anybody else either.
    const gone = (why: string) => (isReady ? this.drop(child) : this.fail(child, why));
    child.on('error', error => gone(error.message));
    child.on('exit', (code, signal) => gone(`it ended with ${signal ?? code}`));
    return child;
  }

  /** It never began: nothing is said about the file, which may be sent again. */
  private fail(child: ChildProcess, why: string): void {
    if (child !== this.child) return;
    this.child = null;
    const { current } = this;
    this.settle(null, () => current?.reject(new Problem('unavailable', `Files cannot be opened now (${why}). Repeat with the same key.`, { retryAfter: 10 })));
  }

  private drop(child: ChildProcess): void {
    if (child !== this.child) return;
    this.child = null;
    child.kill('SIGKILL');
    this.settle('too-complex');
  }

  private settle(flaw: Flaw | null, instead?: () => void): void {
    if (!this.current) return;
    const { watch, resolve } = this.current;
    clearInterval(watch);
    this.current = null;
    if (instead) instead();
    else resolve(flaw);
    // A program that has nothing else to do may end.
    if (this.child) hold(this.child, false);
    this.idle = setTimeout(() => { const { child } = this; this.child = null; child?.kill(); }, IDLE_MS);
    this.idle.unref();
    this.next();
  }
}

function hold(child: ChildProcess, held: boolean): void {
  const how = held ? 'ref' : 'unref';
  child[how]();
  child.channel?.[how]();
}

/** Bytes that the process holds; 0 where only its time and its heap are bounded. */
function memoryOf({ pid }: ChildProcess): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
  } catch {
    return 0;
  }
}

const reader = new FileReader();

/** Null: it can be read. Never throws for what the file holds; Problem `unavailable` where no file can be opened at all. */
export function flawOf(content: Buffer, mediaType: string): Promise<Flaw | null> {
  return reader.flawOf(content, mediaType);
}
