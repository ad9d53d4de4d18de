/** What the API reads of the registry. Public facts: any role that may read `schools`, no policy. */
import type pg from 'pg';
import { isSchoolCode, normalizeSchoolCode, type SchoolLevel } from './schoolCode.ts';

export interface School {
  code: string;
  name: string;
  /** By the type letters of the code. */
  level: SchoolLevel;
  /** The ministry's words: "SCUOLA PRIMARIA", "LICEO CLASSICO" …; null where it has none. */
  kind: string | null;
  instituteCode: string | null;
  instituteName: string | null;
  region: string;
  /** Name, in capitals. */
  province: string;
  /** The first two letters of the code: mostly the number plate's, but TB, LB and IB in Bolzano, BA or FG for some of Barletta. */
  provinceCode: string;
  municipality: string;
  /** Codice catastale, such as A662. */
  municipalityCode: string | null;
  cap: string | null;
  address: string | null;
  email: string | null;
  pec: string | null;
  /** As published: a host, an address, or what somebody typed. */
  website: string | null;
  stateRun: boolean;
  /** Six digits; 202324 is 2023/24. The newest registry that holds the school. */
  schoolYear: string;
  /** The newest count that is known; with `atMost` there may be fewer. */
  pupils: { count: number; atMost: boolean; schoolYear: string } | null;
}

export interface SchoolPage {
  items: School[];
  /** The cursor of the next page; null on the last. */
  next: string | null;
}

/** The cursor is none of ours: an answer for the caller, not a fault. */
export class SchoolCursorError extends Error {
  override name = 'SchoolCursorError';
}

const DEFAULT_LIMIT = 20;
const LARGEST_LIMIT = 100;
/** More words than this in a search are a mistake, or an attack on the index. */
const LARGEST_WORDS = 8;

const SCHOOL = `
select s.code, s.name, s.level, s.kind, s.institute_code as "instituteCode", s.institute_name as "instituteName", s.region, s.province, s.province_code as "provinceCode",
  s.municipality, s.municipality_code as "municipalityCode", s.cap, s.address, s.email, s.pec, s.website, s.state_run as "stateRun", s.school_year as "schoolYear",
  (select jsonb_build_object('count', p.pupils, 'atMost', p.at_most, 'schoolYear', p.school_year) from school_pupils p where p.code = s.code order by p.school_year desc limit 1) as pupils`;

/** Number plates that no code begins with, or not every code of the province: found by the province's name too. */
const PROVINCES_BY_PLATE: Record<string, string> = {
  BT: 'BARLETTA-ANDRIA-TRANI', BZ: 'BOLZANO', FC: "FORLI'-CESENA", FM: 'FERMO', MB: 'MONZA E DELLA BRIANZA', PU: 'PESARO E URBINO', SU: 'SUD SARDEGNA',
};

/** The school of that code, in whatever case and with blanks around; undefined if the registry has none. */
export async function findSchool(pool: Pick<pg.Pool, 'query'>, code: string): Promise<School | undefined> {
  const wanted = normalizeSchoolCode(code);
  if (!isSchoolCode(wanted)) return undefined;
  const { rows } = await pool.query<School>({ name: 'school-find', text: `${SCHOOL} from schools s where s.code = $1`, values: [wanted] });
  return rows[0];
}

/**
 * Schools whose code, name, municipality or institute holds every word of `q` (case and accents do not matter), by name
 * and then code; quotes and accents do not count in the order.
 * `province`: two letters (of the code, or the number plate) or the name. `limit`: 1 to 100, 20 by default.
 * Throws SchoolCursorError for a cursor that no answer gave.
 */
export async function searchSchools(pool: Pick<pg.Pool, 'query'>, search: { q?: string; province?: string; limit?: number; cursor?: string }): Promise<SchoolPage> {
  const limit = Math.min(Math.max(Math.trunc(search.limit || DEFAULT_LIMIT), 1), LARGEST_LIMIT);
  const values: unknown[] = [];
  const value = (given: unknown) => `$${values.push(given)}`;
  const conditions: string[] = [];
  for (const word of (search.q ?? '').replaceAll('\0', ' ').trim().split(/\s+/).filter(Boolean).slice(0, LARGEST_WORDS)) {
    const pattern = `%${word.replaceAll(/[\\%_]/g, '\\$&')}%`;
    conditions.push(`s.search like lower(iter_unaccent(${value(pattern)}))`);
  }
  const province = search.province?.replaceAll('\0', ' ').trim().toUpperCase();
  if (province && /^[A-Z]{2}$/.test(province)) {
    const name = PROVINCES_BY_PLATE[province];
    conditions.push(name ? `(s.province_code = ${value(province)} or s.province = ${value(name)})` : `s.province_code = ${value(province)}`);
  } else if (province) {
    conditions.push(`lower(iter_unaccent(s.province)) = lower(iter_unaccent(${value(province)}))`);
  }
  if (search.cursor !== undefined) {
    const [name, code] = readCursor(search.cursor);
    conditions.push(`(s.name_key, s.code collate "C") > (${value(name)}, ${value(code)})`);
  }
  const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
  const { rows } = await pool.query<School & { nameKey: string }>(
    `${SCHOOL}, s.name_key as "nameKey" from schools s ${where} order by s.name_key, s.code collate "C" limit ${value(limit + 1)}`, values,
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { items: page.map(({ nameKey: _, ...school }) => school), next: rows.length > limit && last ? writeCursor(last.nameKey, last.code) : null };
}

function writeCursor(nameKey: string, code: string): string {
  return Buffer.from(JSON.stringify([nameKey, code])).toString('base64url');
}

function readCursor(cursor: string): [string, string] {
  try {
    const [name, code, ...rest] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
    if (typeof name === 'string' && typeof code === 'string' && rest.length === 0 && !`${name}${code}`.includes('\0')) return [name, code];
  } catch {
    // Answered below, like every other text that is no cursor.
  }
  throw new SchoolCursorError('The cursor is not one that a page of schools gave.');
}
