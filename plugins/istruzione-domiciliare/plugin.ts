/** Istruzione domiciliare: home schooling of pupils who are ill, from the certificate to the polo's payment. */
import { definePlugin } from '../contract.ts';
import { en } from './labels/en.ts';
import { it } from './labels/it.ts';
import { messages } from './messages.ts';
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
import { projection } from './projection.ts';

const SEGRETERIA = ['segreteria', 'dirigente'];
const SCUOLA = [...SEGRETERIA, 'DSGA', 'referente', 'docente'];

export const istruzioneDomiciliare = definePlugin<Contesto>({
  process: 'istruzione-domiciliare',
  version: 1,
  machine,
  drafts: ['bozza'],
  parties: {
    scuola: { kind: 'organisation', required: true, organisations: ['scuola'] },
    polo: { kind: 'organisation', required: true, organisations: ['polo'] },
    usr: { kind: 'organisation', required: false, organisations: ['usr'] },
    famiglia: { kind: 'person', required: false },
  },
  roles: {
    segreteria: 'scuola', dirigente: 'scuola', DSGA: 'scuola', referente: 'scuola', docente: 'scuola',
    operatorePolo: 'polo', dirigentePolo: 'polo', funzionarioUsr: 'usr', genitore: 'famiglia',
  },
  create: { schema: form(PROGETTO), by: SEGRETERIA, context: createContext },
  commands, rules, guards, updates, items, deadlines, effects, parameters, defaultParameters,
  // Health data, names of minors, and free text in which either may be written.
  sealed: ['alunno', 'oggettoPec', 'certificato', 'modelloG', 'disabilita', 'avvertenze', 'integrazione', 'modelloP', 'proroghe', 'chiusura'],
  attachments: {
    modelloS: { by: SEGRETERIA }, modelloM: { by: SEGRETERIA }, modelloG: { by: SEGRETERIA }, integrazione: { by: SEGRETERIA },
    modelloP: { by: [...SEGRETERIA, 'referente'] },
    modelloSAggiornato: { by: SEGRETERIA }, modelloMAggiornato: { by: SEGRETERIA }, richiestaProroga: { by: SEGRETERIA },
    relazioneFinale: { by: [...SEGRETERIA, 'referente', 'docente'] }, modelloOF: { by: SCUOLA },
    modelloV: { by: [...SEGRETERIA, 'referente'] }, modelloZ: { by: [...SEGRETERIA, 'DSGA'] }, autocertificazione: { by: [...SEGRETERIA, 'DSGA'] },
  },
  projection, messages, labels: { it, en },
});
