/** Many deadlines at one instant: the wakes are spread, never the instants; and the sweeper knows it. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { run } from '../../database/pools.ts';
import { SWEEP } from '../../database/agendaStatements.ts';
import { oldestUnserved, readAgenda } from '../../engine/agenda/agenda.ts';
import { startSweeper } from '../../engine/agenda/sweeper.ts';
import { openLife, sleep, type Life } from './life.ts';

let life: Life;
beforeAll(async () => { life = await openLife([]); });
afterAll(() => life?.close());

/** Bare rows: what the statements look at, nothing of a real case. */
async function cases(count: number, dueAt: string, more: { kind?: string; mode?: string | null; state?: string; lease?: string | null; suspended?: boolean } = {}): Promise<string[]> {
  const ids = Array.from({ length: count }, () => randomUUID());
  await life.admin.query(`insert into cases (id, process, process_version, state, value, context, sealed, "row", parties, version, seq, head, draft, next_due, suspended, created_at, created_by, last_at)
    select id, 'permesso', 1, 'inIstruttoria', '"x"', '{}', '', '{}', '{}', 1, 1, '', false, ${dueAt}, ${more.suspended ? 'id' : 'null'}, now(), 'x', now() from unnest($1::uuid[]) id`, [ids]);
  await life.admin.query(`insert into agenda (id, case_id, kind, name, generation, mode, due_at, state, lease_until) select gen_random_uuid(), id, $2, 'termine', 1, $3, ${dueAt}, $4, ${more.lease ?? 'null'} from unnest($1::uuid[]) id`, [ids, more.kind ?? 'deadline', more.mode ?? null, more.state ?? 'due']);
  return ids;
}
const sweep = async (graceMs = 5_000) => (await run(life.pools.worker, SWEEP, [graceMs, 20_000])).rows as { case_id: string; age: number }[];
const clear = () => life.admin.query(`update agenda set state = 'done'`);
const waits = async (ids: string[]) => await Promise.all(ids.map(async caseId => (await readAgenda(life.pools.worker, { caseId, seen: 0, serving: [] }, 1_000))!.reading.next!.inMs));

describe('wakes of deadlines that share an instant', () => {
  it('are not spread for a few', async () => {
    const ids = await cases(10, `'2099-01-01'`);
    const all = await waits(ids);
    expect(Math.max(...all) - Math.min(...all)).toBeLessThan(2_000);
    await clear();
  });

  it('are spread evenly over ten minutes for thousands', async () => {
    const ids = await cases(10_000, `'2099-01-01'`);
    const { rows: [{ ms }] } = await life.admin.query(`select extract(epoch from '2099-01-01' - clock_timestamp())::float8 * 1000 as ms`);
    const later = (await waits(ids.slice(0, 300))).map(wait => wait - Number(ms));
    expect(Math.min(...later)).toBeGreaterThan(-5_000);
    expect(Math.max(...later)).toBeLessThan(601_000);
    for (let part = 0; part < 5; part += 1) expect(later.filter(wait => wait >= part * 120_000 && wait < (part + 1) * 120_000).length).toBeGreaterThan(30);
    await clear();
  });
});

describe('the sweeper', () => {
  it.each([
    ['an effect whose time has come', `now() - interval '10 seconds'`, { kind: 'effect', mode: 'owed' }, 1],
    ['an effect of this moment, whose nudge is under way', `now() - interval '1 second'`, { kind: 'effect', mode: 'owed' }, 0],
    ['an effect that somebody holds', `now() - interval '1 hour'`, { kind: 'effect', mode: 'owed', state: 'begun', lease: `now() + interval '1 minute'` }, 0],
    ['an effect whose holder is gone', `now() - interval '1 hour'`, { kind: 'effect', mode: 'owed', state: 'begun', lease: `now() - interval '1 minute'` }, 1],
    ['an outcome that was never applied', `now() - interval '1 hour'`, { kind: 'effect', mode: 'bound', state: 'performed', lease: `now() - interval '1 minute'` }, 1],
    ['a parked effect', `now() - interval '1 hour'`, { kind: 'effect', mode: 'owed', state: 'parked' }, 0],
    ['a deadline of ten seconds ago', `now() - interval '10 seconds'`, {}, 1],
    ['a deadline of a suspended case', `now() - interval '1 hour'`, { suspended: true }, 0],
    ['what a suspended case owes', `now() - interval '1 hour'`, { kind: 'effect', mode: 'owed', suspended: true }, 1],
    ['what is bound to a suspended case', `now() - interval '1 hour'`, { kind: 'effect', mode: 'bound', suspended: true }, 0],
  ])('asks for %s or leaves it', async (_what, dueAt, more, found) => {
    const ids = await cases(1, dueAt, more as any);
    expect((await sweep()).map(row => row.case_id)).toEqual(found ? ids : []);
    await clear();
  });

  it('leaves thousands of one instant the minutes over which they wake, and then asks for all', async () => {
    await cases(2_000, `now() - interval '2 minutes'`);
    expect(await sweep()).toEqual([]);
    expect(await oldestUnserved(life.pools.worker)).toBeGreaterThan(110);
    await clear();
    await cases(2_000, `now() - interval '11 minutes'`);
    expect(await sweep()).toHaveLength(2_000);
    await clear();
    expect(await oldestUnserved(life.pools.worker)).toBe(0);
  });

  it('nudges at its pace, and a case that is found again less and less often', async () => {
    const ids = new Set(await cases(120, `now() - interval '1 hour'`));
    const nudges: string[] = [];
    const log = { info: () => {}, warn: () => {}, error: () => {} };
    const sweeper = startSweeper({ pool: life.pools.worker, log, everyMs: 200, nudgesPerSecond: 200, nudger: { nudge: ({ caseId }: { caseId: string }) => nudges.push(caseId), stats: () => ({}) } as any });
    await sleep(300);
    expect(nudges.length).toBeGreaterThanOrEqual(40);
    expect(nudges.length).toBeLessThanOrEqual(80);
    await sleep(1_000);
    expect(nudges.length).toBe(120);
    expect(new Set(nudges)).toEqual(ids);
    expect(sweeper.stats()).toMatchObject({ leading: true, found: 120 });
    expect(sweeper.stats().oldestSeconds).toBeGreaterThan(3_590);
    await sweeper.stop();
    await clear();
  });
});
