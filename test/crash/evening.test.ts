/**
 * Everybody wants the same evening: up to five hundred parents, forty teachers, twelve slots each, thirty-two clients at once, and a worker that is killed
 * in the middle. A slot is one family's; who comes second is told what is free; what was acknowledged is there once. Then slots come free, and who waits is
 * asked in order, over lapsed offers and another kill.
 */
import { describe, expect, it } from '@jest/globals';
import { readMailIndex } from '../../worker/embedded/mail.ts';
import { auditCases, settled } from './audit.ts';
import type { ApiClient } from './client.ts';
import { accepted, publishHours, pursue, wishesOf, type Ledger, type Teacher, type Wish } from './evening.ts';
import { auditHolds, auditLedger, auditLists, auditOrder, auditRefusals, waitersOf, type Offered } from './eveningAudit.ts';
import type { Installation } from './installation.ts';
import { serve } from './serve.ts';

/** ITER_TEST_PARENTS=500 for a whole comprensivo, with forty teachers: some minutes. */
const PARENTS = Number(process.env['ITER_TEST_PARENTS'] ?? 100), TEACHERS = Math.max(2, Math.round(PARENTS / 12.5));
const CLIENTS = 32, SETTLES_MS = 5 * 60_000;
/** Cancelled of each teacher for whom somebody waits. */
const CANCELLED = 2;

let installation: Installation, client: ApiClient;
serve({ name: 'evening', env: { RATE_LIMIT_PER_MINUTE: '0' } }, served => { ({ installation, client } = served); });

let teachers: Teacher[], wishes: Wish[], ledger: Ledger;
const told = (text: string) => process.stderr.write(`${text}\n`);
const seconds = (began: number) => ((performance.now() - began) / 1_000).toFixed(0);
const quantile = (values: number[], at: number) => [...values].sort((a, b) => a - b)[Math.floor(values.length * at)]?.toFixed(0) ?? '–';

/** kill -9, and a new one. */
async function restart(part: 'api' | 'worker'): Promise<void> {
  await installation[part].kill();
  await installation[part].start();
}

/** Mails that were owed and did not come, by effect. */
async function missingMails(): Promise<string[]> {
  const received = new Set(readMailIndex(installation.mailFolder).map(({ messageId }) => messageId.replace(/^</, '').split(/[@.]/)[0]));
  const owed = await installation.query(`select id from agenda where kind = 'effect' and does = 'message' and state = 'done'`);
  return owed.map(({ id }) => id as string).filter(id => !received.has(id));
}

describe('the same evening', () => {
  it('is booked without doubles, each refusal told what was free, though worker and API are killed', async () => {
    teachers = await publishHours(installation, client, TEACHERS);
    wishes = await wishesOf(installation, teachers, PARENTS);
    const began = performance.now(), killed: Promise<void>[] = [];
    ledger = await pursue(client, wishes, CLIENTS, ({ done, of }) => {
      if (done === Math.trunc(of / 3)) killed.push(restart('worker'));
      if (done === Math.trunc(of * 2 / 3)) killed.push(restart('api'));
    });
    await Promise.all(killed);
    const { booked, refused, waiting, rules } = ledger, times = (all: { asked: number; answered: number }[]) => `p50 ${quantile(all.map(({ asked, answered }) => answered - asked), 0.5)} ms, p95 ${quantile(all.map(({ asked, answered }) => answered - asked), 0.95)} ms`;
    told(`${wishes.length} wishes of ${PARENTS} parents for ${TEACHERS * 12} slots in ${seconds(began)} s: ${booked.length} booked (${times(booked)}), ${refused.length} refused (${times(refused)}; ${refused.filter(({ alternatives }) => alternatives.length === 0).length} with nothing free), ${waiting.length} wait, ${rules.length} refused by a rule`);
    await settled(installation, SETTLES_MS);
    told(`settled after ${seconds(began)} s`);
    expect([auditRefusals(ledger), await auditLedger(installation, ledger), await auditHolds(installation), await auditCases(installation), await missingMails()]).toEqual([[], [], [], [], []]);
    // It was crowded: otherwise nothing was shown.
    expect([killed.length, booked.length > TEACHERS * 11, refused.length > booked.length, refused.some(({ alternatives }) => alternatives.length === 0), waiting.length > TEACHERS]).toEqual([2, true, true, true, true]);
    expect(Object.keys(Object.groupBy(rules, ({ rule }) => rule)).sort()).toEqual(expect.arrayContaining(['limiteAlunno']));
  }, 15 * 60_000);

  it('goes on to who waits, in order, over lapsed offers and a killed worker', async () => {
    const began = performance.now(), waiters = await waitersOf(installation), crowded = teachers.filter(({ hours }) => waiters.some(each => each.hours === hours));
    const cancelled = crowded.flatMap(({ hours }) => ledger.booked.filter(({ wish }) => wish.teacher.hours === hours).slice(0, CANCELLED));
    await Promise.all(cancelled.map(({ wish, caseId }) => accepted(client.insist(wish.parent.token, `/cases/${caseId}/commands/annulla`, {}))));
    const offers: Offered[] = [], answers = { lapsed: 0, accepted: 0, declined: 0 };
    let killed: Promise<void> | undefined;
    for (;;) {
      const fresh = await standing(offers);
      offers.push(...fresh);
      const place = (offer: Offered) => waiters.filter(({ hours }) => hours === offer.hours).findIndex(({ id }) => id === offer.caseId);
      const [silent, answering] = [fresh.filter(offer => place(offer) % 3 === 0), fresh.filter(offer => place(offer) % 3 !== 0)];
      await lapse(silent);
      await Promise.all(answering.map(offer => answer(offer, place(offer))));
      answers.lapsed += silent.length;
      for (const offer of answering) answers[takes(place(offer)) ? 'accepted' : 'declined'] += 1;
      if (offers.length >= cancelled.length && !killed) killed = restart('worker');
      if (fresh.length > 0) continue;
      await settled(installation, SETTLES_MS);
      await killed;
      if ((await standing(offers)).length === 0) break;
    }
    told(`${cancelled.length} slots came free for ${waiters.length} who wait with ${crowded.length} teachers: ${offers.length} offers (${JSON.stringify(answers)}) in ${seconds(began)} s`);
    expect([await auditHolds(installation), await auditOrder(installation, offers), await auditLists(installation, offers), await auditCases(installation), await missingMails()]).toEqual([[], [], [], [], []]);
    expect([killed !== undefined, answers.lapsed > 0, answers.accepted > 0, answers.declined > 0]).toEqual([true, true, true, true]);
    // Each slot was taken by one who waited, or nobody is left who could.
    const lapsed = await installation.query(`select count(*)::int as count from cases where process = 'colloquio' and state = 'scaduta'`);
    expect(lapsed[0].count).toBe(answers.lapsed);
  }, 15 * 60_000);
});

/** Offers that stand and are not among those known. */
async function standing(known: Offered[]): Promise<Offered[]> {
  const rows = await installation.query(
    `select c.id as "caseId", c."row"->>'disponibilita' as hours, c.parties->>'genitore' as parent, c."row"->>'inizio' as inizio, c."row"->>'chiestoIl' as "chiestoIl", h.at as "offeredAt"
 from cases c cross join lateral (select max(h.at) as at from history h where h.case_id = c.id and h.kind = 'command' and h.name = 'offri') h where c.process = 'colloquio' and c.state = 'offerta'`,
  );
  return rows.filter(offer => !known.some(({ caseId, inizio }) => caseId === offer.caseId && inizio === offer.inizio));
}

/** Of three in a row the first says nothing, the second takes it, the third declines: every other of those to wait for another. */
const takes = (place: number): boolean => place % 3 === 1;

async function answer({ caseId, parent }: Offered, place: number): Promise<void> {
  const { token } = wishes.find(wish => wish.parent.id === parent)!.parent;
  const [command, data] = takes(place) ? ['accetta', {}] : ['rifiutaOfferta', { resta: place % 2 === 0 }];
  await accepted(client.insist(token, `/cases/${caseId}/commands/${command}`, data));
}

/** Their minutes pass at once. */
async function lapse(offers: Offered[]): Promise<void> {
  await installation.query(
    `with a as (update agenda set due_at = clock_timestamp() where case_id = any ($1) and name = 'scadenzaOfferta' and state = 'due' returning case_id, due_at) update cases c set next_due = a.due_at from a where c.id = a.case_id`,
    [offers.map(({ caseId }) => caseId)],
  );
}
