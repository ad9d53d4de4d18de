/** A worker in a process of its own, to be killed by the test (recovery.test.ts). Settings come as JSON in ITER_TEST_WORKER. */
import { createNudger } from '../../engine/agenda/nudger.ts';
import { createEngine } from '../../engine/engine.ts';
import { createProcesses } from '../../engine/processes.ts';
import { createPools } from '../../database/pools.ts';
import { startWorker } from '../../worker/caseWorker.ts';
import { albo, permesso } from '../toys/permesso.ts';

export interface KilledWorkerSettings { databaseUrl: string; address: string; namespace: string; taskQueue: string; smtpUrl: string; masterKey: string }

const { databaseUrl, address, namespace, taskQueue, smtpUrl, masterKey: key } = JSON.parse(process.env['ITER_TEST_WORKER']!) as KilledWorkerSettings;
const masterKey = Buffer.from(key, 'base64');
const log = { info: () => {}, warn: console.error, error: console.error };
const pools = createPools(databaseUrl, masterKey, { read: 1, commit: 2, worker: 4 });
const nudger = createNudger({ log });
nudger.connect({ namespace, taskQueue, connection: { address } });
const engine = createEngine({ pools, processes: createProcesses([permesso, albo]), masterKey, log, commitPool: 'workerCommit', onCommitted: nudger.onCommitted });
const worker = startWorker({ namespace, taskQueue, connection: { address }, mail: { smtpUrl, from: 'Iter <iter@example.it>' }, attemptMs: 4_000 }, { engine, pool: pools.worker, nudger, log });
await worker.ready;
process.send?.('ready');
