/** Giustificazione: a pupil's absences and lateness of a school year, as the family is told of them and justifies them. */
import { definePlugin } from '../contract.ts';
import { broadcasts } from './broadcasts.ts';
import { imports } from './imports.ts';
import { en } from './labels/en.ts';
import { it } from './labels/it.ts';
import { CHI_GIUSTIFICA, commands, libretto, SCUOLA } from './process/commands.ts';
import { machine } from './process/machine.ts';
import { defaultParameters, parameters, parameterSchemas } from './process/parameters.ts';
import { createContext, deadlines, effects, guards, items, partyUpdates, rules, updates } from './process/rules.ts';
import type { Contesto } from './process/types.ts';
import { projection } from './projection.ts';
import { tasks } from './tasks.ts';

export const giustificazione = definePlugin<Contesto>({
  process: 'giustificazione', version: 1,
  machine, drafts: [],
  parties: {
    scuola: { kind: 'organisation', required: true, organisations: ['scuola'] },
    famiglia: { kind: 'person', required: false }, secondoGenitore: { kind: 'person', required: false }, studente: { kind: 'person', required: false },
  },
  roles: { segreteria: 'scuola', dirigente: 'scuola', docente: 'scuola', genitore: 'famiglia', altroGenitore: 'secondoGenitore', studente: 'studente' },
  goesBy: { altroGenitore: 'genitore' },
  create: {
    schema: libretto, by: SCUOLA, context: createContext,
    key: (data, parties) => `${parties.scuola}/${data.annoScolastico}/${data.alunno.codice}`,
  },
  attachments: { certificato: { by: CHI_GIUSTIFICA } },
  commands, rules, guards, updates, items, partyUpdates, deadlines, effects,
  parameters: [...parameters, 'anniConservazioneAssenze'], defaultParameters: [...defaultParameters, { name: 'anniConservazioneAssenze', from: '2020-09-01', to: null, value: 5 }], parameterSchemas,
  sealed: ['alunno', 'aperti', 'ultimi', 'totale', 'periodo', 'riepilogato'],
  retention: 'anniConservazioneAssenze',
  broadcasts, imports, tasks,
  projection, labels: { it, en },
});
