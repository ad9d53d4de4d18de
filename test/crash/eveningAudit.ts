/** After the evening: what must hold of its bookings, of its refusals and of who waited. Answers the complaints; none is what a test wants. */
import { MOST_ALTERNATIVES, SLOTS, type Booking, type Ledger } from './evening.ts';
import type { Installation } from './installation.ts';

const HOLDING = `('chiesta','confermata','spostata','offerta')`;
const BOOKING = `c.id, c.state, c.parties->>'docente' as docente, c.parties->>'genitore' as genitore, c."row"->>'disponibilita' as hours, c."row"->>'alunno' as alunno, (c."row"->>'inizio')::timestamptz as inizio`;
const HELD = `(select ${BOOKING} from cases c where c.process = 'colloquio' and c.state in ${HOLDING})`;

/** Nobody is in two places, every hold has its case and every booking its holds, limits hold: by the rows alone. */
export async function auditHolds(installation: Installation): Promise<string[]> {
  const complaints: string[] = [];
  const complain = async (what: string, sql: string) => {
    const rows = await installation.query(sql);
    if (rows.length > 0) complaints.push(`${what}: ${rows.length}, such as ${JSON.stringify(rows[0])}`);
  };
  await complain('times of one person that overlap', 'select a.resource, a.case_id, b.case_id as other from reservations a join reservations b on a.resource = b.resource and a.during && b.during and (a.case_id, a.key) < (b.case_id, b.key)');
  for (const who of ['docente', 'genitore']) await complain(`bookings of one ${who} at the same time`, `select ${who}, inizio, count(*) from ${HELD} h group by 1, 2 having count(*) > 1`);
  await complain('bookings that do not hold teacher and parent, once each', `select h.id, h.state, count(r.key) from ${HELD} h left join reservations r on r.case_id = h.id and lower(r.during) = h.inizio and r.resource = 'persona/' || case r.key when 'docente' then h.docente when 'genitore' then h.genitore end group by 1, 2 having count(r.key) <> 2`);
  await complain('time held by a case that has none', `select r.* from reservations r where r.case_id not in (select id from ${HELD} h)`);
  await complain('more than a parent may have with one teacher', `select genitore, hours, count(*) from (select ${BOOKING} from cases c where c.process = 'colloquio' and (c.state in ${HOLDING} or c.state = 'inAttesa')) h group by 1, 2 having count(*) > 2`);
  await complain('more than a pupil may have with one teacher', `select alunno, hours, count(*) from (select ${BOOKING} from cases c where c.process = 'colloquio' and (c.state in ${HOLDING} or c.state = 'inAttesa')) h group by 1, 2 having count(*) > 1`);
  return complaints;
}

/** What was acknowledged is there, exactly once, as it was told; and nothing else is. */
export async function auditLedger(installation: Installation, { booked, waiting }: Ledger): Promise<string[]> {
  const cases: { id: string; state: string; genitore: string; alunno: string; hours: string; inizio: Date | null }[] = await installation.query(`select ${BOOKING} from cases c where c.process = 'colloquio'`);
  const known = new Map(cases.map(found => [found.id, found])), complaints: string[] = [];
  for (const [told, inizio] of [...booked.map(each => [each, each.inizio] as const), ...waiting.map(each => [each, null] as const)]) {
    const found = known.get(told.caseId), { parent, pupil, teacher } = told.wish;
    const same = found && found.genitore === parent.id && found.alunno === pupil && found.hours === teacher.hours && (found.inizio?.toISOString() ?? null) === inizio;
    if (!same) complaints.push(`${parent.username} was told of case ${told.caseId} at ${inizio ?? 'no time yet'}: found ${JSON.stringify(found)}`);
  }
  const told = new Set([...booked, ...waiting].map(({ caseId }) => caseId));
  if (told.size !== booked.length + waiting.length) complaints.push(`${booked.length + waiting.length} answers name ${told.size} cases`);
  if (cases.length !== told.size) complaints.push(`${cases.length} bookings are on record, ${told.size} were acknowledged`);
  return complaints;
}

/**
 * Each refusal against all answers. Nobody let go of a slot meanwhile: one whose booking was acknowledged before the refused family asked was taken when its
 * alternatives were read; one that nobody had asked for by the time of the answer was free. What happened in between may have been either.
 */
export function auditRefusals({ booked, refused, waiting }: Ledger): string[] {
  const at = (key: string, inizio: string) => `${key} ${inizio}`;
  const bySlot = new Map<string, Booking[]>();
  for (const booking of booked) for (const person of [booking.wish.teacher.person, booking.wish.parent]) {
    const slot = at(person.id, booking.inizio);
    bySlot.set(slot, [...(bySlot.get(slot) ?? []), booking]);
  }
  const complaints: string[] = [];
  for (const refusal of refused) {
    const { wish: { teacher, parent }, asked, answered, inizio, resource, alternatives } = refusal;
    const about = (slot: string) => [...(bySlot.get(at(teacher.person.id, slot)) ?? []), ...(bySlot.get(at(parent.id, slot)) ?? [])];
    const wasTaken = (slot: string) => about(slot).some(booking => booking.answered < asked), wasFree = (slot: string) => about(slot).every(booking => booking.asked > answered);
    const complain = (what: string) => complaints.push(`${parent.username}, refused ${inizio}: ${what}`);
    if (wasFree(inizio)) complain('it was free');
    if (![teacher, { person: parent }].some(({ person }) => resource === `persona/${person.id}`)) complain(`for ${resource}, who is neither`);
    for (const { case: hours, from } of alternatives) {
      if (hours !== teacher.hours || !SLOTS.includes(from)) complain(`${from} is no slot of this teacher`);
      else if (wasTaken(from)) complain(`${from} was taken`);
    }
    const far = (slot: string) => Math.abs(Date.parse(slot) - Date.parse(inizio)), distances = alternatives.map(({ from }) => far(from));
    if (distances.some((distance, n) => n > 0 && distance < distances[n - 1]!)) complain('the nearest do not come first');
    // Slots are kept for the waiting list as soon as there is one.
    if (waiting.some(each => each.wish.teacher === teacher && each.asked < answered)) continue;
    const reach = alternatives.length < MOST_ALTERNATIVES ? Infinity : distances.at(-1)!;
    const untold = SLOTS.filter(slot => wasFree(slot) && far(slot) < reach && !alternatives.some(({ from }) => from === slot));
    if (untold.length > 0) complain(`not told of ${untold.join(', ')}`);
  }
  return complaints;
}

export interface Offered { caseId: string; hours: string; parent: string; inizio: string; chiestoIl: string; offeredAt: Date }

/** Those who wait with a teacher, in the order of their requests. */
export const waitersOf = async (installation: Installation): Promise<{ id: string; hours: string; genitore: string; chiestoIl: string; state: string }[]> =>
  await installation.query(`select c.id, c.state, c.parties->>'genitore' as genitore, c."row"->>'disponibilita' as hours, c."row"->>'chiestoIl' as "chiestoIl" from cases c where c.process = 'colloquio' and c.id in (select case_id from case_scopes where scope like 'attesa/%') order by c."row"->>'chiestoIl', c.id`);

/** Whether a parent had, or was offered, this time with anybody, beside this case. */
async function timesOf(installation: Installation, offers: Offered[]): Promise<(parent: string, inizio: string, but: string) => boolean> {
  const booked = (await installation.query(`select ${BOOKING} from cases c where c.process = 'colloquio'`)).filter(({ inizio }) => inizio !== null);
  // An offer that was declined to wait for another leaves no trace in the row.
  const times = [...booked.map(({ id, genitore, inizio }) => [`${genitore} ${inizio.toISOString()}`, id]), ...offers.map(({ caseId, parent, inizio }) => [`${parent} ${inizio}`, caseId])];
  const known = new Map<string, Set<string>>();
  for (const [time, id] of times) known.set(time, (known.get(time) ?? new Set()).add(id));
  return (parent, inizio, but) => [...known.get(`${parent} ${inizio}`) ?? []].some(id => id !== but);
}

/** Everybody who asked earlier had an offer before, or could not come then. */
export async function auditOrder(installation: Installation, made: Offered[]): Promise<string[]> {
  const offers = [...made].sort((a, b) => a.offeredAt.getTime() - b.offeredAt.getTime());
  const waiters = await waitersOf(installation), isBusy = await timesOf(installation, offers), complaints: string[] = [];
  for (const [n, offer] of offers.entries()) {
    const before = offers.slice(0, n), earlier = waiters.filter(({ hours, chiestoIl }) => hours === offer.hours && chiestoIl < offer.chiestoIl);
    const skipped = earlier.filter(({ id, genitore }) => !before.some(({ caseId }) => caseId === id) && !isBusy(genitore, offer.inizio, id));
    if (skipped.length > 0) complaints.push(`case ${offer.caseId} was offered ${offer.inizio} before ${skipped.map(({ id }) => id).join(', ')}, who had asked earlier`);
    if (before.some(({ caseId, inizio }) => caseId === offer.caseId && inizio === offer.inizio)) complaints.push(`case ${offer.caseId} was offered ${offer.inizio} twice`);
  }
  return complaints;
}

/** List and cases say the same, nothing is under way, and no slot is free that somebody who waits could have. */
export async function auditLists(installation: Installation, offers: Offered[]): Promise<string[]> {
  const waiters = await waitersOf(installation), isBusy = await timesOf(installation, offers), complaints: string[] = [];
  const hours = await installation.query(`select c.id, c.value, c.parties->>'docente' as docente, c.context->'attesa' as attesa, c.context->'proposte' as proposte from cases c where c.process = 'disponibilita'`);
  const held = new Set((await installation.query('select resource, lower(during) as "from" from reservations')).map(({ resource, from }) => `${resource} ${from.toISOString()}`));
  for (const { id, value, docente, attesa, proposte } of hours) {
    const still = waiters.filter(each => each.hours === id && each.state === 'inAttesa'), listed: string[] = attesa.map(({ colloquio }: { colloquio: string }) => colloquio);
    if (JSON.stringify(value) !== '{"aperta":"quieta"}' || proposte.length > 0) complaints.push(`hours ${id} are not at rest: ${JSON.stringify({ value, proposte })}`);
    if (JSON.stringify([...listed].sort()) !== JSON.stringify(still.map(each => each.id).sort())) complaints.push(`hours ${id} list ${listed.join(', ') || 'nobody'}, waiting are ${still.map(each => each.id).join(', ') || 'none'}`);
    const free = SLOTS.filter(slot => !held.has(`persona/${docente} ${slot}`));
    for (const { colloquio, esclusi, offerta } of attesa) {
      const parent = still.find(each => each.id === colloquio)?.genitore ?? '';
      if (offerta !== null) complaints.push(`case ${colloquio} waits and has an offer`);
      const missed = free.filter(slot => !esclusi.includes(slot));
      if (missed.length > 0) complaints.push(`case ${colloquio} waits while ${missed.join(', ')} is free`);
      const passed = esclusi.filter((slot: string) => !offers.some(({ caseId, inizio }) => caseId === colloquio && inizio === slot) && !isBusy(parent, slot, colloquio));
      if (passed.length > 0) complaints.push(`case ${colloquio} is not to have ${passed.join(', ')}, which it was never offered and could have come to`);
    }
  }
  return complaints;
}
