/** The demo: organisations, people and memberships that the documentation names, the families of a school, and the schools of the fixture. Adds what is missing, changes nothing. */
import pg from 'pg';
import { loadDefaultParameters } from '../database/parameters.ts';
import { seedFixture } from '../database/schools/fixture.ts';
import { idFrom } from '../engine/commit/create.ts';
import { plugins } from '../plugins/registry.ts';
import type { Config } from './config.ts';
import { DEMO_SCHOOL, seedFamilies } from './demoFamilies.ts';
import type { DemoPerson } from './services.ts';

interface Organisation { code: string; name: string; kind: 'scuola' | 'polo' | 'usr' | 'comune' | 'ente'; region: string | null }
interface SeedPerson { username: string; name: string; description: string; memberships: [organisation: string, role: string][] }

const BARI = DEMO_SCHOOL, MILANO = 'MIIC8B9003', POLO_PUGLIA = 'POLOPUGLIA', POLO_LOMBARDIA = 'POLOLOMBARDIA';
const USR_PUGLIA = 'USRPUGLIA', USR_LOMBARDIA = 'USRLOMBARDIA', COMUNE_BARI = 'COMUNEBARI', SERVIZIO = 'ITER';

const ORGANISATIONS: Organisation[] = [
  { code: BARI, name: 'IC "Massari Galilei", Bari', kind: 'scuola', region: 'PUGLIA' },
  { code: MILANO, name: 'IC Morosini Manara, Milano', kind: 'scuola', region: 'LOMBARDIA' },
  { code: POLO_PUGLIA, name: 'Scuola polo Puglia', kind: 'polo', region: 'PUGLIA' },
  { code: POLO_LOMBARDIA, name: 'Scuola polo Lombardia', kind: 'polo', region: 'LOMBARDIA' },
  { code: USR_PUGLIA, name: 'Ufficio Scolastico Regionale per la Puglia', kind: 'usr', region: 'PUGLIA' },
  { code: USR_LOMBARDIA, name: 'Ufficio Scolastico Regionale per la Lombardia', kind: 'usr', region: 'LOMBARDIA' },
  { code: COMUNE_BARI, name: 'Comune di Bari', kind: 'comune', region: 'PUGLIA' },
  { code: SERVIZIO, name: 'Gestione del servizio', kind: 'ente', region: null },
];

const PEOPLE: SeedPerson[] = [
  { username: 'segreteria.bari', name: 'Anna Lorusso', description: 'segreteria, IC "Massari Galilei", Bari', memberships: [[BARI, 'segreteria']] },
  { username: 'dirigente.bari', name: 'Paolo De Santis', description: 'dirigente, IC "Massari Galilei", Bari', memberships: [[BARI, 'dirigente']] },
  { username: 'dsga.bari', name: 'Rosa Cassano', description: 'DSGA, IC "Massari Galilei", Bari', memberships: [[BARI, 'DSGA']] },
  { username: 'docente.bari', name: 'Marco Colella', description: 'docente, IC "Massari Galilei", Bari', memberships: [[BARI, 'docente']] },
  { username: 'referente.bari', name: 'Lucia Fanelli', description: 'referente, IC "Massari Galilei", Bari', memberships: [[BARI, 'referente']] },
  { username: 'polo.puglia', name: 'Teresa Amoruso', description: 'operatorePolo, Scuola polo Puglia', memberships: [[POLO_PUGLIA, 'operatorePolo']] },
  { username: 'dirigente.polo.puglia', name: 'Vito Ranieri', description: 'dirigentePolo, Scuola polo Puglia', memberships: [[POLO_PUGLIA, 'dirigentePolo']] },
  { username: 'famiglia.rossi', name: 'Giulia Rossi', description: 'genitore di Luca (1A) e Anna (2B)', memberships: [] },
  { username: 'famiglia.bianchi', name: 'Andrea Bianchi', description: 'genitore di Sofia (1A) ed Eva (2B)', memberships: [] },
  { username: 'famiglia.verdi', name: 'Sara Verdi', description: 'genitore di Ugo (2B) e Davide (3C)', memberships: [] },
  { username: 'segreteria.milano', name: 'Chiara Brambilla', description: 'segreteria, IC Morosini Manara, Milano (another school)', memberships: [[MILANO, 'segreteria']] },
  { username: 'usr.puglia', name: 'Domenico Lopez', description: 'funzionarioUsr, USR Puglia (reads)', memberships: [[USR_PUGLIA, 'funzionarioUsr']] },
  { username: 'comune.bari', name: 'Irene Cassano', description: 'operatore, Comune di Bari', memberships: [[COMUNE_BARI, 'operatore']] },
  { username: 'assistenza', name: 'Servizio assistenza', description: 'agent of the help desk', memberships: [[SERVIZIO, 'agent']] },
  { username: 'admin', name: 'Amministrazione', description: 'admin: parameters and incidents', memberships: [[SERVIZIO, 'admin']] },
];

/** `example.org` is nobody's: a demonstration must never write to a real school. */
const address = (name: string, domain = 'example.org') => `${name.toLowerCase()}@${domain}`;

/** Safe to repeat. Answers who there is, for the greeting of `npm start`. Without `config` there are no families: their names are sealed with the master key. */
export async function seed(config: Pick<Config, 'masterKeys' | 'channels'> | null, { databaseUrl }: { databaseUrl: string }): Promise<DemoPerson[]> {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1, application_name: 'seed', options: '-c role=iter_owner' }); // who migrates need not own the tables: the owner's role is granted to it
  try {
    await seedFixture(pool);
    await loadDefaultParameters(pool, plugins.flatMap(plugin => plugin.defaultParameters ?? []));
    await pool.query(
      `insert into organisations (code, name, kind, region, email, pec) select code, name, kind, region, email, pec from jsonb_to_recordset($1::jsonb) as o(code text, name text, kind text, region text, email text, pec text) on conflict do nothing`,
      [JSON.stringify(ORGANISATIONS.map(organisation => ({ ...organisation, email: address(organisation.code), pec: address(organisation.code, 'pec.example.org') })))],
    );
    await pool.query(
      `insert into users (id, username, name, email, locale) select id, username, name, email, 'it' from jsonb_to_recordset($1::jsonb) as u(id uuid, username text, name text, email text) on conflict do nothing`,
      [JSON.stringify(PEOPLE.map(({ username, name }) => ({ id: idFrom('demo', username), username, name, email: address(username) })))],
    );
    // By username: a user of that name may have been there before, with another id.
    await pool.query(
      `insert into memberships (user_id, organisation, role) select u.id, m.organisation, m.role from jsonb_to_recordset($1::jsonb) as m(username text, organisation text, role text) join users u using (username) on conflict do nothing`,
      [JSON.stringify(PEOPLE.flatMap(({ username, memberships }) => memberships.map(([organisation, role]) => ({ username, organisation, role }))))],
    );
  } finally {
    await pool.end();
  }
  if (config) await seedFamilies({ databaseUrl, masterKeys: config.masterKeys, mobiles: config.channels.account === undefined });
  return PEOPLE.map(({ username, description }) => ({ username, description }));
}
