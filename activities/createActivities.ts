/** What the durable workflows do. Each activity is idempotent by the key that its doc comment names. */
import { activityInfo } from '@temporalio/activity';
import type pg from 'pg';
import type { Engine } from '../engine/engine.ts';
import type { Logger } from '../engine/commit/context.ts';
import { readAgenda, type ReadRequest } from '../engine/agenda/agenda.ts';
import { following } from '../engine/agenda/following.ts';
import type { AgendaReading } from '../engine/agenda/types.ts';
import { attemptEffect, type Attempt, type EffectReference, type Served } from './attemptEffect.ts';
import type { ChannelSettings } from './broadcasts/channelSettings.ts';
import { deliverBroadcast } from './broadcasts/deliverBroadcast.ts';
import { sendCommand } from './commands.ts';
import { makeDocuments } from './documents/makeDocuments.ts';
import type { Mailer } from './mailer.ts';
import { deliverMessage } from './messages.ts';

export interface ActivityDependencies {
  engine: Pick<Engine, 'processes' | 'applyDeadlines' | 'recordOutcomes' | 'parkEffect' | 'openIncident' | 'sendCommand' | 'dossier' | 'calendars' | 'broadcasts'>;
  /** The worker's own: reads and leases. */
  pool: pg.Pool;
  mailer: Mailer;
  /** Default: no SMS provider, ten mails a second. */
  channels?: ChannelSettings;
  log: Logger;
  /** One attempt, and the lease of its row. */
  attemptMs: number;
}

/** What a workflow gets to see: its types come from here, since workflows may know nothing else. */
export type { AgendaItem, AgendaReading, CommittedStep, Work } from '../engine/agenda/types.ts';
export type CaseActivities = ReturnType<typeof createActivities>;

/** Deadlines armed by deadlines that are due too: more is left to the next reading. */
const MOST_ROUNDS = 8;

export function createActivities(dependencies: ActivityDependencies) {
  const { engine, pool, attemptMs } = dependencies;
  return {
    /**
     * Applies the case's due deadlines, then tells what is to be done, and what was done since the entry last seen.
     * Key: none needed. A deadline's row fires once; reading changes nothing.
     */
    async readAgenda(request: ReadRequest): Promise<AgendaReading | null> {
      let found = await readAgenda(pool, request, attemptMs);
      for (let round = 0; found?.deadlineDue && round < MOST_ROUNDS; round += 1) {
        const { applied } = await following(request.caseId, () => engine.applyDeadlines(request.caseId, currentAttempt().execution));
        found = await readAgenda(pool, request, attemptMs);
        if (applied === 0) break;
      }
      return found?.reading ?? null;
    },

    /** Writes to parties. Key: the effect's row, which is the Message-ID and the registration's key too; a party that accepted is not written to again. */
    performMessage: (reference: EffectReference): Promise<Served> => attemptEffect(dependencies, reference, currentAttempt(), effect => deliverMessage(dependencies, effect)),

    /** Registers and makes documents. Key: each document's row; one that has its number keeps it, with its bytes. */
    performDocument: (reference: EffectReference): Promise<Served> => attemptEffect(dependencies, reference, currentAttempt(), effect => makeDocuments(dependencies, effect)),

    /** Writes to many, some at a time. Key: each delivery's row, whose id is the Message-ID and the provider's order; one that was taken over is not sent again. */
    performBroadcast: (reference: EffectReference): Promise<Served> => attemptEffect(dependencies, reference, currentAttempt(), effect => deliverBroadcast(dependencies, effect)),

    /** Gives another case a command. Key: the effect's row, which is the command's idempotency key there. */
    performCommand: (reference: EffectReference): Promise<Served> => attemptEffect(dependencies, reference, currentAttempt(), effect => sendCommand(dependencies, effect)),
  };
}

/** Who does it, for the history: entries join Temporal's story by these. */
function currentAttempt(): Attempt {
  const { workflowExecution, activityId, attempt, isLocal } = activityInfo();
  return { execution: { workflowId: workflowExecution?.workflowId ?? '', runId: workflowExecution?.runId ?? '', activityId, attempt }, isLocal };
}
