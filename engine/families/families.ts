/** The families of a school, for those who keep them. */
import * as sql from '../../database/familyStatements.ts';
import { run } from '../../database/pools.ts';
import type { EngineContext } from '../commit/context.ts';
import { importFamilies, type FamilyImport } from './importFamilies.ts';
import { createPupilNames } from './pupilNames.ts';

export interface ListedPupil { id: string; code: string; class: string; name: string; leftOn: string | null; contacts: { id: string; name: string; relation: string; channels: string[]; /** They said themselves how they want to be reached. */ chosen: boolean }[] }

export function createFamilies(context: EngineContext) {
  const names = createPupilNames(context), pool = context.pools[context.commitPool];
  return {
    importFamilies: (asked: FamilyImport) => importFamilies(context, asked),
    /** By code. The caller is known to keep the school's families. */
    async listPupils(school: string, year: string, of: string | null, { after, limit }: { after: string | null; limit: number }): Promise<ListedPupil[]> {
      const { rows } = await run(pool, sql.LIST_PUPILS, [school, year, of, after, limit]);
      const { open } = await names();
      return rows.map(({ sealed, left_on: leftOn, ...row }) => {
        const { nome, cognome } = open(row.id, sealed);
        return { ...row, name: `${cognome} ${nome}`, leftOn };
      });
    },
    async listClasses(school: string, year: string): Promise<{ class: string; pupils: number }[]> { return (await run(pool, sql.LIST_CLASSES, [school, year])).rows; },
  };
}
