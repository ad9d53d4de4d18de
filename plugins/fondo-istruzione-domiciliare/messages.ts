/** What the fund writes to the polo and to the USR. */
import type { MessageTemplate } from '../contract.ts';

const euro = (cents: number): string => `${Math.trunc(cents / 100)},${String(cents % 100).padStart(2, '0')} €`;
const euroEn = (cents: number): string => `€ ${(cents / 100).toFixed(2)}`;

export const messages: Record<string, { it: MessageTemplate; en: MessageTemplate }> = {
  liquidazione: {
    it: ({ data }) => ({
      subject: `Istruzione domiciliare a.s. ${data.annoScolastico} - liquidazione del fondo`,
      text: `Sono liquidati ${data.progetti} progetti per ${euro(data.liquidatoCents)}: quote spettanti ${euro(data.dovutoCents)}, disponibili ${euro(data.disponibileCents)}.`,
    }),
    en: ({ data }) => ({
      subject: `Istruzione domiciliare a.s. ${data.annoScolastico} - payment of the fund`,
      text: `${data.progetti} projects are paid ${euroEn(data.liquidatoCents)}: shares due ${euroEn(data.dovutoCents)}, money available ${euroEn(data.disponibileCents)}.`,
    }),
  },
};
