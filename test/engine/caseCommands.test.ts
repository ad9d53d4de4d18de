/**
 * A case tells another by a command that is committed once, though its effect is tried many times; a thousand members of one fund must not
 * queue for a thousand commits, and one of them that breaks the fund's plugin must not keep the others out.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { verifyHistory } from '../../engine/history/read.ts';
import type { CommandInput, Json } from '../../plugins/contract.ts';
import { fondo } from '../toys/fondo.ts';
import { broken, guasto } from '../toys/guasto.ts';
import { socio } from '../toys/socio.ts';
import { codeOf, entries, give, newCase, openEngine, type Opened } from './opened.ts';

let opened: Opened;
beforeAll(async () => { opened = await openEngine([fondo, socio, guasto]); });
afterAll(async () => { await opened.close(); });
beforeEach(() => { broken.in = null; });

const annota = (anno: string, data: Json = {}): CommandInput => ({ process: 'fondo', command: 'annota', data: data as never, target: { key: `P1/${anno}`, create: { data: { anno }, parties: { polo: 'P1' } } } });
const send = (input: CommandInput, effectId: string = randomUUID(), from: { process: string; caseId: string } = { process: 'socio', caseId: randomUUID() }, { engine } = opened) => engine.sendCommand({ effectId, from, input });
const fundOf = async (anno: string) => {
  const { rows: [row] } = await opened.admin.query(`select id, version, seq, context from cases where process = 'fondo' and context ->> 'anno' = $1`, [anno]);
  return row as { id: string; version: number; seq: number; context: { annotati: number } };
};

describe('a command of a case', () => {
  it('makes the keyed case where it is missing, and is committed once per effect', async () => {
    const anno = randomUUID(), effectId: string = randomUUID(), from = { process: 'socio', caseId: randomUUID() };
    const answers = [await send(annota(anno), effectId, from), await send(annota(anno), effectId, from), await send(annota(anno), effectId, from)];
    const fund = await fundOf(anno);
    expect(answers).toEqual(Array(3).fill({ ok: true, caseId: fund.id }));
    expect(fund.context.annotati).toBe(1);
    expect((await entries(opened, fund.id)).map(({ kind, name, caller }) => [kind, name, caller])).toEqual([['created', 'created', `case:socio/${from.caseId}`], ['command', 'annota', `case:socio/${from.caseId}`]]);
    // The key gives the case's id, whoever asks: the polo finds the same one.
    expect(await codeOf(newCase(opened, 'fondo', { anno }, { polo: 'P1' }, opened.people.operatorePolo))).toBe('conflict');
    expect((await opened.engine.readCase(fund.id, ['P1']))!.version).toBe(2);
  });
  it('the keyed case is made once, though many are first', async () => {
    const anno = randomUUID();
    const other = opened.another();
    const answers = await Promise.all(Array.from({ length: 24 }, (_, i) => send(annota(anno), undefined, undefined, i % 2 ? opened : other as never)));
    expect(new Set(answers.map(answer => JSON.stringify(answer))).size).toBe(1);
    const fund = await fundOf(anno);
    expect([fund.version, fund.context.annotati]).toEqual([25, 24]);
  });
  it.each<[string, Partial<CommandInput> & { from?: string }, string]>([
    ['of a process that may not send it', { from: 'guasto' }, 'forbidden'],
    ['to no case', { target: { id: randomUUID() } }, 'not-found'],
    ['to what is no id', { target: { id: 'chiunque' } }, 'not-found'],
    ['of an unknown process', { process: 'inesistente' }, 'not-found'],
    ['that is unknown', { command: 'inventato' }, 'not-found'],
    ['with a text that cannot be stored', { data: { x: '\u0000' } }, 'malformed'],
    ['refused by a rule', { data: { rifiuta: true } }, 'invalid'],
    ['for people only', { command: 'chiudi' }, 'forbidden'],
    ['whose key is not the one of the data', { target: { key: 'altrove', create: { data: { anno: 'qui' }, parties: { polo: 'P1' } } } }, 'invalid'],
    ['that would make a case with wrong parties', { target: { key: 'P9/x', create: { data: { anno: 'x' }, parties: { polo: 'P9' } } } }, 'invalid'],
  ])('%s is answered with the refusal, not with an error that is tried again', async (_what, { from = 'socio', ...change }, code) => {
    const anno = randomUUID();
    await send(annota(anno));
    expect(await send({ ...annota(anno), ...change }, undefined, { process: from, caseId: randomUUID() })).toMatchObject({ ok: false, problem: { code } });
  });
  it('to a case of another process than it says is not found, though the id is right', async () => {
    const id = await newCase(opened, 'guasto');
    expect(await send({ process: 'fondo', command: 'cammina', data: {}, target: { id } })).toMatchObject({ ok: false, problem: { code: 'not-found' } });
    expect(await send({ process: 'guasto', command: 'cammina', data: {}, target: { id } })).toEqual({ ok: true, caseId: id });
  });
  it('refused once may be tried again under the same key, and every attempt is on record', async () => {
    const id = await newCase(opened, 'guasto'), effectId = randomUUID(), from = { process: 'socio', caseId: randomUUID() };
    const input: CommandInput = { process: 'guasto', command: 'cammina', data: {}, target: { id } };
    await give(opened, id, 'chiudi');
    expect(await send(input, effectId, from)).toMatchObject({ ok: false, problem: { code: 'command-not-allowed' } });
    expect(await send(input, effectId, from)).toMatchObject({ ok: false, problem: { code: 'command-not-allowed' } });
    expect((await entries(opened, id)).filter(({ kind }) => kind === 'refused')).toHaveLength(2);
  });
  it('that breaks the plugin is an error: it is tried again, and done after the fix', async () => {
    const id = await newCase(opened, 'guasto'), effectId = randomUUID(), from = { process: 'socio', caseId: randomUUID() };
    const input: CommandInput = { process: 'guasto', command: 'cammina', data: {}, target: { id } };
    broken.in = 'rule';
    await expect(send(input, effectId, from)).rejects.toMatchObject({ code: 'internal' });
    broken.in = null;
    expect(await send(input, effectId, from)).toEqual({ ok: true, caseId: id });
  });
  it('is checked against the schema where the program has a check', async () => {
    const anno = randomUUID();
    await send(annota(anno));
    const checking = opened.another({ validate: (process, command, data) => (command === 'annota' && (data as any).strano ? [{ pointer: '/strano', message: `not for ${process.plugin.process}` }] : null) });
    expect(await send(annota(anno, { strano: 1 }), undefined, undefined, checking as never)).toMatchObject({ ok: false, problem: { code: 'invalid', members: { errors: [{ pointer: '/strano', message: 'not for fondo' }] } } });
    expect(await send(annota(anno, {}), undefined, undefined, checking as never)).toMatchObject({ ok: true });
  });
});

describe('a thousand cases that tell one', () => {
  it('take about a dozen commits, each with an entry of its own, in a whole chain', async () => {
    const anno = randomUUID();
    await send(annota(anno));
    const { id } = await fundOf(anno);
    const answers = await Promise.all(Array.from({ length: 1_000 }, () => send(annota(anno))));
    expect(answers.every(({ ok }) => ok)).toBe(true);
    const fund = await fundOf(anno);
    expect([fund.version, fund.seq, fund.context.annotati]).toEqual([1_002, 1_002, 1_001]);
    // Entries of one commit share its transaction.
    const { rows: [{ commits }] } = await opened.admin.query('select count(distinct xmin::text)::int as commits from history where case_id = $1', [id]);
    expect(commits).toBeLessThanOrEqual(2 + 1 + 11);
    expect(verifyHistory((await opened.engine.readHistory(id, ['P1']))!)).toMatchObject({ valid: true, entries: 1_002 });
  }, 60_000);
  it('one poison and some refused among them: the poison alone fails, the others share their commits', async () => {
    const anno = randomUUID();
    await send(annota(anno));
    const { id } = await fundOf(anno);
    const answers = await Promise.allSettled(Array.from({ length: 300 }, (_, i) => send(annota(anno, i === 150 ? { veleno: true } : i % 50 === 7 ? { rifiuta: true } : {}))));
    expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect((answers[150] as PromiseRejectedResult).reason).toMatchObject({ code: 'internal' });
    expect(answers.filter(answer => answer.status === 'fulfilled' && !answer.value.ok)).toHaveLength(6);
    expect((await fundOf(anno)).context.annotati).toBe(1 + 300 - 1 - 6);
    const { rows: [{ commits }] } = await opened.admin.query('select count(distinct xmin::text)::int as commits from history where case_id = $1', [id]);
    expect(commits).toBeLessThan(12);
    expect((await opened.admin.query('select kind, name from incidents where case_id = $1', [id])).rows).toEqual([{ kind: 'command', name: 'annota' }]);
  }, 60_000);
  it('the same effect twice in one commit is done once', async () => {
    const anno = randomUUID();
    await send(annota(anno));
    const effectId: string = randomUUID(), from = { process: 'socio', caseId: randomUUID() };
    const answers = await Promise.all([...Array.from({ length: 10 }, () => send(annota(anno), effectId, from)), ...Array.from({ length: 10 }, () => send(annota(anno)))]);
    expect(answers.every(({ ok }) => ok)).toBe(true);
    expect((await fundOf(anno)).context.annotati).toBe(1 + 1 + 10);
  });
  it('that cannot get the lock are told so together, not one time-out after another', async () => {
    const anno = randomUUID();
    await send(annota(anno));
    const { id } = await fundOf(anno);
    const client = await opened.admin.connect();
    await client.query('begin');
    await client.query('select 1 from cases where id = $1 for update', [id]);
    const first = codeOf(send(annota(anno)));
    const codes = await Promise.all(Array.from({ length: 20 }, () => codeOf(send(annota(anno)))));
    expect(new Set([await first, ...codes])).toEqual(new Set(['unavailable']));
    await client.query('rollback');
    client.release();
    expect(await codeOf(send(annota(anno)))).toBe('ok');
  }, 60_000);
  it('keep nobody out: a person takes a place in the line, and waits for a few commits', async () => {
    const anno = randomUUID();
    await send(annota(anno));
    const { id } = await fundOf(anno);
    const crowd = Promise.all(Array.from({ length: 500 }, () => send(annota(anno))));
    await new Promise(setImmediate);
    expect(await codeOf(give(opened, id, 'liquida', {}, opened.people.operatorePolo))).toBe('ok');
    await crowd;
  });
});

it('a case that joins tells its fund by an owed effect with all that sendCommand needs', async () => {
  const id = await newCase(opened, 'socio', { anno: '2031' });
  await give(opened, id, 'attiva');
  const { rows: [row] } = await opened.admin.query(`select id, name, mode, does, input from agenda where case_id = $1 and kind = 'effect'`, [id]);
  expect(row).toMatchObject({ name: 'avvisaFondo', mode: 'owed', does: 'command' });
  expect(await send(row.input, row.id, { process: 'socio', caseId: id })).toMatchObject({ ok: true });
  expect((await fundOf('2031')).context.annotati).toBe(1);
});
