/** A loop that runs in one process of the installation at a time: whoever holds the advisory lock of its name. */
import type pg from 'pg';
import type { Logger } from '../commit/context.ts';

export interface LoopOptions {
  name: string;
  pool: pg.Pool;
  log: Logger;
  everyMs: number;
  /** On the connection that holds the lock: when it breaks, the lock is gone and so is the leadership. */
  work(client: pg.PoolClient): Promise<void>;
}
export interface Loop { leading(): boolean; stop(): Promise<void> }

const LOCK = { name: 'lead_lock', text: `select pg_try_advisory_lock(hashtextextended('iter/' || $1, 0)) as mine` };
const UNLOCK = { name: 'lead_unlock', text: `select pg_advisory_unlock(hashtextextended('iter/' || $1, 0))` };

export function everyWhileLeading({ name, pool, log, everyMs, work }: LoopOptions): Loop {
  let client: pg.PoolClient | null = null, stopped = false, failing = false, wake: (() => void) | null = null;

  async function turn(): Promise<void> {
    if (!client) {
      const candidate = await pool.connect();
      try {
        const { rows: [row] } = await candidate.query({ ...LOCK, values: [name] });
        if (!row.mine) { candidate.release(); return; }
      } catch (error) {
        candidate.release(true);
        throw error;
      }
      client = candidate;
      client.on('error', () => {});
    }
    await work(client);
  }

  async function run(): Promise<void> {
    while (!stopped) {
      try {
        await turn();
        failing = false;
      } catch (error) {
        if (!failing) log.warn({ err: error, loop: name }, 'a loop of the worker failed; it goes on trying');
        failing = true;
        // A connection in doubt may still hold the lock: it must end for anybody to lead.
        client?.release(true);
        client = null;
      }
      if (!stopped) await new Promise<void>(resolve => { const timer = setTimeout(resolve, everyMs); wake = () => { clearTimeout(timer); resolve(); }; });
    }
    if (client) {
      const last: pg.PoolClient = client;
      client = null;
      await last.query({ ...UNLOCK, values: [name] }).then(() => last.release(), () => last.release(true));
    }
  }

  const running = run();
  return {
    leading: () => client !== null,
    async stop() {
      stopped = true;
      wake?.();
      await running;
    },
  };
}
