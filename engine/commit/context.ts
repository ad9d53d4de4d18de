/** What every commit needs, handed down from createEngine. */
import type { MasterKey } from '../../database/masterKeys.ts';
import type { Pools } from '../../database/pools.ts';
import type { Processes } from '../processes.ts';

/** What just happened to a case, told after COMMIT, never before. */
export interface CommittedChange {
  caseId: string;
  process: string;
  /** Where the case stands now, as lists name it. */
  state: string;
  draft: boolean;
  done: boolean;
  stateChanged: boolean;
  agendaChanged: boolean;
  /** Something is to be done now, not at a far deadline. */
  urgent: boolean;
}
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}
export interface EngineContext {
  pools: Pools;
  processes: Processes;
  masterKey: MasterKey;
  log: Logger;
  onCommitted: (change: CommittedChange) => void;
  /** Counts for the metrics page. */
  onCounted: (what: 'command' | 'refusal' | 'repeat' | 'deadline' | 'effect' | 'incident', process: string, detail: string) => void;
  /** The worker commits from a pool of its own. */
  commitPool: 'commit' | 'workerCommit';
  /** Where people reach this installation, without a slash at the end; null: it has no such address. */
  publicUrl?: string | null;
}

/** Tells what was committed. Whoever listens cannot undo it: what they throw is logged. */
export function tell(context: EngineContext, change: CommittedChange): void {
  try {
    context.onCommitted(change);
  } catch (error) {
    context.log.error({ caseId: change.caseId, err: error }, 'a listener threw after a commit');
  }
}
