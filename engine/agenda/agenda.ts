/** Reading and leasing the agenda: every statement is its own transaction, and every waiting time is PostgreSQL's. */
import type pg from 'pg';
import { run } from '../../database/pools.ts';
import * as sql from '../../database/agendaStatements.ts';
import type { EffectKind, Json, JsonObject } from '../../plugins/contract.ts';
import type { Execution } from '../commit/fold.ts';
import type { AgendaReading, CommittedStep, Work } from './types.ts';

/** Steps told in one reading: after a rebuild, the older ones are in PostgreSQL only. */
const MOST_STEPS = 100;
const MOST_WORK = 50;
const MOST_SHOWN = 20;
/** A row that should have been served and was not (a program older than the row): asked for again after this. */
const LOOK_AGAIN_MS = 30_000;

interface ReadRow {
  process: string; state: string; version: number; seq: number; done: boolean; draft: boolean; suspended: boolean; parked: boolean; spread_ms: number;
  steps: CommittedStep[]; withdrawn: string[];
  rows: { id: string; kind: 'deadline' | 'effect'; name: string; mode: 'owed' | 'bound' | null; does: string | null; attempts: number; due: number; waitMs: number }[];
}

export interface ReadRequest {
  caseId: string;
  seen: number;
  /** Effects that the workflow is serving: neither work nor a reason to wake. */
  serving: string[];
}

/** Null when there is no such case (a database restored to an earlier day). `deadlineDue`: the engine must apply deadlines, then read again. */
export async function readAgenda(pool: pg.Pool, request: ReadRequest, attemptMs: number): Promise<{ reading: AgendaReading; deadlineDue: boolean } | null> {
  const { rows: [row] } = await run(pool, sql.READ_AGENDA, [request.caseId, request.seen, request.serving, MOST_STEPS]);
  return row ? interpret(row as ReadRow, request, attemptMs) : null;
}

function interpret(row: ReadRow, { serving }: ReadRequest, attemptMs: number): { reading: AgendaReading; deadlineDue: boolean } {
  const work: Work[] = [];
  let next: AgendaReading['next'] = null, deadlineDue = false;
  const wake = (name: string, inMs: number) => { if (next === null || inMs < next.inMs) next = { name, inMs }; };
  for (const { id, kind, name, mode, does, attempts, due, waitMs } of row.rows) {
    if (serving.includes(id)) continue;
    // What comes after a deadline in law waits with it.
    if (row.suspended && (kind === 'deadline' || mode === 'bound')) continue;
    if (kind === 'deadline') {
      if (waitMs <= 0) deadlineDue = true;
      wake(name, waitMs <= 0 ? LOOK_AGAIN_MS : Math.round(waitMs + row.spread_ms));
    } else if (waitMs > 0) {
      wake(name, waitMs);
    } else if (!isKnown(does)) {
      wake(name, LOOK_AGAIN_MS);
    } else if (work.length < MOST_WORK) {
      work.push({ id, name, does, mode: mode ?? 'owed', attempt: attempts + 1, due });
    }
  }
  return {
    deadlineDue,
    reading: {
      process: row.process, state: row.state, asOfVersion: row.version, steps: row.steps, seen: row.seq,
      over: row.draft || (row.done && row.rows.length === 0), incident: row.suspended || row.parked, work, withdrawn: row.withdrawn,
      agenda: row.rows.slice(0, MOST_SHOWN).map(({ kind, name, waitMs }) => ({ kind, name, inMs: Math.max(0, waitMs) })), next, attemptMs,
    },
  };
}

const isKnown = (does: string | null): does is EffectKind => does === 'message' || does === 'document' || does === 'command' || does === 'broadcast';

/** An effect that this attempt holds until its lease ends. */
export interface BegunEffect {
  id: string; caseId: string; process: string; processVersion: number; number: string | null; parties: Record<string, string>;
  name: string; mode: 'owed' | 'bound'; does: EffectKind; input: JsonObject;
  /** This one included. */
  attempts: number;
  /** What an earlier attempt got done of an effect of several parts. */
  progress: JsonObject | null;
  /** Performed by an earlier attempt, its outcome not yet applied. */
  outcome: EffectResult | null;
}
export interface EffectResult { ok: boolean; value: Json }
export type Begun = { begun: BegunEffect } | { begun: null; was: string; waitMs: number };

/** Takes an effect for `leaseMs`. Not begun: it is over, its time has not come, or somebody else holds it (`waitMs`). */
export async function beginEffect(pool: pg.Pool, effectId: string, leaseMs: number, execution: Execution): Promise<Begun> {
  const { rows: [row] } = await run(pool, sql.BEGIN_EFFECT, [effectId, leaseMs, JSON.stringify(execution)]);
  if (!row) return { begun: null, was: 'gone', waitMs: 0 };
  if (!row.begun) return { begun: null, was: row.was, waitMs: Math.max(0, Number(row.wait_ms)) };
  const stored = row.result as (Partial<EffectResult> & JsonObject) | null;
  const performed = stored !== null && typeof stored.ok === 'boolean';
  return {
    begun: {
      id: effectId, caseId: row.case_id, process: row.process, processVersion: row.process_version, number: row.number, parties: row.parties,
      name: row.name, mode: row.mode, does: row.does, input: row.input, attempts: row.attempts,
      progress: performed ? null : stored, outcome: performed ? { ok: stored.ok!, value: stored.value ?? null } : null,
    },
  };
}

export async function storePerformed(pool: pg.Pool, effectId: string, outcome: EffectResult): Promise<void> {
  await run(pool, sql.STORE_PERFORMED, [effectId, JSON.stringify(outcome)]);
}

export async function storeProgress(pool: pg.Pool, effectId: string, progress: JsonObject): Promise<void> {
  await run(pool, sql.STORE_PROGRESS, [effectId, JSON.stringify(progress)]);
}

/** Gives the row back until `inMs` from now. False: it was withdrawn meanwhile, and nobody will try again. */
export async function postponeEffect(pool: pg.Pool, effectId: string, inMs: number, error: string): Promise<boolean> {
  const { rowCount } = await run(pool, sql.POSTPONE_EFFECT, [effectId, inMs, error.slice(0, 2_000)]);
  return rowCount === 1;
}

/** An effect of many parts goes on at `inMs`: it did not fail, so its attempts begin anew. False: it was withdrawn meanwhile. */
export async function continueEffect(pool: pg.Pool, effectId: string, inMs: number): Promise<boolean> {
  const { rowCount } = await run(pool, sql.CONTINUE_EFFECT, [effectId, inMs]);
  return rowCount === 1;
}

/** Seconds since the oldest row that is due and that nobody serves; 0 when there is none. */
export async function oldestUnserved(pool: pg.Pool): Promise<number> {
  const { rows: [row] } = await run(pool, sql.OLDEST_UNSERVED, []);
  return Math.max(0, row?.age ?? 0);
}
