/** What waits for the caller in the profile in force, oldest first. What a deputy sees is the absent person's. */
import type { Router } from 'express';
import { countTasks, listTasks, type TaskCount, type TaskPosition, type TaskRow } from '../database/reads/tasks.ts';
import type { Processes } from '../engine/processes.ts';
import { taskLabel } from '../engine/taskLabels.ts';
import type { Json, Plugin } from '../plugins/contract.ts';
import { searchWords } from './cases.ts';
import { askingOf, readerOf, type ApiContext, type Asking } from './context.ts';
import type { Language } from './language.ts';
import { choiceParameter, limitParameter, textParameter } from './query.ts';
import { sendJson } from './sendJson.ts';
import { roleOn, visibleFields } from './visibility.ts';

export const TASK_SORTS = ['since', 'due'] as const;

export function taskRoutes(api: ApiContext, router: Router): void {
  router.get('/tasks', async (req, res) => {
    const asking = askingOf(api, req, res);
    const overdue = choiceParameter(req, 'overdue', ['', 'true', 'false'] as const, '');
    const filter = { ...whose(asking), process: textParameter(req, 'process') ?? null, command: textParameter(req, 'command') ?? null, overdue: overdue === '' ? null : overdue === 'true', words: searchWords(req) };
    const sort = choiceParameter(req, 'sort', TASK_SORTS, 'since');
    const limit = limitParameter(req), cursor = textParameter(req, 'cursor', 1_000);
    const query = JSON.stringify(['tasks', filter, sort]);
    const after = cursor === undefined ? null : (api.cursors.read(query, cursor) as unknown as TaskPosition);
    const rows = await listTasks(api.pools.read, readerOf(asking), filter, { sort, after, limit: limit + 1 });
    const items = rows.slice(0, limit), last = rows.length > limit ? items.at(-1)! : null;
    sendJson(res, 200, { items: items.map(row => presentTask(api.processes, row, asking)), next: last ? api.cursors.write(query, { ...last.position }) : null });
  });

  router.get('/tasks/counts', async (req, res) => {
    const asking = askingOf(api, req, res);
    const counts = await countTasks(api.pools.read, readerOf(asking), whose(asking));
    sendJson(res, 200, presentCounts(api.processes, counts, asking.language));
  });
}

/** A role is held for an organisation, or for oneself. */
const whose = ({ caller }: Asking) => ({ principal: caller.organisation ?? caller.userId, role: caller.role });

function presentTask(processes: Processes, task: TaskRow, { caller, profile, language }: Asking) {
  const plugin = pluginOf(processes, task.process, task.processVersion), labels = plugin?.labels[language];
  return {
    case: {
      id: task.caseId, process: task.process, processLabel: labels?.process ?? task.process, number: task.number, state: task.state, stateLabel: labels?.states[task.state] ?? task.state,
      row: plugin ? visibleFields(plugin, roleOn(plugin, task.parties, caller), task.row as Record<string, Json>) : {},
    },
    name: task.name, label: taskLabel(plugin, task, language), roles: task.roles, command: task.command, commandLabel: task.command === null ? null : labels?.commands[task.command] ?? task.command,
    since: task.since.toISOString(), due: task.due, dueAt: task.dueAt?.toISOString() ?? null, overdue: task.overdue,
    ...(profile.deputyship ? { deputyFor: profile.deputyship.deputyFor } : {}),
  };
}

const sum = (counts: TaskCount[]) => ({
  total: counts.reduce((total, count) => total + count.total, 0), overdue: counts.reduce((total, count) => total + count.overdue, 0), dueThisWeek: counts.reduce((total, count) => total + count.dueThisWeek, 0),
});

function presentCounts(processes: Processes, counts: TaskCount[], language: Language) {
  const byProcess = Map.groupBy(counts, ({ process }) => process);
  return {
    ...sum(counts),
    byProcess: [...byProcess].map(([process, own]) => ({ process, label: pluginOf(processes, process)?.labels[language].process ?? process, ...sum(own) })),
    byName: counts.map(({ origin, ...count }) => ({ ...count, label: taskLabel(pluginOf(processes, count.process), { name: count.name, origin }, language) })),
  };
}

/** Null for what only a newer program knows: it is shown by its names. Labels only grow: the current version has those of all. */
function pluginOf(processes: Processes, process: string, version?: number): Plugin | null {
  try {
    return (version === undefined ? processes.current(process) : processes.version(process, version)).plugin;
  } catch {
    return null;
  }
}
