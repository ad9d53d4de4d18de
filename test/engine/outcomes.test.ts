/**
 * What an effect brought about is always on record, but moves the case only while somebody in the chart still waits for it.
 * An effect that cannot be done is put before an operator, and whatever the operator does must survive a crash right after it.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createMachine } from 'xstate';
import { verifyHistory } from '../../engine/history/read.ts';
import type { Json } from '../../plugins/contract.ts';
import { fascicolo } from '../toys/fascicolo.ts';
import { broken, guasto } from '../toys/guasto.ts';
import { anything, defineToy } from '../toys/toy.ts';
import { codeOf, entries, give, newCase, openEngine, problemOf, type Opened } from './opened.ts';

/** Each answer brings it back to where it waits for the next. */
const giro = defineToy<{ giri: number }>({
  process: 'giro',
  machine: createMachine({ id: 'giro', initial: 'gira', states: { gira: { invoke: { src: 'chiede', onDone: { target: 'gira', reenter: true, actions: 'conta' }, onError: 'fermo' } }, fermo: { type: 'final' } } }),
  create: { schema: anything, by: ['segreteria'], context: () => ({ giri: 0 }) }, commands: {},
  updates: { conta: ({ context }) => ({ giri: context.giri + 1 }) }, effects: { chiede: { does: 'message', input: () => ({ template: 't', to: [], data: {} }) } },
});

let opened: Opened;
beforeAll(async () => { opened = await openEngine([fascicolo, guasto, giro]); });
afterAll(async () => { await opened.close(); });
beforeEach(() => { broken.in = null; opened.changes.length = 0; });

const operator = { kind: 'user' as const, id: 'admin', role: 'admin' };
const inAttesa = async () => {
  const id = await newCase(opened, 'fascicolo', {}, {});
  await give(opened, id, 'presenta');
  return id;
};
const agenda = async (id: string, where = 'true') => (await opened.admin.query(`select id, name, mode, state, node, generation, result, error, attempts from agenda where case_id = $1 and ${where} order by generation, mode desc`, [id])).rows;
const bound = async (id: string) => (await agenda(id, `mode = 'bound'`)).at(-1);
const outcome = (effectId: string, ok = true, result: Json = { n: 1 }) => ({ effectId, ok, result, execution: null });
const record = (id: string, effectId: string, ok = true, result: Json = { n: 1 }) => opened.engine.recordOutcomes(id, [outcome(effectId, ok, result)]);
const read = async (id: string) => (await opened.engine.readCase(id, ['S1']))!;
const lastEntry = async (id: string) => { const { kind, name, from, to, payload } = (await opened.engine.readHistory(id, ['S1']))!.entries.at(-1)!; return { kind, name, from, to, delivered: (payload as any).delivered }; };

describe('the outcome of a bound effect', () => {
  it.each([[true, 'conclusa'], [false, 'fallita']])('ok %p leads to %s', async (ok, state) => {
    const id = await inAttesa();
    const row = await bound(id);
    await record(id, row.id, ok, { ricevuta: 'x' });
    expect((await read(id)).state).toMatchObject({ value: state, context: { esiti: ['{"ricevuta":"x"}'] } });
    expect(await lastEntry(id)).toEqual({ kind: 'effect', name: 'risposta', from: 'inAttesa', to: state, delivered: true });
    expect((await bound(id))).toMatchObject({ state: 'done', result: { ok, value: { ricevuta: 'x' } } });
  });
  it('counts once, however often and from wherever it is told', async () => {
    const id = await inAttesa();
    const { id: effectId } = await bound(id);
    const other = opened.another();
    await Promise.all(Array.from({ length: 8 }, (_, i) => (i % 2 ? opened.engine : other.engine).recordOutcomes(id, [outcome(effectId), outcome(effectId)])));
    expect((await read(id)).state.context['esiti']).toHaveLength(1);
    expect((await entries(opened, id)).filter(({ kind }) => kind === 'effect')).toHaveLength(1);
  });
  it('is recorded and not delivered once its state was left', async () => {
    const id = await inAttesa();
    const { id: effectId } = await bound(id);
    await give(opened, id, 'ritira');
    expect(await bound(id)).toMatchObject({ state: 'withdrawn' });
    await record(id, effectId);
    expect(await lastEntry(id)).toEqual({ kind: 'effect', name: 'risposta', from: 'ritirata', to: 'ritirata', delivered: false });
    expect((await read(id)).version).toBe(3);
  });
  it('of an earlier generation is not taken for the present one’s: XState alone would take it', async () => {
    const id = await inAttesa();
    const first = await bound(id);
    await give(opened, id, 'riprova');
    const second = await bound(id);
    expect([second.node === first.node, second.id === first.id]).toEqual([true, false]);
    await record(id, first.id);
    expect((await read(id)).stateName).toBe('inAttesa');
    await record(id, second.id);
    expect((await read(id)).stateName).toBe('conclusa');
    expect((await read(id)).state.context['esiti']).toHaveLength(1);
  });
  it('that was begun when its state was left is unwanted, not withdrawn', async () => {
    const id = await inAttesa();
    const { id: effectId } = await bound(id);
    await opened.admin.query(`update agenda set state = 'begun' where id = $1`, [effectId]);
    await give(opened, id, 'riprova');
    expect((await agenda(id, `mode = 'bound'`)).map(({ state }) => state)).toEqual(['unwanted', 'due']);
    await record(id, effectId);
    expect((await lastEntry(id)).delivered).toBe(false);
  });
  it('does not take along its neighbour, whose state it leaves in the same commit', async () => {
    const id = await inAttesa();
    const first = await bound(id);
    // As two regions of one chart would have: two live rows of one node.
    await opened.admin.query(`insert into agenda (id, case_id, kind, name, node, generation, mode, does, input, due_at) select $2, case_id, kind, name, node, generation, mode, does, input, due_at from agenda where id = $1`, [first.id, randomUUID()]);
    await opened.engine.recordOutcomes(id, (await agenda(id, `mode = 'bound'`)).map(row => outcome(row.id)));
    expect((await entries(opened, id)).filter(({ kind }) => kind === 'effect')).toHaveLength(2);
    expect((await read(id)).state.context['esiti']).toHaveLength(1);
  });
  it('nor is taken for that of the state as it was entered again in the same commit', async () => {
    const id = await newCase(opened, 'giro');
    const [first] = await agenda(id);
    await opened.admin.query(`insert into agenda (id, case_id, kind, name, node, generation, mode, does, input, due_at) select $2, case_id, kind, name, node, generation, mode, does, input, due_at from agenda where id = $1`, [first.id, randomUUID()]);
    await opened.engine.recordOutcomes(id, (await agenda(id)).map(row => outcome(row.id)));
    expect((await read(id)).state.context).toEqual({ giri: 1 });
    expect((await agenda(id)).map(({ state, generation }) => `${state} ${generation}`)).toEqual(['done 1', 'done 1', 'due 2']);
  });
  it('of another case or of no effect at all is nobody’s', async () => {
    const [one, two] = [await inAttesa(), await inAttesa()];
    await record(one, (await bound(two)).id);
    await record(one, randomUUID());
    await record(randomUUID(), randomUUID());
    expect(await entries(opened, one)).toHaveLength(2);
    expect(await bound(two)).toMatchObject({ state: 'due' });
  });
});

describe('an owed effect', () => {
  it('is done whatever happens to the case, also at its end', async () => {
    const id = await inAttesa();
    await give(opened, id, 'ritira');
    expect((await agenda(id)).map(({ name, state }) => `${name} ${state}`).sort()).toEqual(['lettera due', 'risposta withdrawn']);
    await record(id, (await agenda(id, `mode = 'owed'`))[0].id);
    expect((await agenda(id, `mode = 'owed'`))[0].state).toBe('done');
    expect(await lastEntry(id)).toMatchObject({ kind: 'effect', name: 'lettera', delivered: false });
  });
  it('is due by the clock, also where the history stays ahead of a clock that went back', async () => {
    const id = await inAttesa();
    await opened.admin.query(`update cases set last_at = '2040-01-01T00:00:00Z' where id = $1`, [id]);
    await give(opened, id, 'sollecita');
    const { rows: [{ late }] } = await opened.admin.query('select max(due_at) > clock_timestamp() as late from agenda where case_id = $1', [id]);
    expect(late).toBe(false);
  });
  it('each has a row and a key of its own', async () => {
    const id = await inAttesa();
    await give(opened, id, 'sollecita');
    await give(opened, id, 'sollecita');
    const rows = await agenda(id, `mode = 'owed'`);
    expect(new Set(rows.map(row => row.id)).size).toBe(3);
    await opened.engine.recordOutcomes(id, rows.map(row => outcome(row.id)));
    expect((await agenda(id, `state = 'done'`))).toHaveLength(3);
    // Nothing moved: the version is the same, the entries are there.
    expect((await read(id)).version).toBe(4);
    expect(verifyHistory((await opened.engine.readHistory(id, ['S1']))!).entries).toBe(7);
  });
});

describe('a poison outcome', () => {
  const invoked = async () => {
    const id = await newCase(opened, 'guasto');
    await give(opened, id, 'spedisci');
    await give(opened, id, 'invoca');
    return id;
  };
  it('parks its row alone, with an incident; its neighbours go on, and a retry does not perform it again', async () => {
    const id = await invoked();
    broken.in = 'outcome';
    const rows = await agenda(id, `kind = 'effect'`);
    await opened.engine.recordOutcomes(id, rows.map(row => outcome(row.id)));
    expect((await agenda(id, `kind = 'effect'`)).map(({ name, state }) => `${name} ${state}`).sort()).toEqual(['invio parked', 'lettera done']);
    const parked = await bound(id);
    expect(parked).toMatchObject({ error: 'guasto: guasto in outcome', result: { ok: true, value: { n: 1 } } });
    const { rows: [incident] } = await opened.admin.query('select id, kind, name, agenda_id from incidents where case_id = $1', [id]);
    expect(incident).toMatchObject({ kind: 'effect', name: 'invio', agenda_id: parked.id });
    // The case itself goes on.
    expect(await codeOf(give(opened, id, 'cammina'))).toBe('ok');
    broken.in = null;
    await opened.engine.resolveIncident({ incidentId: incident.id, actor: operator, key: randomUUID(), reason: 'corretto' });
    expect(await bound(id)).toMatchObject({ state: 'performed', result: { ok: true, value: { n: 1 } }, attempts: 0, error: null });
  });
  it('is not delivered after its state was left, and the incident can still be closed', async () => {
    const id = await invoked();
    broken.in = 'outcome';
    await record(id, (await bound(id)).id);
    broken.in = null;
    await give(opened, id, 'torna');
    expect(await bound(id)).toMatchObject({ state: 'unwanted' });
    const { rows: [{ id: incidentId }] } = await opened.admin.query('select id from incidents where case_id = $1', [id]);
    expect((await opened.engine.resolveIncident({ incidentId, actor: operator, key: '1', reason: 'superato' })).how).toBe('retried');
    expect(await bound(id)).toMatchObject({ state: 'unwanted' });
  });
  it('parked twice is one incident', async () => {
    const id = await invoked();
    const { id: effectId } = await bound(id);
    await opened.engine.parkEffect(id, effectId, 'prima');
    await opened.engine.parkEffect(id, effectId, 'seconda');
    await opened.engine.openIncident({ caseId: id, agendaId: effectId, kind: 'effect', name: 'invio', detail: 'terza \u0000' });
    expect((await opened.admin.query('select detail from incidents where case_id = $1', [id])).rows).toEqual([{ detail: 'terza ' }]);
  });
  it('parked while commands run on its case never deadlocks', async () => {
    const id = await inAttesa();
    const work: Promise<unknown>[] = [];
    for (let i = 0; i < 25; i += 1) {
      work.push(codeOf(give(opened, id, 'riprova')), bound(id).then(row => opened.engine.parkEffect(id, row.id, 'guasto')));
    }
    await Promise.all(work);
    const { rows: [{ deadlocks }] } = await opened.admin.query('select deadlocks::int from pg_stat_database where datname = current_database()');
    expect(deadlocks).toBe(0);
    const open = (await agenda(id, `mode = 'bound' and state in ('due','begun','performed','parked')`));
    expect(open).toHaveLength(1);
  });
});

describe('an operator', () => {
  const parked = async () => {
    const id = await inAttesa();
    const { id: effectId } = await bound(id);
    await opened.engine.parkEffect(id, effectId, 'il server non risponde');
    const { rows: [{ id: incidentId }] } = await opened.admin.query('select id from incidents where case_id = $1 and resolved_at is null', [id]);
    return { id, effectId, incidentId: incidentId as string };
  };
  it('retries: the row is due again, the reason is in the history', async () => {
    const { id, incidentId, effectId } = await parked();
    expect(await opened.engine.resolveIncident({ incidentId, actor: operator, key: 'k', reason: 'indirizzo corretto' })).toEqual({ incident: incidentId, caseId: id, kind: 'effect', how: 'retried' });
    expect(await bound(id)).toMatchObject({ id: effectId, state: 'due', attempts: 0, error: null });
    expect((await opened.engine.readHistory(id, ['S1']))!.entries.at(-1)!).toMatchObject({ kind: 'operator', name: 'retry', actor: { id: 'admin' }, payload: { reason: 'indirizzo corretto', incident: incidentId } });
    expect(opened.changes.at(-1)).toMatchObject({ caseId: id, agendaChanged: true, urgent: true });
  });
  it('retries what was half done as half done, not as performed', async () => {
    const { id, incidentId, effectId } = await parked();
    await opened.admin.query(`update agenda set result = '{"sent":["S1"]}' where id = $1`, [effectId]);
    await opened.engine.resolveIncident({ incidentId, actor: operator, key: 'k', reason: 'x' });
    expect(await bound(id)).toMatchObject({ state: 'due', result: { sent: ['S1'] } });
  });
  it('records an outcome by hand, which moves the case and names the operator', async () => {
    const { id, incidentId } = await parked();
    expect((await opened.engine.resolveIncident({ incidentId, actor: operator, key: 'k', reason: 'consegnata a mano', outcome: { ok: true, result: { a: 'mano' } } })).how).toBe('recorded');
    expect((await read(id)).stateName).toBe('conclusa');
    expect((await opened.engine.readHistory(id, ['S1']))!.entries.slice(-2).map(({ kind, name, actor, payload }: any) => ({ kind, name, actor: actor.id, reason: payload.reason }))).toEqual([
      { kind: 'operator', name: 'record', actor: 'admin', reason: 'consegnata a mano' }, { kind: 'operator', name: 'risposta', actor: 'admin', reason: 'consegnata a mano' },
    ]);
  });
  it('whose program dies between the two steps has still decided: the stored outcome waits for the agenda', async () => {
    const { id, incidentId, effectId } = await parked();
    const dying = opened.another();
    const original = dying.pools.commit.connect.bind(dying.pools.commit);
    let connections = 0;
    // The first connection resolves; everything after it is the crash.
    dying.pools.commit.connect = (async () => { if (++connections > 1) throw new Error('crash'); return await original(); }) as never;
    await expect(dying.engine.resolveIncident({ incidentId, actor: operator, key: 'k', reason: 'a mano', outcome: { ok: true, result: { a: 1 } } })).rejects.toThrow('crash');
    expect(await bound(id)).toMatchObject({ id: effectId, state: 'performed', result: { ok: true, value: { a: 1 } } });
    // The same request again finishes it.
    expect((await opened.engine.resolveIncident({ incidentId, actor: operator, key: 'k', reason: 'a mano', outcome: { ok: true, result: { a: 1 } } })).how).toBe('recorded');
    expect((await read(id)).stateName).toBe('conclusa');
  });
  it('gets the same answer to the same key, and a conflict for another', async () => {
    const { incidentId, id } = await parked();
    const resolve = (key: string, reason = 'x') => opened.engine.resolveIncident({ incidentId, actor: operator, key, reason });
    const answers = await Promise.all([resolve('a'), resolve('a'), resolve('a')]);
    expect(new Set(answers.map(answer => JSON.stringify(answer))).size).toBe(1);
    expect((await problemOf(resolve('b'))).code).toBe('conflict');
    expect((await problemOf(resolve('a', 'altro motivo'))).code).toBe('idempotency-key-reused');
    expect((await entries(opened, id)).filter(({ kind }) => kind === 'operator')).toHaveLength(1);
  });
  it('cannot record an outcome for what is no effect, nor resolve what is not there', async () => {
    const id = await newCase(opened, 'guasto');
    broken.in = 'rule';
    const incidentId = (await problemOf(give(opened, id, 'cammina'))).members['incident'] as string;
    expect(await codeOf(opened.engine.resolveIncident({ incidentId, actor: operator, key: '1', reason: 'x', outcome: { ok: true, result: {} } }))).toBe('invalid');
    expect(await codeOf(opened.engine.resolveIncident({ incidentId: randomUUID(), actor: operator, key: '2', reason: 'x' }))).toBe('not-found');
    expect((await opened.engine.resolveIncident({ incidentId, actor: operator, key: '3', reason: 'visto' })).how).toBe('closed');
  });
});
