/** CPU and memory of the parts of an installation, read from /proc: what a benchmark on one machine must not hide. */
import { readdirSync, readFileSync } from 'node:fs';
import type { Installation } from '../test/crash/installation.ts';

/** Milliseconds of CPU since each process began, by part. */
export type Cpu = Record<Part, number>;
export const PARTS = ['postgres', 'postgresOfTemporal', 'temporal', 'api', 'worker'] as const;
export type Part = (typeof PARTS)[number];

/** Of one clock tick: Linux has 100 in a second on every machine that Node runs on. */
const TICK_MS = 10;

interface Stat { pid: number; parent: number; ms: number; reapedMs: number; name: string }

function stat(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const ticks = (index: number) => Number(fields[index]) * TICK_MS;
    return { pid, parent: Number(fields[1]), ms: ticks(11) + ticks(12), reapedMs: ticks(13) + ticks(14), name: '' };
  } catch {
    return null;
  }
}

function children(parent: number): Stat[] {
  const found: Stat[] = [];
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const each = stat(Number(name));
    if (each?.parent !== parent) continue;
    try {
      each.name = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      continue;
    }
    found.push(each);
  }
  return found;
}

/** Sessions of Temporal's databases are told apart by their process titles; all else (sessions of cases, log writer, checkpointer) is `postgres`. */
export function readCpu(installation: Installation): Cpu {
  const postmaster = stat(installation.postgresPid());
  const sessions = children(installation.postgresPid());
  const ofTemporal = sessions.filter(({ name }) => / temporal(_visibility)? /.test(name)).reduce((sum, { ms }) => sum + ms, 0);
  const all = sessions.reduce((sum, { ms }) => sum + ms, 0) + (postmaster ? postmaster.ms + postmaster.reapedMs : 0);
  const own = (pid: () => number) => { try { return stat(pid())?.ms ?? 0; } catch { return 0; } };
  return {
    postgres: all - ofTemporal, postgresOfTemporal: ofTemporal, temporal: own(() => installation.temporalPid()),
    api: own(() => installation.api.pid), worker: own(() => installation.worker.pid),
  };
}

export const subtract = (after: Cpu, before: Cpu): Cpu => Object.fromEntries(PARTS.map(part => [part, after[part] - before[part]])) as Cpu;
export const scale = (cpu: Cpu, factor: number): Cpu => Object.fromEntries(PARTS.map(part => [part, cpu[part] * factor])) as Cpu;
export const total = (cpu: Cpu): number => PARTS.reduce((sum, part) => sum + cpu[part], 0);

/** Resident memory in MiB. */
export function memoryOf(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

/** Milliseconds for which any core of the machine was busy: what others did at the same time shows in the difference. */
export function readMachine(): number {
  const fields = readFileSync('/proc/stat', 'utf8').split('\n')[0]!.trim().split(/\s+/).slice(1).map(Number);
  // user, nice, system, irq, softirq, steal.
  return [0, 1, 2, 5, 6, 7].reduce((sum, index) => sum + (fields[index] ?? 0), 0) * TICK_MS;
}
