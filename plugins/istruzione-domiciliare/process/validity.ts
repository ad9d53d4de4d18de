/**
 * What the days at home and in hospital are worth: they count like days at school (Procedura ID, "Note"), and where they last longer
 * than those of the class the scrutiny is held on the report of the teachers who taught them.
 */
import type { Step } from '../../contract.ts';
import { periodiAmmessi } from './accountability.ts';
import { calendarioOf } from './parameters.ts';
import { clipPeriods, countLessonDays, firstDay, mergePeriods } from './periods.ts';
import type { Contesto, Periodo } from './types.ts';

export interface Validita {
  /** Lesson days of the school year, those certified at home (without those in hospital), those attested by the hospital's school, the rest. */
  giorniAnno: number;
  giorniDomicilio: number;
  giorniOspedale: number;
  giorniClasse: number;
  oreOspedale: number;
  /** Whose lessons prevail in duration over those of the class: then their teachers assess the pupil. */
  prevalente: 'domicilio' | 'ospedale' | null;
}

/** What of the periods does not lie in `others`, which do not overlap. */
function without(periods: readonly Periodo[], others: readonly Periodo[], countDays: (periods: readonly Periodo[]) => number): number {
  return countDays(periods) - others.reduce((sum, other) => sum + countDays(clipPeriods(periods, other.dal, other.al)), 0);
}

/** Certified days that the project really had: after its conclusion the pupil is back in class, whatever the certificate said. */
export function periodiSvolti({ certificato, proroghe, conclusaIl }: Pick<Contesto, 'certificato' | 'proroghe' | 'conclusaIl'>): Periodo[] {
  const periodi = periodiAmmessi({ certificato, proroghe });
  return conclusaIl === null ? periodi : clipPeriods(periodi, firstDay(periodi) ?? conclusaIl, conclusaIl);
}

/** Null while the region's calendar of that year is not entered. */
export function validitaOf(step: Pick<Step<Contesto>, 'context' | 'parameter'>): Validita | null {
  const calendario = calendarioOf(step);
  if (!calendario) return null;
  const { inizioLezioni, fineLezioni } = calendario;
  const { frequenzeOspedale } = step.context;
  const count = (periods: readonly Periodo[]) => countLessonDays(clipPeriods(mergePeriods(periods), inizioLezioni, fineLezioni), calendario);
  const giorniAnno = count([{ dal: inizioLezioni, al: fineLezioni }]);
  const giorniDomicilio = without(periodiSvolti(step.context), frequenzeOspedale, count);
  const giorniOspedale = Math.min(giorniAnno - giorniDomicilio, frequenzeOspedale.reduce((sum, { giorni }) => sum + giorni, 0));
  const giorniClasse = giorniAnno - giorniDomicilio - giorniOspedale;
  const longest = giorniOspedale > giorniDomicilio ? 'ospedale' : 'domicilio';
  return {
    giorniAnno, giorniDomicilio, giorniOspedale, giorniClasse, oreOspedale: frequenzeOspedale.reduce((sum, { ore }) => sum + ore, 0),
    prevalente: Math.max(giorniOspedale, giorniDomicilio) > giorniClasse ? longest : null,
  };
}

export const isPrevalente = (step: Pick<Step<Contesto>, 'context' | 'parameter'>): boolean => (validitaOf(step)?.prevalente ?? null) !== null;
