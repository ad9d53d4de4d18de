/**
 * (f) Everybody wants the same evening: 500 parents, 40 teachers, 12 slots, 32 clients, all parts running. Then what a family looks at first: a
 * teacher's month of slots, half of them taken. A booking that is accepted or refused is compared with a bare commit of the same run.
 */
import { addDays, romeDate } from '../plugins/calendar.ts';
import { ApiClient } from '../test/crash/client.ts';
import { accepted, publishHours, wishesOf, type Teacher } from '../test/crash/evening.ts';
import { SCHOOL } from '../test/crash/people.ts';
import { BARE, bareCommit } from './bareCommit.ts';
import { scale } from './processes.ts';
import type { Measurement, Rig } from './rig.ts';
import { find, type Row } from './table.ts';

export const BOOKING = 'booking of the evening, accepted', REFUSED_BOOKING = 'booking of the evening, refused with alternatives';
const PARENTS = 500, TEACHERS = 40, CALLERS = 32, SEARCHES = 500, P95_MS = 10;
const SETTLES_MS = 10 * 60_000;

/** Every working day from three to half past six: twenty slots a day. Half of the month is held, as if booked. */
async function publishMonth(rig: Rig, client: ApiClient, { person }: Teacher): Promise<{ path: string; slots: number }> {
  const { installation } = rig, from = addDays(romeDate(new Date().toISOString()), 30), to = addDays(from, 30);
  const regola = { dal: from, al: to, fasce: [1, 2, 3, 4, 5].map(giorno => ({ giorno, dalle: '15:00', alle: '18:20' })), durataMinuti: 10, modalita: 'presenza', luogo: 'aula 1' };
  const { body } = await accepted(client.insist(person.token, '/processes/disponibilita/cases', { data: { regola }, parties: { scuola: SCHOOL, docente: person.id } }));
  await accepted(client.insist(person.token, `/cases/${body.id}/commands/pubblica`, {}));
  const path = `/slots?process=disponibilita&case=${body.id}&from=${from}&to=${to}`;
  const { slots } = (await client.get(person.token, path)).items[0] as { slots: { from: string; to: string }[] };
  const held = slots.filter((_, n) => n % 2 === 0);
  await installation.query(
    `insert into reservations (case_id, key, resource, during) select $1, 'bench/' || n, $2, tstzrange(f, t) from unnest($3::timestamptz[], $4::timestamptz[]) with ordinality as s(f, t, n)`,
    [body.id, `persona/${person.id}`, held.map(slot => slot.from), held.map(slot => slot.to)],
  );
  await installation.query('analyze reservations');
  return { path, slots: slots.length };
}

export const bookings: Measurement = async (rig, before) => {
  const { installation } = rig, { apiUrl: api } = installation, rows: Row[] = [];
  if (!find(before, BARE, CALLERS)) rows.push(...await bareCommit(rig, before));
  const client = new ApiClient(api);
  try {
    const teachers = await publishHours(installation, client, rig.quick ? TEACHERS / 10 : TEACHERS), wishes = await wishesOf(installation, teachers, rig.quick ? PARENTS / 10 : PARENTS);
    const { result: { measured, refused, note }, cpu } = await rig.counted(() => rig.load({ kind: 'bookings', api, wishes, callers: CALLERS }));
    const answers = measured.count + refused!.count, each = scale(cpu, 1 / answers);
    rows.push({ what: BOOKING, callers: CALLERS, perSecond: measured.perSecond, p50: measured.p50, p95: measured.p95, p99: measured.p99, cpu: each, note: `${measured.count} booked; ${note}` });
    rows.push({ what: REFUSED_BOOKING, callers: CALLERS, perSecond: refused!.perSecond, p50: refused!.p50, p95: refused!.p95, p99: refused!.p99, note: `${refused!.count} refused meanwhile; CPU above is for one answer of either kind` });
    await rig.settled([], 0, SETTLES_MS);
    const { path, slots } = await publishMonth(rig, client, teachers[0]!);
    await rig.settled();
    const search = await rig.counted(() => rig.load({ kind: 'reads', api, token: wishes[0]!.parent.token, paths: [path], callers: 1, count: rig.amount(SEARCHES) }));
    const { perSecond, p50, p95, p99, count } = search.result.measured;
    rows.push({ what: `a teacher's month: ${slots} slots, half of them taken`, callers: 1, perSecond, p50, p95, p99, cpu: scale(search.cpu, 1 / count), aim: { text: `p95 < ${P95_MS} ms`, holds: p95 < P95_MS } });
    return rows;
  } finally {
    client.close();
  }
};
