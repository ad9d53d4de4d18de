/** Pure views of a message. Lists show to whom it goes and when, never its words: to single families they name a pupil. */
import type { JsonObject, ProjectionDefinition } from '../contract.ts';
import type { Contesto } from './process/types.ts';

export const projection: ProjectionDefinition<Contesto> = {
  row: ({ context }) => ({
    tipo: context.destinatari?.tipo ?? null, classi: context.destinatari?.classi ?? [], canali: context.canali, programmataPer: context.programmataPer, inviataIl: context.inviataIl,
    presaVisioneEntro: context.presaVisione?.entro ?? null,
  }),
  search: ({ context, number }) => [...(number ? [number] : []), ...(context.destinatari?.classi ?? []), ...(context.modello ? [context.modello.nome] : [])],
  view: ({ context }) => ({ ...context }) as unknown as JsonObject,
  visibility: {},
  protected: [],
};
