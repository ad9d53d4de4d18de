/** What the durable workflow is told about its case: ids, names and waiting times; never what a person wrote. */
import type { EffectKind } from '../../plugins/contract.ts';

/** An entry of the history that moved the case on. */
export interface CommittedStep { seq: number; name: string; from: string | null; to: string | null }

/** An effect whose time has come. */
export interface Work { id: string; name: string; does: EffectKind; mode: 'owed' | 'bound'; attempt: number; /** Its instant, in ms since 1970: an effect that goes on is due anew, though nothing failed. Absent in readings of before. */ due?: number }

/** An open row as the `view` query shows it; `inMs` counts from the reading. */
export interface AgendaItem { kind: 'deadline' | 'effect'; name: string; inMs: number }

export interface AgendaReading {
  process: string;
  state: string;
  asOfVersion: number;
  /** The newest steps after the one last seen. */
  steps: CommittedStep[];
  /** The case's last entry: where the next reading goes on. */
  seen: number;
  /** Nothing will ever be due again unless somebody acts. */
  over: boolean;
  /** Suspended, or an effect is parked: an operator must act. */
  incident: boolean;
  work: Work[];
  /** Rows among those being served whose state was left meanwhile. */
  withdrawn: string[];
  agenda: AgendaItem[];
  /** What comes next by itself, already spread where many cases share an instant. Null: only a nudge. */
  next: { name: string; inMs: number } | null;
  /** How long one attempt at an effect may take, and for how long its row is leased. */
  attemptMs: number;
}
