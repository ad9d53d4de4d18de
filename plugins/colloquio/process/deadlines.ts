/** Terms of a booking. */
import { addDays, nextReminder, romeDate } from '../../calendar.ts';
import type { DeadlineRule } from '../../contract.ts';
import type { Contesto } from './types.ts';

/** Days after an interview in which the teacher may say that nobody came. */
const GIORNI_ESITO = 7;
const later = (a: string, b: string): string => (a > b ? a : b);

export const deadlines: Record<string, DeadlineRule<Contesto>> = {
  fineAttesa: { anchor: 'entry', due: ({ context, today }) => ({ endOf: later(context.attesa?.al ?? today, today), rule: 'Ultimo giorno per il quale si attende un posto' }) },
  scadenzaOfferta: { anchor: 'entry', due: ({ context }) => context.offertaFino === null ? null : { at: context.offertaFino, rule: 'Termine per accettare il posto offerto (condizioni del ricevimento)' } },
  scadenzaRichiesta: { anchor: 'entry', due: ({ context }) => context.posto && { at: context.posto.inizio, rule: 'Una richiesta senza risposta scade quando il colloquio dovrebbe cominciare' } },
  /** The next one ahead; those that are past when it is fixed are not made up for. */
  promemoria: {
    anchor: 'entry',
    due: ({ context: { posto, condizioni }, at }) => {
      const next = posto && nextReminder(posto.inizio, condizioni.promemoriaOre.map(ore => ore * 60), at);
      return next ? { at: next, rule: 'Promemoria (condizioni del ricevimento)' } : null;
    },
  },
  esitoPresunto: { anchor: 'entry', due: ({ context: { posto }, today }) => posto && { endOf: later(addDays(romeDate(posto.fine), GIORNI_ESITO), today), rule: 'Senza altra indicazione il colloquio si considera svolto' } },
};
