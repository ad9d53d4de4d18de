/** Work of the installation as a whole, once for each local day: signed heads, daily registers. */
import type pg from 'pg';
import { addDays, romeDate } from '../../plugins/calendar.ts';
import type { Logger } from '../commit/context.ts';
import { everyWhileLeading } from './leading.ts';

export interface DailyJob {
  name: string;
  /** `day` is the day that is over, in Europe/Rome. Must be idempotent: a new leader runs the last day's job again. Throws: tried again in a minute. */
  run(day: string): Promise<void>;
}
export interface DailyOptions { pool: pg.Pool; log: Logger; jobs: DailyJob[]; everyMs?: number; now?: () => Date }

const MINUTE_MS = 60_000;

export function startDaily({ pool, log, jobs, everyMs = MINUTE_MS, now = () => new Date() }: DailyOptions): { stop(): Promise<void> } {
  const doneFor = new Map<string, string>();
  async function work(): Promise<void> {
    const day = addDays(romeDate(now().toISOString()), -1);
    for (const job of jobs) {
      if (doneFor.get(job.name) === day) continue;
      try {
        await job.run(day);
        doneFor.set(job.name, day);
        log.info({ job: job.name, day }, 'a daily job is done');
      } catch (error) {
        log.error({ err: error, job: job.name, day }, 'a daily job failed; it is tried again in a minute');
      }
    }
  }
  const loop = everyWhileLeading({ name: 'daily', pool, log, everyMs, work });
  return { stop: loop.stop };
}
