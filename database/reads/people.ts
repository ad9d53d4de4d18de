/** Who calls: people by token or by the subject of a sign-in, and the profile that they chose. */
import type pg from 'pg';

export interface Membership { organisation: string; organisationName: string; organisationKind: string; role: string }
export interface Person {
  id: string;
  username: string;
  name: string;
  email: string | null;
  locale: 'it' | 'en';
  /** The saved choice: `<organisation>/<role>`. */
  profile: string | null;
  disabled: boolean;
  memberships: Membership[];
}
export interface TokenOwner { person: Person; expiresAt: Date; revokedAt: Date | null; /** Read at the same moment. */ now: Date }

const PERSON = `u.id, u.username, u.name, u.email, u.locale, u.profile, u.disabled,
 (select coalesce(json_agg(json_build_object('organisation', m.organisation, 'organisationName', o.name, 'organisationKind', o.kind, 'role', m.role) order by m.organisation, m.role), '[]')
  from memberships m join organisations o on o.code = m.organisation where m.user_id = u.id) as memberships`;

/** `hash`: SHA-256 of the token. Null when nobody has such a token; expiry and revocation are the caller's to judge. */
export async function findByToken(pool: pg.Pool, hash: Buffer): Promise<TokenOwner | null> {
  const { rows: [row] } = await pool.query({ name: 'person_by_token', text: `select ${PERSON}, t.expires_at, t.revoked_at, clock_timestamp() as now from tokens t join users u on u.id = t.user_id where t.hash = $1`, values: [hash] });
  if (!row) return null;
  const { expires_at: expiresAt, revoked_at: revokedAt, now, ...person } = row;
  return { person, expiresAt, revokedAt, now };
}

export async function findBySubject(pool: pg.Pool, subject: string): Promise<Person | null> {
  const { rows: [row] } = await pool.query({ name: 'person_by_subject', text: `select ${PERSON} from users u where u.subject = $1`, values: [subject] });
  return row ?? null;
}

export async function saveProfile(pool: pg.Pool, userId: string, profile: string | null): Promise<void> {
  await pool.query({ name: 'save_profile', text: 'update users set profile = $2 where id = $1', values: [userId, profile] });
}

/** Display names by id, for those that are there. */
export async function namesOf(pool: pg.Pool, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await pool.query({ name: 'names_of', text: 'select id, name from users where id = any ($1::uuid[])', values: [ids] });
  return new Map(rows.map(row => [row.id, row.name]));
}
