/** An installation without demo people needs a way in: whoever is in the administrator's file may sign in, and a wrong file changes nothing. */
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import pg from 'pg';
import { importPeople, type PersonRow } from '../database/people.ts';
import { createTestDatabase, type TestDatabase } from './environment/servers.ts';

let database: TestDatabase, client: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase();
  client = new pg.Client({ connectionString: database.url, options: '-c role=iter_owner' });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await database.drop();
});

const person = (row: Partial<PersonRow>): PersonRow => ({ username: 'anna.verdi', name: 'Anna Verdi', email: '', locale: '', subject: '', organisation: '', organisationName: '', organisationKind: '', organisationPec: '', role: '', ...row });
const SCHOOL = { organisation: 'BAIC000001', organisationName: 'IC di prova', organisationKind: 'scuola', organisationPec: 'baic000001@pec.example.org' };
const count = async (table: string) => Number((await client.query(`select count(*) from ${table}`)).rows[0].count);

it('takes organisations, people and roles, and the same file again changes nothing', async () => {
  const rows = [person({ ...SCHOOL, role: 'segreteria', subject: 'VRDNNA80A41A662X', email: 'anna@example.org' }), person({ organisation: 'BAIC000001', role: 'docente' }), person({ username: 'luca.neri', name: 'Luca Neri' })];
  expect(await importPeople(client, rows)).toEqual({ organisations: 1, people: 2, memberships: 2, problems: [] });
  expect(await importPeople(client, rows)).toEqual({ organisations: 0, people: 0, memberships: 0, problems: [] });
  expect((await client.query(`select email, subject, locale from users where username = 'anna.verdi'`)).rows).toEqual([{ email: 'anna@example.org', subject: 'VRDNNA80A41A662X', locale: 'it' }]);
});

it.each<[string, Partial<PersonRow>, Partial<{ line: number; field: string }>]>([
  ['a user name with a blank', { username: 'Anna Verdi' }, { line: 2, field: 'username' }],
  ['an address that is none', { email: 'anna' }, { line: 2, field: 'email' }],
  ['a role without an organisation', { role: 'segreteria' }, { line: 2, field: 'role' }],
  ['an organisation that nobody described', { organisation: 'XXIC000001', role: 'segreteria' }, { line: 2, field: 'organisation' }],
  ['a kind that there is not', { ...SCHOOL, organisationKind: 'azienda', role: 'segreteria' }, { line: 2, field: 'organisationKind' }],
  ['a subject of somebody else', { username: 'altra.persona', subject: 'VRDNNA80A41A662X' }, { field: 'subject' }],
])('refuses %s and changes nothing', async (_what, row, problem) => {
  const before = [await count('users'), await count('organisations'), await count('memberships')];
  const { problems } = await importPeople(client, [person(row), person({ username: 'nuova.persona', name: 'Nuova' })]);
  expect(problems).toMatchObject([problem]);
  expect([await count('users'), await count('organisations'), await count('memberships')]).toEqual(before);
});
