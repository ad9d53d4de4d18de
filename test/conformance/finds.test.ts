/** The conformance tests themselves: what they are there to find, they find. */
import { describe, expect, it } from '@jest/globals';
import { createMachine } from 'xstate';
import { Type } from 'typebox';
import fc from 'fast-check';
import { compile } from '../../engine/decide/compile.ts';
import type { MessageInput, Plugin } from '../../plugins/contract.ts';
import { appuntamento } from '../toys/appuntamento.ts';
import { richiestaCertificato } from '../toys/richiestaCertificato/plugin.ts';
import { commands } from '../../plugins/istruzione-domiciliare/process/commands.ts';
import { arbitraryOf } from './arbitraries.ts';
import { inputsOf, leaks, reachable } from './checks.ts';
import { strictAjv, walk } from './walks.ts';

const WALKS = { walks: 10, steps: 10, relaxed: true };

describe('the walks', () => {
  it('come to every state of a small chart', () => {
    const { states, effects, thrown } = walk(richiestaCertificato, { ...WALKS, walks: 30 });
    expect(new Set(states.map(({ state }) => state.value))).toEqual(new Set(['bozza', 'presentata', 'inRitardo', 'rilasciata', 'respinta']));
    expect(new Set(effects.map(({ name }) => name))).toEqual(new Set(['avvisaRilascio', 'avvisaRifiuto', 'ricordaRilascio']));
    expect(thrown).toEqual([]);
  });

  it('are the same every time', () => {
    expect(walk(richiestaCertificato, WALKS).states).toEqual(walk(richiestaCertificato, WALKS).states);
  });

  it('draw only payloads that the schema accepts', () => {
    for (const { schema } of Object.values(commands)) {
      const validate = strictAjv().compile(JSON.parse(JSON.stringify(schema)));
      fc.assert(fc.property(arbitraryOf(schema as any), value => validate(JSON.parse(JSON.stringify(value)))), { numRuns: 30 });
    }
    expect(() => arbitraryOf(Type.Object({ when: Type.String({ format: 'hostname' }) }) as any)).toThrow(/no values for the format hostname/);
  });

  it('tell what a rule throws', () => {
    const careless: Plugin = { ...richiestaCertificato, rules: { usoTraPrivati: ({ context }) => (context.numero.length > 0 ? null : { rule: 'x' }) } };
    expect(walk(careless, { ...WALKS, relaxed: false }).thrown[0]).toMatch(/presenta in "bozza": [\s\S]*Cannot read properties of null/);
  });
});

describe('a calendar', () => {
  it('whose changes do not reach everybody who was invited is found', () => {
    const untold = (plugin: Plugin) => new Set(walk(plugin, { ...WALKS, walks: 30 }).untold);
    expect(untold(appuntamento)).toEqual(new Set());
    const forgetful: Plugin = { ...appuntamento, effects: { ...appuntamento.effects, invita: { does: 'message', input: ({ context, data }) => ({ template: 'appuntamento', to: data.dal ? ['famiglia'] : ['famiglia', 'docente'], data: { dal: context.dal }, invitation: true }) } } };
    expect(untold(forgetful)).toEqual(new Set(['docente is not told of sposta']));
  });
  it('that ends before it begins is found', () => {
    const confused: Plugin = { ...appuntamento, calendar: step => { const entry = appuntamento.calendar!(step); return entry && { ...entry, from: entry.to, to: entry.from }; } };
    expect(walk(confused, { ...WALKS, relaxed: false }).thrown[0]).toMatch(/the calendar after [\s\S]* before it begins/);
  });
});

describe('what is sealed', () => {
  it('is found in a row, in a search and in a message', () => {
    const stored = (plugin: Plugin) => leaks(plugin, walk(plugin, WALKS), ({ states, effects }) => [effects, states.map(({ state: { context, parties, number } }) => [plugin.projection.row({ context, parties }), plugin.projection.search({ context, parties, number })])]);
    const projecting = (projection: Partial<Plugin['projection']>): Plugin => ({ ...richiestaCertificato, projection: { ...richiestaCertificato.projection, ...projection } });
    expect(stored(richiestaCertificato)).toEqual([]);
    expect(stored(projecting({ row: ({ context }) => ({ di: context.alunno.cognome }) }))).not.toEqual([]);
    expect(stored(projecting({ search: ({ context }) => [`certificato di ${context.alunno.nome}`] }))).not.toEqual([]);
    const telling: Plugin = { ...richiestaCertificato, effects: { ...richiestaCertificato.effects, avvisaRilascio: { does: 'message', input: ({ context }) => ({ template: 'rilascio', to: [], data: { alunno: context.alunno } }) } } };
    expect(leaks(telling, walk(telling, { ...WALKS, walks: 30 }), ({ effects }) => effects)).not.toEqual([]);
  });
});

describe('a chart', () => {
  it('with a state to which nothing leads is found', () => {
    const machine = createMachine({ id: 'isola', initial: 'a', states: { a: { on: { vai: 'b' } }, b: { initial: 'c', states: { c: {}, d: {} } }, e: { type: 'final' } } });
    const { root } = compile({ ...richiestaCertificato, machine, rules: {}, updates: {}, effects: {}, deadlines: {} }).machine;
    expect([...reachable(root)].sort()).toEqual(['', 'a', 'b', 'b.c']);
  });
});

it('the inputs of effects are known without a walk', () => {
  expect(inputsOf<MessageInput>(richiestaCertificato, [], 'message').map(({ template }) => template).sort()).toEqual(['rifiuto', 'rilascio', 'ritardo']);
});
