/** What an accountant and a bank take: each cent explained, and never a cent more or less than the fund. */
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { writeCreditTransfer } from '../../api/exports/painCreditTransfer.ts';
import { parameterReader } from '../../engine/decide/step.ts';
import { finanzia, fromProject, fundAt, IBAN, liquida, member, registra, rendiconta, type FundWorld } from '../../test/journeys/fondoIstruzioneDomiciliare.ts';
import { morning, type PureCase } from '../../test/pureCase.ts';
import { romeDate } from '../calendar.ts';
import type { JsonObject } from '../contract.ts';

/** As the API makes it: the case as it is, its items, and the parameters in force. */
function exported(fund: PureCase, name: string, world: FundWorld): any {
  const { plugin } = fund.process, { parties, createdAt, id, number } = fund.caseState, today = romeDate(world.now);
  return plugin.exports![name]!.content({ context: fund.context, parties, items: [...fund.items.values()], today, parameter: parameterReader(world.parameters, today, parties), case: { id, process: plugin.process, number, createdAt } });
}

describe('exports', () => {
  const CONTO = { intestatario: 'Scuola polo Puglia', iban: 'IT60X0542811101000000123456', bic: 'BCITITMM' };
  const withAccount = (value: JsonObject = CONTO) => {
    const given = fundAt();
    given.world.parameters.push({ name: 'contoPolo', organisation: 'POLOPUGLIA', from: '2026-09-01', to: null, value, version: 99 });
    return given;
  };

  it('riparto explains each cent of each project, paid or not', () => {
    const { world, fund } = withAccount();
    // 50 minutes are 0.83 hours.
    rendiconta(fund, 1, 100, { minutiContabili: 50, iban: IBAN });
    rendiconta(fund, 2, 100);
    rendiconta(fund, 3, 100, {});
    registra(fund, 4);
    fromProject(fund, 5, 'togliProgetto', { motivo: 'rinuncia' });
    world.members = [1, 2, 3].map(n => member(n, 'rendicontata'));
    finanzia(fund, 100);
    expect(exported(fund, 'riparto', world).rows.map(({ numero, stato, liquidato }: any) => [numero.slice(-1), stato, liquidato])).toEqual([
      ['1', 'da liquidare', undefined], ['2', 'da liquidare', undefined], ['3', 'da liquidare', undefined], ['4', 'non attivato', undefined], ['5', 'rinuncia', undefined],
    ]);
    expect(liquida(fund)).toMatchObject({ accepted: true });
    const { rows, columns, fileName } = exported(fund, 'riparto', world);
    expect(fileName).toBe('riparto-2026-27');
    expect(rows[0]).toEqual({
      numero: 'ID-2026/27-0001', scuola: 'SCUOLA1', denominazione: 'SCUOLA1', stato: 'liquidato', ore: '0,83', costo: '2,00', spettante: '1,00', disponibile: '1,00', spettanteInTutto: '3,00',
      interi: '0,33', resto: '0,333333', posto: 1, aggiunto: '0,01', liquidato: '0,34', nonCoperto: '0,66', iban: IBAN, atto: 'n. 77 del 2027-07-01',
    });
    expect(rows.slice(1).map(({ aggiunto, liquidato, iban, stato }: any) => [aggiunto, liquidato, iban, stato])).toEqual([
      ['0,00', '0,33', IBAN, 'liquidato'], ['0,00', '0,33', null, 'liquidato'], [undefined, undefined, undefined, 'non attivato'], [undefined, undefined, undefined, 'rinuncia'],
    ]);
    for (const row of rows) for (const name of Object.keys(row)) expect(columns.map((column: any) => column.name)).toContain(name);
  });

  it('contabilita tells money in and out, with what is left', () => {
    const { world, fund } = withAccount();
    rendiconta(fund, 1, 300);
    world.members = [member(1, 'rendicontata')];
    finanzia(fund, 400);
    liquida(fund);
    rendiconta(fund, 2, 300);
    world.members = [member(1, 'liquidata'), member(2, 'rendicontata')];
    liquida(fund);
    expect(exported(fund, 'contabilita', world).rows.map(({ numero, entrata, uscita, saldo }: any) => [numero, entrata, uscita, saldo])).toEqual([
      [undefined, '4,00', undefined, '4,00'], ['ID-2026/27-0001', undefined, '3,00', '1,00'], ['ID-2026/27-0002', undefined, '1,00', '0,00'],
    ]);
  });

  it('bonifici pays the last liquidation, and nobody who gets nothing', () => {
    const { world, fund } = withAccount();
    expect(exported(fund, 'bonifici', world)).toMatchObject({ transfers: [] });
    rendiconta(fund, 1, 300);
    world.members = [member(1, 'rendicontata')];
    finanzia(fund, 301);
    liquida(fund);
    [2, 3].forEach(n => rendiconta(fund, n, 300));
    world.members = [member(1, 'liquidata'), member(2, 'rendicontata'), member(3, 'rendicontata')];
    liquida(fund);
    const file = exported(fund, 'bonifici', world);
    expect(file).toMatchObject({
      fileName: 'bonifici-2026-27-2', executeOn: '2027-07-02', debtor: { name: 'Scuola polo Puglia', iban: CONTO.iban, bic: 'BCITITMM' },
      transfers: [{ endToEndId: 'ID-2026/27-0002', name: 'SCUOLA2', iban: IBAN, amountCents: 1, remittance: 'Progetto istruzione domiciliare ID-2026/27-0002 a.s. 2026/27 quota' }],
    });
    expect(file.transfers).toHaveLength(1);
    // Of the payment, not of the day on which it is downloaded.
    world.passUntil(morning('2027-07-05'));
    expect(exported(fund, 'bonifici', world)).toMatchObject({ messageId: file.messageId, executeOn: '2027-07-06' });
    expect(file.messageId).toMatch(/^[0-9a-f]{30}-2$/);
  });

  it('bonifici pays exactly the fund, whatever the shares, in a file that a bank takes', () => {
    fc.assert(fc.property(fc.array(fc.integer({ min: 1, max: 5_000_00 }), { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 20_000_00 }), (shares, money) => {
      const { world, fund } = withAccount();
      shares.forEach((cents, i) => rendiconta(fund, i + 1, cents));
      world.members = shares.map((_, i) => member(i + 1, 'rendicontata'));
      finanzia(fund, money);
      expect(liquida(fund)).toMatchObject({ accepted: true });
      const file = exported(fund, 'bonifici', world), paid = Math.min(money, shares.reduce((sum, cents) => sum + cents, 0));
      expect(file.transfers.reduce((sum: number, { amountCents }: any) => sum + amountCents, 0)).toBe(paid);
      expect(writeCreditTransfer(file)).toContain(`<CtrlSum>${(paid / 100).toFixed(2)}</CtrlSum>`);
    }), { numRuns: 60 });
  });

  it('bonifici waits for a missing IBAN, which the polo may record', () => {
    const { world, fund } = withAccount();
    rendiconta(fund, 1, 300, { iban: null });
    world.members = [member(1, 'rendicontata')];
    finanzia(fund, 300);
    liquida(fund);
    expect(exported(fund, 'bonifici', world).transfers).toMatchObject([{ iban: '' }]);
    fund.must('registraIban', { progetto: 'p1', iban: IBAN }, 'operatorePolo');
    expect(exported(fund, 'bonifici', world).transfers).toMatchObject([{ iban: IBAN, amountCents: 300 }]);
  });

  it('bonifici of a polo without an account tells the bank nothing but what is missing', () => {
    const { world, fund } = fundAt();
    expect(exported(fund, 'bonifici', world)).toMatchObject({ debtor: { name: 'POLOPUGLIA', iban: '' } });
  });
});
