/** Names of tasks for people: those of a process stand in its labels, those that the engine opens here. */
import type { Plugin } from '../plugins/contract.ts';

/** Tasks of the engine's own (`origin` engine), whatever the process. One without a row is shown by its name. */
const ENGINE_TASKS: Record<string, { it: string; en: string }> = {
  // One for each mail: `consegnaMancante/<mail>`.
  consegnaMancante: { it: 'Messaggio non consegnato', en: 'Message not delivered' },
};

export function taskLabel(plugin: Plugin | null, { name, origin }: { name: string; origin: 'process' | 'engine' }, language: 'it' | 'en'): string {
  return (origin === 'engine' ? ENGINE_TASKS[name.split('/', 1)[0]!]?.[language] : plugin?.labels[language].tasks?.[name]) ?? name;
}
