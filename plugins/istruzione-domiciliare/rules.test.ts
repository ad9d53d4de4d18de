/** Every rule refuses at least once, with its figures; every boundary is looked at from both sides. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { closeRegisters, projectIn, trueHours, type Journey, type Stage } from '../../test/journeys/istruzioneDomiciliare.ts';
import { parameterReader } from '../../engine/decide/step.ts';
import { morning, PureWorld, type Given, type PureCase } from '../../test/pureCase.ts';
import { addDays } from '../calendar.ts';
import type { Json, JsonObject } from '../contract.ts';
import { ATTI, certificato, chiediProroga, disponibilita, lezione, modelloP, presenta, rendiconta } from './examples.ts';
import { it as italian } from './labels/it.ts';
import { istruzioneDomiciliare } from './plugin.ts';
import { compensoOrario, defaultParameters } from './process/parameters.ts';

type Parameters = ConstructorParameters<typeof PureWorld>[2];
const projectAt = (stage: Stage, journey: Journey = {}, { at = morning('2026-10-05'), parameters = [] as Parameters } = {}) => projectIn(new PureWorld([istruzioneDomiciliare], at, parameters), stage, journey);

const refused = new Set<string>();
function expectRefusal(given: Given, rule: string, figures: JsonObject, pointer?: string): void {
  expect(given).toMatchObject({ accepted: false, why: 'rule', rules: [rule] });
  const [refusal] = (given as Extract<Given, { accepted: false }>).refusals;
  expect(refusal!.figures).toMatchObject(figures);
  if (pointer !== undefined) expect(refusal!.pointer).toBe(pointer);
  refused.add(rule);
}

const PEC = (oggetto: string, canale = 'pec') => ({ invio: { canale, oggetto } });

describe('presenta', () => {
  const present = (data: Json, options: { bozza?: JsonObject; today?: string; parameters?: Parameters; attach?: string[] } = {}) =>
    projectAt('bozza', options.bozza ? { bozza: options.bozza } : {}, { at: morning(options.today ?? '2026-10-05'), parameters: options.parameters ?? [] })
      .attach(...(options.attach ?? ['modelloS', 'modelloG'])).give('presenta', data, 'segreteria');
  const periodi = (...spans: [string, string][]) => spans.map(([dal, al]) => ({ dal, al }));
  /** A certificate and G that exist on the day they are given. */
  const dated = (spans: { dal: string; al: string }[], on: string) => presenta(spans, { certificato: certificato(spans, { rilasciatoIl: on }), modelloG: { firmatario: 'Maria Rossi', qualita: 'genitore', firmatoIl: on } });

  it.each<[string, JsonObject, string, JsonObject, string, object?]>([
    ['by fax', presenta(undefined, PEC('Progetto Istruzione Domiciliare', 'fax')), 'faxNonAmmesso', { canale: 'fax' }, '/invio/canale'],
    ['by ordinary e-mail', presenta(undefined, PEC('Progetto Istruzione Domiciliare', 'email')), 'canaleNonAmmesso', { canale: 'email', ammessi: ['pec'] }, '/invio/canale'],
    ['with a subject that does not name the project', presenta(undefined, PEC('Richiesta')), 'oggettoSenzaDicitura', { oggetto: 'Richiesta', richiesto: 'Progetto Istruzione Domiciliare' }, '/invio/oggetto'],
    ['with a period that ends before it starts', presenta([{ dal: '2026-10-12', al: '2026-10-11' }]), 'periodoInvertito', { dal: '2026-10-12', al: '2026-10-11' }, '/certificato/periodi/0'],
    ['with Modello M of the hospital', presenta(undefined, { certificato: certificato(undefined, { modello: 'M' }) }), 'emittenteNonAmmesso', { modello: 'M', emittente: 'strutturaOspedaliera', ammessi: ['medicoFamiglia'] }, '/certificato/emittente', { attach: ['modelloM', 'modelloG'] }],
    ['with Modello S of a private specialist', presenta(undefined, { certificato: certificato(undefined, { emittente: 'specialistaPrivato' }) }), 'emittenteNonAmmesso', { modello: 'S' }, '/certificato/emittente'],
    ['with a certificate of tomorrow', presenta(undefined, { certificato: certificato(undefined, { rilasciatoIl: '2026-10-06' }) }), 'dataFutura', { data: '2026-10-06', oggi: '2026-10-05' }, '/certificato/rilasciatoIl'],
    ['with another form than the one declared', presenta(), 'allegatoDiverso', { dichiarato: 'modelloS', allegati: ['modelloM'] }, '/certificato/modello', { attach: ['modelloM', 'modelloG'] }],
    ['with Modello G not signed by a parent', presenta(undefined, { modelloG: { firmatario: 'Zio Rossi', qualita: 'altro', firmatoIl: '2026-10-01' } }), 'firmatarioNonAmmesso', { qualita: 'altro', ammessi: ['genitore', 'tutore'] }, '/modelloG/qualita'],
    ['with Modello G of tomorrow', presenta(undefined, { modelloG: { firmatario: 'Maria Rossi', qualita: 'genitore', firmatoIl: '2026-10-06' } }), 'dataFutura', { data: '2026-10-06' }, '/modelloG/firmatoIl'],
    ['when the pathology is the disability itself', presenta(undefined, { disabilita: { presente: true, patologiaCoincidente: true } }), 'patologiaCoincidente', {}, '/disabilita/patologiaCoincidente'],
    ['without a school calendar', presenta([{ dal: '2027-10-11', al: '2027-12-20' }]), 'calendarioMancante', { annoScolastico: '2027/28', regione: 'Puglia' }, '/certificato/periodi'],
    ['when it is first made known after the end of lessons', dated(periodi(['2027-04-01', '2027-06-30']), '2027-06-01'), 'resoNotoInRendicontazione', { presentato: '2027-06-10', fineLezioni: '2027-06-09' }, '/certificato/periodi', { today: '2027-06-10' }],
    ['when its whole period is over', dated(periodi(['2026-10-12', '2026-12-20']), '2026-10-01'), 'resoNotoInRendicontazione', { presentato: '2026-12-21', finePeriodo: '2026-12-20' }, '/certificato/periodi', { today: '2026-12-21' }],
  ])('refuses a project %s', (_case, data, rule, figures, pointer, options = {}) => expectRefusal(present(data, options), rule, figures, pointer));

  it('refuses a state exam in primary school', () => {
    expectRefusal(present(presenta(), { bozza: { ordine: 'primaria', esameDiStato: true } }), 'esameNonPrevisto', { ordine: 'primaria' });
  });

  it('accepts a disability with another pathology, a guardian, Modello M of the family doctor', () => {
    expect(present(presenta(undefined, { disabilita: { presente: true, patologiaCoincidente: false } }))).toMatchObject({ accepted: true });
    expect(present(presenta(undefined, { modelloG: { firmatario: 'Tutore', qualita: 'tutore', firmatoIl: '2026-10-01' } }))).toMatchObject({ accepted: true });
    expect(present(presenta(undefined, { certificato: certificato(undefined, { modello: 'M', emittente: 'medicoFamiglia' }) }), { attach: ['modelloM', 'modelloG'] })).toMatchObject({ accepted: true });
  });

  it('accepts the subject in any case of letters', () => {
    expect(present(presenta(undefined, PEC('PROGETTO ISTRUZIONE DOMICILIARE - alunno 2B')))).toMatchObject({ accepted: true });
  });

  it('accepts a project on the last day of its period', () => {
    expect(present(dated(periodi(['2026-10-12', '2026-12-20']), '2026-10-01'), { today: '2026-12-20' })).toMatchObject({ accepted: true });
  });

  describe('absence of more than 30 days', () => {
    it.each<[number, { dal: string; al: string }[]]>([
      [29, periodi(['2026-10-12', '2026-11-09'])],
      [29, periodi(['2026-10-12', '2026-10-25'], ['2026-11-02', '2026-11-16'])],
      [29, periodi(['2026-10-12', '2026-11-09'], ['2026-10-20', '2026-11-05'])],
      [23, periodi(['2026-09-01', '2026-09-28'], ['2026-09-10', '2026-10-06'])],
    ])('refuses %d days', (giorni, spans) => expectRefusal(present(presenta(spans)), 'assenzaTroppoBreve', { giorni, soglia: 30, conteggio: 'calendario' }, '/certificato/periodi'));

    it.each<[string, { dal: string; al: string }[]]>([
      ['one period', periodi(['2026-10-12', '2026-11-10'])],
      ['two periods', periodi(['2026-10-12', '2026-10-26'], ['2026-11-02', '2026-11-16'])],
      ['a period across the change of the clocks', periodi(['2026-10-20', '2026-11-18'])],
    ])('lets exactly 30 days in %s pass with a warning: the polo decides', (_case, spans) => {
      const project = projectAt('bozza').attach('modelloS', 'modelloG').must('presenta', presenta(spans), 'segreteria');
      expect(project.view.avvertenze).toEqual([{ regola: 'assenzaAllaSoglia', figure: { giorni: 30, soglia: 30, conteggio: 'calendario' } }]);
      expect(project.view.giorniAssenza).toBe(30);
      project.must('respingi', { motivo: 'non supera i 30 giorni' }, 'operatorePolo');
    });

    it('accepts 31 days without a warning', () => {
      const project = projectAt('bozza').attach('modelloS', 'modelloG').must('presenta', presenta(periodi(['2026-10-12', '2026-11-11'])), 'segreteria');
      expect(project.view.avvertenze).toEqual([]);
    });

    it('refuses exactly 30 days where the region says so', () => {
      const parameters: Parameters = [{ name: 'assenzaMinima', value: { soglia: 30, conteggio: 'calendario', allaSoglia: 'rifiuta' } }];
      expectRefusal(present(presenta(periodi(['2026-10-12', '2026-11-10'])), { parameters }), 'assenzaTroppoBreve', { giorni: 30 });
      expect(present(presenta(periodi(['2026-10-12', '2026-11-11'])), { parameters })).toMatchObject({ accepted: true });
    });

    it('counts lesson days where the region says so: no Sundays, no closed days', () => {
      const parameters: Parameters = [{ name: 'assenzaMinima', value: { soglia: 30, conteggio: 'lezione', allaSoglia: 'avverti' } }];
      // 12 October to 14 November 2026: 34 days, four of them Sundays (1 November is one).
      expectRefusal(present(presenta(periodi(['2026-10-12', '2026-11-13'])), { parameters }), 'assenzaTroppoBreve', { giorni: 29, conteggio: 'lezione' });
      const project = projectAt('bozza', {}, { parameters }).attach('modelloS', 'modelloG').must('presenta', presenta(periodi(['2026-10-12', '2026-11-14'])), 'segreteria');
      expect(project.view.avvertenze).toMatchObject([{ figure: { giorni: 30, conteggio: 'lezione' } }]);
      // Christmas: 23 December to 6 January has no lessons.
      expectRefusal(present(presenta(periodi(['2026-12-01', '2027-01-19'])), { parameters }), 'assenzaTroppoBreve', { giorni: 29 });
    });

    it('counts no day after the end of lessons', () => {
      const parameters: Parameters = [{ name: 'mesiPrimaDellaFineLezioni', value: 0 }];
      expectRefusal(present(dated(periodi(['2027-05-12', '2027-08-31']), '2027-05-10'), { today: '2027-05-12', parameters }), 'assenzaTroppoBreve', { giorni: 29, fineLezioni: '2027-06-09' });
    });
  });

  describe('one month before the end of lessons', () => {
    it.each<[string, string, string]>([['Puglia', '2027-05-09', '2027-06-09'], ['Lombardia', '2027-05-08', '2027-06-08']])('in %s a project starts until %s', (regione, last, fineLezioni) => {
      const on = (dal: string) => present(dated(periodi([dal, '2027-06-30']), '2027-05-03'), { today: '2027-05-04', bozza: { regione } });
      expect(on(addDays(last, -1))).toMatchObject({ accepted: true });
      expect(on(last)).toMatchObject({ accepted: true });
      expectRefusal(on(addDays(last, 1)), 'avvioTroppoTardi', { inizio: addDays(last, 1), ultimoInizio: last, fineLezioni });
    });

    it('is measured on the day of presentation too, when the absence began before', () => {
      const presented = (today: string) => present(dated(periodi(['2027-04-01', '2027-06-30']), '2027-04-01'), { today });
      expect(presented('2027-05-09')).toMatchObject({ accepted: true });
      expectRefusal(presented('2027-05-10'), 'avvioTroppoTardi', { inizio: '2027-05-10', ultimoInizio: '2027-05-09', fineLezioni: '2027-06-09' });
    });

    it.each(['2026-09-01', '2026-09-14', '2026-12-25', '2027-02-28'])('starts on any other day of the year, e.g. %s', start => {
      expect(present(dated(periodi([start, addDays(start, 70)]), start), { today: start })).toMatchObject({ accepted: true });
    });
  });
});

describe('integra', () => {
  const integrating = (numbered = false) => {
    const project = projectAt(numbered ? 'inAutorizzazione' : 'presentata').must('chiediIntegrazione', { motivi: 'certificato incompleto' }, 'operatorePolo');
    return project.attach('integrazione');
  };

  it.each<[JsonObject, string]>([
    [{ certificato: certificato([{ dal: '2026-10-12', al: '2026-11-01' }]) }, 'assenzaTroppoBreve'],
    [{ modelloG: { firmatario: 'Zio', qualita: 'altro', firmatoIl: '2026-10-01' } }, 'firmatarioNonAmmesso'],
    [{ disabilita: { presente: true, patologiaCoincidente: true } }, 'patologiaCoincidente'],
    [PEC('Progetto Istruzione Domiciliare', 'fax'), 'faxNonAmmesso'],
  ])('refuses %j', (data, rule) => expectRefusal(integrating().give('integra', { nota: 'ecco', ...data }, 'segreteria'), rule, {}));

  it('replaces the certificate and its warnings, and answers to the same stage', () => {
    const project = integrating().must('integra', { nota: 'ecco', certificato: certificato([{ dal: '2026-10-12', al: '2026-11-10' }]) }, 'segreteria');
    expect(project.state).toBe('presentata');
    expect(project.context.avvertenze).toHaveLength(1);
    const numbered = integrating(true).must('integra', { nota: 'ecco', ...PEC('Progetto Istruzione Domiciliare ID-2026/27-0001') }, 'segreteria');
    expect(numbered.state).toBe('inAutorizzazione');
  });

  it('carries the number in the subject once it is known', () => {
    expectRefusal(integrating(true).give('integra', { nota: 'ecco', ...PEC('Progetto Istruzione Domiciliare') }, 'segreteria'), 'oggettoSenzaNumero', { numero: 'ID-2026/27-0001' }, '/invio/oggetto');
  });

  it('does not move a numbered project to another school year', () => {
    const parameters: Parameters = [{ name: 'calendarioScolastico', from: '2027-09-01', value: defaultParameters.find(({ name }) => name === 'calendarioScolastico')!.value }];
    const project = projectAt('inAutorizzazione', {}, { parameters }).must('chiediIntegrazione', { motivi: 'certificato incompleto' }, 'operatorePolo').attach('integrazione');
    expectRefusal(project.give('integra', { nota: 'ecco', certificato: certificato([{ dal: '2027-10-11', al: '2027-12-20' }]) }, 'segreteria'), 'annoScolasticoDiverso', { annoScolastico: '2026/27', nuovo: '2027/28' });
  });

  it('is asked with a term that is not over', () => {
    expectRefusal(projectAt('presentata').give('chiediIntegrazione', { motivi: 'x', entro: '2026-10-04' }, 'operatorePolo'), 'terminePassato', { entro: '2026-10-04', oggi: '2026-10-05' }, '/entro');
    expect(projectAt('presentata').give('chiediIntegrazione', { motivi: 'x', entro: '2026-10-05' }, 'operatorePolo')).toMatchObject({ accepted: true });
  });
});

describe('planning', () => {
  const planned = (journey: Journey = {}, ...without: string[]) => {
    const project = projectAt('numerata', journey);
    for (const [command, data] of ATTI) if (!without.includes(command)) project.must(command, data, 'dirigente');
    return project.attach('modelloP');
  };

  it.each<[string, JsonObject, string, JsonObject]>([
    ['own school before own class was asked', disponibilita('neri', { provenienza: 'istituto' }), 'ordineDisponibilita', { provenienza: 'istituto', prima: ['classe'] }],
    ['nearby school before the own one was asked', disponibilita('neri', { provenienza: 'viciniore', fonte: 'FIS' }), 'ordineDisponibilita', { provenienza: 'viciniore', prima: ['classe', 'istituto'] }],
    ["external on the project's money", disponibilita('neri', { provenienza: 'esterno', assenzaAdesioni: 'nota' }), 'fonteEsterni', { fonte: 'progetto', ammesse: ['FIS', 'altro'] }],
    ['other funding without its name', disponibilita('neri', { provenienza: 'esterno', assenzaAdesioni: 'nota', fonte: 'altro' }), 'fonteNonDescritta', { fonte: 'altro' }],
    ['declaration of tomorrow', disponibilita('neri', { dichiarazione: { data: '2026-10-06' } }), 'dataFutura', { data: '2026-10-06' }],
  ])('refuses the availability of a teacher: %s', (_case, data, rule, figures) => expectRefusal(projectAt('numerata').give('registraDisponibilita', data, 'dirigente'), rule, figures));

  it('accepts an external paid by the municipality', () => {
    const data = disponibilita('neri', { provenienza: 'esterno', assenzaAdesioni: 'nota', fonte: 'altro', fonteDescrizione: 'diritto allo studio del Comune' });
    expect(projectAt('numerata').give('registraDisponibilita', data, 'dirigente')).toMatchObject({ accepted: true });
  });

  it('refuses an act of tomorrow', () => {
    expectRefusal(projectAt('numerata').give('registraDeliberaCollegio', { numero: '1', data: '2026-10-06' }, 'dirigente'), 'dataFutura', { data: '2026-10-06' });
  });

  it.each(['registraDeliberaCollegio', 'informaConsiglioClasse', 'registraDisponibilita', 'nominaReferente'])('refuses Modello P without %s', missing => {
    expectRefusal(planned({}, missing).give('inviaModelloP', modelloP(), 'dirigente'), 'pianificazioneIncompleta', { mancano: [missing] });
  });

  const [piano] = (modelloP() as any).pianiDiLavoro;
  it.each<[string, JsonObject, string, JsonObject]>([
    ['with SiO without the hospital school', modelloP({ variante: 'conSiO' }), 'scuolaInOspedaleNonSentita', { variante: 'conSiO' }],
    ['without SiO but with a hospital school', modelloP({ scuolaInOspedale: { nome: 'SiO Bari', sentitaIl: '2026-10-01' } }), 'varianteErrata', { scuolaInOspedale: 'SiO Bari' }],
    ['with two work plans for one subject', modelloP({ pianiDiLavoro: [piano, { ...piano, disciplina: 'Italiano' }] }), 'disciplinaRipetuta', { disciplina: 'Italiano' }],
    ['with a teacher who declared nothing', modelloP({ pianiDiLavoro: [{ ...piano, docente: 'ignoto' }] }), 'docenteNonDisponibile', { docente: 'ignoto', disponibili: ['bianchi', 'verdi'] }],
    ['without its number in the subject', modelloP(PEC('Progetto Istruzione Domiciliare')), 'oggettoSenzaNumero', { numero: 'ID-2026/27-0001' }],
    ['with a delibera of tomorrow', modelloP({ deliberaConsiglioIstituto: { numero: '45', data: '2026-10-06', importoCents: 200_000 } }), 'dataFutura', { data: '2026-10-06' }],
    ['one cent below the co-financing', modelloP({ deliberaConsiglioIstituto: { numero: '45', data: '2026-10-05', importoCents: 127_723 } }), 'cofinanziamentoInsufficiente', { deliberatoCents: 127_723, dovutoCents: 127_724, aCaricoProgettoCents: 255_448, oneriRiflessiCents: 62_948, costoCents: 255_448 }],
  ])('refuses Modello P %s', (_case, data, rule, figures) => expectRefusal(planned().give('inviaModelloP', data, 'dirigente'), rule, figures));

  it('accepts the exact co-financing', () => {
    expect(planned().give('inviaModelloP', modelloP({ deliberaConsiglioIstituto: { numero: '45', data: '2026-10-05', importoCents: 127_724 } }), 'dirigente')).toMatchObject({ accepted: true });
  });
});

describe('autorizza', () => {
  // 12 October to 20 December 2026 are 70 days: ten weeks.
  it.each<[string, boolean, number, number]>([
    ['primaria', false, 40, 0], ['secondariaPrimoGrado', false, 50, 0], ['secondariaPrimoGrado', true, 60, 2], ['secondariaSecondoGrado', false, 60, 0], ['secondariaSecondoGrado', true, 72, 2],
  ])('in %s (state exam: %s) up to %d hours', (ordine, esameDiStato, massime, settimaneEsame) => {
    const project = projectAt('inAutorizzazione', { bozza: { ordine, esameDiStato } });
    expectRefusal(project.give('autorizza', { oreAutorizzate: massime + 0.25 }, 'operatorePolo'), 'oreOltreMassimo', { richieste: massime + 0.25, massime, giorni: 70, settimane: 10, settimaneEsame }, '/oreAutorizzate');
    expect(project.give('autorizza', { oreAutorizzate: massime }, 'operatorePolo')).toMatchObject({ accepted: true });
  });

  it('counts a begun week, and no day twice', () => {
    const project = projectAt('inAutorizzazione', { periodi: [{ dal: '2026-10-12', al: '2026-12-21' }, { dal: '2026-11-01', al: '2026-12-10' }] });
    expectRefusal(project.give('autorizza', { oreAutorizzate: 55.25 }, 'operatorePolo'), 'oreOltreMassimo', { giorni: 71, settimane: 11, massime: 55 });
  });

  it('counts no week after the end of lessons', () => {
    const spans = [{ dal: '2027-05-01', al: '2027-07-31' }];
    const project = projectAt('inAutorizzazione', { presenta: presenta(spans, { certificato: certificato(spans) }) }, { at: morning('2027-05-03') });
    expectRefusal(project.give('autorizza', { oreAutorizzate: 31 }, 'operatorePolo'), 'oreOltreMassimo', { giorni: 40, settimane: 6, massime: 30 });
  });

  it.each([[0], [-1], [10.1], [10.333]])('takes quarters of an hour, not %d (schema)', oreAutorizzate => {
    expect(projectAt('inAutorizzazione').give('autorizza', { oreAutorizzate }, 'operatorePolo')).toMatchObject({ why: 'schema' });
  });

  it('refuses hours with the number when Modello P is not there', () => {
    expectRefusal(projectAt('presentata').give('assegnaNumero', { oreAutorizzate: 10 }, 'operatorePolo'), 'modelloPMancante', { oreAutorizzate: 10 });
  });
});

describe('registraLezione', () => {
  const at = (instant: string) => { const project = projectAt('autorizzata'); project.world.passUntil(instant); return project; };

  it('refuses a lesson that is not over, to the minute, in the clock of Rome', () => {
    const project = at('2026-10-19T14:59:59.000Z');
    expectRefusal(project.give('registraLezione', lezione('2026-10-19', '15:00', '17:00'), 'docente'), 'lezioneFutura', { data: '2026-10-19', fine: '17:00', oggi: '2026-10-19', ora: '16:59' }, '/data');
    expectRefusal(project.give('registraLezione', lezione('2026-10-20', '08:00', '09:00'), 'docente'), 'lezioneFutura', { data: '2026-10-20' });
    project.world.passUntil('2026-10-19T15:00:00.000Z');
    expect(project.give('registraLezione', lezione('2026-10-19', '15:00', '17:00'), 'docente')).toMatchObject({ accepted: true });
  });

  it.each<[string, string, string, string]>([
    ['autumn, after the clocks went back', '2026-10-25', '2026-10-25T10:59:00.000Z', '2026-10-25T11:00:00.000Z'],
    ['spring, after the clocks went forward', '2027-03-28', '2027-03-28T09:59:00.000Z', '2027-03-28T10:00:00.000Z'],
  ])('knows noon on the day of %s', (_case, day, before, noon) => {
    const project = at(before);
    expectRefusal(project.give('registraLezione', lezione(day, '11:00', '12:00'), 'docente'), 'lezioneFutura', { ora: '11:59' });
    project.world.passUntil(noon);
    project.must('registraLezione', lezione(day, '11:00', '12:00'), 'docente');
    expect(project.view.registro[0].ore).toBe(1);
  });

  it('refuses a lesson that ends before it starts, or has no length', () => {
    for (const fine of ['14:59', '15:00']) expectRefusal(at(morning('2026-10-20')).give('registraLezione', lezione('2026-10-19', '15:00', fine), 'docente'), 'orarioInvertito', { inizio: '15:00', fine });
  });

  it('records what does not count: before the period, after it, beyond cap and total, overlapping, unsigned, by anybody', () => {
    const project = projectAt('autorizzata', { ore: 7 });
    project.world.passUntil(morning('2027-01-11'));
    const oneHour = (data: string, changes: JsonObject = {}) => lezione(data, '15:00', '16:00', changes);
    const { firmaFamiliare: _none, ...unsigned } = oneHour('2026-10-22') as any;
    for (const [row] of [
      [oneHour('2026-10-10')], [lezione('2026-10-12', '15:00', '17:30')], [lezione('2026-10-13', '15:00', '18:00')], [lezione('2026-10-13', '15:30', '16:00', { docente: 'verdi' })],
      [oneHour('2026-10-20', { docente: 'ignoto' })], [oneHour('2026-10-21', { modalita: 'online' })], [oneHour('2026-10-21', { modalita: 'online', oltreServizio: true, docente: 'verdi' })],
      [unsigned], [lezione('2026-11-03', '15:00', '17:30')], [oneHour('2027-01-08')],
    ] as [JsonObject][]) expect(project.give('registraLezione', row, 'docente')).toMatchObject({ accepted: true });
    expect(project.view.registro.map(({ data, ore, oreContabili, motivo }: any) => [data, ore, oreContabili, motivo])).toEqual([
      ['2026-10-10', 1, 0, 'fuoriPeriodo'], ['2026-10-12', 2.5, 2.5, null], ['2026-10-13', 3, 2.5, 'oltreTettoSettimanale'], ['2026-10-13', 0.5, 0, 'sovrapposta'],
      ['2026-10-20', 1, 0, 'docenteSenzaDisponibilita'], ['2026-10-21', 1, 0, 'onlineInServizio'], ['2026-10-21', 1, 0, 'onlineNonCertificata'],
      ['2026-10-22', 1, 0, 'mancaFirmaFamiliare'], ['2026-11-03', 2.5, 2, 'oltreOreAutorizzate'], ['2027-01-08', 1, 0, 'fuoriPeriodo'],
    ]);
  });
});

describe('corrections, certification, signatures', () => {
  const taught = () => projectAt('inCorso', { lezioni: [lezione('2026-10-19', '15:00', '17:00'), lezione('2026-10-20', '15:00', '16:00', { modalita: 'online', oltreServizio: true }), lezione('2026-10-21', '15:00', '16:00', { modalita: 'online' })] });

  it('refuses to correct or annul what is not there or is no more', () => {
    const project = taught();
    const annul = (key: string) => project.give('annullaLezione', { lezione: key, motivo: 'x' }, 'docente');
    expectRefusal(annul('L0009'), 'lezioneSconosciuta', { lezione: 'L0009' }, '/lezione');
    project.must('annullaLezione', { lezione: 'L0001', motivo: 'x' }, 'docente');
    expectRefusal(annul('L0001'), 'lezioneGiaAnnullata', { lezione: 'L0001', il: '2026-10-21' });
    project.must('rettificaLezione', { lezione: 'L0002', motivo: 'x', nuova: lezione('2026-10-20', '15:00', '15:30') }, 'docente');
    expectRefusal(annul('L0002'), 'lezioneGiaRettificata', { lezione: 'L0002', da: 'L0004' });
    expectRefusal(project.give('rettificaLezione', { lezione: 'L0004', motivo: 'x', nuova: lezione('2026-10-30', '15:00', '16:00') }, 'docente'), 'lezioneFutura', { data: '2026-10-30' }, '/nuova/data');
  });

  it('certifies only hours online beyond duty, and makes them count', () => {
    const project = taught();
    for (const key of ['L0001', 'L0003']) expectRefusal(project.give('certificaOreOnline', { lezioni: [key] }, 'dirigente'), 'lezioneNonCertificabile', { lezione: key, oltreServizio: false }, '/lezioni/0');
    expectRefusal(project.give('certificaOreOnline', { lezioni: ['L0002', 'L0009'] }, 'dirigente'), 'lezioneSconosciuta', { lezione: 'L0009' }, '/lezioni/1');
    expect(project.view.ore.contabili).toBe(2);
    project.must('certificaOreOnline', { lezioni: ['L0002'] }, 'dirigente');
    expect(project.view.ore.contabili).toBe(3);
  });

  const VERDI = '00000000-0000-4000-8000-00000000beef';
  it('signs only registers with lessons, by their teacher, and visas only signed ones', () => {
    const project = taught().must('registraDisponibilita', disponibilita('verdi', { utente: VERDI }), 'dirigente').must('registraLezione', lezione('2026-10-16', '15:00', '16:00', { docente: 'verdi' }), 'docente').must('concludi', {}, 'dirigente');
    expectRefusal(project.give('firmaRegistro', { docente: 'neri' }, 'docente'), 'registroVuoto', { docente: 'neri' });
    expectRefusal(project.give('vistaRegistro', { docente: 'neri' }, 'dirigente'), 'registroVuoto', { docente: 'neri' });
    expectRefusal(project.give('firmaRegistro', { docente: 'verdi' }, 'docente'), 'registroAltrui', { docente: 'verdi' });
    expectRefusal(project.give('vistaRegistro', { docente: 'verdi' }, 'dirigente'), 'registroNonFirmato', { docente: 'verdi' });
    project.must('firmaRegistro', { docente: 'verdi' }, 'docente', { user: VERDI }).must('vistaRegistro', { docente: 'verdi' }, 'dirigente');
  });
});

describe('proroga', () => {
  const ask = (data: JsonObject, journey: Journey = {}, options = {}) => {
    const project = projectAt('autorizzata', journey, options);
    return { project, given: project.attach('modelloSAggiornato', 'richiestaProroga').give('chiediProroga', data, 'segreteria') };
  };

  it.each<[string, JsonObject, string, JsonObject]>([
    ['whose certificate adds no day', chiediProroga([{ dal: '2026-11-01', al: '2026-12-20' }]), 'prorogaSenzaUlteriorePeriodo', { giorniGiaCertificati: 70, ulteriori: 0 }],
    ['for days after the end of lessons', chiediProroga([{ dal: '2027-07-01', al: '2027-07-31' }]), 'prorogaSenzaUlteriorePeriodo', { ulteriori: 0, fineLezioni: '2027-06-09' }],
    ['whose period ends before it starts', chiediProroga([{ dal: '2027-01-31', al: '2026-12-21' }]), 'periodoInvertito', { dal: '2027-01-31' }],
    ['without its number in the subject', chiediProroga([{ dal: '2026-12-21', al: '2027-01-31' }], PEC('Progetto Istruzione Domiciliare')), 'oggettoSenzaNumero', { numero: 'ID-2026/27-0001' }],
    ['with another form than the one declared', chiediProroga([{ dal: '2026-12-21', al: '2027-01-31' }], { certificato: certificato([{ dal: '2026-12-21', al: '2027-01-31' }], { modello: 'M', emittente: 'medicoFamiglia' }) }), 'allegatoDiverso', { dichiarato: 'modelloMAggiornato', allegati: ['modelloSAggiornato'] }],
  ])('refuses a request %s', (_case, data, rule, figures) => expectRefusal(ask(data).given, rule, figures));

  it('accepts one further day', () => {
    expect(ask(chiediProroga([{ dal: '2026-12-21', al: '2026-12-21' }])).given).toMatchObject({ accepted: true });
  });

  it('authorises hours within the weeks of all periods', () => {
    // 70 days and 42 more: sixteen weeks of five hours, forty of which are authorised.
    const { project } = ask(chiediProroga([{ dal: '2026-12-21', al: '2027-01-31' }]));
    expectRefusal(project.give('autorizzaProroga', { oreAutorizzate: 40.25 }, 'operatorePolo'), 'oreProrogaOltreMassimo', { richieste: 40.25, giaAutorizzate: 40, massime: 80, giorni: 112, settimane: 16 }, '/oreAutorizzate');
    expect(project.give('autorizzaProroga', { oreAutorizzate: 40 }, 'operatorePolo')).toMatchObject({ accepted: true });
  });
});

describe('concludi and rendiconta', () => {
  const today = '2026-10-21';
  const concluded = () => projectAt('conclusa', { lezioni: [lezione('2026-10-19', '15:00', '17:00'), lezione('2026-10-20', '15:00', '15:50', { docente: 'verdi' }), lezione(today, '15:00', '18:00')] }).attach('modelloV', 'modelloZ', 'modelloOF');
  const give = (project: PureCase, docenti: { docente: string; ore: number }[], totale: number, changes = {}) => project.give('rendiconta', rendiconta(docenti, totale, today, changes), 'dirigente');
  const RIGHT = [{ docente: 'bianchi', ore: 4.17 }, { docente: 'verdi', ore: 0.83 }];

  it('refuses a conclusion of tomorrow', () => expectRefusal(projectAt('inCorso').give('concludi', { data: '2026-10-20' }, 'dirigente'), 'dataFutura', { data: '2026-10-20', oggi: '2026-10-19' }));

  it('leaves lessons after the conclusion in the register, out of the count', () => {
    const project = projectAt('inCorso', { lezioni: [lezione('2026-10-19', '15:00', '17:00'), lezione('2026-10-20', '15:00', '17:00')] }).must('concludi', { data: '2026-10-19' }, 'dirigente');
    expect(project.view.registro.map(({ motivo }: any) => motivo)).toEqual([null, 'dopoConclusione']);
  });

  it('refuses the report of a teacher who did not teach', () => {
    expectRefusal(concluded().attach('relazioneFinale').give('consegnaRelazione', { docente: 'neri' }, 'docente'), 'docenteSenzaLezioni', { docente: 'neri', docenti: ['bianchi', 'verdi'] });
  });

  it('refuses a report without every final report, signature and visa', () => {
    const project = concluded();
    expectRefusal(give(project, RIGHT, 5), 'relazioniMancanti', { mancano: ['bianchi', 'verdi'] });
    for (const docente of ['bianchi', 'verdi']) project.attach('relazioneFinale').must('consegnaRelazione', { docente }, 'docente');
    project.must('firmaRegistro', { docente: 'bianchi' }, 'docente');
    expectRefusal(give(project, RIGHT, 5), 'registriIncompleti', { nonFirmati: ['verdi'], nonVistati: ['bianchi', 'verdi'] });
  });

  it('refuses hours that are not those of the registers, with all figures', () => {
    const project = concluded();
    closeRegisters(project);
    // Lower secondary: five hours a week. 2 h, 50 min and 2 h 10 min of the three of the last day.
    expect(trueHours(project)).toEqual({ docenti: [{ docente: 'bianchi', ore: 4.17 }, { docente: 'verdi', ore: 0.83 }], totale: 5 });
    const figures = (bianchi: number, verdi: number) => [{ docente: 'bianchi', registro: 4.17, dichiarate: bianchi }, { docente: 'verdi', registro: 0.83, dichiarate: verdi }];
    expectRefusal(give(project, [{ docente: 'bianchi', ore: 4.16 }, RIGHT[1]!], 5), 'oreNonCoincidenti', { docenti: figures(4.16, 0.83), diversi: ['bianchi'], totaleRegistro: 5, totaleDichiarato: 5 }, '/modelloZ');
    expectRefusal(give(project, [{ docente: 'bianchi', ore: 5 }], 5), 'oreNonCoincidenti', { docenti: figures(5, 0), diversi: ['bianchi', 'verdi'] });
    expectRefusal(give(project, [...RIGHT, { docente: 'neri', ore: 1 }], 5), 'oreNonCoincidenti', { diversi: ['neri'] });
    expectRefusal(give(project, RIGHT, 5.01), 'oreNonCoincidenti', { diversi: [], totaleRegistro: 5, totaleDichiarato: 5.01 });
    expectRefusal(give(project, RIGHT, 6), 'oreNonCoincidenti', { totaleDichiarato: 6 });
    expect(give(project, RIGHT, 5)).toMatchObject({ accepted: true });
  });

  it('accepts the total of the rounded rows too', () => {
    const project = projectAt('conclusa', { lezioni: ['a', 'b', 'c'].map((docente, i) => lezione(`2026-10-${19 + i}`, '15:00', '15:50', { docente })) });
    for (const docente of ['a', 'b', 'c']) project.must('registraDisponibilita', disponibilita(docente), 'dirigente');
    closeRegisters(project);
    project.attach('modelloV', 'autocertificazione', 'modelloOF');
    const rows = ['a', 'b', 'c'].map(docente => ({ docente, ore: 0.83 }));
    expect(project.give('rendiconta', rendiconta(rows, 2.49, today, { modelloZ: { tipo: 'autocertificazione', compilatoDa: 'DSGA', docenti: rows, totaleOre: 2.49 } }), 'dirigente')).toMatchObject({ accepted: true });
  });

  it('takes hours with two decimals, not three (schema)', () => {
    const project = concluded();
    closeRegisters(project);
    expect(give(project, [{ docente: 'bianchi', ore: 4.165 }, RIGHT[1]!], 5)).toMatchObject({ why: 'schema' });
  });

  it('refuses another form than the one attached', () => {
    const project = concluded();
    closeRegisters(project);
    expectRefusal(give(project, RIGHT, 5, { modelloZ: { tipo: 'autocertificazione', compilatoDa: 'DSGA', docenti: RIGHT, totaleOre: 5 } }), 'allegatoDiverso', { dichiarato: 'autocertificazione', allegati: ['modelloZ'] });
  });

  it('waits for the polo when a proroga is pending', () => {
    const project = projectAt('inCorso').attach('modelloSAggiornato', 'richiestaProroga').must('chiediProroga', chiediProroga([{ dal: '2026-12-21', al: '2027-01-31' }]), 'segreteria').must('concludi', {}, 'dirigente');
    closeRegisters(project);
    project.attach('modelloV', 'modelloZ', 'modelloOF');
    expectRefusal(project.give('rendiconta', rendiconta([{ docente: 'bianchi', ore: 2 }], 2, '2026-10-19'), 'dirigente'), 'prorogaDaDecidere', { richiestaIl: '2026-10-19' });
  });

  it.each([['modelloV'], ['modelloZ'], ['modelloOF']])('needs %s', missing => {
    const project = projectAt('conclusa');
    closeRegisters(project);
    project.attach(...['modelloV', 'modelloZ', 'modelloOF'].filter(kind => kind !== missing));
    expect(project.give('rendiconta', rendiconta([{ docente: 'bianchi', ore: 2 }], 2, '2026-10-19'), 'dirigente')).toMatchObject({ why: 'attachment' });
  });
});

describe('decadenza', () => {
  it('needs a reminder', () => {
    for (const stage of ['numerata', 'autorizzata', 'inCorso', 'conclusa'] as Stage[]) expectRefusal(projectAt(stage).give('dichiaraDecadenza', { motivo: 'silenzio' }, 'dirigentePolo'), 'sollecitoMancante', {});
  });
  it('needs its term to be over', () => {
    const project = projectAt('numerata').must('sollecita', { entro: '2026-10-10' }, 'operatorePolo');
    project.world.passUntil(morning('2026-10-10'));
    expectRefusal(project.give('dichiaraDecadenza', { motivo: 'silenzio' }, 'dirigentePolo'), 'sollecitoNonScaduto', { sollecitatoIl: '2026-10-05', entro: '2026-10-10', oggi: '2026-10-10' });
    project.world.passUntil(morning('2026-10-11'));
    expect(project.give('dichiaraDecadenza', { motivo: 'silenzio' }, 'dirigentePolo')).toMatchObject({ accepted: true });
  });
});

describe('who may', () => {
  const roles = Object.keys(istruzioneDomiciliare.roles);
  it.each(Object.entries(istruzioneDomiciliare.commands).map(([name, { by }]) => [name, by] as const))('gives %s: %j and nobody else', (name, by) => {
    const project = projectAt('bozza');
    for (const role of roles) expect([role, (project.give(name, {}, role) as any).why === 'forbidden']).toEqual([role, !by.includes(role)]);
  });
});

describe('rates and caps', () => {
  const rows = [[null, 3850], ['BAIC847001', 9900], ['POLOPUGLIA', 3500]] as const;
  const parameters = rows.map(([organisation, value], version) => ({ name: 'compensoOrarioLordoCents', organisation, from: '2000-01-01', to: null, value, version: version + 1 }));
  it("are the polo's or the general ones: what a school sets for itself changes nothing of what it is paid", () => {
    const read = (known: typeof parameters) => parameterReader(known, '2026-10-05', { scuola: 'BAIC847001', polo: 'POLOPUGLIA' });
    const rate = (known: typeof parameters) => compensoOrario({ context: { annoScolastico: '2026/27' } as never, parameter: read(known) as never });
    expect(rate(parameters)).toBe(3500);
    expect(rate(parameters.slice(0, 2))).toBe(3850);
  });
});

describe('controfirma', () => {
  const proposed = () => projectAt('inAutorizzazione').must('autorizza', { oreAutorizzate: 40 }, 'operatorePolo', { user: 'anna' });

  it('is given by another person of the polo', () => {
    expectRefusal(proposed().give('controfirma', {}, 'dirigentePolo', { user: 'anna' }), 'controfirmaPropria', { ore: 40, propostaIl: '2026-10-05' });
    const project = proposed().must('controfirma', {}, 'dirigentePolo', { user: 'carla' });
    expect(project.state).toBe('autorizzata');
    expect(project.context).toMatchObject({ minutiAutorizzati: 2400, autorizzataIl: '2026-10-05' });
    expect(project.documents.at(-1)).toMatchObject({ name: 'autorizzazione', from: 'polo' });
  });

  it('may be refused with a reason: the operator works the hours out again', () => {
    const project = proposed().must('rinviaAutorizzazione', { motivo: 'Le settimane sono nove' }, 'dirigentePolo');
    expect(project.state).toBe('inAutorizzazione');
    expect(project.context.proposta).toMatchObject({ minuti: 2400, rinvio: { motivo: 'Le settimane sono nove' } });
    project.must('autorizza', { oreAutorizzate: 36 }, 'operatorePolo').must('controfirma', {}, 'dirigentePolo');
    expect(project.context.minutiAutorizzati).toBe(2160);
  });
});

describe('the family', () => {
  const alunno = { nome: 'Anna', cognome: 'Rossi' };
  const bozza = () => projectAt('bozza');

  it('hands in the certificate and signs G with its own account; the school presents without a scan of G', () => {
    const project = bozza().attach('modelloS').must('consegnaCertificato', { certificato: certificato(undefined, { intestatario: alunno }) }, 'genitore');
    project.must('firmaModelloG', { modelloG: { firmatario: 'Maria Rossi', qualita: 'genitore', firmatoIl: '2026-10-05', telefono: '080 1234567' } }, 'genitore');
    expect(project.context.modelloG).toMatchObject({ firma: { utente: 'genitore.user', il: '2026-10-05' } });
    project.must('presenta', {}, 'segreteria');
    expect(project.state).toBe('presentata');
    expect(project.messages[0]).toMatchObject({ letter: { from: 'scuola', documents: ['trasmissione', 'propostaProcedura', 'modelloS', 'modelloG'] } });
  });

  it.each<[string, JsonObject, string[], string, string]>([
    ['without a certificate', { modelloG: presenta().modelloG! }, ['modelloG'], 'certificatoMancante', '/certificato'],
    ['without G', { certificato: certificato() }, ['modelloS'], 'modelloGMancante', '/modelloG'],
    ['with G in words and no scan', presenta(), ['modelloS'], 'allegatoMancante', '/attachments'],
    ['with a certificate in words and no scan', presenta(), ['modelloG'], 'allegatoMancante', '/attachments'],
  ])('the school cannot present %s', (_case, data, attached, rule, pointer) => expectRefusal(bozza().attach(...attached).give('presenta', data, 'segreteria'), rule, {}, pointer));

  it('signs with its account on the day', () => {
    expectRefusal(bozza().give('firmaModelloG', { modelloG: { firmatario: 'Maria Rossi', qualita: 'genitore', firmatoIl: '2026-10-04' } }, 'genitore'), 'firmaNonOdierna', { firmatoIl: '2026-10-04', oggi: '2026-10-05' }, '/modelloG/firmatoIl');
  });

  it('is told when G is dated tomorrow', () => {
    expectRefusal(bozza().give('firmaModelloG', { modelloG: { firmatario: 'Maria Rossi', qualita: 'genitore', firmatoIl: '2026-10-06' } }, 'genitore'), 'dataFutura', { data: '2026-10-06' });
  });

  it.each<[string, JsonObject, JsonObject]>([
    ['another name', {}, { nome: 'Luca', cognome: 'Rossi' }],
    ['another surname', {}, { nome: 'Anna', cognome: 'Bianchi' }],
    ['the same name and another codice fiscale', { alunno: { nome: 'Anna', cognome: 'Rossi', classe: '2B', codiceFiscale: 'RSSMRA85T10A562S' } }, { ...alunno, codiceFiscale: 'RSSMRA85T10A56NH' }],
  ])('a certificate of another pupil is refused: %s', (_case, changes, intestatario) => {
    expectRefusal(projectAt('bozza', { bozza: changes }).attach('modelloS', 'modelloG').give('presenta', presenta(undefined, { certificato: certificato(undefined, { intestatario }) }), 'segreteria'), 'certificatoDiAltroAlunno', { alunno: 'Anna Rossi' }, '/certificato/intestatario');
  });

  it.each([[{ nome: 'ANNA', cognome: 'ROSSI' }], [{ nome: 'Ánna ', cognome: "Ro'ssi" }]])('the same pupil written %j is the same', intestatario => {
    expect(bozza().attach('modelloS', 'modelloG').give('presenta', presenta(undefined, { certificato: certificato(undefined, { intestatario }) }), 'segreteria')).toMatchObject({ accepted: true });
  });
});

describe('the school in hospital', () => {
  const frequenza = (changes: JsonObject = {}): JsonObject => ({ scuola: 'Scuola in ospedale Giovanni XXIII', dal: '2026-10-01', al: '2026-10-10', giorni: 8, ore: 20, ...changes });
  const inCorso = () => { const project = projectAt('inCorso'); project.world.passUntil(morning('2026-11-05')); return project; };

  it.each<[string, JsonObject, string, JsonObject]>([
    ['ends before it begins', { dal: '2026-10-11' }, 'periodoInvertito', { dal: '2026-10-11', al: '2026-10-10' }],
    ['has more days than its period', { giorni: 11 }, 'giorniOltrePeriodo', { giorni: 11, durata: 10 }],
    ['is not over', { al: '2026-12-01' }, 'dataFutura', { data: '2026-12-01' }],
  ])('refuses an attendance that %s', (_case, changes, rule, figures) => expectRefusal(inCorso().give('registraFrequenzaOspedale', frequenza(changes), 'segreteria'), rule, figures));

  it('refuses an attendance twice', () => {
    const project = inCorso().must('registraFrequenzaOspedale', frequenza(), 'segreteria');
    expectRefusal(project.give('registraFrequenzaOspedale', frequenza({ dal: '2026-10-10', al: '2026-10-12', giorni: 1 }), 'segreteria'), 'frequenzaSovrapposta', { dal: '2026-10-01', al: '2026-10-10' }, '/dal');
  });

  it('adds the note on the scrutiny only where hospital or home prevail over the class', () => {
    const documents = (project: PureCase) => project.documents.map(({ name }) => name).filter(name => name === 'attestazione' || name === 'notaScrutinio');
    const brief = inCorso().must('rilasciaAttestazione', {}, 'dirigente');
    expect(documents(brief)).toEqual(['attestazione']);
    expect(brief.view.attestazione).toMatchObject({ prevalente: null });
    // 12 October to 31 May: most of the year's lesson days.
    const long = projectAt('inCorso', { presenta: presenta([{ dal: '2026-10-12', al: '2027-05-31' }]) });
    long.must('rilasciaAttestazione', {}, 'dirigente');
    expect(documents(long)).toEqual(['attestazione', 'notaScrutinio']);
    expect(long.view.attestazione).toMatchObject({ prevalente: 'domicilio', durataPrevalente: true });
    long.world.passUntil(morning('2027-05-01'));
    long.must('registraFrequenzaOspedale', frequenza({ dal: '2026-10-12', al: '2027-04-20', giorni: 140 }), 'segreteria');
    expect(long.view.attestazione).toMatchObject({ prevalente: 'ospedale', giorniOspedale: 140 });
  });
});

afterAll(() => {
  // `assenzaAllaSoglia` is a warning and `allegatoMancante` is the engine's.
  const missing = Object.keys(italian.refusals).filter(rule => !refused.has(rule) && !['assenzaAllaSoglia', 'allegatoMancante'].includes(rule));
  if (missing.length > 0) throw new Error(`rules that no test refuses: ${missing.join(', ')}`);
  const unknown = [...refused].filter(rule => !Object.hasOwn(italian.refusals, rule));
  if (unknown.length > 0) throw new Error(`refusals without a label: ${unknown.join(', ')}`);
});
