/** How cells are read that most tables have. Each throws CellError. */
import { CellError } from './tableErrors.ts';

/** What a cell answers whose row says nothing to whom it is read: a pupil who was there, among those who were not. */
export const IGNORED = Symbol('ignored');

export const text = (most: number) => (cell: string): string => {
  if (cell.length > most) throw new CellError('tooLong', { most });
  return cell.normalize('NFC');
};

/** Years that registers write in two digits are of this century. */
const CENTURY = '20';

/** `31/12/2026`, `31/12/26`, `2026-12-31`, each also with the midnight that databases add to a date. */
export function localDate(cell: string): string {
  const plain = cell.replace(/[T ]+(?:00|0)[:.]00(?:[:.]00(?:\.0+)?)?$/, '');
  const [, day, month, year] = /^(\d{1,2})[/.-](\d{1,2})[/.-](\d{2}|\d{4})$/.exec(plain) ?? [];
  const date = year === undefined ? plain : `${year.length === 2 ? CENTURY : ''}${year}-${month!.padStart(2, '0')}-${day!.padStart(2, '0')}`;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date) || Number.isNaN(Date.parse(`${date}T00:00:00Z`)) || new Date(`${date}T00:00:00Z`).toISOString().slice(0, 10) !== date) throw new CellError('date');
  return date;
}

/** `08:15`, `8.15`, `8,15`, with or without seconds; as `HH:MM`. */
export function localTime(cell: string): string {
  const [, hour, minute] = /^(\d{1,2})[:.,](\d{2})(?:[:.]\d{2})?$/.exec(cell) ?? [];
  if (hour === undefined || Number(hour) > 23 || Number(minute) > 59) throw new CellError('time');
  return `${hour.padStart(2, '0')}:${minute}`;
}

export const wholeNumber = (min: number, max: number) => (cell: string): number => {
  if (!/^\d{1,9}$/.test(cell) || Number(cell) < min || Number(cell) > max) throw new CellError('whole', { min, max });
  return Number(cell);
};

/** As words are compared: `Ass.`, `ASS` and `ass` are one. What is nothing but signs (`*`) stays what it is. */
const plainWord = (word: string): string => word.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase().replace(/[^\p{L}\p{N}]+/gu, ' ').trim() || word;

/** `words`: what is written → what it means, a later one before an earlier; `values`: named where nothing of it is there. */
export function meaningOf<T extends string | typeof IGNORED>(words: Iterable<readonly [string, T]>, values: readonly string[]): (cell: string) => T {
  const meant = new Map<string, T>();
  for (const [word, value] of words) meant.set(plainWord(word), value);
  return cell => {
    const value = meant.get(plainWord(cell));
    if (value === undefined) throw new CellError('oneOf', { cell: cell.slice(0, 60), values: values.join(', ') });
    return value;
  };
}
