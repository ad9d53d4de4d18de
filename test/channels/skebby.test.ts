/** The SMS provider over HTTP, in all its moods: what is final, what passes, and that nobody gets an SMS twice, whatever answer was lost. */
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PermanentFailure, TemporaryFailure } from '../../activities/attemptEffect.ts';
import { createSkebby } from '../../activities/sms/skebby.ts';
import { Throttled, type SmsProvider } from '../../activities/sms/smsProvider.ts';
import { orderOf } from '../../engine/broadcasts/smsStatus.ts';
import { startSmsSimulator, type SmsSimulator } from '../../worker/embedded/smsSimulator.ts';

const receipts: Record<string, string>[] = [];
const receiver = createServer((req: IncomingMessage, res) => { void text(req).then(body => { receipts.push(Object.fromEntries(new URLSearchParams(body))); res.writeHead(204).end(); }); });
let simulator: SmsSimulator, provider: SmsProvider;
const skebby = (timeoutMs = 5_000, accessToken = 'token') => createSkebby({ url: simulator.url, userKey: 'key', accessToken, sender: null, messageType: 'GP', timeoutMs });
beforeAll(async () => {
  await new Promise<void>(resolve => receiver.listen(0, '127.0.0.1', resolve));
  simulator = await startSmsSimulator({ userKey: 'key', accessToken: 'token', receiptsUrl: `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`, slowMs: 400, lateMs: 60_000, retryAfterSeconds: 3 });
  provider = skebby();
});
afterAll(async () => {
  await simulator.stop();
  receiver.closeAllConnections();
  await new Promise(resolve => receiver.close(resolve));
});
const to = (digits: string) => ({ id: randomUUID(), to: `+39333123${digits.padStart(4, '0')}`, text: 'Prova' });
const failure = (work: Promise<unknown>) => work.then(() => { throw new Error('it did not fail'); }, error => error);
const asked = (id: string) => simulator.sent().filter(({ order }) => order === orderOf(id)).length;

describe('the provider', () => {
  it('takes an SMS over under our id, and can be asked after it', async () => {
    const sms = to('7');
    expect(await provider.find(sms)).toBeNull();
    expect(await provider.send(sms)).toEqual({ providerId: orderOf(sms.id) });
    await simulator.settle();
    expect(await provider.find(sms)).toEqual({ id: sms.id, state: 'delivered', word: 'DLVRD' });
    expect(receipts.filter(({ order_id: order }) => order === orderOf(sms.id))).toMatchObject([{ status: 'DLVRD', recipient: sms.to }]);
  });
  it('that refuses an order which it has taken already has taken it over', async () => {
    const strict = await startSmsSimulator({ userKey: 'key', accessToken: 'token', receiptsUrl: null, refusesRepeats: true }), sms = to('8');
    const strictly = createSkebby({ url: strict.url, userKey: 'key', accessToken: 'token', sender: null, messageType: 'GP' });
    await strictly.send(sms);
    expect(await strictly.send(sms)).toEqual({ providerId: orderOf(sms.id) });
    expect(strict.sent()).toHaveLength(1);
    await strict.stop();
  });
  it.each(['Costa 5 €', 'L’uscita è rinviata', 'Ciao 😀'])('carries every character of "%s"', async text => {
    const sms = { ...to('8'), text };
    await provider.send(sms);
    expect(simulator.sent().find(({ order }) => order === orderOf(sms.id))).toMatchObject({ text, encoding: text.includes('€') ? 'gsm' : 'ucs2' });
  });
  it.each([['201', 'answers with half of its JSON'], ['413', 'answers without end']])('that takes over and …%s %s: in doubt, and found', async digits => {
    const sms = to(digits);
    expect(await failure(provider.send(sms))).toBeInstanceOf(TemporaryFailure);
    expect(await provider.find(sms)).not.toBeNull();
    expect(asked(sms.id)).toBe(1);
  });
  it('is not followed elsewhere, where our keys would go too', async () => {
    const sms = to('302'), error = await failure(provider.send(sms));
    expect(error).toBeInstanceOf(TemporaryFailure);
    expect(await provider.find(sms)).toBeNull();
  });
  it('has no credit of ours left: the SMS waits until somebody buys more', async () => {
    const sms = to('402');
    expect(await failure(provider.send(sms))).toBeInstanceOf(TemporaryFailure);
    await provider.send(sms);
  });
  it('refuses what is longer than it takes', async () => {
    expect(await failure(provider.send({ ...to('8'), text: 'a'.repeat(1_001) }))).toBeInstanceOf(PermanentFailure);
    expect(await failure(provider.send({ ...to('8'), text: '’'.repeat(451) }))).toBeInstanceOf(PermanentFailure);
  });
  it('says how long to wait', async () => {
    const sms = to('429'), error = await failure(provider.send(sms));
    expect(error).toBeInstanceOf(Throttled);
    expect(error.retryAfterMs).toBe(3_000);
    await provider.send(sms);
  });
  it('is away for a moment', async () => {
    const sms = to('500');
    expect(await failure(provider.send(sms))).toBeInstanceOf(TemporaryFailure);
    await provider.send(sms);
  });
  it('is slower than we wait: the SMS is in doubt, and found', async () => {
    const sms = to('001');
    expect(await failure(skebby(100).send(sms))).toBeInstanceOf(TemporaryFailure);
    await new Promise(resolve => setTimeout(resolve, 600));
    expect(await provider.find(sms)).toMatchObject({ state: 'delivered' });
    expect(asked(sms.id)).toBe(1);
  });
  it('takes over and loses its answer: in doubt, and found', async () => {
    const sms = to('444');
    expect(await failure(provider.send(sms))).toBeInstanceOf(TemporaryFailure);
    expect(await provider.find(sms)).not.toBeNull();
  });
  it('refuses for good', async () => {
    expect(await failure(provider.send(to('400')))).toBeInstanceOf(PermanentFailure);
  });
  it('does not know us: an operator can mend that, so nothing is lost', async () => {
    expect(await failure(skebby(5_000, 'wrong').send(to('9')))).toBeInstanceOf(TemporaryFailure);
  });
  it('says later that a number is nobody’s, and some things twice', async () => {
    const nobody = to('550'), twice = to('222');
    await provider.send(nobody);
    await provider.send(twice);
    await simulator.settle();
    expect(receipts.filter(({ order_id: order }) => order === orderOf(nobody.id))).toMatchObject([{ status: 'UNKNRCPT' }]);
    expect(receipts.filter(({ order_id: order }) => order === orderOf(twice.id))).toHaveLength(2);
  });
});
