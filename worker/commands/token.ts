/**
 * `npm run --silent token -- <username> [--days N]`: prints an API token of that person, and nothing else, on stdout.
 * `… <username> --revoke`: revokes all of that person's tokens; `… --revoke <token>`: that one. Felt by the API within seconds.
 */
import { hash, randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { ConfigError, loadConfig } from '../config.ts';
import { PostgresError } from '../embedded/postgres.ts';
import { StartError } from '../homeLock.ts';
import { withInstallationDatabase } from '../installationDatabase.ts';

const USAGE = `Usage: npm run --silent token -- <username> [--days N]    prints a token that is good for N days (90)
       npm run --silent token -- <username> --revoke     revokes all tokens of that person
       npm run --silent token -- --revoke <token>        revokes one`;
const NORMAL_DAYS = 90, MOST_DAYS = 3_650;
const TOKEN = /^iter_[A-Za-z0-9_-]{43}$/;

class UsageError extends Error { override name = 'UsageError'; }

interface Wish { subject: string; days: number; revoke: boolean }

function readArguments(): Wish {
  let parsed: { values: { days?: string | undefined; revoke?: boolean | undefined; help?: boolean | undefined }; positionals: string[] };
  try {
    parsed = parseArgs({ allowPositionals: true, options: { days: { type: 'string' }, revoke: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } } });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\n\n${USAGE}`);
  }
  const { values: { days = String(NORMAL_DAYS), revoke = false, help }, positionals } = parsed;
  if (help || positionals.length !== 1 || positionals[0] === '') throw new UsageError(USAGE);
  if (!/^\d{1,4}$/.test(days) || Number(days) < 1 || Number(days) > MOST_DAYS) throw new UsageError(`--days must be a whole number from 1 to ${MOST_DAYS}.`);
  return { subject: positionals[0]!, days: Number(days), revoke };
}

async function withClient<T>(databaseUrl: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000, application_name: 'token' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    // The administrator need not own the tables; the owner's role is granted to it by the migration.
    await client.query('set role iter_owner');
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The token's text is known to its holder alone: the database keeps its digest. */
async function issue(client: Client, username: string, days: number): Promise<string> {
  const token = `iter_${randomBytes(32).toString('base64url')}`;
  const { rowCount } = await client.query(`insert into tokens (hash, user_id, expires_at) select $1, id, now() + make_interval(days => $2) from users where username = $3 and not disabled`, [hash('sha256', token, 'buffer'), days, username]);
  if (rowCount !== 1) throw new UsageError(await unknownUser(client, username));
  return token;
}

async function unknownUser(client: Client, username: string): Promise<string> {
  const { rows } = await client.query<{ username: string }>('select username from users where not disabled order by username limit 20');
  const names = rows.map(row => row.username).join(', ');
  return `There is no user "${username}".${names === '' ? ' There are no users yet: start Iter once (npm start) to load the demo people.' : ` There are: ${names}.`}`;
}

async function revoke(client: Client, subject: string): Promise<number> {
  if (TOKEN.test(subject)) return (await client.query('update tokens set revoked_at = now() where hash = $1 and revoked_at is null', [hash('sha256', subject, 'buffer')])).rowCount ?? 0;
  const { rows: [user] } = await client.query<{ id: string }>('select id from users where username = $1', [subject]);
  if (!user) throw new UsageError(await unknownUser(client, subject));
  return (await client.query('update tokens set revoked_at = now() where user_id = $1 and revoked_at is null', [user.id])).rowCount ?? 0;
}

try {
  const { subject, days, revoke: isRevoking } = readArguments();
  await withInstallationDatabase(loadConfig(), databaseUrl => withClient(databaseUrl, async client => {
    if (isRevoking) process.stderr.write(`Revoked: ${await revoke(client, subject)}.\n`);
    else process.stdout.write(`${await issue(client, subject, days)}\n`);
  }));
} catch (error) {
  const expected = error instanceof UsageError || error instanceof ConfigError || error instanceof StartError || error instanceof PostgresError;
  const missing = (error as { code?: string }).code === '42P01' || (error as { code?: string }).code === '22023';
  process.stderr.write(`${missing ? 'This database is not an installation of Iter yet: start it once (npm start).' : expected ? (error as Error).message : ((error as Error).stack ?? error)}\n`);
  process.exitCode = 1;
}
