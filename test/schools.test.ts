/** The ministry's files are what they are: other encodings, repeated rows, holes. An import takes what is good and says what is not. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { FIXTURE_SCHOOLS, seedFixture } from '../database/schools/fixture.ts';
import { importSchoolFile } from '../database/schools/importSchools.ts';
import { findSchool, SchoolCursorError, searchSchools } from '../database/schools/queries.ts';
import { SchoolFileError } from '../database/schools/readSchoolFile.ts';
import { checkSchoolCode, schoolLevel } from '../database/schools/schoolCode.ts';
import { createTestDatabase, type TestDatabase } from './environment/servers.ts';

const root = join(import.meta.dirname, '..');
/** The ministry's own files, on machines that have them; a clone is tested without. */
const REAL_DATA = join(root, '..', 'shared', 'data');

const NON_STATE = 'ANNOSCOLASTICO,AREAGEOGRAFICA,REGIONE,PROVINCIA,CODICESCUOLA,DENOMINAZIONESCUOLA,INDIRIZZOSCUOLA,CAPSCUOLA,CODICECOMUNESCUOLA,DESCRIZIONECOMUNE,DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA,INDIRIZZOEMAILSCUOLA,INDIRIZZOPECSCUOLA,SITOWEBSCUOLA';
const STATE = 'ANNOSCOLASTICO,AREAGEOGRAFICA,REGIONE,PROVINCIA,CODICEISTITUTORIFERIMENTO,DENOMINAZIONEISTITUTORIFERIMENTO,CODICESCUOLA,DENOMINAZIONESCUOLA,INDIRIZZOSCUOLA,CAPSCUOLA,CODICECOMUNESCUOLA,DESCRIZIONECOMUNE,DESCRIZIONECARATTERISTICASCUOLA,DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA,INDICAZIONESEDEDIRETTIVO,INDICAZIONESEDEOMNICOMPRENSIVO,INDIRIZZOEMAILSCUOLA,INDIRIZZOPECSCUOLA,SITOWEBSCUOLA';
const MANZETTI = '202324,NORD OVEST,VALLE D\' AOSTA,AOSTA,AOTD010005,"Istituzione ""I. Manzetti""",AOTL010008,"Manzetti (Indirizzo: costruzione, ambiente e territorio)","Via Chambéry, 105",11100,A326,AOSTA,NORMALE,ISTITUTO TECNICO PER GEOMETRI,NO,Non Disponibile,is-imanzetti@regione.vda.it,NON DISPONIBILE,www.imanzetti.scuole.vda.it';

/** A row of a non-state school of Bari; the defaults are good. */
const row = ({ year = '202324', code = 'BA1E00900E', name = 'MARGHERITA', cap = '70125', email = 'SEGRETERIA@ISTITUTOMARGHERITA.IT' } = {}) =>
  `${year},SUD,PUGLIA,BARI,${code},${name},CORSO B. CROCE 267,${cap},A662,BARI,SCUOLA PRIMARIA NON STATALE,${email},Non Disponibile,www.istitutomargherita.it`;

describe('a school code', () => {
  it.each([
    ['BAAA81801T', 'infanzia'], ['MI1A22700G', 'infanzia'], ['BAEE818013', 'primaria'], ['MI1E08700B', 'primaria'], ['BAMM818012', 'secondaria1'], ['BA1M01200G', 'secondaria1'],
    ['BAIC818001', 'istituto'], ['AOIP008000', 'istituto'], ['BAPC13000V', 'secondaria2'], ['BAIS062007', 'secondaria2'], ['AOTL010008', 'secondaria2'], ['BAVC010004', 'altro'],
  ])('%s is of level %s', (code, level) => expect(schoolLevel(code)).toBe(level));

  it.each([
    ['BAIC818001', 'right'], ['BAIC818002', 'wrong'], ['BAMM8AB013', 'right'], ['MIEE8AN01G', 'right'], ['BT1A04300C', 'right'], ['AG1AFM500H', 'unknown'], ['AO1E60201X', 'unknown'],
  ])('%s: the check character is %s', (code, verdict) => expect(checkSchoolCode(code)).toBe(verdict));
});

describe('the school registry', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  let folder: string;

  beforeAll(async () => {
    database = await createTestDatabase();
    pool = new pg.Pool({ connectionString: database.url });
    folder = mkdtempSync(join(tmpdir(), 'iter-schools-'));
  });
  beforeEach(() => pool.query('truncate schools, school_pupils'));
  afterAll(async () => {
    await pool.end();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  /** Writes a file; text is UTF-8, and lines end as the ministry's do. */
  const write = (name: string, content: string[] | Buffer) => {
    const file = join(folder, name);
    writeFileSync(file, Buffer.isBuffer(content) ? content : `${content.join('\r\n')}\r\n`);
    return file;
  };
  const take = (name: string, content: string[] | Buffer, options?: { schoolYear?: string }) => importSchoolFile(pool, write(name, content), options);

  it('takes a state registry as published: quotes, commas, accents, and nothing where it says Non Disponibile', async () => {
    const summary = await take('SCUANAAUTSTAT20232420230901.csv', [STATE, MANZETTI]);
    expect(summary).toMatchObject({ kind: 'registry', schoolYears: ['202324'], rows: 1, new: 1, changed: 0, unchanged: 0, refused: 0, errors: [], warnings: [] });
    expect(await findSchool(pool, ' aotl010008 ')).toEqual({
      code: 'AOTL010008', name: 'Manzetti (Indirizzo: costruzione, ambiente e territorio)', level: 'secondaria2', kind: 'ISTITUTO TECNICO PER GEOMETRI',
      instituteCode: 'AOTD010005', instituteName: 'Istituzione "I. Manzetti"', region: "VALLE D' AOSTA", province: 'AOSTA', provinceCode: 'AO',
      municipality: 'AOSTA', municipalityCode: 'A326', cap: '11100', address: 'Via Chambéry, 105', email: 'is-imanzetti@regione.vda.it', pec: null,
      website: 'www.imanzetti.scuole.vda.it', stateRun: true, schoolYear: '202324', pupils: null,
    });
  });

  it.each([
    ['gzip, whatever the name says', () => gzipSync(Buffer.from(`${STATE}\r\n${MANZETTI}\r\n`))],
    ['Latin-1', () => Buffer.from(`${STATE}\r\n${MANZETTI}\r\n`, 'latin1')],
    ['UTF-8 with a byte order mark', () => Buffer.from(`\uFEFF${STATE}\r\n${MANZETTI}\r\n`)],
    ['bare line feeds and no last line end', () => Buffer.from(`${STATE}\n${MANZETTI}`)],
    ['semicolons', () => Buffer.from(`${STATE.replaceAll(',', ';')}\n${MANZETTI.replaceAll(/,(?=(?:[^"]*"[^"]*")*[^"]*$)/g, ';')}\n`)],
    ['a workbook\'s UTF-16', () => Buffer.from(`\uFEFF${STATE}\r\n${MANZETTI}\r\n`, 'utf16le')],
  ])('reads %s', async (_, content) => {
    expect(await take('a.csv', content())).toMatchObject({ new: 1, refused: 0 });
    expect(await findSchool(pool, 'AOTL010008')).toMatchObject({ address: 'Via Chambéry, 105', instituteName: 'Istituzione "I. Manzetti"', stateRun: true });
  });

  it('takes columns in any order and ignores those that it does not know', async () => {
    await take('a.csv', ['IGNORATA,DENOMINAZIONESCUOLA,CODICESCUOLA,DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA,DESCRIZIONECOMUNE,PROVINCIA,REGIONE,ANNOSCOLASTICO', 'x,MARGHERITA,ba1e00900e,SCUOLA PRIMARIA NON STATALE,BARI,BARI,PUGLIA,2023/24']);
    expect(await findSchool(pool, 'BA1E00900E')).toMatchObject({ name: 'MARGHERITA', level: 'primaria', stateRun: false, cap: null, schoolYear: '202324' });
  });

  it('changes nothing the second time, and what has changed the third', async () => {
    const rows = [NON_STATE, row(), row({ code: 'BA1M01200G' })];
    expect(await take('a.csv', rows)).toMatchObject({ new: 2 });
    expect(await take('a.csv', rows)).toMatchObject({ new: 0, changed: 0, unchanged: 2 });
    expect(await take('a.csv', [...rows.slice(0, 2), row({ code: 'BA1M01200G', name: 'REGINA MARGHERITA' })])).toMatchObject({ new: 0, changed: 1, unchanged: 1 });
    expect(await findSchool(pool, 'BA1M01200G')).toMatchObject({ name: 'REGINA MARGHERITA' });
  });

  it('lets a newer year replace an older one, never the other way round', async () => {
    await take('a.csv', [NON_STATE, row({ name: 'NUOVA' })]);
    expect(await take('b.csv', [NON_STATE, row({ year: '202223', name: 'VECCHIA' })])).toMatchObject({ older: 1, changed: 0 });
    expect(await findSchool(pool, 'BA1E00900E')).toMatchObject({ name: 'NUOVA', schoolYear: '202324' });
    expect(await take('c.csv', [NON_STATE, row({ year: '202425', name: 'NUOVA' })])).toMatchObject({ unchanged: 1, changed: 0 });
    expect(await findSchool(pool, 'BA1E00900E')).toMatchObject({ schoolYear: '202425' });
  });

  it('refuses bad rows by line, code and field, and takes the good ones around them', async () => {
    const summary = await take('a.csv', [
      NON_STATE, row(), row({ code: 'BA1E026' }), row({ code: '1A1E026008' }), row({ code: 'BA1E026008', name: 'Non Disponibile' }), row({ code: 'BA1E026008', year: '202325' }),
      'troppo,corta', row({ code: 'BA1E026008', name: '"MAI CHIUSA' }), '', row({ code: 'BA1M01200G', name: '"SU DUE\r\nRIGHE"' }), row({ code: 'BA1A24000A' }),
    ]);
    expect(summary.errors).toEqual([
      { line: 3, code: 'BA1E026', field: 'CODICESCUOLA', message: 'has 7 characters instead of 10' },
      { line: 4, code: '1A1E026008', field: 'CODICESCUOLA', message: 'is not two letters and eight letters or digits' },
      { line: 5, code: 'BA1E026008', field: 'DENOMINAZIONESCUOLA', message: 'is missing' },
      { line: 6, code: 'BA1E026008', field: 'ANNOSCOLASTICO', message: '"202325" is no school year (202324 or 2023/24)' },
      { line: 7, code: null, field: null, message: '2 fields where the header has 14' },
      { line: 8, code: 'BA1E026008', field: null, message: 'a quotation mark is not closed' },
    ]);
    expect(summary).toMatchObject({ rows: 9, new: 3, refused: 6 });
    expect(await findSchool(pool, 'BA1M01200G')).toMatchObject({ name: 'SU DUE RIGHE' });
  });

  it('remarks what it leaves out, and a check character that does not fit', async () => {
    const { warnings, refused } = await take('a.csv', [NON_STATE, row({ code: 'BA1E00900F', email: 'scuola@.pec.it', cap: '7012' })]);
    expect(refused).toBe(0);
    expect(warnings.map(({ line, field }) => [line, field])).toEqual([[2, 'CODICESCUOLA'], [2, 'CAPSCUOLA'], [2, 'INDIRIZZOEMAILSCUOLA']]);
    expect(await findSchool(pool, 'BA1E00900F')).toMatchObject({ email: null, cap: null });
  });

  it('takes a repeated row once, and refuses one that contradicts it', async () => {
    const summary = await take('a.csv', [NON_STATE, row(), row(), row({ year: '202223', name: 'VECCHIA' }), row({ name: 'ALTRA' })]);
    expect(summary).toMatchObject({ rows: 4, new: 1, repeated: 2, refused: 1, errors: [{ line: 5, code: 'BA1E00900E', message: 'is on line 2 already, with other data' }] });
  });

  it.each([
    ['without a column it needs', [NON_STATE.replace('PROVINCIA,', ''), row()], /header lacks PROVINCIA/],
    ['of something else', ['a,b', '1,2'], /neither that of a school registry .* nor that of pupil counts/],
    ['that is empty', ['', ' '], /is empty/],
    ['of pupils of who knows which year', ['CODICESCUOLA,NUMEROSTUDENTI', 'BAEE818013,281'], /--school-year/],
    ['that is a workbook', Buffer.from('PK\x03\x04'), /save it as CSV/],
    ['that is damaged', gzipSync(row()).subarray(0, 30), /damaged/],
  ])('refuses a file %s', async (_, content, message) => {
    await expect(take('file.csv', content)).rejects.toThrow(SchoolFileError);
    await expect(take('file.csv', content)).rejects.toThrow(message);
  });

  it('keeps pupil counts by year, also of schools that come later, and "<=3" as at most 3', async () => {
    const counts = ['CODICESCUOLA,NUMEROSTUDENTI', 'BA1E00900E,121', 'BA1M01200G,<=3', 'BAEE818013,molti'];
    expect(await take('pupils-2024-25.csv', counts)).toMatchObject({ kind: 'pupils', schoolYears: ['202425'], rows: 3, new: 2, unknown: 2, refused: 1, errors: [{ line: 4, field: 'NUMEROSTUDENTI' }] });
    await take('other.csv', ['CODICESCUOLA,NUMEROSTUDENTI', 'BA1E00900E,130'], { schoolYear: '2023/24' });
    await take('a.csv', [NON_STATE, row(), row({ code: 'BA1M01200G' })]);
    expect(await findSchool(pool, 'BA1E00900E')).toMatchObject({ pupils: { count: 121, atMost: false, schoolYear: '202425' } });
    expect(await findSchool(pool, 'BA1M01200G')).toMatchObject({ pupils: { count: 3, atMost: true } });
    expect(await take('pupils-2024-25.csv', counts)).toMatchObject({ new: 0, changed: 0, unchanged: 2, unknown: 0 });
  });

  it('counts each row once when the same file is imported twice at the same time', async () => {
    const file = write('a.csv', [NON_STATE, row(), row({ code: 'BA1M01200G' })]);
    const both = await Promise.all([importSchoolFile(pool, file), importSchoolFile(pool, file)]);
    expect(both.map((summary) => summary.new).sort()).toEqual([0, 2]);
  });

  it('searches by words, without case or accents, by province, page after page', async () => {
    await seedFixture(pool);
    const codes = async (search: Parameters<typeof searchSchools>[1]) => (await searchSchools(pool, search)).items.map((school) => school.code);
    expect(await codes({ q: 'màssari bari' })).toEqual(['BAIC818001', 'BAMM818012', 'BAAA81802V', 'BAAA81801T', 'BAEE818013', 'BAEE818024'].sort((one, other) => nameKey(one).localeCompare(nameKey(other))));
    expect(await codes({ q: 'mipc17' })).toEqual(['MIPC170001']);
    expect(await codes({ q: '%' })).toEqual([]);
    expect(await codes({ q: '_' })).toEqual([]);
    expect(await codes({ q: "' or 1=1; --\0" })).toEqual([]);
    for (const province of ['MI', 'mi', 'Milano']) expect(await codes({ province, limit: 100 })).toHaveLength(11);
    expect(await codes({ province: 'ROMA' })).toEqual([]);

    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await searchSchools(pool, { limit: 4, cursor });
      seen.push(...page.items.map((school) => school.code));
      cursor = page.next ?? undefined;
    } while (cursor);
    expect(new Set(seen).size).toBe(FIXTURE_SCHOOLS.length);
    expect(seen).toHaveLength(FIXTURE_SCHOOLS.length);
    await expect(searchSchools(pool, { cursor: 'no cursor' })).rejects.toThrow(SchoolCursorError);
  });

  it('seeds schools of every level in Bari and Milano, all with sound codes and no address for mail, and never over the ministry\'s data', async () => {
    await take('a.csv', [NON_STATE, row({ name: 'DEL MINISTERO' })]);
    await seedFixture(pool);
    await seedFixture(pool);
    expect(await findSchool(pool, 'BA1E00900E')).toMatchObject({ name: 'DEL MINISTERO' });
    expect(FIXTURE_SCHOOLS.filter((school) => checkSchoolCode(school.code) !== 'right' || school.email || school.pec)).toEqual([]);
    for (const city of ['BARI', 'MILANO']) {
      const levels = FIXTURE_SCHOOLS.filter((school) => school.municipality === city && school.state_run).map((school) => school.level);
      expect(levels).toEqual(expect.arrayContaining(['istituto', 'primaria', 'secondaria1', 'secondaria2']));
    }
  });

  it('is a command that takes every file it can and fails if any row was refused', () => {
    const run = (...files: string[]) => spawnSync(process.execPath, ['worker/commands/importSchools.ts', ...files], { cwd: root, encoding: 'utf8', env: { ...process.env, DATABASE_URL: database.url } });
    const good = write('good.csv', [NON_STATE, row()]);
    expect(run(good)).toMatchObject({ status: 0, stdout: expect.stringContaining('rows 1 · new 1 ·'), stderr: '' });
    expect(run(join(folder, 'absent.csv'), write('bad.csv', [NON_STATE, row({ code: 'BA' })]), good)).toMatchObject({
      status: 1, stdout: expect.stringContaining('unchanged 1'), stderr: expect.stringMatching(/no such file[^]*bad\.csv, line 2, BA, CODICESCUOLA/),
    });
    expect(run()).toMatchObject({ status: 1, stderr: expect.stringContaining('Usage') });
  });

  (existsSync(REAL_DATA) ? it : it.skip)('takes the ministry\'s files whole, twice', async () => {
    const files = readdirSync(REAL_DATA).filter((name) => name.endsWith('.csv.gz')).map((name) => join(REAL_DATA, name));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const first = await importSchoolFile(pool, file);
      expect(first).toMatchObject({ refused: 0, repeated: 0, new: first.rows });
      expect(first.warnings.length).toBeLessThan(first.rows / 100);
      expect(await importSchoolFile(pool, file)).toMatchObject({ new: 0, changed: 0, unchanged: first.rows });
    }
  });
});

const nameKey = (code: string) => FIXTURE_SCHOOLS.find((school) => school.code === code)?.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, ' ').trim() ?? '';
