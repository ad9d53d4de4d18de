/** Richiesta di certificato: a small but whole process, the worked example of docs/add-a-process.md. */
import { definePlugin } from '../contract.ts';
import { en } from './labels/en.ts';
import { it } from './labels/it.ts';
import { messages } from './messages.ts';
import { commands, richiesta } from './process/commands.ts';
import { machine } from './process/machine.ts';
import { createContext, deadlines, effects, rules, updates } from './process/rules.ts';
import type { Contesto } from './process/types.ts';
import { projection } from './projection.ts';

export const richiestaCertificato = definePlugin<Contesto>({
  process: 'richiesta-certificato', version: 1,
  machine, drafts: ['bozza'],
  parties: { scuola: { kind: 'organisation', required: true, organisations: ['scuola'] }, famiglia: { kind: 'person', required: false } },
  roles: { segreteria: 'scuola', genitore: 'famiglia' },
  create: { schema: richiesta, by: ['segreteria', 'genitore'], context: createContext },
  commands, rules, updates, deadlines, effects,
  sealed: ['alunno'],
  projection, messages, labels: { it, en },
});
