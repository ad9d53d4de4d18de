/** (d) What a case of four commands costs in all: until its agenda is empty and its workflow has ended, every process counted, idle subtracted. */
import { setTimeout as pause } from 'node:timers/promises';
import { YARDSTICK, type Measurement, type Rig } from './rig.ts';
import { scale, subtract, total } from './processes.ts';
import type { Row } from './table.ts';

const CPU_MS = 45, IDLE_MS = 5_000;

async function measureCases(rig: Rig, what: string, cases: number, callers: number, pauseMs: number): Promise<Row> {
  const ids = await rig.createCases('yardstick', cases);
  await rig.settled(['yardstick']);
  const idle = await rig.counted(() => pause(IDLE_MS));
  const busy = await rig.counted(async () => {
    const { measured } = await rig.load({ kind: 'commands', api: rig.installation.apiUrl, tokens: rig.tokens, ids, commands: YARDSTICK, callers, ...(pauseMs ? { pauseMs } : {}) });
    // Calm nudges wait for two seconds before they are sent: empty is not yet over.
    await pause(3_000);
    await rig.settled(['yardstick']);
    return measured;
  });
  const workflows = await startedWorkflows(rig, ids);
  const cpu = scale(subtract(busy.cpu, scale(idle.cpu, busy.ms / idle.ms)), 1 / cases);
  const loadMs = busy.result.cpuMs / cases;
  return {
    what, callers, perSecond: (cases * YARDSTICK.length) / (busy.ms / 1_000), cpu,
    note: `${(cases / (busy.ms / 1_000)).toFixed(0)} cases/s, ${(workflows / cases).toFixed(2)} workflows a case, load generator ${loadMs.toFixed(1)} ms, idle ${((total(idle.cpu) / idle.ms) * 1_000).toFixed(0)} ms/s`,
  };
}

async function startedWorkflows(rig: Rig, ids: string[]): Promise<number> {
  const { Client, Connection } = await import('@temporalio/client');
  const connection = await Connection.connect({ address: rig.installation.temporalAddress });
  try {
    const client = new Client({ connection, namespace: rig.installation.namespace });
    const wanted = new Set(ids.map(id => `yardstick/${id}`));
    let found = 0;
    for await (const { workflowId } of client.workflow.list({ query: 'WorkflowType="yardstick"' })) if (wanted.has(workflowId)) found += 1;
    return found;
  } finally {
    await connection.close();
  }
}

export const settled: Measurement = async rig => {
  const rows = [
    await measureCases(rig, 'settled: case of four commands', rig.amount(400), 16, 0),
    await measureCases(rig, 'settled: the same, 5 s between commands', rig.amount(200), 64, 5_000),
  ];
  rows[0]!.aim = { text: `≤ ${CPU_MS} ms CPU a case`, holds: total(rows[0]!.cpu!) <= CPU_MS };
  return rows;
};
