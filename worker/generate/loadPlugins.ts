/** Finds the plugins by their folders: the list of processes is what lies there, and nobody keeps it by hand. */
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin } from '../../plugins/contract.ts';

export interface LoadedPlugin {
  /** Folder in plugins/, which is the process's name too. */
  folder: string;
  /** `plugin.ts`, or `plugin-v1.ts` of a version that running cases keep. */
  file: string;
  /** The one name that the file exports. */
  name: string;
  /** Folder of its chart, rules and commands, within `folder`. */
  process: string;
  plugin: Plugin;
}

const camelCase = (folder: string): string => folder.replaceAll(/-(.)/g, (_match, letter: string) => letter.toUpperCase());

/** Loads every plugin under `root`, by folder and then by version, oldest first. Each problem names its file. */
export async function loadPlugins(root: string): Promise<{ loaded: LoadedPlugin[]; problems: string[] }> {
  const loaded: LoadedPlugin[] = [], problems: string[] = [];
  const folders = readdirSync(join(root, 'plugins'), { withFileTypes: true }).filter(entry => entry.isDirectory()).map(({ name }) => name).sort();
  for (const folder of folders) {
    const files = readdirSync(join(root, 'plugins', folder)).filter(name => /^plugin(-v\d+)?\.ts$/.test(name));
    if (!files.includes('plugin.ts')) problems.push(`plugins/${folder} has no plugin.ts: a folder there is a process`);
    const versions: LoadedPlugin[] = [];
    for (const file of files) {
      const found = await loadPlugin(root, folder, file);
      if (typeof found === 'string') problems.push(`plugins/${folder}/${file}: ${found}`);
      else versions.push(found);
    }
    versions.sort((a, b) => a.plugin.version - b.plugin.version);
    for (const [i, { file, plugin }] of versions.entries()) if (versions[i + 1]?.plugin.version === plugin.version) problems.push(`plugins/${folder}/${file} and ${versions[i + 1]!.file} are both version ${plugin.version}: raise the one in plugin.ts`);
    if (versions.length > 0 && versions.at(-1)!.file !== 'plugin.ts') problems.push(`plugins/${folder}/plugin.ts must hold the newest version`);
    loaded.push(...versions);
  }
  return { loaded, problems };
}

async function loadPlugin(root: string, folder: string, file: string): Promise<LoadedPlugin | string> {
  const suffix = /-v(\d+)/.exec(file)?.[1];
  const name = camelCase(folder) + (suffix === undefined ? '' : `V${suffix}`), process = suffix === undefined ? 'process' : `process-v${suffix}`;
  let exports: Record<string, unknown>;
  try {
    exports = await import(pathToFileURL(join(root, 'plugins', folder, file)).href) as Record<string, unknown>;
  } catch (error) {
    return error instanceof Error && error.name === 'PluginError' ? error.message : `cannot be loaded: ${(error as Error).stack ?? String(error)}`;
  }
  const names = Object.keys(exports);
  if (names.length !== 1 || names[0] !== name) return `must export exactly \`${name}\`, not ${names.join(', ') || 'nothing'}`;
  const plugin = exports[name] as Plugin;
  if (plugin?.checked !== true) return `\`${name}\` must be made by definePlugin`;
  if (plugin.process !== folder) return `is the process "${plugin.process}" in a folder of another name`;
  if (suffix !== undefined && plugin.version !== Number(suffix)) return `is version ${plugin.version}`;
  if (!existsSync(join(root, 'plugins', folder, process))) return `has no folder ${process}/ beside it`;
  return { folder, file, name, process, plugin };
}
