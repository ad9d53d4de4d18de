/** Who is written to: persons, each once, with the pupils for whom they are written to and the channels on which they may be reached. */
import type pg from 'pg';
import * as sql from '../../database/broadcastStatements.ts';
import { run } from '../../database/pools.ts';
import { CASE_ITEMS } from '../../database/statements.ts';
import { UUID } from '../../database/uuid.ts';
import { isOfAge } from '../../plugins/calendar.ts';
import type { Audience, Channel, Item } from '../../plugins/contract.ts';
import { openItems } from '../commit/caseRecord.ts';
import type { PupilNames } from '../families/pupilNames.ts';
import type { CaseKey } from '../history/caseKey.ts';
import type { Recipient } from './render.ts';

export interface Reached extends Recipient { email: string | null; phone: string | null; channels: Channel[] }
export interface Resolved { recipients: Reached[]; /** The message of which this one reminds. */ about: string | null }
export interface Sending { id: string; caseId: string; key: CaseKey; organisation: string; today: string }

interface Row { about?: string; pupil_id: string | null; class: string | null; sealed: Buffer | null; relation?: string; user_id: string; name: string; locale: 'it' | 'en'; email: string | null; phone: string | null; channels: Channel[] }

/** Reads only. */
export async function resolveAudience(client: pg.PoolClient, names: PupilNames, sending: Sending, to: Audience): Promise<Resolved> {
  const rows = await rowsOf(client, sending, to);
  return { recipients: gather(rows, names, sending.today), about: rows[0]?.about ?? null };
}

async function rowsOf(client: pg.PoolClient, { id, caseId, key, organisation, today }: Sending, to: Audience): Promise<Row[]> {
  const families = async (schoolYear: string, classes: string[] | null, pupils: string[] | null): Promise<Row[]> => (await run(client, sql.FAMILY_RECIPIENTS, [organisation, schoolYear, classes, pupils, today])).rows;
  if ('families' in to) return await families(to.families.schoolYear, to.families.classes ?? null, to.families.pupils ?? null);
  if ('silent' in to) return (await run(client, sql.SILENT_RECIPIENTS, [caseId, to.silent, id])).rows;
  const items = openItems(key, caseId, (await run(client, CASE_ITEMS, [caseId, [to.items]])).rows) as Item<{ user?: string; pupil?: string; schoolYear?: string }>[];
  const users = items.flatMap(({ data }) => (data.user !== undefined && UUID.test(data.user) ? [data.user] : []));
  const byYear = Map.groupBy(items.flatMap(({ data }) => (data.pupil !== undefined && data.schoolYear !== undefined ? [{ pupil: data.pupil, schoolYear: data.schoolYear }] : [])), ({ schoolYear }) => schoolYear);
  const found: Row[] = users.length > 0 ? (await run(client, sql.USER_RECIPIENTS, [users])).rows : [];
  for (const [schoolYear, of] of byYear) found.push(...(await families(schoolYear, null, of.map(({ pupil }) => pupil))));
  return found;
}

/** Of two siblings in one class their mother hears once, of both. A pupil is written to for themselves from the day of coming of age. */
function gather(rows: Row[], names: PupilNames, today: string): Reached[] {
  const byUser = new Map<string, Reached>();
  for (const { user_id: userId, name, locale, email, phone, channels, pupil_id: pupilId, class: of, sealed, relation } of rows) {
    const pupil = pupilId === null || sealed === null ? null : names.open(pupilId, sealed);
    if (relation === 'alunno' && !isOfAge(pupil?.nascita ?? null, today)) continue;
    const reached = byUser.get(userId) ?? { userId, name, lang: locale, email, phone, channels, pupils: [] };
    byUser.set(userId, reached);
    if (pupilId === null || pupil === null || reached.pupils.some(({ id }) => id === pupilId)) continue;
    reached.pupils.push({ id: pupilId, name: `${pupil.nome} ${pupil.cognome}`, class: of! });
  }
  for (const { pupils } of byUser.values()) pupils.sort((one, other) => (one.name < other.name ? -1 : 1));
  return [...byUser.values()];
}
