/** What every toy has in common, so that a toy shows only its point: labels are its own names, everything else is empty. */
import { Type } from 'typebox';
import { definePlugin, type LabelSet, type Plugin, type PluginDefinition } from '../../plugins/contract.ts';
import { chartNames } from '../../plugins/definePlugin.ts';

/** Any object. */
export const anything = Type.Object({}, { additionalProperties: true });

type ToyDefinition<C extends object> = Pick<PluginDefinition<C>, 'process' | 'machine'> & Partial<Omit<PluginDefinition<C>, 'process' | 'machine' | 'commands'>> & {
  /** Without `by`, the `segreteria` of the `scuola` gives it. */
  commands: Record<string, Partial<PluginDefinition<C>['commands'][string]>>;
};

const named = (names: Iterable<string>) => Object.fromEntries([...names].map(name => [name, name]));

/** A process of a school and an optional polo, unless the toy says otherwise. */
export function definitionOf<C extends object>(toy: ToyDefinition<C>): PluginDefinition<C> {
  const parties = toy.parties ?? { scuola: { kind: 'organisation' as const, required: true }, polo: { kind: 'organisation' as const, required: false } };
  const roles = toy.roles ?? { segreteria: 'scuola', operatorePolo: 'polo' };
  const commands = Object.fromEntries(Object.entries(toy.commands).map(([name, command]) => [name, { schema: anything, by: ['segreteria'], ...command }]));
  const labels: LabelSet = {
    process: toy.process, states: named(chartNames(toy.machine).states), commands: named(Object.keys(commands)), roles: named(Object.keys(roles)), parties: named(Object.keys(parties)),
    deadlines: named(Object.keys(toy.deadlines ?? {})), effects: named(Object.keys(toy.effects ?? {})), attachments: named(Object.keys(toy.attachments ?? {})), fields: {}, refusals: {},
    documents: named(Object.keys(toy.documents ?? {})), tasks: named(Object.keys(toy.tasks ?? {})), forms: named(Object.keys(toy.forms ?? {})), exports: named(Object.keys(toy.exports ?? {})),
  };
  return {
    version: 1, drafts: [], create: { schema: anything, by: ['segreteria'], context: () => ({}) as C }, rules: {}, updates: {}, deadlines: {}, effects: {}, sealed: [],
    projection: { row: () => ({}), search: () => [], view: ({ context }) => context as any, visibility: {}, protected: [] },
    labels: { it: labels, en: labels }, ...toy, parties, roles, commands,
  };
}

export function defineToy<C extends object>(toy: ToyDefinition<C>): Plugin {
  return definePlugin(definitionOf(toy));
}
