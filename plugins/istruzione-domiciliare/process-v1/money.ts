/** Money in whole cents. Every product is exact and rounded once, half up, at its end. */
import { compensoOrario, oneriRiflessi, percentualePolo } from './parameters.ts';
import type { Step } from '../../contract.ts';
import type { Contesto, PianoFinanziario } from './types.ts';

/** Ten-thousandths. */
const WHOLE = 10_000;

export interface Tariffa { lordoCents: number; inpdap: number; irap: number }

/** `numerator / denominator`, rounded half up; both positive, the numerator may be 0. */
export function roundHalfUp(numerator: bigint, denominator: bigint): number {
  return Number((2n * numerator + denominator) / (2n * denominator));
}

/** Gross pay of so many minutes, without charges. */
export function lordo(minuti: number, { lordoCents }: Tariffa): number {
  return roundHalfUp(BigInt(minuti) * BigInt(lordoCents), 60n);
}

/** Cost of one teacher: hours × hourly gross × (1 + INPDAP + IRAP). 20 h at 35.00 € cost 928.90 €, not 20 × 46.45. */
export function costo(minuti: number, { lordoCents, inpdap, irap }: Tariffa): number {
  return roundHalfUp(BigInt(minuti) * BigInt(lordoCents) * BigInt(WHOLE + inpdap + irap), BigInt(60 * WHOLE));
}

/** Part of an amount, per cent. */
export function quota(cents: number, percentuale: number): number {
  return roundHalfUp(BigInt(cents) * BigInt(Math.round(percentuale * 100)), BigInt(WHOLE));
}

export function tariffaOf(step: Pick<Step<Contesto>, 'context' | 'parameter'>): Tariffa {
  return { lordoCents: compensoOrario(step), ...oneriRiflessi(step) };
}

/** Teachers paid by FIS or others cost the polo nothing (Procedura ID, "Pianificazione"). */
export const isOnProject = (fonte: string): boolean => fonte === 'progetto';

/** The financial plan of so many minutes by teacher, with charges and co-financing. */
export function pianoFinanziario(step: Pick<Step<Contesto>, 'context' | 'parameter'>, minuti: Record<string, number>): PianoFinanziario {
  const tariffa = tariffaOf(step);
  const docenti = Object.entries(minuti).map(([docente, minutiDocente]) => ({
    docente, minuti: minutiDocente, fonte: step.context.disponibilita[docente]?.fonte ?? 'progetto',
    lordoCents: lordo(minutiDocente, tariffa), costoCents: costo(minutiDocente, tariffa),
  }));
  const sum = (of: (riga: (typeof docenti)[number]) => number) => docenti.reduce((total, riga) => total + of(riga), 0);
  const aCaricoProgettoCents = sum(riga => (isOnProject(riga.fonte) ? riga.costoCents : 0));
  const quotaPoloCents = quota(aCaricoProgettoCents, percentualePolo(step));
  return {
    docenti, lordoCents: sum(riga => riga.lordoCents), oneriRiflessiCents: sum(riga => riga.costoCents - riga.lordoCents), costoCents: sum(riga => riga.costoCents),
    aCaricoProgettoCents, quotaPoloCents, cofinanziamentoCents: aCaricoProgettoCents - quotaPoloCents,
  };
}
