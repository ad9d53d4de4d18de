/** The procedure told as it happens, on the pure chart and in virtual time: every state, every message, every term. */
import { describe, expect, it } from '@jest/globals';
import { closeRegisters, PARTIES, projectIn, report, type Stage } from '../../test/journeys/istruzioneDomiciliare.ts';
import { morning, PureWorld, type PureCase } from '../../test/pureCase.ts';
import type { JsonObject } from '../contract.ts';
import { chartNames } from '../definePlugin.ts';
import { ATTI, certificato, chiediProroga, disponibilita, lezione, modelloP, presenta } from './examples.ts';
import { istruzioneDomiciliare } from './plugin.ts';

const worldAt = (at = morning('2026-10-05'), ...parameters: ConstructorParameters<typeof PureWorld>[2][]) => new PureWorld([istruzioneDomiciliare], at, parameters[0]);
const projectAt = (stage: Stage, journey = {}) => { const world = worldAt(); return { world, project: projectIn(world, stage, journey) }; };
const effects = (project: PureCase) => project.messages.map(({ effect }) => effect);

describe('the whole procedure', () => {
  it('goes from the draft to the payment', () => {
    const { project, world } = projectAt('rendicontata', { lezioni: [lezione('2026-10-19', '15:00', '17:00'), lezione('2026-10-20', '15:00', '16:30', { docente: 'verdi', disciplina: 'matematica' })] });
    expect(project.number).toBe('ID-2026/27-0001');
    expect(project.context.rendiconto).toMatchObject({ minutiContabili: 210, costoCents: 17_881, quotaPoloCents: 8_941 });
    project.receive('registraLiquidazione', { quotaCents: 8_941, dovutaCents: 8_941, atto: 'n. 7 del 2027-07-01' }, { kind: 'case', id: 'case:fondo-istruzione-domiciliare/x', role: 'case' });
    expect(project.state).toBe('liquidata');
    expect(project.open).toEqual([]);
    expect(project.steps.map(({ to }) => to).filter((to, i, all) => to !== all[i - 1])).toEqual(['bozza', 'presentata', 'numerata', 'inAutorizzazione', 'inControfirma', 'autorizzata', 'inCorso', 'conclusa', 'rendicontata', 'liquidata']);
    expect(effects(project)).toEqual(['notificaPresentazione', 'confermaPresentazione', 'notificaNumero', 'notificaModelloP', 'notificaAutorizzazione', 'avvisaAutorizzazione', 'notificaConclusione', 'notificaRendiconto', 'notificaLiquidazione']);
    expect(world.now).toBe('2026-10-20T20:00:00.000Z');
  });

  it('takes number and hours in one answer when Modello P is already there', () => {
    const { project } = projectAt('presentata');
    for (const [command, data] of ATTI) project.must(command, data, 'segreteria');
    project.attach('modelloP').must('inviaModelloP', modelloP(), 'dirigente').must('assegnaNumero', { oreAutorizzate: 50 }, 'operatorePolo');
    expect(project.state).toBe('inControfirma');
    project.must('controfirma', {}, 'dirigentePolo');
    expect(project.state).toBe('autorizzata');
    expect(project.number).toBe('ID-2026/27-0001');
    expect(project.sent.map(({ effect }) => effect)).toEqual(['iscriviAlFondo']);
  });

  it('waits for the hours when only the number is given and Modello P is there', () => {
    const { project } = projectAt('presentata');
    for (const [command, data] of ATTI) project.must(command, data, 'segreteria');
    project.attach('modelloP').must('inviaModelloP', modelloP(), 'dirigente').must('assegnaNumero', {}, 'operatorePolo');
    expect(project.state).toBe('inAutorizzazione');
  });

  it('numbers the projects of a polo without gaps, refused commands included', () => {
    const world = worldAt();
    const projects = [1, 2, 3].map(() => projectIn(world, 'presentata'));
    projects[0]!.must('assegnaNumero', {}, 'operatorePolo');
    expect(projects[1]!.give('assegnaNumero', { oreAutorizzate: 10 }, 'operatorePolo')).toMatchObject({ accepted: false, rules: ['modelloPMancante'] });
    projects[1]!.must('assegnaNumero', {}, 'operatorePolo');
    projects[2]!.must('assegnaNumero', {}, 'dirigentePolo');
    expect(projects.map(({ number }) => number)).toEqual(['ID-2026/27-0001', 'ID-2026/27-0002', 'ID-2026/27-0003']);
  });

  it('reaches every state of the chart', () => {
    const seen = new Set<string>();
    const look = (project: PureCase) => { for (const path of paths(project.value)) seen.add(path); };
    // Every step of these journeys is looked at.
    const walk = (project: PureCase, ...steps: ((project: PureCase) => void)[]) => { look(project); for (const step of steps) { step(project); look(project); } };
    const give = (command: string, data: object, role: string, ...attachments: string[]) => (project: PureCase) => { project.attach(...attachments).must(command, data as any, role); };
    const until = (date: string) => (project: PureCase) => project.world.passUntil(morning(date));

    for (const stage of ['bozza', 'presentata', 'numerata', 'inAutorizzazione', 'autorizzata', 'inCorso', 'conclusa', 'rendicontata'] as Stage[]) look(projectAt(stage).project);
    walk(projectAt('inAutorizzazione').project, give('autorizza', { oreAutorizzate: 40 }, 'operatorePolo'));
    walk(projectAt('bozza').project, give('annulla', { motivo: 'errore' }, 'segreteria'));
    walk(projectAt('presentata').project, give('respingi', { motivo: 'documenti non validi' }, 'operatorePolo'));
    walk(projectAt('presentata').project, give('chiediIntegrazione', { motivi: 'manca il timbro' }, 'operatorePolo'), give('integra', { nota: 'ecco' }, 'segreteria', 'integrazione'));
    for (const stage of ['numerata', 'autorizzata', 'inCorso', 'conclusa'] as Stage[]) {
      walk(projectAt(stage).project, give('sollecita', { entro: '2026-10-25' }, 'operatorePolo'), until('2026-10-27'), give('dichiaraDecadenza', { motivo: 'silenzio' }, 'dirigentePolo'));
      walk(projectAt(stage).project, give('rinuncia', { motivo: 'la famiglia rinuncia' }, 'dirigente'));
    }
    for (const stage of ['autorizzata', 'inCorso'] as Stage[]) {
      walk(projectAt(stage).project, until('2026-12-15'), until('2026-12-22'), give('chiediProroga', chiediProroga([{ dal: '2026-12-21', al: '2027-01-31' }]), 'segreteria', 'modelloSAggiornato', 'richiestaProroga'));
    }
    walk(projectAt('inCorso').project, give('chiediProroga', chiediProroga([{ dal: '2026-12-21', al: '2027-01-31' }]), 'segreteria', 'modelloSAggiornato', 'richiestaProroga'), give('concludi', {}, 'dirigente'), give('rifiutaProroga', { motivo: 'progetto concluso' }, 'operatorePolo'), until('2026-11-20'));
    const paid = projectAt('rendicontata').project;
    paid.receive('registraLiquidazione', { quotaCents: 0, dovutaCents: 0, atto: 'n. 1' }, { kind: 'case', id: 'case:fondo-istruzione-domiciliare/x', role: 'case' });
    look(paid);

    // A transient state is passed through within one step: nobody can see a case in it.
    const transient = (path: string) => path.endsWith('.verifica') || path === 'integrazione.ricevuta';
    expect(chartNames(istruzioneDomiciliare.machine as any).states.filter(path => !seen.has(path) && !transient(path))).toEqual([]);
  });
});

describe('planning', () => {
  it('records the acts in any order, also before the number', () => {
    const { project } = projectAt('bozza');
    for (const [command, data] of [...ATTI].reverse()) project.must(command, data, 'segreteria');
    project.attach('modelloS', 'modelloG').must('presenta', presenta(), 'segreteria').attach('modelloP').must('inviaModelloP', modelloP(), 'referente');
    expect(project.view.pianificazione.mancano).toEqual([]);
  });

  it('works out the financial plan with charges and half co-financing', () => {
    const { project } = projectAt('inAutorizzazione');
    // 30 h × 38.50 × 1.327 = 1532.685 and 20 h = 1021.79, each rounded once.
    expect(project.context.pianoFinanziario).toMatchObject({ lordoCents: 192_500, oneriRiflessiCents: 62_948, costoCents: 255_448, aCaricoProgettoCents: 255_448, quotaPoloCents: 127_724, cofinanziamentoCents: 127_724 });
  });

  it('leaves teachers paid by FIS out of what the polo shares', () => {
    const { project } = projectAt('numerata');
    for (const [command, data] of ATTI) project.must(command, data, 'dirigente');
    project.must('registraDisponibilita', disponibilita('verdi', { provenienza: 'viciniore', fonte: 'FIS', assenzaAdesioni: 'nota del 3 ottobre' }), 'dirigente');
    project.attach('modelloP').must('inviaModelloP', modelloP(), 'referente');
    expect(project.context.pianoFinanziario).toMatchObject({ costoCents: 255_448, aCaricoProgettoCents: 153_269, quotaPoloCents: 76_635, cofinanziamentoCents: 76_634 });
  });

  it('hears the hospital school in the variant with SiO', () => {
    const { project } = projectAt('numerata');
    for (const [command, data] of ATTI) project.must(command, data, 'dirigente');
    project.attach('modelloP').must('inviaModelloP', modelloP({ variante: 'conSiO', scuolaInOspedale: { nome: 'SiO Policlinico di Bari', sentitaIl: '2026-10-04' } }), 'referente');
    expect(project.state).toBe('inAutorizzazione');
  });
});

describe('terms and reminders', () => {
  it('reminds the polo after thirty days, once, at midnight in Rome', () => {
    const { project, world } = projectAt('presentata');
    expect(project.dueOf('rispostaPolo')).toBe('2026-11-04T23:00:00.000Z');
    world.passUntil('2026-11-04T22:59:59.999Z');
    expect(effects(project)).not.toContain('ricordaRisposta');
    world.passUntil(morning('2027-02-01'));
    expect(project.messages.filter(({ effect }) => effect === 'ricordaRisposta')).toMatchObject([{ at: '2026-11-04T23:00:00.000Z', to: ['polo', 'scuola'] }]);
    expect(project.state).toBe('presentata');
  });

  it('ends a term that crosses the change of the clocks at local midnight', () => {
    const world = worldAt(morning('2027-03-20'));
    const project = projectIn(world, 'presentata', { presenta: presenta([{ dal: '2027-03-22', al: '2027-05-20' }], { certificato: certificato([{ dal: '2027-03-22', al: '2027-05-20' }]) }) });
    // 28 March 2027 is the change: 30 days later midnight in Rome is 22:00 in UTC.
    expect(project.dueOf('rispostaPolo')).toBe('2027-04-19T22:00:00.000Z');
  });

  it('gives the school the term that the polo sets, and lets the polo refuse afterwards', () => {
    const { project, world } = projectAt('presentata');
    project.must('chiediIntegrazione', { motivi: 'manca la firma', entro: '2026-10-10' }, 'operatorePolo');
    world.passUntil(morning('2026-10-11'));
    expect(effects(project)).toContain('ricordaIntegrazione');
    expect(project.state).toBe('integrazione');
    project.must('respingi', { motivo: 'nessuna risposta' }, 'operatorePolo');
    expect(project.messages.slice(-2)).toMatchObject([{ effect: 'notificaRespingimento', to: ['scuola'], letter: { from: 'polo', documents: ['respingimento'] } }, { effect: 'avvisaRespingimento', to: ['famiglia'] }]);
  });

  it('tells the school before the certified period ends, and when it is over', () => {
    const { project, world } = projectAt('inCorso');
    world.passUntil(morning('2026-12-21'));
    expect(project.messages.slice(-2)).toMatchObject([
      { effect: 'ricordaFinePeriodo', at: '2026-12-13T23:00:00.000Z' }, { effect: 'avvisaFinePeriodo', at: '2026-12-20T23:00:00.000Z', data: { finePeriodo: '2026-12-20' } },
    ]);
    expect(project.state).toBe('inCorso');
  });

  it('moves the end of the period when a proroga is granted', () => {
    const { project, world } = projectAt('inCorso');
    project.attach('modelloSAggiornato', 'richiestaProroga').must('chiediProroga', chiediProroga([{ dal: '2026-12-21', al: '2027-01-31' }]), 'segreteria');
    project.must('autorizzaProroga', { oreAutorizzate: 15 }, 'operatorePolo');
    expect(project.open).toEqual(['preavvisoFinePeriodo']);
    world.passUntil(morning('2027-02-01'));
    expect(project.messages.filter(({ effect }) => effect === 'avvisaFinePeriodo')).toMatchObject([{ at: '2027-01-31T23:00:00.000Z' }]);
  });

  it('does not remind twice when the first lesson comes after the reminder', () => {
    const { project, world } = projectAt('autorizzata');
    world.passUntil(morning('2026-12-22'));
    project.must('registraLezione', lezione('2026-12-18', '15:00', '16:00'), 'docente');
    world.passUntil(morning('2027-02-01'));
    expect(effects(project).filter(effect => effect === 'avvisaFinePeriodo' || effect === 'ricordaFinePeriodo')).toEqual(['ricordaFinePeriodo', 'avvisaFinePeriodo']);
  });

  it('reminds school and polo when the report is late', () => {
    const { project, world } = projectAt('conclusa');
    expect(project.view.termineRendicontazione).toBe('2026-11-18');
    world.passUntil(morning('2026-11-19'));
    expect(project.messages.at(-1)).toMatchObject({ effect: 'ricordaRendicontazione', to: ['scuola', 'polo'] });
    report(project);
    expect(project.state).toBe('rendicontata');
  });

  it('reminds the polo of a proroga it does not answer, once, also when lessons begin meanwhile', () => {
    const { project, world } = projectAt('autorizzata');
    project.attach('modelloSAggiornato', 'richiestaProroga').must('chiediProroga', chiediProroga([{ dal: '2026-12-21', al: '2027-01-31' }]), 'segreteria');
    world.passUntil(morning('2026-10-20'));
    project.must('registraLezione', lezione('2026-10-19', '15:00', '16:00'), 'docente');
    expect(project.dueOf('rispostaProroga')).toBe('2026-11-04T23:00:00.000Z');
    world.passUntil(morning('2027-01-10'));
    expect(effects(project).filter(effect => effect === 'ricordaRispostaProroga')).toHaveLength(1);
  });
});

describe('proroga', () => {
  const asked = (journey = {}) => {
    const made = projectAt('inCorso', journey);
    made.project.attach('modelloSAggiornato', 'richiestaProroga').must('chiediProroga', chiediProroga([{ dal: '2026-12-21', al: '2027-01-31' }]), 'segreteria');
    return made;
  };
  const motivi = (project: PureCase) => project.view.registro.map(({ data, motivo }: any) => [data, motivo]);

  it('lets lessons go on while it is pending; they count once it is granted, however late', () => {
    const { project, world } = asked();
    world.passUntil(morning('2027-01-13'));
    project.must('registraLezione', lezione('2027-01-12', '15:00', '16:00'), 'docente');
    expect(motivi(project)).toEqual([['2026-10-19', null], ['2027-01-12', 'prorogaInAttesa']]);
    project.must('concludi', {}, 'dirigente').must('autorizzaProroga', { oreAutorizzate: 10 }, 'operatorePolo');
    expect(project.state).toBe('conclusa');
    expect(motivi(project)).toEqual([['2026-10-19', null], ['2027-01-12', null]]);
  });

  it('leaves lessons beyond the certificate in the register when it is refused', () => {
    const { project, world } = asked();
    world.passUntil(morning('2027-01-13'));
    project.must('registraLezione', lezione('2027-01-12', '15:00', '16:00'), 'docente').must('rifiutaProroga', { motivo: 'certificato generico' }, 'dirigentePolo');
    expect(motivi(project)).toEqual([['2026-10-19', null], ['2027-01-12', 'prorogaRifiutata']]);
  });

  it('is granted any number of times, and adds its hours', () => {
    const { project } = asked();
    project.must('autorizzaProroga', { oreAutorizzate: 20 }, 'operatorePolo');
    for (const [dal, al] of [['2027-02-01', '2027-02-28'], ['2027-03-01', '2027-03-31']] as const) {
      project.attach('modelloSAggiornato', 'richiestaProroga').must('chiediProroga', chiediProroga([{ dal, al }]), 'segreteria').must('autorizzaProroga', { oreAutorizzate: 10 }, 'operatorePolo');
    }
    expect(project.view.ore).toMatchObject({ autorizzate: 80 });
    expect(project.context.proroghe).toHaveLength(3);
    expect(project.sent.filter(({ effect }) => effect === 'iscriviAlFondo').at(-1)!.input.data).toMatchObject({ minutiAutorizzati: 4_800 });
  });

  it('is not asked twice at once', () => {
    const { project } = asked();
    expect(project.attach('modelloSAggiornato', 'richiestaProroga').give('chiediProroga', chiediProroga([{ dal: '2027-02-01', al: '2027-02-28' }]), 'segreteria')).toMatchObject({ why: 'not-allowed' });
  });

  it('needs a new certificate: the old one is frozen with the first request', () => {
    const { project } = asked();
    project.must('rifiutaProroga', { motivo: 'illeggibile' }, 'operatorePolo');
    expect(project.give('chiediProroga', chiediProroga([{ dal: '2026-12-21', al: '2027-01-31' }]), 'segreteria')).toMatchObject({ why: 'attachment' });
  });
});

describe('reminder and decadenza', () => {
  it('lets the polo take a silent project out after a reminder and its term', () => {
    const { project, world } = projectAt('autorizzata');
    project.must('sollecita', {}, 'operatorePolo');
    expect(project.context.sollecito).toEqual({ il: '2026-10-05', entro: '2026-10-20' });
    expect(project.give('dichiaraDecadenza', { motivo: 'silenzio' }, 'dirigentePolo')).toMatchObject({ rules: ['sollecitoNonScaduto'], refusals: [{ figures: { sollecitatoIl: '2026-10-05', entro: '2026-10-20', oggi: '2026-10-05' } }] });
    world.passUntil('2026-10-20T21:59:00.000Z');
    expect(project.give('dichiaraDecadenza', { motivo: 'silenzio' }, 'dirigentePolo')).toMatchObject({ rules: ['sollecitoNonScaduto'] });
    world.passUntil('2026-10-20T22:00:00.000Z');
    expect(project.messages.at(-1)).toMatchObject({ effect: 'avvisaSollecitoScaduto' });
    project.must('dichiaraDecadenza', { motivo: 'silenzio' }, 'dirigentePolo');
    expect(project.sent.at(-1)).toMatchObject({ effect: 'togliDalFondo', input: { command: 'togliProgetto', data: { motivo: 'decadenza' } } });
  });

  it('forgets the reminder when the school moves', () => {
    const { project, world } = projectAt('autorizzata');
    project.must('sollecita', {}, 'operatorePolo');
    world.passUntil('2026-10-19T20:00:00.000Z');
    project.must('registraLezione', lezione('2026-10-19', '15:00', '16:00'), 'docente');
    world.passUntil(morning('2026-11-01'));
    expect(project.give('dichiaraDecadenza', { motivo: 'silenzio' }, 'dirigentePolo')).toMatchObject({ rules: ['sollecitoMancante'] });
    expect(effects(project)).not.toContain('avvisaSollecitoScaduto');
  });

  it('does not lose the reminder or its term when a proroga is granted', () => {
    const { project } = projectAt('inCorso');
    project.attach('modelloSAggiornato', 'richiestaProroga').must('chiediProroga', chiediProroga([{ dal: '2026-12-21', al: '2027-01-31' }]), 'segreteria');
    project.must('sollecita', { entro: '2026-11-10' }, 'operatorePolo').must('autorizzaProroga', { oreAutorizzate: 5 }, 'operatorePolo');
    expect(project.dueOf('termineSollecito')).toBe('2026-11-10T23:00:00.000Z');
    expect(project.value).toMatchObject({ inCorso: { sollecito: 'inviato', proroga: 'nessuna' } });
  });
});

describe('register', () => {
  it('keeps corrections and annulments as new facts', () => {
    const { project } = projectAt('inCorso', { lezioni: [lezione('2026-10-19', '15:00', '17:00'), lezione('2026-10-20', '15:00', '16:00')] });
    project.must('rettificaLezione', { lezione: 'L0001', motivo: 'orario errato', nuova: lezione('2026-10-19', '15:00', '16:30') }, 'docente');
    project.must('annullaLezione', { lezione: 'L0002', motivo: 'non svolta' }, 'referente');
    expect(project.view.registro.map(({ lezione: key, ore, oreContabili, motivo }: any) => [key, ore, oreContabili, motivo])).toEqual([
      ['L0003', 1.5, 1.5, null], ['L0001', 2, 0, 'rettificata'], ['L0002', 1, 0, 'annullata'],
    ]);
    expect(project.context).toMatchObject({ lezioni: 1, registri: { bianchi: { lezioni: 1 } } });
    expect(project.items.get('lezione/L0003')!.data.rettifica).toEqual({ lezione: 'L0001', motivo: 'orario errato' });
  });

  it('asks for a new signature and visa after a late fact', () => {
    const { project } = projectAt('conclusa');
    closeRegisters(project);
    project.must('registraLezione', lezione('2026-10-16', '15:00', '16:00'), 'docente');
    expect(project.context.registri.bianchi).toEqual({ lezioni: 2, firmatoIl: null, vistatoIl: null });
  });

  it('moves a corrected lesson to the register of the teacher who held it', () => {
    const { project } = projectAt('inCorso', { lezioni: [lezione('2026-10-19', '15:00', '16:00'), lezione('2026-10-20', '15:00', '16:00')] });
    project.must('rettificaLezione', { lezione: 'L0001', motivo: 'altro docente', nuova: lezione('2026-10-19', '15:00', '16:00', { docente: 'verdi' }) }, 'docente');
    expect(project.context.registri).toMatchObject({ bianchi: { lezioni: 1 }, verdi: { lezioni: 1 } });
    expect(project.context.lezioni).toBe(2);
  });

  it('attests hours and days of lessons at home', () => {
    const { project } = projectAt('inCorso', { lezioni: [lezione('2026-10-19', '15:00', '17:00'), lezione('2026-10-19', '17:00', '18:00'), lezione('2026-10-20', '15:00', '16:00', { modalita: 'online', firmaFamiliare: undefined as any })].map(row => JSON.parse(JSON.stringify(row))) });
    expect(project.view.attestazione).toMatchObject({ oreLezione: 4, giorniLezione: 2, giorniDomicilio: 59, giorniAnno: 210, durataPrevalente: false });
  });
});

describe('exam weeks', () => {
  const june = (esameDiStato: boolean, al: string) => {
    const spans = [{ dal: '2027-04-01', al }];
    const world = worldAt(morning('2027-04-05'));
    const project = projectIn(world, 'inCorso', {
      bozza: { esameDiStato }, presenta: presenta(spans, { certificato: certificato(spans) }), ore: 40,
      lezioni: ['2027-06-09', '2027-06-10', '2027-06-23', '2027-06-24'].map(data => lezione(data, '15:00', '16:00')),
    });
    return project.view.registro.map(({ motivo }: any) => motivo);
  };

  it('count for exam pupils, for two weeks after the end of lessons, when the certificate lasts until then', () => {
    expect(june(true, '2027-06-09')).toEqual([null, null, null, 'fuoriPeriodo']);
    expect(june(true, '2027-08-31')).toEqual([null, null, null, 'oltreFineLezioni']);
    expect(june(true, '2027-06-08')).toEqual(['fuoriPeriodo', 'fuoriPeriodo', 'fuoriPeriodo', 'fuoriPeriodo']);
  });

  it('do not exist for the others', () => {
    expect(june(false, '2027-08-31')).toEqual([null, 'oltreFineLezioni', 'oltreFineLezioni', 'oltreFineLezioni']);
  });
});

describe('what people see', () => {
  it('keeps health data and names out of the row, the search words and every message', () => {
    const { project } = projectAt('rendicontata');
    const outside = JSON.stringify([project.row, istruzioneDomiciliare.projection.search({ context: project.context, parties: PARTIES, number: project.number }), project.messages.map(({ letter: _names, ...message }) => message), project.sent]);
    for (const secret of ['Anna', 'Rossi"', 'Maria', 'modelloS', 'strutturaOspedaliera', '2026-12-20']) expect(outside).not.toContain(secret);
  });

  it('shows nothing sealed to the USR, and nothing sealed to anybody without a record', () => {
    const { sealed, projection: { visibility, protected: recorded } } = istruzioneDomiciliare;
    const { project } = projectAt('rendicontata');
    const shown = Object.keys(project.view).filter(field => sealed.includes(field));
    expect(shown.filter(field => !Object.hasOwn(visibility, field) || visibility[field]!.includes('funzionarioUsr'))).toEqual([]);
    expect(shown.filter(field => field !== 'proposta' && !recorded!.includes(field))).toEqual([]);
  });

  it('puts the words and, once known, the number into every subject, in both languages', () => {
    const { project, world } = projectAt('inCorso');
    world.passUntil(morning('2027-01-05'));
    for (const { template, data } of project.messages) {
      for (const language of ['it', 'en'] as const) {
        const { subject, text } = istruzioneDomiciliare.messages![template]![language]({ number: project.number, data, parties: PARTIES, caseId: project.id });
        expect(subject).toContain('Progetto Istruzione Domiciliare');
        if (data.numero) expect(subject).toContain('ID-2026/27-0001');
        expect(text).not.toMatch(/undefined|null|NaN/);
      }
    }
  });

  it('writes days and hours as Italian offices do', () => {
    const written = (template: string, data: JsonObject) => istruzioneDomiciliare.messages![template]!.it({ number: 'ID-2026/27-0001', data: { annoScolastico: '2026/27', ...data }, parties: PARTIES, caseId: 'x' }).text;
    expect(written('conclusione', { termine: '2026-12-22' })).toContain('Entro il 22/12/2026 si inviano');
    expect(written('proroga', { oreProroga: 2.5, oreAutorizzate: 42.5 })).toContain('per 2,5 ore; in tutto sono autorizzate 42,5 ore');
  });

  it('writes to the USR too when it takes part', () => {
    const { project } = projectAt('presentata', { parties: { usr: 'USRPUGLIA' } });
    expect(project.messages[0]!.to).toEqual(['polo', 'usr']);
  });
});

function paths(value: any, prefix = ''): string[] {
  if (typeof value === 'string') return [`${prefix}${value}`];
  return Object.entries(value).flatMap(([key, inner]) => [`${prefix}${key}`, ...paths(inner, `${prefix}${key}.`)]);
}
