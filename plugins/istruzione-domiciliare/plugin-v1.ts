/** Version 1, for the cases that began with it: the polo's operator authorises the hours, nobody countersigns. */
import { definePlugin } from '../contract.ts';
import { documents } from './documents/documents.ts';
import { MODELLI_DOCUMENTI, parametroModelli } from './documents/template.ts';
import { forms } from './forms.ts';
import { en } from './labels/en.ts';
import { it } from './labels/it.ts';
import { messages } from './messages.ts';
import { commands } from './process-v1/commands.ts';
import { deadlines } from './process-v1/deadlines.ts';
import { effects } from './process-v1/effects.ts';
import { machine } from './process-v1/machine.ts';
import { defaultParameters, parameters } from './process-v1/parameters.ts';
import { items } from './process-v1/register.ts';
import { guards, rules } from './process-v1/rules.ts';
import { form, PROGETTO } from './process-v1/schemas.ts';
import type { Contesto } from './process-v1/types.ts';
import { createContext, updates } from './process-v1/updates.ts';
import { attachments, correspondence, parties, roles, SEGRETERIA } from './parties.ts';
import { projection } from './projection.ts';
import { tasks } from './tasks.ts';

/** The countersignature is of version 2. */
const { controfirma: _later, ...TASKS } = tasks;

export const istruzioneDomiciliareV1 = definePlugin<Contesto>({
  process: 'istruzione-domiciliare',
  version: 1,
  machine,
  drafts: ['bozza'],
  parties, roles, attachments, correspondence,
  create: { schema: form(PROGETTO), by: SEGRETERIA, context: createContext },
  commands, rules, guards, updates, items, deadlines, effects,
  parameters: [...parameters, MODELLI_DOCUMENTI], defaultParameters: [...defaultParameters, parametroModelli],
  // Health data, names of minors, and free text in which either may be written.
  sealed: ['alunno', 'campiAggiuntivi', 'disponibilita', 'oggettoPec', 'certificato', 'modelloG', 'frequenzeOspedale', 'modelloV', 'disabilita', 'avvertenze', 'integrazione', 'modelloP', 'proroghe', 'chiusura'],
  documents, tasks: TASKS, forms,
  draftSeenBy: ['famiglia'],
  retention: 'anniConservazione',
  projection, messages, labels: { it, en },
});
