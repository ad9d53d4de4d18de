/** Temporal away, and Temporal emptied: commands are accepted all the same, and the rows bring everything back. */
import { describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { waitFor } from '../../worker/embedded/serverProcess.ts';
import { auditAll, auditMails, settled } from './audit.ts';
import type { ApiClient } from './client.ts';
import type { Installation } from './installation.ts';
import { work, type Acknowledged } from './load.ts';
import { serve } from './serve.ts';

const SETTLES_MS = 180_000;

let installation: Installation, client: ApiClient;
const acknowledged: Acknowledged[] = [];
serve({ name: 'temporal' }, served => { ({ installation, client } = served); });

async function runningLives(): Promise<number> {
  const connection = await Connection.connect({ address: installation.temporalAddress, connectTimeout: 10_000 });
  try {
    return (await new Client({ connection, namespace: installation.namespace }).workflow.count('ExecutionStatus="Running"')).count;
  } finally {
    await connection.close();
  }
}

describe('while Temporal is away', () => {
  it('accepts commands at once, shows deadlines as passed, and catches up when Temporal is back', async () => {
    await installation.stopTemporal();
    const done = await work(client, installation.people.segreterie, { cases: 16, callers: 8, marks: 3, seconds: 2 });
    acknowledged.push(...done);
    await new Promise(resolve => setTimeout(resolve, 2_500));
    const { caseId, person } = done[0]!;
    // The instant has passed: who reads the case sees it, though nobody has committed it yet.
    expect((await client.get(person.token, `/cases/${caseId}`)).state).toBe('scaduta');
    const [{ count }] = await installation.query(`select count(*)::int from agenda where kind = 'effect' and state = 'done'`);
    expect(count).toBe(0);
    // A command after the instant commits the deadline first, without Temporal.
    const late = await client.insist(person.token, `/cases/${caseId}/commands/tocca`, {}, 'late');
    expect(late.body).toMatchObject({ state: 'scaduta' });
    acknowledged.push({ person, path: `/cases/${caseId}/commands/tocca`, body: {}, key: 'late', caseId, command: 'tocca', version: late.body.committedVersion });
    await installation.startTemporal();
    await settled(installation, SETTLES_MS);
    expect(await auditAll(installation, client, acknowledged)).toEqual([]);
  }, 8 * 60_000);
});

describe('when Temporal has lost everything', () => {
  it('restarts every live case from the rows, does nothing twice, and fires the deadlines', async () => {
    const done = await work(client, installation.people.segreterie, { cases: 30, callers: 8, marks: 1, seconds: 75 });
    acknowledged.push(...done);
    await settled(installation, SETTLES_MS);
    const before = await auditMails(installation);
    await installation.emptyTemporal();
    expect(await runningLives()).toBe(0);
    const rebuilt = await installation.command('rebuildAgenda.ts');
    expect(rebuilt).toMatchObject({ code: 0, output: expect.stringContaining('cases follow') });
    const [{ live }] = await installation.query('select count(*)::int as live from cases where not draft and not done');
    expect(await waitFor(async () => (await runningLives()) === live, 60_000)).toBe(true);
    expect((await auditMails(installation)).repeated).toBe(before.repeated);
    // Not by the sweeper: the restarted workflows sleep until the instant.
    const fired = await waitFor(async () => (await installation.query(`select count(*)::int as open from agenda where kind = 'deadline' and state = 'due' and name = 'scadenza'`))[0].open === 0, 120_000);
    expect(fired).toBe(true);
    await settled(installation, SETTLES_MS);
    expect(await auditAll(installation, client, acknowledged)).toEqual([]);
    expect((await auditMails(installation)).repeated).toBe(before.repeated);
  }, 10 * 60_000);
});
