/** Messages to many of one case: what they would reach and cost, how they stand, what became of each, and who has not taken note. */
import type { Request, Response, Router } from 'express';
import { Type } from 'typebox';
import { readBroadcasts, readDeliveries, type CaseBroadcast, type DeliveryFilter, type DeliveryRow } from '../database/reads/deliveries.ts';
import { UUID } from '../database/uuid.ts';
import type { ReadCase } from '../engine/commit/read.ts';
import { DecisionError } from '../engine/decide/types.ts';
import { openJson } from '../engine/history/caseKey.ts';
import { Problem } from '../engine/problems.ts';
import type { BroadcastInput } from '../plugins/contract.ts';
import { askingOf, readerOf, type ApiContext, type Asking } from './context.ts';
import { deliveryTable } from './deliveryTable.ts';
import { choiceParameter, limitParameter, textParameter } from './query.ts';
import { idempotencyKey } from './requestHeaders.ts';
import { sendFile } from './sendFile.ts';
import { sendJson } from './sendJson.ts';
import { roleOn } from './visibility.ts';

export const DELIVERY_STATES = ['created', 'sending', 'delivered', 'temporaryFailure', 'permanentFailure', 'technicalFailure', 'withdrawn'] as const;
export const DELIVERY_CHANNELS = ['email', 'sms', 'portal', 'none'] as const;
/** What `GET /cases/{id}/broadcasts/estimate` answers. */
export const ESTIMATE = Type.Object({
  recipients: Type.Integer(), unreachable: Type.Integer({ description: 'Whom no channel reaches that they chose and consented to' }), channels: Type.Object({ email: Type.Integer(), sms: Type.Integer(), portal: Type.Integer() }),
  sms: Type.Object({ segments: Type.Integer(), costMillis: Type.Integer({ description: 'Thousandths of a euro' }), longest: Type.Integer({ description: 'Segments of the longest' }), tooLong: Type.Integer({ description: 'For whom it would be longer than an SMS may be: it is not sent to them' }), costly: Type.Array(Type.String({ description: 'A character that makes an SMS UCS-2: 70 instead of 160 in one' })) }),
});
const ROWS_AT_ONCE = 1_000;

export function broadcastRoutes(api: ApiContext, router: Router): void {
  router.get('/cases/:id/broadcasts', async (req, res) => {
    const { asking, record } = await open(api, req, res);
    const rows = await readBroadcasts(api.pools.read, readerOf(asking), record.state.id);
    sendJson(res, 200, { items: rows.filter(row => writesFor(record, asking, row.organisation)).map(row => presentBroadcast(record, asking, row)) });
  });

  router.get('/cases/:id/broadcasts/estimate', async (req, res) => {
    const { asking, record } = await open(api, req, res);
    const { plugin } = record.process, name = textParameter(req, 'effect') ?? Object.keys(plugin.effects).find(effect => plugin.effects[effect]!.does === 'broadcast');
    if (name === undefined || !Object.hasOwn(plugin.effects, name) || plugin.effects[name]!.does !== 'broadcast') throw new Problem('not-found', 'This process writes no such message.');
    const input = inputOf(api, record, asking, name);
    if (!writesFor(record, asking, record.state.parties[input.from])) throw new Problem('forbidden', 'Only the organisation that writes may ask what it would cost.');
    const { recipients, unreachable, channels, sms: { cost, ...sms } } = await api.engine.broadcasts.estimate({ ...record, caseId: record.state.id, number: record.state.number, parties: record.state.parties, at: record.now }, input, { sms: api.settings.sms?.price ?? 0 });
    sendJson(res, 200, { recipients, unreachable, channels, sms: { ...sms, costMillis: cost } });
  });

  router.get('/cases/:id/broadcasts/:broadcast/deliveries', async (req: Request<{ id: string; broadcast: string }>, res) => {
    const { asking, record } = await open(api, req, res);
    const broadcast = await broadcastOf(api, asking, record, req.params.broadcast), filter = filterOf(req, broadcast.id);
    const limit = limitParameter(req), cursor = textParameter(req, 'cursor', 1_000), query = JSON.stringify(['deliveries', record.state.id, filter]);
    const after = cursor === undefined ? null : (api.cursors.read(query, cursor) as unknown as { id: string }).id;
    const rows = await readDeliveries(api.pools.read, readerOf(asking), record.state.id, filter, { after, limit: limit + 1 });
    const items = rows.slice(0, limit), last = rows.length > limit ? items.at(-1)! : null;
    sendJson(res, 200, { items: items.map(row => presentDelivery(record, row)), next: last ? api.cursors.write(query, { id: last.id }) : null });
  });

  // All of them at once, a line for each person: what an office takes to the telephone.
  router.get('/cases/:id/broadcasts/:broadcast/deliveries.csv', async (req: Request<{ id: string; broadcast: string }>, res) => {
    const { asking, record } = await open(api, req, res);
    const broadcast = await broadcastOf(api, asking, record, req.params.broadcast), filter = filterOf(req, broadcast.id), rows: DeliveryRow[] = [];
    for (let page: DeliveryRow[] | null = null; page === null || page.length === ROWS_AT_ONCE;) rows.push(...(page = await readDeliveries(api.pools.read, readerOf(asking), record.state.id, filter, { after: rows.at(-1)?.id ?? null, limit: ROWS_AT_ONCE })));
    const { fileName, text } = deliveryTable(rows.map(row => ({ ...row, ...opened(record, row) })), asking.language);
    sendFile(res, { content: Buffer.from(text), mediaType: 'text/csv; charset=utf-8', name: `${fileName}.csv` });
  });

  // A family that signed on paper: the school records it, in its own name.
  router.post('/cases/:id/broadcasts/:broadcast/deliveries/:delivery/acknowledge', async (req: Request<{ id: string; broadcast: string; delivery: string }>, res) => {
    idempotencyKey(req, res);
    const { asking, record } = await open(api, req, res);
    const broadcast = await broadcastOf(api, asking, record, req.params.broadcast), { delivery } = req.params;
    if (!broadcast.acknowledge) throw new Problem('command-not-allowed', 'Nobody asks to take note of this message.');
    const find = async () => (UUID.test(delivery) ? (await readDeliveries(api.pools.read, readerOf(asking), record.state.id, { broadcastId: broadcast.id, state: null, channel: null, acknowledged: null }, { after: before(delivery), limit: 1 })).find(({ id }) => id === delivery.toLowerCase()) : undefined);
    const row = await find();
    if (!row) throw new Problem('not-found', 'There is no such delivery.');
    await api.engine.broadcasts.acknowledge(row.id, row.userId, asking.caller.userId);
    sendJson(res, 200, presentDelivery(record, (await find())!));
  });
}

function filterOf(req: Request<any>, broadcastId: string): DeliveryFilter {
  const pick = <T extends string>(name: string, values: readonly T[]) => choiceParameter(req, name, ['', ...values] as const, '') || null;
  const acknowledged = pick('acknowledged', ['true', 'false'] as const);
  return { broadcastId, state: pick('state', DELIVERY_STATES), channel: pick('channel', DELIVERY_CHANNELS), acknowledged: acknowledged === null ? null : acknowledged === 'true' };
}

/** Throws Problem `command-not-allowed` while the case does not know yet whom to write to, or what. */
function inputOf(api: ApiContext, record: ReadCase, { caller }: Asking, effect: string): BroadcastInput {
  try {
    return api.engine.broadcastNow(record, caller, effect);
  } catch (error) {
    if (!(error instanceof DecisionError)) throw error;
    throw new Problem('command-not-allowed', 'The message is not complete: say what is written, and to whom.');
  }
}

/** The UUID just before: pages begin after it. */
function before(id: string): string {
  const hex = (BigInt(`0x${id.replaceAll('-', '')}`) - 1n).toString(16).padStart(32, '0');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

async function open(api: ApiContext, req: Request<any>, res: Response): Promise<{ asking: Asking; record: ReadCase }> {
  const asking = askingOf(api, req, res), record = await api.engine.readCase(String(req.params.id), asking.caller.principals);
  if (!record) throw new Problem('not-found', 'There is no such case.');
  return { asking, record };
}

/** Who was written to is the writer's knowledge: in a role of theirs on this case. */
function writesFor({ process: { plugin }, state: { parties } }: ReadCase, { caller }: Asking, organisation: string | undefined): boolean {
  return organisation !== undefined && caller.organisation === organisation && roleOn(plugin, parties, caller) !== null;
}

async function broadcastOf(api: ApiContext, asking: Asking, record: ReadCase, id: string): Promise<CaseBroadcast> {
  const found = (await readBroadcasts(api.pools.read, readerOf(asking), record.state.id)).find(row => row.id === id.toLowerCase());
  if (!found) throw new Problem('not-found', 'There is no such message.');
  if (!writesFor(record, asking, found.organisation)) throw new Problem('forbidden', 'Only the organisation that wrote may read to whom.');
  return found;
}

function presentBroadcast({ process: { plugin }, state }: ReadCase, { language }: Asking, { counts, name, acknowledge, acknowledgeBy, acknowledged, silent, createdAt, resolvedAt, ...row }: CaseBroadcast) {
  return {
    ...row, effect: { name, label: plugin.labels[language].effects[name] ?? name }, createdAt: createdAt.toISOString(), resolvedAt: resolvedAt?.toISOString() ?? null,
    acknowledge: acknowledge ? { by: acknowledgeBy, acknowledged, silent } : null,
    counts: counts.map(({ cost, ...count }) => ({ ...count, costMillis: cost })), costMillis: counts.reduce((sum, { cost }) => sum + cost, 0), href: `/api/v1/cases/${state.id}/broadcasts/${row.id}/deliveries`,
  };
}

const opened = ({ key, state: { id: caseId } }: ReadCase, { id, sealed }: DeliveryRow) => openJson<{ name: string; lang: string; address: string | null; pupils: { name: string; class: string }[] }>(key, sealed, `${caseId}/delivery/${id}`);

function presentDelivery(record: ReadCase, row: DeliveryRow) {
  const { name, lang, address, pupils } = opened(record, row);
  const instant = (at: Date | null) => at?.toISOString() ?? null, { id, userId, channel, state, attempts, segments, cost, error, acknowledgedBy } = row;
  return {
    id, recipient: { id: userId, name, language: lang }, pupils: pupils.map(({ name: pupil, class: of }) => ({ name: pupil, class: of })), channel, address, state, attempts, nextAt: state === 'temporaryFailure' ? row.nextAt.toISOString() : null,
    segments, costMillis: cost, error, sentAt: instant(row.sentAt), deliveredAt: instant(row.deliveredAt), failedAt: instant(row.failedAt), readAt: instant(row.readAt), acknowledgedAt: instant(row.acknowledgedAt), acknowledgedBy,
  };
}
