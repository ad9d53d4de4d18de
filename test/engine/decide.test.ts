/**
 * The decision is what an auditor folds again years later: it must come out the same, and every quirk of XState that was found by trying
 * (shared ids of delayed events, stale done events, silent refusals) must stay tamed. All of it is pure: no database here.
 */
import { describe, expect, it } from '@jest/globals';
import { createMachine } from 'xstate';
import type { PluginDefinition } from '../../plugins/contract.ts';
import { compile, deadlineName, topState } from '../../engine/decide/compile.ts';
import { acceptedEvents, begin, decide, restore } from '../../engine/decide/decide.ts';
import { DecisionError, type Accepted, type CaseState, type Refused, type StepEnvironment, type StepInput } from '../../engine/decide/types.ts';
import { defineToy } from '../toys/toy.ts';

const actor = { kind: 'user' as const, id: 'u', role: 'segreteria' };
const AT = '2026-03-02T09:00:00.000Z';
const environment: StepEnvironment = { at: AT, actor };
const MESSAGE = { does: 'message' as const, input: () => ({ template: 't', to: [], data: {} }) };
const DUE = { anchor: 'entry' as const, due: ({ context }: any) => ({ at: context.quando ?? '2026-04-01T00:00:00.000Z', rule: 'prova' }) };

/** A process made of a chart and tables; commands are whatever the chart accepts. */
function processOf(config: object, tables: Partial<PluginDefinition> = {}) {
  const commands = new Set<string>();
  const collect = (node: any): void => { Object.keys(node.on ?? {}).forEach(name => commands.add(name)); Object.values(node.states ?? {}).forEach(collect); };
  collect(config);
  return compile(defineToy<any>({ process: 'prova', machine: createMachine({ id: 'c', ...config } as never), create: { schema: {} as never, by: ['segreteria'], context: ({ data }: any) => data }, ...tables, commands: { ...Object.fromEntries([...commands].map(name => [name, {}])), ...tables.commands } } as never));
}
type Process = ReturnType<typeof processOf>;
const start = (process: Process, data: object = {}): Accepted => begin(process, { data: data as never, state: { id: 'id', createdAt: AT, parties: { scuola: 'S1' } }, environment });
const step = (process: Process, state: CaseState, input: StepInput | string, data: object = {}, at = AT): Accepted => {
  const decision = decide(process, throughDatabase(state), typeof input === 'string' ? { kind: 'command', name: input, data: data as never } : input, { ...environment, at });
  if (!decision.accepted) throw new Error(`refused: ${JSON.stringify(decision)}`);
  return decision;
};
const refused = (process: Process, state: CaseState, input: StepInput | string, data: object = {}): Refused => {
  const decision = decide(process, throughDatabase(state), typeof input === 'string' ? { kind: 'command', name: input, data: data as never } : input, environment);
  if (decision.accepted) throw new Error('accepted');
  return decision;
};
/** A state as the next transaction reads it: jsonb gives keys by length, then by bytes. */
const throughDatabase = (state: CaseState): CaseState => reordered(JSON.parse(JSON.stringify(state)));
function reordered<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(reordered) as T;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1)).map(([key, inner]) => [key, reordered(inner)])) as T;
}
const after = (name: string, node: string): StepInput => ({ kind: 'deadline', event: `xstate.after.${name}.${node}` });
const outcome = (invoke: string, ok = true, result: any = {}): StepInput => ({ kind: 'outcome', invoke, ok, result });

describe('deadlines of a decision', () => {
  const process = processOf({
    initial: 'a',
    states: {
      a: { on: { vai: 'b' } },
      b: { after: { termine: 'c' }, on: { tocca: { actions: 'tocca' }, rientra: { target: 'b', reenter: true }, torna: 'a', salta: 'd', esci: 'c' } },
      // Enters b and leaves it, and enters it again, within one step.
      d: { always: 'e' }, e: { on: { vai: 'b' } }, c: { type: 'final' },
    },
  }, { updates: { tocca: ({ context }) => ({ n: (context.n ?? 0) + 1 }) }, deadlines: { termine: DUE } });
  const inB = () => step(process, start(process).next, 'vai');

  it('arms on entry', () => {
    expect(inB().agenda).toEqual({ arm: [{ name: 'termine', event: 'xstate.after.termine.c.b', dueAt: '2026-04-01T00:00:00.000Z', due: { at: '2026-04-01T00:00:00.000Z', rule: 'prova' }, anchor: 'entry', parameters: [] }], cancel: [], owe: [], bind: [], unbind: [] });
  });
  it('cancels on leaving', () => {
    const { agenda } = step(process, inB().next, 'torna');
    expect([agenda.cancel, agenda.arm]).toEqual([['xstate.after.termine.c.b'], []]);
  });
  it('restarts nothing on a self-transition that does not re-enter', () => {
    const { agenda, next } = step(process, inB().next, 'tocca');
    expect([agenda.cancel, agenda.arm, next.context]).toEqual([[], [], { n: 1 }]);
  });
  it('cancels and arms anew on a re-entering one, though both share an id', () => {
    const { agenda } = step(process, inB().next, 'rientra');
    expect([agenda.cancel, agenda.arm.map(({ event }) => event)]).toEqual([['xstate.after.termine.c.b'], ['xstate.after.termine.c.b']]);
  });
  it('cancels what it fires, since leaving is part of firing', () => {
    const { agenda, next } = step(process, inB().next, after('termine', 'c.b'));
    expect([next.done, agenda.cancel, agenda.arm]).toEqual([true, ['xstate.after.termine.c.b'], []]);
  });
  it('folds raise, cancel, raise again to one arming, and raise, cancel to none', () => {
    const chart = (last: string) => processOf({
      initial: 'a',
      states: { a: { on: { vai: 'b' } }, b: { after: { termine: 'z' }, always: [{ guard: 'prima', target: 'x' }], on: { esci: 'z' } }, x: { entry: 'segna', always: last }, y: { on: { esci: 'z' } }, z: { type: 'final' } },
    }, { guards: { prima: ({ context }) => !context.segno }, updates: { segna: () => ({ segno: true }) }, deadlines: { termine: DUE } });
    const again = chart('b'), away = chart('y');
    expect(step(again, start(again).next, 'vai').agenda.arm).toHaveLength(1);
    expect(step(away, start(away).next, 'vai').agenda.arm).toHaveLength(0);
  });
  it('has no row for a rule that answers null', () => {
    const none = processOf({ initial: 'a', states: { a: { after: { termine: 'b' }, on: { esci: 'b' } }, b: { type: 'final' } } }, { deadlines: { termine: { anchor: 'entry', due: () => null } } });
    expect(start(none).agenda.arm).toEqual([]);
  });
  it.each([
    ['the evening before spring forward', '2026-03-28', '2026-03-28T23:00:00.000Z'],
    ['the day of 23 hours', '2026-03-29', '2026-03-29T22:00:00.000Z'],
    ['the day of 25 hours', '2026-10-25', '2026-10-25T23:00:00.000Z'],
    ['a summer day', '2026-07-15', '2026-07-15T22:00:00.000Z'],
    ['the last day of a year', '2026-12-31', '2026-12-31T23:00:00.000Z'],
    ['a leap day', '2028-02-29', '2028-02-29T23:00:00.000Z'],
  ])('ends a term of days at the next local midnight: %s', (_what, endOf, dueAt) => {
    const days = processOf({ initial: 'a', states: { a: { after: { termine: 'b' }, on: { esci: 'b' } }, b: { type: 'final' } } }, { deadlines: { termine: { anchor: 'entry', due: () => ({ endOf, rule: 'giorni' }) } } });
    expect(start(days).agenda.arm[0]).toMatchObject({ dueAt, due: { endOf, rule: 'giorni' } });
  });
  it('knows the local date on both sides of midnight', () => {
    const today = processOf({ initial: 'a', states: { a: { on: { ora: { actions: 'ora' }, esci: 'b' } }, b: { type: 'final' } } }, { updates: { ora: ({ today }) => ({ today }) } });
    const state = start(today).next;
    expect(step(today, state, 'ora', {}, '2026-03-29T21:59:59.999Z').next.context).toEqual({ today: '2026-03-29' });
    expect(step(today, state, 'ora', {}, '2026-03-29T22:00:00.000Z').next.context).toEqual({ today: '2026-03-30' });
  });
  it('brings an instant to UTC with milliseconds, so that instants compare as text', () => {
    expect(step(process, start(process, { quando: '2026-04-01T02:00:00+02:00' }).next, 'vai').agenda.arm[0]!.dueAt).toBe('2026-04-01T00:00:00.000Z');
  });
  it.each(['domani', '2026-02-30', 42])('refuses %p as an instant: the plugin broke its contract', quando => {
    expect(() => step(process, start(process, { quando }).next, 'vai')).toThrow(DecisionError);
  });
  it('tells the parameters that the rule read, with their versions', () => {
    const rated = processOf({ initial: 'a', states: { a: { after: { termine: 'b' }, on: { esci: 'b' } }, b: { type: 'final' } } }, { parameters: ['giorni'], deadlines: { termine: { anchor: 'entry', due: ({ parameter }) => ({ endOf: `2026-03-${parameter('giorni')}`, rule: 'r' }) } } });
    const parameters = [
      { name: 'giorni', organisation: null, from: '2020-01-01', to: null, value: 10, version: 1 },
      { name: 'giorni', organisation: null, from: '2026-01-01', to: null, value: 20, version: 2 },
      { name: 'giorni', organisation: 'S1', from: '2026-01-01', to: '2026-12-31', value: 25, version: 3 },
      { name: 'giorni', organisation: 'S1', from: '2027-01-01', to: null, value: 30, version: 4 },
    ];
    const { agenda } = begin(rated, { data: {}, state: { id: 'id', createdAt: AT, parties: {} }, environment: { ...environment, parameters } });
    expect(agenda.arm[0]).toMatchObject({ due: { endOf: '2026-03-25' }, parameters: [{ name: 'giorni', version: 3 }] });
    expect(() => begin(rated, { data: {}, state: { id: 'id', createdAt: AT, parties: {} }, environment })).toThrow('parameter "giorni" has no value in force on 2026-03-02');
  });
  it('reads the name of a deadline from its event, also where one name begins another', () => {
    const names = processOf({ initial: 'a', states: { a: { after: { termine: 'b', termineLungo: 'b' }, on: { esci: 'b' } }, b: { type: 'final' } } }, { deadlines: { termine: DUE, termineLungo: DUE } });
    expect(['xstate.after.termineLungo.c.a', 'xstate.after.termine.c.a', 'xstate.after.altro.c.a', 'termine'].map(event => deadlineName(names, event))).toEqual(['termineLungo', 'termine', null, null]);
  });
});

describe('effects of a decision', () => {
  const process = processOf({
    initial: 'a',
    states: {
      a: { on: { vai: 'b' } },
      b: { entry: 'lettera', invoke: { src: 'invio', onDone: { target: 'c', actions: 'riceve' }, onError: { target: 'e', actions: 'riceve' } }, on: { rientra: { target: 'b', reenter: true }, tocca: { actions: 'lettera' }, torna: 'a' } },
      c: { type: 'final' }, e: { on: { vai: 'b' } },
    },
  }, { updates: { riceve: ({ data }) => ({ esito: data }) }, effects: { lettera: MESSAGE, invio: MESSAGE } });
  const inB = () => step(process, start(process).next, 'vai');

  it('owes an action and binds an invocation', () => {
    expect(inB().agenda).toMatchObject({ owe: [{ name: 'lettera', does: 'message' }], bind: [{ name: 'invio', invoke: '0.c.b' }], unbind: [] });
  });
  it('unbinds on leaving, though a restored snapshot has no children', () => {
    expect(step(process, inB().next, 'torna').agenda).toMatchObject({ owe: [], bind: [], unbind: ['0.c.b'] });
  });
  it('unbinds and binds a new generation on re-entry', () => {
    expect(step(process, inB().next, 'rientra').agenda).toMatchObject({ bind: [{ invoke: '0.c.b' }], unbind: ['0.c.b'] });
  });
  it('neither binds nor unbinds where the state is not left', () => {
    expect(step(process, inB().next, 'tocca').agenda).toMatchObject({ owe: [{ name: 'lettera' }], bind: [], unbind: [] });
  });
  it('gives the outcome to onDone or onError', () => {
    const state = inB().next;
    expect(step(process, state, outcome('0.c.b', true, { n: 1 })).next).toMatchObject({ value: 'c', done: true, context: { esito: { n: 1 } } });
    expect(step(process, state, outcome('0.c.b', false, { code: 'x' })).next).toMatchObject({ value: 'e', context: { esito: { code: 'x' } } });
  });
  it('refuses an outcome that no state waits for, and an error never ends the chart in an error', () => {
    for (const ok of [true, false]) expect(refused(process, start(process).next, outcome('0.c.b', ok)).why).toBe('not-allowed');
  });
  it('does not bind what was left again within the step', () => {
    const passing = processOf({ initial: 'a', states: { a: { on: { vai: 'b' } }, b: { invoke: { src: 'invio', onDone: 'z', onError: 'z' }, always: 'y' }, y: { on: { esci: 'z' } }, z: { type: 'final' } } }, { effects: { invio: MESSAGE } });
    expect(step(passing, start(passing).next, 'vai').agenda).toMatchObject({ bind: [], unbind: [] });
  });
  it('takes several messages of one owed effect, but a bound one needs exactly one input', () => {
    const several = (effects: any) => processOf({ initial: 'a', states: { a: { on: { vai: 'b' } }, b: { entry: 'molte', invoke: { src: 'invio', onDone: 'z', onError: 'z' } }, z: { type: 'final' } } }, { effects });
    const two = { does: 'message' as const, input: () => [MESSAGE.input(), MESSAGE.input()] };
    const fine = several({ molte: two, invio: MESSAGE }), wrong = several({ molte: MESSAGE, invio: two });
    expect(step(fine, start(fine).next, 'vai').agenda.owe).toHaveLength(2);
    expect(() => step(wrong, start(wrong).next, 'vai')).toThrow('the bound effect "invio" needs exactly one input');
  });
  it('at the end of the case cancels and unbinds everything, and still owes what was owed', () => {
    const ending = processOf({
      initial: 'w',
      states: { w: { type: 'parallel', on: { fine: 'z' }, states: { p: { initial: 'x', states: { x: { after: { termine: 'x2' }, on: { no: 'x2' } }, x2: { type: 'final' } } }, q: { initial: 'y', states: { y: { exit: 'lettera', invoke: { src: 'invio', onDone: 'y2', onError: 'y2' } }, y2: { type: 'final' } } } } }, z: { type: 'final' } },
    }, { deadlines: { termine: DUE }, effects: { lettera: MESSAGE, invio: MESSAGE } });
    expect(step(ending, start(ending).next, 'fine')).toMatchObject({ next: { done: true }, agenda: { arm: [], cancel: ['xstate.after.termine.c.w.p.x'], bind: [], unbind: ['0.c.w.q.y'], owe: [{ name: 'lettera' }] } });
  });
  it('computes inputs, items and reservations on the context after the step', () => {
    const late = processOf({ initial: 'a', states: { a: { on: { vai: { target: 'z', actions: ['manda', 'cambia'] } } }, z: { type: 'final' } } }, { updates: { cambia: () => ({ n: 2 }) }, effects: { manda: { does: 'message', input: ({ context }) => ({ template: 't', to: [], data: { n: context.n } }) } } });
    expect(step(late, start(late, { n: 1 }).next, 'vai').agenda.owe[0]!.input).toMatchObject({ data: { n: 2 } });
  });
});

describe('the chart', () => {
  it('keeps parallel regions and answers in each', () => {
    const process = processOf({ initial: 'w', states: { w: { type: 'parallel', on: { fine: 'z' }, states: { p: { initial: 'x', states: { x: { on: { a: 'y' } }, y: { on: { indietro: 'x' } } } }, q: { initial: 'x', states: { x: { on: { b: 'y' } }, y: { on: { indietro: 'x' } } } } } }, z: { type: 'final' } } });
    let state = start(process).next;
    state = step(process, state, 'a').next;
    expect([state.value, topState(state.value), acceptedEvents(process, restore(process, state)).sort()]).toEqual([{ w: { p: 'y', q: 'x' } }, 'w', ['b', 'fine', 'indietro']]);
    state = step(process, step(process, state, 'b').next, 'indietro').next;
    expect(state.value).toEqual({ w: { p: 'x', q: 'x' } });
  });
  it.each([['shallow', { w: { s2: 't1' } }], ['deep', { w: { s2: 't2' } }]])('finds a %s history state again after a round trip through the row', (history, value) => {
    const process = processOf({
      initial: 'w',
      states: { w: { initial: 's1', on: { pausa: 'ferma' }, states: { s1: { on: { avanti: 's2' } }, s2: { initial: 't1', states: { t1: { on: { avanti: 't2' } }, t2: { on: { indietro: 't1' } } } }, ricordo: { type: 'history', history } } }, ferma: { on: { riprendi: 'w.ricordo', chiudi: 'z' } }, z: { type: 'final' } },
    } as never);
    let state = start(process).next;
    for (const command of ['avanti', 'avanti', 'pausa']) state = step(process, state, command).next;
    expect(state.historyValue).not.toBeNull();
    expect(step(process, state, 'riprendi').next.value).toEqual(value);
  });
  it('takes the regions in the order of the chart, not in that of jsonb: their updates need not commute', () => {
    const process = processOf({
      initial: 'w',
      states: { w: { type: 'parallel', on: { pausa: 'ferma' }, states: { seconda: { initial: 'q', states: { q: { on: { tocca: { actions: 'doppio' } } } } }, prima: { initial: 'p', states: { p: { on: { tocca: { actions: 'piuUno' } } } } }, ricordo: { type: 'history', history: 'deep' } } }, ferma: { on: { riprendi: 'w.ricordo', chiudi: 'z' } }, z: { type: 'final' } },
    } as never, { updates: { doppio: ({ context }) => ({ n: context.n * 2 }), piuUno: ({ context }) => ({ n: context.n + 1 }) } });
    const { next } = start(process, { n: 1 });
    for (const state of [next, step(process, step(process, next, 'pausa').next, 'riprendi').next]) expect(step(process, state, 'tocca').next.context).toEqual({ n: 3 });
    expect(step(process, next, 'pausa').next.historyValue).toEqual({ 'c.w.ricordo': ['c.w.prima.p', 'c.w.seconda.q'] });
  });
  it('stops a chart that chases its own tail, instead of hanging under the lock', () => {
    const process = processOf({ initial: 'a', states: { a: { on: { vai: 'b' } }, b: { always: 'c' }, c: { always: 'b' }, z: { type: 'final' } } });
    expect(() => step(process, start(process).next, 'vai')).toThrow(DecisionError);
    expect(() => step(process, start(process).next, 'vai')).toThrow(/100 microsteps/);
  });
  it('follows a hundred always-transitions that do end', () => {
    const process = processOf({ initial: 'a', states: { a: { on: { vai: 'b' } }, b: { always: [{ guard: 'sotto', target: 'b', actions: 'conta', reenter: true }, { target: 'z' }] }, z: { type: 'final' } } }, { guards: { sotto: ({ context }) => context.n < 90 }, updates: { conta: ({ context }) => ({ n: context.n + 1 }) } });
    expect(step(process, start(process, { n: 0 }).next, 'vai').next).toMatchObject({ value: 'z', context: { n: 90 } });
  });
  it('runs the plugin’s beginning once, not before every step as XState does', () => {
    let begun = 0;
    const process = processOf({ initial: 'a', states: { a: { entry: 'inizia', on: { vai: 'b' } }, b: { on: { vai: 'z' } }, z: { type: 'final' } } }, { updates: { inizia: () => { begun += 1; return {}; } } });
    const { next } = start(process);
    step(process, step(process, next, 'vai').next, 'vai');
    expect(begun).toBe(1);
  });
  it('takes nothing once it is done', () => {
    const process = processOf({ initial: 'a', on: { sempre: { actions: 'niente' } }, states: { a: { on: { vai: 'z' } }, z: { type: 'final' } } }, { updates: { niente: () => ({}) } });
    const { next } = step(process, start(process).next, 'vai');
    expect(refused(process, next, 'sempre')).toMatchObject({ why: 'not-allowed', allowed: [] });
  });
  it('says clearly that a stored state is not in the chart', () => {
    const process = processOf({ initial: 'a', states: { a: { on: { vai: 'z' } }, z: { type: 'final' } } });
    const state = { ...start(process).next, value: 'scomparso' };
    expect(() => step(process, state, 'vai')).toThrow(DecisionError);
    expect(() => restore(process, state)).toThrow(DecisionError);
    expect(() => restore(process, { ...start(process).next, historyValue: { 'c.x': ['c.y'] } })).toThrow(DecisionError);
  });
});

describe('refusals', () => {
  const process = processOf({
    initial: 'a',
    states: {
      a: { on: { uno: { guard: 'piccolo', target: 'z' }, scegli: [{ guard: 'piccolo', target: 'z' }, { guard: 'pari', target: 'z' }], piano: { guard: 'mai', target: 'z' }, rompi: { guard: 'rompe', target: 'z' }, nulla: {} } },
      z: { type: 'final' },
    },
  }, {
    rules: {
      piccolo: ({ data, params }) => (data.n < 10 ? null : { rule: 'piccolo', pointer: '/n', figures: { n: data.n, massimo: params.massimo ?? 9 } }),
      pari: ({ data }) => (data.n % 2 === 0 ? null : { rule: 'pari', figures: { n: data.n } }),
      rompe: ({ data }) => (data as any).manca.campo,
    },
    guards: { mai: () => false },
  });
  const state = start(process).next;

  it('carries rule, pointer and figures', () => {
    expect(refused(process, state, 'uno', { n: 11 })).toEqual({ accepted: false, why: 'rule', refusals: [{ rule: 'piccolo', pointer: '/n', figures: { n: 11, massimo: 9 } }], allowed: ['uno', 'scegli', 'piano', 'rompi'] });
  });
  it('lists every rule that said no, each once, and none where another branch holds', () => {
    expect(refused(process, state, 'scegli', { n: 11 }).refusals.map(({ rule }) => rule)).toEqual(['piccolo', 'pari']);
    expect(step(process, state, 'scegli', { n: 12 }).next.value).toBe('z');
  });
  it.each([['a plain guard', 'piano'], ['a transition that does nothing', 'nulla'], ['a command of another state', 'altrove']])('is a matter of state, not of rules: %s', (_what, command) => {
    expect(refused(process, state, command)).toMatchObject({ why: 'not-allowed', refusals: [] });
  });
  it('is never what a guard that throws gives: that is the plugin’s fault', () => {
    expect(() => step(process, state, 'rompi')).toThrow(DecisionError);
  });
  it('leaves nothing behind for the next decision', () => {
    refused(process, state, 'uno', { n: 11 });
    expect(() => step(process, state, 'rompi')).toThrow();
    expect(process.current.step).toBeNull();
    expect(refused(process, state, 'piano')).toMatchObject({ why: 'not-allowed' });
  });
  it('passes the params of the chart to rules and updates', () => {
    const params = processOf({ initial: 'a', states: { a: { on: { vai: { guard: { type: 'limite', params: { massimo: 3 } }, actions: { type: 'somma', params: { di: 5 } } }, esci: 'z' } }, z: { type: 'final' } } }, { rules: { limite: ({ data, params }) => (data.n <= params.massimo ? null : { rule: 'limite', figures: params }) }, updates: { somma: ({ params }) => ({ s: params.di }) } });
    expect(refused(params, start(params).next, 'vai', { n: 4 }).refusals).toEqual([{ rule: 'limite', figures: { massimo: 3 } }]);
    expect(step(params, start(params).next, 'vai', { n: 1 }).next.context).toEqual({ s: 5 });
  });
});

describe('the context', () => {
  const process = processOf({ initial: 'a', states: { a: { on: { metti: { actions: 'mette' }, muta: { actions: 'muta' }, mutaDati: { actions: 'mutaDati' }, esci: 'z' } }, z: { type: 'final' } } }, {
    updates: {
      mette: ({ data }) => ({ v: (data as any).v() }), muta: ({ context }) => { context.lista.push(1); return { lista: context.lista }; },
      mutaDati: ({ data }) => { data.n = 2; return { n: 2 }; },
    },
  });
  const put = (value: unknown) => decide(process, start(process, { altro: 1 }).next, { kind: 'command', name: 'metti', data: { v: () => value } as never }, environment);

  it.each<[string, unknown, string]>([
    ['NaN', Number.NaN, '/v'], ['Infinity', { x: Infinity }, '/v/x'], ['a Date', new Date(0), '/v'], ['a Map', [new Map()], '/v/0'], ['a bigint', 1n, '/v'], ['a function', { f: () => 1 }, '/v/f'], ['a hole in a list', [1, undefined], '/v/1'], ['an Error', new Error('x'), '/v'],
    ['a text that PostgreSQL cannot store', { t: 'a\u0000b' }, '/v/t'], ['half a surrogate pair', '\ud800', '/v'],
  ])('refuses %s and says where: the row would hold something else', (_what, value, where) => {
    expect(() => put(value)).toThrow(DecisionError);
    expect(() => put(value)).toThrow(where);
  });
  it('drops fields that are undefined, as the row will', () => {
    const decision = put({ x: undefined, y: [{ z: undefined }] }) as Accepted;
    expect(JSON.stringify(decision.next.context)).toBe('{"altro":1,"v":{"y":[{}]}}');
    expect(Object.keys(decision.next.context['v'] as object)).toEqual(['y']);
    expect(Object.keys((put(undefined) as Accepted).next.context)).toEqual(['altro']);
  });
  it('cannot be changed in place: what was decided on stays what it was', () => {
    const state = start(process, { lista: [0] }).next;
    expect(() => step(process, state, 'muta')).toThrow(DecisionError);
    expect(() => step(process, state, 'mutaDati', { n: 1 })).toThrow(DecisionError);
    expect(state.context).toEqual({ lista: [0] });
  });
  it('checks inputs of effects and data of items as well', () => {
    const wrong = processOf({ initial: 'a', states: { a: { on: { manda: { actions: 'manda' }, riga: { actions: 'riga' }, esci: 'z' } }, z: { type: 'final' } } }, { effects: { manda: { does: 'message', input: () => ({ template: 't', to: [], data: { n: Number.NaN } }) } }, items: { riga: () => [{ kind: 'k', key: '1', data: { d: new Date(0) } }] } });
    expect(() => step(wrong, start(wrong).next, 'manda')).toThrow('/data/n');
    expect(() => step(wrong, start(wrong).next, 'riga')).toThrow('/d');
  });
  it('checks reservations: a range must begin before it ends', () => {
    const wrong = processOf({ initial: 'a', states: { a: { on: { tieni: { actions: 'tieni' }, esci: 'z' } }, z: { type: 'final' } } }, { reservations: { tieni: ({ data }) => [{ hold: { key: 'k', resource: 'r', from: data.from, to: data.to } }] } });
    const hold = (from: string, to: string) => step(wrong, start(wrong).next, 'tieni', { from, to }).reservations;
    expect(hold('2026-05-01T10:00:00+02:00', '2026-05-01T09:00:00Z')).toEqual([{ hold: { key: 'k', resource: 'r', from: '2026-05-01T08:00:00.000Z', to: '2026-05-01T09:00:00.000Z' } }]);
    for (const [from, to] of [['2026-05-01T10:00:00.000Z', '2026-05-01T10:00:00.000Z'], ['2026-05-01T11:00:00.000Z', '2026-05-01T10:00:00.000Z'], ['ieri', 'oggi']]) expect(() => hold(from!, to!)).toThrow(DecisionError);
  });
  it('gives a number to the step, and to the case only where the command says so', () => {
    const numbered = (asCaseNumber: boolean) => processOf({ initial: 'a', states: { a: { on: { numera: { actions: 'annota' }, esci: 'z' } }, z: { type: 'final' } } }, { updates: { annota: ({ number, case: { number: own } }) => ({ visto: number!.text, proprio: own }) }, commands: { numera: { number: { register: 'r', of: 'scuola', year: 'solar', format: String, asCaseNumber } } as never } });
    const number = { register: 'r', organisation: 'S1', year: '2026', value: 7, text: '7/2026' };
    const run = (as: boolean) => decide(numbered(as), { ...start(numbered(as)).next, number: 'vecchio' }, { kind: 'command', name: 'numera', data: {} }, { ...environment, number }) as Accepted;
    expect(run(true).next).toMatchObject({ number: '7/2026', context: { visto: '7/2026', proprio: '7/2026' } });
    expect(run(false).next).toMatchObject({ number: 'vecchio', context: { visto: '7/2026', proprio: 'vecchio' } });
  });
});
