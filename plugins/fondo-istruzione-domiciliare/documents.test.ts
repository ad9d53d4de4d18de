/** The fund's acts: every cent explained, sums exact, nobody named. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parameterReader } from '../../engine/decide/step.ts';
import { plain } from '../../engine/decide/plain.ts';
import type { DocumentModel, DocumentTable, Item, JsonObject, Step } from '../contract.ts';
import { documents } from './documents/documents.ts';
import { parametroModelli } from './documents/letter.ts';
import { quozienteScritto } from './documents/pianoRiparto.ts';
import { euro } from './documents/words.ts';
import { fondoIstruzioneDomiciliare } from './plugin.ts';
import type { Contesto, Progetto } from './process/types.ts';

const progetto = (n: number, quotaCents: number, changes: Partial<NonNullable<Progetto['rendiconto']>> = {}): Item<Progetto> => ({
  kind: 'progetto', key: `p${n}`,
  data: {
    numero: `ID-2026/27-${String(n).padStart(4, '0')}`, scuola: `BAIC80${n}`, minutiAutorizzati: 2_400, attivato: true, rendiconto: { il: '2027-06-20', minutiContabili: 1_250, costoCents: 2 * quotaCents, quotaCents, iban: null, ...changes }, tolto: null, liquidatoCents: null, liquidazione: null,
  } as Progetto,
});

function step(quote: number[], disponibileCents: number, changes: Partial<Contesto> = {}, items = quote.map((cents, i) => progetto(i + 1, cents))): Step<Contesto> {
  const dovutoCents = quote.reduce((sum, cents) => sum + cents, 0);
  const context: Contesto = {
    annoScolastico: '2026/27', progetti: quote.length, rendicontati: quote.length,
    finanziamenti: [{ il: '2027-06-25', importoCents: disponibileCents, atto: { numero: '1234', data: '2027-06-24' } }],
    liquidazioni: [{ il: '2027-07-01', atto: { numero: '77', data: '2027-07-01' }, progetti: quote.length, disponibileCents, dovutoCents, liquidatoCents: Math.min(disponibileCents, dovutoCents) }], ...changes,
  };
  const parties = { polo: 'POLOPUGLIA' };
  return {
    context, data: {}, at: '2027-07-01T08:00:00.000Z', today: '2027-07-01', actor: { kind: 'user', id: 'u', role: 'dirigentePolo', name: 'Lucia Greco' }, parties,
    case: { id: 'f', process: 'fondo-istruzione-domiciliare', number: null, createdAt: '2027-01-01T08:00:00.000Z' }, facts: { items, members: [], attachments: [] }, number: null,
    parameter: parameterReader([{ ...parametroModelli, organisation: null, version: 1 }], '2027-07-01', parties), params: {},
  };
}
const say = (name: string, made: Step<Contesto>): DocumentModel => plain(documents[name]!.content(made) as unknown as JsonObject, name) as unknown as DocumentModel;
const words = (value: unknown): string[] => (typeof value === 'string' ? [value] : value && typeof value === 'object' ? Object.values(value).flatMap(words) : []);
const textOf = (model: DocumentModel): string => words(model).join('\n');
/** The table of the shares comes last. */
const quoteOf = (model: DocumentModel): DocumentTable => model.blocks.flatMap(block => ('table' in block ? [block.table] : [])).at(-1)!;
const cents = (cell: string): number => Number(cell.replace(/[ .€+]/g, '').replace(',', ''));

describe('the distribution', () => {
  it('explains the cent that is left: the largest remainder gets it', () => {
    const model = say('pianoRiparto', step([100, 200, 300], 100));
    const { rows, foot } = quoteOf(model);
    // 16 2/3, 33 1/3 and 50 cents: one cent is left, for the first.
    expect(rows).toEqual([
      ['ID-2026/27-0001', 'BAIC801', '2,00 €', '1,00 €', '0,16666666', '0,16 €', '400', '1', '+0,01 €', '0,17 €'],
      ['ID-2026/27-0002', 'BAIC802', '4,00 €', '2,00 €', '0,33333333', '0,33 €', '200', '2', 'no', '0,33 €'],
      ['ID-2026/27-0003', 'BAIC803', '6,00 €', '3,00 €', '0,50000000', '0,50 €', '0', '3', 'no', '0,50 €'],
    ]);
    expect(foot).toEqual([['Totale', '3 progetti', '12,00 €', '6,00 €', '', '0,99 €', '', '', '0,01 €', '1,00 €']]);
    expect(model.landscape).toBe(true);
    for (const part of ['n. 1234', '24/06/2027', 'non copre', '× 1,00 € ÷ 6,00 €', 'avanza 1 centesimo', 'è 1,00 €, pari al fondo disponibile']) expect(textOf(model)).toContain(part);
  });

  it('says that the money covers all shares, and what is left', () => {
    const model = say('pianoRiparto', step([92_890, 1], 100_000));
    expect(quoteOf(model).rows[0]).toEqual(['ID-2026/27-0001', 'BAIC801', '20,83', '1.857,80 €', '928,90 €', '928,90 €']);
    expect(textOf(model)).toMatch(/copre tutte le quote spettanti[\s\S]*Restano nel fondo 71,09 €/);
  });

  it('tells what earlier acts paid', () => {
    const made = step([300], 100);
    const prima = { ...made.context.liquidazioni[0]!, atto: { numero: '70', data: '2027-06-26' }, liquidatoCents: 900 };
    expect(textOf(say('pianoRiparto', { ...made, context: { ...made.context, liquidazioni: [prima, ...made.context.liquidazioni] } }))).toContain('9,00 € con atto n. 70 del 26/06/2027');
  });

  it('adds up to the fund exactly, in every column, for any shares', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 5_000_000 }), { minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 20_000_000 }), (quote, disponibile) => {
      const made = step(quote, disponibile);
      const dovuto = quote.reduce((sum, value) => sum + value, 0);
      const model = say('pianoRiparto', made);
      const { columns, rows, foot } = quoteOf(model);
      const total = (column: number) => rows.reduce((sum, row) => sum + (row[column] === 'no' ? 0 : cents(row[column]!)), 0);
      const last = columns.length - 1;
      expect(total(last)).toBe(Math.min(disponibile, dovuto));
      expect(cents(foot![0]![last]!)).toBe(Math.min(disponibile, dovuto));
      if (dovuto > disponibile) {
        for (const column of [2, 3, 5, 8, 9]) expect(total(column)).toBe(cents(foot![0]![column]!));
        for (const row of rows) expect(cents(row[5]!) + (row[8] === 'no' ? 0 : 1)).toBe(cents(row[9]!));
        // Remainders are parts of one denominator: their sum is the cents that are left, and their order the places.
        expect(rows.reduce((sum, row) => sum + BigInt(row[6]!.replaceAll('.', '')), 0n)).toBe(BigInt(cents(foot![0]![8]!)) * BigInt(dovuto));
        const byPlace = [...rows].sort((a, b) => cents(a[7]!) - cents(b[7]!)).map(row => BigInt(row[6]!.replaceAll('.', '')));
        for (const [i, resto] of byPlace.entries()) if (i > 0) expect(resto <= byPlace[i - 1]!).toBe(true);
      }
      expect(textOf(model)).not.toMatch(/undefined|null|NaN/);
    }), { numRuns: 200 });
  });

  it('writes a quotient with eight decimals', () => {
    expect([quozienteScritto(33, 333_333), quozienteScritto(0, 1), quozienteScritto(123_456_789, 0)]).toEqual(['0,33333333', '0,00000001', '1.234.567,89000000']);
  });
});

describe('the act', () => {
  it('orders each payment, with its account, and the sum of all', () => {
    const model = say('attoLiquidazione', step([100, 300], 200, {}, [progetto(1, 100, { iban: 'IT60X0542811101000000123456' }), progetto(2, 300)]));
    expect(quoteOf(model)).toMatchObject({
      rows: [['ID-2026/27-0001', 'BAIC801', 'IT60 X054 2811 1010 0000 0123 456', '1,00 €', '0,50 €'], ['ID-2026/27-0002', 'BAIC802', 'agli atti', '3,00 €', '1,50 €']],
      foot: [['Totale', '2 progetti', '', '4,00 €', '2,00 €']],
    });
    expect(model.subject).toBe('Istruzione domiciliare a.s. 2026/27 - atto di liquidazione n. 77 del 01/07/2027');
    expect(model.signatures).toEqual([{ role: 'Il Dirigente scolastico', name: '\ue000person:u\ue001', note: "firmato con l'account il 01/07/2027 alle ore 10:00" }]);
    for (const part of ['DISPONE', 'VISTA la Procedura', 'atto n. 1234 del 24/06/2027', 'complessivi 2,00 €', 'Restano nel fondo 0,00 €']) expect(textOf(model)).toContain(part);
  });

  it('pays exactly what the distribution says', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 0, max: 500_000 }), { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 3_000_000 }), (quote, disponibile) => {
      const made = step(quote, disponibile);
      const paid = (name: string) => quoteOf(say(name, made)).rows.map(row => [row[0], row.at(-1)]);
      expect(paid('attoLiquidazione')).toEqual(paid('pianoRiparto'));
      expect(textOf(say('attoLiquidazione', made))).toContain(`complessivi ${euro(made.context.liquidazioni[0]!.liquidatoCents)}`);
    }), { numRuns: 100 });
  });
});

it('is read by the polo and by the USR, and has its label', () => {
  const { roles, labels } = fondoIstruzioneDomiciliare;
  for (const [name, { readBy }] of Object.entries(documents)) {
    expect(Object.keys(roles)).toEqual(expect.arrayContaining(readBy));
    expect([labels.it.documents?.[name], labels.en.documents?.[name]]).toEqual([expect.any(String), expect.any(String)]);
  }
});
