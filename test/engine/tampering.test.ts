/**
 * Somebody with the superuser's password and the triggers out of the way can change rows; they cannot do it unseen. Each change is made to the
 * stored bytes and looked for through the same door as everybody's: reading the history and verifying it.
 */
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { verifyHistory } from '../../engine/history/read.ts';
import { fascicolo } from '../toys/fascicolo.ts';
import { give, newCase, openEngine, type Opened } from './opened.ts';

let opened: Opened, id: string;
beforeAll(async () => { opened = await openEngine([fascicolo]); });
afterAll(async () => { await opened.close(); });
beforeEach(async () => {
  id = await newCase(opened, 'fascicolo', { alunno: 'Ada' }, {});
  for (const command of ['scrivi', 'scrivi', 'presenta', 'sollecita']) await give(opened, id, command, { diagnosi: command });
});

async function tamper(text: string, ...values: unknown[]): Promise<void> {
  const client = await opened.admin.connect();
  await client.query(`set session_replication_role = 'replica'`);
  const { rowCount } = await client.query(text, [id, ...values]);
  await client.query(`reset session_replication_role`);
  client.release();
  expect(rowCount).toBeGreaterThan(0);
}
const verified = async () => verifyHistory((await opened.engine.readHistory(id, ['S1']))!);

it('finds the history whole as it was written', async () => {
  expect(await verified()).toMatchObject({ valid: true, entries: 5, firstBroken: null });
});

it.each([
  ['the payload’s bytes', `payload = set_byte(payload, 40, get_byte(payload, 40) # 1)`], ['another entry’s payload', 'payload = (select payload from history o where o.case_id = $1 and o.seq = 2)'], ['an empty payload', `payload = ''`],
  ['its digest', 'payload_digest = set_byte(payload_digest, 0, get_byte(payload_digest, 0) # 1)'], ['the digest of the request', 'body_digest = set_byte(body_digest, 0, get_byte(body_digest, 0) # 1)'], ['its hash', 'hash = set_byte(hash, 0, get_byte(hash, 0) # 1)'],
  ['who did it', `actor = actor || '{"id":"altri"}'`], ['in which role', `actor = actor || '{"role":"preside"}'`], ['for which organisation', `actor = actor - 'organisation'`], ['when', `at = at - interval '1 millisecond'`], ['what', `name = 'presenta'`], ['as what', `kind = 'refused'`],
  ['from where', `from_state = 'altrove'`], ['to where', `to_state = 'altrove'`], ['at which version', 'version = version + 1'], ['by which caller', `caller = 'altri'`], ['under which key', `key = 'altra'`], ['by which execution', `execution = '{"workflowId":"w"}'`],
])('finds changed: %s', async (_what, change) => {
  await tamper(`update history set ${change} where case_id = $1 and seq = 3`);
  expect(await verified()).toMatchObject({ valid: false, firstBroken: 3 });
});

it('finds an entry taken out, two exchanged, one put in', async () => {
  await tamper('delete from history where case_id = $1 and seq = 2');
  expect(await verified()).toMatchObject({ valid: false, firstBroken: 2 });
  await tamper('update history set seq = 2 where case_id = $1 and seq = 3');
  expect(await verified()).toMatchObject({ valid: false, firstBroken: 2 });
  await tamper(`insert into history select case_id, 3, version, at, kind, name, from_state, to_state, actor, caller, key || 'x', body_digest, payload, payload_digest, hash, execution from history where case_id = $1 and seq = 1`);
  expect(await verified()).toMatchObject({ valid: false, firstBroken: 2 });
});

it('a last entry taken away is found by the row, which knows where the chain ends; with the row set back too, only the signed heads tell', async () => {
  const { rows: [before] } = await opened.admin.query('select hash from history where case_id = $1 and seq = 4', [id]);
  await tamper('delete from history where case_id = $1 and seq = 5');
  expect(await verified()).toMatchObject({ valid: false, firstBroken: 5 });
  await tamper('update cases set seq = 4, head = $2 where id = $1', before.hash);
  expect(await verified()).toMatchObject({ valid: true, entries: 4 });
});

it('goes on from the row after an entry was taken away: the gap stays to be seen', async () => {
  await tamper('delete from history where case_id = $1 and seq = 5');
  await give(opened, id, 'sollecita');
  expect(await verified()).toMatchObject({ valid: false, firstBroken: 5 });
});
