/**
 * An effect of many rounds (a message to thousands) is due anew again and again, and looks the same each time: the guard against work that nothing moves
 * on must not take it for that, and must itself not be the end. The real workflow on the real Temporal; what it reads is told here.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import type { AgendaReading } from '../../engine/agenda/types.ts';
import { workflowBundle } from '../../worker/workflowBundle.ts';
import { testServers } from '../environment/servers.ts';

const { temporalAddress: address, namespace } = testServers();
let connection: Connection, native: NativeConnection;
beforeAll(async () => { [connection, native] = await Promise.all([Connection.connect({ address }), NativeConnection.connect({ address })]); });
afterAll(async () => { await native?.close(); await connection?.close(); });

/** Rounds served until `rounds` of them are over. `due`: the instant at which the work is due in each. */
async function serve(rounds: number, due: (round: number) => number): Promise<number> {
  const taskQueue = randomUUID(), caseId = randomUUID();
  let served = 0;
  const readAgenda = async ({ serving }: { serving: string[] }): Promise<AgendaReading> => ({
    process: 'comunicazione', state: 'inInvio', asOfVersion: 3, steps: [], seen: 3, over: served >= rounds, incident: false, withdrawn: [], agenda: [], next: null, attemptMs: 5_000,
    work: served < rounds && serving.length === 0 ? [{ id: 'invio', name: 'invioMessaggi', does: 'broadcast', mode: 'owed', attempt: 1, due: due(served) }] : [],
  });
  const worker = await Worker.create({ connection: native, namespace, taskQueue, workflowBundle: { codePath: await workflowBundle() }, activities: { readAgenda, performBroadcast: async () => { served += 1; return 'postponed'; } } });
  await worker.runUntil(new Client({ connection, namespace }).workflow.execute('life', { taskQueue, workflowId: `prova/${caseId}`, args: [{ caseId }], workflowExecutionTimeout: '1 minute' }));
  return served;
}

it('goes on round after round, each due at an instant of its own', async () => { expect(await serve(12, round => 1_000 + round)).toBe(12); }, 70_000);
it('is tried again after a pause where nothing seems to move on', async () => { expect(await serve(5, () => 1_000)).toBe(5); }, 70_000);
