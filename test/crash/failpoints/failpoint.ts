/** A place at which a process dies as by `kill -9`, once, when the harness has written its name into the file ITER_FAILPOINT. */
import { readFileSync, rmSync } from 'node:fs';

export type Failpoint = 'committed' | 'nudged' | 'mailed' | 'performed' | 'numbered' | 'registered' | 'kept';

export function reach(place: Failpoint): void {
  const file = process.env['ITER_FAILPOINT']!;
  try {
    if (readFileSync(file, 'utf8') !== place) return;
  } catch {
    return;
  }
  rmSync(file);
  process.kill(process.pid, 'SIGKILL');
}
