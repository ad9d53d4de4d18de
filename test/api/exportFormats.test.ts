/** A wrong payment file is found by the bank, days later; a wrong table by nobody. So both are refused here, with every reason at once. */
import { describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { writeCsv } from '../../api/exports/csvTable.ts';
import { ExportError } from '../../api/exports/exportError.ts';
import { exportCreditTransfer, MOST_CENTS, writeCreditTransfer } from '../../api/exports/painCreditTransfer.ts';
import { sepaText } from '../../api/exports/sepaText.ts';
import type { CreditTransferFile } from '../../plugins/exportModel.ts';

type Transfer = CreditTransferFile['transfers'][number];

const IBAN = 'IT60X0542811101000000123456';
const transfer = (over: Partial<Transfer> = {}): Transfer => ({ endToEndId: 'FMOF/2026/0001', name: 'Niccolò D’Arrò', iban: IBAN, amountCents: 123_45, remittance: 'Ore di istruzione domiciliare, novembre', ...over });
const file = (over: Partial<CreditTransferFile> = {}): CreditTransferFile => ({
  format: 'pain.001', fileName: 'bonifici', messageId: 'POLO-2026-0007', createdAt: '2026-11-22T10:00:00.000Z', executeOn: '2026-11-25',
  debtor: { name: 'I.C. «Rosmini» – Scuola polo', iban: 'IT60 X054 2811 1010 0000 0123 456' }, transfers: [transfer()], ...over,
});
const problemsOf = (write: () => unknown) => {
  try {
    write();
  } catch (error) {
    if (error instanceof ExportError) return error.problems;
    throw error;
  }
  return [];
};
const amounts = (xml: string) => [...xml.matchAll(/<InstdAmt Ccy="EUR">(\d+)\.(\d\d)<\/InstdAmt>/g)].map(([, euro, cents]) => BigInt(euro! + cents!));

describe('a payment file', () => {
  it('fits the schema of ISO 20022 and says in SEPA letters what was given', async () => {
    const xml = await exportCreditTransfer(file({ transfers: [transfer(), transfer({ endToEndId: 'FMOF/2026/0002', iban: 'DE89 3704 0044 0532 0130 00', bic: 'COBADEFFXXX', remittance: 'Straße & Co. «città» <perché> €' })] }));
    expect(xml).toContain('<MsgId>POLO-2026-0007</MsgId>');
    expect(xml).toContain('<Nm>I.C. &apos;Rosmini&apos; - Scuola polo</Nm>');
    expect(xml).toContain('<Nm>Niccolo D&apos;Arro</Nm>');
    expect(xml).toContain('<IBAN>DE89370400440532013000</IBAN>');
    expect(xml).toContain('<BICFI>COBADEFFXXX</BICFI>');
    expect(xml).toContain('<Id>NOTPROVIDED</Id>');
    expect(xml).toContain('<Ustrd>Strasse + Co. &apos;citta&apos; .perche. EUR</Ustrd>');
    expect(xml.match(/<NbOfTxs>2<\/NbOfTxs>\s*<CtrlSum>246\.90<\/CtrlSum>/g)).toHaveLength(2);
  });

  it('has the same bytes for the same input', () => expect(writeCreditTransfer(file())).toBe(writeCreditTransfer(file())));

  it('pays a thousand schools the fund, to the cent', async () => {
    const fund = 7_654_321_09n;
    const shares = Array.from({ length: 1000 }, (_, i) => Number(fund / 1000n + (BigInt(i) < fund % 1000n ? 1n : 0n)));
    const xml = await exportCreditTransfer(file({ transfers: shares.map((amountCents, i) => transfer({ endToEndId: `FMOF/2026/${i}`, amountCents })) }));
    expect(amounts(xml).reduce((sum, cents) => sum + cents, 0n)).toBe(fund);
    expect(xml.match(/<CtrlSum>7654321\.09<\/CtrlSum>/g)).toHaveLength(2);
  });

  it('sums what a floating number cannot', async () => {
    const xml = await exportCreditTransfer(file({ transfers: Array.from({ length: 1001 }, (_, i) => transfer({ endToEndId: `X${i}`, amountCents: MOST_CENTS - (i % 2) })) }));
    expect(xml).toContain('<CtrlSum>1000999999984.99</CtrlSum>');
  });

  it.each<[string, Partial<Transfer>, keyof Transfer]>([
    ['check digits that do not fit', { iban: 'IT61X0542811101000000123456' }, 'iban'],
    ['a control letter (CIN) that does not fit', { iban: 'IT60A0542811101000000123456' }, 'iban'],
    ['an IBAN cut short', { iban: 'IT60X05428111010000001234' }, 'iban'],
    ['no IBAN', { iban: '' }, 'iban'],
    ['an IBAN with an element in it', { iban: `${IBAN}</IBAN>` }, 'iban'],
    ['an account outside the SEPA area', { iban: 'TR330006100519786457841326' }, 'iban'],
    ['a BIC of nine letters', { bic: 'COBADEFFX' }, 'bic'],
    ['nothing to pay', { amountCents: 0 }, 'amountCents'],
    ['less than nothing', { amountCents: -1 }, 'amountCents'],
    ['half a cent', { amountCents: 100.5 }, 'amountCents'],
    ['not a number', { amountCents: Number.NaN }, 'amountCents'],
    ['more than the scheme carries', { amountCents: MOST_CENTS + 1 }, 'amountCents'],
    ['141 characters of remittance', { remittance: 'x'.repeat(141) }, 'remittance'],
    ['140 that become 141 in SEPA letters', { remittance: `${'x'.repeat(139)}ß` }, 'remittance'],
    ['no remittance', { remittance: ' \t ' }, 'remittance'],
    ['a name of 71 characters', { name: 'N'.repeat(71) }, 'name'],
    ['a name of control characters', { name: '\u0000\u0007\u202e' }, 'name'],
    ['an identifier of 36 characters', { endToEndId: 'x'.repeat(36) }, 'endToEndId'],
    ['an identifier with an accent', { endToEndId: 'è' }, 'endToEndId'],
    ['an identifier that begins with a slash', { endToEndId: '/1' }, 'endToEndId'],
  ])('refuses %s', (_, over, field) => expect(problemsOf(() => writeCreditTransfer(file({ transfers: [transfer({ endToEndId: 'A' }), transfer(over)] })))).toMatchObject([{ row: 2, field }]));

  it.each<[string, Partial<CreditTransferFile>, string]>([
    ['no transfer', { transfers: [] }, 'transfers'],
    ['10001 transfers', { transfers: Array.from({ length: 10_001 }, (_, i) => transfer({ endToEndId: `X${i}` })) }, 'transfers'],
    ['a message id of 36 characters', { messageId: 'x'.repeat(36) }, 'messageId'],
    ['an execution on 30 February', { executeOn: '2027-02-30' }, 'executeOn'],
    ['an execution in the past', { executeOn: '2026-11-21' }, 'executeOn'],
    ['no instant', { createdAt: 'now' }, 'createdAt'],
    ['a debtor without an account', { debtor: { name: 'Polo', iban: '' } }, 'debtor.iban'],
  ])('refuses a file with %s', (_, over, field) => expect(problemsOf(() => writeCreditTransfer(file(over)))).toMatchObject([{ row: null, field }]));

  it('names every problem at once, in the order of the rows', () => {
    const wrong = file({ messageId: '', transfers: [transfer({ amountCents: 0 }), transfer({ iban: 'IT00', name: '' })] });
    expect(problemsOf(() => writeCreditTransfer(wrong)).map(({ row, field }) => [row, field])).toEqual([[null, 'messageId'], [1, 'amountCents'], [2, 'name'], [2, 'iban'], [2, 'endToEndId']]);
    expect(() => writeCreditTransfer(wrong)).toThrow(/^messageId: .*; row 1, amountCents: .*; and 2 more$/);
  });

  it('is refused or fits the schema, whatever people type', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 60 });
    await fc.assert(fc.asyncProperty(fc.array(fc.record({ name: text, remittance: text }), { minLength: 1, maxLength: 20 }), text, async (typed, debtorName) => {
      const given = file({ debtor: { name: debtorName, iban: IBAN }, transfers: typed.map((over, i) => transfer({ ...over, endToEndId: `X${i}` })) });
      await exportCreditTransfer(given).catch((error: unknown) => {
        if (!(error instanceof ExportError)) throw error;
      });
    }), { numRuns: 25 });
  });

  it.each([['perché è così', 'perche e cosi'], ['L’Aquila', 'L\'Aquila'], ['Œuvre № 5', 'Oeuvre No 5'], ['a\r\n\tb\u0000', 'a b'], ['Wałęsa Þór', 'Walesa Thor'], ['x_y & z;', 'x-y + z,'], ['\ud800', '']])('%j becomes %j', (given, told) => expect(sepaText(given)).toBe(told));
});

describe('a table', () => {
  const columns = [{ name: 'scuola', title: 'Scuola' }, { name: 'ore', title: 'Ore' }];
  const cells = (scuola: string | number | null, ore: string | number | null = null) => writeCsv({ columns, rows: [{ scuola, ore }] }, { byteOrderMark: false }).split('\r\n')[1];

  it('is what the Excel of an Italian office opens', () => {
    expect(writeCsv({ columns, rows: [{ scuola: 'I.C. «Perrone»; Bari', ore: 12.5 }, { scuola: null, ore: -3 }] })).toBe('\uFEFFScuola;Ore\r\n"I.C. «Perrone»; Bari";12,5\r\n;-3\r\n');
  });

  it.each<[string | number, string]>([
    ['=HYPERLINK("http://x";"y")', '"\'=HYPERLINK(""http://x"";""y"")"'], ['+39 080 1', '\'+39 080 1'], ['@SUM(A1)', '\'@SUM(A1)'], ['-2+3+cmd|\'/C calc\'!A0', '\'-2+3+cmd|\'/C calc\'!A0'], ['  =1+1', '\'=1+1'], ['\t=1+1', '\'=1+1'],
    ['\u0000=1+1', '\'=1+1'], ['\u200b=1+1', '\'=1+1'], ['＝1+1', '\'＝1+1'], ['-12,50', '-12,50'], ['-3', '-3'], [-0.1, '-0,1'], [1234567.89, '1234567,89'], [1e21, '1000000000000000000000'], ['a"b', '"a""b"'], ['a\r\nb', '"a\nb"'], ['a\u0007b', 'ab'],
  ])('writes %j as %j', (given, written) => expect(cells(given)).toBe(`${written};`));

  it('guards its headings too', () => expect(writeCsv({ columns: [{ name: 'a', title: '=1+1' }], rows: [] }, { byteOrderMark: false })).toBe('\'=1+1\r\n'));

  it('takes only the cells that a column names, and its own', () => expect(writeCsv({ columns: [{ name: 'a.b', title: 'A' }, { name: 'toString', title: 'B' }], rows: [{ 'a.b': 1, altro: 2 }] }, { byteOrderMark: false })).toBe('A;B\r\n1;\r\n'));

  it.each<[string, Parameters<typeof writeCsv>[0], object]>([
    ['without columns', { columns: [], rows: [] }, { row: null, field: 'columns' }],
    ['with a column named twice', { columns: [columns[0]!, columns[0]!], rows: [] }, { row: null, field: 'scuola' }],
    ['with a number that is none', { columns, rows: [{ scuola: 'x', ore: Number.NaN }] }, { row: 1, field: 'ore' }],
  ])('refuses a table %s', (_, table, problem) => expect(problemsOf(() => writeCsv(table))).toMatchObject([problem]));

  it('can be read back, whatever people type', () => {
    fc.assert(fc.property(fc.array(fc.record({ scuola: fc.string({ unit: 'binary' }), ore: fc.oneof(fc.integer(), fc.constant(null)) })), (rows) => {
      const back: string[][] = parse(writeCsv({ columns, rows }), { delimiter: ';', bom: true, record_delimiter: '\r\n' });
      expect(back).toHaveLength(rows.length + 1);
      for (const [i, { ore }] of rows.entries()) expect(back[i + 1]).toEqual([expect.not.stringMatching(/^(?:[=+@\t\r]|-(?!\d+(?:[.,]\d+)?$))/), ore === null ? '' : String(ore)]);
    }));
  });
});
