/** What is lost is found: nudges, workers, Temporal itself. PostgreSQL's rows are enough to go on, and nothing is done twice. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parkDoubtful, rebuildAgenda } from '../../engine/agenda/rebuild.ts';
import { testServers } from '../environment/servers.ts';
import { albo, permesso, permessoRotto } from '../toys/permesso.ts';
import type { KilledWorkerSettings } from './killedWorker.ts';
import { agendaOf, entriesOf, give, lifeOf, openLife, presented, sleep, stateOf, statusOf, until, type Life } from './life.ts';

let life: Life;
beforeEach(async () => { life = await openLife([permesso, albo]); });
afterEach(async () => { permessoRotto.in = null; await life?.close(); });

const quiet = () => ({ engine: life.silent, people: life.people });
const sent = (caseId: string) => until(async () => (await agendaOf(life, caseId, 'avvisaPolo'))[0]?.state === 'done', 'the letter was sent', 30_000);

describe('the sweeper', () => {
  it('finds effects and deadlines whose nudge was lost', async () => {
    const ids = await Promise.all(Array.from({ length: 5 }, () => presented(quiet(), 2)));
    await life.work();
    for (const id of ids) await sent(id);
    for (const id of ids) await until(async () => (await stateOf(life, id)) === 'scaduta', 'the term is over');
    for (const id of ids) expect(life.mail.about(id)).toHaveLength(1);
  });

  it('leads alone, and another takes over when it ends', async () => {
    const first = await life.work(), second = await life.work();
    await until(() => first.status().sweeper.leading !== second.status().sweeper.leading, 'one of them leads');
    const [leader, other] = first.status().sweeper.leading ? [first, second] : [second, first];
    await leader.stop();
    await until(() => other.status().sweeper.leading, 'the other leads');
    const id = await presented(quiet());
    await sent(id);
  });

  it('does not disturb a workflow that serves its case: no nudge but those of commits', async () => {
    await life.work();
    const id = await presented(life, 3_600);
    await sent(id);
    await sleep(2_500);
    const { events } = await lifeOf(life, id).fetchHistory();
    expect(events!.filter(event => event.workflowExecutionSignaledEventAttributes)).toHaveLength(1);
  });
});

describe('a worker that is killed in the middle of an effect', () => {
  it('loses nothing: once the lease is over another performs it under the same key', async () => {
    const { temporalAddress: address, namespace } = testServers();
    const { promise: never } = Promise.withResolvers<void>();
    life.mail.answer = () => ({ wait: never });
    const url = new URL((life.admin as any).options.connectionString);
    const settings: KilledWorkerSettings = { databaseUrl: url.href, address, namespace, taskQueue: life.taskQueue, smtpUrl: life.mail.url, masterKey: process.env['ITER_MASTER_KEY']! };
    const child = fork(join(import.meta.dirname, 'killedWorker.ts'), { env: { ...process.env, ITER_TEST_WORKER: JSON.stringify(settings) }, execArgv: [] });
    try {
      expect(await once(child, 'message')).toEqual(['ready', undefined]);
      const id = await presented(life);
      await until(() => life.mail.attempts.length > 0, 'the mail server is asked');
      expect((await agendaOf(life, id, 'avvisaPolo'))[0]!.state).toBe('begun');
      child.kill('SIGKILL');
      await once(child, 'exit');
      life.mail.answer = () => 'accept';
      await life.work();
      await sent(id);
      const [row] = await agendaOf(life, id, 'avvisaPolo');
      expect(life.mail.about(id).map(({ messageId }) => messageId)).toEqual([`<${row!.id}@iter.example.it>`]);
      expect(row!.attempts).toBe(2);
      expect((await entriesOf(life, id)).filter(({ kind }) => kind === 'effect')).toHaveLength(1);
    } finally {
      child.kill('SIGKILL');
    }
  });

  it('after the mail left and before its outcome was applied, sends nothing again', async () => {
    const id = await presented(quiet());
    // As a worker leaves it that dies between the two.
    await life.admin.query(`update agenda set state = 'performed', attempts = 1, lease_until = clock_timestamp() + interval '1 second', result = '{"ok":true,"value":{"deliveries":{}}}' where case_id = $1 and kind = 'effect'`, [id]);
    await life.work();
    await sent(id);
    expect(life.mail.about(id)).toEqual([]);
    expect((await entriesOf(life, id)).filter(({ kind }) => kind === 'effect')).toHaveLength(1);
  });
});

describe('a Temporal that lost everything', () => {
  it('is given every live case again, and no effect happens twice', async () => {
    const worker = await life.work();
    const due = await presented(life, 8), waiting = await presented(life), over = await presented(life);
    for (const id of [due, waiting, over]) await sent(id);
    await give(life, over, 'rifiuta');
    await until(async () => (await statusOf(life, over)) === 'COMPLETED', 'it is over');
    await worker.stop();
    // What is owed when the lights go out.
    await give(quiet(), waiting, 'avvisa');
    const { namespace } = testServers();
    // Nudges of before that are still on their way would begin a workflow anew.
    await sleep(1_500);
    for (const id of [due, waiting, over]) {
      await until(async () => {
        await life.client.workflowService.deleteWorkflowExecution({ namespace, workflowExecution: { workflowId: `permesso/${id}` } }).catch(() => {});
        return (await statusOf(life, id)) === 'NONE';
      }, 'Temporal knows nothing of it', 60_000);
    }
    const draft = (await life.engine.createCase({ process: 'permesso', data: {}, parties: { polo: 'P1' }, caller: life.people.segreteria, key: 'draft' })).record.state.id;
    const told: [number, number][] = [];
    // Without a sweeper: the rebuild alone.
    await life.work({ sweeper: { everyMs: 60_000, graceMs: 60_000 } });
    expect(await rebuildAgenda({ pool: life.pools.worker, signal: life.link.signal, onProgress: (done, of) => told.push([done, of]) })).toBe(2);
    expect(told).toEqual([[2, 2]]);
    await until(async () => (await stateOf(life, due)) === 'scaduta', 'the term is over');
    await until(async () => (await agendaOf(life, waiting, 'avvisaPolo')).every(({ state }) => state === 'done'), 'what was owed is done');
    expect([await statusOf(life, over), await statusOf(life, draft)]).toEqual(['NONE', 'NONE']);
    expect([due, waiting, over].map(id => life.mail.about(id).length)).toEqual([1, 2, 2]);
    // Again: nothing changes.
    await rebuildAgenda({ pool: life.pools.worker, signal: life.link.signal });
    await sleep(1_000);
    expect([due, waiting, over].map(id => life.mail.about(id).length)).toEqual([1, 2, 2]);
  });
});

describe('PostgreSQL restored to an earlier day', () => {
  it('makes incidents of letters that were being sent, and sends none of them by itself', async () => {
    const id = await presented(quiet(), 3_600);
    await give(quiet(), id, 'avvisa');
    const [letter] = (await agendaOf(life, id, 'avvisaPolo')).filter(({ state }) => state === 'due');
    await life.pools.worker.query(`update agenda set state = 'begun', attempts = 1, lease_until = now() - interval '1 day' where id = $1`, [letter!.id]);
    expect(await parkDoubtful(life.pools.worker, life.engine.parkEffect)).toBe(1);
    await life.work();
    await life.link.signal({ process: 'permesso', caseId: id });
    await sleep(2_000);
    expect((await agendaOf(life, id, 'avvisaPolo')).find(row => row.id === letter!.id)).toMatchObject({ state: 'parked' });
    expect(life.mail.about(id).filter(({ messageId }) => messageId.includes(letter!.id))).toHaveLength(0);
    expect(await parkDoubtful(life.pools.worker, life.engine.parkEffect)).toBe(0);
  });
});

describe('a long life', () => {
  it('continues as new again and again, under commands that never pause, and tells every step once', async () => {
    await life.work();
    const id = await presented(quiet(), 3_600);
    await life.client.workflow.start('permesso', { workflowId: `permesso/${id}`, taskQueue: life.taskQueue, args: [{ caseId: id, mostEvents: 60 }] });
    for (let batch = 0; batch < 50; batch += 1) {
      await Promise.all(Array.from({ length: 20 }, (_, i) => give(life, id, i === 0 ? 'avvisa' : 'annota')));
      await sleep(60);
    }
    await until(async () => (await agendaOf(life, id, 'avvisaPolo')).every(({ state }) => state === 'done'), 'every letter left', 60_000);
    await give(life, id, 'rifiuta');
    await until(async () => (await statusOf(life, id)) === 'COMPLETED', 'it ends', 30_000);
    expect(life.mail.about(id).filter(({ subject }) => subject.startsWith('avviso'))).toHaveLength(51);
    const runs = [];
    for await (const run of life.client.workflow.list({ query: `WorkflowId = "permesso/${id}"` })) runs.push(run.runId);
    expect(runs.length).toBeGreaterThan(5);
    const steps: number[] = [];
    for (const runId of runs) {
      const { events } = await life.client.workflow.getHandle(`permesso/${id}`, runId).fetchHistory();
      for (const { markerRecordedEventAttributes: marker } of events!) {
        for (const { payloads } of Object.values(marker?.details ?? {})) for (const { data } of payloads ?? []) {
          const value = JSON.parse(Buffer.from(data!).toString() || 'null');
          if (Array.isArray(value?.steps)) steps.push(...value.steps.map(({ seq }: { seq: number }) => seq));
        }
      }
    }
    expect(new Set(steps).size).toBe(steps.length);
    expect(Math.max(...steps)).toBe((await entriesOf(life, id)).length);
  }, 120_000);
});
