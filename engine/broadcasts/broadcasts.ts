/**
 * Messages to many: recipients are found once, each recipient and channel has one row, and every row is sent once by whoever takes it.
 * What is kept of persons is sealed with the case's key, which never leaves the engine.
 */
import * as sql from '../../database/broadcastStatements.ts';
import { run } from '../../database/pools.ts';
import type { Statement } from '../../database/statements.ts';
import { romeDate } from '../../plugins/calendar.ts';
import type { Audience, BroadcastInput, Channel, JsonObject } from '../../plugins/contract.ts';
import type { EngineContext } from '../commit/context.ts';
import { idFrom } from '../commit/create.ts';
import { withConnection } from '../commit/transaction.ts';
import type { CompiledProcess } from '../decide/compile.ts';
import { createPupilNames } from '../families/pupilNames.ts';
import { openJson, sealJson, unwrapCaseKey, type CaseKey } from '../history/caseKey.ts';
import { resolveAudience, type Reached } from './audience.ts';
import { BrokenTemplate, renderBroadcast, type Recipient, type Rendering, type Words } from './render.ts';
import { smsSize } from './smsSegments.ts';

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
}
export type DeliveryOutcome =
  | { state: 'delivered' | 'sending'; providerId: string | null }
  | { state: 'temporaryFailure'; error: string; againInMs: number }
  | { state: 'permanentFailure' | 'technicalFailure'; error: string };
export interface Broadcast { id: string; caseId: string; organisation: string; channels: Channel[] }
/** Thousandths of a euro per segment. */
export interface Prices { sms: number }
export interface Estimating { caseId: string; key: CaseKey; process: CompiledProcess; number: string | null; parties: Record<string, string>; at: Date }
export interface Estimate { recipients: number; unreachable: number; channels: Record<Channel, number>; sms: { segments: number; cost: number; longest: number; costly: string[] } }

interface SealedDelivery { name: string; lang: 'it' | 'en'; address: string | null; pupils: Recipient['pupils'] }
interface Opened extends Broadcast { key: CaseKey; process: CompiledProcess; today: string; resolved: boolean; to: Audience; rendering: Rendering }

/** Rows in one statement. */
const CHUNK = 500;
export const NO_CHANNEL = 'no channel that the person chose and consented to';

export function createBroadcasts(context: EngineContext) {
  const pool = context.pools[context.commitPool], names = createPupilNames(context);
  const ask = (statement: Statement, values: unknown[]) => withConnection(pool, client => run(client, statement, values)).then(({ rows }) => rows);

  async function open(id: string): Promise<Opened> {
    const [row] = await ask(sql.BROADCAST, [id]);
    if (!row || row.wrapped.length === 0) throw new BrokenTemplate(`the broadcast ${id} is not there, or its case was erased`);
    const key = unwrapCaseKey(context.masterKey, row.wrapped, row.case_id);
    const { to, data } = openJson<{ to: Audience; data: JsonObject }>(key, row.sealed, `${row.case_id}/broadcast/${id}`);
    return {
      id, caseId: row.case_id, organisation: row.organisation, channels: row.channels, key, process: context.processes.version(row.process, row.process_version), today: row.today, resolved: row.resolved_at !== null, to,
      rendering: { template: row.template, number: row.number, sender: row.sender, data, acknowledge: row.acknowledge ? { by: row.acknowledge_by } : null },
    };
  }

  function rowsFor({ id, caseId, key, process, channels: wanted, rendering }: Opened, recipient: Reached, prices: Prices) {
    const { userId, name, lang, pupils, email, phone } = recipient;
    const channels = channelsOf(recipient, wanted);
    return (channels.length > 0 ? channels : ['none' as const]).map(channel => {
      const deliveryId = idFrom('delivery', id, userId, channel), address = channel === 'email' ? email : channel === 'sms' ? phone : null;
      const segments = channel === 'sms' ? smsSize(renderBroadcast(process.plugin, rendering, recipient).sms).segments : null;
      return {
        id: deliveryId, user_id: userId, pupils: pupils.map(pupil => pupil.id), channel, segments, cost: segments === null ? null : segments * prices.sms,
        state: channel === 'portal' ? 'delivered' : channel === 'none' ? 'permanentFailure' : 'created', error: channel === 'none' ? NO_CHANNEL : null,
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
      return rows.map(row => {
        const { name, lang, address, pupils } = openJson<SealedDelivery>(key, row.sealed, `${caseId}/delivery/${row.id}`);
        return { id: row.id, channel, address: address!, lang, words: renderBroadcast(process.plugin, rendering, { name, lang, pupils }), attempts: row.attempts, doubtful: row.doubtful };
      });
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
    /** `waitMs` null: everything was handed over, or failed for good. A broadcast that is not wanted any more ends here. */
    async progress(id: string): Promise<{ unsent: number; waitMs: number | null; wanted: boolean }> {
      await ask(sql.WITHDRAW_DELIVERIES, [id]);
      const [row] = await ask(sql.PROGRESS, [id]);
      return { unsent: row.unsent, waitMs: row.unsent === 0 ? null : row.wait_ms, wanted: row.wanted };
    },
    /** By channel and state. */
    async counts(id: string): Promise<{ channel: Channel | 'none'; state: DeliveryState; count: number; segments: number; cost: number }[]> {
      return await ask(sql.COUNTS, [id]);
    },
    /** What the SMS provider says of a delivery. Whatever comes twice or late is harmless. False: there is no such SMS. */
    async smsReceipt(id: string, state: 'sending' | 'delivered' | 'permanentFailure' | 'technicalFailure', error: string | null): Promise<boolean> {
      return (await ask(sql.SMS_RECEIPT, [id, state, error])).length > 0;
    },

    /** What a broadcast would reach and cost if it were sent now. Throws BrokenTemplate. */
    async estimate({ caseId, key, process, number, parties, at }: Estimating, input: BroadcastInput, prices: Prices): Promise<Estimate> {
      const organisation = parties[input.from]!, [sender] = await ask(sql.SENDER, [organisation]);
      const { recipients } = await withConnection(pool, client => resolveAudience(client, names, { id: caseId, caseId, key, organisation, today: romeDate(at.toISOString()) }, input.to));
      const rendering: Rendering = { template: input.template, number, sender: sender?.name ?? organisation, data: input.data, acknowledge: input.acknowledge ?? null };
      const estimate: Estimate = { recipients: recipients.length, unreachable: 0, channels: { email: 0, sms: 0, portal: 0 }, sms: { segments: 0, cost: 0, longest: 0, costly: [] } };
      const costly = new Set<string>();
      for (const [at, recipient] of recipients.entries()) {
        await letOthers(at);
        const channels = channelsOf(recipient, input.channels);
        if (channels.length === 0) estimate.unreachable += 1;
        for (const channel of channels) estimate.channels[channel] += 1;
        if (!channels.includes('sms')) continue;
        const size = smsSize(renderBroadcast(process.plugin, rendering, recipient).sms);
        estimate.sms.segments += size.segments;
        estimate.sms.longest = Math.max(estimate.sms.longest, size.segments);
        for (const character of size.costly) costly.add(character);
      }
      estimate.sms.cost = estimate.sms.segments * prices.sms;
      estimate.sms.costly = [...costly];
      return estimate;
    },

    async markRead(id: string, userId: string): Promise<Receipt | null> { return ((await ask(sql.MARK_READ, [id, userId]))[0] as Receipt | undefined) ?? null; },
    /** Null: there is no such message, or nobody asked for it. */
    async acknowledge(id: string, userId: string, by: string): Promise<Receipt | null> { return ((await ask(sql.ACKNOWLEDGE, [id, userId, by]))[0] as Receipt | undefined) ?? null; },
    /** Whose inbox shows it is known by its row. */
    openInbox({ id, caseId, broadcastId, wrapped, words, sealed, process, processVersion, template, number, sender, acknowledge }: InboxRow): Words & { pupils: Recipient['pupils'] } {
      const key = unwrapCaseKey(context.masterKey, wrapped, caseId), { data } = openJson<{ data: JsonObject }>(key, words, `${caseId}/broadcast/${broadcastId}`);
      const recipient = openJson<SealedDelivery>(key, sealed, `${caseId}/delivery/${id}`);
      return { ...renderBroadcast(context.processes.version(process, processVersion).plugin, { template, number, sender, data, acknowledge }, recipient), pupils: recipient.pupils };
    },
  };
}
export interface Receipt { read_at: Date | null; acknowledged_at: Date | null }
export interface InboxRow { id: string; caseId: string; broadcastId: string; wrapped: Buffer; words: Buffer; sealed: Buffer; process: string; processVersion: number; template: string; number: string | null; sender: string; acknowledge: { by: string | null } | null }

/** Words and segments of thousands take a second or two: the program answers others meanwhile. */
async function letOthers(at: number): Promise<void> {
  if (at % 100 === 99) await new Promise(resolve => setImmediate(resolve));
}

/** Those of the message on which this person may be reached. */
function channelsOf({ channels, email, phone }: Reached, wanted: Channel[]): Channel[] {
  return wanted.filter(channel => channels.includes(channel) && (channel === 'portal' || (channel === 'email' ? email : phone) !== null));
}
