/** A lock between processes of one machine: a file that names its holder, and is worth nothing when the holder is gone. */
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { processIdentity } from './embedded/serverProcess.ts';

export type FileLock = { release(): void };

/** The lock, or the id of the process that holds it. A holder that was killed does not count. */
export function tryLock(file: string): FileLock | { heldBy: number } {
  mkdirSync(dirname(file), { recursive: true });
  const own = `${process.pid}\n${processIdentity(process.pid) ?? ''}\n`;
  for (;;) {
    // Written aside and linked: the lock appears whole or not at all.
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, own);
    try {
      linkSync(draft, file);
      return { release: () => readOrNothing(file) === own && rmSync(file, { force: true }) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft, { force: true });
    }
    const held = readOrNothing(file);
    if (held === undefined) continue;
    const [pid, identity] = held.split('\n');
    if (identity && processIdentity(Number(pid)) === identity) return { heldBy: Number(pid) };
    removeStale(file, held);
  }
}

// Renamed before it is removed: of two that find it stale, the second may have taken away the first one's new lock.
function removeStale(file: string, stale: string): void {
  const aside = `${file}.${process.pid}.stale`;
  try {
    renameSync(file, aside);
    if (readOrNothing(aside) !== stale) linkSync(aside, file);
  } catch {
    // Somebody else has removed it.
  }
  rmSync(aside, { force: true });
}

function readOrNothing(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
