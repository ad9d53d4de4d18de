/** Daily jobs: once for each local day, by one process, again when they fail. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startDaily } from '../../engine/agenda/daily.ts';
import { openLife, sleep, until, type Life } from './life.ts';

let life: Life;
beforeAll(async () => { life = await openLife([]); });
afterAll(() => life?.close());

const log = { info: () => {}, warn: () => {}, error: () => {} };

it('run once for the day that is over, and again when the next one is', async () => {
  const ran: string[] = [];
  // 00:30 in Rome, still the day before in UTC.
  let now = '2026-03-28T23:30:00.000Z';
  const daily = startDaily({ pool: life.pools.worker, log, everyMs: 50, now: () => new Date(now), jobs: [{ name: 'heads', run: async day => { ran.push(day); } }] });
  await until(() => ran.length > 0, 'it ran');
  await sleep(300);
  expect(ran).toEqual(['2026-03-28']);
  now = '2026-03-29T22:30:00.000Z';
  await until(() => ran.length > 1, 'it ran again');
  expect(ran).toEqual(['2026-03-28', '2026-03-29']);
  await daily.stop();
});

it('are tried again when they fail, and do not keep others from theirs', async () => {
  const ran: string[] = [];
  let failures = 2;
  const daily = startDaily({
    pool: life.pools.worker, log, everyMs: 50,
    jobs: [{ name: 'weak', run: async () => { if (failures-- > 0) throw new Error('not yet'); ran.push('weak'); } }, { name: 'strong', run: async () => { ran.push('strong'); } }],
  });
  await until(() => ran.length === 2, 'both ran');
  await sleep(200);
  expect(ran).toEqual(['strong', 'weak']);
  await daily.stop();
});

it('run in one process at a time', async () => {
  const ran: string[] = [];
  const start = (name: string) => startDaily({ pool: life.pools.worker, log, everyMs: 50, jobs: [{ name: 'heads', run: async () => { ran.push(name); } }] });
  const first = start('first');
  await until(() => ran.length > 0, 'the first leads');
  const second = start('second');
  await sleep(300);
  expect(ran).toEqual(['first']);
  await first.stop();
  // The new leader cannot know what was done: jobs are idempotent.
  await until(() => ran.length > 1, 'the second leads');
  await second.stop();
});
