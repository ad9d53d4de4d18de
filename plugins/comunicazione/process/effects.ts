/** The message to all of them, and the reminder to those who are silent. */
import type { EffectRule } from '../../contract.ts';
import type { Contesto } from './types.ts';

export const effects: Record<string, EffectRule<Contesto>> = {
  invioMessaggi: {
    does: 'broadcast',
    input: ({ context }) => {
      const { testi, modello, presaVisione, canali, alunni } = context, { tipo, annoScolastico, classi } = context.destinatari!;
      return {
        template: 'comunicazione', from: 'scuola', channels: canali, data: { testi: testi as any },
        ...(modello ? { version: `${modello.nome}/${modello.versione}` } : {}), ...(presaVisione ? { acknowledge: { by: presaVisione.entro } } : {}),
        to: { families: { schoolYear: annoScolastico, ...(tipo === 'classi' ? { classes: classi } : {}), ...(tipo === 'alunni' ? { pupils: alunni } : {}) } },
      };
    },
  },
  sollecito: {
    does: 'broadcast',
    input: ({ context: { testi, canali, presaVisione } }) => ({ template: 'sollecito', from: 'scuola', channels: canali, data: { testi: testi as any }, acknowledge: { by: presaVisione!.entro }, to: { silent: 'invioMessaggi' } }),
  },
};
