/** Absences with their deputies. Rows are added and withdrawn, never changed or deleted: they say who could act for whom, and when. */
import type pg from 'pg';

export interface PersonName { id: string; username: string; name: string }
export interface Absence {
  id: string; user: PersonName; deputy: PersonName; organisation: string; /** Local dates, both included. */ from: string; to: string; reason: string;
  setBy: string; setAt: string; withdrawnAt: string | null; withdrawnBy: string | null;
  /** By PostgreSQL's clock: it goes on today, or its last day is past. */
  current: boolean; over: boolean;
}
export interface NewAbsence { id: string; userId: string; deputyId: string; organisation: string; from: string; to: string; reason: string; setBy: string }
/** Where the page before ended. */
export interface AbsencePosition { from: string; id: string }

const person = (alias: string) => `json_build_object('id', ${alias}.id, 'username', ${alias}.username, 'name', ${alias}.name)`;
const TODAY = `(clock_timestamp() at time zone 'Europe/Rome')::date`;
const SELECT = `select a.id, ${person('u')} as "user", ${person('d')} as deputy, a.organisation, a.from_day::text as "from", a.to_day::text as "to", a.reason, a.set_by as "setBy", a.set_at as "setAt",
 a.withdrawn_at as "withdrawnAt", a.withdrawn_by as "withdrawnBy", a.withdrawn_at is null and ${TODAY} between a.from_day and a.to_day as current, a.to_day < ${TODAY} as over
 from absences a join users u on u.id = a.user_id join users d on d.id = a.deputy`;
const presented = (row: any): Absence => ({ ...row, setAt: row.setAt.toISOString(), withdrawnAt: row.withdrawnAt?.toISOString() ?? null });

/** `all` of an organisation (null: none) beside the person's own and those in which they are the deputy; earliest first. `past`: with those that are over or withdrawn. */
export async function listAbsences(pool: pg.Pool, filter: { userId: string; all: string | null; past: boolean; after: AbsencePosition | null; limit: number }): Promise<Absence[]> {
  const { rows } = await pool.query({
    name: `list_absences_${filter.past}`, values: [filter.userId, filter.all, filter.after?.from ?? null, filter.after?.id ?? null, filter.limit],
    text: `${SELECT} where (a.user_id = $1 or a.deputy = $1 or a.organisation = $2) and ($3::date is null or (a.from_day, a.id) > ($3::date, $4::uuid))
 ${filter.past ? '' : `and a.withdrawn_at is null and a.to_day >= ${TODAY}`} order by a.from_day, a.id limit $5`,
  });
  return rows.map(presented);
}

export async function findAbsence(pool: pg.Pool, id: string): Promise<Absence | null> {
  const { rows: [row] } = await pool.query({ name: 'find_absence', text: `${SELECT} where a.id = $1`, values: [id] });
  return row ? presented(row) : null;
}

/** Those of `userIds`, or in which one of them is the deputy, that share a day with the period. */
export async function absencesBetween(pool: pg.Pool, organisation: string, userIds: string[], from: string, to: string): Promise<Absence[]> {
  const { rows } = await pool.query({
    name: 'absences_between', values: [organisation, userIds, from, to],
    text: `${SELECT} where a.organisation = $1 and a.withdrawn_at is null and (a.user_id = any ($2::uuid[]) or a.deputy = any ($2::uuid[])) and a.from_day <= $4 and a.to_day >= $3 order by a.from_day, a.id`,
  });
  return rows.map(presented);
}

/** By user name or id, among the enabled people of an organisation. */
export async function memberOf(pool: pg.Pool, organisation: string, named: string): Promise<PersonName | null> {
  const { rows: [row] } = await pool.query({
    name: 'member_of', values: [organisation, named],
    text: `select u.id, u.username, u.name from users u where (u.username = $2 or u.id::text = $2) and not u.disabled and exists (select from memberships m where m.user_id = u.id and m.organisation = $1)`,
  });
  return row ?? null;
}

/** The date in Europe/Rome by PostgreSQL's clock. */
export async function localToday(pool: pg.Pool): Promise<string> {
  return (await pool.query({ name: 'local_today', text: `select ${TODAY}::text as today` })).rows[0].today;
}

/** `pool` of `iter_commit`. `exists`: the same id is there already; `overlap`: the person is absent from there on one of these days. */
export async function insertAbsence(pool: pg.Pool, absence: NewAbsence): Promise<'inserted' | 'exists' | 'overlap'> {
  const { id, userId, deputyId, organisation, from, to, reason, setBy } = absence;
  try {
    const { rowCount } = await pool.query({
      name: 'insert_absence', values: [id, userId, deputyId, organisation, from, to, reason, setBy],
      text: 'insert into absences (id, user_id, deputy, organisation, from_day, to_day, reason, set_by) values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (id) do nothing',
    });
    return rowCount === 1 ? 'inserted' : 'exists';
  } catch (error) {
    if ((error as { constraint?: string }).constraint === 'absences_once') return 'overlap';
    throw error;
  }
}

/** `pool` of `iter_commit`. Withdrawn once: a repeat changes nothing. */
export async function withdrawAbsence(pool: pg.Pool, id: string, by: string): Promise<void> {
  await pool.query({ name: 'withdraw_absence', text: 'update absences set withdrawn_at = clock_timestamp(), withdrawn_by = $2 where id = $1 and withdrawn_at is null', values: [id, by] });
}
