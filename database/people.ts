/** Who may do what: organisations, people and memberships, from a file of the installation's administrator. */
import { createHash } from 'node:crypto';
import type pg from 'pg';

export interface PersonRow {
  username: string; name: string; email: string; locale: string; subject: string;
  organisation: string; organisationName: string; organisationKind: string; organisationPec: string; role: string;
}
export interface PeopleProblem { line: number; field: keyof PersonRow; message: string }
export interface PeopleSummary { people: number; organisations: number; memberships: number; problems: PeopleProblem[] }

const KINDS = ['scuola', 'polo', 'usr', 'comune', 'ente'];
const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;

function problemsOf(row: PersonRow, line: number): PeopleProblem[] {
  const found: PeopleProblem[] = [];
  const check = (field: keyof PersonRow, holds: boolean, message: string) => { if (!holds) found.push({ line, field, message }); };
  check('username', /^[a-z0-9][a-z0-9._-]{1,99}$/.test(row.username), 'lower case letters, digits, ".", "_" or "-", from 2 to 100');
  check('name', row.name !== '', 'is missing');
  check('email', row.email === '' || ADDRESS.test(row.email), 'is not an address');
  check('locale', ['', 'it', 'en'].includes(row.locale), 'it or en');
  check('organisationPec', row.organisationPec === '' || ADDRESS.test(row.organisationPec), 'is not an address');
  check('role', (row.role === '') === (row.organisation === ''), 'a role is held in an organisation: both or neither');
  check('organisationKind', row.organisationName === '' || KINDS.includes(row.organisationKind), `one of ${KINDS.join(', ')}`);
  return found;
}

/** A user's id follows from the name, so that the same file gives the same users anywhere. */
function userId(username: string): string {
  const hex = createHash('sha256').update(`user\u0000${username}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/**
 * Takes all rows or none: a file with a wrong row changes nothing. Rows are added and corrected, never taken away.
 * `client`: of a role that owns the tables. An organisation is described (name, kind) on at least one row, unless it is known already.
 */
export async function importPeople(client: pg.ClientBase, rows: PersonRow[]): Promise<PeopleSummary> {
  // The heading is line 1.
  const problems = rows.flatMap((row, index) => problemsOf(row, index + 2));
  const summary: PeopleSummary = { people: 0, organisations: 0, memberships: 0, problems };
  if (problems.length > 0) return summary;
  await client.query('begin');
  try {
    for (const row of rows) if (row.organisation !== '' && row.organisationName !== '') {
      summary.organisations += (await client.query(
        `insert into organisations as o (code, name, kind, pec) values ($1, $2, $3, nullif($4, '')) on conflict (code) do update set name = excluded.name, kind = excluded.kind, pec = coalesce(excluded.pec, o.pec)
 where (o.name, o.kind, o.pec) is distinct from (excluded.name, excluded.kind, coalesce(excluded.pec, o.pec))`, [row.organisation, row.organisationName, row.organisationKind, row.organisationPec])).rowCount ?? 0;
    }
    for (const [index, row] of rows.entries()) {
      summary.people += (await client.query(
        `insert into users as u (id, username, name, email, locale, subject) values ($1, $2, $3, nullif($4, ''), coalesce(nullif($5, ''), 'it'), nullif($6, ''))
 on conflict (username) do update set name = excluded.name, email = coalesce(excluded.email, u.email), locale = excluded.locale, subject = coalesce(excluded.subject, u.subject)
 where (u.name, u.email, u.locale, u.subject) is distinct from (excluded.name, coalesce(excluded.email, u.email), excluded.locale, coalesce(excluded.subject, u.subject))`,
        [userId(row.username), row.username, row.name, row.email, row.locale, row.subject])).rowCount ?? 0;
      if (row.organisation === '') continue;
      const known = await client.query('select 1 from organisations where code = $1', [row.organisation]);
      if (known.rowCount === 0) problems.push({ line: index + 2, field: 'organisation', message: `"${row.organisation}" is not known: give its name and kind` });
      else summary.memberships += (await client.query('insert into memberships (user_id, organisation, role) select id, $2, $3 from users where username = $1 on conflict do nothing', [row.username, row.organisation, row.role])).rowCount ?? 0;
    }
    await client.query(problems.length > 0 ? 'rollback' : 'commit');
  } catch (error) {
    await client.query('rollback');
    const { code, detail } = error as { code?: string; detail?: string };
    if (code !== '23505') throw error;
    problems.push({ line: 0, field: 'subject', message: `belongs to two people: ${detail ?? ''}` });
  }
  return problems.length > 0 ? { people: 0, organisations: 0, memberships: 0, problems } : summary;
}
