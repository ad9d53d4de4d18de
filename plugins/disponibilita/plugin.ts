/** A teacher's hours for parents in a period: the rule, its exceptions, the waiting list. Bookings are cases of `colloquio`. */
import { definePlugin } from '../contract.ts';
import { en } from './labels/en.ts';
import { it } from './labels/it.ts';
import { offers } from './offers.ts';
import { commands, DISPONIBILITA } from './process/commands.ts';
import { deadlines, effects } from './process/effects.ts';
import { machine } from './process/machine.ts';
import { defaultParameters, parameters, parameterSchemas } from './process/parameters.ts';
import { checkDocente, guards, rules } from './process/rules.ts';
import type { Contesto } from './process/types.ts';
import { createContext, updates } from './process/updates.ts';
import { projection } from './projection.ts';
import { tasks } from './tasks.ts';

export const disponibilita = definePlugin<Contesto>({
  process: 'disponibilita',
  version: 1,
  machine,
  drafts: ['bozza'],
  parties: { scuola: { kind: 'organisation', required: true, organisations: ['scuola'] }, docente: { kind: 'person', required: true, memberOf: 'scuola' } },
  roles: { docente: 'scuola', segreteria: 'scuola', dirigente: 'scuola' },
  create: { schema: DISPONIBILITA, by: ['docente', 'segreteria', 'dirigente'], context: createContext, rule: checkDocente },
  commands, rules, guards, updates, deadlines, effects,
  parameters, defaultParameters, parameterSchemas,
  sealed: [],
  offers, tasks, projection, labels: { it, en },
});
