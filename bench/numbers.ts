/** (g) Numbers of one register, asked for by thirty-two callers: no gap, no number twice. */
import type { Measurement } from './rig.ts';
import { scale } from './processes.ts';

const NUMBERS = 200;

export const numbers: Measurement = async rig => {
  const { installation } = rig, count = rig.amount(NUMBERS);
  const ids = await rig.createCases('corriere', count);
  await rig.load({ kind: 'commands', api: installation.apiUrl, tokens: rig.tokens, ids, commands: [{ name: 'apri', data: { secondi: 86_400 } }], callers: 16 });
  await rig.settled();
  const [{ last: before }] = await installation.query(`select coalesce(max(last), 0)::int as last from registers where register = 'protocollo'`);
  const { result: { measured }, cpu } = await rig.counted(() => rig.load({ kind: 'commands', api: installation.apiUrl, tokens: rig.tokens, ids, commands: [{ name: 'protocolla', data: {} }], callers: 32 }));
  const [entries] = await installation.query(`select count(*)::int as count, count(distinct value)::int as distinct, min(value) as min, max(value) as max from register_entries where register = 'protocollo' and value > $1`, [before]);
  const gapless = entries.count === count && entries.distinct === count && entries.min === before + 1 && entries.max === before + count;
  const { perSecond, p50, p95, p99 } = measured;
  return [{ what: `${count} numbers of one register`, callers: 32, perSecond, p50, p95, p99, cpu: scale(cpu, 1 / count), aim: { text: 'no gap, none twice', holds: gapless } }];
};
