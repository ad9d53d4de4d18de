/** Rows of other software by their natural keys, and how each organisation names its columns: as `iter_commit`. */
import type { Statement } from './statements.ts';

/** `contacts`: who answers for the pupil, neither a delegate nor the pupil among them, who is `own`. */
const ANSWERED_PUPILS = `select p.id, p.code, p.year, p.class, p.sealed, p.left_on::text, array(select g.user_id::text from pupil_contacts g join users u on u.id = g.user_id and not u.disabled where g.pupil_id = p.id and g.relation in ('genitore', 'tutore') order by g.position, g.user_id) as contacts,
 (select g.user_id::text from pupil_contacts g join users u on u.id = g.user_id and not u.disabled where g.pupil_id = p.id and g.relation = 'alunno' order by g.position, g.user_id limit 1) as own
 from pupils p`;
/** $1 school, $2 codes, $3 school years. */
export const PUPILS_BY_CODE: Statement = { name: 'pupils_by_code', text: `${ANSWERED_PUPILS} where p.school = $1 and p.code = any ($2) and p.year = any ($3)` };
/** $1 school, $2 school year: those who are at the school. */
export const ANSWERED_PUPILS_OF_YEAR: Statement = { name: 'answered_pupils_of_year', text: `${ANSWERED_PUPILS} where p.school = $1 and p.year = $2 and p.left_on is null order by p.code` };
/** $1 ids: who the parties of running cases are. */
export const PARTIES_OF_RUNNING: Statement = { name: 'parties_of_running', text: 'select id, process, process_version, parties from cases where id = any ($1::uuid[]) and not done and not draft and erased_at is null' };
/** $1 import, $2 organisation, $3 keys. */
export const IMPORTED_ROWS: Statement = { name: 'imported_rows', text: 'select key, day::text, digest, withdrawn, revision, case_id from import_rows where name = $1 and organisation = $2 and key = any ($3)' };
/** $1 import, $2 organisation, $3 days. */
export const IMPORTED_ON_DAYS: Statement = { name: 'imported_on_days', text: 'select key, day::text, digest, withdrawn, revision, case_id from import_rows where name = $1 and organisation = $2 and day = any ($3::date[]) and not withdrawn order by key' };
/** $1 ids. */
export const CASES_OF_ROWS: Statement = { name: 'cases_of_rows', text: 'select id, process, process_version from cases where id = any ($1::uuid[])' };
/**
 * $1 import, $2 organisation, $3 rows, each with its case and the version that the case had after it took the row. Of two files at the same time the one holds that the case
 * heard last, whichever is noted last.
 */
export const PUT_IMPORTED: Statement = {
  name: 'put_imported',
  text: `insert into import_rows (name, organisation, case_id, key, day, digest, revision, withdrawn, case_version) select $1, $2, r.case_id, r.key, r.day, decode(r.digest, 'hex'), r.revision, r.withdrawn, r.case_version
 from jsonb_to_recordset($3::jsonb) as r(case_id uuid, key text, day date, digest text, revision int, withdrawn boolean, case_version int) order by r.key
 on conflict (name, organisation, key) do update set digest = excluded.digest, revision = greatest(import_rows.revision, excluded.revision), withdrawn = excluded.withdrawn, case_version = excluded.case_version, taken_at = clock_timestamp()
 where import_rows.case_version < excluded.case_version`,
};
/** $1 import, $2 organisation. */
export const READ_MAPPING: Statement = { name: 'read_mapping', text: 'select mapping from import_mappings where name = $1 and organisation = $2' };
/** $3 mapping, $4 by whom. */
export const PUT_MAPPING: Statement = {
  name: 'put_mapping',
  text: `insert into import_mappings (name, organisation, mapping, set_by) values ($1, $2, $3::jsonb, $4) on conflict (name, organisation) do update set mapping = excluded.mapping, set_by = excluded.set_by, set_at = clock_timestamp()`,
};
