/** (f) The memory of a worker that follows a thousand open cases: one just started, and before it the one that did all the work so far. */
import { setTimeout as pause } from 'node:timers/promises';
import type { Measurement } from './rig.ts';
import { memoryOf, scale } from './processes.ts';

const CASES = 1_000, MIB = 400, REST_MS = 10_000;

export const openCases: Measurement = async rig => {
  const { installation } = rig, cases = rig.amount(CASES);
  const worked = memoryOf(installation.worker.pid);
  await installation.worker.stop();
  await installation.worker.start();
  const ids = await rig.createCases('yardstick', cases);
  await rig.load({ kind: 'commands', api: installation.apiUrl, tokens: rig.tokens, ids, commands: [{ name: 'presenta', data: {} }], callers: 16 });
  // Their workflows wait for a deadline in a month.
  await waitForWorkflows(rig, cases);
  await pause(REST_MS);
  const idle = await rig.counted(() => pause(REST_MS));
  const worker = memoryOf(installation.worker.pid);
  return [
    { what: `worker with ${cases} open cases`, memory: worker, cpu: scale(idle.cpu, 1_000 / idle.ms), aim: { text: `< ${MIB} MiB`, holds: worker < MIB }, note: 'CPU: ms in a second of rest' },
    { what: 'worker before, after all its work', memory: worked },
    { what: 'API meanwhile', memory: memoryOf(installation.api.pid) },
    { what: 'Temporal meanwhile', memory: memoryOf(installation.temporalPid()) },
  ];
};

async function waitForWorkflows(rig: Parameters<Measurement>[0], count: number): Promise<void> {
  const { Client, Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ address: rig.installation.temporalAddress });
  try {
    const client = new Client({ connection, namespace: rig.installation.namespace });
    for (const end = performance.now() + 180_000; ;) {
      const running = (await client.workflow.count('ExecutionStatus="Running" and WorkflowType="yardstick"')).count;
      if (running >= count) return;
      if (performance.now() > end) throw new Error(`${running} of ${count} cases have a workflow after three minutes`);
      await pause(500);
    }
  } finally {
    await connection.close();
  }
}
