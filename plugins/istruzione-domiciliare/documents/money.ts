/** The tables of cost: hours × rate, charges one by one. Every row adds up to its cost, every column to its total. */
import type { DocumentBlock, Step } from '../../contract.ts';
import { costo, lordo, roundHalfUp, tariffaOf } from '../process/money.ts';
import type { Contesto } from '../process/types.ts';
import { docenteScritto, euro, fonteScritta, oreDi, percentuale } from './words.ts';

type MoneyStep = Pick<Step<Contesto>, 'context' | 'parameter'>;

export interface RigaCosto { docente: string; fonte: string; minuti: number; lordoCents: number; inpdapCents: number; irapCents: number; costoCents: number }

/** The cost is rounded once, so the three parts are made to give it: gross and INPDAP are rounded, IRAP is what is left. */
export function rigaCosto(step: MoneyStep, { docente, fonte, minuti }: { docente: string; fonte: string; minuti: number }): RigaCosto {
  const tariffa = tariffaOf(step);
  const lordoCents = lordo(minuti, tariffa), costoCents = costo(minuti, tariffa);
  const inpdapCents = Math.min(costoCents - lordoCents, roundHalfUp(BigInt(minuti) * BigInt(tariffa.lordoCents) * BigInt(tariffa.inpdap), 600_000n));
  return { docente, fonte, minuti, lordoCents, inpdapCents, irapCents: costoCents - lordoCents - inpdapCents, costoCents };
}

/** Per cent, as people write it: 50 is `50 %`, 33.3 is `33,3 %`. */
export const perCentoScritto = (perCent: number): string => `${String(Math.round(perCent * 100) / 100).replace('.', ',')} %`;

export function tabellaCosti(step: MoneyStep, docenti: readonly { docente: string; fonte: string; minuti: number }[], caption?: string): DocumentBlock {
  const { lordoCents: orario, inpdap, irap } = tariffaOf(step);
  const righe = docenti.map(docente => rigaCosto(step, docente));
  const totale = (of: (riga: RigaCosto) => number) => righe.reduce((sum, riga) => sum + of(riga), 0);
  const importi = ({ lordoCents, inpdapCents, irapCents, costoCents }: Omit<RigaCosto, 'docente' | 'fonte' | 'minuti'>) => [euro(lordoCents), euro(inpdapCents), euro(irapCents), euro(costoCents)];
  return {
    table: {
      ...(caption === undefined ? {} : { caption }),
      columns: [
        { title: 'Docente', weight: 2.2 }, { title: 'Fonte', weight: 1.6 }, { title: 'Ore', align: 'right', weight: 0.9 }, { title: 'Lordo orario', align: 'right', weight: 1.2 }, { title: 'Lordo', align: 'right', weight: 1.4 },
        { title: `INPDAP ${percentuale(inpdap)}`, align: 'right', weight: 1.4 }, { title: `IRAP ${percentuale(irap)}`, align: 'right', weight: 1.4 }, { title: 'Costo', align: 'right', weight: 1.5 },
      ],
      rows: righe.map(riga => [docenteScritto(step.context, riga.docente), fonteScritta(step.context, riga.docente, riga.fonte), oreDi(riga.minuti), euro(orario), ...importi(riga)]),
      foot: [['Totale', '', oreDi(totale(({ minuti }) => minuti)), '', ...importi({ lordoCents: totale(r => r.lordoCents), inpdapCents: totale(r => r.inpdapCents), irapCents: totale(r => r.irapCents), costoCents: totale(r => r.costoCents) })]],
    },
  };
}
