/** When a case may be erased: pure, of its row and the parameters. */
import { addMonths, romeDate } from '../../plugins/calendar.ts';
import type { ParameterRow, Plugin } from '../../plugins/contract.ts';
import { parameterReader } from '../decide/step.ts';

export interface EndedCase { done: boolean; lastAt: string; parties: Record<string, string>; /** Effects that are still owed. */ open: number; erasedAt: string | null }

export type Retention =
  | { state: 'erased'; at: string }
  /** Its procedure says nothing of retention: it is kept for ever. */
  | { state: 'kept' }
  /** It is not over: a state that is not final, or something is still owed. */
  | { state: 'open'; owed: number }
  /** `from`: the first day on which it may be erased. */
  | { state: 'waiting' | 'due'; years: number; from: string };

/**
 * Years count from the local date of the last entry. Where several organisations of the case keep their papers for different times, the
 * longest counts (piano di conservazione: DPR 445/2000, art. 68). Throws RangeError when the parameter is not a number of years.
 */
export function retentionOf(plugin: Plugin, ended: EndedCase, parameters: ParameterRow[], now: string): Retention {
  if (ended.erasedAt !== null) return { state: 'erased', at: ended.erasedAt };
  if (!ended.done || ended.open > 0) return { state: 'open', owed: ended.done ? ended.open : 0 };
  const { retention } = plugin;
  if (retention === undefined) return { state: 'kept' };
  const today = romeDate(now), read = parameterReader(parameters, today, ended.parties);
  const years = Math.max(...Object.keys(ended.parties).map(party => yearsOf(read(retention, today, party), retention)), ...(Object.keys(ended.parties).length === 0 ? [yearsOf(read(retention), retention)] : []));
  const from = addMonths(romeDate(ended.lastAt), years * 12);
  return { state: from <= today ? 'due' : 'waiting', years, from };
}

function yearsOf(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > 1_000) throw new RangeError(`the parameter "${name}" is not a whole number of years`);
  return value;
}
