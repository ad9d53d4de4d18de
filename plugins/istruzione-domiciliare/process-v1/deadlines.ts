/** Terms. Each says what it runs from and cites its rule; its length is a parameter. */
import { addDays } from '../../calendar.ts';
import type { DeadlineRule, Step } from '../../contract.ts';
import { periodiAmmessi } from './accountability.ts';
import { termini } from './parameters.ts';
import { lastDay } from './periods.ts';
import type { Contesto } from './types.ts';

type ProjectStep = Pick<Step<Contesto>, 'context' | 'parameter'>;

/** Last certified day that the polo accepted; a granted proroga moves it. */
export const finePeriodoOf = ({ context }: Pick<Step<Contesto>, 'context'>): string | null => lastDay(periodiAmmessi(context));
/** The day from which the school is told that the period is about to end. */
export const preavvisoOf = (step: ProjectStep): string | null => {
  const fine = finePeriodoOf(step);
  return fine === null ? null : addDays(fine, -termini(step).preavvisoFinePeriodo);
};
/** Last day for the report. */
export const termineRendicontazioneOf = (step: ProjectStep): string | null =>
  (step.context.conclusaIl === null ? null : addDays(step.context.conclusaIl, termini(step).rendicontazione));

const rispostaProrogaOf = (step: ProjectStep): string | null => {
  const richiesta = step.context.proroghe.at(-1);
  return richiesta ? addDays(richiesta.richiestaIl, termini(step).rispostaPolo) : null;
};

/** A term that is over has been reminded already: entering the state again does not remind twice. */
const notPast = ({ today }: Pick<Step, 'today'>, date: string | null): string | null => (date !== null && date >= today ? date : null);

const endOf = (date: string | null, rule: string) => (date === null ? null : { endOf: date, rule });

export const deadlines: Record<string, DeadlineRule<Contesto>> = {
  rispostaPolo: { anchor: 'entry', due: step => endOf(addDays(step.today, termini(step).rispostaPolo), 'Procedura ID, "Avvio": la scuola polo risponde; art. 2, c. 2, l. 241/1990 (parametro termini.rispostaPolo)') },
  termineIntegrazione: { anchor: 'event', due: ({ context }) => endOf(context.integrazione?.entro ?? null, 'Termine fissato dalla scuola polo nella richiesta di integrazione (parametro termini.integrazione)') },
  preavvisoFinePeriodo: { anchor: 'event', due: step => endOf(preavvisoOf(step), 'Procedura ID, "Proroga": il periodo certificato sta per finire (parametro termini.preavvisoFinePeriodo)') },
  finePeriodo: { anchor: 'event', due: step => endOf(finePeriodoOf(step), 'Procedura ID, "Proroga": fine del periodo certificato') },
  termineRendicontazione: { anchor: 'event', due: step => endOf(termineRendicontazioneOf(step), 'Procedura ID, "Conclusione e rendicontazione" (parametro termini.rendicontazione)') },
  rispostaProroga: { anchor: 'event', due: step => endOf(notPast(step, rispostaProrogaOf(step)), 'Procedura ID, "Proroga": la scuola polo risponde; art. 2, c. 2, l. 241/1990 (parametro termini.rispostaPolo)') },
  termineSollecito: { anchor: 'event', due: step => endOf(notPast(step, step.context.sollecito?.entro ?? null), 'Termine del sollecito della scuola polo, prima della decadenza (parametro termini.sollecito)') },
};
