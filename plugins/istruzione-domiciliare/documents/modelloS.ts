/** Modello S: the certificate of the hospital or of the treating doctor. */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { certificazione } from './certificazione.ts';
import { SANITARI } from './letter.ts';

export const modelloS: DocumentDefinition<Contesto> = { content: step => certificazione(step, 'S'), readBy: SANITARI, protected: true };
