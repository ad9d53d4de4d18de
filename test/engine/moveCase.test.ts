/**
 * A running case moved to a newer version of its process: what runs goes on, what is new begins, the history says who did it and why,
 * and folds again through both versions. A dry run writes nothing.
 */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createMachine } from 'xstate';
import type { OldCase } from '../../plugins/contract.ts';
import { moveCases, readMoveOptions } from '../../worker/commands/moveCases.ts';
import { exportOf, rechained, verify } from '../history/exported.ts';
import { anything, defineToy } from '../toys/toy.ts';
import { codeOf, give, newCase, openEngine, type Opened } from './opened.ts';

const IN_A_YEAR = () => ({ endOf: '2036-01-31', rule: 'norma' });
const lettera = { does: 'message' as const, input: () => ({ template: 't', to: [], data: {} }) };

/** Waits for an answer, with a term; version 2 asks for a second signature, with a term of its own, and counts the first. */
const v1 = defineToy<{ letto: boolean }>({
  process: 'firma', version: 1, sealed: ['letto'],
  machine: createMachine({ id: 'firma', initial: 'attesa', states: { attesa: { after: { termine: 'scaduta' }, on: { leggi: { actions: 'segna' }, firma: 'fine' } }, scaduta: { on: { firma: 'fine' } }, fine: { type: 'final' } } }),
  create: { schema: anything, by: ['segreteria'], context: () => ({ letto: false }) },
  commands: { leggi: {}, firma: {} }, updates: { segna: () => ({ letto: true }) }, deadlines: { termine: { anchor: 'entry', due: IN_A_YEAR } },
});
const v2 = defineToy<{ letto: boolean; firme: number }>({
  process: 'firma', version: 2, sealed: ['letto'],
  machine: createMachine({
    id: 'firma', initial: 'attesa',
    states: {
      attesa: { after: { termine: 'scaduta', promemoria: { actions: 'ricorda' } }, on: { leggi: { actions: 'segna' }, firma: { target: 'controfirma', actions: 'conta' } } },
      controfirma: { on: { firma: { target: 'fine', actions: 'conta' } } }, scaduta: { on: { firma: 'controfirma' } }, fine: { type: 'final' },
    },
  }),
  create: { schema: anything, by: ['segreteria'], context: () => ({ letto: false, firme: 0 }) },
  commands: { leggi: {}, firma: {} }, updates: { segna: () => ({ letto: true }), conta: ({ context }) => ({ firme: context.firme + 1 }) }, effects: { ricorda: lettera },
  deadlines: { termine: { anchor: 'entry', due: IN_A_YEAR }, promemoria: { anchor: 'entry', due: () => ({ endOf: '2035-12-31', rule: 'norma' }) } },
  projection: { row: ({ context }) => ({ firme: context.firme }), search: ({ context }) => [`firme${context.firme}`], view: ({ context }) => context as never, visibility: {}, protected: [] },
  migrate: (old: OldCase) => (old.context['letto'] === true ? { value: old.value, context: { ...old.context, firme: 0 } } : { refused: 'nobody has read it yet' }),
});
/** The plugin of an author who forgot a case. */
const v3 = defineToy<object>({ ...v2, version: 3, commands: v2.commands, migrate: () => { throw new Error('no such field'); } });

let old: Opened, engine: Opened['engine'], newest: Opened['engine'];
beforeAll(async () => {
  old = await openEngine([v1]);
  engine = old.another({ plugins: [v1, v2] }).engine;
  newest = old.another({ plugins: [v1, v2, v3] }).engine;
});
afterAll(async () => { await old.close(); });

const operator = { kind: 'system' as const, id: 'operator:anna', role: 'operatore' };
const move = (caseId: string, more: Partial<Parameters<typeof engine.moveCase>[0]> = {}) => engine.moveCase({ caseId, to: 2, actor: operator, reason: 'nuova firma', key: 'move/2', dryRun: false, ...more });
const begun = async (...commands: string[]) => {
  const id = await newCase(old, 'firma', {}, {});
  for (const command of commands) await give(old, id, command);
  return id;
};
const rowOf = async (id: string) => (await old.admin.query('select process_version, version, seq, state, "row" from cases where id = $1', [id])).rows[0];
const terms = async (id: string) => (await old.admin.query(`select name from agenda where case_id = $1 and kind = 'deadline' and state = 'due' order by due_at`, [id])).rows.map(({ name }) => name);

describe('a dry run', () => {
  it('says what would become of the case and writes nothing', async () => {
    const id = await begun('leggi'), before = await rowOf(id);
    expect(await move(id, { dryRun: true })).toEqual({ caseId: id, from: 1, to: 2, result: 'moved', state: { before: 'attesa', after: 'attesa' }, deadlines: { begin: ['promemoria'], end: [] } });
    expect(await rowOf(id)).toEqual(before);
    expect(await terms(id)).toEqual(['termine']);
  });
  it('goes over every living case, each for itself', async () => {
    const [ready, unread, over] = [await begun('leggi'), await begun(), await begun('firma')];
    const lines: string[] = [];
    const report = await moveCases(engine, async after => (await old.admin.query(`select id from cases where id = any ($1) and not done and id > $2 order by id limit 2`, [[ready, unread, over], after])).rows.map(row => row.id), readMoveOptions(['firma', '--to', '2']), line => lines.push(line));
    expect(report).toEqual({ moved: 1, already: 0, refused: 1, failed: 0 });
    expect(lines.join('\n')).toContain('nobody has read it yet');
    expect((await rowOf(ready)).process_version).toBe(1);
  });
});

describe('a move', () => {
  it('keeps the terms that run, begins the new ones, and the case goes on by the new chart', async () => {
    const id = await begun('leggi');
    expect(await move(id)).toMatchObject({ result: 'moved', from: 1, to: 2 });
    expect(await rowOf(id)).toMatchObject({ process_version: 2, state: 'attesa', row: { firme: 0 } });
    expect(await terms(id)).toEqual(['promemoria', 'termine']);
    expect((await old.admin.query('select words from case_search where case_id = $1', [id])).rows).toEqual([{ words: 'firme0' }]);
    // A program that remembers the old version notices under the lock.
    for (const state of ['controfirma', 'fine']) {
      const { record } = await engine.giveCommand({ caseId: id, command: 'firma', data: {}, caller: old.people.segreteria, key: state });
      expect(record.stateName).toBe(state);
    }
    const entry = (await engine.readHistory(id, ['S1']))!.entries.find(({ kind }) => kind === 'migration')!;
    expect(entry).toMatchObject({ name: 'move', from: 'attesa', to: 'attesa', actor: { kind: 'system', id: 'operator:anna' }, payload: { input: { from: 1, to: 2, reason: 'nuova firma' } } });
  });
  it('folds again through both versions, and a forged version is found', async () => {
    const id = await begun('leggi');
    await move(id);
    await engine.giveCommand({ caseId: id, command: 'firma', data: {}, caller: old.people.segreteria, key: 'f' });
    const document = await exportOf({ engine, people: old.people }, id);
    const { code, text } = await verify([document], [v1, v2], '--refold');
    expect({ code, text }).toEqual({ code: 0, text: expect.stringMatching(/4 decisions folded again through firma version 2/) });
    const forged = await verify([rechained({ ...document, case: { ...document.case, processVersion: 1 } })], [v1, v2], '--refold');
    expect(forged).toEqual({ code: 1, text: expect.stringMatching(/the row is of version 1; the entries leave it at 2/) });
  });
  it('is done once, however often it is asked for', async () => {
    const id = await begun('leggi');
    const results = await Promise.all([move(id), move(id), move(id)]);
    expect(results.map(({ result }) => result).sort()).toEqual(['already', 'already', 'moved']);
    expect((await engine.readHistory(id, ['S1']))!.entries.filter(({ kind }) => kind === 'migration')).toHaveLength(1);
  });
  it.each<[string, string[], object, string]>([
    ['a case that has ended', ['firma'], {}, 'conflict'],
    ['to a version that is not there', ['leggi'], { to: 9 }, 'invalid'],
  ])('refuses %s', async (_case, commands, more, code) => {
    const id = await begun(...commands);
    expect(await codeOf(move(id, more))).toBe(code);
  });
  it('refuses what the plugin refuses, and says when the plugin throws; the case stays as it is', async () => {
    const unread = await begun(), before = await rowOf(unread);
    expect(await move(unread)).toMatchObject({ result: 'refused', why: 'nobody has read it yet' });
    const read = await begun('leggi');
    expect(await newest.moveCase({ caseId: read, to: 3, actor: operator, reason: 'prova', key: 'k', dryRun: false })).toMatchObject({ result: 'failed', why: expect.stringContaining('no such field') });
    expect(await rowOf(unread)).toEqual(before);
    expect(await rowOf(read)).toMatchObject({ process_version: 1 });
  });
});

describe('the command', () => {
  it.each([[[]], [['firma']], [['firma', '--to', 'x']], [['firma', '--to', '2', '--apply']], [['firma', '--to', '2', '--apply', '--reason', 'perché sì']], [['firma', '--wrong']]])('refuses %j', args => {
    expect(() => readMoveOptions(args)).toThrow(/Usage/);
  });
});
