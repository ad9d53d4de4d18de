/**
 * A message to many, a batch at a time: each round takes what may be sent now, paced by the channel's rate, and leaves the rest to the next.
 * The effect is done when everything was handed over or failed for good; what receipts say later changes the rows, not the effect.
 */
import type { BegunEffect, EffectResult } from '../../engine/agenda/agenda.ts';
import { storeProgress } from '../../engine/agenda/agenda.ts';
import type { Broadcast, ClaimedDelivery, DeliveryOutcome } from '../../engine/broadcasts/broadcasts.ts';
import { BrokenTemplate } from '../../engine/broadcasts/render.ts';
import type { Channel, JsonObject } from '../../plugins/contract.ts';
import { BrokenPlugin, PermanentFailure, TemporaryFailure, Unfinished } from '../attemptEffect.ts';
import type { ActivityDependencies } from '../createActivities.ts';
import { quietMs } from '../../engine/broadcasts/quietHours.ts';
import { Throttled } from '../sms/smsProvider.ts';
import { forgo, outcomeOf } from './openEnds.ts';
import { DEFAULT_CHANNELS, type ChannelSettings } from './channelSettings.ts';

/** How many of a channel a round takes at once, and how many are under way together. */
const BATCH = 50, AT_ONCE = 4;
/** Failures of the other side one after another: it is away, and the others are not tried now. */
const MOST_FAILURES = 3, AWAY_MS = 30_000;
/** About a day and a half, as for other effects. */
const MOST_ATTEMPTS = 16, FIRST_RETRY_MS = 5_000, LONGEST_RETRY_MS = 6 * 3_600_000;
/** Beyond the attempt itself: nobody else takes a delivery that a slow server still holds. */
const LEASE_EXTRA_MS = 30_000;

type Sender = (broadcast: Broadcast, delivery: ClaimedDelivery, thread: string) => Promise<DeliveryOutcome>;

/** Answers `{ channels }`: how many stand where when the last was handed over. Throws Unfinished while some are still to be sent. */
export async function deliverBroadcast(dependencies: ActivityDependencies, effect: BegunEffect): Promise<EffectResult> {
  const { engine: { broadcasts }, pool, attemptMs } = dependencies, { sms, prices, rates } = dependencies.channels ?? DEFAULT_CHANNELS;
  const broadcast = await broadcasts.resolve(effect.id, prices).catch(asBroken);
  const until = Date.now() + attemptMs / 2;
  const pauses: Partial<Record<Channel, number>> = {};
  for (const channel of ['email', 'sms'] as const) if (broadcast.channels.includes(channel)) pauses[channel] = await sendAll(dependencies, effect, broadcast, channel, rates[channel], channel === 'email' ? mailSender(dependencies) : smsSender(sms), until);
  const { waits, wanted } = await broadcasts.progress(effect.id);
  const counts = await broadcasts.counts(effect.id);
  const told: JsonObject = { channels: counts.map(({ channel, state, count }) => ({ channel, state, count })) };
  // A channel that must be left alone keeps the other from nothing.
  const open = (Object.entries(waits) as [Channel, number][]).map(([channel, waitMs]) => Math.max(waitMs, pauses[channel] ?? 0));
  if (open.length === 0 || !wanted) return { ok: true, value: told };
  await storeProgress(pool, effect.id, told);
  throw new Unfinished(Math.max(100, Math.min(...open)));
}

/** Until nothing more is due, or the time is up. Answers ms for which the channel is to be left alone. */
async function sendAll(dependencies: ActivityDependencies, effect: BegunEffect, broadcast: Broadcast, channel: 'email' | 'sms', rate: number, send: Sender, until: number): Promise<number> {
  const { engine: { broadcasts }, attemptMs } = dependencies, everyMs = rate > 0 ? 1_000 / rate : 0;
  for (let failures = 0; Date.now() < until;) {
    const quiet = channel === 'sms' && broadcast.quiet ? quietMs(broadcast.quiet, Date.now()) : 0;
    if (quiet > 0) return quiet;
    const batch = await broadcasts.claim(effect.id, channel, BATCH, attemptMs + LEASE_EXTRA_MS).catch(asBroken);
    if (batch.length === 0) return 0;
    const firstMs = everyMs > 0 ? await broadcasts.takeTurns(channel, batch.length, everyMs) : 0;
    const began = Date.now(), untried: string[] = [];
    let pauseMs: number | null = null;
    await inTurn(batch, async (delivery, at) => {
      const turn = began + firstMs + at * everyMs;
      if (pauseMs !== null || failures >= MOST_FAILURES || turn > until) { untried.push(delivery.id); return; }
      await sleepUntil(turn);
      try {
        await broadcasts.record(delivery.id, delivery.wanted ? await send(broadcast, delivery, effect.caseId) : await forgo(dependencies, delivery));
        failures = 0;
      } catch (error) {
        if (error instanceof Throttled) {
          pauseMs = Math.max(pauseMs ?? 0, error.retryAfterMs);
          untried.push(delivery.id);
        } else if (error instanceof PermanentFailure) {
          await broadcasts.record(delivery.id, { state: 'permanentFailure', error: withoutAddress(error, delivery) });
          failures = 0;
        } else if (error instanceof TemporaryFailure) {
          if (!error.ofOne) failures += 1;
          await broadcasts.record(delivery.id, later(delivery.attempts, withoutAddress(error, delivery)));
        } else throw error;
      }
    });
    if (untried.length > 0) await broadcasts.release(untried);
    if (pauseMs !== null) {
      await broadcasts.pause(channel, pauseMs);
      return pauseMs;
    }
    if (failures >= MOST_FAILURES) return AWAY_MS;
    if (untried.length > 0) return firstMs;
  }
  return 0;
}

/** In their order, some at once. The first unexpected error is thrown when all have ended; what was not begun keeps its lease until then. */
async function inTurn<T>(list: T[], work: (each: T, at: number) => Promise<void>): Promise<void> {
  let next = 0, failure: unknown = null;
  const one = async () => {
    while (next < list.length && failure === null) {
      const at = next;
      next += 1;
      await work(list[at]!, at).catch(error => { failure ??= error; });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
  if (failure !== null) throw failure;
}

async function sleepUntil(at: number): Promise<void> {
  const ms = at - Date.now();
  if (ms > 1) await new Promise(resolve => setTimeout(resolve, ms));
}

/** Servers repeat the address that they refuse, and a row's error is not sealed. */
const withoutAddress = ({ message }: Error, { address }: ClaimedDelivery) => message.replaceAll(address, '…');

function later(attempts: number, error: string): DeliveryOutcome {
  if (attempts >= MOST_ATTEMPTS) return { state: 'technicalFailure', error };
  return { state: 'temporaryFailure', error, againInMs: Math.min(FIRST_RETRY_MS * 2 ** (attempts - 1), LONGEST_RETRY_MS) * (0.9 + Math.random() * 0.2) };
}

/** Delivered when the mail server took it over; a message of failure that comes later is the post office's matter. Its Message-ID is the delivery's id at every attempt. */
function mailSender({ mailer }: ActivityDependencies): Sender {
  return async ({ organisation }, { id, address, lang, words: { subject, text } }, caseId) => {
    const messageId = `${id}@${mailer.domain}`;
    await mailer.send({ to: address, subject, text, lang, messageId, thread: `case.${caseId}@${mailer.domain}`, sender: organisation, certified: false });
    return { state: 'delivered', providerId: messageId };
  };
}

/** Taken over is not delivered: its receipt says that. Whoever comes after a crash asks first, under the same id. */
function smsSender(sms: ChannelSettings['sms']): Sender {
  return async (_broadcast, { id, address, words, doubtful, attempts }) => {
    if (sms === null) throw new PermanentFailure('no SMS provider is set up (SMS_URL)', { code: 'no-provider' });
    const known = doubtful || attempts > 1 ? await sms.find({ id, to: address }) : null;
    return known === null ? { state: 'sending', ...(await sms.send({ id, to: address, text: words.sms })) } : outcomeOf(known);
  };
}

function asBroken(error: unknown): never {
  throw error instanceof BrokenTemplate ? new BrokenPlugin(error.message, { cause: error }) : error;
}
