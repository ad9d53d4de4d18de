/** Brings a database to the program's schema. Safe to run by several programs at once, and again. */
import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import pg from 'pg';
import { CaseEntity } from './entities.ts';
import { Foundation } from './migrations/0001-foundation.ts';
import { Dossier } from './migrations/0002-dossier.ts';
import { Services } from './migrations/0003-services.ts';
import { adoptMasterKey } from './adoptMasterKey.ts';
import { keysOf, type MasterKey } from './masterKeys.ts';
import { deriveDatabasePassword } from './passwords.ts';
import { LOGIN_ROLES, ROLES_AND_EXTENSIONS, ROLE_SETTINGS } from './schema.ts';
import { NO_TEMPORARY_OBJECTS } from './temporaryObjects.ts';

/** In order; a released one never changes (expand, deploy, contract). */
const MIGRATIONS = [{ name: '0001-foundation', class: Foundation }, { name: '0002-dossier', class: Dossier }, { name: '0003-services', class: Services }];
/** Any number known to all programs of one database. */
const MIGRATION_LOCK = 7_401_882_201;

/** Roles belong to the cluster, the lock above to one database: two databases that are migrated at once meet at the roles. */
async function inTurn(work: () => Promise<void>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 20 || !/tuple concurrently (updated|deleted)|duplicate key value/.test((error as Error).message)) throw error;
      await new Promise(resolve => setTimeout(resolve, 20 * attempt * Math.random()));
    }
  }
}

/** The passwords that follow from this master key. */
export async function setPasswords(client: Pick<pg.Client, 'query'>, key: Buffer): Promise<void> {
  for (const role of LOGIN_ROLES) await client.query(`alter role ${role} login password '${deriveDatabasePassword(key, role)}'`);
}

/** A serving role that somebody made a superuser would walk through every wall. */
async function assertHarmless(client: pg.Client): Promise<void> {
  const { rows } = await client.query('select rolname from pg_roles where rolname = any ($1) and (rolsuper or rolbypassrls or rolcreaterole)', [LOGIN_ROLES]);
  if (rows.length > 0) throw new Error(`these roles have rights that no serving role may have (superuser, bypassrls, createrole): ${rows.map(({ rolname }) => rolname).join(', ')}`);
}

/**
 * `adminUrl`: a role that may create roles and extensions. The serving roles get the passwords that follow from the master key.
 * Throws MasterKeyError, having changed no password, when the database is another key's.
 */
export async function migrate(adminUrl: string, masterKey: MasterKey): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await inTurn(async () => {
      await client.query(ROLES_AND_EXTENSIONS);
      await client.query(ROLE_SETTINGS);
      // At each start: the rights of a database are not in its backup.
      await client.query(NO_TEMPORARY_OBJECTS);
    });
    await assertHarmless(client);
    const orm = await MikroORM.init({ entities: [CaseEntity], clientUrl: adminUrl, extensions: [Migrator], migrations: { migrationsList: MIGRATIONS, snapshot: false, silent: true, tableName: 'iter_migrations' } });
    try {
      await orm.migrator.up();
    } finally {
      await orm.close();
    }
    const key = await adoptMasterKey(client, keysOf(masterKey));
    await inTurn(() => setPasswords(client, key));
  } finally {
    await client.end();
  }
}
