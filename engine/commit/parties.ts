/** People who become parties of a case, or are none any more: what the write makes of it, and whom it lets in afterwards. */
import type pg from 'pg';
import type { Part } from '../../database/writeStatement.ts';
import { areSameParties } from '../decide/parties.ts';
import { DecisionError } from '../decide/types.ts';
import type { CaseRow } from './caseRecord.ts';
import type { Derived } from './derived.ts';

type Parties = Record<string, string>;

/** Somebody may be a party twice: what counts is whether they are any. */
const notIn = (one: Parties, other: Parties): string[] => [...new Set(Object.values(one))].filter(principal => !Object.values(other).includes(principal));
export const joiningOf = (before: Parties, after: Parties): string[] => (before === after ? [] : notIn(after, before));

/** Who is none any more loses sight of the case with this write, and what they had begun to fill in. What was written to a party before stays what was written to that person. */
export function writeParties({ opened: { row }, state: { parties, createdAt } }: Derived, parts: Set<Part>, values: Record<string, unknown>): void {
  const before = row.parties;
  if (areSameParties(before, parties)) return;
  parts.add('parties');
  const former = Object.entries(before).filter(([party, person]) => parties[party] !== person).map(([party, person]) => ({ party, person }));
  Object.assign(values, { parties: JSON.stringify(parties), former: JSON.stringify(former), leaving: notIn(before, parties), joining: joiningOf(before, parties), process: row.process, createdAt });
}

/** Throws DecisionError: a case with a party that nobody is could not be answered by anyone. */
export async function assertPeople(client: pg.PoolClient, people: string[]): Promise<void> {
  if (people.length === 0) return;
  const { rows } = await client.query({ name: 'people_there', text: 'select id::text from users where id = any ($1::uuid[]) and not disabled', values: [people] });
  const unknown = people.filter(person => !rows.some(({ id }) => id === person));
  if (unknown.length > 0) throw new DecisionError(`nobody has the account ${unknown.join(', ')}, or it is closed: it becomes no party`);
}

/**
 * Whether the locked row is still theirs. The lock's own look at who may see the case is as of before it waited: somebody may have been taken out
 * meanwhile. A draft is its author's; its parties do not change.
 */
export const isStillOf = ({ draft, parties }: Pick<CaseRow, 'draft' | 'parties'>, principals: string[]): boolean => draft || Object.values(parties).some(principal => principals.includes(principal));
