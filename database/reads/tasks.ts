/** What waits for one principal in one role: keyset pages, and counts. All times are by PostgreSQL's clock. */
import type pg from 'pg';
import { dayOf } from '../taskFunctions.ts';
import { readAs, type Reader } from './session.ts';

export interface TaskFilter {
  /** Organisation code, or user id for a person's own. One of the reader's. */
  principal: string;
  role: string;
  process: string | null;
  command: string | null;
  overdue: boolean | null;
  /** Words that must all occur in the case's search text. */
  words: string[];
}
export type TaskSort = 'since' | 'due';
/** The last task of the page before; instants with microseconds, `dueAt` may be `infinity`. */
export interface TaskPosition { dueAt: string; since: string; caseId: string; name: string }
export interface TaskRow {
  caseId: string; name: string; origin: 'process' | 'engine'; roles: string[]; command: string | null; since: Date; position: TaskPosition;
  /** The last local day, and the instant at which it is over (of a deadline in instants: that one). */
  due: string | null; dueAt: Date | null; overdue: boolean;
  process: string; processVersion: number; number: string | null; state: string; row: Record<string, unknown>; parties: Record<string, string>;
}
export interface TaskCount {
  process: string; name: string; origin: 'process' | 'engine'; total: number; overdue: number;
  /** Not overdue, and due today or in the seven days after. */
  dueThisWeek: number;
}

const micros = (instant: string) => `to_char(${instant} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;

/** Oldest first: by when it began to wait, or (`due`) by when it is due, then what has no date. */
export async function listTasks(pool: pg.Pool, reader: Reader, filter: TaskFilter, { sort, after, limit }: { sort: TaskSort; after: TaskPosition | null; limit: number }): Promise<TaskRow[]> {
  const { principal, role, process, command, overdue } = filter, words = filter.words.map(word => word.replace(/[\\%_]/g, '\\$&'));
  const [result] = await readAs(pool, reader, [{
    name: 'list_tasks', values: [principal, role, process, command, overdue, words, sort === 'due', after?.dueAt ?? null, after?.since ?? null, after?.caseId ?? null, after?.name ?? null, limit],
    text: `select t.*, ${dayOf('t.due_at')}::text as due, coalesce(t.due_at <= clock_timestamp(), false) as overdue, ${micros('t.since')} as since_text, ${micros('t.due_at')} as due_text,
 c.process, c.process_version, c.number, c.state, c."row", c.parties
 from iter_tasks($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) with ordinality as t(case_id, name, origin, roles, command, since, due_at, place) join cases c on c.id = t.case_id order by t.place`,
  }]);
  return result!.rows.map((row): TaskRow => ({
    caseId: row.case_id, name: row.name, origin: row.origin, roles: row.roles, command: row.command, since: row.since, due: row.due, dueAt: row.due_at, overdue: row.overdue,
    position: { dueAt: row.due_text ?? 'infinity', since: row.since_text, caseId: row.case_id, name: row.name },
    process: row.process, processVersion: row.process_version, number: row.number, state: row.state, row: row.row, parties: row.parties,
  }));
}

/** By process and task. */
export async function countTasks(pool: pg.Pool, reader: Reader, { principal, role }: Pick<TaskFilter, 'principal' | 'role'>): Promise<TaskCount[]> {
  const [result] = await readAs(pool, reader, [{ name: 'count_tasks', values: [principal, role], text: 'select process, name, origin, total, overdue, due_this_week as "dueThisWeek" from iter_count_tasks($1, $2)' }]);
  return result!.rows;
}
