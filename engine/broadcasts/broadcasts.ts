/**
 * Messages to many: recipients are found once, each recipient and channel has one row, and every row is sent once by whoever takes it.
 * What is kept of persons is sealed with the case's key, which never leaves the engine.
 */
import * as sql from '../../database/broadcastStatements.ts';
import { run } from '../../database/pools.ts';
import type { Statement } from '../../database/statements.ts';
import { romeDate } from '../../plugins/calendar.ts';
import type { Audience, BroadcastInput, Channel, JsonObject, QuietHours } from '../../plugins/contract.ts';
import type { EngineContext } from '../commit/context.ts';
import { idFrom } from '../commit/create.ts';
import { withConnection } from '../commit/transaction.ts';
import type { CompiledProcess } from '../decide/compile.ts';
import { createPupilNames } from '../families/pupilNames.ts';
import { openJson, sealJson, unwrapCaseKey, type CaseKey } from '../history/caseKey.ts';
import { resolveAudience, type Reached } from './audience.ts';
import { linkDigest, linkSecretOf, linkUrl } from './links.ts';
import { QUIET_HOURS } from './quietHours.ts';
import { BrokenTemplate, renderBroadcast, type Recipient, type Rendering, type Words } from './render.ts';
import { smsSize, type SmsSize } from './smsSegments.ts';

export type DeliveryState = 'created' | 'sending' | 'delivered' | 'temporaryFailure' | 'permanentFailure' | 'technicalFailure' | 'withdrawn';
/** A delivery that the caller alone may send now, until its lease is over. */
export interface ClaimedDelivery {
  id: string;
  channel: 'email' | 'sms';
  address: string;
  lang: 'it' | 'en';
  words: Words;
  attempts: number;
  /** It may have been sent already: ask before sending. */
  doubtful: boolean;
  /** False: since the recipients were found the person withdrew the channel or the consent, or cannot sign in any more. */
  wanted: boolean;
}
/** What nobody goes on with: an SMS whose receipt is missing, or what somebody held of an effect that is over. */
export interface OpenEnd { id: string; broadcastId: string; channel: 'email' | 'sms'; address: string; takenOver: boolean; /** Its receipt will not come any more. */ givenUp: boolean }
export type DeliveryOutcome =
  | { state: 'delivered' | 'sending'; providerId: string | null }
  | { state: 'temporaryFailure'; error: string; againInMs: number }
  | { state: 'permanentFailure' | 'technicalFailure' | 'withdrawn'; error: string };
export interface Broadcast { id: string; caseId: string; organisation: string; channels: Channel[]; /** When no SMS leaves, in Europe/Rome. */ quiet: QuietHours | null }
/** Thousandths of a euro per segment. */
export interface Prices { sms: number }
export interface Estimating { caseId: string; key: CaseKey; process: CompiledProcess; number: string | null; parties: Record<string, string>; at: Date }
export interface Estimate { recipients: number; unreachable: number; channels: Record<Channel, number>; sms: { segments: number; cost: number; longest: number; tooLong: number; costly: string[] } }

interface SealedDelivery { name: string; lang: 'it' | 'en'; address: string | null; pupils: Recipient['pupils'] }
interface Opened extends Broadcast { key: CaseKey; process: CompiledProcess; today: string; resolved: boolean; to: Audience; rendering: Rendering }

/** Rows in one statement. */
const CHUNK = 500;
export const NO_CHANNEL = 'no channel that the person chose and consented to', TOO_LONG = 'longer than an SMS may be';
/** As long as any other: what an SMS costs is known before there is a delivery. */
const ANY_DELIVERY = '00000000-0000-8000-8000-000000000000';

export function createBroadcasts(context: EngineContext) {
  const pool = context.pools[context.commitPool], names = createPupilNames(context);
  const { publicUrl = null } = context;
  /** In a message that asks to take note of it, for who reads it outside the portal. */
  const linkOf = (key: CaseKey, deliveryId: string, { acknowledge }: Rendering) => (publicUrl !== null && acknowledge ? linkUrl(publicUrl, linkSecretOf(key, deliveryId)) : null);
  const ask = (statement: Statement, values: unknown[]) => withConnection(pool, client => run(client, statement, values)).then(({ rows }) => rows);

  async function open(id: string): Promise<Opened> {
    const [row] = await ask(sql.BROADCAST, [id]);
    if (!row || row.wrapped.length === 0) throw new BrokenTemplate(`the broadcast ${id} is not there, or its case was erased`);
    const key = unwrapCaseKey(context.masterKey, row.wrapped, row.case_id);
    const { to, data, quiet = QUIET_HOURS } = openJson<{ to: Audience; data: JsonObject; quiet?: QuietHours | null }>(key, row.sealed, `${row.case_id}/broadcast/${id}`);
    return {
      id, caseId: row.case_id, organisation: row.organisation, channels: row.channels, quiet, key, process: context.processes.version(row.process, row.process_version), today: row.today, resolved: row.resolved_at !== null, to,
      rendering: { template: row.template, number: row.number, sender: row.sender, data, acknowledge: row.acknowledge ? { by: row.acknowledge_by } : null },
    };
  }

  function rowsFor({ id, caseId, key, process, channels: wanted, rendering }: Opened, recipient: Reached, prices: Prices) {
    const { userId, name, lang, pupils, email, phone } = recipient;
    const channels = channelsOf(recipient, wanted);
    return (channels.length > 0 ? channels : ['none' as const]).map(channel => {
      const deliveryId = idFrom('delivery', id, userId, channel), address = channel === 'email' ? email : channel === 'sms' ? phone : null;
      const size = channel === 'sms' ? smsSize(renderBroadcast(process.plugin, rendering, recipient, linkOf(key, deliveryId, rendering)).sms) : null, paid = paidSegments(size);
      const error = channel === 'none' ? NO_CHANNEL : size?.tooLong ? TOO_LONG : null;
      return {
        id: deliveryId, user_id: userId, pupils: pupils.map(pupil => pupil.id), channel, segments: paid, cost: paid === null ? null : paid * prices.sms,
        state: channel === 'portal' ? 'delivered' : error ? 'permanentFailure' : 'created', error, link: address !== null && linkOf(key, deliveryId, rendering) ? linkDigest(linkSecretOf(key, deliveryId)).toString('hex') : null,
        sealed: sealJson(key, { name, lang, address, pupils } satisfies SealedDelivery, `${caseId}/delivery/${deliveryId}`).toString('hex'),
      };
    });
  }

  return {
    /** Finds the recipients and makes their rows, all or none; found once, they stay. Throws BrokenTemplate. */
    async resolve(id: string, prices: Prices): Promise<Broadcast> {
      const broadcast = await open(id);
      if (broadcast.resolved) return broadcast;
      const { recipients, about } = await withConnection(pool, client => resolveAudience(client, names, broadcast, broadcast.to));
      // Sealed and counted before the transaction: it holds its locks for the rows alone.
      const rows: ReturnType<typeof rowsFor> = [];
      for (const [at, recipient] of recipients.entries()) {
        await letOthers(at);
        rows.push(...rowsFor(broadcast, recipient, prices));
      }
      await withConnection(pool, async client => {
        await client.query('begin');
        const { rows: [locked] } = await run(client, sql.LOCK_BROADCAST, [id]);
        if (locked.resolved_at === null) {
          for (let at = 0; at < rows.length; at += CHUNK) await run(client, sql.INSERT_DELIVERIES, [id, broadcast.caseId, JSON.stringify(rows.slice(at, at + CHUNK))]);
          await run(client, sql.RESOLVED, [id, about]);
        }
        await client.query('commit');
      });
      return broadcast;
    },

    /** Takes at most `most` that may be sent now. */
    async claim(id: string, channel: 'email' | 'sms', most: number, leaseMs: number): Promise<ClaimedDelivery[]> {
      const rows = await ask(sql.CLAIM_DELIVERIES, [id, channel, most, leaseMs]);
      if (rows.length === 0) return [];
      const { caseId, key, process, rendering } = await open(id);
      return await Promise.all(rows.map(async (row): Promise<ClaimedDelivery> => {
        const seal = `${caseId}/delivery/${row.id}`, known = openJson<SealedDelivery>(key, row.sealed, seal), { name, lang, pupils } = known;
        const address: string = row.doubtful ? known.address : row.reached_at ?? known.address;
        // The moment of sending decides, also where it goes.
        if (address !== known.address) await ask(sql.READDRESS, [row.id, sealJson(key, { ...known, address }, seal)]);
        return { id: row.id, channel, address, lang, words: renderBroadcast(process.plugin, rendering, { name, lang, pupils }, linkOf(key, row.id, rendering)), attempts: row.attempts, doubtful: row.doubtful, wanted: row.reached_at !== null };
      }));
    },
    /** Reserves `count` turns on a channel, `everyMs` apart, among all workers. Answers ms until the first. */
    async takeTurns(channel: Channel, count: number, everyMs: number): Promise<number> {
      const [row] = await ask(sql.TAKE_TURNS, [channel, count, everyMs]);
      return Math.max(0, row.wait_ms);
    },
    async pause(channel: Channel, ms: number): Promise<void> { await ask(sql.PAUSE_CHANNEL, [channel, ms]); },
    async release(ids: string[]): Promise<void> { await ask(sql.RELEASE_DELIVERIES, [ids]); },
    async record(id: string, outcome: DeliveryOutcome): Promise<void> {
      const failed = 'error' in outcome ? outcome : null;
      await ask(sql.RECORD_DELIVERY, [id, outcome.state, failed === null, 'providerId' in outcome ? outcome.providerId : null, failed?.error.slice(0, 500) ?? null, outcome.state === 'temporaryFailure' ? outcome.againInMs : null]);
    },
    /** ms until the next of each channel may be sent; none: everything was handed over, or failed for good. A broadcast that is not wanted any more ends here. */
    async progress(id: string): Promise<{ waits: Partial<Record<Channel, number>>; wanted: boolean }> {
      await ask(sql.WITHDRAW_DELIVERIES, [id]);
      const [row] = await ask(sql.PROGRESS, [id]);
      return { waits: row.waits, wanted: row.wanted };
    },
    /** By channel and state. */
    async counts(id: string): Promise<{ channel: Channel | 'none'; state: DeliveryState; count: number; segments: number; cost: number }[]> {
      return await ask(sql.COUNTS, [id]);
    },
    /** What the SMS provider says of a delivery. Whatever comes twice or late is harmless. False: there is no such SMS. */
    async smsReceipt(id: string, state: 'sending' | 'delivered' | 'permanentFailure' | 'technicalFailure', error: string | null): Promise<boolean> {
      return (await ask(sql.SMS_RECEIPT, [id, state, error])).length > 0;
    },

    /** Takes at most `most` of what nobody goes on with; what was given back too late is withdrawn. */
    async claimOpenEnds(most: number): Promise<OpenEnd[]> {
      await ask(sql.WITHDRAW_LEFT, []);
      const rows = await ask(sql.CLAIM_OPEN_ENDS, [most]);
      return await Promise.all(rows.map(async ({ id, broadcast_id: broadcastId, channel, sealed, taken_over: takenOver, given_up: givenUp }): Promise<OpenEnd> => {
        const { caseId, key } = await open(broadcastId);
        return { id, broadcastId, channel, address: openJson<SealedDelivery>(key, sealed, `${caseId}/delivery/${id}`).address!, takenOver, givenUp };
      }));
    },

    /** What a broadcast would reach and cost if it were sent now. Throws BrokenTemplate. */
    async estimate({ caseId, key, process, number, parties, at }: Estimating, input: BroadcastInput, prices: Prices): Promise<Estimate> {
      const organisation = parties[input.from]!, [sender] = await ask(sql.SENDER, [organisation]);
      const { recipients } = await withConnection(pool, client => resolveAudience(client, names, { id: caseId, caseId, key, organisation, today: romeDate(at.toISOString()) }, input.to));
      const rendering: Rendering = { template: input.template, number, sender: sender?.name ?? organisation, data: input.data, acknowledge: input.acknowledge ?? null };
      const estimate: Estimate = { recipients: recipients.length, unreachable: 0, channels: { email: 0, sms: 0, portal: 0 }, sms: { segments: 0, cost: 0, longest: 0, tooLong: 0, costly: [] } };
      const costly = new Set<string>();
      for (const [at, recipient] of recipients.entries()) {
        await letOthers(at);
        const channels = channelsOf(recipient, input.channels);
        if (channels.length === 0) estimate.unreachable += 1;
        for (const channel of channels) estimate.channels[channel] += 1;
        if (!channels.includes('sms')) continue;
        const size = smsSize(renderBroadcast(process.plugin, rendering, recipient, linkOf(key, ANY_DELIVERY, rendering)).sms);
        estimate.sms.segments += paidSegments(size) ?? 0;
        if (size.tooLong) estimate.sms.tooLong += 1;
        estimate.sms.longest = Math.max(estimate.sms.longest, size.segments);
        for (const character of size.costly) costly.add(character);
      }
      estimate.sms.cost = estimate.sms.segments * prices.sms;
      estimate.sms.costly = [...costly];
      return estimate;
    },

    async markOpened(id: string): Promise<void> { await ask(sql.MARK_OPENED, [id]); },
    async markRead(id: string, userId: string): Promise<Receipt | null> { return ((await ask(sql.MARK_READ, [id, userId]))[0] as Receipt | undefined) ?? null; },
    /** Null: there is no such message, or nobody asked for it. */
    async acknowledge(id: string, userId: string, by: string): Promise<Receipt | null> { return ((await ask(sql.ACKNOWLEDGE, [id, userId, by]))[0] as Receipt | undefined) ?? null; },
    /** Whose inbox shows it, or who has its secret address, is known by its row. */
    openInbox({ id, caseId, broadcastId, wrapped, words, sealed, process, processVersion, template, number, sender, acknowledge }: InboxRow): Words & { pupils: Recipient['pupils']; lang: 'it' | 'en' } {
      const key = unwrapCaseKey(context.masterKey, wrapped, caseId), { data } = openJson<{ data: JsonObject }>(key, words, `${caseId}/broadcast/${broadcastId}`);
      const recipient = openJson<SealedDelivery>(key, sealed, `${caseId}/delivery/${id}`);
      return { ...renderBroadcast(context.processes.version(process, processVersion).plugin, { template, number, sender, data, acknowledge }, recipient, null), pupils: recipient.pupils, lang: recipient.lang };
    },
  };
}
export interface Receipt { read_at: Date | null; acknowledged_at: Date | null }
export interface InboxRow { id: string; caseId: string; broadcastId: string; wrapped: Buffer; words: Buffer; sealed: Buffer; process: string; processVersion: number; template: string; number: string | null; sender: string; acknowledge: { by: string | null } | null }

/** Words and segments of thousands take a second or two: the program answers others meanwhile. */
async function letOthers(at: number): Promise<void> {
  if (at % 100 === 99) await new Promise(resolve => setImmediate(resolve));
}

/** What is too long is not sent, and costs nothing. */
const paidSegments = (size: SmsSize | null): number | null => (size === null ? null : size.tooLong ? 0 : size.segments);

/** Those of the message on which this person may be reached. */
function channelsOf({ channels, email, phone }: Reached, wanted: Channel[]): Channel[] {
  return wanted.filter(channel => channels.includes(channel) && (channel === 'portal' || (channel === 'email' ? email : phone) !== null));
}
