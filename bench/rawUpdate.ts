/** (b) What a durable command costs when Temporal carries it: a no-op update, with a worker of its own. */
import { fork } from 'node:child_process';
import type { Measurement } from './rig.ts';
import { scale } from './processes.ts';
import type { Row } from './table.ts';

export const RAW_UPDATE = 'raw Temporal update (no-op)';
const TASK_QUEUE = 'bench-raw';

export const rawUpdate: Measurement = async rig => {
  const { temporalAddress: address, namespace } = rig.installation;
  const worker = fork(new URL('./rawTemporal/worker.ts', import.meta.url), [address, namespace, TASK_QUEUE], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const ended = new Promise<void>(resolve => worker.once('exit', () => resolve()));
  try {
    await Promise.race([new Promise(resolve => worker.once('message', resolve)), ended.then(() => { throw new Error('the worker of the floor did not start'); })]);
    const rows: Row[] = [];
    for (const callers of [1, 32]) {
      const count = rig.amount(callers === 1 ? 300 : 1_500);
      const { result: { measured }, cpu } = await rig.counted(() => rig.load({ kind: 'update', address, namespace, taskQueue: TASK_QUEUE, prefix: `raw-${Date.now()}`, workflows: Math.min(100, count), callers, count }));
      const { perSecond, p50, p95, p99 } = measured;
      rows.push({ what: RAW_UPDATE, callers, perSecond, p50, p95, p99, cpu: scale(cpu, 1 / count), note: 'CPU without its worker, with the starts' });
    }
    return rows;
  } finally {
    worker.disconnect();
    await ended;
  }
};
