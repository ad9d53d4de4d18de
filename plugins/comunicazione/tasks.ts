/** What a message waits for, and from whom. */
import type { TaskRule } from '../contract.ts';
import { MITTENTI } from './process/commands.ts';
import type { Contesto } from './process/types.ts';

export const tasks: Record<string, TaskRule<Contesto>> = {
  /** A teacher's draft too: who sends reads it first. */
  daInviare: { in: ['bozza'], by: MITTENTI, command: 'invia', when: ({ context }) => context.testi !== null && context.destinatari !== null },
  daRivedere: { in: ['daRivedere'], by: MITTENTI, command: 'invia' },
  presaVisioneInAttesa: { in: ['inviata'], by: MITTENTI, command: 'sollecita', when: ({ context }) => context.presaVisione !== null, due: ({ context }) => context.presaVisione?.entro ?? null },
};
