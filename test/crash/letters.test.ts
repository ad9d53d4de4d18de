/**
 * A worker that dies, as by `kill -9`, while a letter is on its way: under the register's lock, when it is registered, when its mail is on record.
 * The number is neither lost nor taken twice, the document is the one that was registered, and nobody gets it twice.
 */
import { createHash, randomUUID } from 'node:crypto';
import { expect, it } from '@jest/globals';
import { openBytes, unwrapCaseKey } from '../../engine/history/caseKey.ts';
import { readMailIndex } from '../../worker/embedded/mail.ts';
import { auditCases, settled } from './audit.ts';
import type { ApiClient } from './client.ts';
import type { Failpoint } from './failpoints/failpoint.ts';
import type { Installation } from './installation.ts';
import { POLO, SCHOOL } from './people.ts';
import { serve } from './serve.ts';

/** The lease of an effect whose holder died is a minute, and the sweeper adds some seconds. */
const SETTLES_MS = 200_000;
const PLACES: Failpoint[] = ['numbered', 'registered', 'kept'];

let installation: Installation, client: ApiClient;
serve({ name: 'letters', failpoints: true }, served => { ({ installation, client } = served); });

it('every letter leaves once, under one number, as it was registered', async () => {
  const [person] = installation.people.segreterie, cases: string[] = [];
  for (const place of PLACES) {
    const { body: { id } } = await client.insist(person!.token, '/processes/corrispondenza/cases', { data: {}, parties: { polo: POLO } });
    cases.push(id);
    installation.arm(place);
    expect((await client.insist(person!.token, `/cases/${id}/commands/presenta`, {}, randomUUID())).status).toBe(200);
    await installation.worker.gone();
    await installation.worker.start();
  }
  await settled(installation, SETTLES_MS);
  expect(await auditCases(installation)).toEqual([]);

  const entries = await installation.query('select organisation, number, direction, case_id, key, sha256 from protocol_entries order by organisation, number');
  expect(entries.map(({ organisation, number }) => [organisation, number])).toEqual([POLO, SCHOOL].sort().flatMap(organisation => PLACES.map((_, i) => [organisation, i + 1])));
  const mails = readMailIndex(installation.mailFolder).filter(({ subject }) => cases.some(id => subject.includes(id)));
  expect(mails.map(({ subject }) => cases.findIndex(id => subject.includes(id))).sort()).toEqual([0, 1, 2]);
  for (const id of cases) {
    const [effect] = await installation.query(`select id, attempts, result from agenda where case_id = $1 and kind = 'effect'`, [id]);
    const outgoing = entries.find(({ case_id, direction }) => case_id === id && direction === 'uscita')!;
    expect([outgoing.key, effect.result.value.protocol.number]).toEqual([effect.id, outgoing.number]);
    const [principal] = await installation.query('select d.id, d.content, d.sha256, k.wrapped from documents d join case_keys k on k.case_id = d.case_id where d.case_id = $1 order by d.ordinal', [id]);
    const bytes = openBytes(unwrapCaseKey(installation.masterKey, principal.wrapped, id), principal.content, `${id}/document/${principal.id}`);
    expect([createHash('sha256').update(bytes).digest('hex'), principal.sha256]).toEqual([outgoing.sha256, outgoing.sha256]);
    expect((await installation.query('select message_id from mails where case_id = $1', [id])).map(({ message_id }) => message_id.split('@')[0])).toEqual([effect.id]);
  }
}, 10 * 60_000);
