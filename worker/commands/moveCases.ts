/**
 * `npm run cases:move -- <process> --to <version> [--case <id>]… [--apply --reason "…" --by <name>]`: moves running cases to another version
 * of their process. Without --apply it is a dry run over every live case: what would become of each, and nothing is written.
 */
import { parseArgs } from 'node:util';
import { createPools, run } from '../../database/pools.ts';
import { CASES_TO_MOVE } from '../../database/statements.ts';
import type { MovedCase } from '../../engine/commit/moveCase.ts';
import { createEngine, type Engine } from '../../engine/engine.ts';
import { Problem } from '../../engine/problems.ts';
import { createProcesses } from '../../engine/processes.ts';
import type { Plugin } from '../../plugins/contract.ts';
import { plugins } from '../../plugins/registry.ts';
import { ConfigError, loadConfig, type Config } from '../config.ts';
import { StartError } from '../homeLock.ts';
import { withInstallationDatabase } from '../installationDatabase.ts';
import { printLine } from '../progress.ts';

const USAGE = 'Usage: npm run cases:move -- <process> --to <version> [--case <id>]… [--apply --reason "why" --by "who"]';
const PAGE = 500;

export interface MoveOptions { process: string; to: number; cases: string[]; apply: boolean; reason: string; by: string }
export interface MoveReport { moved: number; already: number; refused: number; failed: number }

/** Throws StartError for arguments that do not fit. */
export function readMoveOptions(args: string[]): MoveOptions {
  const { values, positionals } = (() => {
    try {
      return parseArgs({ args, allowPositionals: true, options: { to: { type: 'string' }, case: { type: 'string', multiple: true }, apply: { type: 'boolean' }, reason: { type: 'string' }, by: { type: 'string' } } });
    } catch (error) {
      throw new StartError(`${(error as Error).message}\n${USAGE}`);
    }
  })();
  const [process, ...more] = positionals, to = Number(values.to);
  if (process === undefined || more.length > 0 || !Number.isInteger(to) || to < 1) throw new StartError(USAGE);
  const { apply = false, reason = '', by = '' } = values;
  if (apply && (reason.trim().length < 3 || by.trim() === '')) throw new StartError(`A move stays in the history of each case: say why and who (--reason, --by).\n${USAGE}`);
  return { process, to, cases: values.case ?? [], apply, reason: apply ? reason.trim() : 'dry run', by: apply ? by.trim() : 'dry run' };
}

/** Each case for itself: one that cannot be moved keeps no other from it. Run again it goes on with those that are left. */
export async function moveCases(engine: Engine, find: (after: string) => Promise<string[]>, options: MoveOptions, tell: (line: string) => void): Promise<MoveReport> {
  const report: MoveReport = { moved: 0, already: 0, refused: 0, failed: 0 };
  const ids = async function* () {
    if (options.cases.length > 0) { yield* options.cases; return; }
    for (let page = await find('00000000-0000-0000-0000-000000000000'); page.length > 0; page = await find(page.at(-1)!)) yield* page;
  };
  for await (const caseId of ids()) {
    const { result, line } = await moveOne(engine, caseId, options);
    report[result] += 1;
    tell(line);
  }
  return report;
}

async function moveOne(engine: Engine, caseId: string, { process, to, apply, reason, by }: MoveOptions): Promise<{ result: MovedCase['result']; line: string }> {
  try {
    const found = await engine.processOf(caseId);
    if (found?.plugin.process !== process) throw new Problem('not-found', found ? `It is a case of "${found.plugin.process}".` : 'There is no such case.');
    const moved = await engine.moveCase({ caseId, to, actor: { kind: 'system', id: `operator:${by}`, role: 'operatore' }, reason, key: `move/${to}`, dryRun: !apply });
    const { from, state, deadlines, why } = moved;
    const changes = [state.before === state.after ? state.after : `${state.before} → ${state.after}`, ...deadlines.begin.map(name => `+${name}`), ...deadlines.end.map(name => `-${name}`)].join(' ');
    return { result: moved.result, line: `${caseId}  ${from} → ${to}  ${moved.result}  ${why ?? changes}` };
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    return { result: error.code === 'conflict' ? 'refused' : 'failed', line: `${caseId}  ${error.code}  ${error.message}` };
  }
}

async function main(config: Config, options: MoveOptions, known: Plugin[]): Promise<number> {
  const processes = createProcesses(known), version = processes.current(options.process).plugin.version;
  if (options.to > version) throw new StartError(`"${options.process}" has no version ${options.to}: the newest is ${version}.`);
  return await withInstallationDatabase(config, async databaseUrl => {
    const pools = createPools(databaseUrl, config.masterKeys, { read: 1, commit: 2, worker: 1 });
    try {
      const engine = createEngine({ pools, processes, masterKey: config.masterKeys, log: { info() {}, warn() {}, error: (fields, message) => printLine(`${message} ${JSON.stringify(fields)}`) } });
      const find = async (after: string) => (await run(pools.commit, CASES_TO_MOVE, [options.process, options.to, after, PAGE])).rows.map(({ id }) => id as string);
      const { moved, already, refused, failed } = await moveCases(engine, find, options, printLine);
      printLine(`${options.apply ? 'Moved' : 'Dry run, nothing is written: would move'} ${moved}; ${already} already there, ${refused} refused, ${failed} failed.`);
      return refused + failed > 0 ? 1 : 0;
    } finally {
      await pools.end();
    }
  });
}

if (import.meta.main) {
  try {
    process.exitCode = await main(loadConfig(), readMoveOptions(process.argv.slice(2)), plugins);
  } catch (error) {
    process.stderr.write(`${error instanceof ConfigError || error instanceof StartError || error instanceof Problem ? error.message : (error as Error).stack}\n`);
    process.exitCode = 1;
  }
}
