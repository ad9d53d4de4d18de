/** The statements of the import. Each takes a JSON array of rows with distinct keys, and answers what became of them. */
import type pg from 'pg';

/** What became of the rows; each is in one of the first four. */
export interface UpsertCounts { new: number; changed: number; unchanged: number; older: number; unknown: number }

const FACTS = ['name', 'level', 'kind', 'institute_code', 'institute_name', 'region', 'province', 'municipality', 'municipality_code', 'cap', 'address', 'email', 'pec', 'website'];
const COLUMNS = ['code', ...FACTS, 'state_run', 'school_year'];
const of = (alias: string) => [...FACTS, 'state_run'].map((column) => `${alias}.${column}`).join(', ');

/** Facts of an older year never replace newer ones. The same facts in a newer year are `unchanged`, but the year moves on. */
export const SCHOOLS_UPSERT = {
  lock: 'lock table schools in share row exclusive mode',
  analyze: 'analyze schools',
  text: `
with incoming as materialized (
  select i.*, s.code is null as is_new, coalesce(s.school_year > i.school_year, false) as is_older, s.school_year is distinct from i.school_year as year_moves,
    s.code is not null and (${of('s')}) is distinct from (${of('i')}) as differs
  from jsonb_to_recordset($1::jsonb) as i (${['code', ...FACTS].map((column) => `${column} text`).join(', ')}, state_run boolean, school_year text) left join schools s using (code)),
written as (
  insert into schools (${COLUMNS.join(', ')}) select ${COLUMNS.join(', ')} from incoming where is_new or (not is_older and (differs or year_moves))
  on conflict (code) do update set ${COLUMNS.slice(1).map((column) => `${column} = excluded.${column}`).join(', ')}, updated_at = now())
select count(*) filter (where is_new)::int as new, count(*) filter (where is_older)::int as older, count(*) filter (where differs and not is_older)::int as changed,
  count(*) filter (where not is_new and not is_older and not differs)::int as unchanged, 0 as unknown from incoming`,
};

/** Counts are kept by school year, so none is older. Those of schools that are not in the registry (yet) are kept too. */
export const PUPILS_UPSERT = {
  lock: 'lock table school_pupils in share row exclusive mode',
  analyze: 'analyze school_pupils',
  text: `
with incoming as materialized (
  select i.*, p.code is null as is_new, p.code is not null and (p.pupils, p.at_most) is distinct from (i.pupils, i.at_most) as differs,
    not exists (select 1 from schools s where s.code = i.code) as is_unknown
  from jsonb_to_recordset($1::jsonb) as i (code text, school_year text, pupils int, at_most boolean) left join school_pupils p using (code, school_year)),
written as (
  insert into school_pupils (code, school_year, pupils, at_most) select code, school_year, pupils, at_most from incoming where is_new or differs
  on conflict (code, school_year) do update set pupils = excluded.pupils, at_most = excluded.at_most)
select count(*) filter (where is_new)::int as new, count(*) filter (where differs)::int as changed, count(*) filter (where not is_new and not differs)::int as unchanged,
  0 as older, count(*) filter (where is_unknown)::int as unknown from incoming`,
};

/** For the demo: only what is not there yet, so that the data of the ministry stands. */
export const SCHOOLS_SEED = `
insert into schools (${COLUMNS.join(', ')})
select ${COLUMNS.join(', ')} from jsonb_to_recordset($1::jsonb) as i (${['code', ...FACTS].map((column) => `${column} text`).join(', ')}, state_run boolean, school_year text)
on conflict (code) do nothing`;

/** Rows sent to the database at once. */
const BATCH = 5_000;

/** Writes all rows in one transaction, and tells the planner afterwards. */
export async function upsertRows(pool: pg.Pool, upsert: typeof SCHOOLS_UPSERT, rows: object[]): Promise<UpsertCounts> {
  const total: UpsertCounts = { new: 0, changed: 0, unchanged: 0, older: 0, unknown: 0 };
  const client = await pool.connect();
  try {
    await client.query('begin');
    // Two imports at once would count each other's rows as their own.
    await client.query(upsert.lock);
    for (let from = 0; from < rows.length; from += BATCH) {
      const { rows: counted } = await client.query<UpsertCounts>(upsert.text, [JSON.stringify(rows.slice(from, from + BATCH))]);
      for (const [name, count] of Object.entries(counted[0] as UpsertCounts)) total[name as keyof UpsertCounts] += count;
    }
    await client.query('commit');
    if (total.new + total.changed > 0) await client.query(upsert.analyze);
    client.release();
    return total;
  } catch (error) {
    // A connection in an unknown state is thrown away, not handed on.
    client.release(error as Error);
    throw error;
  }
}
