/** engine/agenda/agenda.ts that may die when an effect is on record as performed and its outcome not yet in the case. */
import type pg from 'pg';
import { storePerformed as store, type EffectResult } from '../../../engine/agenda/agenda.ts';
import { reach } from './failpoint.ts';

export * from '../../../engine/agenda/agenda.ts';

export async function storePerformed(pool: pg.Pool, effectId: string, outcome: EffectResult): Promise<void> {
  await store(pool, effectId, outcome);
  reach('performed');
}
