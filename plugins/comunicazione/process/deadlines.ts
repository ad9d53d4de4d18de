/** When it leaves, when those who are silent are reminded, when it is over. */
import { addDays, instantOfLocal } from '../../calendar.ts';
import type { DeadlineRule } from '../../contract.ts';
import type { Contesto } from './types.ts';

/** An hour at which nobody minds an SMS. */
const ORA_SOLLECITO = '10:00';

export const deadlines: Record<string, DeadlineRule<Contesto>> = {
  orarioInvio: { anchor: 'event', due: ({ context }) => (context.programmataPer === null ? null : { at: context.programmataPer, rule: 'orario scelto da chi invia' }) },
  sollecitoPresaVisione: {
    anchor: 'event',
    due: ({ context: { presaVisione }, at }) => {
      const next = presaVisione?.solleciti.map(giorni => instantOfLocal(addDays(presaVisione.entro, -giorni), ORA_SOLLECITO)).sort().find(instant => instant > at);
      return next === undefined ? null : { at: next, rule: 'giorni prima del termine per la presa visione' };
    },
  },
  /** Some days after the last date for taking note, or after it was sent. */
  chiusuraAutomatica: {
    anchor: 'event',
    due: ({ context, today, parameter }) => ({ endOf: addDays(context.presaVisione?.entro ?? context.inviataIl ?? today, parameter<number>('giorniChiusuraComunicazione')), rule: 'parametro giorniChiusuraComunicazione' }),
  },
};
