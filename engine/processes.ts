/** The processes of an installation, compiled once: by name and version. */
import type { Plugin } from '../plugins/contract.ts';
import { compile, type CompiledProcess } from './decide/compile.ts';
import { Problem } from './problems.ts';

/** A case whose version this program does not know: another program (newer) may. Worth a retry, not an incident. */
export class UnknownVersionError extends Error {
  override name = 'UnknownVersionError';
}

export interface Processes {
  /** The current version of every process. */
  all(): CompiledProcess[];
  /** Throws Problem `not-found`. */
  current(process: string): CompiledProcess;
  /** Throws {@link UnknownVersionError}. */
  version(process: string, version: number): CompiledProcess;
}

/** Refuses two plugins of one name and version. */
export function createProcesses(plugins: Plugin[]): Processes {
  const byVersion = new Map<string, CompiledProcess>(), newest = new Map<string, CompiledProcess>();
  for (const plugin of plugins) {
    const key = `${plugin.process}/${plugin.version}`;
    if (byVersion.has(key)) throw new Error(`process ${key} is registered twice`);
    const process = compile(plugin);
    byVersion.set(key, process);
    const known = newest.get(plugin.process);
    if (!known || known.plugin.version < plugin.version) newest.set(plugin.process, process);
  }
  return {
    all: () => [...newest.values()],
    current(process) {
      const found = newest.get(process);
      if (!found) throw new Problem('not-found', `There is no process "${process}".`);
      return found;
    },
    version(process, version) {
      const found = byVersion.get(`${process}/${version}`);
      if (!found) throw new UnknownVersionError(`process ${process} version ${version} is not known to this program`);
      return found;
    },
  };
}
