/** What a reception waits for. */
import type { TaskRule } from '../contract.ts';
import type { Contesto } from './process/types.ts';

export const tasks: Record<string, TaskRule<Contesto>> = {
  pubblicaRicevimento: { in: ['bozza'], by: ['docente', 'segreteria'], command: 'pubblica', due: ({ context }) => context.regola.dal },
};
