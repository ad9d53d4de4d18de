/** How the fund's acts write dates and money. */
import type { LocalDate } from '../../contract.ts';

/** `2026-10-05` is 05/10/2026. */
export const giorno = (date: LocalDate): string => `${date.slice(8, 10)}/${date.slice(5, 7)}/${date.slice(0, 4)}`;

export const migliaia = (whole: number | bigint): string => String(whole).replace(/\B(?=(\d{3})+$)/g, '.');
/** Whole cents. */
export const euro = (cents: number): string => `${migliaia(Math.trunc(cents / 100))},${String(cents % 100).padStart(2, '0')} €`;
/** In groups of four, as it is read and typed. */
export const ibanScritto = (iban: string): string => iban.replace(/\s/g, '').replace(/(.{4})(?=.)/g, '$1 ');
/** Minutes, as hours with two decimals, half up. */
export const oreDi = (minuti: number): string => {
  const hundredths = Math.floor((minuti * 100 + 30) / 60);
  return `${migliaia(Math.trunc(hundredths / 100))},${String(hundredths % 100).padStart(2, '0')}`;
};
export const conta = (quanti: number, uno: string, molti: string): string => `${migliaia(quanti)} ${quanti === 1 ? uno : molti}`;
