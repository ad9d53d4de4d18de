/**
 * What a ministry, a region or a polo may change, and the values of the school years 2024/25, 2025/26 and 2026/27.
 * Rules read these and hold no figure of their own. A polo's own value comes before these.
 */
import type { LocalDate, Step } from '../../contract.ts';
import type { Contesto, Ordine, Periodo } from './types.ts';

/** School calendar of a region (delibera di Giunta). Days and weekdays without school are for counts in lesson days. */
export interface Calendario {
  inizioLezioni: LocalDate;
  fineLezioni: LocalDate;
  /** ISO weekdays, 7 is Sunday. */
  giorniSettimanaliChiusi: number[];
  chiusure: Periodo[];
  esami: Periodo;
}
export interface Termini {
  rispostaPolo: number;
  integrazione: number;
  preavvisoFinePeriodo: number;
  rendicontazione: number;
  sollecito: number;
}
export interface Assenza { soglia: number; conteggio: 'calendario' | 'lezione'; allaSoglia: 'avverti' | 'rifiuta' }

type ParameterStep = Pick<Step<Contesto>, 'context' | 'parameter'>;

/** 1 September: the day whose values hold for the whole school year. */
export const startOfYear = (annoScolastico: string): LocalDate => `${annoScolastico.slice(0, 4)}-09-01`;

/** Of the region or of the polo that pays: a school's own value of a rate or a cap counts for nothing. */
const read = <T>({ context, parameter }: ParameterStep, name: string, annoScolastico = context.annoScolastico): T => parameter<T>(name, startOfYear(annoScolastico), 'polo');

/** The region's calendar of a school year; null when nobody entered it. */
export function calendarioOf(step: ParameterStep, annoScolastico = step.context.annoScolastico): Calendario | null {
  let calendari: Record<string, Calendario>;
  try {
    calendari = read(step, 'calendarioScolastico', annoScolastico);
  } catch {
    return null; // No value for that year: the rule says so to the school, with the figures.
  }
  return Object.hasOwn(calendari, step.context.regione) ? calendari[step.context.regione]! : null;
}

/** Weekly cap of hours in presence, in minutes. */
export const tettoSettimanale = (step: ParameterStep): number => read<Record<Ordine, number>>(step, 'tettoSettimanaleOre')[step.context.ordine] * 60;
/** Weeks more for pupils who sit the state exam. */
export const settimaneEsame = (step: ParameterStep): number => (step.context.esameDiStato ? read<number>(step, 'settimaneEsame') : 0);
export const assenzaMinima = (step: ParameterStep): Assenza => read(step, 'assenzaMinima');
export const mesiPrimaDellaFine = (step: ParameterStep): number => read(step, 'mesiPrimaDellaFineLezioni');
export const emittenti = (step: ParameterStep): Record<'S' | 'M', string[]> => read(step, 'emittentiCertificato');
export const firmatari = (step: ParameterStep): string[] => read(step, 'firmatariModelloG');
export const canali = (step: ParameterStep): string[] => read(step, 'canaliAmmessi');
export const termini = (step: ParameterStep): Termini => read(step, 'termini');
/** Gross pay of one hour, in cents. */
export const compensoOrario = (step: ParameterStep): number => read(step, 'compensoOrarioLordoCents');
/** State charges in ten-thousandths: 2420 is 24.20 %. */
export const oneriRiflessi = (step: ParameterStep): { inpdap: number; irap: number } => read(step, 'oneriRiflessi');
/** The polo's part of the cost, per cent; the school co-finances the rest. */
export const percentualePolo = (step: ParameterStep): number => read(step, 'percentualePolo');

const festivita = (anno: number): Periodo[] => [
  [`${anno}-11-01`], [`${anno}-12-08`], [`${anno + 1}-04-25`], [`${anno + 1}-05-01`], [`${anno + 1}-06-02`],
].map(([giorno]) => ({ dal: giorno!, al: giorno! }));

const calendario = (anno: number, inizioLezioni: LocalDate, fineLezioni: LocalDate, esami: Periodo, vacanze: [LocalDate, LocalDate][]): Calendario => ({
  inizioLezioni, fineLezioni, esami, giorniSettimanaliChiusi: [7],
  chiusure: [...festivita(anno), { dal: `${anno}-12-23`, al: `${anno + 1}-01-06` }, ...vacanze.map(([dal, al]) => ({ dal, al }))],
});

const anno = (primo: number, value: unknown, name = 'calendarioScolastico') => ({ name, from: `${primo}-09-01`, to: `${primo + 1}-08-31`, value: value as any });
const sempre = (name: string, value: unknown) => ({ name, from: '2024-09-01', to: null, value: value as any });

export const defaultParameters = [
  // Puglia 2026/27 is a sensible default until the regional act is entered; Lombardia has a permanent calendar (d.g.r. 3318/2012).
  anno(2024, {
    Puglia: calendario(2024, '2024-09-16', '2025-06-07', { dal: '2025-06-09', al: '2025-07-05' }, [['2025-04-17', '2025-04-22']]),
    Lombardia: calendario(2024, '2024-09-12', '2025-06-07', { dal: '2025-06-09', al: '2025-07-05' }, [['2025-03-03', '2025-03-04'], ['2025-04-17', '2025-04-22']]),
  }),
  anno(2025, {
    Puglia: calendario(2025, '2025-09-16', '2026-06-09', { dal: '2026-06-10', al: '2026-07-04' }, [['2026-04-02', '2026-04-07']]),
    Lombardia: calendario(2025, '2025-09-12', '2026-06-08', { dal: '2026-06-09', al: '2026-07-04' }, [['2026-02-16', '2026-02-17'], ['2026-04-02', '2026-04-07']]),
  }),
  anno(2026, {
    Puglia: calendario(2026, '2026-09-14', '2027-06-09', { dal: '2027-06-10', al: '2027-07-03' }, [['2027-03-25', '2027-03-30']]),
    Lombardia: calendario(2026, '2026-09-14', '2027-06-08', { dal: '2027-06-09', al: '2027-07-03' }, [['2027-02-08', '2027-02-09'], ['2027-03-25', '2027-03-30']]),
  }),
  /** Procedura ID, "Informazioni preliminari": hours a week in presence. */
  sempre('tettoSettimanaleOre', { primaria: 4, secondariaPrimoGrado: 5, secondariaSecondoGrado: 6 }),
  sempre('settimaneEsame', 2),
  /** More than 30 days, also non-continuous; the document says "almeno 30" of Modello S: at 30 the polo decides. */
  sempre('assenzaMinima', { soglia: 30, conteggio: 'calendario', allaSoglia: 'avverti' }),
  sempre('mesiPrimaDellaFineLezioni', 1),
  sempre('emittentiCertificato', { S: ['strutturaOspedaliera', 'medicoFamiglia', 'medicoCurante'], M: ['medicoFamiglia'] }),
  sempre('firmatariModelloG', ['genitore', 'tutore']),
  sempre('canaliAmmessi', ['pec']),
  /** Days; the polo's answer as in art. 2, l. 241/1990. */
  sempre('termini', { rispostaPolo: 30, integrazione: 10, preavvisoFinePeriodo: 7, rendicontazione: 30, sollecito: 15 }),
  anno(2024, 3500, 'compensoOrarioLordoCents'),
  { name: 'compensoOrarioLordoCents', from: '2025-09-01', to: null, value: 3850 },
  sempre('oneriRiflessi', { inpdap: 2420, irap: 850 }),
  sempre('percentualePolo', 50),
  /** Years after the end of the case during which it is kept: the school's own retention plan (massimario di scarto) may say more. */
  sempre('anniConservazione', 10),
];

export const parameters = [...new Set(defaultParameters.map(({ name }) => name))];
