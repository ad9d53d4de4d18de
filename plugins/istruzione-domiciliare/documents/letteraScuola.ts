/** What the school's letters to the polo and to the USR have in common. The pupil stands in them by initials only. */
import type { DocumentBlock, DocumentModel } from '../../contract.ts';
import { documento, POLO, type ProjectStep, SCUOLA, USR } from './letter.ts';

export const READERS = [...SCUOLA, ...POLO, ...USR];

interface Trasmissione { nome: string; titolo: string; argomento: string; testo: string; allegati: string[]; seguito?: DocumentBlock[] }

export function lettera(step: ProjectStep, { nome, titolo, argomento, testo, allegati, seguito = [] }: Trasmissione): DocumentModel {
  return documento(step, {
    nome, titolo, da: 'scuola', a: ['polo', 'usr'], argomento,
    blocchi: [{ paragraph: testo }, ...(allegati.length > 0 ? [{ list: allegati }] : []), ...seguito, { paragraph: 'Distinti saluti.' }],
  });
}

export const allegato = (step: ProjectStep, kind: string): boolean => step.facts.attachments.some(attachment => attachment.kind === kind);
