/**
 * A case's life: one durable workflow from its first command that others can see to its final state.
 * It follows the agenda and knows no process: ids, names and waiting times are all that passes through here.
 *
 * The default export serves every workflow type, so that Temporal shows each case under the name of its process.
 */
import {
  ActivityCancellationType, CancellationScope, condition, continueAsNew, defineQuery, defineSignal, isCancellation, log, patched,
  proxyActivities, proxyLocalActivities, setCurrentDetails, setHandler, upsertSearchAttributes, workflowInfo,
} from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import type { AgendaItem, AgendaReading, CaseActivities, CommittedStep, Work } from '../activities/createActivities.ts';

export interface CaseLife {
  caseId: string;
  /** Last entry of the history that an earlier run told of. */
  seen?: number;
  /** Events after which a run continues as new, beside Temporal's own suggestion. */
  mostEvents?: number;
}
export interface CaseView { state: string; asOfVersion: number; agenda: AgendaItem[] }

/** Says that there is something to read, never what. */
export const nudge = defineSignal('nudge');
export const view = defineQuery<CaseView | null>('view');

const PROCESS = defineSearchAttributeKey('IterProcess', SearchAttributeType.KEYWORD);
const STATE = defineSearchAttributeKey('IterState', SearchAttributeType.KEYWORD);
const INCIDENT = defineSearchAttributeKey('IterIncident', SearchAttributeType.BOOL);

const MOST_EVENTS = 4_000;
/** Remote activities of one case at once, before letters went in turn: what runs since then is replayed so. */
const MOST_AT_ONCE = 10;
/** Nobody nudged and nothing is due: look again all the same, should a nudge have been lost. */
const LONGEST_SLEEP_MS = 30 * 86_400_000;
/** Readings that find the same work unchanged: then the wait grows, up to a minute. */
const LONGEST_PAUSE_MS = 60_000;
const STEPS_SHOWN = 20;

// PostgreSQL may be away for hours: a reading is repeated until it comes back.
const { readAgenda, performCommand } = proxyLocalActivities<CaseActivities>({
  startToCloseTimeout: '1 minute', localRetryThreshold: '5 seconds', retry: { initialInterval: '500 milliseconds', maximumInterval: '1 minute' },
});
const { performMessage, performDocument, performBroadcast } = proxyActivities<CaseActivities>({
  scheduleToCloseTimeout: '15 minutes', retry: { initialInterval: '1 second', maximumInterval: '1 minute' },
  // Cancelled between two attempts it ends at once; during one, when the attempt has ended: what was sent is recorded.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
});

export default async function life({ caseId, seen = 0, mostEvents = MOST_EVENTS }: CaseLife): Promise<void> {
  let nudged = false, served = false, finished = false, pauses = 0, inTurn = false;
  let last: AgendaReading | null = null;
  const story: CommittedStep[] = [];
  const serving = new Map<string, CancellationScope>();
  setHandler(nudge, () => { nudged = true; });
  setHandler(view, () => last && { state: last.state, asOfVersion: last.asOfVersion, agenda: last.agenda });

  for (;;) {
    const wentOn = finished;
    nudged = served = finished = false;
    const reading: AgendaReading | null = await readAgenda({ caseId, seen, serving: [...serving.keys()] });
    if (!reading) {
      log.info('there is no such case in the database (it was restored to an earlier day): its life ends here', { caseId });
      return;
    }
    // Letters that wait for their turn are no sign that something keeps them from being served.
    pauses = last && isSame(last, reading) && !(inTurn && (wentOn || serving.size > 0)) ? pauses + 1 : 0;
    last = reading;
    seen = reading.seen;
    tell(reading, story);
    for (const id of reading.withdrawn) serving.get(id)?.cancel();

    // Only when nothing was missed since this reading, and nothing is in flight: no await stands between.
    const { historyLength, continueAsNewSuggested } = workflowInfo();
    const tired = continueAsNewSuggested || historyLength > mostEvents;
    if (serving.size === 0 && !nudged) {
      if (reading.over) return;
      if (tired) await continueAsNew<typeof life>({ caseId, seen, mostEvents });
    }
    // After the pause it is tried again: what kept it from being served may be gone, though the reading looks the same.
    const again = inTurn || (pauses >= 3 && patched('again-after-a-pause'));
    if (again && pauses >= 3) await condition(() => nudged || served, pauseOf(pauses), { summary: 'served again after a pause' });
    if (pauses < 3 || again) {
      const letters = reading.work.filter(({ does }) => does !== 'command').length;
      // In the order of the decisions that owe them: their numbers in the registers come in that order too.
      if (letters + serving.size > 1 && patched('letters-in-turn')) inTurn = true;
      const most = inTurn ? 1 : MOST_AT_ONCE;
      for (const work of reading.work) {
        if (work.does === 'command') {
          await performCommand.executeWithOptions({ summary: summaryOf(work) }, [{ caseId, effectId: work.id }]);
          served = true;
        } else if (!tired && serving.size < most) {
          serve(work, reading.attemptMs);
        }
      }
    }
    if (served) continue;
    const pause = pauses < 3 || reading.work.length === 0 ? LONGEST_SLEEP_MS : pauseOf(pauses);
    const sleep = Math.min(pause, reading.next?.inMs ?? LONGEST_SLEEP_MS);
    await condition(() => nudged || served, Math.max(1, sleep), { summary: reading.next?.name ?? 'look again' });
  }

  function serve(work: Work, attemptMs: number): void {
    const scope = new CancellationScope();
    serving.set(work.id, scope);
    const perform = work.does === 'document' ? performDocument : work.does === 'broadcast' ? performBroadcast : performMessage;
    scope.run(() => perform.executeWithOptions({ summary: summaryOf(work), startToCloseTimeout: attemptMs }, [{ caseId, effectId: work.id }]))
      // The row knows what came of it; a withdrawn one is nobody's concern any more.
      .catch(error => { if (!isCancellation(error)) log.warn('an effect was not served', { caseId, effectId: work.id, error: String(error) }); })
      .finally(() => { serving.delete(work.id); served = finished = true; });
  }
}

/** A minute at most: who keeps work from being served may be gone by then. */
const pauseOf = (pauses: number): number => Math.min(LONGEST_PAUSE_MS, 1_000 * 2 ** (pauses - 3));

/** The same work found again by a reading that changed nothing: something keeps it from being served. */
function isSame(before: AgendaReading, now: AgendaReading): boolean {
  return now.work.length > 0 && before.asOfVersion === now.asOfVersion && before.seen === now.seen && before.work.length === now.work.length
    && before.work.every((work, index) => work.id === now.work[index]!.id && work.attempt === now.work[index]!.attempt && work.due === now.work[index]!.due);
}

const summaryOf = ({ name, mode, attempt }: Work): string => `${name} (${mode})${attempt > 1 ? `, attempt ${attempt}` : ''}`;

/** What Temporal's own pages show of the case: attributes to search by, and its last steps. */
function tell({ process, state, asOfVersion, incident, steps, agenda }: AgendaReading, story: CommittedStep[]): void {
  story.push(...steps);
  story.splice(0, story.length - STEPS_SHOWN);
  const { typedSearchAttributes: known } = workflowInfo();
  if (known.get(PROCESS) !== process || known.get(STATE) !== state || (known.get(INCIDENT) ?? false) !== incident) {
    upsertSearchAttributes([{ key: PROCESS, value: process }, { key: STATE, value: state }, { key: INCIDENT, value: incident }]);
  }
  const lines = story.map(({ seq, name, from, to }) => `${seq}. ${name}: ${from ?? '–'} → ${to ?? '–'}`);
  const open = agenda.map(({ kind, name }) => `- ${kind} ${name}`);
  setCurrentDetails(`**${state}**, version ${asOfVersion}${incident ? ', **incident**' : ''}\n\n${lines.join('\n')}\n\n${open.join('\n')}`);
}
