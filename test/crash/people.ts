/** One school, its polo and enough people with tokens to be 32 callers at once. */
import { hash, randomBytes, randomUUID } from 'node:crypto';
import { Client } from 'pg';

export const SCHOOL = 'BAIC800001', POLO = 'BAPOLO0001';
const EACH = 32;

export interface Person { id: string; username: string; token: string; principals: string[] }
export interface People { segreterie: Person[]; operatori: Person[] }

/** An API token as the token command makes it: only its digest is stored. */
export function newToken(): { token: string; digest: Buffer } {
  const token = `iter_${randomBytes(32).toString('base64url')}`;
  return { token, digest: hash('sha256', token, 'buffer') };
}

/** Somebody with a token; without a profile, a person for themselves: a parent. */
export async function registerPerson(client: Client, username: string, profile: { organisation: string; role: string } | null): Promise<Person> {
  const id = randomUUID(), { token, digest } = newToken();
  await client.query('insert into users (id, username, name) values ($1, $2, $2)', [id, username]);
  if (profile) await client.query('insert into memberships (user_id, organisation, role) values ($1, $2, $3)', [id, profile.organisation, profile.role]);
  await client.query(`insert into tokens (hash, user_id, expires_at) values ($1, $2, now() + interval '1 day')`, [digest, id]);
  return { id, username, token, principals: profile ? [profile.organisation, id] : [id] };
}

export async function registerPeople(url: string): Promise<People> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(
      `insert into organisations (code, name, kind, email, pec) values ($1, 'Scuola di prova', 'scuola', 'scuola@example.org', 'scuola@pec.example.org'), ($2, 'Polo di prova', 'polo', 'polo@example.org', 'polo@pec.example.org')`,
      [SCHOOL, POLO],
    );
    const register = async (organisation: string, role: string): Promise<Person[]> => {
      const people: Person[] = [];
      for (let i = 0; i < EACH; i += 1) people.push(await registerPerson(client, `${role}.${i}`, { organisation, role }));
      return people;
    };
    return { segreterie: await register(SCHOOL, 'segreteria'), operatori: await register(POLO, 'operatorePolo') };
  } finally {
    await client.end();
  }
}
