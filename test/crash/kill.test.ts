/**
 * kill -9 of every part under load. What was acknowledged stays, exactly once; what was not is repeated with the same key and
 * done once; what is owed is done; nobody reads the same mail under two Message-IDs.
 */
import { describe, expect, it } from '@jest/globals';
import { auditAll, settled } from './audit.ts';
import type { ApiClient } from './client.ts';
import type { Installation } from './installation.ts';
import { work, type Acknowledged } from './load.ts';
import { serve } from './serve.ts';

const PLAN = { cases: 24, callers: 8, marks: 3, seconds: 4, pauseMs: 40 };
const SETTLES_MS = 180_000;

let installation: Installation, client: ApiClient;
const acknowledged: Acknowledged[] = [];
serve({ name: 'kill' }, served => { ({ installation, client } = served); });

const KILLS: [string, (at: Installation) => Promise<void>][] = [
  ['the API', async ({ api }) => { await api.kill(); await api.start(); }],
  ['the worker', async ({ worker }) => { await worker.kill(); await worker.start(); }],
  ['Temporal', async at => await at.killTemporal()],
  ['PostgreSQL', async at => await at.killPostgres()],
  ['API and worker together', async ({ api, worker }) => { await Promise.all([api.kill(), worker.kill()]); await api.start(); await worker.start(); }],
];

describe('kill -9 under load', () => {
  it.each(KILLS)('loses and doubles nothing when %s is killed', async (_name, kill) => {
    const working = work(client, installation.people.segreterie, PLAN);
    // In the middle: commands are being answered and what they owe is being done.
    await new Promise(resolve => setTimeout(resolve, 1_200));
    await kill(installation);
    acknowledged.push(...await working);
    await settled(installation, SETTLES_MS);
    expect(await auditAll(installation, client, acknowledged)).toEqual([]);
    expect(acknowledged.length % (PLAN.cases * (2 + PLAN.marks))).toBe(0);
  }, 6 * 60_000);
});
