/** Who takes part, in which roles, and who may bring which papers: the same in every version. */
import type { PartyDefinition } from '../contract.ts';

export const SEGRETERIA = ['segreteria', 'dirigente'];
const SCUOLA = [...SEGRETERIA, 'DSGA', 'referente', 'docente'];

export const parties: Record<string, PartyDefinition> = {
  scuola: { kind: 'organisation', required: true, organisations: ['scuola'] },
  polo: { kind: 'organisation', required: true, organisations: ['polo'] },
  usr: { kind: 'organisation', required: false, organisations: ['usr'] },
  famiglia: { kind: 'person', required: false },
};

export const roles: Record<string, string> = {
  segreteria: 'scuola', dirigente: 'scuola', DSGA: 'scuola', referente: 'scuola', docente: 'scuola',
  operatorePolo: 'polo', dirigentePolo: 'polo', funzionarioUsr: 'usr', genitore: 'famiglia',
};

export const attachments: Record<string, { by: string[] }> = {
  modelloS: { by: [...SEGRETERIA, 'genitore'] }, modelloM: { by: [...SEGRETERIA, 'genitore'] }, modelloG: { by: SEGRETERIA }, integrazione: { by: SEGRETERIA },
  modelloP: { by: [...SEGRETERIA, 'referente'] },
  modelloSAggiornato: { by: SEGRETERIA }, modelloMAggiornato: { by: SEGRETERIA }, richiestaProroga: { by: SEGRETERIA },
  relazioneFinale: { by: [...SEGRETERIA, 'referente', 'docente'] }, modelloOF: { by: SCUOLA },
  modelloV: { by: [...SEGRETERIA, 'referente'] }, modelloZ: { by: [...SEGRETERIA, 'DSGA'] }, autocertificazione: { by: [...SEGRETERIA, 'DSGA'] },
};

/** Who answers for the letters of an office. */
export const correspondence = { scuola: [...SEGRETERIA, 'DSGA'], polo: ['operatorePolo', 'dirigentePolo'] };
