/** Modello M: the family doctor's certificate. */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { certificazione } from './certificazione.ts';
import { SANITARI } from './letter.ts';

export const modelloM: DocumentDefinition<Contesto> = { content: step => certificazione(step, 'M'), readBy: SANITARI, protected: true };
