/** The fund told as it happens: projects report themselves in any order, the polo pays once everything is there. */
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ANNO, ATTO, finanzia, fromProject, fundAt, IBAN, liquida, member, registra, rendiconta } from '../../test/journeys/fondoIstruzioneDomiciliare.ts';
import type { Given, PureCase } from '../../test/pureCase.ts';
import type { JsonObject } from '../contract.ts';
import { it as italian } from './labels/it.ts';
import { riparti } from './process/shares.ts';

const refused = new Set<string>();
function expectRefusal(given: Given, rule: string, figures: JsonObject): void {
  expect(given).toMatchObject({ accepted: false, why: 'rule', rules: [rule] });
  expect((given as Extract<Given, { accepted: false }>).refusals[0]!.figures).toMatchObject(figures);
  refused.add(rule);
}

describe('projects', () => {
  it('report themselves in any order, twice, and late, with the same result', () => {
    const messages: ((fund: PureCase) => void)[] = [
      fund => registra(fund, 1), fund => registra(fund, 1, { attivato: true }), fund => registra(fund, 1, { minutiAutorizzati: 3_000, attivato: true }),
      fund => rendiconta(fund, 1, 100), fund => registra(fund, 2), fund => fromProject(fund, 2, 'togliProgetto', { motivo: 'rinuncia' }),
    ];
    fc.assert(fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 0, 3, 5], { minLength: 9 }), order => {
      const { fund } = fundAt();
      for (const message of order) messages[message]!(fund);
      expect(fund.items.get('progetto/p1')!.data).toMatchObject({ minutiAutorizzati: 3_000, attivato: true, rendiconto: { quotaCents: 100 }, tolto: null });
      expect(fund.items.get('progetto/p2')!.data).toMatchObject({ tolto: { motivo: 'rinuncia' } });
      expect(fund.row).toMatchObject({ progetti: 1, rendicontati: 1 });
    }), { numRuns: 30 });
  });

  it('are told by cases of istruzione domiciliare only, never by people', () => {
    const { fund } = fundAt();
    for (const role of ['operatorePolo', 'dirigentePolo', 'funzionarioUsr']) expect(fund.give('registraProgetto', { progetto: 'x', numero: 'x', scuola: 'x', minutiAutorizzati: 1, attivato: true }, role)).toMatchObject({ why: 'forbidden' });
    expect(fund.receive('togliProgetto', {}, { kind: 'case', id: 'case:graduatoria/x', role: 'case' })).toMatchObject({ why: 'forbidden' });
  });
});

describe('liquida', () => {
  it('refuses without the funding, without all reports, before their figures arrive, and without projects', () => {
    const { world, fund } = fundAt();
    registra(fund, 1, { attivato: true });
    world.members = [member(1, 'inCorso')];
    expectRefusal(liquida(fund), 'finanziamentoMancante', { annoScolastico: ANNO, finanziatoCents: 0 });
    expect(finanzia(fund, 1_000)).toMatchObject({ accepted: true });
    world.members = [member(1, 'conclusa'), member(2, 'rendicontata'), member(3, 'autorizzata', false)];
    expectRefusal(liquida(fund), 'rendicontiMancanti', { attivati: 2, rendicontati: 1, mancano: 1, progetti: [{ numero: `ID-${ANNO}-0001`, scuola: 'SCUOLA1', stato: 'conclusa' }] });
    world.members = [member(1, 'rendicontata'), member(2, 'rendicontata')];
    rendiconta(fund, 2, 300);
    expectRefusal(liquida(fund), 'rendicontiInArrivo', { inArrivo: 1, progetti: [{ numero: `ID-${ANNO}-0001` }] });
    const empty = fundAt();
    finanzia(empty.fund, 1_000);
    expectRefusal(liquida(empty.fund), 'nessunProgettoDaLiquidare', { progetti: 0, rendicontati: 0, liquidazioni: 0 });
  });

  it('refuses an act of tomorrow and the same funding twice', () => {
    const { fund } = fundAt();
    expectRefusal(finanzia(fund, 1_000, { numero: '1', data: '2027-07-02' }), 'dataFutura', { data: '2027-07-02', oggi: '2027-07-01' });
    finanzia(fund, 1_000);
    expectRefusal(finanzia(fund, 1_000), 'attoGiaRegistrato', ATTO);
  });

  it('does not wait for projects without lessons, renounced, lapsed or withdrawn', () => {
    const { world, fund } = fundAt();
    rendiconta(fund, 1, 300);
    registra(fund, 3, { attivato: true });
    fromProject(fund, 3, 'togliProgetto', { motivo: 'decadenza' });
    finanzia(fund, 1_000);
    world.members = [member(1, 'rendicontata'), member(2, 'autorizzata', false), member(3, 'decadenza'), member(4, 'rinuncia'), member(5, 'inCorso', false)];
    expect(liquida(fund)).toMatchObject({ accepted: true, state: 'liquidato' });
    expect(fund.sent.map(({ input }) => input)).toEqual([{ process: 'istruzione-domiciliare', command: 'registraLiquidazione', target: { id: 'p1' }, data: { quotaCents: 300, dovutaCents: 300, atto: 'n. 77 del 2027-07-01' } }]);
    expect(fund.view).toMatchObject({ finanziatoCents: 1_000, liquidatoCents: 300, residuoCents: 700, dovutoCents: 0 });
  });

  it('divides what does not cover all shares, to the cent, over several acts of funding', () => {
    const { world, fund } = fundAt();
    [100, 100, 100].forEach((cents, i) => rendiconta(fund, i + 1, cents));
    world.members = [1, 2, 3].map(n => member(n, 'rendicontata'));
    finanzia(fund, 50);
    finanzia(fund, 50, { numero: '1235', data: '2027-06-30' });
    expect(fund.view.progetti.map(({ quotaPrevistaCents }: any) => quotaPrevistaCents)).toEqual([34, 33, 33]);
    expect(liquida(fund)).toMatchObject({ accepted: true });
    expect(fund.sent.map(({ input }) => input.data.quotaCents)).toEqual([34, 33, 33]);
    expect(fund.context.liquidazioni).toMatchObject([{ progetti: 3, disponibileCents: 100, dovutoCents: 300, liquidatoCents: 100 }]);
    expect(fund.messages).toMatchObject([{ effect: 'notificaLiquidazione', to: ['polo'] }]);
  });

  it('pays a late project from what is left, and nobody twice', () => {
    const { world, fund } = fundAt();
    rendiconta(fund, 1, 300);
    world.members = [member(1, 'rendicontata')];
    finanzia(fund, 400);
    expect(liquida(fund)).toMatchObject({ accepted: true });
    expectRefusal(liquida(fund), 'nessunProgettoDaLiquidare', { liquidazioni: 1 });
    world.members = [member(1, 'liquidata'), member(2, 'inCorso')];
    registra(fund, 2, { attivato: true });
    expectRefusal(liquida(fund), 'rendicontiMancanti', { mancano: 1 });
    rendiconta(fund, 2, 300);
    world.members = [member(1, 'liquidata'), member(2, 'rendicontata')];
    expect(liquida(fund)).toMatchObject({ accepted: true });
    expect(fund.sent.map(({ input }) => [input.target, input.data.quotaCents])).toEqual([[{ id: 'p1' }, 300], [{ id: 'p2' }, 100]]);
    expect(fund.view).toMatchObject({ liquidatoCents: 400, residuoCents: 0 });
  });

  it('is for the head of the polo', () => {
    const { fund } = fundAt();
    expect(fund.give('liquida', { atto: ATTO }, 'operatorePolo')).toMatchObject({ why: 'forbidden' });
  });
});

describe('the acts', () => {
  it('are made with the payment, and see the shares', () => {
    const { world, fund } = fundAt();
    [100, 100, 100].forEach((cents, i) => rendiconta(fund, i + 1, cents));
    world.members = [1, 2, 3].map(n => member(n, 'rendicontata'));
    finanzia(fund, 100);
    expect(liquida(fund)).toMatchObject({ accepted: true });
    expect(fund.documents.map(({ name, from, effect }) => [name, from, effect])).toEqual([['pianoRiparto', 'polo', 'redigeAtti'], ['attoLiquidazione', 'polo', 'redigeAtti']]);
    for (const { model } of fund.documents) expect(JSON.stringify(model)).toContain('"0,34 €"');
  });
});

describe('registraIban', () => {
  it('is for schools that have reported, and takes an IBAN alone', () => {
    const { fund } = fundAt();
    rendiconta(fund, 1, 300, { iban: null });
    registra(fund, 2);
    const registraIban = (progetto: string, iban = IBAN) => fund.give('registraIban', { progetto, iban }, 'operatorePolo');
    expect(registraIban('p1', 'IT60X0542811101000000123457')).toMatchObject({ why: 'schema' });
    for (const unknown of ['p2', 'p9']) expectRefusal(registraIban(unknown), 'progettoNonRendicontato', { progetto: unknown });
    expect(registraIban('p1')).toMatchObject({ accepted: true });
    expect(fund.view.progetti).toMatchObject([{ iban: IBAN }, { iban: null }]);
  });
});

describe('chiudi', () => {
  it('refuses while a project may still say something, then ends the case', () => {
    const { world, fund } = fundAt();
    world.members = [member(1, 'rendicontata'), member(2, 'autorizzata', false), member(3, 'rinuncia')];
    expectRefusal(fund.give('chiudi', {}, 'dirigentePolo'), 'progettiAperti', { aperti: 2 });
    world.members = [member(1, 'liquidata'), member(2, 'decadenza'), member(3, 'rinuncia')];
    expect(fund.give('chiudi', {}, 'dirigentePolo')).toMatchObject({ accepted: true, state: 'chiuso' });
    expect(fund.caseState.done).toBe(true);
  });
});

describe('shares', () => {
  const anyShares = fc.array(fc.integer({ min: 0, max: 500_000 }), { maxLength: 40 }).map(list => list.map((cents, i) => ({ key: `p${String(i).padStart(2, '0')}`, cents })));
  const anyFund = fc.integer({ min: 0, max: 10_000_000 });
  const sum = (list: { cents: number }[]) => list.reduce((total, { cents }) => total + cents, 0);

  it('are the smaller of fund and claims in all, exactly; each within its claim and fair to a cent', () => {
    fc.assert(fc.property(anyShares, anyFund, (claims, fund) => {
      const shares = riparti(fund, claims);
      const total = sum(claims);
      expect(sum(shares)).toBe(Math.min(fund, total));
      // What explains a share adds up to it.
      for (const { cents, interiCents, aggiuntoCents } of shares) expect(interiCents + aggiuntoCents).toBe(cents);
      for (const { key, cents } of shares) {
        const claim = claims.find(found => found.key === key)!.cents;
        expect(cents).toBeGreaterThanOrEqual(0);
        expect(cents).toBeLessThanOrEqual(claim);
        if (total > fund) expect(Math.abs(cents - claim * fund / total)).toBeLessThan(1);
      }
    }), { numRuns: 500 });
  });

  it('never give less for a larger claim', () => {
    fc.assert(fc.property(anyShares, anyFund, (claims, fund) => {
      const rows = riparti(fund, claims).map(share => ({ share: share.cents, claim: claims.find(({ key }) => key === share.key)!.cents })).sort((a, b) => a.claim - b.claim);
      for (const [i, { claim, share }] of rows.slice(1).entries()) if (claim > rows[i]!.claim) expect(share).toBeGreaterThanOrEqual(rows[i]!.share);
    }), { numRuns: 500 });
  });

  it('do not depend on the order of the projects', () => {
    fc.assert(fc.property(anyShares.chain(claims => fc.tuple(fc.constant(claims), fc.shuffledSubarray(claims, { minLength: claims.length }))), anyFund, ([claims, shuffled], fund) => {
      expect(riparti(fund, shuffled)).toEqual(riparti(fund, claims));
    }));
  });

  it('stay exact for amounts whose product passes 2^53', () => {
    const claims = [{ key: 'a', cents: 99_999_999_999 }, { key: 'b', cents: 99_999_999_998 }, { key: 'c', cents: 1 }];
    expect(riparti(99_999_999_999, claims)).toMatchObject([{ key: 'a', cents: 50_000_000_000 }, { key: 'b', cents: 49_999_999_999 }, { key: 'c', cents: 0 }]);
  });

  it.each([[0, [10, 20], [0, 0]], [1, [1, 1], [1, 0]], [30, [10, 20], [10, 20]], [29, [10, 20], [10, 19]], [100, [], []]])('of %d among %j are %j', (fund, claims, expected) => {
    expect(riparti(fund, claims.map((cents, i) => ({ key: `p${i}`, cents }))).map(({ cents }) => cents)).toEqual(expected);
  });
});

afterAll(() => {
  const missing = Object.keys(italian.refusals).filter(rule => !refused.has(rule));
  if (missing.length > 0) throw new Error(`rules that no test refuses: ${missing.join(', ')}`);
});
