/** Projects and their fund together: two processes that know each other by commands alone, in one virtual world. */
import { describe, expect, it } from '@jest/globals';
import { fondoIstruzioneDomiciliare } from '../plugins/fondo-istruzione-domiciliare/plugin.ts';
import { lezione, rendiconta as rendicontaData } from '../plugins/istruzione-domiciliare/examples.ts';
import { istruzioneDomiciliare } from '../plugins/istruzione-domiciliare/plugin.ts';
import { closeRegisters, projectIn, report } from './journeys/istruzioneDomiciliare.ts';
import { morning, PureWorld, type PureCase } from './pureCase.ts';

const inTheWorld = () => new PureWorld([istruzioneDomiciliare, fondoIstruzioneDomiciliare], morning('2026-10-05'));
const fundOf = (world: PureWorld): PureCase => world.cases.find(({ process }) => process.plugin.process === 'fondo-istruzione-domiciliare')!;
const ATTO = { numero: '9', data: '2026-10-01' };

describe('a polo pays its projects', () => {
  it('when all activated ones have reported and the money is there', () => {
    const world = inTheWorld();
    const reported = projectIn(world, 'rendicontata', { lezioni: [lezione('2026-10-19', '15:00', '17:00')] });
    const silent = projectIn(world, 'autorizzata');
    const going = projectIn(world, 'inCorso', { lezioni: [lezione('2026-10-19', '15:00', '16:00')] });
    world.deliver();
    const fund = fundOf(world);
    expect(fund.row).toMatchObject({ progetti: 3, rendicontati: 1 });
    const liquida = () => fund.give('liquida', { atto: ATTO }, 'dirigentePolo');
    fund.must('registraFinanziamento', { importoCents: 10_000, atto: ATTO }, 'operatorePolo');
    expect(liquida()).toMatchObject({ rules: ['rendicontiMancanti'], refusals: [{ figures: { attivati: 2, rendicontati: 1, mancano: 1, progetti: [{ numero: going.number, stato: 'inCorso' }] } }] });

    going.must('concludi', {}, 'dirigente');
    report(going);
    // Its report is on its way: the fund's rows do not hold it yet.
    expect(liquida()).toMatchObject({ rules: ['rendicontiInArrivo'], refusals: [{ figures: { inArrivo: 1 } }] });
    world.deliver();
    expect(liquida()).toMatchObject({ accepted: true });
    world.deliver();
    // Two hours cost 102.18, one 51.09; half each is 51.09 and 25.55.
    expect([reported, going].map(({ state, context }) => [state, context.liquidazione.quotaCents])).toEqual([['liquidata', 5_109], ['liquidata', 2_555]]);
    expect(silent.state).toBe('autorizzata');
    expect(fund.view.residuoCents).toBe(10_000 - 7_664);
  });

  it('without a project that renounced or was declared lapsed', () => {
    const world = inTheWorld();
    projectIn(world, 'rendicontata');
    const renounced = projectIn(world, 'inCorso'), lapsed = projectIn(world, 'conclusa');
    lapsed.must('sollecita', {}, 'operatorePolo');
    world.passUntil(morning('2026-12-01'));
    lapsed.must('dichiaraDecadenza', { motivo: 'nessun rendiconto' }, 'dirigentePolo');
    renounced.must('rinuncia', { motivo: 'rientro in classe' }, 'dirigente');
    world.deliver();
    const fund = fundOf(world).must('registraFinanziamento', { importoCents: 5_000, atto: ATTO }, 'operatorePolo').must('liquida', { atto: ATTO }, 'dirigentePolo');
    world.deliver();
    expect(fund.sent).toHaveLength(1);
    fund.must('chiudi', {}, 'dirigentePolo');
    expect(fund.state).toBe('chiuso');
  });

  it('the hours that Modello Z writes with decimals, to the cent, at the school’s account', () => {
    const world = inTheWorld();
    const project = projectIn(world, 'inCorso', { lezioni: [lezione('2026-10-19', '15:00', '15:50')] }).must('concludi', {}, 'dirigente');
    closeRegisters(project);
    const rendiconta = (ore: number) => {
      const { modelloZ, ...data } = rendicontaData([{ docente: 'bianchi', ore }], ore, project.context.conclusaIl) as any;
      return project.attach('modelloV', 'modelloZ', 'modelloOF').give('rendiconta', { ...data, modelloZ: { ...modelloZ, iban: 'IT60X0542811101000000123456' } }, 'dirigente');
    };
    expect(rendiconta(0.82)).toMatchObject({ rules: ['oreNonCoincidenti'], refusals: [{ figures: { totaleRegistro: 0.83, totaleDichiarato: 0.82 } }] });
    expect(rendiconta(0.83)).toMatchObject({ accepted: true });
    // Of the 50 minutes, not of the 0.83: 50 / 60 × 38.50 × 1.327 = 42.574…; half of 42.57, half up.
    expect(project.context.rendiconto).toMatchObject({ minutiContabili: 50, costoCents: 4_257, quotaPoloCents: 2_129 });
    const printed = JSON.stringify(project.documents.find(({ name }) => name === 'modelloZ')!.model);
    for (const part of ['0,83', '38,50 €', '42,57 €', '7,76 €', '2,73 €', '21,28 €', '21,29 €']) expect(printed).toContain(part);
    world.deliver();
    const fund = fundOf(world).must('registraFinanziamento', { importoCents: 2_000, atto: ATTO }, 'operatorePolo').must('liquida', { atto: ATTO }, 'dirigentePolo');
    expect(fund.view.progetti).toMatchObject([{ quotaCents: 2_129, liquidatoCents: 2_000, iban: 'IT60X0542811101000000123456' }]);
  });

  it('and a late one from what is left', () => {
    const world = inTheWorld();
    projectIn(world, 'rendicontata');
    const late = projectIn(world, 'autorizzata');
    world.deliver();
    const fund = fundOf(world).must('registraFinanziamento', { importoCents: 6_000, atto: ATTO }, 'operatorePolo').must('liquida', { atto: ATTO }, 'dirigentePolo');
    world.deliver();
    late.must('registraLezione', lezione('2026-10-19', '15:00', '17:00'), 'docente').must('concludi', {}, 'dirigente');
    closeRegisters(late);
    report(late);
    world.deliver();
    fund.must('liquida', { atto: { numero: '10', data: '2026-10-02' } }, 'dirigentePolo');
    world.deliver();
    expect(late.context.liquidazione).toMatchObject({ quotaCents: 6_000 - 5_109, dovutaCents: 5_109 });
  });

  it('one fund for each polo and school year', () => {
    const world = inTheWorld();
    projectIn(world, 'autorizzata');
    projectIn(world, 'autorizzata', { parties: { polo: 'POLOLOMBARDIA' }, bozza: { regione: 'Lombardia' } });
    projectIn(world, 'autorizzata');
    world.deliver();
    expect(world.cases.filter(({ process }) => process.plugin.process === 'fondo-istruzione-domiciliare').map(({ caseState, row }) => [caseState.parties.polo, row.progetti])).toEqual([['POLOPUGLIA', 2], ['POLOLOMBARDIA', 1]]);
  });
});
