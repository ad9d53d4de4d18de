/** A PostgreSQL that runs elsewhere (DATABASE_URL): asked once at the start, so that a mistake is told in plain words. */
import { Client } from 'pg';
import { StartError } from './homeLock.ts';

// transaction_timeout came with 17.
const LEAST_VERSION = 17;
const ANSWER_MS = 5_000;

/** Throws StartError if the server cannot be used. The message never shows the password. */
export async function requireDatabase(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: ANSWER_MS });
  // An end of the connection while we close it is not news.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number; mayCreateRoles: boolean }>(
      `SELECT current_setting('server_version_num')::int / 10000 AS version, rolsuper OR rolcreaterole AS "mayCreateRoles"
         FROM pg_roles WHERE rolname = current_user`,
    );
    const found = rows[0];
    if (found && found.version < LEAST_VERSION) throw new StartError(`PostgreSQL ${found.version} is too old: Iter needs ${LEAST_VERSION} or newer (18 is what it is tested with).`);
    if (found && !found.mayCreateRoles) throw new StartError(`The user of DATABASE_URL may not create roles, which the migrations do: ALTER ROLE … CREATEROLE.`);
  } catch (error) {
    if (error instanceof StartError) throw error;
    const { hostname, port, pathname } = new URL(databaseUrl);
    throw new StartError(
      `The database of DATABASE_URL (${hostname}:${port || '5432'}${pathname}) cannot be used: ${describe(error)}.\n` +
        'Is it running, and are host, port, user, password and database name right? Unset DATABASE_URL to use the embedded PostgreSQL.',
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

// Node gathers the failures of a name with several addresses into one error without a message.
function describe(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return message || code || 'no answer';
}
