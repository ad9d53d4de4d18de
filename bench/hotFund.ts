/** (h) One fund to which a thousand projects speak, read meanwhile by the polo. */
import { randomBytes } from 'node:crypto';
import type { Measurement } from './rig.ts';
import { POLO } from '../test/crash/people.ts';

const PROJECTS = 1_000;

export const hotFund: Measurement = async rig => {
  const { installation } = rig, count = rig.amount(PROJECTS);
  const { measured, reads, note } = await rig.load({
    kind: 'fund', databaseUrl: installation.databaseUrl, masterKey: installation.masterKey.toString('base64'), api: installation.apiUrl, token: rig.poloToken,
    // A fund of its own in every run.
    polo: POLO, annoScolastico: `20${String(10 + (randomBytes(1)[0]! % 80)).padStart(2, '0')}/11`, callers: 32, count,
  });
  const whole = note!.startsWith(`${count} projects`) && note!.endsWith(' 0 refused');
  return [
    { what: `fund: ${count} projects' commands`, callers: 32, perSecond: measured.perSecond, p50: measured.p50, p95: measured.p95, p99: measured.p99, aim: { text: 'every project, once', holds: whole }, note: note! },
    { what: 'fund: reading it meanwhile', callers: 1, p50: reads!.p50, p95: reads!.p95, p99: reads!.p99 },
  ];
};
