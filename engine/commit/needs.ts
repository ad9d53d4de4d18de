/** What a command's decision needs beyond its case: facts, a register's number, the scope that its case joins or decides over. */
import type pg from 'pg';
import type { AssignedNumber, CommandDefinition, Facts, Json, Look, PupilsAsked } from '../../plugins/contract.ts';
import { romeDate, schoolYearOf } from '../../plugins/calendar.ts';
import { pipeline, run } from '../../database/pools.ts';
import { LOCK_SCOPES, MEMBERS_OF } from '../../database/scopeStatements.ts';
import * as sql from '../../database/statements.ts';
import { asDecisionError } from '../decide/step.ts';
import { itemsShown } from '../decide/facts.ts';
import { DecisionError } from '../decide/types.ts';
import { openItems } from './caseRecord.ts';
import type { Fold } from './fold.ts';
import type { Processes } from '../processes.ts';
import { LOOK_QUERIES, lookQueries, offersSeen } from './looks.ts';
import { pupilsQuery, pupilsSeen } from './pupils.ts';
import { NO_ROWS, type FirstReads } from './transaction.ts';

export interface Needs {
  facts: Facts;
  /** Attachments that the accepted command freezes. */
  freeze: string[];
  number: AssignedNumber | null;
  /** The scope that the case joins, or changes as a member. */
  scope: string | undefined;
  /** The scope over whose members it decides. */
  decides: string | undefined;
  register: { register: string; organisation: string; year: string } | undefined;
  /** The scope whose cases it sees. */
  sees: string | undefined;
  /** Offered time that it looks at. */
  look: Look | null;
  pupils: PupilsAsked | null;
}

/** Throws DecisionError for what the plugin gets wrong; DecisionError and the database's errors where `readMore` is needed. */
export async function needsOf(client: pg.PoolClient, first: FirstReads, fold: Fold, definition: CommandDefinition, data: Json, processes: Processes): Promise<Needs> {
  const needs = ownNeeds(first, fold, definition, data);
  if (needs.scope !== undefined || needs.decides !== undefined || needs.sees !== undefined || needs.register || needs.look || needs.pupils) await readMore(client, needs, definition, processes, fold.at);
  return needs;
}

/** The group of kinds of which one is needed and not there; null when nothing is missing. */
export function missingAttachments(groups: string[][] | undefined, present: { kind: string; used_by: number | null }[]): string[] | null {
  return groups?.find(group => !present.some(found => found.used_by === null && group.includes(found.kind))) ?? null;
}

function ownNeeds(first: FirstReads, fold: Fold, definition: CommandDefinition, data: Json): Needs {
  const { row, key, process } = first.opened;
  try {
    const { id, createdAt, number } = fold.state;
    const projected = { context: fold.state.context, parties: fold.state.parties, case: { id, process: process.plugin.process, number, createdAt } };
    const kinds = [...(definition.attachments ?? []).flat(), ...(definition.mayAttach ?? [])];
    const attachments: Facts['attachments'] = first.attachments.filter(found => found.used_by === null && kinds.includes(found.kind)).map(found => ({ id: found.id, kind: found.kind, sha256: found.sha256, mediaType: found.media_type }));
    return {
      facts: { items: itemsShown(definition, data, fold.withChanges(openItems(key, row.id, first.items))), members: [], attachments }, freeze: attachments.map(({ id }) => id),
      number: null, scope: definition.joins?.(projected), decides: definition.members?.(projected), register: registerOf(definition, row.parties, romeDate(fold.at)),
      sees: definition.sees?.(projected), look: definition.looks?.({ ...projected, data, at: fold.at, today: romeDate(fold.at) }) ?? null, pupils: definition.pupils?.({ ...projected, data }) ?? null,
    };
  } catch (error) {
    throw asDecisionError(process, error);
  }
}

function registerOf({ number }: CommandDefinition, parties: Record<string, string>, today: string): Needs['register'] {
  if (!number) return undefined;
  const organisation = parties[number.of];
  if (organisation === undefined) throw new DecisionError(`the register "${number.register}" is kept by the party "${number.of}", which this case has not`);
  return { register: number.register, organisation, year: number.year === 'school' ? schoolYearOf(today) : today.slice(0, 4) };
}

/** One more round trip: scopes are locked, then their members and offers are read; the register's row stays locked, the number is taken by the write only. */
async function readMore(client: pg.PoolClient, needs: Needs, definition: CommandDefinition, processes: Processes, at: string): Promise<void> {
  const { scope, decides, sees, register, facts, look, pupils } = needs;
  // Joining, seeing and looking share a scope; deciding over it keeps everybody out until the commit.
  const read = [decides, sees].filter(name => name !== undefined), scopes = [...(scope === undefined ? [] : [scope]), ...(sees === undefined ? [] : [sees]), ...(look ? [look.scope] : []), ...(decides === undefined ? [] : [decides])];
  const results = await pipeline(client, [
    scopes.length > 0 ? run(client, LOCK_SCOPES, [scopes, scopes.map(name => name === decides)]) : NO_ROWS,
    read.length > 0 ? run(client, MEMBERS_OF, [read]) : NO_ROWS,
    pupils ? pupilsQuery(client, pupils, at) : NO_ROWS,
    ...(look ? lookQueries(client, look, processes) : []),
    ...(register ? [run(client, sql.NEXT_NUMBER, [register.organisation, register.register, register.year])] : []),
  ]);
  facts.members = results[1]!.rows;
  if (pupils) facts.pupils = pupilsSeen(pupils, results[2]!, at);
  if (look) facts.offers = offersSeen(look, results.slice(3, 3 + LOOK_QUERIES), processes, at);
  if (!register) return;
  const value = results.at(-1)!.rows[0].value as number;
  try {
    needs.number = { ...register, value, text: String(definition.number!.format(value, register.year)) };
  } catch (error) {
    throw new DecisionError(`the number ${value} of "${register.register}" cannot be written: ${(error as Error).message}`, { cause: error });
  }
}
