/** One interview of a family with a teacher, from the request to the day: booked, moved, cancelled, or waited for. */
import { definePlugin } from '../contract.ts';
import { alternatives } from './alternatives.ts';
import { en } from './labels/en.ts';
import { it } from './labels/it.ts';
import { messages } from './messages.ts';
import { commands, enters, RICHIESTA } from './process/commands.ts';
import { deadlines } from './process/deadlines.ts';
import { effects } from './process/effects.ts';
import { machine } from './process/machine.ts';
import { checkRichiesta, guards, rules } from './process/rules.ts';
import type { Contesto } from './process/types.ts';
import { createContext, reservations, updates } from './process/updates.ts';
import { calendar, projection } from './projection.ts';
import { tasks } from './tasks.ts';

export const colloquio = definePlugin<Contesto>({
  process: 'colloquio',
  version: 1,
  machine,
  drafts: [],
  parties: {
    scuola: { kind: 'organisation', required: true, organisations: ['scuola'] },
    docente: { kind: 'person', required: true },
    genitore: { kind: 'person', required: true },
    altroGenitore: { kind: 'person', required: false },
    delegato: { kind: 'person', required: false },
  },
  roles: { docente: 'scuola', segreteria: 'scuola', dirigente: 'scuola', genitore: 'genitore', altroGenitore: 'altroGenitore', delegato: 'delegato' },
  goesBy: { altroGenitore: 'genitore' },
  create: { schema: RICHIESTA, by: ['genitore', 'delegato', 'segreteria'], context: createContext, rule: checkRichiesta, ...enters },
  commands, rules, guards, updates, reservations, deadlines, effects,
  // The pupil's name, and words that anybody may have written.
  sealed: ['alunno', 'argomento', 'collegamento', 'esito'],
  alternatives,
  calendar, tasks, projection, messages, labels: { it, en },
});
