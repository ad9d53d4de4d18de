/** Workers that are killed in the middle of a message to many: everybody is still written to, no SMS goes out twice, and a mail that does has the Message-ID of the first. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { testServers } from '../environment/servers.ts';
import { until } from '../agenda/life.ts';
import { families, openInstallation, sent, tally, type Installation } from './installation.ts';
import type { KilledWorkerSettings } from './killedWorker.ts';

/** ITER_TEST_FAMILIES=5000 for a whole comprensivo: some minutes. */
const FAMILIES = Number(process.env['ITER_TEST_FAMILIES'] ?? 300), KILLS = 3, AT_ONCE = 4;
const LOST = Math.floor(FAMILIES / 100), REACHED = FAMILIES - LOST;
let installation: Installation;
const children: ChildProcess[] = [];
beforeAll(async () => {
  installation = await openInstallation();
  installation.life.mail.answer = address => (address.startsWith('nessuno') ? { code: 550 } : 'accept');
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await installation?.close();
});

async function work(): Promise<ChildProcess> {
  const { temporalAddress: address, namespace } = testServers(), { life, databaseUrl, sms } = installation;
  const settings: KilledWorkerSettings = { databaseUrl, address, namespace, taskQueue: life.taskQueue, smtpUrl: life.mail.url, smsUrl: sms.url, masterKey: process.env['ITER_MASTER_KEY']! };
  const child = fork(join(import.meta.dirname, 'killedWorker.ts'), { env: { ...process.env, ITER_TEST_WORKER: JSON.stringify(settings) }, execArgv: [] });
  children.push(child);
  expect(await once(child, 'message')).toEqual(['ready', undefined]);
  return child;
}

it('write to everybody once', async () => {
  const { life, sms } = installation;
  // Each hundredth has an address that nobody has, and a number too.
  await installation.importFamilies(families(FAMILIES, { sms: n => `+39333${n % 100 === 0 ? 1_000_550 + n * 10 : 1_000_007 + n * 10}` }));
  const all = () => life.mail.received.length + sms.sent().length;
  let child = await work();
  const caseId = await installation.send();
  for (let kill = 1; kill <= KILLS; kill += 1) {
    const before = all();
    await until(() => all() >= before + FAMILIES / 5, 'it goes on', 90_000);
    child.kill('SIGKILL');
    await once(child, 'exit');
    child = await work();
  }
  await sent(installation, caseId, 600_000);
  await until(async () => (await installation.deliveries(caseId)).every(({ state }) => state !== 'sending'), 'every receipt has come', 120_000);
  expect(tally(await installation.deliveries(caseId))).toEqual({ 'email delivered': REACHED, 'email permanentFailure': LOST, 'sms delivered': REACHED, 'sms permanentFailure': LOST });
  expect(sms.sent()).toHaveLength(FAMILIES);
  expect(new Set(sms.sent().map(({ to }) => to)).size).toBe(FAMILIES);
  const { received } = life.mail;
  expect(new Set(received.map(({ to, messageId }) => `${to} ${messageId}`)).size).toBe(REACHED);
  expect(new Set(received.map(({ to }) => to)).size).toBe(REACHED);
  // Taken over by the server, and the worker did not live to note it: no more than were under way.
  expect(received.length - REACHED).toBeLessThanOrEqual(KILLS * AT_ONCE);
}, 900_000);
