/** Effects that fail: for a while, for good, or because the plugin is wrong. Nothing is lost, and nothing is done twice. */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { albo, permesso, permessoRotto } from '../toys/permesso.ts';
import { agendaOf, contextOf, entriesOf, give, lifeOf, openLife, presented, sleep, stateOf, statusOf, until, type Life } from './life.ts';

let life: Life;
beforeAll(async () => {
  life = await openLife([permesso, albo]);
  await life.work();
});
afterAll(() => life?.close());
afterEach(() => { permessoRotto.in = null; life.mail.answer = () => 'accept'; });

const effect = async (caseId: string, name: string) => (await agendaOf(life, caseId, name)).at(-1);
const becomes = (caseId: string, name: string, state: string) => until(async () => { const row = await effect(caseId, name); return row?.state === state ? row : null; }, `${name} is ${state}`, 30_000);
const incidentsOf = async (caseId: string) => (await life.admin.query('select id, kind, name, detail, resolved_at from incidents where case_id = $1 order by created_at', [caseId])).rows;
const admin = { kind: 'user' as const, id: 'operatore', role: 'admin' };

describe('a message that cannot be delivered now', () => {
  it('is tried again, later each time, and recorded once', async () => {
    let refusals = 2;
    life.mail.answer = () => (refusals-- > 0 ? { code: 451 } : 'accept');
    const id = await presented(life);
    const { attempts } = await becomes(id, 'avvisaPolo', 'done');
    expect(attempts).toBe(3);
    expect(life.mail.about(id)).toHaveLength(1);
    expect((await entriesOf(life, id)).filter(({ kind }) => kind === 'effect')).toHaveLength(1);
  });

  it('waits in its row while the mail server is away, and is then sent exactly once', async () => {
    await life.mail.stop();
    const ids = await Promise.all(Array.from({ length: 5 }, () => presented(life)));
    for (const id of ids) await until(async () => ((await effect(id, 'avvisaPolo'))?.attempts ?? 0) >= 2, 'it was tried');
    // Commands go on, and what they owe waits too.
    await give(life, ids[0]!, 'annota');
    await life.mail.start();
    for (const id of ids) await becomes(id, 'avvisaPolo', 'done');
    for (const id of ids) expect(life.mail.about(id)).toHaveLength(1);
    const all = life.mail.received.map(({ messageId }) => messageId);
    expect(new Set(all).size).toBe(all.length);
  });

  it('is given up after its attempts: owed, it is parked with an incident until an operator has it tried again', async () => {
    life.mail.answer = () => ({ code: 451 });
    const id = await presented(life);
    const { attempts, error } = await becomes(id, 'avvisaPolo', 'parked');
    expect([attempts, error]).toEqual([4, expect.stringContaining('as the test says')]);
    const [incident] = await until(async () => { const found = await incidentsOf(id); return found.length > 0 ? found : null; }, 'an incident is open');
    expect(incident).toMatchObject({ kind: 'effect', name: 'avvisaPolo', resolved_at: null });
    await until(async () => (await lifeOf(life, id).describe()).searchAttributes.IterIncident?.[0] === true, 'Temporal shows it');
    life.mail.answer = () => 'accept';
    await life.engine.resolveIncident({ incidentId: incident.id, actor: admin, key: randomUUID(), reason: 'the server works again' });
    await becomes(id, 'avvisaPolo', 'done');
    expect(life.mail.about(id)).toHaveLength(1);
    await until(async () => (await lifeOf(life, id).describe()).searchAttributes.IterIncident?.[0] === false, 'Temporal shows that it is over');
  });

  it('is given up after its attempts: bound, the chart takes onError', async () => {
    const id = await presented(life);
    await becomes(id, 'avvisaPolo', 'done');
    life.mail.answer = () => ({ code: 451 });
    await give(life, id, 'concedi');
    await until(async () => (await stateOf(life, id)) === 'daRinotificare', 'onError was taken');
    expect((await effect(id, 'notifica'))!.attempts).toBe(2);
    expect((await contextOf(life, id)).esiti[0]).toContain('attempts');
  });

  it('between two attempts may be withdrawn, and then never happens', async () => {
    const id = await presented(life);
    await becomes(id, 'avvisaPolo', 'done');
    life.mail.answer = () => ({ code: 451 });
    await give(life, id, 'concedi');
    await until(async () => (await effect(id, 'notifica'))?.attempts === 1 && (await effect(id, 'notifica'))?.state === 'due', 'it failed once');
    await give(life, id, 'revoca');
    life.mail.answer = () => 'accept';
    expect((await effect(id, 'notifica'))!.state).toBe('withdrawn');
    await sleep(1_500);
    expect(life.mail.about(id).filter(({ subject }) => subject.startsWith('notifica'))).toEqual([]);
    await give(life, id, 'rifiuta');
    await until(async () => (await statusOf(life, id)) === 'COMPLETED', 'the workflow ends');
  });
});

describe('what no repetition would mend', () => {
  it('a recipient refused for good parks an owed effect at the first attempt', async () => {
    life.mail.answer = () => ({ code: 550 });
    const id = await presented(life);
    expect((await becomes(id, 'avvisaPolo', 'parked')).attempts).toBe(1);
  });

  it('a template that throws parks its own row, and its neighbours go on', async () => {
    const id = await presented(life);
    await becomes(id, 'avvisaPolo', 'done');
    permessoRotto.in = 'modello';
    await give(life, id, 'avvisa');
    await becomes(id, 'avvisaPolo', 'parked');
    permessoRotto.in = null;
    await give(life, id, 'avvisa');
    await becomes(id, 'avvisaPolo', 'done');
    expect((await agendaOf(life, id, 'avvisaPolo')).map(({ state }) => state)).toEqual(['done', 'parked', 'done']);
  });

  it('an outcome on which the plugin throws parks the row with its result: tried again it is applied, and not sent again', async () => {
    const id = await presented(life);
    await becomes(id, 'avvisaPolo', 'done');
    permessoRotto.in = 'esito';
    await give(life, id, 'concedi');
    await becomes(id, 'notifica', 'parked');
    expect(await stateOf(life, id)).toBe('inNotifica');
    permessoRotto.in = null;
    const [incident] = await until(async () => { const found = await incidentsOf(id); return found.length > 0 ? found : null; }, 'an incident is open');
    await life.engine.resolveIncident({ incidentId: incident.id, actor: admin, key: randomUUID(), reason: 'mended' });
    await until(async () => (await stateOf(life, id)) === 'concessa', 'the outcome was applied');
    expect(life.mail.about(id).filter(({ subject }) => subject.startsWith('notifica'))).toHaveLength(1);
  });

  it('a command that the other case refuses is parked with its reason', async () => {
    const id = await presented(life);
    for (let times = 0; times < 4; times += 1) await give(life, id, 'segnala');
    const rows = await until(async () => { const found = await agendaOf(life, id, 'segnala'); return found.every(({ state }) => state === 'done' || state === 'parked') ? found : null; }, 'all were answered');
    expect(rows.map(({ state }) => state).sort()).toEqual(['done', 'done', 'done', 'parked']);
    expect(rows.find(({ state }) => state === 'parked')!.error).toContain('capienza');
  });
});

describe('a deadline whose rule throws', () => {
  it('suspends the case: its workflow waits without spinning, and goes on when an operator has mended it', async () => {
    permessoRotto.in = 'termine';
    const id = await presented(life, 1);
    await until(async () => (await incidentsOf(id)).length > 0, 'an incident is open');
    await sleep(500);
    const { historyLength } = await lifeOf(life, id).describe();
    await sleep(4_000);
    expect((await lifeOf(life, id).describe()).historyLength).toBe(historyLength);
    expect(await stateOf(life, id)).toBe('inIstruttoria');
    permessoRotto.in = null;
    await life.engine.resolveIncident({ incidentId: (await incidentsOf(id))[0].id, actor: admin, key: randomUUID(), reason: 'mended' });
    await until(async () => (await stateOf(life, id)) === 'scaduta', 'the deadline was applied');
    await give(life, id, 'rifiuta');
    await until(async () => (await statusOf(life, id)) === 'COMPLETED', 'the workflow ends');
  });
});
