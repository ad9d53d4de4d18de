/** Ten thousand deadlines of one instant, as after a night without a worker: each fires once, and people go on working meanwhile. */
import { randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { newCaseKey } from '../../engine/history/caseKey.ts';
import { GENESIS } from '../../engine/history/chain.ts';
import { auditCases } from './audit.ts';
import type { ApiClient } from './client.ts';
import type { Installation } from './installation.ts';
import { POLO, SCHOOL } from './people.ts';
import { serve } from './serve.ts';

/** Fewer, to try the test itself. */
const DEADLINES = Number(process.env['ITER_TEST_DEADLINES'] ?? 10_000);
/** On two free cores it takes four minutes: the sweeper wakes fifty cases a second. */
const WITHIN_MS = 15 * 60_000;
const TERM = 'xstate.after.termine.yardstick.inIstruttoria';

let installation: Installation, client: ApiClient;
serve({ name: 'deadlines' }, served => { ({ installation, client } = served); });

/** Cases in istruttoria whose term ended an hour ago, written as rows. */
async function insertOverdueCases(count: number): Promise<void> {
  const ids = Array.from({ length: count }, () => randomUUID());
  const wrapped = ids.map(id => newCaseKey(installation.masterKey, id).wrapped.toString('hex'));
  await installation.query(`insert into case_keys (case_id, wrapped) select i, decode(w, 'hex') from unnest($1::uuid[], $2::text[]) r(i, w)`, [ids, wrapped]);
  await installation.query(
    `insert into cases (id, process, process_version, state, value, context, sealed, "row", parties, version, seq, head, draft, next_due, created_at, created_by, last_at)
 select i, 'yardstick', 1, 'inIstruttoria', '"inIstruttoria"', '{"conteggio":1}', '', '{"conteggio":1}', $2, 0, 0, $3, false, date_trunc('hour', now()) - interval '1 hour', now() - interval '40 days', 'system', now() - interval '40 days' from unnest($1::uuid[]) i`,
    [ids, JSON.stringify({ scuola: SCHOOL, polo: POLO }), GENESIS],
  );
  await installation.query(`insert into case_access (principal, case_id, process, state, created_at) select p, i, 'yardstick', 'inIstruttoria', now() - interval '40 days' from unnest($1::uuid[]) i, unnest($2::text[]) p`, [ids, [SCHOOL, POLO]]);
  await installation.query(`insert into agenda (id, case_id, kind, name, node, generation, due_at) select gen_random_uuid(), i, 'deadline', 'termine', $2, 0, date_trunc('hour', now()) - interval '1 hour' from unnest($1::uuid[]) i`, [ids, TERM]);
}

it('fires each of ten thousand deadlines of one instant exactly once, while the API goes on answering', async () => {
  // The name of the deadline's event is XState's: a real case must carry the same.
  const [person] = installation.people.segreterie;
  const { body: real } = await client.insist(person!.token, '/processes/yardstick/cases', { data: {}, parties: { scuola: SCHOOL, polo: POLO } });
  await client.insist(person!.token, `/cases/${real.id}/commands/presenta`, {});
  expect((await installation.query(`select node from agenda where case_id = $1`, [real.id]))[0].node).toBe(TERM);

  await insertOverdueCases(DEADLINES);
  const began = performance.now();
  const latencies: number[] = [];
  let left = DEADLINES;
  while (left > 0 && performance.now() - began < WITHIN_MS) {
    const asked = performance.now();
    const { status } = await client.insist(person!.token, `/cases/${real.id}/commands/integra`, {});
    expect(status).toBe(200);
    latencies.push(performance.now() - asked);
    await new Promise(resolve => setTimeout(resolve, 500));
    left = (await installation.query(`select count(*)::int as left from agenda where kind = 'deadline' and state = 'due' and due_at <= now()`))[0].left;
  }
  const seconds = (performance.now() - began) / 1_000;
  latencies.sort((a, b) => a - b);
  const p95 = latencies[Math.floor(latencies.length * 0.95)]!;
  process.stderr.write(`${DEADLINES - left} deadlines of one instant in ${seconds.toFixed(0)} s (${((DEADLINES - left) / seconds).toFixed(0)}/s); a command meanwhile: p50 ${latencies[latencies.length >> 1]!.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms\n`);
  expect(left).toBe(0);
  const [{ fired, cases }] = await installation.query(`select count(*)::int as fired, count(distinct case_id)::int as cases from history where kind = 'deadline'`);
  expect({ fired, cases }).toEqual({ fired: DEADLINES, cases: DEADLINES });
  expect(await installation.query(`select state, count(*)::int from cases where id <> $1 group by state`, [real.id])).toEqual([{ state: 'scaduta', count: DEADLINES }]);
  expect(await auditCases(installation)).toEqual([]);
}, WITHIN_MS + 4 * 60_000);
