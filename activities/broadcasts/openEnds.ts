/**
 * Deliveries that nobody goes on with come to a true end: an SMS whose receipt never came is asked after, and what a worker held when its message was stopped,
 * and did not live to tell about, is asked after where one can, and said to be unknown where one cannot.
 */
import type { ClaimedDelivery, DeliveryOutcome, OpenEnd } from '../../engine/broadcasts/broadcasts.ts';
import type { Engine } from '../../engine/engine.ts';
import { TemporaryFailure } from '../attemptEffect.ts';
import { Throttled, type SmsProvider, type SmsReceipt } from '../sms/smsProvider.ts';
import type { ActivityDependencies } from '../createActivities.ts';
import { DEFAULT_CHANNELS } from './channelSettings.ts';

export const NOT_WANTED_ANY_MORE = 'the person withdrew this channel or the consent before it left', UNKNOWN_END = 'it was stopped while it was leaving: nobody knows whether it left', NO_RECEIPT = 'no receipt came within three days', STOPPED = 'it was stopped before it left';
const AT_ONCE = 20;

/** What the provider knows, as a state of ours. */
export function outcomeOf({ id, state, word }: SmsReceipt): DeliveryOutcome {
  return state === 'permanentFailure' || state === 'technicalFailure' ? { state, error: word } : { state, providerId: id };
}

/** What its recipient does not want any more is not sent; what may have left already is no less gone for that. */
export async function forgo({ channels = DEFAULT_CHANNELS }: ActivityDependencies, { id, channel, address, doubtful }: ClaimedDelivery): Promise<DeliveryOutcome> {
  return await endOf(channels.sms, { id, channel, address, begun: doubtful }, NOT_WANTED_ANY_MORE);
}

async function endOf(sms: SmsProvider | null, { id, channel, address, begun }: { id: string; channel: 'email' | 'sms'; address: string; begun: boolean }, unsent: string): Promise<DeliveryOutcome> {
  if (!begun) return { state: 'withdrawn', error: unsent };
  if (channel === 'email' || sms === null) return { state: 'technicalFailure', error: UNKNOWN_END };
  const known = await sms.find({ id, to: address });
  return known === null ? { state: 'withdrawn', error: unsent } : outcomeOf(known);
}

/** One round. Answers how many came to an end, or were asked after. */
export async function settleOpenEnds({ broadcasts }: Pick<Engine, 'broadcasts'>, sms: SmsProvider | null): Promise<number> {
  const found = await broadcasts.claimOpenEnds(AT_ONCE);
  for (const end of found) {
    try {
      if (end.takenOver) await askAfter(broadcasts, sms, end);
      else await broadcasts.record(end.id, await endOf(sms, { ...end, begun: true }, STOPPED));
    } catch (error) {
      // Asked again when its lease is over.
      if (!(error instanceof TemporaryFailure || error instanceof Throttled)) throw error;
    }
  }
  return found.length;
}

async function askAfter(broadcasts: Engine['broadcasts'], sms: SmsProvider | null, { id, address, givenUp }: OpenEnd): Promise<void> {
  const known = sms === null ? null : await sms.find({ id, to: address });
  if (known && known.state !== 'sending') await broadcasts.smsReceipt(id, known.state, known.state === 'delivered' ? null : known.word);
  else if (givenUp) await broadcasts.smsReceipt(id, 'technicalFailure', NO_RECEIPT);
}
