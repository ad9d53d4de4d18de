/** Who calls: people by token or by the subject of a sign-in, the profile that they chose, and for whom they are deputies. */
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
  /** Whether the daily mail of open tasks is wanted. */
  digest: boolean;
  memberships: Membership[];
}
/** A role that is somebody else's, held while they are absent. `until`: its last day, a local date. */
export interface Deputyship extends Membership { deputyFor: { user: string; name: string; until: string } }
export interface TokenOwner { person: Person; expiresAt: Date; revokedAt: Date | null; /** Read at the same moment. */ now: Date }

const PERSON = `u.id, u.username, u.name, u.email, u.locale, u.profile, u.disabled, u.digest,
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

/**
 * What a person holds as a deputy today, by PostgreSQL's clock: one row for each role that is not their own already; of two absent people
 * with the same role, for the one who is back later. Never remembered: what ended is refused with the next request.
 */
export async function readDeputyships(pool: pg.Pool, { id, memberships }: Pick<Person, 'id' | 'memberships'>): Promise<Deputyship[]> {
  const { rows } = await pool.query({
    name: 'deputyships', values: [id],
    text: `select distinct on (d.organisation, d.role) d.organisation, o.name as "organisationName", o.kind as "organisationKind", d.role, d.absent_id, d.absent_name, d.to_day::text as until
 from deputy_memberships d join organisations o on o.code = d.organisation
 where d.user_id = $1 and (clock_timestamp() at time zone 'Europe/Rome')::date between d.from_day and d.to_day
 order by d.organisation, d.role, d.to_day desc, d.absent_id`,
  });
  const isOwn = (row: Membership) => memberships.some(({ organisation, role }) => organisation === row.organisation && role === row.role);
  return rows.filter(row => !isOwn(row)).map(({ absent_id: user, absent_name: name, until, ...membership }) => ({ ...membership, deputyFor: { user, name, until } }));
}

export async function saveDigest(pool: pg.Pool, userId: string, daily: boolean): Promise<void> {
  await pool.query({ name: 'save_digest', text: 'update users set digest = $2 where id = $1', values: [userId, daily] });
}

/** Display names by id, for those that are there. */
export async function namesOf(pool: pg.Pool, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const { rows } = await pool.query({ name: 'names_of', text: 'select id, name from users where id = any ($1::uuid[])', values: [ids] });
  return new Map(rows.map(row => [row.id, row.name]));
}
