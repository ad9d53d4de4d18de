/** What a pupil's register waits for, and from whom. */
import type { Step, TaskRule } from '../contract.ts';
import type { Contesto } from './process/types.ts';

const primo = ({ context }: Pick<Step<Contesto>, 'context'>) => Object.values(context.aperti).map(({ entro }) => entro).sort()[0] ?? null;
const ATTESA = ['aperto.giustificazioni.daGiustificare'];

export const tasks: Record<string, TaskRule<Contesto>> = {
  giustifica: { in: ATTESA, by: ['genitore'], command: 'giustifica', due: primo },
  giustificaAltroGenitore: { in: ATTESA, by: ['altroGenitore'], command: 'giustifica', due: primo },
  giustificaStudente: { in: ATTESA, by: ['studente'], command: 'giustifica', due: primo },
  valutaSuperamento: { in: ['aperto.soglia.superata'], by: ['dirigente'] },
};
