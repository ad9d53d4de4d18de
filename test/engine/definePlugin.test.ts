/**
 * A mistake in a plugin must be found when the program starts, by the one who wrote it: each refusal names the process and the piece.
 * Without this file a forgotten name would be met by a school, months later, in the one state that uses it.
 */
import { describe, expect, it } from '@jest/globals';
import { createMachine } from 'xstate';
import { definePlugin, type PluginDefinition } from '../../plugins/contract.ts';
import { PluginError } from '../../plugins/definePlugin.ts';
import { anything, definitionOf } from '../toys/toy.ts';

const chart = (states: Record<string, object>, more: object = {}) => createMachine({ id: 'prova', initial: Object.keys(states)[0]!, states, ...more } as never);
const sound = (): PluginDefinition => definitionOf<any>({
  process: 'prova',
  machine: chart({
    aperta: { after: { termine: 'chiusa' }, on: { chiudi: { target: 'chiusa', guard: 'regola', actions: ['annota', 'spedisce', 'riga', 'prende'] } }, invoke: { src: 'chiede', onDone: 'chiusa', onError: 'chiusa' } },
    chiusa: { type: 'final' },
  }),
  commands: { chiudi: {} }, rules: { regola: () => null }, updates: { annota: () => ({}) }, items: { riga: () => [] }, reservations: { prende: () => [] },
  deadlines: { termine: { anchor: 'entry', due: () => null } },
  effects: { spedisce: { does: 'message', input: () => ({ template: 't', to: [], data: {} }) }, chiede: { does: 'message', input: () => ({ template: 't', to: [], data: {} }) } },
});

/** The problems found in the sound definition after `spoil`. */
function problemsOf(spoil: (definition: any) => void): string[] {
  const definition: any = sound();
  spoil(definition);
  try {
    definePlugin(definition);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(PluginError);
    expect((error as PluginError).message).toContain(`"${definition.process}"`);
    return (error as PluginError).problems;
  }
}
const offering = (states: string[]) => (definition: any) => { definition.offers = { in: states, scope: () => 's', resource: () => 'r', offer: () => ({}), slots: () => [], terms: () => ({}), bookable: () => true }; };
const withStates = (states: Record<string, object>, more: object = {}) => (definition: any) => {
  const names = (all: Record<string, any>, path = ''): string[] => Object.entries(all).flatMap(([key, node]) => [`${path}${key}`, ...names(node.states ?? {}, `${path}${key}.`)]);
  definition.machine = chart(states, more);
  for (const language of ['it', 'en']) definition.labels[language] = { ...definition.labels[language], states: Object.fromEntries(names(states).map(name => [name, name])) };
};
const only = (states: Record<string, object>, more: object = {}) => (definition: any) => {
  withStates(states, more)(definition);
  Object.assign(definition, { deadlines: {}, effects: {} });
};

describe('definePlugin', () => {
  it('accepts a sound plugin and freezes it', () => {
    expect(Object.isFrozen(definePlugin(sound()))).toBe(true);
  });

  const chiudi = { chiudi: 'chiusa' }, chiusa = { type: 'final' };
  it.each<[string, (definition: any) => void, string]>([
    ['a process name that is no URL part', d => { d.process = 'Prova 1'; }, 'the process name must be lower case letters, digits and hyphens'],
    ['a version that is no whole number', d => { d.version = 0.5; }, 'the version must be a whole number from 1'],
    ['a command of the chart without a definition', d => { delete d.commands.chiudi; d.commands.altro = { schema: anything, by: ['segreteria'] }; }, 'command "chiudi" of the chart has no definition'],
    ['a command that no state accepts', d => { d.commands.altro = { schema: anything, by: ['segreteria'] }; }, 'command "altro" is accepted in no state of the chart'],
    ['a command without a schema', d => { delete d.commands.chiudi.schema; }, 'command "chiudi" has no schema'],
    ['a command that nobody may give', d => { d.commands.chiudi.by = []; }, 'command "chiudi" can be given by nobody'],
    ['a person who belongs to what is no organisation', d => { d.parties.docente = { kind: 'person', required: true, memberOf: { party: 'istituto', roles: ['segreteria'] } }; }, 'party "docente" is a member of "istituto", which is no organisation of this process'],
    ['a person who belongs to it in an unknown role', d => { d.parties.docente = { kind: 'person', required: true, memberOf: { party: 'scuola', roles: ['preside'] } }; }, 'party "docente" is a member in the unknown role "preside"'],
    ['a person who belongs to it in no role', d => { d.parties.docente = { kind: 'person', required: true, memberOf: { party: 'scuola', roles: [] } }; }, 'party "docente" is a member in no role'],
    ['an organisation that belongs to another', d => { d.parties.polo.memberOf = { party: 'scuola', roles: ['segreteria'] }; }, 'party "polo" is no person: it is nobody\'s member'],
    ['a command of an unknown role', d => { d.commands.chiudi.by = ['preside']; }, 'command "chiudi" names the unknown role "preside"'],
    ['a command with an unknown attachment', d => { d.commands.chiudi.attachments = [['foto']]; }, 'command "chiudi" needs the unknown attachment "foto"'],
    ['a command that joins and decides', d => { d.commands.chiudi.joins = () => ''; d.commands.chiudi.members = () => ''; }, 'command "chiudi" both joins and decides over a scope: only one of the two'],
    ['a number in the register of an unknown party', d => { d.commands.chiudi.number = { register: 'r', of: 'comune', year: 'solar', format: String }; }, 'command "chiudi" numbers in the register of the unknown party "comune"'],
    ['a command without a label', d => { delete d.labels.en.commands.chiudi; }, 'label en.commands.chiudi is missing'],
    ['a state without a label', d => { d.labels.it = { ...d.labels.it, states: {} }; }, 'label it.states.aperta is missing'],
    ['a deadline without a label', d => { d.labels.it = { ...d.labels.it, deadlines: {} }; }, 'label it.deadlines.termine is missing'],
    ['an effect without a label', d => { d.labels.en = { ...d.labels.en, effects: {} }; }, 'label en.effects.chiede is missing'],
    ['a role without a label', d => { d.labels.it = { ...d.labels.it, roles: {} }; }, 'label it.roles.segreteria is missing'],
    ['a language without labels', d => { delete d.labels.en; }, 'labels in "en" are missing'],
    ['a deadline without a rule', d => { d.deadlines = {}; }, 'deadline "termine" at aperta has no rule'],
    ['a deadline that the chart does not use', d => { d.deadlines.altro = { anchor: 'entry', due: () => null }; }, 'deadline "altro" is used nowhere in the chart'],
    ['a deadline with a dot in its name', only({ aperta: { after: { 'a.b': 'chiusa' } }, chiusa }), 'deadline "a.b" at aperta: a deadline has a plain name'],
    ['a bound effect without a rule', d => { delete d.effects.chiede; }, 'effect "chiede" at aperta has no rule'],
    ['an effect that the chart does not use', d => { d.effects.altro = { does: 'message', input: () => [] }; }, 'effect "altro" is used nowhere in the chart'],
    ['time offered in no state', offering([]), 'time is offered in no state'],
    ['time offered in an unknown state', offering(['altrove']), 'time is offered in "altrove", which is no top-level state of the chart'],
    ['time offered in a draft', d => { offering(['aperta'])(d); d.drafts = ['aperta']; }, 'time is offered in the draft state "aperta": nobody else sees it'],
    ['an action without a home', d => { d.updates = {}; }, 'action "annota" at aperta on chiudi must be in exactly one of updates, items, effects, reservations, partyUpdates (found in 0)'],
    ['an action with two homes', d => { d.items.annota = () => []; }, 'action "annota" at aperta on chiudi must be in exactly one of updates, items, effects, reservations, partyUpdates (found in 2)'],
    ['a guard without a home', d => { d.rules = {}; }, 'guard "regola" at aperta on chiudi must be in exactly one of rules, guards'],
    ['a guard with two homes', d => { d.guards = { regola: () => true }; }, 'guard "regola" at aperta on chiudi must be in exactly one of rules, guards'],
    ['a state that nobody can leave', only({ aperta: { on: { chiudi: 'persa' } }, persa: {} }), 'state "persa" can never be left'],
    ['a state that only goes back to itself', only({ aperta: { on: { chiudi: 'aperta' } } }), 'state "aperta" can never be left'],
    ['a substate that nobody can leave', only({ aperta: { initial: 'x', states: { x: {} } }, chiusa }), 'state "aperta.x" can never be left'],
    ['an inline function', only({ aperta: { on: { chiudi: { target: 'chiusa', guard: () => true } } }, chiusa }), 'inline function at chart.states.aperta.on.chiudi.guard: give it a name and put it in rules.ts'],
    ['an inline delay', only({ aperta: { after: { 1000: 'chiusa' }, on: chiudi }, chiusa }), 'inline delay 1000 at aperta: name the deadline and give it a rule'],
    ['an invoke without onError', d => { withStates({ aperta: { after: { termine: 'chiusa' }, invoke: { src: 'chiede', onDone: 'chiusa' }, entry: 'spedisce', on: chiudi }, chiusa })(d); }, 'invoke "chiede" at aperta has no onError: what happens when it fails for good?'],
    ['an invoke with an id', d => { withStates({ aperta: { after: { termine: 'chiusa' }, invoke: { id: 'mio', src: 'chiede', onDone: 'chiusa', onError: 'chiusa' }, entry: 'spedisce', on: chiudi }, chiusa })(d); }, 'invoke "chiede" at aperta has an id: outcomes are matched by node and generation'],
    ['an invoke of no name', only({ aperta: { invoke: { src: { type: 'x' }, onDone: 'chiusa', onError: 'chiusa' }, on: chiudi }, chiusa }), 'invoke at aperta names no effect'],
    ['a wildcard event', only({ aperta: { on: { '*': 'chiusa', chiudi: 'chiusa' } }, chiusa }), 'event "*" at aperta: a command has a plain name'],
    ['a role of an unknown party', d => { d.roles.preside = 'istituto'; }, 'role "preside" belongs to the unknown party "istituto"'],
    ['a creation by an unknown role', d => { d.create = { ...d.create, by: ['preside'] }; }, 'create names the unknown role "preside"'],
    ['a creation without a schema', d => { d.create = { ...d.create, schema: undefined }; }, 'create has no schema'],
    ['a creation by nobody', d => { d.create = { ...d.create, by: [] }; }, 'a case can be created by nobody'],
    ['a visibility of an unknown role', d => { d.projection = { ...d.projection, visibility: { campo: ['preside'] } }; }, 'visibility of "campo" names the unknown role "preside"'],
    ['an attachment of an unknown role', d => { d.attachments = { foto: { by: ['preside'] } }; for (const l of ['it', 'en']) d.labels[l] = { ...d.labels[l], attachments: { foto: 'foto' } }; }, 'attachment "foto" names the unknown role "preside"'],
    ['a command that carries an unknown form', d => { d.commands.chiudi.forms = { modello: '' }; }, 'command "chiudi" carries the unknown form "modello"'],
    ['a form in a field that there is not', d => { d.forms = { modello: { version: 1, schema: anything, hints: {}, by: [] } }; d.commands.chiudi.forms = { modello: 'campo' }; }, 'command "chiudi" carries the form "modello" in "campo", which its schema has not'],
    ['two forms in one place that nothing tells apart', d => { d.forms = { a: { version: 1, schema: anything, hints: {}, by: [], is: { tipo: 'a' } }, b: { version: 1, schema: anything, hints: {}, by: [] } }; d.commands.chiudi.forms = { a: '', b: '' }; }, 'command "chiudi" carries the form "b" where it carries another: say with "is" which it is'],
    ['a form that somebody edits and that has no room for it', d => { d.forms = { modello: { version: 1, schema: anything, hints: {}, by: [], editableBy: 'polo' } }; }, 'form "modello" is editable, but its schema has no "campiAggiuntivi"'],
    ['an unknown draft', d => { d.drafts = ['bozza']; }, 'draft state "bozza" is not in the chart'],
    ['a draft with an agenda', d => { d.drafts = ['aperta']; }, 'draft state "aperta" has an agenda (termine, chiede): a draft waits for nobody'],
    ['a chart whose whole is parallel', only({ a: { initial: 'x', states: { x: { on: { chiudi: 'y' } }, y: { type: 'final' } } } }, { type: 'parallel', initial: undefined }), 'the chart itself is parallel: put the regions into a state, whose name lists can show'],
  ])('refuses %s', (_what, spoil, problem) => {
    expect(problemsOf(spoil)).toContain(problem);
  });

  it('tells everything that is wrong at once', () => {
    expect(problemsOf(d => { d.deadlines = {}; d.updates = {}; d.version = -1; }).length).toBeGreaterThanOrEqual(3);
  });
});
