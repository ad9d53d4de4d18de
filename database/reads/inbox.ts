/** Messages to one person, newest first: read through a function that gives a recipient what was written to them, and nothing else of the case. */
import type pg from 'pg';
import { readAs } from './session.ts';

export interface InboxPosition { createdAt: string; id: string }
export interface InboxEntry {
  id: string; caseId: string; broadcastId: string; createdAt: Date; readAt: Date | null; acknowledgedAt: Date | null; sealed: Buffer; words: Buffer; wrapped: Buffer; organisation: string; sender: string;
  template: string; acknowledge: { by: string | null } | null; process: string; processVersion: number; number: string | null; position: InboxPosition;
}

export async function readInbox(pool: pg.Pool, userId: string, { id = null, after, limit }: { id?: string | null; after: InboxPosition | null; limit: number }): Promise<InboxEntry[]> {
  const [result] = await readAs(pool, { organisation: null, userId }, [{
    name: 'read_inbox', values: [userId, id, after?.createdAt ?? null, after?.id ?? null, limit],
    text: `select i.*, i.acknowledge_by::text as by, to_char(i.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as position from iter_inbox($1, $2, $3, $4, $5) i order by i.created_at desc, i.id desc`,
  }]);
  return result!.rows.map(row => ({
    id: row.id, caseId: row.case_id, broadcastId: row.broadcast_id, createdAt: row.created_at, readAt: row.read_at, acknowledgedAt: row.acknowledged_at, sealed: row.sealed, words: row.words, wrapped: row.wrapped,
    organisation: row.organisation, sender: row.sender, template: row.template, acknowledge: row.acknowledge ? { by: row.by } : null, process: row.process, processVersion: row.process_version, number: row.number, position: { createdAt: row.position, id: row.id },
  }));
}

export interface LinkedMessage {
  id: string; userId: string; caseId: string; broadcastId: string; acknowledgedAt: Date | null; sealed: Buffer; words: Buffer; wrapped: Buffer; sender: string;
  template: string; by: string | null; process: string; processVersion: number; number: string | null; /** False: the case is over, and the address with it. */ open: boolean;
}

/** What belongs to a secret address, whoever asks. */
export async function readLinked(pool: pg.Pool, digest: Buffer): Promise<LinkedMessage | null> {
  const { rows: [row] } = await pool.query({ name: 'read_linked', text: `select i.*, i.acknowledge_by::text as by from iter_linked($1) i`, values: [digest] });
  if (!row) return null;
  return {
    id: row.id, userId: row.user_id, caseId: row.case_id, broadcastId: row.broadcast_id, acknowledgedAt: row.acknowledged_at, sealed: row.sealed, words: row.words, wrapped: row.wrapped, sender: row.sender,
    template: row.template, by: row.by, process: row.process, processVersion: row.process_version, number: row.number, open: row.open,
  };
}
