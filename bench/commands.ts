/**
 * (c) Our whole command over HTTP: token, schema, access, decision, hash-chained history, row, answer with the case.
 * Twice: with everything running, so that workflows are started and ended on the same cores meanwhile, and with Temporal and the
 * worker stopped, which is the command alone (and the proof that it needs neither).
 */
import type { Measurement, Rig } from './rig.ts';
import { BARE } from './bareCommit.ts';
import { RAW_UPDATE } from './rawUpdate.ts';
import { scale } from './processes.ts';
import { find, type Row } from './table.ts';
import { YARDSTICK } from './rig.ts';

export const COMMAND = 'command over HTTP', COMMAND_ALONE = 'command over HTTP, Temporal and worker stopped';
const P50_MS = 3, PER_SECOND = 1_000, TIMES_TEMPORAL = 10, TIMES_BARE = 3, CPU_MS = 3;

async function measureCommands(rig: Rig, what: string, callers: number, cases: number): Promise<Row> {
  const ids = await rig.createCases('yardstick', cases);
  const { result: { measured }, cpu } = await rig.counted(() => rig.load({ kind: 'commands', api: rig.installation.apiUrl, tokens: rig.tokens, ids, commands: YARDSTICK, callers }));
  const { perSecond, p50, p95, p99, count, cpuMs } = measured;
  return { what, callers, perSecond, p50, p95, p99, cpu: scale(cpu, 1 / count), note: `load generator ${(cpuMs / count).toFixed(2)} ms` };
}

export const commands: Measurement = async (rig, before) => {
  const rows: Row[] = [];
  const amounts = [[1, rig.amount(250)], [32, rig.amount(750)]] as const;
  await measureCommands(rig, 'warm-up', 8, rig.amount(400));
  await rig.settled(['yardstick']);
  for (const [callers, cases] of amounts) {
    rows.push(await measureCommands(rig, COMMAND, callers, cases));
    await rig.settled(['yardstick']);
  }
  await rig.installation.worker.stop();
  await rig.installation.stopTemporal();
  try {
    for (const [callers, cases] of amounts) rows.push(await measureCommands(rig, COMMAND_ALONE, callers, cases));
  } finally {
    await rig.installation.startTemporal();
    await rig.installation.worker.start();
  }
  await rig.settled(['yardstick']);
  return rows.map(row => ({ ...row, ...aimOf(row, before) }));
};

function aimOf(row: Row, before: readonly Row[]): Pick<Row, 'aim'> {
  const bare = find(before, BARE, row.callers), raw = find(before, RAW_UPDATE, row.callers);
  if (row.callers === 1) {
    const most = Math.max(P50_MS, TIMES_BARE * (bare?.p50 ?? 0));
    return { aim: { text: `p50 ≤ ${P50_MS} ms or < ${TIMES_BARE}× bare`, holds: row.p50! <= most } };
  }
  const enough = row.perSecond! >= PER_SECOND && (raw === undefined || row.perSecond! >= TIMES_TEMPORAL * raw.perSecond!);
  const cheap = row.what !== COMMAND_ALONE || row.cpu!.api + row.cpu!.postgres <= CPU_MS;
  return { aim: { text: `≥ ${PER_SECOND}/s, ≥ ${TIMES_TEMPORAL}× raw update${row.what === COMMAND_ALONE ? `, ≤ ${CPU_MS} ms CPU` : ''}`, holds: enough && cheap } };
}
