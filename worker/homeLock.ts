/** One start at a time on a data folder, and one program at a time on a port: said before anything is started. */
import { join } from 'node:path';
import { isPortFree } from './embedded/ports.ts';
import { waitFor } from './embedded/serverProcess.ts';
import { type FileLock, tryLock } from './fileLock.ts';
import { withProgress } from './progress.ts';

// As long as a start that was told to stop needs for it.
const PATIENCE_MS = 6_000;

/** The installation cannot start here and now; the message says why and what to do. */
export class StartError extends Error {
  override name = 'StartError';
}

export async function lockHome(home: string): Promise<FileLock> {
  let outcome = tryLock(join(home, 'lock'));
  if (!('release' in outcome)) {
    await withProgress('Waiting for the start that uses this folder to end', () =>
      waitFor(() => 'release' in (outcome = tryLock(join(home, 'lock'))), PATIENCE_MS),
    );
  }
  if ('release' in outcome) return outcome;
  throw new StartError(
    `Iter already runs on ${home} (process ${outcome.heldBy}).\n` +
      'Use that one, or stop it (Ctrl-C where it runs), or start a second one with data of its own: ITER_HOME=./.iter2 PORT=3001 npm start',
  );
}

export async function requireFreePort(host: string, port: number): Promise<void> {
  if (port === 0 || (await isPortFree(port, host))) return;
  throw new StartError(`Port ${port} of ${host} is in use by another program, or may not be used.\nStop that program, or choose another port: PORT=${port + 1} npm start`);
}
