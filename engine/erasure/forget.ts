/**
 * What an erased case leaves outside the database: copies of its mail and its workflow. Found by what the row still says until it is
 * done, so that nothing is forgotten to be forgotten: by the worker within a minute, or by the operator's command.
 */
import type pg from 'pg';
import type { Logger } from '../commit/context.ts';
import { run } from '../../database/pools.ts';
import * as statements from '../../database/erasureStatements.ts';

export interface ForgetDependencies {
  /** `iter_worker`, which reads every case. */
  pool: pg.Pool;
  /** `iter_commit`. */
  commitPool: pg.Pool;
  /** Resolves too when there is none. Throws when Temporal is away: asked again later. */
  forgetWorkflow: (which: { process: string; caseId: string }) => Promise<void>;
  /** Removes the copies of messages in which one of these ids occurs, and of those that came in with one of these fingerprints; where this program keeps none, nothing. */
  eraseFiles: (ids: string[], fingerprints: string[]) => Promise<void>;
}

const PAGE = 50;

/** Answers how many cases were forgotten. Harmless to repeat, and to run in several programs. */
export async function forgetErased({ pool, commitPool, forgetWorkflow, eraseFiles }: ForgetDependencies): Promise<number> {
  let done = 0;
  for (;;) {
    const { rows } = await run(pool, statements.TO_FORGET, [PAGE]) as { rows: { id: string; process: string; messages: string[]; effects: string[]; fingerprints: string[] }[] };
    if (rows.length === 0) return done;
    for (const { id: caseId, process } of rows) await forgetWorkflow({ process, caseId });
    // Message-IDs hold the id of their effect; receipts and answers quote them. A message to many names its case alone, in whose thread it is: its
    // deliveries are gone with the case. What somebody assigned by hand may quote nothing.
    await eraseFiles(rows.flatMap(({ id, messages, effects }) => [...messages, ...effects, `case.${id}@`]), rows.flatMap(({ fingerprints }) => fingerprints));
    await run(commitPool, statements.FORGOTTEN, [rows.map(({ id }) => id)]);
    done += rows.length;
  }
}

const EVERY_MS = 30_000;

/** Forgets what was erased since it was last looked. A Temporal that is away is asked again. */
export function startForgetting(dependencies: ForgetDependencies & { log: Logger; everyMs?: number }): { stop(): Promise<void> } {
  const { log, everyMs = EVERY_MS } = dependencies;
  let stopped = false, wake: (() => void) | null = null;
  async function loop(): Promise<void> {
    while (!stopped) {
      try {
        const count = await forgetErased(dependencies);
        if (count > 0) log.info({ count }, 'erased cases are forgotten outside the database');
      } catch (error) {
        log.warn({ err: error }, 'what erased cases left outside the database could not be removed yet; it is tried again');
      }
      if (!stopped) await new Promise<void>(resolve => { const timer = setTimeout(resolve, everyMs); wake = () => { clearTimeout(timer); resolve(); }; });
    }
  }
  const running = loop();
  return { async stop() { stopped = true; wake?.(); await running; } };
}
