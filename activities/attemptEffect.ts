/**
 * One attempt at an effect: begin → perform → store what came of it → record the outcome in the case.
 * A crash between any two of them is met by the next attempt, under the same key, once the lease is over.
 */
import { ApplicationFailure } from '@temporalio/activity';
import { isConnectionError, isContention } from '../database/pools.ts';
import { beginEffect, continueEffect, postponeEffect, storePerformed, type BegunEffect, type EffectResult } from '../engine/agenda/agenda.ts';
import { following } from '../engine/agenda/following.ts';
import type { Execution } from '../engine/commit/fold.ts';
import { Problem } from '../engine/problems.ts';
import type { JsonObject } from '../plugins/contract.ts';
import type { ActivityDependencies } from './createActivities.ts';

export interface Attempt { execution: Execution; isLocal: boolean }
export interface EffectReference { caseId: string; effectId: string }
/** `over`: the row was served, withdrawn or never there. Anything else waits in the row. */
export type Served = 'done' | 'failed' | 'parked' | 'postponed' | 'over';

/** It failed now and may succeed later: the other side is away, or busy. */
export class TemporaryFailure extends Error {
  override name = 'TemporaryFailure';
  /** It is about this addressee alone (a full mailbox, a server that lets strangers wait): others may be written to meanwhile. */
  readonly ofOne: boolean;
  constructor(message: string, { ofOne = false, ...options }: ErrorOptions & { ofOne?: boolean } = {}) {
    super(message, options);
    this.ofOne = ofOne;
  }
}
/** Repeating it would change nothing; `detail` goes to the chart's onError. */
export class PermanentFailure extends Error {
  override name = 'PermanentFailure';
  readonly detail: JsonObject;
  constructor(message: string, detail: JsonObject) {
    super(message);
    this.detail = detail;
  }
}
/** Nothing failed: the rest of an effect of many parts is due in `inMs`. */
export class Unfinished extends Error {
  override name = 'Unfinished';
  readonly inMs: number;
  constructor(inMs: number) {
    super('the rest is to be done later');
    this.inMs = inMs;
  }
}
/** The plugin itself is wrong: an operator must see it, the chart cannot help. */
export class BrokenPlugin extends Error {
  override name = 'BrokenPlugin';
}

/** About a day: a mail server that is away over night parks nothing. */
const DEFAULT_ATTEMPTS = 16;
const DEFAULT_FIRST_RETRY_SECONDS = 5;
const LONGEST_BACKOFF_MS = 6 * 3_600_000;
/** A longer backoff is the row's alone: an attempt of an activity lasts minutes, not hours. */
const LONGEST_ACTIVITY_BACKOFF_MS = 60_000;
/** Attempts to record an outcome beyond those of the effect, before the row is parked. */
const RECORDING_ATTEMPTS = 8;

/**
 * Throws ApplicationFailure where the activity itself should be tried again soon (`nextRetryDelay`), and as they are
 * the errors of a database that is away: nothing can be recorded then.
 */
export async function attemptEffect(
  dependencies: ActivityDependencies, { caseId, effectId }: EffectReference, { execution, isLocal }: Attempt, perform: (effect: BegunEffect) => Promise<EffectResult>,
): Promise<Served> {
  const { pool, engine, attemptMs } = dependencies;
  // A local activity holds the workflow's task: it leaves even a short wait to the row.
  const longestWaitMs = isLocal ? 0 : LONGEST_ACTIVITY_BACKOFF_MS;
  const { begun: effect, ...standing } = await beginEffect(pool, effectId, attemptMs, execution);
  if (!effect) {
    const { was, waitMs } = standing as { was: string; waitMs: number };
    if (!['due', 'begun', 'performed'].includes(was)) return 'over';
    return later(`held or not yet due (${was})`, waitMs, longestWaitMs);
  }
  const policy = policyOf(dependencies, effect);
  let outcome = effect.outcome;
  try {
    if (!outcome) {
      outcome = await perform(effect);
      await storePerformed(pool, effectId, outcome);
    }
  } catch (error) {
    if (isInfrastructure(error)) throw error;
    if (error instanceof Unfinished) return (await continueEffect(pool, effectId, error.inMs)) ? 'postponed' : 'over';
    const message = messageOf(error);
    if (error instanceof BrokenPlugin) return await park(dependencies, effect, message);
    if (!(error instanceof PermanentFailure) && effect.attempts < policy.attempts) return await postpone(dependencies, effect, policy, message, longestWaitMs);
    // An owed effect has nobody in the chart who waits for its failure: an operator decides.
    if (effect.mode === 'owed') return await park(dependencies, effect, message);
    outcome = { ok: false, value: { error: message, attempts: effect.attempts, ...(error instanceof PermanentFailure ? error.detail : {}) } };
    await storePerformed(pool, effectId, outcome);
  }
  try {
    await following(caseId, () => engine.recordOutcomes(caseId, [{ effectId, ok: outcome.ok, result: outcome.value, execution }]));
  } catch (error) {
    if (isInfrastructure(error)) throw error;
    if (effect.attempts < policy.attempts + RECORDING_ATTEMPTS) return await postpone(dependencies, effect, policy, messageOf(error), longestWaitMs);
    return await park(dependencies, effect, messageOf(error));
  }
  return outcome.ok ? 'done' : 'failed';
}

function policyOf({ engine }: ActivityDependencies, effect: BegunEffect): { attempts: number; firstRetryMs: number } {
  const { attempts, firstRetrySeconds } = engine.processes.version(effect.process, effect.processVersion).plugin.effects[effect.name] ?? {};
  return { attempts: attempts ?? DEFAULT_ATTEMPTS, firstRetryMs: (firstRetrySeconds ?? DEFAULT_FIRST_RETRY_SECONDS) * 1_000 };
}

async function postpone({ pool, log }: ActivityDependencies, effect: BegunEffect, { firstRetryMs }: { firstRetryMs: number }, error: string, longestWaitMs: number): Promise<Served> {
  // A tenth to and fro: what failed together should not come back together.
  const backoff = Math.min(firstRetryMs * 2 ** (effect.attempts - 1), LONGEST_BACKOFF_MS) * (0.9 + Math.random() * 0.2);
  log.warn({ caseId: effect.caseId, effect: effect.id, name: effect.name, attempts: effect.attempts, error, retryInMs: Math.round(backoff) }, 'an effect failed and is tried again');
  return (await postponeEffect(pool, effect.id, backoff, error)) ? later(error, backoff, longestWaitMs) : 'over';
}

/** Soon: the activity's own retry, visible in Temporal as such. Otherwise the row's due_at, which the workflow reads. */
function later(reason: string, waitMs: number, longestWaitMs: number): Served {
  if (waitMs > longestWaitMs) return 'postponed';
  throw ApplicationFailure.create({ message: reason, type: 'Postponed', nextRetryDelay: Math.max(100, Math.ceil(waitMs)) });
}

async function park({ engine, log }: ActivityDependencies, effect: BegunEffect, error: string): Promise<Served> {
  log.error({ caseId: effect.caseId, effect: effect.id, name: effect.name, attempts: effect.attempts, error }, 'an effect failed for good: it is parked for an operator');
  await following(effect.caseId, () => engine.parkEffect(effect.caseId, effect.id, error));
  return 'parked';
}

/** Nothing can be written down: Temporal repeats the activity until it can. */
function isInfrastructure(error: unknown): boolean {
  return isConnectionError(error) || isContention(error) || (error instanceof Problem && error.code === 'unavailable') || error instanceof ApplicationFailure;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
