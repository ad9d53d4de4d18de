/** The fund's documents, by name. */
import type { DocumentDefinition } from '../../contract.ts';
import type { Contesto } from '../process/types.ts';
import { attoLiquidazione } from './attoLiquidazione.ts';
import { pianoRiparto } from './pianoRiparto.ts';

export const documents: Record<string, DocumentDefinition<Contesto>> = { pianoRiparto, attoLiquidazione };
