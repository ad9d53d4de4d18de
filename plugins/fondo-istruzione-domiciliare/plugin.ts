/** The polo's fund of one school year: it pays when every activated project has reported and the money is there. */
import { definePlugin } from '../contract.ts';
import { documents } from './documents/documents.ts';
import { MODELLI_DOCUMENTI, parametroModelli } from './documents/letter.ts';
import { exports } from './exports.ts';
import { en } from './labels/en.ts';
import { it } from './labels/it.ts';
import { messages } from './messages.ts';
import { ANNO_SCOLASTICO, commands } from './process/commands.ts';
import { effects } from './process/effects.ts';
import { machine } from './process/machine.ts';
import { defaultParameters, parameters, parameterSchemas } from './process/parameters.ts';
import { items } from './process/projects.ts';
import { rules } from './process/rules.ts';
import type { Contesto } from './process/types.ts';
import { createContext, updates } from './process/updates.ts';
import { projection } from './projection.ts';
import { Type } from 'typebox';

export const fondoIstruzioneDomiciliare = definePlugin<Contesto>({
  process: 'fondo-istruzione-domiciliare',
  version: 1,
  machine,
  drafts: [],
  parties: {
    polo: { kind: 'organisation', required: true, organisations: ['polo'] },
    usr: { kind: 'organisation', required: false, organisations: ['usr'] },
  },
  roles: { operatorePolo: 'polo', dirigentePolo: 'polo', funzionarioUsr: 'usr' },
  create: {
    schema: Type.Object({ annoScolastico: ANNO_SCOLASTICO }, { additionalProperties: false }),
    by: ['operatorePolo', 'dirigentePolo'], from: ['istruzione-domiciliare'],
    context: createContext,
    key: (data, parties) => `${parties.polo}/${data.annoScolastico}`,
  },
  commands, rules, updates, items, deadlines: {}, effects,
  parameters: [...parameters, MODELLI_DOCUMENTI], defaultParameters: [...defaultParameters, parametroModelli], parameterSchemas,
  sealed: [],
  documents, exports,
  projection, messages, labels: { it, en },
});
