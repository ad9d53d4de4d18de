/** The demo people and their tokens, which are good for the length of the stories. */
import { hash, randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { Person, StepError } from './person.ts';

const FAMILY = 'persona/genitore';
const PEOPLE = {
  segreteria: ['segreteria.bari', 'Segreteria'],
  dirigente: ['dirigente.bari', 'Dirigente scolastico'],
  dsga: ['dsga.bari', 'DSGA'],
  docente: ['docente.bari', 'Docente'],
  referente: ['referente.bari', 'Referente'],
  famiglia: ['famiglia.rossi', 'Famiglia Rossi', FAMILY],
  bianchi: ['famiglia.bianchi', 'Famiglia Bianchi', FAMILY],
  verdi: ['famiglia.verdi', 'Famiglia Verdi', FAMILY],
  polo: ['polo.puglia', 'Scuola polo, operatore'],
  dirigentePolo: ['dirigente.polo.puglia', 'Scuola polo, dirigente'],
  altraScuola: ['segreteria.milano', 'Segreteria di Milano'],
} as const;
type Role = keyof typeof PEOPLE;
export type Cast = Record<Role, Person> & { scuola: string; codicePolo: string; famigliaId: string; docenteId: string };

const TOKEN_LIFE = '1 hour';

export async function assembleCast(databaseUrl: string, api: string): Promise<Cast & { dismiss(): Promise<void> }> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  const given: Buffer[] = [];
  const dismiss = async () => {
    // The database may be stopping already; then the tokens expire by themselves.
    await client.query('update tokens set revoked_at = now() where hash = any ($1)', [given]).catch(() => undefined);
    await client.end().catch(() => undefined);
  };
  try {
    const people = {} as Record<Role, Person>;
    for (const [role, [username, label, profile = null]] of Object.entries(PEOPLE) as [Role, readonly [string, string, string?]][]) {
      const token = `iter_${randomBytes(32).toString('base64url')}`, digest = hash('sha256', token, 'buffer');
      const { rowCount } = await client.query(`insert into tokens (hash, user_id, expires_at) select $1, id, now() + $2::interval from users where username = $3`, [digest, TOKEN_LIFE, username]);
      if (rowCount !== 1) throw new StepError(`L’utente di prova "${username}" non c’è: questa installazione non ha i dati dimostrativi (ITER_DEMO=1).`);
      given.push(digest);
      people[role] = new Person(api, username, label, token, profile);
    }
    const organisationOf = async (person: Person): Promise<string> => (await person.get('/me')).profile.organisation;
    const idOf = async (person: Person): Promise<string> => (await person.get('/me')).user.id;
    return {
      ...people, dismiss, scuola: await organisationOf(people.segreteria), codicePolo: await organisationOf(people.polo),
      famigliaId: await idOf(people.famiglia), docenteId: await idOf(people.docente),
    };
  } catch (error) {
    await dismiss();
    throw error;
  }
}
