/** Rates, caps and calendars, per organisation and validity. Never changed in place: a new row, with its reason, takes over. */
import type pg from 'pg';
import type { ParameterRow } from '../plugins/contract.ts';
import { FORMS_IN_FORCE_FOR } from './formStatements.ts';
import { READ_PARAMETERS_FOR } from './statements.ts';

export interface ParameterVersion {
  name: string; organisation: string | null; from: string; to: string | null; value: unknown; version: number; reason: string; setBy: string; setAt: string;
}
export interface NewParameter { name: string; organisation: string | null; from: string; to: string | null; value: unknown; reason: string; setBy: string }

export const PARAMETER_COLUMNS = 'name, organisation, valid_from::text as "from", valid_to::text as "to", value, version, reason, set_by as "setBy", set_at as "setAt"';
export const presentedVersion = (row: any): ParameterVersion => ({ ...row, setAt: row.setAt.toISOString() });

/** All versions, the newest first: the general ones and those of one organisation. */
export async function listParameterVersions(pool: pg.Pool, names: string[], organisation: string | null): Promise<ParameterVersion[]> {
  const { rows } = await pool.query({ name: 'parameter_versions', text: `select ${PARAMETER_COLUMNS} from parameters where name = any ($1) and (organisation is null or organisation = $2) order by name, version desc`, values: [names, organisation] });
  return rows.map(presentedVersion);
}

/** What a decision of a case would read of forms today: what was added to them, generally and by its parties. */
export async function readFormRows(pool: pg.Pool, names: string[], parties: string[]): Promise<ParameterRow[]> {
  return (await pool.query({ ...FORMS_IN_FORCE_FOR, values: [names, parties] })).rows;
}

/** What a decision of a case would read: the general values and those of its parties. */
export async function readParameterRows(pool: pg.Pool, names: string[], parties: string[]): Promise<ParameterRow[]> {
  return (await pool.query({ ...READ_PARAMETERS_FOR, values: [names, parties] })).rows;
}

export async function organisationExists(pool: pg.Pool, code: string): Promise<boolean> {
  return (await pool.query({ name: 'organisation_exists', text: 'select 1 from organisations where code = $1', values: [code] })).rowCount === 1;
}

/** `pool` of `iter_commit`. */
export async function insertParameter(pool: pg.Pool, parameter: NewParameter): Promise<ParameterVersion> {
  const { name, organisation, from, to, value, reason, setBy } = parameter;
  const { rows: [row] } = await pool.query({
    name: 'insert_parameter', values: [name, organisation, from, to, JSON.stringify(value), reason, setBy],
    text: `insert into parameters (name, organisation, valid_from, valid_to, value, reason, set_by) values ($1, $2, $3, $4, $5, $6, $7) returning ${PARAMETER_COLUMNS}`,
  });
  return presentedVersion(row);
}

export interface DefaultParameter { name: string; from: string; to: string | null; value: unknown }

/** Adds what is missing; a general row of the same name and first day stays as it is. Safe in several processes at once. */
export async function loadDefaultParameters(pool: pg.Pool, defaults: DefaultParameter[]): Promise<void> {
  if (defaults.length === 0) return;
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(`select pg_advisory_xact_lock(hashtext('iter/default-parameters'))`);
    await client.query({
      name: 'default_parameters', values: [JSON.stringify(defaults)],
      text: `insert into parameters (name, organisation, valid_from, valid_to, value, reason, set_by)
 select distinct on (d.name, d."from") d.name, null, d."from", d."to", d.value, 'default of the process', 'system' from jsonb_to_recordset($1::jsonb) as d(name text, "from" date, "to" date, value jsonb)
 where not exists (select 1 from parameters p where p.name = d.name and p.organisation is null and p.valid_from = d."from")`,
    });
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}
