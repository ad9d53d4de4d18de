/** The servers of the test run, as a test file finds them. */
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { NO_TEMPORARY_OBJECTS } from '../../database/temporaryObjects.ts';

export const NAMESPACE = 'iter';
export const TEMPLATE_DATABASE = 'iter_template';

export type TestRun = { home: string; stop(): Promise<void> };

export type TestServers = {
  /** The superuser's address of the database `postgres`. */
  postgres: string;
  temporalAddress: string;
  namespace: string;
  smtpUrl: string;
  /** Folder of the mailbox: readMailIndex of worker/embedded/mail.ts lists it. */
  mail: string;
};

export function testServers(): TestServers {
  const read = (name: string) => {
    const value = process.env[name];
    if (!value) throw new Error(`This test needs the servers of the run (${name} is not set): run it without ITER_TEST_PURE=1.`);
    return value;
  };
  return {
    postgres: read('ITER_TEST_POSTGRES'),
    temporalAddress: read('TEMPORAL_ADDRESS'),
    namespace: read('TEMPORAL_NAMESPACE'),
    smtpUrl: read('SMTP_URL'),
    mail: read('ITER_TEST_MAIL'),
  };
}

export type TestDatabase = { url: string; drop(): Promise<void> };

/** A migrated database of the test file's own. Drop it after closing every pool on it. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const { postgres } = testServers();
  const name = `test_${randomBytes(6).toString('hex')}`;
  await administer(postgres, `CREATE DATABASE ${name} TEMPLATE ${TEMPLATE_DATABASE} STRATEGY wal_log`);
  const url = new URL(postgres);
  url.pathname = name;
  // A copy has the tables of its model, not its rights: what every start sets.
  await administer(url.href, NO_TEMPORARY_OBJECTS);
  return { url: url.href, drop: () => administer(postgres, `DROP DATABASE ${name} WITH (FORCE)`) };
}

async function administer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
