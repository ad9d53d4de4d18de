/** Tables of the secretariat's software: whatever their delimiter, encoding and headers are, each wrong row is told and none keeps another out. */
import { describe, expect, it } from '@jest/globals';
import { tableText } from '../../api/importText.ts';
import { familyColumns } from '../../engine/families/familyColumns.ts';
import { IGNORED, localDate, localTime, meaningOf, text } from '../../engine/imports/cells.ts';
import { readTable, type Column } from '../../engine/imports/readTable.ts';
import { TableFileError } from '../../engine/imports/tableErrors.ts';

const tipo = meaningOf<'a' | 'r' | typeof IGNORED>([['A', 'a'], ['Ass', 'a'], ['R', 'r'], ['Presente', IGNORED]], ['a', 'r']);
const COLUMNS = { codice: { headers: ['codice alunno', 'matricola'], required: true, read: text(10) } as Column<string>, il: { headers: ['data'], required: false, read: localDate } as Column<string>, tipo: { headers: ['tipo'], required: false, read: tipo } as Column<'a' | 'r'> };
const rows = (content: string | Buffer, mapping?: Record<string, string>) => readTable(Buffer.from(content as string), COLUMNS, mapping);
/** What refuses the whole file, in both languages. */
function refused(content: string | Buffer, mapping?: Record<string, string>): string[] {
  try {
    rows(content, mapping);
  } catch (error) {
    if (error instanceof TableFileError) return [error.said.code, tableText(error.said, 'it'), tableText(error.said, 'en')];
    throw error;
  }
  throw new Error('was read');
}

describe('a table', () => {
  it.each([[';'], [','], ['\t'], ['|']])('is read with the delimiter %j', delimiter => {
    expect(rows([['Codice_Alunno', 'DATA', 'Tipo'], ['A1', '31/12/2026', 'R'], ['A2', '2026-01-05', '']].map(line => line.join(delimiter)).join('\r\n')).rows).toEqual([
      { line: 2, values: { codice: 'A1', il: '2026-12-31', tipo: 'r' } }, { line: 3, values: { codice: 'A2', il: '2026-01-05', tipo: null } },
    ]);
  });

  it('is read with a byte order mark, in Windows Latin, and in the 16 bits of spreadsheets', () => {
    const content = 'codice alunno;data\r\nNiccolò;1/9/2026\r\n', expected = { codice: 'Niccolò', il: '2026-09-01', tipo: null };
    const swapped = Buffer.from(`\ufeff${content}`, 'utf16le').swap16();
    for (const bytes of [Buffer.from(`\ufeff${content}`), Buffer.from(content, 'latin1'), Buffer.from(`\ufeff${content}`, 'utf16le'), swapped]) expect(readTable(bytes, COLUMNS).rows.map(({ values }) => values)).toEqual([expected]);
    // What ISO Latin has not: the apostrophe that word processors write, the euro.
    expect(readTable(Buffer.from('codice alunno\nD\x92Ai \x80\n', 'latin1'), COLUMNS).rows[0]!.values.codice).toBe('D’Ai €');
  });

  it('tells each mistake by line and field, and reads the others', () => {
    const table = rows('codice alunno;data;tipo\nA1;31/02/2026;x\n;;\nA3;1/2/2026;a\nA4;;a;zuviel\n\n  \nA12345678901;;\n');
    expect(table.errors).toEqual([
      { line: 2, field: 'il', code: 'date' }, { line: 2, field: 'tipo', code: 'oneOf', figures: { cell: 'x', values: 'a, r' } }, { line: 5, field: null, code: 'tooMany', figures: { cells: 4, headers: 3 } },
      { line: 8, field: 'codice', code: 'tooLong', figures: { most: 10 } },
    ]);
    expect(table).toMatchObject({ records: 4, rows: [{ line: 4, values: { codice: 'A3', il: '2026-02-01', tipo: 'a' } }], mapping: { codice: 'codice alunno', il: 'data', tipo: 'tipo' } });
    expect(rows('Codice alunno;Data;Tipo;Consenso mail\nA1;01/02/2026;a;x').unused).toEqual(['Consenso mail']);
  });

  it('begins below the titles that registers print', () => {
    const table = rows('sep=;\nIstituto Comprensivo "Massari, Galilei", Bari\n\nAssenze dal 1/9/2026, al 30/9/2026, tutte, le, classi\nData stampa;23/11/2026\n"Codice alunno";"Data";"Tipo"\n"A1";"1/9/2026";"A"\n');
    expect([table.rows, table.records]).toEqual([[{ line: 7, values: { codice: 'A1', il: '2026-09-01', tipo: 'a' } }], 1]);
  });

  it('tells the first line of a row that has several, in files of any line ends', () => {
    for (const end of ['\n', '\r\n', '\r']) expect(rows(['codice alunno;nota;data', 'A1;"una', 'due";1/9/2026', '', 'A2;x;boh', ''].join(end))).toMatchObject({ rows: [{ line: 2 }], errors: [{ line: 5, field: 'il' }] });
  });

  it('may have empty columns at the end of some rows, and cells that are not there', () => {
    const table = rows('codice alunno;data;tipo;;\nA1;1/9/2026;A;;\nA2;1/9/2026;R\nA3;1/9/2026\nA4;1/9/2026;A;;;;;\n');
    expect([table.errors, table.rows.map(({ values }) => values['tipo'])]).toEqual([[], ['a', 'r', null, 'a']]);
  });

  it('that was cut off in the middle of its last row tells it', () => {
    expect(rows('codice alunno;data;tipo\nA1;1/9/2026;A\nA2;1/9/20')).toMatchObject({ rows: [{ line: 2 }], errors: [{ line: 3, field: null, code: 'cutOff' }] });
    expect(rows('codice alunno;data;tipo\nA1;1/9/2026;A').errors).toEqual([]);
  });

  it('takes each heading in its order of meaning, and never guesses between two of one name', () => {
    expect(rows('Matricola;Codice alunno\nM1;A1\n').mapping).toEqual({ codice: 'Codice alunno' });
    expect(refused('Data;Codice alunno;Data\n1/1/2012;A1;1/9/2026\n')).toEqual(['twice', 'L’intestazione ha due volte: Data. Indicare nella mappatura quale vale (la seconda è “Data (2)”).', expect.any(String)]);
    expect(rows('Data;Codice alunno;Data\n1/1/2012;A1;1/9/2026\n', { il: 'Data (2)' }).rows[0]!.values.il).toBe('2026-09-01');
    expect(rows('Data;Codice alunno;Data\n1/1/2012;A1;1/9/2026\n', { il: 'Data' }).rows[0]!.values.il).toBe('2012-01-01');
    // Two columns that nobody asks for are in nobody's way.
    expect(rows('Nota;Codice alunno;Nota\nx;A1;y\n').errors).toEqual([]);
  });

  it('reads quotes where they are not meant as such, formulas as words, and codes that spreadsheets protect', () => {
    expect(rows('codice alunno;tipo;nota\n="00123";A;detto "Gino"\n=HYPERLINK("http://x");A;\n  00124\u00a0;A;\n')).toMatchObject({ rows: [{ values: { codice: '00123' } }, { line: 4, values: { codice: '00124' } }], errors: [{ line: 3, field: 'codice', code: 'tooLong' }] });
  });

  it('leaves out rows that say nothing, whatever else is wrong with them', () => {
    expect(rows('codice alunno;data;tipo\nA1;boh;presente\nA2;1/9/2026;A\n')).toMatchObject({ records: 2, ignored: 1, errors: [], rows: [{ line: 3 }] });
  });

  it('is read by the names that somebody gives', () => {
    expect(rows('Matr.;Giorno\nA1;01/02/2026', { codice: 'matr', il: 'GIORNO' }).rows[0]!.values).toMatchObject({ codice: 'A1', il: '2026-02-01' });
  });

  it.each([
    ['', 'empty'], ['\n \r\n', 'empty'], ['\ufeff', 'empty'], ['PK\x03\x04xyz', 'workbook'], [Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'workbook'], ['%PDF-1.7', 'notText'], ['codice alunno\nA\0', 'notText'], ['\x07\x01\x02\xfe;\x03', 'lacks'],
    ['codice alunno;data\nA1;"aperta\nA2;x\n', 'quote'], ['Giorno;Nome\nx;y\n', 'lacks'],
  ])('that is none is refused whole: %j', (content, code) => expect(refused(content)[0]).toBe(code));

  it('that lacks a column says which, beside what its headings are', () => {
    expect(refused('Assenze di novembre\nNome;Data;Tipo\nx;1/9/2026;A\n').slice(1)).toEqual(['Nell’intestazione manca: codice alunno. Ci sono: Nome, Data, Tipo.', 'The header lacks codice alunno. It has Nome, Data, Tipo.']);
  });

  it('of families knows the names that are usual', () => {
    const header = 'Codice SIDI;Cognome alunno;Nome alunno;Classe;Codice genitore;Cognome genitore;Nome genitore;E-mail genitore;Cellulare;Consenso SMS';
    const table = readTable(Buffer.from(`${header}\n1;Rossi;Luca;1ª a;G1;D'Angelo;Anna;ANNA@Example.it;333 1234567;1/9/2026\n2;Rossi;Mia;3 B;G1;Rossi;Anna;anna;080 5551234;\n`), familyColumns());
    expect(table.rows[0]!.values).toMatchObject({ classe: '1A', cognomeGenitore: "D'Angelo", email: 'anna@example.it', cellulare: '+393331234567', consensoSms: '2026-09-01', consensoEmail: null });
    expect(table.errors).toEqual([{ line: 3, field: 'email', code: 'email' }, { line: 3, field: 'cellulare', code: 'mobile' }]);
  });
});

describe('a cell', () => {
  it.each([['1/9/2026', '2026-09-01'], ['1/9/26', '2026-09-01'], ['01.09.2026', '2026-09-01'], ['1-9-26', '2026-09-01'], ['2026-09-01', '2026-09-01'], ['01/09/2026 00:00:00', '2026-09-01'], ['2026-09-01T00:00:00', '2026-09-01'], ['29/2/28', '2028-02-29']])('with the date %s is %s', (cell, date) => expect(localDate(cell)).toBe(date));
  it.each([['31/02/2026'], ['29/2/26'], ['9/2026'], ['1/9/126'], ['46274'], ['2026-9-1x'], ['01/09/2026 08:15']])('with %s is no date', cell => expect(() => localDate(cell)).toThrow(/date/));
  it.each([['8.15', '08:15'], ['08:15', '08:15'], ['8,05', '08:05'], ['08:15:00', '08:15'], ['0:00', '00:00']])('with the time %s is %s', (cell, time) => expect(localTime(cell)).toBe(time));
  it.each([['25.00'], ['8.60'], ['8'], ['8.5'], ['ore 8']])('with %s is no time', cell => expect(() => localTime(cell)).toThrow(/time/));
  it.each([['A', 'a'], ['ass.', 'a'], ['ASS', 'a'], [' r. ', 'r']])('with the word %j means %s', (cell, value) => expect(tipo(cell)).toBe(value));
});
