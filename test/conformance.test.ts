/**
 * What every process must hold to, asked of each one that is registered. Whoever adds a process adds no test here:
 * these find its folder, its chart and its words by themselves.
 */
import { describe, expect, it } from '@jest/globals';
import { Validator } from '@seriousme/openapi-schema-validator';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { createActor, type AnyStateNode } from 'xstate';
import { splitContext } from '../engine/commit/caseRecord.ts';
import { compile, topState } from '../engine/decide/compile.ts';
import { restore } from '../engine/decide/decide.ts';
import { parameterReader } from '../engine/decide/step.ts';
import { mermaidDiagram } from '../engine/decide/diagram.ts';
import { createProcesses } from '../engine/processes.ts';
import { romeDate } from '../plugins/calendar.ts';
import type { CommandInput, MessageInput } from '../plugins/contract.ts';
import { chartNames } from '../plugins/definePlugin.ts';
import { plugins } from '../plugins/registry.ts';
import { textsIn } from './conformance/arbitraries.ts';
import { inputsOf, leaks, reachable } from './conformance/checks.ts';
import { strictAjv, walk, type Walked } from './conformance/walks.ts';

const ROOT = join(import.meta.dirname, '..');
const newest = createProcesses(plugins).all().map(({ plugin }) => plugin);

describe.each(plugins.map(plugin => [`${plugin.process} version ${plugin.version}`, plugin] as const))('%s', (_name, plugin) => {
  const process = compile(plugin), names = chartNames(plugin.machine), folder = join(ROOT, 'plugins', plugin.process);
  const strict = walk(plugin, { walks: 40, steps: 15, relaxed: false }), relaxed = walk(plugin, { walks: 60, steps: 40, relaxed: true });
  const states = [...strict.states, ...relaxed.states], effects = [...strict.effects, ...relaxed.effects];

  describe('chart', () => {
    it('has no state that cannot be reached', () => {
      const reached = reachable(process.machine.root);
      expect(names.states.filter(path => !reached.has(path))).toEqual([]);
    });

    it('restores every state from its lean snapshot', () => {
      const { state } = states[0]!;
      for (const path of names.states) {
        const resolved = process.machine.resolveState({ value: valueOf(path), context: state.context });
        const again = restore(process, JSON.parse(JSON.stringify({ ...state, value: resolved.value, done: resolved.status === 'done' })));
        expect(again._nodes.map(node => node.path.join('.'))).toContain(path);
        expect(again.value).toEqual(resolved.value);
        const { status } = createActor(process.machine, { snapshot: process.machine.getPersistedSnapshot(again) } as any).getSnapshot();
        expect(status).toBe(isOver(process.machine.root, path) ? 'done' : 'active');
      }
    });

    it('uses every rule, guard, update, deadline and effect that it names, and has a word for each', () => {
      const used = new Set([...names.actions, ...names.guards, ...names.deadlines, ...names.invokes].map(({ name }) => name));
      const declared = [plugin.rules, plugin.guards, plugin.updates, plugin.items, plugin.reservations, plugin.partyUpdates, plugin.deadlines, plugin.effects].flatMap(table => Object.keys(table ?? {}));
      expect(declared.filter(name => !used.has(name))).toEqual([]);
    });
  });

  describe('commands', () => {
    it('have schemas that a strict validator and OpenAPI understand', async () => {
      const named = { create: plugin.create.schema, ...Object.fromEntries(Object.entries(plugin.commands).map(([name, { schema }]) => [name, schema])) };
      const schemas: Record<string, object> = JSON.parse(JSON.stringify(named));
      for (const [name, schema] of Object.entries(schemas)) expect(() => strictAjv().compile({ ...schema, $id: name })).not.toThrow();
      const document = { openapi: '3.1.0', info: { title: plugin.process, version: '1' }, paths: {}, components: { schemas } };
      expect(await new Validator().validate(document)).toMatchObject({ valid: true });
    });

    it('are given by somebody', () => {
      const nobody = Object.entries(plugin.commands).filter(([, { by, from }]) => by.length === 0 && (from ?? []).length === 0).map(([name]) => name);
      expect(nobody).toEqual([]);
      expect([...plugin.create.by, ...plugin.create.from ?? []]).not.toEqual([]);
    });

    it('are shown to people exactly when people may give them', () => {
      expect(Object.entries(plugin.commands).filter(([, { by, hidden }]) => (by.length === 0) !== (hidden ?? false)).map(([name]) => name)).toEqual([]);
    });

    it('never make the procedure throw, whatever a valid payload holds', () => {
      expect(strict.thrown.slice(0, 3)).toEqual([]);
    });
  });

  describe('effects', () => {
    it('send messages that have a template and go to parties', () => {
      for (const { template, to } of inputsOf<MessageInput>(plugin, effects, 'message')) {
        expect(Object.keys(plugin.messages ?? {})).toContain(template);
        for (const party of to) expect(Object.keys(plugin.parties)).toContain(party);
      }
    });

    it('send commands that the other process takes from this one', () => {
      for (const input of inputsOf<CommandInput>(plugin, effects, 'command')) {
        const other = newest.find(each => each.process === input.process);
        expect([input.process, other !== undefined]).toEqual([input.process, true]);
        expect([input.command, other!.commands[input.command]?.from ?? []]).toEqual([input.command, expect.arrayContaining([plugin.process])]);
        if ('key' in input.target) expect(other!.create.key && other!.create.from).toEqual(expect.arrayContaining([plugin.process]));
      }
    });

    it('are what the processes named in `from` really send', () => {
      for (const [command, { from = [] }] of Object.entries(plugin.commands)) {
        for (const sender of from) {
          const other = newest.find(each => each.process === sender);
          const sent = other ? inputsOf<CommandInput>(other, [], 'command').map(input => `${input.process} ${input.command}`) : [];
          // An effect that makes one command per item says nothing of nobody's items: then its source names both.
          const named = sourcesOf(join(ROOT, 'plugins', sender)).map(file => readFileSync(file, 'utf8')).join();
          expect([sender, command, sent.includes(`${plugin.process} ${command}`) || other !== undefined && [plugin.process, command].every(name => named.includes(`'${name}'`))]).toEqual([sender, command, true]);
        }
      }
    });

    it('tell whoever was invited by mail of each change', () => expect([...new Set([...strict.untold, ...relaxed.untold])]).toEqual([]));

    it('carry nothing that is kept sealed', () => {
      // What documents say is sealed with the commit, and so is whom a broadcast writes to, and what.
      const written = ({ effects: sent }: typeof strict) => sent.map(({ documents: _sealed, broadcast: _sealedToo, ...effect }) => effect);
      expect(leaks(plugin, strict, written).concat(leaks(plugin, relaxed, written))).toEqual([]);
    });
  });

  describe('projection', () => {
    const shown = states.map(({ state, items, parameters, at }) => ({
      state, view: plugin.projection.view({ context: state.context, parties: state.parties, items: items.filter(({ kind }) => plugin.projection.items?.includes(kind)), today: romeDate(at), parameter: parameterReader(parameters, romeDate(at), state.parties) }),
    }));
    const fields = new Set(shown.flatMap(({ view }) => Object.keys(view)));

    it('puts nothing into rows and searches that is kept sealed', () => {
      const stored = ({ states: seen }: Walked) => seen.map(({ state: { context, parties, number } }) => [plugin.projection.row({ context, parties }), plugin.projection.search({ context, parties, number })]);
      expect(leaks(plugin, strict, stored).concat(leaks(plugin, relaxed, stored))).toEqual([]);
    });

    it('hides and protects fields that the view has', () => {
      expect([...Object.keys(plugin.projection.visibility), ...plugin.projection.protected].filter(field => !fields.has(field))).toEqual([]);
    });

    it('seals fields that the context has', () => {
      const known = new Set(states.flatMap(({ state }) => Object.keys(state.context)));
      expect(plugin.sealed.filter(field => !known.has(field))).toEqual([]);
    });

    it('keeps the open part of the case small', () => {
      for (const { state } of states) expect(JSON.stringify(splitContext(process, state.context).open).length).toBeLessThan(65_536);
    });

    it('has a word in both languages for every field, and no empty word', () => {
      const rows = states.flatMap(({ state: { context, parties } }) => Object.keys(plugin.projection.row({ context, parties })));
      for (const labels of [plugin.labels.it, plugin.labels.en]) {
        expect([...new Set([...fields, ...rows])].filter(field => labels.fields[field] === undefined)).toEqual([]);
        expect(textsIn(labels).filter(text => text.trim() === '')).toEqual([]);
      }
      expect(keysOf(plugin.labels.en)).toEqual(keysOf(plugin.labels.it));
    });
  });

  describe('folder', () => {
    const sources = sourcesOf(folder);

    it('explains every refusal', () => {
      const inSources = sources.flatMap(file => [...readFileSync(file, 'utf8').matchAll(/\{ rule: '(\w+)'/g)].map(match => match[1]!));
      const refusals = new Set([...inSources, ...[...strict.refusals, ...relaxed.refusals].map(({ rule }) => rule)]);
      for (const labels of [plugin.labels.it, plugin.labels.en]) expect([...refusals].filter(rule => labels.refusals[rule] === undefined)).toEqual([]);
    });

    it('has a README with its purpose, a glossary and the diagram of its chart', () => {
      const file = join(folder, 'README.md'), text = existsSync(file) ? readFileSync(file, 'utf8') : '';
      expect(text).toMatch(/^# .+\n\n(?!#)[^\n]{40,}/);
      // A heading, or the table itself.
      expect(text).toMatch(/^#+ .*glossar|^\| *(word|parola) *\| *(meaning|significato) *\|/im);
      if (newest.includes(plugin)) expect(text).toContain(`<!-- diagram -->\n\`\`\`mermaid\n${mermaidDiagram(plugin, 'it')}\`\`\`\n<!-- /diagram -->`);
    });

    it('imports nothing of another process, nor of the engine', () => {
      const foundation = ['contract.ts', 'calendar.ts'].map(file => join(ROOT, 'plugins', file));
      const outside = sources.flatMap(file => [...readFileSync(file, 'utf8').matchAll(/(?:from|import\()\s*'(\.[^']+)'/g)].map(match => resolve(dirname(file), match[1]!)));
      expect(outside.filter(target => !target.startsWith(`${folder}/`) && !foundation.includes(target))).toEqual([]);
    });
  });
});

it('registers every folder of plugins/', () => {
  const folders = readdirSync(join(ROOT, 'plugins'), { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => name).sort();
  expect([...new Set(plugins.map(({ process }) => process))]).toEqual(folders);
});

/** The state value that names a state and nothing beside it. */
const valueOf = (path: string): any => path.split('.').reduceRight<any>((inner, key) => (inner === undefined ? key : { [key]: inner }), undefined);
const isOver = (root: AnyStateNode, path: string): boolean => (root.states[topState(valueOf(path))] as AnyStateNode).type === 'final';

function sourcesOf(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts')).map(file => join(folder, file));
}

/** Every path of names in a label set. */
function keysOf(value: object, path = ''): string[] {
  return Object.entries(value).flatMap(([key, inner]) => (typeof inner === 'string' ? [`${path}${key}`] : keysOf(inner, `${path}${key}.`))).sort();
}
