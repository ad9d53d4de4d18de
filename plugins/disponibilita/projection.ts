/** Pure views of a reception. It holds no names and no health data. */
import type { ProjectionDefinition } from '../contract.ts';
import type { Contesto } from './process/types.ts';

export const projection: ProjectionDefinition<Contesto> = {
  row: ({ context: { regola, attesa }, parties }) => ({ docente: parties.docente ?? null, dal: regola.dal, al: regola.al, modalita: regola.modalita, luogo: regola.luogo, inAttesa: attesa.length }),
  search: ({ context: { regola } }) => [...(regola.luogo ? [regola.luogo] : []), regola.dal, regola.al],
  view: ({ context: { regola, condizioni, variazioni, attesa } }) => ({
    regola, condizioni, variazioni, inAttesa: attesa.length, lista: attesa.map(({ dal, al, chiestoIl, offerta }, n) => ({ posto: n + 1, dal, al, chiestoIl, offerta })),
  }) as any,
  visibility: {},
  protected: [],
};
