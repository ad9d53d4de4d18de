/** Istruzione domiciliare: home schooling of pupils who are ill, from the certificate to the polo's payment. */
import { definePlugin } from '../contract.ts';
import { documents } from './documents/documents.ts';
import { MODELLI_DOCUMENTI, parametroModelli } from './documents/template.ts';
import { parameterSchemas } from './parameterSchemas.ts';
import { forms } from './forms.ts';
import { en } from './labels/en.ts';
import { it } from './labels/it.ts';
import { messages } from './messages.ts';
import { migrate } from './migrate.ts';
import { commands } from './process/commands.ts';
import { deadlines } from './process/deadlines.ts';
import { effects } from './process/effects.ts';
import { machine } from './process/machine.ts';
import { defaultParameters, parameters } from './process/parameters.ts';
import { items } from './process/register.ts';
import { guards, rules } from './process/rules.ts';
import { form, PROGETTO } from './process/schemas.ts';
import type { Contesto } from './process/types.ts';
import { createContext, updates } from './process/updates.ts';
import { attachments, correspondence, parties, roles, SEGRETERIA } from './parties.ts';
import { projection } from './projection.ts';
import { tasks } from './tasks.ts';

export const istruzioneDomiciliare = definePlugin<Contesto>({
  process: 'istruzione-domiciliare',
  version: 2,
  machine,
  drafts: ['bozza'],
  parties, roles, attachments, correspondence,
  create: { schema: form(PROGETTO), by: SEGRETERIA, context: createContext },
  commands, rules, guards, updates, items, deadlines, effects,
  parameters: [...parameters, MODELLI_DOCUMENTI], defaultParameters: [...defaultParameters, parametroModelli], parameterSchemas,
  // Health data, names of minors, and free text in which either may be written.
  sealed: ['alunno', 'campiAggiuntivi', 'disponibilita', 'oggettoPec', 'proposta', 'certificato', 'modelloG', 'frequenzeOspedale', 'modelloV', 'disabilita', 'avvertenze', 'integrazione', 'modelloP', 'proroghe', 'chiusura'],
  documents, tasks, forms,
  draftSeenBy: ['famiglia'],
  retention: 'anniConservazione',
  migrate,
  projection, messages, labels: { it, en },
});
