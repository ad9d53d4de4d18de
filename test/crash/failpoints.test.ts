/** Death at exact places: between a commit and its nudge, its answer or its note of what was done. Each was a bug in somebody's engine once. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { auditAll, auditMails, settled } from './audit.ts';
import { ApiClient, NoAnswerError } from './client.ts';
import type { Installation } from './installation.ts';
import { work, type Acknowledged } from './load.ts';
import { DatabaseProxy, type Cut } from './proxy.ts';
import { serve } from './serve.ts';

/** The lease of an effect whose holder died is a minute, and the sweeper adds some seconds. */
const SETTLES_MS = 150_000;

const proxy = new DatabaseProxy();
let installation: Installation, client: ApiClient;
const acknowledged: Acknowledged[] = [];
serve({ name: 'failpoints', failpoints: true, databaseThrough: url => proxy.open(url) }, served => { ({ installation, client } = served); }, () => proxy.close());

/** An open case whose deadline is far, with nothing left to do. */
async function openCase(): Promise<{ id: string; path: string; person: Acknowledged['person'] }> {
  const done = await work(client, installation.people.segreterie, { cases: 1, callers: 1, marks: 0, seconds: 3_600 });
  acknowledged.push(...done);
  await settled(installation, SETTLES_MS);
  return { id: done[0]!.caseId, path: `/cases/${done[0]!.caseId}/commands/segna`, person: done[0]!.person };
}

const audit = async () => expect(await auditAll(installation, client, acknowledged)).toEqual([]);

describe('a process that dies at an exact place', () => {
  it.each([
    ['after the commit, before its nudge and its answer', 'committed'],
    ['after its nudge was handed over, before its answer', 'nudged'],
  ])('answers the same key with what was committed when the API dies %s', async (_name, failpoint) => {
    const { id, path, person } = await openCase();
    const key = randomUUID();
    installation.arm(failpoint);
    await expect(client.send(person.token, 'POST', path, {}, { 'idempotency-key': key })).rejects.toThrow(NoAnswerError);
    await installation.api.gone();
    const [entry] = await installation.query('select version from history where case_id = $1 and key = $2', [id, key]);
    expect(entry).toBeDefined();
    await installation.api.start();
    const answer = await client.insist(person.token, path, {}, key);
    expect(answer).toMatchObject({ status: 200, body: { id, committedVersion: entry.version, repeated: true } });
    acknowledged.push({ person, path, body: {}, key, caseId: id, command: 'segna', version: entry.version });
    // Nobody nudged the workflow: the sweeper finds what is owed.
    await settled(installation, SETTLES_MS);
    await audit();
  }, 5 * 60_000);

  it('sends a mail again under the same Message-ID when the worker dies before it noted that it was taken', async () => {
    const before = await auditMails(installation);
    const { id, path, person } = await openCase();
    const key = randomUUID();
    installation.arm('mailed');
    const { body } = await client.insist(person.token, path, {}, key);
    acknowledged.push({ person, path, body: {}, key, caseId: id, command: 'segna', version: body.committedVersion });
    await installation.worker.gone();
    await installation.worker.start();
    await settled(installation, SETTLES_MS);
    await audit();
    expect((await auditMails(installation)).repeated).toBe(before.repeated + 1);
  }, 5 * 60_000);

  it('sends no mail again when the worker dies after it noted the delivery, and records it once', async () => {
    const before = await auditMails(installation);
    const { id, path, person } = await openCase();
    const key = randomUUID();
    installation.arm('performed');
    const { body } = await client.insist(person.token, path, {}, key);
    acknowledged.push({ person, path, body: {}, key, caseId: id, command: 'segna', version: body.committedVersion });
    await installation.worker.gone();
    await installation.worker.start();
    await settled(installation, SETTLES_MS);
    await audit();
    expect((await auditMails(installation)).repeated).toBe(before.repeated);
  }, 5 * 60_000);
});

describe('a connection to PostgreSQL that is cut', () => {
  it.each<[Cut]>([['before the commit arrives'], ['after the commit, before its answer']])('does the command once when it is cut %s', async cut => {
    const { id, path, person } = await openCase();
    const key = randomUUID();
    const happened = proxy.cutNext(cut);
    const { status, body } = await client.insist(person.token, path, {}, key);
    await happened;
    expect(status).toBe(200);
    const entries = await installation.query('select version from history where case_id = $1 and key = $2', [id, key]);
    expect(entries).toEqual([{ version: body.committedVersion }]);
    acknowledged.push({ person, path, body: {}, key, caseId: id, command: 'segna', version: body.committedVersion });
    await settled(installation, SETTLES_MS);
    await audit();
  }, 4 * 60_000);
});
