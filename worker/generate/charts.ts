/** What a released version of a process is, as a file beside it: plugins/<process>/chart.v<N>.json. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LoadedPlugin } from './loadPlugins.ts';

export interface Chart {
  process: string;
  version: number;
  /** The statechart's configuration. */
  machine: unknown;
  /** JSON Schema of the data that begin a case, and of every command's. */
  create: unknown;
  commands: Record<string, unknown>;
  drafts: string[];
  sealed: string[];
  /** SHA-256 of every source of its rules, by path in the process's folder. */
  sources: Record<string, string>;
}

export const chartFileOf = (folder: string, version: number): string => `plugins/${folder}/chart.v${version}.json`;

export function chartOf(root: string, { folder, process, plugin }: LoadedPlugin): Chart {
  const { types: _types, ...machine } = plugin.machine.config as Record<string, unknown>;
  const chart: Chart = {
    process: plugin.process, version: plugin.version, machine, create: plugin.create.schema,
    commands: Object.fromEntries(Object.entries(plugin.commands).map(([name, { schema }]) => [name, schema])),
    drafts: plugin.drafts, sealed: plugin.sealed, sources: digestSources(join(root, 'plugins', folder, process)),
  };
  // As it will be read: without what JSON does not know.
  return JSON.parse(JSON.stringify(chart)) as Chart;
}

function digestSources(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts') && !file.endsWith('.test.ts')).map(file => file.replaceAll('\\', '/')).sort();
  // A checkout may have its own line ends.
  return Object.fromEntries(files.map(file => [file, createHash('sha256').update(readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n')).digest('hex')]));
}
