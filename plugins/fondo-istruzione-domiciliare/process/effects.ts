/** What leaves the fund: each project's share to its case, the acts, and a word to the polo. */
import type { CommandInput, EffectRule, MessageInput } from '../../contract.ts';
import { quoteLiquidate } from './projects.ts';
import type { Contesto } from './types.ts';

export const effects: Record<string, EffectRule<Contesto>> = {
  liquidaProgetti: {
    does: 'command',
    input: (step): CommandInput[] => {
      const { numero, data } = step.context.liquidazioni.at(-1)!.atto;
      return quoteLiquidate(step).map(({ riga, quota }) => ({
        process: 'istruzione-domiciliare', command: 'registraLiquidazione', target: { id: riga.key },
        data: { quotaCents: quota.cents, dovutaCents: riga.data.rendiconto!.quotaCents, atto: `n. ${numero} del ${data}` },
      }));
    },
  },
  /** The distribution that explains each cent, and the act that orders the payments. */
  redigeAtti: { does: 'document', input: () => ({ from: 'polo', documents: ['pianoRiparto', 'attoLiquidazione'] }) },
  notificaLiquidazione: {
    does: 'message',
    input: ({ context, parties }): MessageInput => {
      const { progetti, disponibileCents, dovutoCents, liquidatoCents } = context.liquidazioni.at(-1)!;
      return { template: 'liquidazione', to: ['polo', 'usr'].filter(party => parties[party] !== undefined), data: { annoScolastico: context.annoScolastico, progetti, disponibileCents, dovutoCents, liquidatoCents } };
    },
  },
};
