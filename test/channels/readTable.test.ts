/** Tables of the secretariat's software: whatever their delimiter, encoding and headers are, each wrong row is told and none keeps another out. */
import { describe, expect, it } from '@jest/globals';
import { familyColumns } from '../../engine/families/familyColumns.ts';
import { localDate, meaning, readTable, TableFileError, text, type Column } from '../../engine/imports/readTable.ts';

const COLUMNS = { codice: { headers: ['codice alunno'], required: true, read: text(10) } as Column<string>, il: { headers: ['data'], required: false, read: localDate } as Column<string>, tipo: { headers: ['tipo'], required: false, read: meaning({ a: [], r: ['ritardo'] }) } as Column<'a' | 'r'> };
const rows = (content: string | Buffer, mapping?: Record<string, string>) => readTable(Buffer.from(content as string), COLUMNS, mapping);

describe('a table', () => {
  it.each([[';'], [','], ['\t'], ['|']])('is read with the delimiter %j', delimiter => {
    expect(rows([['Codice_Alunno', 'DATA', 'Tipo'], ['A1', '31/12/2026', 'R'], ['A2', '2026-01-05', '']].map(line => line.join(delimiter)).join('\r\n')).rows).toEqual([
      { line: 2, values: { codice: 'A1', il: '2026-12-31', tipo: 'r' } }, { line: 3, values: { codice: 'A2', il: '2026-01-05', tipo: null } },
    ]);
  });
  it('is read with a byte order mark, and in Windows Latin', () => {
    expect(rows('\ufeffcodice alunno;data\nA1;').rows).toHaveLength(1);
    expect(readTable(Buffer.from('codice alunno\nNiccol\u00f2', 'latin1'), COLUMNS).rows[0]!.values.codice).toBe('Niccolò');
  });
  it('tells each mistake by line and field, and reads the others', () => {
    const table = rows('codice alunno;data;tipo\nA1;31/02/2026;x\n;;\nA3;1/2/2026;a\nA4;;a;zuviel\n\n  \nA12345678901;;');
    expect(table.errors).toEqual([
      { line: 2, field: 'il', message: 'is no date (31/12/2026)' }, { line: 2, field: 'tipo', message: 'must be one of a, r' }, { line: 5, field: null, message: '4 fields where the header has 3' },
      { line: 8, field: 'codice', message: 'is longer than 10 characters' },
    ]);
    expect(table).toMatchObject({ records: 4, rows: [{ line: 4, values: { codice: 'A3', il: '2026-02-01', tipo: 'a' } }], mapping: { codice: 'codice alunno', il: 'data', tipo: 'tipo' } });
  });
  it('is read by the names that somebody gives, and refused whole where a column is missing', () => {
    expect(rows('Matr.;Giorno\nA1;01/02/2026', { codice: 'matr', il: 'GIORNO' }).rows[0]!.values).toMatchObject({ codice: 'A1', il: '2026-02-01' });
    expect(() => rows('Matr.;Giorno\nA1;x')).toThrow(/lacks codice alunno\. It has Matr\., Giorno/);
    for (const content of ['', '\n', 'PK\x03\x04', 'codice alunno\n\0']) expect(() => rows(content)).toThrow(TableFileError);
  });
  it('of families knows the names that are usual', () => {
    const header = 'Codice SIDI;Cognome alunno;Nome alunno;Classe;Codice genitore;Cognome genitore;Nome genitore;E-mail genitore;Cellulare;Consenso SMS';
    const table = readTable(Buffer.from(`${header}\n1;Rossi;Luca;1ª a;G1;Rossi;Anna;ANNA@Example.it;333 1234567;1/9/2026\n2;Rossi;Mia;3 B;G1;Rossi;Anna;anna;080 5551234;`), familyColumns());
    expect(table.rows[0]!.values).toMatchObject({ classe: '1A', email: 'anna@example.it', cellulare: '+393331234567', consensoSms: '2026-09-01', consensoEmail: null });
    expect(table.errors).toEqual([{ line: 3, field: 'email', message: 'is no e-mail address' }, { line: 3, field: 'cellulare', message: 'is not the number of a mobile telephone' }]);
  });
});
