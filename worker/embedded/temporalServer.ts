/** The Temporal server proper, built from source, on the embedded PostgreSQL: its schema, its settings, its process. */
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { withProgress } from '../progress.ts';
import { rememberedPorts } from './ports.ts';
import type { EmbeddedPostgres } from './postgres.ts';
import { spawnServer } from './serverProcess.ts';
import { TEMPORAL_VERSION, type TemporalProgram } from './temporalProgram.ts';

const SERVICES = ['frontend', 'matching', 'history', 'worker'] as const;
// Fixed for the life of a database; one process gains nothing from more.
const HISTORY_SHARDS = 4;
const SCHEMA_MARK = `Temporal ${TEMPORAL_VERSION}`;

/** What the server does unasked costs the machine of a developer more than all of Iter: only what Iter uses is left on. */
const DYNAMIC_CONFIG = {
  // Schedules and batch operations, a worker of the server's own in every namespace: Iter has its sweeper and batch.ts.
  'worker.perNamespaceWorkerCount': 0,
  'worker.enableScheduler': false,
  'worker.enableNamespaceBatcher': false,
  // Cleaners of what other stores leave behind.
  'worker.taskQueueScannerEnabled': false,
  'worker.historyScannerEnabled': false,
  'worker.executionsScannerEnabled': false,
  // One worker process polls: with several partitions half of its polls wait in the wrong one.
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
};

type ServerProgram = Extract<TemporalProgram, { kind: 'server' }>;

/** Starts the process; it accepts calls some seconds later. */
export async function launchTemporalServer(
  program: ServerProgram,
  home: string,
  postgres: EmbeddedPostgres,
): Promise<{ child: ChildProcess; address: string }> {
  await withProgress('Preparing the tables of Temporal', () => prepareSchema(program, postgres));
  const ports = await rememberedPorts(home, 'temporal', SERVICES.length * 2 + 1);
  const folder = join(home, 'temporal');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'server.json');
  const dynamicFile = join(folder, 'dynamic.json');
  // JSON is YAML. The file holds the password of the database.
  writeFileSync(file, JSON.stringify(serverConfig(postgres, ports, dynamicFile), null, 2), { mode: 0o600 });
  const dynamic = Object.fromEntries(Object.entries(DYNAMIC_CONFIG).map(([key, value]) => [key, [{ value }]]));
  writeFileSync(dynamicFile, JSON.stringify(dynamic, null, 2));
  const child = spawnServer({
    command: program.server,
    args: ['--config-file', file, '--allow-no-auth', 'start'],
    logFile: join(home, 'log', 'temporal.log'),
    // Go would take every core for its collector; half of what it frees can wait.
    env: { ...process.env, GOGC: '200' },
  });
  return { child, address: `127.0.0.1:${ports[0]}` };
}

/** Creates or updates both schemas, unless the databases say that it was done by this very version. */
async function prepareSchema(program: ServerProgram, postgres: EmbeddedPostgres): Promise<void> {
  const admin = new Client({ connectionString: postgres.url('postgres') });
  await admin.connect();
  try {
    for (const [database, schema] of [['temporal', 'temporal'], ['temporal_visibility', 'visibility']] as const) {
      const { rows } = await admin.query<{ mark: string | null }>(
        "SELECT shobj_description(oid, 'pg_database') AS mark FROM pg_database WHERE datname = $1",
        [database],
      );
      if (rows[0]?.mark !== SCHEMA_MARK) {
        await runSchemaTool(program, postgres, database, ['setup-schema', '-v', '0.0']);
        await runSchemaTool(program, postgres, database, ['update-schema', '--schema-name', `postgresql/v12/${schema}`]);
        await admin.query(`COMMENT ON DATABASE ${database} IS '${SCHEMA_MARK}'`);
      }
    }
  } finally {
    await admin.end();
  }
  await forgetMembers(postgres);
}

/** A killed server's entry would be waited for: nobody else is a member of this cluster. */
async function forgetMembers(postgres: EmbeddedPostgres): Promise<void> {
  const client = new Client({ connectionString: postgres.url('temporal') });
  await client.connect();
  try {
    await client.query('DELETE FROM cluster_membership');
  } finally {
    await client.end();
  }
}

function runSchemaTool(program: ServerProgram, postgres: EmbeddedPostgres, database: string, args: string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program.sql, ['--plugin', 'postgres12_pgx', '--endpoint', '127.0.0.1', '--database', database, ...args], {
      // By the environment: arguments can be read by every user of the machine.
      env: { ...process.env, SQL_PORT: String(postgres.port), SQL_USER: postgres.user, SQL_PASSWORD: postgres.password },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    child.stdout.on('data', (chunk) => (output += String(chunk)));
    child.stderr.on('data', (chunk) => (output += String(chunk)));
    child.on('error', reject);
    child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(`Temporal's tables could not be made (${args[0]} ${database}):\n${output}`))));
  });
}

function serverConfig(postgres: EmbeddedPostgres, ports: number[], dynamicFile: string): object {
  const store = (databaseName: string, connections: number) => ({
    sql: {
      pluginName: 'postgres12_pgx',
      databaseName,
      connectAddr: `127.0.0.1:${postgres.port}`,
      connectProtocol: 'tcp',
      user: postgres.user,
      password: postgres.password,
      maxConns: connections,
      maxIdleConns: connections,
      maxConnLifetime: '1h',
    },
  });
  const [frontend, http] = ports;
  const services = Object.fromEntries(
    SERVICES.map((service, index) => [
      service,
      {
        rpc: {
          grpcPort: service === 'frontend' ? frontend : ports[1 + 2 * index],
          membershipPort: ports[2 + 2 * index],
          ...(service === 'frontend' ? { httpPort: http } : {}),
          bindOnLocalHost: true,
        },
      },
    ]),
  );
  return {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: HISTORY_SHARDS,
      datastores: { default: store('temporal', 20), visibility: store('temporal_visibility', 6) },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services,
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: { active: { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress: `127.0.0.1:${frontend}` } },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    dynamicConfigClient: { filepath: dynamicFile, pollInterval: '1h' },
  };
}
