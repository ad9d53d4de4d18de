/** Refusals as they are stored in the history and given again to the same key. */
import type { Refusal } from '../../plugins/contract.ts';
import type { ProblemCode } from '../problems.ts';

export interface FieldError { pointer: string; message: string }
export interface StoredRefusal { code: ProblemCode; detail: string; members: Record<string, unknown> }

export const fieldErrors = (refusals: Refusal[]): FieldError[] => refusals.map(({ rule, pointer }) => ({ pointer: pointer ?? '', message: rule }));

/** What rules said. */
export const ruleRefusal = (refusals: Refusal[]): StoredRefusal => ({ code: 'invalid', detail: refusals.map(({ rule }) => rule).join(', '), members: { refusals, errors: fieldErrors(refusals) } });
