/** What lists show (no name, no day of absence), and what the page shows: to the school and to the family alike. */
import type { JsonObject, ProjectionDefinition } from '../contract.ts';
import type { Contesto, Evento } from './process/types.ts';
import { limiteMinuti } from './process/rules.ts';

export const projection: ProjectionDefinition<Contesto> = {
  row: ({ context: { classe, annoScolastico, aperti } }) => ({ classe, annoScolastico, daGiustificare: Object.keys(aperti).length }),
  search: ({ context: { classe, annoScolastico } }) => [classe, annoScolastico],
  items: ['evento'],
  view: step => {
    const { context: { alunno, classe, annoScolastico, totale, aperti }, items } = step;
    const eventi = items.map(({ key, data }) => ({ chiave: key, ...(data as Evento) })).sort((a, b) => (a.chiave < b.chiave ? 1 : -1));
    return {
      alunno, classe, annoScolastico, daGiustificare: Object.keys(aperti), eventi, totale: { ...totale, ore: Math.round(totale.minuti / 6) / 10 }, limiteOre: Math.round(limiteMinuti(step) / 6) / 10,
    } as unknown as JsonObject;
  },
  visibility: {},
  protected: ['alunno', 'eventi'],
};
