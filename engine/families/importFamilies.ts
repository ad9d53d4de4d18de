/**
 * Takes a school's families of one year from a table: the same file twice is nothing twice, and what is wrong in one row keeps no other out. A preview does
 * all of it and undoes it: what it says is what will be.
 */
import type pg from 'pg';
import * as sql from '../../database/familyStatements.ts';
import { run } from '../../database/pools.ts';
import type { EngineContext } from '../commit/context.ts';
import { idFrom } from '../commit/create.ts';
import { withConnection } from '../commit/transaction.ts';
import { readTable, type RowOf, type Table, type TableError } from '../imports/readTable.ts';
import type { TableCode } from '../imports/tableErrors.ts';
import { familyColumns, type FamilyColumns, type OwnWords } from './familyColumns.ts';
import { createPupilNames, type PupilName, type PupilNames } from './pupilNames.ts';

export interface FamilyImport {
  school: string;
  /** `2026/27`. */
  year: string;
  content: Buffer;
  /** field → header, where the file's own names say nothing. */
  mapping?: Record<string, string>;
  words?: OwnWords;
  /** Nothing is changed. */
  preview: boolean;
  /** The file holds every pupil: those who are not in it have left on this day. */
  leftOn?: string | null;
  by: string;
}
export interface Counts { created: number; changed: number; unchanged: number }
export interface FamilyImportSummary { preview: boolean; rows: number; refused: number; pupils: Counts & { left: number }; guardians: Counts; errors: TableError[]; mapping: Record<string, string>; /** Headers that were taken for nothing. */ unused: string[] }

type Row = RowOf<FamilyColumns>;
interface Guardian { userId: string; known: boolean; username: string; name: string; locale: 'it' | 'en'; row: Row }
interface Pupil { id: string; code: string; name: PupilName; class: string; line: number; guardians: { userId: string; relation: string; position: number }[] }
interface Family { pupils: Map<string, Pupil>; guardians: Map<string, Guardian>; errors: TableError[]; refused: Set<number> }

const CHUNK = 1_000, UNNAMED_VERSION = 'cartacea';

/** Throws TableFileError when the whole file cannot be taken; nothing has changed then. */
export async function importFamilies(context: EngineContext, asked: FamilyImport): Promise<FamilyImportSummary> {
  const table = readTable(asked.content, familyColumns(asked.words), asked.mapping), names = await createPupilNames(context)();
  return await withConnection(context.pools[context.commitPool], async client => {
    await client.query('begin');
    await run(client, sql.LOCK_FAMILIES, [asked.school, asked.year]);
    const family = await gather(client, asked, table);
    const pupils = await writePupils(client, asked, family, names), guardians = await writeGuardians(client, asked, family);
    await client.query(asked.preview ? 'rollback' : 'commit');
    const errors = [...table.errors, ...family.errors].sort((one, other) => one.line - other.line);
    return { preview: asked.preview, rows: table.records, refused: table.records - table.ignored - table.rows.length + family.refused.size, pupils, guardians, errors, mapping: table.mapping, unused: table.unused };
  });
}

/** Rows of one pupil agree, and so do those of one person. */
async function gather(client: pg.PoolClient, { school, year }: FamilyImport, table: Table<FamilyColumns>): Promise<Family> {
  const family: Family = { pupils: new Map(), guardians: new Map(), errors: [], refused: new Set() };
  const refuse = (line: number, field: string, code: TableCode, figures: Record<string, number> = {}) => { family.errors.push({ line, field, code, figures }); family.refused.add(line); };
  const usernames = [...new Set(table.rows.flatMap(({ values }) => (values.utente === null ? [] : [values.utente])))];
  const accounts = new Map(((await run(client, sql.USERS_NAMED, [usernames, []])).rows as { id: string; username: string; name: string; locale: 'it' | 'en' }[]).map(user => [user.username, user]));
  for (const { line, values } of table.rows) {
    const account = values.utente === null ? null : accounts.get(values.utente);
    if (account === undefined) { refuse(line, 'utente', 'unknownUser'); continue; }
    const code = values.codiceAlunno!, name: PupilName = { nome: values.nomeAlunno!, cognome: values.cognomeAlunno!, nascita: values.nascitaAlunno };
    const pupil = family.pupils.get(code) ?? { id: idFrom('pupil', school, year, code), code, name, class: values.classe!, line, guardians: [] };
    if (pupil.class !== values.classe || pupil.name.nome !== name.nome || pupil.name.cognome !== name.cognome || pupil.name.nascita !== name.nascita) { refuse(line, 'codiceAlunno', 'otherPupil', { line: pupil.line }); continue; }
    const userId = account?.id ?? idFrom('guardian', school, values.codiceGenitore!);
    if (pupil.guardians.some(guardian => guardian.userId === userId)) { refuse(line, 'codiceGenitore', 'guardianTwice'); continue; }
    family.pupils.set(code, pupil);
    pupil.guardians.push({ userId, relation: values.relazione ?? 'genitore', position: pupil.guardians.length + 1 });
    if (!family.guardians.has(userId)) family.guardians.set(userId, {
      userId, known: account !== null, username: account?.username ?? usernameOf(school, values.codiceGenitore!, userId), name: account?.name ?? `${values.nomeGenitore} ${values.cognomeGenitore}`, locale: account?.locale ?? values.lingua ?? 'it', row: values,
    });
  }
  return family;
}

/** As user names are written; where the code had to be changed for it, what follows keeps two of them apart. */
function usernameOf(school: string, code: string, userId: string): string {
  const plain = code.toLowerCase().replaceAll(/[^a-z0-9._-]/g, '-');
  return `famiglia.${school.toLowerCase()}.${plain}${plain === code.toLowerCase() ? '' : `.${userId.slice(0, 8)}`}`;
}

async function writePupils(client: pg.PoolClient, { school, year, leftOn = null }: FamilyImport, { pupils }: Family, names: PupilNames): Promise<Counts & { left: number }> {
  const known = new Map(((await run(client, sql.PUPILS_OF_YEAR, [school, year])).rows as { id: string; code: string; class: string; sealed: Buffer; left_on: Date | null }[]).map(row => [row.code, row]));
  const counts = { created: 0, changed: 0, unchanged: 0, left: 0 }, put: object[] = [];
  for (const { id, code, name, class: of } of pupils.values()) {
    const row = known.get(code), before = row && names.open(row.id, row.sealed);
    // A file without that column takes nothing away.
    name.nascita ??= before?.nascita ?? null;
    const same = row && row.left_on === null && row.class === of && before!.nome === name.nome && before!.cognome === name.cognome && (name.nascita ?? null) === (before!.nascita ?? null);
    counts[row ? (same ? 'unchanged' : 'changed') : 'created'] += 1;
    if (!same) put.push({ id, code, class: of, sealed: names.seal(id, name).toString('hex') });
  }
  await inChunks(put, rows => run(client, sql.PUT_PUPILS, [JSON.stringify(rows), school, year]));
  if (leftOn === null) return counts;
  const gone = [...known.values()].filter(({ code, left_on: left }) => left === null && !pupils.has(code)).map(({ id }) => id);
  if (gone.length > 0) await run(client, sql.PUPILS_LEFT, [gone, leftOn]);
  return { ...counts, left: gone.length };
}

interface KnownContacts { user_id: string; email: string | null; phone: string | null; channels: string[]; chosen: boolean; elsewhere: boolean; consents: { channel: string; day: string; version: string; open: boolean }[] }

async function writeGuardians(client: pg.PoolClient, { school, by }: FamilyImport, { pupils, guardians }: Family): Promise<Counts> {
  const ids = [...guardians.keys()], pupilIds = [...pupils.values()].map(({ id }) => id);
  const users = new Map(((await run(client, sql.USERS_NAMED, [[], ids])).rows as { id: string; name: string; locale: string }[]).map(user => [user.id, user]));
  const contacts = new Map(((await run(client, sql.CONTACTS_OF, [ids, school])).rows as KnownContacts[]).map(row => [row.user_id, row]));
  const links = new Map(((await run(client, sql.GUARDIANS_OF, [pupilIds])).rows as { pupil_id: string; user_id: string; relation: string; position: number }[]).map(row => [`${row.pupil_id} ${row.user_id}`, row]));
  const putUsers: object[] = [], putContacts: object[] = [], putConsents: object[] = [], putLinks: object[] = [], touched = new Set<string>();
  for (const { userId, known, username, name, locale, row } of guardians.values()) {
    const user = users.get(userId), said = contacts.get(userId), wanted = contactsOf(row);
    // An account is its holder's; what they chose themselves no file changes, nor one school's file what another school, at which they have children, wrote down.
    const settled = said !== undefined && (said.chosen || said.elsewhere);
    if (!known && (!user || user.name !== name || user.locale !== locale)) { putUsers.push({ id: userId, username, name, locale }); touched.add(userId); }
    if (!settled && (said?.email !== wanted.email || said.phone !== wanted.phone || [...said.channels].sort().join() !== [...wanted.channels].sort().join())) { putContacts.push({ user_id: userId, ...wanted }); touched.add(userId); }
    for (const consent of settled ? [] : consentsOf(row)) {
      // The database decides again: a consent that was withdrawn since is not given by an old paper.
      if (!said?.consents.some(({ channel, open, day }) => channel === consent.channel && (open || day >= consent.day))) { putConsents.push({ user_id: userId, ...consent }); touched.add(userId); }
    }
  }
  for (const pupil of pupils.values()) for (const guardian of pupil.guardians) {
    const link = links.get(`${pupil.id} ${guardian.userId}`);
    links.delete(`${pupil.id} ${guardian.userId}`);
    if (link?.relation !== guardian.relation || link.position !== guardian.position) { putLinks.push({ pupil_id: pupil.id, user_id: guardian.userId, relation: guardian.relation, position: guardian.position }); if (link || !users.has(guardian.userId)) touched.add(guardian.userId); }
  }
  await inChunks(putUsers, rows => run(client, sql.PUT_USERS, [JSON.stringify(rows)]));
  await inChunks(putContacts, rows => run(client, sql.PUT_CONTACTS, [JSON.stringify(rows), by]));
  await inChunks(putConsents, rows => run(client, sql.PUT_CONSENTS, [JSON.stringify(rows), by]));
  // Who does not answer for a pupil any more hears nothing of it any more.
  if (links.size > 0) await run(client, sql.DROP_GUARDIANS, [[...links.values()].map(link => link.pupil_id), [...links.values()].map(link => link.user_id)]);
  await inChunks(putLinks, rows => run(client, sql.PUT_GUARDIANS, [JSON.stringify(rows)]));
  const created = ids.filter(id => !users.has(id)).length, changed = [...touched].filter(id => users.has(id)).length;
  return { created, changed, unchanged: ids.length - created - changed };
}

/** The portal, and each channel for which the person signed and there is an address. */
function contactsOf({ email, cellulare, consensoEmail, consensoSms }: Row) {
  return { email, phone: cellulare, channels: ['portal', ...(email !== null && consensoEmail !== null ? ['email'] : []), ...(cellulare !== null && consensoSms !== null ? ['sms'] : [])] };
}
function consentsOf({ consensoEmail, consensoSms, versioneInformativa }: Row): { channel: 'email' | 'sms'; version: string; day: string }[] {
  const version = versioneInformativa ?? UNNAMED_VERSION;
  return [...(consensoEmail === null ? [] : [{ channel: 'email' as const, version, day: consensoEmail }]), ...(consensoSms === null ? [] : [{ channel: 'sms' as const, version, day: consensoSms }])];
}

async function inChunks(rows: object[], write: (rows: object[]) => Promise<unknown>): Promise<void> {
  for (let at = 0; at < rows.length; at += CHUNK) await write(rows.slice(at, at + CHUNK));
}
