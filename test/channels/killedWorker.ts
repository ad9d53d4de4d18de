/** A worker in a process of its own that writes to many, to be killed by the test. Settings come as JSON in ITER_TEST_WORKER. */
import { createSkebby } from '../../activities/sms/skebby.ts';
import { createNudger } from '../../engine/agenda/nudger.ts';
import { createEngine } from '../../engine/engine.ts';
import { createProcesses } from '../../engine/processes.ts';
import { createPools } from '../../database/pools.ts';
import { comunicazione } from '../../plugins/comunicazione/plugin.ts';
import { startWorker } from '../../worker/caseWorker.ts';

export interface KilledWorkerSettings { databaseUrl: string; address: string; namespace: string; taskQueue: string; smtpUrl: string; smsUrl: string; masterKey: string }

const { databaseUrl, address, namespace, taskQueue, smtpUrl, smsUrl, masterKey: key } = JSON.parse(process.env['ITER_TEST_WORKER']!) as KilledWorkerSettings;
const masterKey = Buffer.from(key, 'base64');
const log = { info: () => {}, warn: console.error, error: console.error };
const pools = createPools(databaseUrl, masterKey, { read: 1, commit: 2, worker: 6 });
const nudger = createNudger({ log });
nudger.connect({ namespace, taskQueue, connection: { address } });
const engine = createEngine({ pools, processes: createProcesses([comunicazione]), masterKey, log, commitPool: 'workerCommit', onCommitted: nudger.onCommitted });
const channels = { sms: createSkebby({ url: smsUrl, userKey: 'key', accessToken: 'token', sender: null, messageType: 'GP' }), rates: { email: 0, sms: 0 }, prices: { sms: 65 } };
const worker = startWorker({ namespace, taskQueue, connection: { address }, mail: { smtpUrl, from: 'Iter <iter@example.it>' }, channels, attemptMs: 4_000, sweeper: { everyMs: 500, graceMs: 1_000 } }, { engine, pool: pools.worker, nudger, log });
await worker.ready;
process.send?.('ready');
