/** Names of pupils, sealed under a data key of their own: wrapped by the master key like those of cases, and wrapped anew with them. */
import { createHmac } from 'node:crypto';
import { run } from '../../database/pools.ts';
import { INSERT_TRAY_KEY } from '../../database/mailStatements.ts';
import { CASE_KEY } from '../../database/registerStatements.ts';
import type { EngineContext } from '../commit/context.ts';
import { withConnection } from '../commit/transaction.ts';
import { canonicalBytes } from '../history/chain.ts';
import { newCaseKey, openJson, sealJson, unwrapCaseKey, type CaseKey } from '../history/caseKey.ts';

/** The place of the pupils' key among the keys of cases; no case has this id. */
export const PUPILS_KEY = '00000000-0000-4000-8000-0000000000b1';

/** `nascita`: where the school's file tells it. */
export interface PupilName { nome: string; cognome: string; nascita?: string | null }
export interface PupilNames {
  seal(pupilId: string, name: PupilName): Promise<Buffer>;
  open(pupilId: string, sealed: Buffer): Promise<PupilName>;
  /** Keyed: nobody can try out what a row about a pupil said. */
  digest(parts: unknown[]): Promise<Buffer>;
}

export function createPupilNames({ pools, commitPool, masterKey }: Pick<EngineContext, 'pools' | 'commitPool' | 'masterKey'>): PupilNames {
  let known: Promise<CaseKey> | null = null;
  const keyOf = () => (known ??= findKey().catch(error => { known = null; throw error; }));

  /** Made at the first need, by whoever is first. Its master key may change; it does not. */
  async function findKey(): Promise<CaseKey> {
    const made = newCaseKey(masterKey, PUPILS_KEY);
    return await withConnection(pools[commitPool], async client => {
      for (const again of [true, false]) {
        const { rows: [row] } = await run(client, CASE_KEY, [PUPILS_KEY]);
        if (row) return unwrapCaseKey(masterKey, row.wrapped, PUPILS_KEY);
        if (again) await run(client, INSERT_TRAY_KEY, [PUPILS_KEY, made.wrapped, made.master]);
      }
      throw new Error('the key of the pupils is not there');
    });
  }

  return {
    seal: async (pupilId, { nome, cognome, nascita }) => sealJson(await keyOf(), { nome, cognome, ...(nascita ? { nascita } : {}) }, `pupil/${pupilId}`),
    open: async (pupilId, sealed) => openJson<PupilName>(await keyOf(), sealed, `pupil/${pupilId}`),
    digest: async parts => createHmac('sha256', await keyOf()).update(canonicalBytes(parts)).digest(),
  };
}
