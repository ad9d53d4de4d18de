/** What each accepted event changes in the fund's memory. */
import type { Step, Update } from '../../contract.ts';
import { counters, daLiquidare, residuoCents } from './projects.ts';
import type { Contesto } from './types.ts';

export const updates: Record<string, Update<Contesto>> = {
  ...counters,
  registraImporto: ({ context, data, today }) => ({ finanziamenti: [...context.finanziamenti, { il: today, importoCents: data.importoCents, atto: data.atto }] }),
  registraLiquidazione: ({ context, data, facts, today }) => {
    const dovute = daLiquidare(facts.items).map(riga => riga.data.rendiconto!.quotaCents);
    const disponibileCents = residuoCents(context);
    const dovutoCents = dovute.reduce((sum, cents) => sum + cents, 0);
    return {
      liquidazioni: [...context.liquidazioni, { il: today, atto: data.atto, progetti: dovute.length, disponibileCents, dovutoCents, liquidatoCents: Math.min(disponibileCents, dovutoCents) }],
    };
  },
};

/** What a fund remembers when it is made, by the polo or by its first project. */
export const createContext = ({ data }: Omit<Step, 'context'>): Contesto => ({ annoScolastico: data.annoScolastico, finanziamenti: [], liquidazioni: [], progetti: 0, rendicontati: 0 });
