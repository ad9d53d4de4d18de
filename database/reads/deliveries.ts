/** Messages to many of one case, behind row-level security: how they stand, and each of their deliveries. */
import type pg from 'pg';
import { COVERED, SILENT } from '../broadcastStatements.ts';
import { readAs, type Reader } from './session.ts';

export interface CaseBroadcast {
  id: string; name: string; organisation: string; template: string; templateVersion: string; channels: string[]; acknowledge: boolean; acknowledgeBy: string | null; about: string | null; createdAt: Date; resolvedAt: Date | null;
  /** `done`: nothing is to be sent any more. */
  recipients: number; acknowledged: number; silent: number; done: boolean; counts: { channel: string; state: string; count: number; segments: number; cost: number }[];
}
export interface DeliveryRow {
  id: string; userId: string; channel: string; state: string; attempts: number; nextAt: Date; segments: number | null; cost: number | null; error: string | null; sealed: Buffer; sentAt: Date | null; deliveredAt: Date | null; failedAt: Date | null;
  readAt: Date | null; acknowledgedAt: Date | null; acknowledgedBy: string | null;
}
export interface DeliveryFilter { broadcastId: string; state: string | null; channel: string | null; /** False: neither they nor another of the same family took note. */ acknowledged: boolean | null }

export async function readBroadcasts(pool: pg.Pool, reader: Reader, caseId: string): Promise<CaseBroadcast[]> {
  const [result] = await readAs(pool, reader, [{
    name: 'case_broadcasts', values: [caseId],
    text: `with covered as materialized (${COVERED('any (select id from broadcasts where case_id = $1)')})
 select b.id, b.name, b.organisation, b.template, b.template_version as "templateVersion", b.channels, b.acknowledge, b.acknowledge_by::text as "acknowledgeBy", b.about, b.created_at as "createdAt", b.resolved_at as "resolvedAt",
 (select count(distinct user_id)::int from deliveries d where d.broadcast_id = b.id) as recipients, (select count(distinct user_id)::int from deliveries d where d.broadcast_id = b.id and d.acknowledged_at is not null) as acknowledged,
 case when b.acknowledge then (select count(distinct user_id)::int from deliveries d where d.broadcast_id = b.id and ${SILENT}) else 0 end as silent,
 b.resolved_at is not null and not exists (select from deliveries d where d.broadcast_id = b.id and (d.state in ('created','temporaryFailure') or d.state = 'sending' and d.sent_at is null)) as done,
 coalesce((select json_agg(t order by t.channel, t.state) from (select channel, state, count(*)::int as count, coalesce(sum(segments), 0)::int as segments, coalesce(sum(cost), 0)::int as cost from deliveries d where d.broadcast_id = b.id group by 1, 2) t), '[]') as counts
 from broadcasts b where b.case_id = $1 order by b.created_at, b.id`,
  }]);
  return result!.rows;
}

/** By person, then channel: pages after the last id of the one before. */
export async function readDeliveries(pool: pg.Pool, reader: Reader, caseId: string, { broadcastId, state, channel, acknowledged }: DeliveryFilter, { after, limit }: { after: string | null; limit: number }): Promise<DeliveryRow[]> {
  const [result] = await readAs(pool, reader, [{
    name: 'case_deliveries', values: [caseId, broadcastId, state, channel, acknowledged, after, limit],
    text: `with covered as materialized (${COVERED('$2')})
 select d.id, d.user_id as "userId", d.channel, d.state, d.attempts, d.next_at as "nextAt", d.segments, d.cost, d.error, d.sealed, d.sent_at as "sentAt", d.delivered_at as "deliveredAt", d.failed_at as "failedAt", d.read_at as "readAt", d.acknowledged_at as "acknowledgedAt", d.acknowledged_by as "acknowledgedBy"
 from deliveries d where d.case_id = $1 and d.broadcast_id = $2 and ($3::text is null or d.state = $3) and ($4::text is null or d.channel = $4) and ($5::boolean is null or ($5 and d.acknowledged_at is not null) or (not $5 and ${SILENT}))
 and ($6::uuid is null or d.id > $6) order by d.id limit $7`,
  }]);
  return result!.rows;
}
