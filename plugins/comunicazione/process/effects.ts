/** The message to all of them, and the reminder to those who are silent. */
import type { EffectRule, QuietHours, Step } from '../../contract.ts';
import type { Contesto, OreSilenzio } from './types.ts';

const silenzio = ({ context: { urgente }, parameter }: Pick<Step<Contesto>, 'context' | 'parameter'>): QuietHours | null => {
  const ore = urgente ? null : parameter<OreSilenzio | null>('oreSilenzioSms', undefined, 'scuola');
  return ore && { from: ore.dalle, to: ore.alle };
};

export const effects: Record<string, EffectRule<Contesto>> = {
  invioMessaggi: {
    does: 'broadcast',
    input: step => {
      const { context } = step, { testi, modello, presaVisione, canali, alunni } = context, { tipo, annoScolastico, classi } = context.destinatari!;
      return {
        template: 'comunicazione', from: 'scuola', channels: canali, quiet: silenzio(step), data: { testi: testi as any },
        ...(modello ? { version: `${modello.nome}/${modello.versione}` } : {}), ...(presaVisione ? { acknowledge: { by: presaVisione.entro } } : {}),
        to: { families: { schoolYear: annoScolastico, ...(tipo === 'classi' ? { classes: classi } : {}), ...(tipo === 'alunni' ? { pupils: alunni } : {}) } },
      };
    },
  },
  sollecito: {
    does: 'broadcast',
    input: step => {
      const { testi, canali, presaVisione } = step.context;
      return { template: 'sollecito', from: 'scuola', channels: canali, quiet: silenzio(step), data: { testi: testi as any }, acknowledge: { by: presaVisione!.entro }, to: { silent: 'invioMessaggi' } };
    },
  },
};
