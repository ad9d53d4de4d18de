/** From the ministry's cells to rows of our tables: what is refused, what is only remarked, what a blank means. */
import { isSchoolCode, normalizeSchoolCode, checkSchoolCode, schoolLevel, type SchoolLevel } from './schoolCode.ts';
import type { SourceRow } from './readSchoolFile.ts';

/** A row of `schools` as a file tells it; the names are the columns'. */
export interface SchoolRow {
  code: string; name: string; level: SchoolLevel; kind: string | null;
  institute_code: string | null; institute_name: string | null;
  region: string; province: string; municipality: string; municipality_code: string | null;
  cap: string | null; address: string | null; email: string | null; pec: string | null; website: string | null;
  /** Non-state schools (paritarie) are in files of their own. */
  state_run: boolean;
  /** Six digits: 202324 is 2023/24. */
  school_year: string;
}

/** A row of `school_pupils`. */
export interface PupilsRow {
  code: string; school_year: string;
  /** Pupils of the school (plesso); with `at_most`, the most that there can be. */
  pupils: number; at_most: boolean;
}

export interface RowProblem {
  line: number;
  /** As written in the file, right or not; null where there is none to be seen. */
  code: string | null;
  /** The column of the file; null for a row that could not be read. */
  field: string | null;
  message: string;
}

export type RowOutcome<Row> = { row: Row; warnings: RowProblem[] } | { row: null; error: RowProblem };

export const REGISTRY_COLUMNS = ['ANNOSCOLASTICO', 'REGIONE', 'PROVINCIA', 'CODICESCUOLA', 'DENOMINAZIONESCUOLA', 'DESCRIZIONECOMUNE', 'DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA'];
export const PUPILS_COLUMNS = ['CODICESCUOLA', 'NUMEROSTUDENTI'];
/** Only the state's registries say which institute a school belongs to. */
const STATE_COLUMN = 'CODICEISTITUTORIFERIMENTO';

/** A local part and a domain that could exist; stricter rules refuse addresses that work. */
const ADDRESS = /^[^\s@<>(),;:"\\[\]]+@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,}$/;

class Refused extends Error {
  readonly field: string;
  constructor(field: string, message: string) {
    super(message);
    this.field = field;
  }
}

export function toSchoolRow(source: SourceRow): RowOutcome<SchoolRow> {
  return read(source, (warn) => {
    const cell = (field: string) => meaning(source.cells[field]);
    const demand = (field: string) => cell(field) ?? refuse(field, 'is missing');
    const formatted = (field: string, format: RegExp, what: string) => {
      const value = cell(field);
      if (value === null || format.test(value)) return value;
      warn(field, `"${value}" is no ${what}: left out`);
      return null;
    };
    const address = (field: string) => {
      const value = cell(field)?.toLowerCase() ?? null;
      if (value === null || ADDRESS.test(value)) return value;
      warn(field, `"${value}" is no e-mail address: left out`);
      return null;
    };
    const code = demandCode(source, warn);
    const institute = cell(STATE_COLUMN);
    return {
      code, name: demand('DENOMINAZIONESCUOLA'), level: schoolLevel(code), kind: cell('DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA'),
      institute_code: institute && normalizeSchoolCode(institute), institute_name: cell('DENOMINAZIONEISTITUTORIFERIMENTO'),
      region: demand('REGIONE'), province: demand('PROVINCIA').toUpperCase(),
      municipality: demand('DESCRIZIONECOMUNE'), municipality_code: formatted('CODICECOMUNESCUOLA', /^[A-Z]\d{3}$/, 'municipality code'),
      cap: formatted('CAPSCUOLA', /^\d{5}$/, 'postal code'), address: cell('INDIRIZZOSCUOLA'),
      email: address('INDIRIZZOEMAILSCUOLA'), pec: address('INDIRIZZOPECSCUOLA'), website: cell('SITOWEBSCUOLA'),
      state_run: STATE_COLUMN in source.cells, school_year: demandYear(demand('ANNOSCOLASTICO')),
    };
  });
}

/** `schoolYear`: that of the file, which has no column for it (one that has, says it by row). */
export function toPupilsRow(source: SourceRow, schoolYear: string | null): RowOutcome<PupilsRow> {
  return read(source, (warn) => {
    const code = demandCode(source, warn);
    const written = meaning(source.cells['NUMEROSTUDENTI']) ?? refuse('NUMEROSTUDENTI', 'is missing');
    // `<=3` stands where 3 or fewer are: a count so small could tell who they are.
    const count = /^(<=\s*)?(\d{1,6})$/.exec(written) ?? refuse('NUMEROSTUDENTI', `"${written}" is no number of pupils`);
    const year = meaning(source.cells['ANNOSCOLASTICO']);
    return { code, school_year: year ? demandYear(year) : (schoolYear ?? refuse('ANNOSCOLASTICO', 'is missing')), pupils: Number(count[2]), at_most: count[1] !== undefined };
  });
}

/** 202324, 2023/24, 2023-2024 → 202324; undefined if the two years do not follow each other. */
export function parseSchoolYear(text: string): string | undefined {
  const [, from, to] = /^(\d{4})[/-]?((?:\d{2})?\d{2})$/.exec(text.trim()) ?? [];
  if (!from || !to) return undefined;
  const next = String(Number(from) + 1);
  return to === next || to === next.slice(2) ? from + next.slice(2) : undefined;
}

function read<Row>(source: SourceRow, make: (warn: (field: string, message: string) => void) => Row): RowOutcome<Row> {
  const code = source.cells['CODICESCUOLA'] || null;
  const warnings: RowProblem[] = [];
  try {
    return { row: make((field, message) => warnings.push({ line: source.line, code, field, message })), warnings };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { row: null, error: { line: source.line, code, field: error.field, message: error.message } };
  }
}

function refuse(field: string, message: string): never {
  throw new Refused(field, message);
}

/** Blanks gathered into one (PostgreSQL takes no NUL either); the ministry's words for "nothing" are null. */
function meaning(cell: string | undefined): string | null {
  const value = (cell ?? '').replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return value === '' || /^non disponibile$/i.test(value) || /^-+$/.test(value) ? null : value;
}

function demandCode(source: SourceRow, warn: (field: string, message: string) => void): string {
  const code = normalizeSchoolCode(source.cells['CODICESCUOLA'] ?? '');
  if (code.length !== 10) refuse('CODICESCUOLA', code === '' ? 'is missing' : `has ${code.length} characters instead of 10`);
  if (!isSchoolCode(code)) refuse('CODICESCUOLA', 'is not two letters and eight letters or digits');
  if (checkSchoolCode(code) === 'wrong') warn('CODICESCUOLA', 'the check character does not fit: a typing error?');
  return code;
}

function demandYear(text: string): string {
  return parseSchoolYear(text) ?? refuse('ANNOSCOLASTICO', `"${text}" is no school year (202324 or 2023/24)`);
}
