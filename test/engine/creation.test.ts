/** A case begins once per key, for one's own organisation, with parties that exist; and a draft is nobody else's business. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createMachine } from 'xstate';
import { verifyHistory } from '../../engine/history/read.ts';
import { fascicolo } from '../toys/fascicolo.ts';
import { fondo } from '../toys/fondo.ts';
import { defineToy } from '../toys/toy.ts';
import { yardstick } from '../toys/yardstick.ts';
import { codeOf, entries, give, openEngine, problemOf, type Opened } from './opened.ts';

let opened: Opened;
/** A case about one of the school's teachers. */
const incarico = defineToy<object>({
  process: 'incarico', machine: createMachine({ id: 'incarico', initial: 'aperta', states: { aperta: { on: { chiudi: 'chiusa' } }, chiusa: { type: 'final' } } }),
  parties: { scuola: { kind: 'organisation', required: true }, docente: { kind: 'person', required: true, memberOf: { party: 'scuola', roles: ['docente', 'dirigente'] } } }, roles: { segreteria: 'scuola', docente: 'scuola', dirigente: 'scuola' }, commands: { chiudi: {} },
});
beforeAll(async () => { opened = await openEngine([yardstick, fascicolo, fondo, incarico]); });
afterAll(async () => { await opened.close(); });

const create = (more: Partial<Parameters<Opened['engine']['createCase']>[0]> = {}) => opened.engine.createCase({ process: 'yardstick', data: {}, parties: { polo: 'P1' }, caller: opened.people.segreteria, key: randomUUID(), ...more });
const pointers = async (work: Promise<unknown>) => { const { code, members } = await problemOf(work); return [code, ...((members['errors'] as any[]) ?? []).map(({ pointer, message }) => `${pointer} ${message}`)]; };

describe('the key', () => {
  it('finds the case again, at once or later, with the version committed then', async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => create({ key: 'uno' })));
    const ids = new Set(answers.map(({ record }) => record.state.id));
    expect([ids.size, answers.filter(({ repeated }) => !repeated).length]).toEqual([1, 1]);
    const [id] = [...ids] as [string];
    await give(opened, id, 'presenta');
    const again = await create({ key: 'uno' });
    expect([again.repeated, again.version, again.record.version, again.record.stateName]).toEqual([true, 1, 2, 'inIstruttoria']);
    expect((await entries(opened, id)).filter(({ kind }) => kind === 'created')).toHaveLength(1);
    expect(verifyHistory((await opened.engine.readHistory(id, ['S1']))!).valid).toBe(true);
  });
  it('is refused for other data, other parties or another profile of the same person', async () => {
    await create({ key: 'due' });
    const both = { ...opened.people.segreteria, organisation: 'S2', principals: ['S2', opened.people.segreteria.userId] };
    for (const more of [{ data: { nota: 'x' } }, { parties: { polo: 'P1', scuola: 'S1' } }, { caller: both }]) expect(await codeOf(create({ key: 'due', ...more }))).toBe('idempotency-key-reused');
  });
  it('belongs to its caller and process', async () => {
    const mine = await create({ key: 'tre' }), other = await create({ key: 'tre', caller: opened.people.altraScuola }), process = await create({ key: 'tre', process: 'fascicolo' });
    expect(new Set([mine, other, process].map(({ record }) => record.state.id)).size).toBe(3);
  });
  it('of the process itself is taken once, by whomever', async () => {
    const fund = (caller = opened.people.operatorePolo) => create({ process: 'fondo', data: { anno: '2030' }, parties: {}, caller });
    const { record } = await fund();
    expect((await problemOf(fund())).members).toEqual({ case: record.state.id });
  });
});

describe('the parties', () => {
  it.each<[string, Record<string, string>, string[]]>([
    ['one missing', {}, ['invalid', '/parties/polo required']],
    ['one that does not exist', { polo: 'P9' }, ['invalid', '/parties/polo unknown organisation']],
    ['one that the process does not know', { polo: 'P1', comune: 'P1' }, ['invalid', '/parties/comune no such party']],
    ['another’s organisation', { polo: 'P1', scuola: 'S2' }, ['forbidden']],
  ])('must be right: %s', async (_what, parties, said) => {
    expect(await pointers(create({ parties }))).toEqual(said);
  });
  it('that must belong to an organisation of the case do so in one of the roles, there and now', async () => {
    const about = (docente: string, scuola = 'S1') => create({ process: 'incarico', parties: { scuola, docente } }), { userId } = opened.people.genitore;
    const refused = ['invalid', '/parties/docente has none of the roles'];
    const join = (organisation: string, role: string) => opened.admin.query('insert into memberships (user_id, organisation, role) values ($1, $2, $3)', [userId, organisation, role]);
    expect(await pointers(about('luigi'))).toEqual(refused);
    await join('S2', 'docente');
    await join('S1', 'segreteria');
    expect(await pointers(about('luigi'))).toEqual(refused);
    expect(await pointers(about(userId))).toEqual(refused);
    expect(await pointers(about('nessuno', 'S9'))).toEqual(['forbidden']);
    await join('S1', 'dirigente');
    expect((await about('luigi')).record.state.parties).toEqual({ scuola: 'S1', docente: userId });
    await opened.admin.query(`delete from memberships where user_id = $1 and organisation = 'S1'`, [userId]);
    expect(await pointers(about(userId))).toEqual(refused);
  });
  it('that are people are named by user name or id, and must exist and not be disabled', async () => {
    const { record } = await create({ process: 'fascicolo', parties: { famiglia: 'luigi' } });
    expect(record.state.parties).toEqual({ scuola: 'S1', famiglia: opened.people.genitore.userId });
    expect((await create({ process: 'fascicolo', parties: { famiglia: opened.people.genitore.userId } })).record.state.parties).toEqual(record.state.parties);
    expect(await pointers(create({ process: 'fascicolo', parties: { famiglia: 'nessuno' } }))).toEqual(['invalid', '/parties/famiglia unknown user']);
    await opened.admin.query(`update users set disabled = true where username = 'anna'`);
    expect(await pointers(create({ process: 'fascicolo', parties: { famiglia: 'anna' } }))).toEqual(['invalid', '/parties/famiglia unknown user']);
  });
  it('can be the same organisation twice', async () => {
    await opened.admin.query(`insert into organisations (code, name, kind) values ('X1', 'Scuola e polo', 'polo')`);
    const caller = { ...opened.people.segreteria, organisation: 'X1', principals: ['X1', opened.people.segreteria.userId] };
    const { record } = await create({ caller, parties: { polo: 'X1' } });
    await give(opened, record.state.id, 'presenta', {}, caller);
    expect((await opened.admin.query('select count(*)::int as n from case_access where case_id = $1', [record.state.id])).rows[0].n).toBe(1);
  });
});

it('is refused to other roles, for unknown processes and against the schema, and leaves nothing behind', async () => {
  const { rows: [{ count }] } = await opened.admin.query('select count(*) from cases');
  expect(await codeOf(create({ caller: opened.people.operatorePolo }))).toBe('forbidden');
  expect(await codeOf(create({ caller: opened.people.docente }))).toBe('forbidden');
  expect(await codeOf(create({ process: 'inesistente' }))).toBe('not-found');
  expect(await pointers(create({ invalid: [{ pointer: '/x', message: 'no' }] }))).toEqual(['invalid', '/x no']);
  expect(await codeOf(create({ parties: { polo: 'P\u0000' } }))).toBe('malformed');
  expect((await opened.admin.query('select count(*) from cases')).rows[0].count).toBe(count);
});

it('a draft is one row of access, its author’s organisation; a case that begins beyond the draft is everybody’s', async () => {
  const access = async (id: string) => (await opened.admin.query('select principal, state from case_access where case_id = $1 order by principal', [id])).rows;
  const { record: draft } = await create();
  expect([draft.draft, await access(draft.state.id)]).toEqual([true, [{ principal: 'S1', state: 'bozza' }]]);
  await give(opened, draft.state.id, 'presenta');
  expect(await access(draft.state.id)).toEqual([{ principal: 'P1', state: 'inIstruttoria' }, { principal: 'S1', state: 'inIstruttoria' }]);
  const { record: fund } = await create({ process: 'fondo', data: { anno: '2029' }, parties: {}, caller: opened.people.operatorePolo });
  expect([fund.draft, await access(fund.state.id)]).toEqual([false, [{ principal: 'P1', state: 'aperto' }]]);
});
