/** An effect that writes to many, decided: its words and recipients go apart from the agenda, which is not encrypted, and a plugin's slips are found. */
import { describe, expect, it } from '@jest/globals';
import { createMachine } from 'xstate';
import { begin } from '../../engine/decide/decide.ts';
import { compile } from '../../engine/decide/compile.ts';
import { AgendaFold } from '../../engine/commit/agendaFold.ts';
import type { BroadcastInput } from '../../plugins/contract.ts';
import { defineToy, definitionOf } from '../toys/toy.ts';
import { definePlugin } from '../../plugins/definePlugin.ts';

const machine = createMachine({ id: 'avviso', initial: 'aperta', states: { aperta: { entry: 'avvisa', on: { chiudi: 'chiusa' } }, chiusa: { type: 'final' } } });
const words = () => ({ subject: '', text: '', sms: '' });
const BROADCASTS = { avviso: { version: 2, it: words, en: words } };
const INPUT: BroadcastInput = { template: 'avviso', from: 'scuola', to: { families: { schoolYear: '2026/27', pupils: ['A1'] } }, channels: ['email'], data: { alunno: 'Luca Rossi' } };
const toy = (input: BroadcastInput | BroadcastInput[]) => defineToy({ process: 'avviso', machine, commands: { chiudi: {} }, effects: { avvisa: { does: 'broadcast', input: () => input } }, broadcasts: BROADCASTS });
const beginning = (input: BroadcastInput | BroadcastInput[]) => begin(compile(toy(input)), { data: {}, state: { id: 'c', createdAt: '2026-11-22T08:00:00.000Z', parties: { scuola: 'S1' } }, environment: { at: '2026-11-22T08:00:00.000Z', actor: { kind: 'system', id: 'system', role: 'system' } } });

describe('an effect that writes to many', () => {
  it('leaves the agenda its template alone', () => {
    const decision = beginning([INPUT, { ...INPUT, data: {} }]);
    expect(decision.agenda.owe.map(({ input }) => input)).toEqual([{ template: 'avviso' }, { template: 'avviso' }]);
    const fold = new AgendaFold('2026-11-22T08:00:00.000Z');
    fold.merge(decision, 1);
    expect(fold.broadcasts.map(({ name, input }) => [name, input])).toEqual([['avvisa', INPUT], ['avvisa', { ...INPUT, data: {} }]]);
    expect(new Set(fold.broadcasts.map(({ agendaId }) => agendaId))).toEqual(new Set(fold.added.map(({ id }) => id)));
  });
  it('of an unknown template, or of somebody who is no organisation, is the plugin’s fault', () => {
    expect(() => beginning({ ...INPUT, template: 'altro' })).toThrow(/unknown broadcast "altro"/);
    expect(() => beginning({ ...INPUT, from: 'famiglia' })).toThrow(/no organisation/);
  });
  it('needs words: a plugin without any is refused', () => {
    const { broadcasts: _none, ...definition } = definitionOf({ process: 'avviso', machine, commands: { chiudi: {} }, effects: { avvisa: { does: 'broadcast', input: () => INPUT } }, broadcasts: BROADCASTS });
    expect(() => definePlugin(definition)).toThrow(/there are no broadcasts/);
    expect(() => definePlugin({ ...definition, broadcasts: { avviso: { ...BROADCASTS.avviso, version: 0 } } })).toThrow(/broadcast "avviso": the version/);
  });
});
