/** Rows that people read, as MikroORM entities. The commit writes them by its own statements (statements.ts). */
import { defineEntity, p } from '@mikro-orm/core';

export const CaseEntity = defineEntity({
  name: 'Case', tableName: 'cases',
  properties: {
    id: p.uuid().primary(), process: p.string(), processVersion: p.integer(), number: p.string().nullable(), state: p.string(),
    row: p.json<Record<string, unknown>>(), parties: p.json<Record<string, string>>(), version: p.integer(), draft: p.boolean(), done: p.boolean(),
    suspended: p.uuid().nullable(), nextDue: p.datetime().nullable(), createdAt: p.datetime(), lastAt: p.datetime(), erasedAt: p.datetime().nullable(),
  },
});

/** Who may know of a case: one row per party. Lists walk its indexes (principal, [process, [state,]] created). */
export const CaseAccessEntity = defineEntity({
  name: 'CaseAccess', tableName: 'case_access',
  properties: {
    principal: p.string().primary(), caseId: p.uuid().primary().fieldName('case_id'), process: p.string(), state: p.string(), createdAt: p.datetime(6),
  },
});
