/** One start at a time on a data folder, and one program at a time on a port: said before anything is started. */
import { join } from 'node:path';
import { isPortFree } from './embedded/ports.ts';
import { type FileLock, tryLock } from './fileLock.ts';
import { withProgress } from './progress.ts';

// As long as a start that was told to stop needs for it.
const PATIENCE_MS = 6_000;
const POLL_MS = 100;

/** The installation cannot start here and now; the message says why and what to do. */
export class StartError extends Error {
  override name = 'StartError';
}

export async function lockHome(home: string): Promise<FileLock> {
  const file = join(home, 'lock');
  const first = tryLock(file);
  if ('release' in first) return first;
  return withProgress('Waiting for the start that uses this folder to end', async () => {
    const end = performance.now() + PATIENCE_MS;
    for (;;) {
      const outcome = tryLock(file);
      if ('release' in outcome) return outcome;
      if (performance.now() > end) throw new StartError(alreadyRuns(home, outcome.heldBy));
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  });
}

function alreadyRuns(home: string, pid: number): string {
  return (
    `Iter already runs on ${home} (process ${pid}).\n` +
    'Use that one, or stop it (Ctrl-C where it runs), or start a second one with data of its own: ITER_HOME=./.iter2 PORT=3001 npm start'
  );
}

export async function requireFreePort(host: string, port: number): Promise<void> {
  if (port === 0 || (await isPortFree(port, host))) return;
  throw new StartError(`Port ${port} of ${host} is in use by another program, or may not be used.\nStop that program, or choose another port: PORT=${port + 1} npm start`);
}
