/** Pure views of a fund. It holds no personal data. */
import type { Item, JsonObject, ProjectionDefinition } from '../contract.ts';
import { daLiquidare, finanziatoCents, liquidatoCents, progettiOf, quoteDi, residuoCents, type RigaProgetto } from './process/projects.ts';
import type { Contesto, Progetto } from './process/types.ts';

const progettoRow = ({ key, data }: RigaProgetto, prevista: number | null): JsonObject => ({
  progetto: key, numero: data.numero, scuola: data.scuola, oreAutorizzate: data.minutiAutorizzati / 60, attivato: data.attivato,
  rendicontatoIl: data.rendiconto?.il ?? null, costoCents: data.rendiconto?.costoCents ?? null, quotaCents: data.rendiconto?.quotaCents ?? null, iban: data.rendiconto?.iban ?? null,
  quotaPrevistaCents: prevista, liquidatoCents: data.liquidatoCents, tolto: data.tolto?.motivo ?? null,
});

export const projection: ProjectionDefinition<Contesto> = {
  row: ({ context }) => ({
    annoScolastico: context.annoScolastico, progetti: context.progetti, rendicontati: context.rendicontati,
    finanziatoCents: finanziatoCents(context), liquidatoCents: liquidatoCents(context), residuoCents: residuoCents(context),
  }),
  search: ({ context, number }) => [...(number ? [number] : []), context.annoScolastico],
  items: ['progetto'],
  view: ({ context, items }) => {
    const progetti = progettiOf(items as Item<Progetto>[]).sort((a, b) => (a.data.numero < b.data.numero ? -1 : 1));
    // What each would get if the polo paid now.
    const previste = new Map(quoteDi(progetti, residuoCents(context)).map(({ riga, quota }) => [riga.key, quota.cents]));
    return {
      annoScolastico: context.annoScolastico, finanziamenti: context.finanziamenti, finanziatoCents: finanziatoCents(context),
      dovutoCents: daLiquidare(progetti).reduce((sum, { data }) => sum + data.rendiconto!.quotaCents, 0),
      liquidatoCents: liquidatoCents(context), residuoCents: residuoCents(context),
      progetti: progetti.map(riga => progettoRow(riga, previste.get(riga.key) ?? null)), liquidazioni: context.liquidazioni,
    } as unknown as JsonObject;
  },
  visibility: {},
  protected: [],
};
