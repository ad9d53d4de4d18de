/**
 * Part of `npm run verify`: a released chart never changes, since cases began with it and their history must fold again through it.
 * Compares the charts as they are now with those of the last release (git tag `v*`).
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import canonicalize from 'canonicalize';
import { chartFileOf, chartOf, type Chart } from '../generate/charts.ts';
import { loadPlugins } from '../generate/loadPlugins.ts';

/** `problems` empty: no released chart has changed, or there is nothing to compare with (`said` tells which). */
export interface ChartsCheck { said: string; problems: string[] }

export async function checkCharts(root: string): Promise<ChartsCheck> {
  const tag = git(root, 'describe', '--tags', '--abbrev=0', '--match', 'v*')?.trim();
  if (!tag) return { said: 'No release to compare with: this is no git clone, or it has no tag v* in its history.', problems: [] };
  const paths = (git(root, 'ls-tree', '-r', '--name-only', tag, '--', 'plugins/') ?? '').split('\n').filter(path => /^plugins\/[^/]+\/chart\.v\d+\.json$/.test(path));
  const { loaded, problems } = await loadPlugins(root);
  const charts = new Map(loaded.map(each => [chartFileOf(each.folder, each.plugin.version), chartOf(root, each)]));
  for (const path of paths) {
    const released = JSON.parse(git(root, 'show', `${tag}:./${path}`)!) as Chart;
    const now = charts.get(path), of = `${released.process} version ${released.version}, released in ${tag},`;
    if (!now) problems.push(`${of} is gone: cases that began with it could not go on. Bring back plugins/${released.process}/plugin-v${released.version}.ts and process-v${released.version}/.`);
    else problems.push(...differences(released, now).map(what => `${of} has changed: ${what}. ${remedy(released, loaded.find(({ folder, plugin }) => folder === released.process && plugin.version === released.version)!.file)}`));
  }
  return { said: `${paths.length} charts of ${tag} compared.`, problems };
}

function remedy({ process, version }: Chart, file: string): string {
  const folder = `plugins/${process}`;
  if (file !== 'plugin.ts') return `Undo it: only the newest version may be worked on, in ${folder}/process/.`;
  return `Copy ${folder}/process/ of the release to process-v${version}/ and plugin.ts to plugin-v${version}.ts (its imports from ./process-v${version}/, its export with V${version} at the end), raise the version in plugin.ts to ${version + 1}, then npm run generate.`;
}

/** One text for each part that differs. */
function differences(released: Chart, now: Chart): string[] {
  const isSame = (a: unknown, b: unknown) => canonicalize(a) === canonicalize(b);
  const keys = (a: object, b: object) => [...new Set([...Object.keys(a), ...Object.keys(b)])];
  const commands = keys(released.commands, now.commands).filter(name => !isSame(released.commands[name] ?? null, now.commands[name] ?? null));
  const sources = keys(released.sources, now.sources).filter(file => released.sources[file] !== now.sources[file]);
  return [
    ...(isSame(released.machine, now.machine) ? [] : ['its chart']), ...(isSame(released.create, now.create) ? [] : ['the schema that begins a case']),
    ...(commands.length > 0 ? [`the schema of ${commands.join(', ')}`] : []), ...(isSame([released.drafts, released.sealed], [now.drafts, now.sealed]) ? [] : ['its drafts or sealed fields']),
    ...(sources.length > 0 ? [`its sources ${sources.join(', ')}`] : []),
  ];
}

/** Null when git is missing or refuses. */
function git(root: string, ...args: string[]): string | null {
  const { status, stdout } = spawnSync('git', ['-C', root, ...args], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return status === 0 ? stdout : null;
}

if (import.meta.main) {
  const { said, problems } = await checkCharts(join(import.meta.dirname, '..', '..'));
  console.log([said, ...problems].join('\n'));
  process.exitCode = problems.length > 0 ? 1 : 0;
}
