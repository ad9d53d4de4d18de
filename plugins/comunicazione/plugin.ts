/** A message of a school to its families. */
import { Type } from 'typebox';
import { definePlugin } from '../contract.ts';
import { broadcasts } from './broadcasts.ts';
import { en } from './labels/en.ts';
import { it } from './labels/it.ts';
import { commands, REDATTORI } from './process/commands.ts';
import { deadlines } from './process/deadlines.ts';
import { effects } from './process/effects.ts';
import { machine } from './process/machine.ts';
import { defaultParameters, parameters, parameterSchemas } from './process/parameters.ts';
import { rules } from './process/rules.ts';
import type { Contesto } from './process/types.ts';
import { createContext, updates } from './process/updates.ts';
import { projection } from './projection.ts';
import { tasks } from './tasks.ts';

export const comunicazione = definePlugin<Contesto>({
  process: 'comunicazione',
  version: 1,
  machine,
  drafts: ['bozza'],
  parties: { scuola: { kind: 'organisation', required: true, organisations: ['scuola'] } },
  roles: { segreteria: 'scuola', dirigente: 'scuola', docente: 'scuola' },
  create: { schema: Type.Object({}, { additionalProperties: false }), by: REDATTORI, context: createContext },
  commands, rules, updates, deadlines, effects, tasks,
  parameters, defaultParameters, parameterSchemas,
  sealed: ['testi', 'alunni'],
  retention: 'conservazioneComunicazione',
  projection, broadcasts, labels: { it, en },
});
