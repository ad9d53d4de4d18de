/**
 * A term of law runs out at its instant, whoever looks at the case and however late. Here: due deadlines go first, each at its own instant,
 * in a commit that no later refusal can undo; readers see what the next command will find; a term that cannot be decided stops the case.
 */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { verifyHistory } from '../../engine/history/read.ts';
import { catena, termine } from '../toys/catena.ts';
import { fascicolo } from '../toys/fascicolo.ts';
import { broken, guasto } from '../toys/guasto.ts';
import { yardstick } from '../toys/yardstick.ts';
import { codeOf, entries, give, makeDue, newCase, openEngine, problemOf, type Opened } from './opened.ts';

let opened: Opened;
beforeAll(async () => { opened = await openEngine([yardstick, catena, termine, guasto, fascicolo]); });
afterAll(async () => { await opened.close(); });
beforeEach(() => { broken.in = null; opened.changes.length = 0; });

const PAST = '2026-01-10T08:00:00.000Z';
const instants = (count: number) => Array.from({ length: count }, (_, i) => `2026-01-10T08:00:${String(i).padStart(2, '0')}.000Z`);
const kinds = async (id: string) => (await entries(opened, id)).map(({ kind, name }) => `${kind} ${name}`);
const isWhole = async (id: string) => expect(verifyHistory((await opened.engine.readHistory(id, ['S1']))!).valid).toBe(true);
const inIstruttoria = async () => {
  const id = await newCase(opened, 'yardstick');
  await give(opened, id, 'presenta');
  return id;
};

describe('a deadline that is due', () => {
  it('is applied before a late command, which then finds another state', async () => {
    const id = await inIstruttoria();
    await makeDue(opened, id, PAST);
    expect(await problemOf(give(opened, id, 'concedi'))).toMatchObject({ code: 'command-not-allowed', members: { state: 'scaduta', allowed: [] } });
    expect(await kinds(id)).toEqual(['created created', 'command presenta', 'deadline termine', 'refused concedi']);
    await isWhole(id);
  });
  it.each<[string, (id: string) => Promise<unknown>]>([
    ['refused by a rule', async id => expect(await codeOf(give(opened, id, 'tocca', { no: true }))).toBe('invalid')],
    ['stopped by If-Match', async id => expect(await codeOf(give(opened, id, 'tocca', {}, opened.people.segreteria, { ifMatch: 1 }))).toBe('version-mismatch')],
    ['broken by the plugin', async id => expect(await codeOf(give(opened, id, 'rompi'))).toBe('internal')],
    ['given by the wrong role', async id => expect(await codeOf(give(opened, id, 'tocca', {}, opened.people.docente))).toBe('forbidden')],
  ])('stays applied where the command after it is %s', async (_what, attempt) => {
    const id = await newCase(opened, 'catena', { istanti: ['2099-01-01T00:00:00.000Z', '2099-01-02T00:00:00.000Z', '2099-01-03T00:00:00.000Z'] });
    await makeDue(opened, id, PAST);
    await attempt(id);
    expect((await kinds(id)).slice(0, 2)).toEqual(['created created', 'deadline scatto']);
    expect((await opened.engine.readCase(id, ['S1']))!.state.context).toMatchObject({ passo: 1, visti: [PAST] });
    await isWhole(id);
  });
  it('is decided at its own instant and recorded at the true one', async () => {
    const id = await newCase(opened, 'catena', { istanti: instants(1) });
    await give(opened, id, 'tocca');
    const [, fired] = await entries(opened, id);
    expect(fired).toMatchObject({ kind: 'deadline', name: 'scatto', from_state: 'passo', to_state: 'finita' });
    expect(Math.abs(fired!.at.getTime() - Date.now())).toBeLessThan(60_000);
    const read = (await opened.engine.readCase(id, ['S1']))!;
    expect(read.state.context['visti']).toEqual(instants(1));
    const { payload } = (await opened.engine.readHistory(id, ['S1']))!.entries[1]! as any;
    expect(payload).toMatchObject({ at: instants(1)[0], input: { kind: 'deadline', event: 'xstate.after.scatto.catena.passo' }, actor: { kind: 'system' } });
  });
  it('is applied once, by however many programs at once', async () => {
    const id = await inIstruttoria();
    await makeDue(opened, id, PAST);
    const other = opened.another();
    const applied = await Promise.all(Array.from({ length: 16 }, (_, i) => (i % 2 ? opened.engine : other.engine).applyDeadlines(id, null)));
    expect(applied.filter(({ applied }) => applied > 0)).toHaveLength(1);
    expect((await kinds(id)).filter(kind => kind === 'deadline termine')).toHaveLength(1);
  });
  it('keeps which execution of the workflow applied it', async () => {
    const id = await inIstruttoria();
    await makeDue(opened, id, PAST);
    await opened.engine.applyDeadlines(id, { workflowId: 'yardstick/x', runId: 'r', activityId: '3', attempt: 2 });
    expect((await opened.engine.readHistory(id, ['S1']))!.entries.at(-1)!.execution).toEqual({ workflowId: 'yardstick/x', runId: 'r', activityId: '3', attempt: 2 });
    await isWhole(id);
  });
  it('tells when the next one is due, and nothing where none is', async () => {
    const id = await newCase(opened, 'catena', { istanti: [PAST, '2099-01-02T00:00:00.000Z'] });
    expect(await opened.engine.applyDeadlines(id, null)).toEqual({ applied: 1, next: new Date('2099-01-02T00:00:00.000Z') });
    expect(await opened.engine.applyDeadlines(id, null)).toEqual({ applied: 0, next: new Date('2099-01-02T00:00:00.000Z') });
    const ended = await newCase(opened, 'catena', { istanti: [PAST] });
    expect(await opened.engine.applyDeadlines(ended, null)).toEqual({ applied: 1, next: null });
    expect(await opened.engine.applyDeadlines(await newCase(opened, 'yardstick'), null)).toEqual({ applied: 0, next: null });
  });
  it('goes before an attachment, too: a case that is over takes none', async () => {
    const id = await newCase(opened, 'fascicolo', {}, {});
    await give(opened, id, 'presenta');
    // Nothing is due here, but the row says so: the hint is mended and the attachment goes through.
    await opened.admin.query('update cases set next_due = $2 where id = $1', [id, PAST]);
    await opened.engine.attach({ caseId: id, kind: 'certificato', name: 'n', mediaType: 'm', content: Buffer.from('c'), caller: opened.people.segreteria, key: 'k' });
    expect((await opened.admin.query('select next_due from cases where id = $1', [id])).rows[0].next_due).toBeNull();
  });
  it('wins against an outcome that comes later', async () => {
    const id = await newCase(opened, 'guasto');
    await give(opened, id, 'invoca');
    await makeDue(opened, id, PAST);
    const { rows: [{ id: effectId }] } = await opened.admin.query(`select id from agenda where case_id = $1 and mode = 'bound'`, [id]);
    await opened.engine.recordOutcomes(id, [{ effectId, ok: true, result: {}, execution: null }]);
    expect(await kinds(id)).toEqual(['created created', 'command invoca', 'deadline scadenza', 'effect invio']);
    expect((await opened.engine.readCase(id, ['S1']))!.state.context).toMatchObject({ passi: 100 });
  });
});

describe('readers', () => {
  it('see due deadlines applied, with the version that the next command finds', async () => {
    const id = await newCase(opened, 'catena', { istanti: [...instants(3), '2099-01-01T00:00:00.000Z'] });
    const read = (await opened.engine.readCase(id, ['S1']))!;
    expect([read.version, read.state.context['passo'], read.row, read.stateName]).toEqual([4, 3, { passo: 3, tocchi: 0 }, 'passo']);
    expect(read.agenda.map(({ kind, name, due_at, state }) => ({ kind, name, due_at, state }))).toEqual([{ kind: 'deadline', name: 'scatto', due_at: new Date('2099-01-01T00:00:00.000Z'), state: 'due' }]);
    expect((await entries(opened, id))).toHaveLength(1);
    expect((await give(opened, id, 'tocca', {}, opened.people.segreteria, { ifMatch: read.version })).version).toBe(5);
  });
  it('see the end of a case, and no agenda of the state that was left', async () => {
    const id = await newCase(opened, 'guasto');
    await give(opened, id, 'invoca');
    await makeDue(opened, id, PAST);
    const read = (await opened.engine.readCase(id, ['S1']))!;
    expect([read.stateName, read.version, read.agenda]).toEqual(['fermo', 3, []]);
    const over = await inIstruttoria();
    await makeDue(opened, over, PAST);
    expect((await opened.engine.readCase(over, ['S1']))!.state).toMatchObject({ value: 'scaduta', done: true });
  });
  it('see the case as it stands where the deadline cannot be decided', async () => {
    const id = await newCase(opened, 'guasto');
    await give(opened, id, 'attendi');
    await makeDue(opened, id, PAST);
    broken.in = 'deadline';
    expect((await opened.engine.readCase(id, ['S1']))).toMatchObject({ version: 2, stateName: 'inAttesa' });
  });
});

describe('deadlines that set one another off', () => {
  it('are applied in one commit, each at its instant and with an entry of its own', async () => {
    const id = await newCase(opened, 'catena', { istanti: instants(20) });
    expect(await opened.engine.applyDeadlines(id, null)).toEqual({ applied: 20, next: null });
    expect((await opened.engine.readCase(id, ['S1']))!.state).toMatchObject({ value: 'finita', context: { visti: instants(20) } });
    expect(opened.changes).toHaveLength(2);
    expect((await entries(opened, id)).map(({ seq }) => seq)).toEqual(Array.from({ length: 21 }, (_, i) => i + 1));
    // Only the first was ever a row: the others came and went within the commit.
    expect((await opened.admin.query('select state from agenda where case_id = $1', [id])).rows).toEqual([{ state: 'fired' }]);
    await isWhole(id);
  });
  it('up to thirty-two; one more is a plugin’s mistake and suspends the case', async () => {
    const fine = await newCase(opened, 'catena', { istanti: instants(33) });
    expect((await opened.engine.applyDeadlines(fine, null)).applied).toBe(33);
    const wild = await newCase(opened, 'catena', { istanti: instants(34) });
    expect((await opened.engine.applyDeadlines(wild, null)).applied).toBe(0);
    expect(await codeOf(give(opened, wild, 'tocca'))).toBe('case-suspended');
    expect((await opened.admin.query('select detail from incidents where case_id = $1', [wild])).rows[0].detail).toContain('more than 32 deadlines');
  });
  it('take their turn by instant, together with those that were waiting', async () => {
    const id = await newCase(opened, 'catena', { istanti: [instants(3)[0]!, instants(3)[2]!] });
    // A second open deadline, as another region of the chart would have: its instant lies between the two.
    await opened.admin.query(`insert into agenda (id, case_id, kind, name, node, generation, detail, due_at) select gen_random_uuid(), case_id, kind, name, 'xstate.after.altro.catena.passo', 1, detail, $2 from agenda where case_id = $1`, [id, instants(3)[1]]);
    await opened.engine.applyDeadlines(id, null);
    expect((await opened.engine.readHistory(id, ['S1']))!.entries.slice(1).map(({ payload }: any) => payload.at)).toEqual(instants(3));
  });
  it('are left out where an earlier one of the same commit ended their state', async () => {
    const id = await newCase(opened, 'guasto');
    await give(opened, id, 'invoca');
    // An hour later the same state would have had another term.
    await opened.admin.query(`insert into agenda (id, case_id, kind, name, node, generation, detail, due_at) select gen_random_uuid(), case_id, kind, name, node, 1, detail, $2::timestamptz + interval '1 hour' from agenda where case_id = $1 and kind = 'deadline'`, [id, PAST]);
    await opened.admin.query(`update agenda set due_at = $2 where case_id = $1 and kind = 'deadline' and due_at > '2050-01-01'`, [id, PAST]);
    await opened.admin.query('update cases set next_due = $2 where id = $1', [id, PAST]);
    expect((await opened.engine.applyDeadlines(id, null)).applied).toBe(1);
    expect((await opened.admin.query(`select state from agenda where case_id = $1 and kind = 'deadline' order by due_at`, [id])).rows.map(({ state }) => state)).toEqual(['fired', 'cancelled']);
  });
});

describe('a deadline whose rule throws', () => {
  const suspended = async () => {
    const id = await newCase(opened, 'guasto');
    await give(opened, id, 'attendi');
    await makeDue(opened, id, PAST);
    broken.in = 'deadline';
    return id;
  };
  it('suspends the case: no command passes, whoever gives it, and the refusal is on record', async () => {
    const id = await suspended();
    const problem = await problemOf(give(opened, id, 'cammina'));
    expect(problem.code).toBe('case-suspended');
    const { rows: [incident] } = await opened.admin.query('select id, kind, detail from incidents where case_id = $1', [id]);
    expect(incident).toMatchObject({ id: problem.members['incident'], kind: 'deadline', detail: 'guasto: guasto in deadline' });
    broken.in = null;
    expect(await codeOf(give(opened, id, 'torna'))).toBe('case-suspended');
    expect(await kinds(id)).toEqual(['created created', 'command attendi', 'refused cammina', 'refused torna']);
    expect((await opened.engine.readCase(id, ['S1']))!).toMatchObject({ suspended: incident.id, version: 2 });
  });
  it('goes on where it stopped once an operator retries after the fix', async () => {
    const id = await suspended();
    await opened.engine.applyDeadlines(id, null);
    const { rows: [{ id: incidentId }] } = await opened.admin.query('select id from incidents where case_id = $1', [id]);
    const operator = { kind: 'user' as const, id: 'admin', role: 'admin' };
    // Retried too early: suspended again, by a new incident.
    expect((await opened.engine.resolveIncident({ incidentId, actor: operator, key: '1', reason: 'proviamo' })).how).toBe('retried');
    const { rows: open } = await opened.admin.query('select id from incidents where case_id = $1 and resolved_at is null', [id]);
    expect(open).toHaveLength(1);
    expect(await codeOf(give(opened, id, 'torna'))).toBe('case-suspended');
    broken.in = null;
    await opened.engine.resolveIncident({ incidentId: open[0].id, actor: operator, key: '2', reason: 'corretto' });
    expect((await opened.engine.readCase(id, ['S1']))!).toMatchObject({ suspended: null, stateName: 'fermo', state: { context: { passi: 100 } } });
    expect((await kinds(id)).slice(-2)).toEqual(['operator retry', 'deadline scadenza']);
    await isWhole(id);
  });
  it('opens one incident, though many notice at once', async () => {
    const id = await suspended();
    const other = opened.another();
    await Promise.all(Array.from({ length: 10 }, (_, i) => (i % 2 ? opened.engine : other.engine).applyDeadlines(id, null)));
    const { rows } = await opened.admin.query('select i.id, c.suspended from incidents i join cases c on c.id = i.case_id where c.id = $1', [id]);
    expect(rows).toHaveLength(1);
    expect(rows[0].suspended).toBe(rows[0].id);
  });
  it('keeps a bound outcome waiting behind it, performed and stored, and takes it when the case goes on', async () => {
    const id = await newCase(opened, 'guasto');
    await give(opened, id, 'invoca');
    const { rows: [{ id: effectId }] } = await opened.admin.query(`select id from agenda where case_id = $1 and mode = 'bound'`, [id]);
    await makeDue(opened, id, PAST);
    broken.in = 'deadline';
    await opened.engine.recordOutcomes(id, [{ effectId, ok: true, result: { n: 1 }, execution: null }]);
    expect((await opened.admin.query('select state, result from agenda where id = $1', [effectId])).rows[0]).toEqual({ state: 'performed', result: { ok: true, value: { n: 1 } } });
    expect(await kinds(id)).toEqual(['created created', 'command invoca']);
    broken.in = null;
    const { rows: [{ id: incidentId }] } = await opened.admin.query('select id from incidents where case_id = $1', [id]);
    await opened.engine.resolveIncident({ incidentId, actor: { kind: 'user', id: 'admin', role: 'admin' }, key: '1', reason: 'corretto' });
    expect((await opened.admin.query('select state from agenda where id = $1', [effectId])).rows[0].state).toBe('unwanted');
    expect((await opened.engine.readCase(id, ['S1']))!.state.context).toEqual({ passi: 100 });
  });
});

describe('a term of days', () => {
  it.each([['2026-03-28', '2026-03-28T23:00:00Z'], ['2026-03-29', '2026-03-29T22:00:00Z'], ['2026-10-24', '2026-10-24T22:00:00Z'], ['2026-10-25', '2026-10-25T23:00:00Z']])('of which %s is the last ends at the next local midnight', async (day, instant) => {
    await opened.admin.query(`insert into parameters (name, valid_from, value, reason, set_by) values ('ultimoGiorno', '2020-01-01', $1, 'prova', 'prova')`, [JSON.stringify(day)]);
    const id = await newCase(opened, 'termine', { giorni: 5 });
    const { rows: [row] } = await opened.admin.query('select due_at, detail from agenda where case_id = $1', [id]);
    expect(row.due_at).toEqual(new Date(instant));
    // The local date, the rule and the version of the value stand beside the instant.
    expect(row.detail).toEqual({ endOf: day, rule: '5 giorni', anchor: 'entry', parameters: [{ name: 'ultimoGiorno', version: expect.any(Number) }] });
    expect((await opened.admin.query('select next_due from cases where id = $1', [id])).rows[0].next_due).toEqual(new Date(instant));
  });
  it('is not moved by a self-transition that does not re-enter', async () => {
    await opened.admin.query(`insert into parameters (name, valid_from, value, reason, set_by) values ('ultimoGiorno', '2020-01-01', '"2098-01-01"', 'prova', 'prova')`);
    const id = await newCase(opened, 'termine');
    const agenda = async () => (await opened.admin.query('select id, due_at, state from agenda where case_id = $1', [id])).rows;
    const before = await agenda();
    await give(opened, id, 'proroga');
    expect(await agenda()).toEqual(before);
    await give(opened, id, 'chiudi');
    expect(await agenda()).toEqual([{ ...before[0], state: 'cancelled' }]);
  });
});

it('the hint on the row always names the earliest open deadline', async () => {
  const id = await newCase(opened, 'catena', { istanti: ['2098-01-01T00:00:00.000Z'] });
  const hint = async () => (await opened.admin.query('select c.next_due, (select min(due_at) from agenda where case_id = c.id and kind = $2 and state = $3) as earliest from cases c where c.id = $1', [id, 'deadline', 'due'])).rows[0];
  for (const command of ['tocca', 'ricomincia', 'tocca', 'termina', 'tocca', 'archivia']) {
    await give(opened, id, command);
    const { next_due, earliest } = await hint();
    expect([command, next_due]).toEqual([command, earliest]);
  }
  expect(await hint()).toEqual({ next_due: null, earliest: null });
});
