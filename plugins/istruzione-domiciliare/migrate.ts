/** From version 1, in which nobody countersigned, to version 2: a project that is authorised stays so; one that waits for its hours will be countersigned. */
import type { Moved, OldCase } from '../contract.ts';

export function migrate({ value, context }: OldCase): Moved {
  return { value, context: { ...context, proposta: null } };
}
