/**
 * Workflows that run for months meet every later version of workflows/: what was recorded once must replay for ever.
 * `ITER_RECORD=<name> npm test -- test/replay` records one history more; `ITER_RECORD=1` all of them anew, where the change was meant
 * and old runs cannot exist.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { historyFromJSON, historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { DeterminismViolationError } from '@temporalio/workflow';
import { Worker } from '@temporalio/worker';
import { workflowBundle } from '../../worker/workflowBundle.ts';
import { agendaOf, give, openLife, presented, sleep, stateOf, statusOf, until, type Life } from '../agenda/life.ts';
import { corrispondenza } from '../toys/corrispondenza.ts';
import { albo, permesso, permessoRotto } from '../toys/permesso.ts';

const folder = join(import.meta.dirname, 'histories');
const recorded = () => readdirSync(folder).filter(name => name.endsWith('.json'));

const done = (life: Life, id: string, name: string) => until(async () => (await agendaOf(life, id, name)).some(({ state }) => state === 'done'), `${name} is done`);
const SCENES: Record<string, (life: Life) => Promise<string>> = {
  'granted-with-letters': async life => {
    const id = await presented(life, 3_600);
    await done(life, id, 'avvisaPolo');
    await give(life, id, 'segnala');
    await done(life, id, 'segnala');
    await give(life, id, 'concedi');
    return id;
  },
  'expired-then-refused': async life => {
    const id = await presented(life, 1);
    await until(async () => (await stateOf(life, id)) === 'scaduta', 'the term is over');
    await give(life, id, 'rifiuta');
    return id;
  },
  'withdrawn-while-tried-again': async life => {
    const id = await presented(life);
    await done(life, id, 'avvisaPolo');
    life.mail.answer = () => ({ code: 451 });
    await give(life, id, 'concedi');
    await until(async () => (await agendaOf(life, id, 'notifica'))[0]?.attempts === 1, 'it failed once');
    await give(life, id, 'revoca');
    await sleep(1_000);
    life.mail.answer = () => 'accept';
    await give(life, id, 'rifiuta');
    return id;
  },
  'parked-and-over': async life => {
    const id = await presented(life);
    await done(life, id, 'avvisaPolo');
    permessoRotto.in = 'modello';
    await give(life, id, 'avvisa');
    await until(async () => (await agendaOf(life, id, 'avvisaPolo')).some(({ state }) => state === 'parked'), 'it is parked');
    permessoRotto.in = null;
    await give(life, id, 'rifiuta');
    return id;
  },
  // Several letters and documents are owed when the workflow first looks: they go one after another, in the order of their decisions.
  'letters-in-turn': async life => {
    const silent = { engine: life.silent, people: life.people };
    const { record: { state: { id } } } = await life.silent.createCase({ process: 'corrispondenza', data: {}, parties: { polo: 'P1' }, caller: life.people.segreteria, key: 'letters-in-turn' });
    for (const command of ['presenta', 'sollecita', 'verbalizza']) await give(silent, id, command);
    await give(life, id, 'sollecita');
    await until(async () => (await agendaOf(life, id)).every(({ state }) => state === 'done'), 'all is sent');
    await give(life, id, 'autorizza');
    await until(async () => (await stateOf(life, id)) === 'autorizzata', 'it is authorised');
    await give(life, id, 'chiudi');
    return id;
  },
};
/** Scenes of another process than `permesso`. */
const PROCESS: Record<string, string> = { 'letters-in-turn': 'corrispondenza' };

async function record(): Promise<void> {
  const only = process.env['ITER_RECORD'] === '1' ? null : process.env['ITER_RECORD'];
  const life = await openLife([permesso, albo, corrispondenza]);
  try {
    await life.work();
    for (const [name, scene] of Object.entries(SCENES)) {
      if (only && only !== name) continue;
      const id = await scene(life), type = PROCESS[name] ?? 'permesso';
      await until(async () => (await statusOf(life, id, type)) === 'COMPLETED', `${name} has ended`);
      save(name, historyToJSON(await life.client.workflow.getHandle(`${type}/${id}`).fetchHistory()));
    }
    if (only && only !== 'continued-as-new') return;
    // A life of several runs: the one that continues as new.
    const id = await presented({ engine: life.silent, people: life.people }, 3_600);
    const { firstExecutionRunId } = await life.client.workflow.start('permesso', { workflowId: `permesso/${id}`, taskQueue: life.taskQueue, args: [{ caseId: id, mostEvents: 40 }] });
    await until(async () => {
      await give(life, id, 'avvisa');
      return (await life.client.workflow.getHandle(`permesso/${id}`, firstExecutionRunId).describe()).status.name === 'CONTINUED_AS_NEW';
    }, 'it continues as new');
    save('continued-as-new', historyToJSON(await life.client.workflow.getHandle(`permesso/${id}`, firstExecutionRunId).fetchHistory()));
    await give(life, id, 'rifiuta');
  } finally {
    await life.close();
  }
}

/** Whose machine recorded it is nobody's business. */
function save(name: string, history: string): void {
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(JSON.parse(history), (key, value) => (key === 'identity' || key === 'workerInstanceKey' ? 'recorded' : value), 1)}\n`);
}

async function replay(histories: { workflowId: string; history: any }[]): Promise<{ workflowId: string; error?: Error | undefined }[]> {
  const results: { workflowId: string; error?: Error | undefined }[] = [];
  for await (const { workflowId, error } of Worker.runReplayHistories({ workflowBundle: { codePath: await workflowBundle() } }, histories)) results.push({ workflowId, error });
  return results;
}

describe('recorded histories', () => {
  if (process.env['ITER_RECORD']) it('are recorded', record, 120_000);

  it('replay with the workflows of this version', async () => {
    const histories = recorded().map(name => ({ workflowId: name, history: historyFromJSON(JSON.parse(readFileSync(join(folder, name), 'utf8'))) }));
    expect(histories.map(({ workflowId }) => workflowId).sort()).toEqual([...Object.keys(SCENES), 'continued-as-new'].map(name => `${name}.json`).sort());
    expect(await replay(histories)).toEqual(histories.map(({ workflowId }) => ({ workflowId, error: undefined })));
  });

  it('do not replay when the workflow does something else than was recorded', async () => {
    const history = JSON.parse(readFileSync(join(folder, 'expired-then-refused.json'), 'utf8'));
    // As if the recorded run had not set a timer where the workflow now sets one.
    const events = history.events.filter(({ eventType }: { eventType: string }) => eventType !== 'EVENT_TYPE_TIMER_STARTED' && eventType !== 'EVENT_TYPE_TIMER_FIRED').map((event: any, index: number) => ({ ...event, eventId: String(index + 1) }));
    const [result] = await replay([{ workflowId: 'changed', history: historyFromJSON({ events }) }]);
    expect(result!.error).toBeInstanceOf(DeterminismViolationError);
  });
});
