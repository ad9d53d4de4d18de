/** After Temporal was lost: every case that has a life to live gets its workflow again. The rows say what is left to do, so nothing is done twice. */
import type pg from 'pg';
import { run } from '../../database/pools.ts';
import { BEGUN_LETTERS, COUNT_LIVE_CASES, LIVE_CASES } from '../../database/agendaStatements.ts';
import { isTemporalAway, type SignalCase } from './temporal.ts';

const PAGE = 500, CONCURRENCY = 8;
const BEFORE_ALL = '00000000-0000-0000-0000-000000000000';

/**
 * After PostgreSQL was restored to an earlier day: what was begun then may have been done since. Parks each such letter with an
 * incident, for an operator to retry or to record by hand; answers how many. To be run before any worker is.
 */
export async function parkDoubtful(pool: pg.Pool, park: (caseId: string, effectId: string, detail: string) => Promise<void>): Promise<number> {
  const { rows } = await run(pool, BEGUN_LETTERS, []) as { rows: { id: string; case_id: string }[] };
  for (const { id, case_id: caseId } of rows) await park(caseId, id, 'in doubt: it was being sent when the backup was taken. Look into the log of the mail server before a retry.');
  return rows.length;
}

export interface RebuildOptions {
  pool: pg.Pool;
  signal: SignalCase;
  onProgress?: (done: number, of: number) => void;
}

/** Answers how many cases were nudged. Throws at the first that Temporal does not take: run it again, it repeats harmlessly. */
export async function rebuildAgenda({ pool, signal, onProgress }: RebuildOptions): Promise<number> {
  const { rows: [{ count }] } = await run(pool, COUNT_LIVE_CASES, []);
  let done = 0, last = BEFORE_ALL;
  for (;;) {
    const { rows } = await run(pool, LIVE_CASES, [last, PAGE]) as { rows: { id: string; process: string }[] };
    if (rows.length === 0) return done;
    const waiting = [...rows];
    await Promise.all(Array.from({ length: CONCURRENCY }, async () => {
      for (let row = waiting.shift(); row; row = waiting.shift()) {
        await insist(() => signal({ process: row.process, caseId: row.id }));
        done += 1;
      }
    }));
    last = rows.at(-1)!.id;
    onProgress?.(done, count);
  }
}

/** A Temporal that was just made anew knows its namespace and search attributes only after some seconds: a minute's patience. */
async function insist(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (!isTemporalAway(error) || attempt >= 30) throw error;
      await new Promise(resolve => setTimeout(resolve, 2_000));
    }
  }
}
