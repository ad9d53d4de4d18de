/** Pupils of whom a decision asks the school, as its files say: read in the decision's own transaction. */
import type pg from 'pg';
import type { PupilsAsked, SchoolPupils } from '../../plugins/contract.ts';
import { romeDate, schoolYearOf } from '../../plugins/calendar.ts';
import { run } from '../../database/pools.ts';
import { KNOWN_PUPILS } from '../../database/familyStatements.ts';

/** Of the school year in which it is decided. */
export const pupilsQuery = (client: pg.PoolClient, { school, codes }: PupilsAsked, at: string): Promise<pg.QueryResult> => run(client, KNOWN_PUPILS, [school, schoolYearOf(romeDate(at)), codes, romeDate(at)]);

export const pupilsSeen = ({ rows: [row] }: pg.QueryResult, at: string): SchoolPupils => ({ year: schoolYearOf(romeDate(at)), kept: row.kept, known: row.known });
