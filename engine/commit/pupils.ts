/** Pupils of whom a decision asks the school, as its files say: read in the decision's own transaction. */
import type pg from 'pg';
import type { PupilsAsked, SchoolPupils } from '../../plugins/contract.ts';
import { romeDate, schoolYearOf } from '../../plugins/calendar.ts';
import { run } from '../../database/pools.ts';
import { KNOWN_PUPILS } from '../../database/familyStatements.ts';

const yearOf = ({ year }: PupilsAsked, at: string): string => year ?? schoolYearOf(romeDate(at));

export const pupilsQuery = (client: pg.PoolClient, asked: PupilsAsked, at: string): Promise<pg.QueryResult> => run(client, KNOWN_PUPILS, [asked.school, yearOf(asked, at), asked.codes, romeDate(at), asked.classes ?? false]);

export const pupilsSeen = (asked: PupilsAsked, { rows: [row] }: pg.QueryResult, at: string): SchoolPupils => ({ year: yearOf(asked, at), kept: row.kept, known: row.known, ...(asked.classes ? { classes: row.classes } : {}) });
