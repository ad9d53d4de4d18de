/** What a booking waits for, and from whom. */
import { romeDate, type TaskRule } from '../contract.ts';
import type { Contesto } from './process/types.ts';

const onDay = ({ context }: { context: Contesto }) => (context.posto ? romeDate(context.posto.inizio) : null);

export const tasks: Record<string, TaskRule<Contesto>> = {
  rispondi: { in: ['chiesta'], by: ['docente', 'segreteria'], command: 'conferma', due: onDay },
  accettaPosto: { in: ['offerta'], by: ['genitore'], command: 'accetta', deadline: 'scadenzaOfferta' },
  accettaSpostamento: { in: ['spostata'], by: ['genitore'], command: 'accetta', due: onDay },
};
