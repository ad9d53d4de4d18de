/** (a) The floor below any engine: one upsert, committed durably, from Node. */
import type { Measurement } from './rig.ts';
import { scale } from './processes.ts';
import type { Row } from './table.ts';

export const BARE = 'bare PostgreSQL commit';

export const bareCommit: Measurement = async rig => {
  const rows: Row[] = [];
  for (const callers of [1, 32]) {
    const { result: { measured }, cpu } = await rig.counted(() => rig.load({ kind: 'upsert', url: rig.installation.databaseUrl, callers, count: rig.amount(callers === 1 ? 3_000 : 8_000) }));
    const { perSecond, p50, p95, p99, count } = measured;
    rows.push({ what: BARE, callers, perSecond, p50, p95, p99, cpu: scale(cpu, 1 / count) });
  }
  return rows;
};
