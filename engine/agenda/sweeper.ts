/**
 * Finds what nobody serves: a nudge that was lost, a lease whose holder died, a Temporal that was emptied.
 * One sweeper in the whole installation, under an advisory lock of PostgreSQL; the others wait for its connection to end.
 */
import type pg from 'pg';
import { run } from '../../database/pools.ts';
import { SWEEP } from '../../database/agendaStatements.ts';
import type { Logger } from '../commit/context.ts';
import type { Nudger } from './nudger.ts';
import { everyWhileLeading, type Loop } from './leading.ts';

export interface SweeperOptions {
  pool: pg.Pool;
  nudger: Pick<Nudger, 'nudge' | 'stats'>;
  log: Logger;
  everyMs?: number;
  /** How long a row may be due before anybody wonders. */
  graceMs?: number;
  /** Ten thousand deadlines of one midnight are woken over minutes, not at once. */
  nudgesPerSecond?: number;
}
export interface SweeperStats { leading: boolean; found: number; oldestSeconds: number }
export interface Sweeper { stats(): SweeperStats; stop(): Promise<void> }

const EVERY_MS = 2_000, GRACE_MS = 5_000, NUDGES_PER_SECOND = 50, MOST_FOUND = 5_000;
/** A case found again and again is nudged less and less often: a wake that helped nothing would fill its history. */
const FIRST_PAUSE_MS = 10_000, LONGEST_PAUSE_MS = 300_000;

export function startSweeper(options: SweeperOptions): Sweeper {
  const { pool, nudger, log, everyMs = EVERY_MS, graceMs = GRACE_MS, nudgesPerSecond = NUDGES_PER_SECOND } = options;
  const nudged = new Map<string, { until: number; pauseMs: number }>();
  const stats = { found: 0, oldestSeconds: 0 };

  async function sweep(client: pg.PoolClient): Promise<void> {
    const { rows } = await run(client, SWEEP, [graceMs, MOST_FOUND]);
    stats.oldestSeconds = rows[0]?.age ?? 0;
    const now = Date.now(), seen = new Set<string>();
    let budget = Math.ceil((nudgesPerSecond * everyMs) / 1_000);
    for (const { case_id: caseId, process } of rows as { case_id: string; process: string }[]) {
      seen.add(caseId);
      const before = nudged.get(caseId);
      if (budget === 0 || (before && before.until > now)) continue;
      const pauseMs = Math.min(before ? before.pauseMs * 2 : FIRST_PAUSE_MS, LONGEST_PAUSE_MS);
      nudged.set(caseId, { until: now + pauseMs, pauseMs });
      nudger.nudge({ caseId, process });
      stats.found += 1;
      budget -= 1;
    }
    if (rows.length < MOST_FOUND) for (const caseId of nudged.keys()) if (!seen.has(caseId)) nudged.delete(caseId);
    if (rows.length > 0) log.info({ found: rows.length, oldestSeconds: Math.round(stats.oldestSeconds) }, 'cases that nobody served are nudged');
  }

  const loop: Loop = everyWhileLeading({ name: 'sweeper', pool, log, everyMs, work: sweep });
  return { stats: () => ({ leading: loop.leading(), ...stats }), stop: loop.stop };
}
