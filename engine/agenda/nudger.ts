/**
 * Nudges: after a commit, tell the case's workflow that there is something to read. Coalesced per case, never awaited,
 * never needed: what is lost here the sweeper finds. A wake costs as much as ten commands, so the art is to wake rarely.
 */
import type { CommittedChange, Logger } from '../commit/context.ts';
import { isFollowing } from './following.ts';
import { isTemporalAway, linkTemporal, type CaseOfProcess, type SignalCase, type TemporalTarget } from './temporal.ts';

export interface NudgerOptions {
  log: Logger;
  /** An effect is due: only commands of the same instant are waited for. */
  urgentMs?: number;
  /** Between two nudges of one case: a burst is one wake. */
  windowMs?: number;
  /** Nothing but a far deadline or a new state: the next command may change it again. */
  calmMs?: number;
  /** Signals under way at once. */
  concurrency?: number;
  /** Cases that may wait to be nudged; more are left to the sweeper. */
  most?: number;
  /** For tests: what to call instead of Temporal. */
  signal?: SignalCase;
}
export interface NudgerStats { sent: number; failed: number; dropped: number; waiting: number; away: boolean }

export interface Nudger {
  /** For createEngine({ onCommitted }). */
  onCommitted(change: CommittedChange): void;
  /** At the next turn, without any window: the sweeper's findings and rebuilds of one case. */
  nudge(which: CaseOfProcess): void;
  /** Awaits the answer. Throws when Temporal is away. */
  nudgeNow(which: CaseOfProcess): Promise<void>;
  /** Where Temporal is; until then nudges wait. Again: it moved. */
  connect(target: TemporalTarget): void;
  stats(): NudgerStats;
  /** Sends what waits, for at most `timeoutMs`, and forgets the rest. */
  close(timeoutMs?: number): Promise<void>;
}

interface Entry { which: CaseOfProcess; dueAt: number; timer: NodeJS.Timeout | null; phase: 'waiting' | 'ready' | 'sending' | 'resting'; again: number | null }

const URGENT_MS = 10, WINDOW_MS = 300, CALM_MS = 2_000, CONCURRENCY = 16, MOST = 50_000;
const FIRST_PROBE_MS = 500, LONGEST_PROBE_MS = 10_000;

export function createNudger(options: NudgerOptions): Nudger {
  const { log, urgentMs = URGENT_MS, windowMs = WINDOW_MS, calmMs = CALM_MS, concurrency = CONCURRENCY, most = MOST } = options;
  const entries = new Map<string, Entry>();
  const ready: Entry[] = [];
  let signal: SignalCase | null = options.signal ?? null, closeLink: (() => Promise<void>) | null = null;
  let sending = 0, away = false, probeMs = FIRST_PROBE_MS, probe: NodeJS.Timeout | null = null, closing = false, idle: (() => void) | null = null;
  const stats = { sent: 0, failed: 0, dropped: 0 };

  function want(which: CaseOfProcess, inMs: number): void {
    const entry = entries.get(which.caseId);
    const dueAt = Date.now() + inMs;
    if (!entry) {
      if (closing || entries.size >= most) { stats.dropped += 1; return; }
      const made: Entry = { which, dueAt, timer: null, phase: 'waiting', again: null };
      entries.set(which.caseId, made);
      schedule(made, inMs);
      return;
    }
    entry.which = { ...which, state: which.state ?? entry.which.state };
    if (entry.phase === 'waiting') {
      if (dueAt < entry.dueAt) { entry.dueAt = dueAt; schedule(entry, inMs); }
    } else if (entry.phase === 'sending' || entry.phase === 'resting') {
      // What is on its way may have been read before this commit.
      entry.again = Math.min(entry.again ?? Infinity, dueAt);
    }
  }

  function schedule(entry: Entry, inMs: number): void {
    if (entry.timer) clearTimeout(entry.timer);
    entry.timer = setTimeout(() => enqueue(entry), Math.max(0, inMs));
  }

  function enqueue(entry: Entry): void {
    entry.timer = null;
    entry.phase = 'ready';
    ready.push(entry);
    pump();
  }

  function pump(): void {
    // One call at a time finds out whether Temporal is back.
    while (signal && ready.length > 0 && sending < (away ? 1 : concurrency) && !(away && probe)) void send(ready.shift()!, signal);
    if (idle && sending === 0 && (ready.length === 0 || away)) idle();
  }

  async function send(entry: Entry, by: SignalCase): Promise<void> {
    entry.phase = 'sending';
    sending += 1;
    try {
      await by(entry.which);
      stats.sent += 1;
      if (away) log.info({ waiting: entries.size }, 'Temporal is back: cases are nudged again');
      away = false;
      probeMs = FIRST_PROBE_MS;
      rest(entry);
    } catch (error) {
      stats.failed += 1;
      if (isTemporalAway(error)) hold(entry, error);
      else {
        log.error({ caseId: entry.which.caseId, err: error }, 'a case could not be nudged; the sweeper will find what is due');
        entries.delete(entry.which.caseId);
      }
    } finally {
      sending -= 1;
      pump();
    }
  }

  /** Kept for a moment, so that the next nudge of this case keeps its distance. */
  function rest(entry: Entry): void {
    entry.phase = 'resting';
    const restUntil = Date.now() + windowMs;
    entry.timer = setTimeout(() => {
      if (entry.again === null) { entries.delete(entry.which.caseId); return; }
      entry.phase = 'waiting';
      entry.dueAt = Math.max(entry.again, restUntil);
      entry.again = null;
      schedule(entry, entry.dueAt - Date.now());
    }, windowMs);
    if (closing) flushOne(entry);
  }

  function hold(entry: Entry, error: unknown): void {
    if (!away) log.warn({ err: error }, 'Temporal is away: effects and deadlines wait, commands do not');
    away = true;
    entry.phase = 'ready';
    ready.unshift(entry);
    if (probe || closing) return;
    probe = setTimeout(() => { probe = null; pump(); }, probeMs);
    probeMs = Math.min(probeMs * 2, LONGEST_PROBE_MS);
  }

  function flushOne(entry: Entry): void {
    if (entry.timer) clearTimeout(entry.timer);
    entry.timer = null;
    if (entry.phase === 'waiting' || (entry.phase === 'resting' && entry.again !== null)) { entry.again = null; enqueue(entry); }
    else if (entry.phase === 'resting') entries.delete(entry.which.caseId);
  }

  return {
    onCommitted({ caseId, process, draft, state, stateChanged, agendaChanged, urgent, done }) {
      if (draft || !(stateChanged || agendaChanged) || isFollowing(caseId)) return;
      want({ caseId, process, state }, urgent ? urgentMs : done ? windowMs : calmMs);
    },
    nudge: which => want(which, 0),
    async nudgeNow(which) {
      if (!signal) throw new Error('Temporal is not connected yet');
      await signal(which);
      stats.sent += 1;
    },
    connect(target) {
      const link = linkTemporal(target);
      void closeLink?.().catch(() => {});
      signal = options.signal ?? link.signal;
      closeLink = link.close;
      pump();
    },
    stats: () => ({ ...stats, waiting: entries.size, away: away || signal === null }),
    async close(timeoutMs = 2_000) {
      closing = true;
      for (const entry of entries.values()) flushOne(entry);
      if (probe) clearTimeout(probe);
      probe = null;
      if (signal && !away && (ready.length > 0 || sending > 0)) {
        await Promise.race([new Promise<void>(resolve => { idle = resolve; }), new Promise<void>(resolve => setTimeout(resolve, timeoutMs).unref())]);
      }
      stats.dropped += entries.size;
      for (const { timer } of entries.values()) if (timer) clearTimeout(timer);
      entries.clear();
      ready.length = 0;
      signal = null;
      await closeLink?.().catch(() => {});
    },
  };
}
