/** What organisations added to forms, and drafts of forms: statements that go with the commit's and the reader's first round trip. */
import type { Statement } from './statements.ts';

/** One row per name and organisation: the latest of those in force today in Rome. Decisions keep what they looked at: earlier ones would only grow. */
const IN_FORCE = (organisations: string) => `select distinct on (name, organisation) name, organisation, valid_from::text as "from", valid_to::text as "to", value, version from parameters
 where name = any ($1) and valid_from <= (clock_timestamp() at time zone 'Europe/Rome')::date and coalesce(valid_to, 'infinity') >= (clock_timestamp() at time zone 'Europe/Rome')::date
 and (organisation is null or ${organisations}) order by name, organisation, version desc`;

/** $1 names, $2 case: general ones and those of the case's own organisations. */
export const FORMS_IN_FORCE: Statement = { name: 'forms_in_force', text: IN_FORCE('organisation in (select v.value from cases c, jsonb_each_text(c.parties) v where c.id = $2)') };
/** $1 names, $2 organisations. */
export const FORMS_IN_FORCE_FOR: Statement = { name: 'forms_in_force_for', text: IN_FORCE('organisation = any ($2)') };

const DRAFT = `select form, sealed, revision, updated_at as "updatedAt", updated_by as "updatedBy" from form_drafts`;
/** $1 case, $2 form, $3 principal. */
export const READ_DRAFT: Statement = { name: 'read_draft', text: `${DRAFT} where case_id = $1 and form = $2 and principal = $3` };
/** $1 case, $2 principals: which there are, without their content. */
export const LIST_DRAFTS: Statement = { name: 'list_drafts', text: `select form, revision, updated_at as "updatedAt", updated_by as "updatedBy" from form_drafts where case_id = $1 and principal = any ($2::text[])` };
/** $1 case, $2 form, $3 principal, $4 sealed, $5 revision, $6 user. The case's lock keeps others out between the reading and this. */
export const WRITE_DRAFT: Statement = {
  name: 'write_draft',
  text: `insert into form_drafts as d (case_id, form, principal, sealed, revision, updated_by) values ($1, $2, $3, $4, $5, $6)
 on conflict (case_id, form, principal) do update set sealed = excluded.sealed, revision = excluded.revision, updated_at = date_trunc('milliseconds', clock_timestamp()), updated_by = excluded.updated_by
 returning revision, updated_at as "updatedAt", updated_by as "updatedBy"`,
};
/** $1 case, $2 form, $3 principal. */
export const DELETE_DRAFT: Statement = { name: 'delete_draft', text: 'delete from form_drafts where case_id = $1 and form = $2 and principal = $3' };

export interface DraftRow { form: string; revision: number; updatedAt: Date; updatedBy: string }
