/** What a refused family is told instead: slots of the same teacher that it would be given. */
import { instantOf, instantOfLocal, romeDate } from '../calendar.ts';
import type { AlternativesDefinition } from '../contract.ts';
import { attese, colloqui } from './process/commands.ts';
import { nonIscritti } from './process/rules.ts';
import type { Contesto } from './process/types.ts';
import { familyResources } from './process/updates.ts';

/** How many. */
const MOST = 5;

export const alternatives: AlternativesDefinition<Contesto> = {
  asked: ({ context, parties, data }) => {
    const { disponibilita, posto, attesa } = context;
    // Who would wait though something is free is told what; the middle of the first day is as near to its slots as any hour.
    const around = data.inizio ? instantOf(data.inizio) : posto?.inizio ?? (attesa ? instantOfLocal(attesa.dal, '12:00') : null);
    return around === null ? null : { scope: colloqui(disponibilita), around, most: MOST, with: familyResources({ context, parties }), sees: attese(disponibilita) };
  },
  suits: ({ from }, offer, waiting) => nonIscritti(offer, waiting, romeDate(from)).length === 0,
};
