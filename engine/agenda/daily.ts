/** Work of the installation as a whole, once for each local day: signed heads, daily registers, the mail of open tasks. */
import type pg from 'pg';
import { addDays, romeDate, romeTime } from '../../plugins/calendar.ts';
import type { Logger } from '../commit/context.ts';
import { everyWhileLeading } from './leading.ts';

export interface DailyJob {
  name: string;
  /** `HH:MM` of the day after, in Europe/Rome, before which it does not begin; default midnight. */
  from?: string;
  /**
   * `day` is the day that is over, in Europe/Rome. Must be idempotent: a new leader runs the last day's job again. Throws: tried again in a minute;
   * so is what answers `again`. `signal`: the worker is stopping; what takes long ends early.
   */
  run(day: string, signal: AbortSignal): Promise<void | 'again'>;
}
export interface DailyOptions { pool: pg.Pool; log: Logger; jobs: DailyJob[]; everyMs?: number; now?: () => Date }

const MINUTE_MS = 60_000;

export function startDaily({ pool, log, jobs, everyMs = MINUTE_MS, now = () => new Date() }: DailyOptions): { stop(): Promise<void> } {
  const doneFor = new Map<string, string>(), stopping = new AbortController();
  async function work(): Promise<void> {
    const instant = now().toISOString(), day = addDays(romeDate(instant), -1);
    for (const job of jobs) {
      if (doneFor.get(job.name) === day || romeTime(instant) < (job.from ?? '00:00')) continue;
      try {
        if (await job.run(day, stopping.signal) === 'again') continue;
        doneFor.set(job.name, day);
        log.info({ job: job.name, day }, 'a daily job is done');
      } catch (error) {
        log.error({ err: error, job: job.name, day }, 'a daily job failed; it is tried again in a minute');
      }
    }
  }
  const loop = everyWhileLeading({ name: 'daily', pool, log, everyMs, work });
  return {
    async stop() {
      stopping.abort();
      await loop.stop();
    },
  };
}
