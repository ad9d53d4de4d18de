/** A fund and what projects and the polo say to it, on the pure chart. */
import { expect } from '@jest/globals';
import { fondoIstruzioneDomiciliare } from '../../plugins/fondo-istruzione-domiciliare/plugin.ts';
import type { JsonObject, Member } from '../../plugins/contract.ts';
import { morning, PureWorld, type PureCase } from '../pureCase.ts';

export const ANNO = '2026/27';
export const ATTO = { numero: '1234', data: '2027-06-30' };

/** A world whose scope holds the given projects, as their own cases would show them. */
export class FundWorld extends PureWorld {
  members: Member[] = [];
  override membersOf(scope: string): Member[] { return scope === `fondo/POLOPUGLIA/${ANNO}` ? this.members : []; }
}
export const fundAt = () => {
  const world = new FundWorld([fondoIstruzioneDomiciliare], morning('2027-07-01'));
  const fund = world.create('fondo-istruzione-domiciliare', { annoScolastico: ANNO }, { polo: 'POLOPUGLIA' });
  return { world, fund };
};
export const fromProject = (fund: PureCase, n: number, command: string, data: JsonObject) => {
  const given = fund.receive(command, { progetto: `p${n}`, numero: `ID-${ANNO}-000${n}`, scuola: `SCUOLA${n}`, ...data }, { kind: 'case', id: `case:istruzione-domiciliare/p${n}`, role: 'case' });
  expect(given).toMatchObject({ accepted: true });
};
export const registra = (fund: PureCase, n: number, data: JsonObject = {}) => fromProject(fund, n, 'registraProgetto', { minutiAutorizzati: 2_400, attivato: false, ...data });
export const IBAN = 'IT60X0542811101000000123456';
export const rendiconta = (fund: PureCase, n: number, quotaCents: number, more: JsonObject = { iban: IBAN }) => fromProject(fund, n, 'registraRendiconto', { minutiContabili: 600, costoCents: 2 * quotaCents, quotaCents, ...more });
export const member = (n: number, state: string, attivato = true): Member => ({ id: `p${n}`, process: 'istruzione-domiciliare', state, number: `ID-${ANNO}-000${n}`, row: { attivato, scuola: `SCUOLA${n}` } });
export const finanzia = (fund: PureCase, importoCents: number, atto = ATTO) => fund.give('registraFinanziamento', { importoCents, atto }, 'operatorePolo');
export const liquida = (fund: PureCase) => fund.give('liquida', { atto: { numero: '77', data: '2027-07-01' } }, 'dirigentePolo');
