/** What lists, searches and the case's page show. The row is stored unencrypted: no name of a minor. */
import type { JsonObject, ProjectionDefinition } from '../contract.ts';
import type { Contesto } from './process/types.ts';

export const projection: ProjectionDefinition<Contesto> = {
  row: ({ context: { tipo, presentataIl, numero } }) => ({ tipo, presentataIl, numero }),
  search: ({ context: { tipo }, number }) => [tipo, ...(number === null ? [] : [number])],
  view: ({ context }) => ({ ...context }) as unknown as JsonObject,
  visibility: {},
  protected: ['alunno'],
};
