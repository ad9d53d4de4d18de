/** A thousand commands on one case, whose workflow continues as new again and again. */
import { expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import { auditAll, settled } from './audit.ts';
import type { ApiClient } from './client.ts';
import type { Installation } from './installation.ts';
import { work, type Acknowledged } from './load.ts';
import { serve } from './serve.ts';

const COMMANDS = 1_000, CALLERS = 8;
/** A run of the workflow gives way to the next after so many events: low, to see many runs in a minute. */
const MOST_EVENTS = 120;
/** Every tenth owes a mail and a command to another case. */
const MARK_EVERY = 10;

let installation: Installation, client: ApiClient;
serve({ name: 'long' }, served => { ({ installation, client } = served); });

it('keeps every command of a case through several continue-as-new', async () => {
  const { segreterie } = installation.people;
  const acknowledged: Acknowledged[] = await work(client, segreterie, { cases: 1, callers: 1, marks: 0, seconds: 86_400 });
  const { caseId } = acknowledged[0]!;
  await settled(installation, 60_000);
  const connection = await Connection.connect({ address: installation.temporalAddress });
  const temporal = new Client({ connection, namespace: installation.namespace });
  const workflowId = `corriere/${caseId}`;
  try {
    // The same life under the same name, told to give way early.
    await temporal.workflow.start('corriere', { workflowId, taskQueue: 'iter', args: [{ caseId, mostEvents: MOST_EVENTS }], workflowIdConflictPolicy: 'TERMINATE_EXISTING' });
    let given = 0;
    await Promise.all(Array.from({ length: CALLERS }, async (_, caller) => {
      const person = segreterie[caller]!;
      while (given < COMMANDS) {
        given += 1;
        const command = given % MARK_EVERY === 0 ? 'segna' : 'tocca';
        const path = `/cases/${caseId}/commands/${command}`, key = randomUUID();
        const { status, body } = await client.insist(person.token, path, {}, key);
        expect(status).toBe(200);
        acknowledged.push({ person, path, body: {}, key, caseId, command, version: body.committedVersion });
        // A case is worked on for months, not in a second: the wakes must not all be one.
        await new Promise(resolve => setTimeout(resolve, 100));
      }
    }));
    await settled(installation, 120_000);
    expect(await auditAll(installation, client, acknowledged)).toEqual([]);
    const [row] = await installation.query('select version, context from cases where id = $1', [caseId]);
    // Created, opened, and the commands.
    expect(row).toMatchObject({ version: COMMANDS + 2, context: { conteggio: COMMANDS } });
    let continued = 0;
    for await (const { status } of temporal.workflow.list({ query: `WorkflowId="${workflowId}"` })) if (status.name === 'CONTINUED_AS_NEW') continued += 1;
    expect(continued).toBeGreaterThanOrEqual(3);
    expect((await temporal.workflow.getHandle(workflowId).query<{ asOfVersion: number }, []>('view')).asOfVersion).toBe(COMMANDS + 2);
  } finally {
    await connection.close();
  }
}, 8 * 60_000);
