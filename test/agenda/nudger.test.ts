/** Nudges: a burst is one wake, nobody waits for them, and Temporal may be away. */
import { afterEach, describe, expect, it } from '@jest/globals';
import { following } from '../../engine/agenda/following.ts';
import { createNudger, type Nudger, type NudgerOptions } from '../../engine/agenda/nudger.ts';
import type { CaseOfProcess } from '../../engine/agenda/temporal.ts';
import type { CommittedChange } from '../../engine/commit/context.ts';

const log = { info: () => {}, warn: () => {}, error: () => {} };
const sleep = (ms: number) => new Promise<void>(resolve => setTimeout(resolve, ms));
const away = () => Object.assign(new Error('connect ECONNREFUSED'), { code: 14 });

let nudger: Nudger;
afterEach(() => nudger?.close(0));
function open(options: Partial<NudgerOptions> = {}): { sent: { at: number; caseId: string; state?: string | undefined }[] } {
  const sent: { at: number; caseId: string; state?: string | undefined }[] = [];
  nudger = createNudger({ log, urgentMs: 5, windowMs: 100, calmMs: 300, signal: async which => { sent.push({ at: Date.now(), caseId: which.caseId, state: which.state }); }, ...options });
  return { sent };
}
const change = (caseId: string, more: Partial<CommittedChange> = {}): CommittedChange => ({ caseId, process: 'permesso', state: 'inIstruttoria', draft: false, done: false, stateChanged: true, agendaChanged: true, urgent: false, ...more });

describe('a nudge', () => {
  it('leaves at once where an effect is due, after a window where the case is over, last where only a far deadline or the state changed', async () => {
    const { sent } = open();
    const began = Date.now();
    nudger.onCommitted(change('calm'));
    nudger.onCommitted(change('over', { done: true }));
    nudger.onCommitted(change('urgent', { urgent: true }));
    await sleep(500);
    expect(sent.map(({ caseId }) => caseId)).toEqual(['urgent', 'over', 'calm']);
    // Never before its window: a burst is to be one wake.
    expect(sent[1]!.at - began).toBeGreaterThanOrEqual(85);
    expect(sent[2]!.at - began).toBeGreaterThanOrEqual(285);
  });

  it.each([
    ['a draft', { draft: true }],
    ['a counter that changed nothing to be done', { stateChanged: false, agendaChanged: false }],
  ])('is not sent for %s', async (_what, more) => {
    const { sent } = open();
    nudger.onCommitted(change('a', { urgent: true, ...more }));
    await sleep(150);
    expect(sent).toEqual([]);
  });

  it('is not sent for what the workflow of the case commits itself, and is for any other case', async () => {
    const { sent } = open();
    await following('a', async () => { await sleep(1); nudger.onCommitted(change('a', { urgent: true })); nudger.onCommitted(change('b', { urgent: true })); });
    await sleep(100);
    expect(sent.map(({ caseId }) => caseId)).toEqual(['b']);
  });

  it('is one for a burst on one case, with the last state', async () => {
    const { sent } = open();
    for (let i = 0; i < 100; i += 1) nudger.onCommitted(change('a', { state: `s${i}` }));
    await sleep(400);
    expect(sent.map(({ state }) => state)).toEqual(['s99']);
  });

  it('waits no longer because something calm follows something urgent, and leaves earlier when it is the other way round', async () => {
    const { sent } = open();
    nudger.onCommitted(change('a', { urgent: true }));
    nudger.onCommitted(change('a'));
    nudger.onCommitted(change('b'));
    nudger.onCommitted(change('b', { urgent: true }));
    await sleep(60);
    expect(sent.map(({ caseId }) => caseId).sort()).toEqual(['a', 'b']);
  });

  it('keeps its distance from the one before: a hot case is not woken for every command', async () => {
    const { sent } = open();
    const timer = setInterval(() => nudger.onCommitted(change('a', { urgent: true })), 5);
    await sleep(520);
    clearInterval(timer);
    expect(sent.length).toBeGreaterThanOrEqual(3);
    expect(sent.length).toBeLessThanOrEqual(6);
    await sleep(150);
    // The last commit is never forgotten.
    expect(sent.length).toBeGreaterThanOrEqual(4);
  });

  it('is not lost when it comes while another of the same case is under way', async () => {
    const calls: (() => void)[] = [];
    open({ signal: () => new Promise<void>(resolve => calls.push(resolve)) });
    nudger.onCommitted(change('a', { urgent: true }));
    await sleep(30);
    nudger.onCommitted(change('a', { urgent: true }));
    calls[0]!();
    await sleep(200);
    expect(calls).toHaveLength(2);
  });
});

describe('while Temporal is away', () => {
  it('nudges wait, and leave when it is back', async () => {
    let isAway = true;
    const sent: string[] = [];
    open({ signal: async ({ caseId }: CaseOfProcess) => { if (isAway) throw away(); sent.push(caseId); } });
    for (let i = 0; i < 200; i += 1) nudger.onCommitted(change(`case ${i}`, { urgent: true }));
    await sleep(200);
    expect(nudger.stats()).toMatchObject({ sent: 0, waiting: 200, away: true, dropped: 0 });
    // One call at a time asks whether it is back, not two hundred.
    expect(nudger.stats().failed).toBeLessThan(30);
    isAway = false;
    await sleep(900);
    expect(new Set(sent).size).toBe(200);
    expect(nudger.stats()).toMatchObject({ away: false });
  });

  it('are bounded: what does not fit is left to the sweeper, and counted', async () => {
    open({ most: 10, signal: async () => { throw away(); } });
    for (let i = 0; i < 25; i += 1) nudger.onCommitted(change(`case ${i}`, { urgent: true }));
    await sleep(50);
    expect(nudger.stats()).toMatchObject({ waiting: 10, dropped: 15 });
  });

  it('wait for the first address as well', async () => {
    nudger = createNudger({ log, urgentMs: 5 });
    nudger.onCommitted(change('a', { urgent: true }));
    await sleep(50);
    expect(nudger.stats()).toMatchObject({ waiting: 1, away: true });
    await expect(nudger.nudgeNow({ process: 'permesso', caseId: 'a' })).rejects.toThrow('not connected');
  });
});

describe('at the end', () => {
  it('what waits is sent at once', async () => {
    const { sent } = open();
    for (let i = 0; i < 50; i += 1) nudger.onCommitted(change(`case ${i}`));
    await nudger.close();
    expect(sent).toHaveLength(50);
    nudger.onCommitted(change('late', { urgent: true }));
    await sleep(30);
    expect(sent).toHaveLength(50);
  });

  it('nobody waits long for a Temporal that does not answer', async () => {
    open({ signal: () => new Promise<void>(() => {}) });
    nudger.onCommitted(change('a', { urgent: true }));
    await sleep(30);
    // It comes back at all: the signal never will.
    await expect(nudger.close(200)).resolves.toBeUndefined();
  });

  it('an answer that is not about Temporal being away is logged and left to the sweeper', async () => {
    open({ signal: async () => { throw new Error('no such workflow type'); } });
    nudger.onCommitted(change('a', { urgent: true }));
    await sleep(50);
    expect(nudger.stats()).toMatchObject({ failed: 1, waiting: 0, away: false });
  });
});
