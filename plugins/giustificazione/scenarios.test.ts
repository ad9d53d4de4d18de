/** The procedure told as it happens, on the pure chart and in virtual time. */
import { beforeEach, describe, expect, it } from '@jest/globals';
import { morning, PureWorld, type PureCase } from '../../test/pureCase.ts';
import { giustificazione } from './plugin.ts';

const PARTI = { scuola: 'S1', famiglia: 'anna', secondoGenitore: 'paolo' };
let world: PureWorld, registro: PureCase;

function open(parameters: { name: string; value: any }[] = [], on = '2026-11-18') {
  world = new PureWorld([giustificazione], morning(on), parameters);
  registro = world.create('giustificazione', { alunno: { codice: 'A17', nome: 'Luca', cognome: 'Rossi' }, classe: '2B', annoScolastico: '2026/27' }, PARTI);
}
beforeEach(() => open());

const assenza = (giorno: string, more = {}) => ({ giorno, tipo: 'assenza', ...more });
const ritardo = (giorno: string, ora: string, minuti = 10) => ({ giorno, tipo: 'ritardo', ora, minuti });
/** As the school's families say it from now on. */
const risponde = (...people: [id: string, relation?: 'genitore' | 'tutore' | 'delegato' | 'alunno'][]) => world.families.set('S1', [{ code: 'A17', class: '2B', people: people.map(([id, relation = 'genitore']) => ({ id, relation })) }]);
const ANNA = '00000000-0000-4000-8000-00000000a11a', PAOLO = '00000000-0000-4000-8000-00000000b0b0', ZIO = '00000000-0000-4000-8000-000000000210', LUCA = '00000000-0000-4000-8000-00000000a17a';
const registra = (...eventi: object[]) => registro.must('registra', { eventi } as any, 'segreteria');
const stati = () => Object.fromEntries([...registro.items.values()].map(({ key, data }) => [key, data.stato]));
const dove = () => (registro.value as any).aperto;
const avvisi = () => registro.broadcasts.map(({ template, data }) => [template, data.eventi ?? null]);

describe('a morning’s absences', () => {
  it('are told to the family on its channels, once', () => {
    registra(assenza('2026-11-18'), ritardo('2026-11-17', '08:25'));
    expect(registro.broadcasts).toEqual([{
      template: 'assenze', from: 'scuola', to: { families: { schoolYear: '2026/27', pupils: ['A17'] } }, channels: ['email', 'sms', 'portal'], effect: 'avvisaFamiglia', at: morning('2026-11-18'),
      data: { eventi: ['2026-11-17-ritardo', '2026-11-18-assenza'], orari: { '2026-11-17-ritardo': '08:25' }, entro: '2026-11-23' },
    }]);
    expect([dove().giustificazioni, registro.row, registro.dueOf('termineGiustificazione')]).toEqual(['daGiustificare', { classe: '2B', annoScolastico: '2026/27', daGiustificare: 2 }, '2026-11-23T23:00:00.000Z']);
    // The same rows again: nothing is new.
    registra(assenza('2026-11-18'), ritardo('2026-11-17', '08:25'));
    expect([registro.broadcasts.length, registro.items.size, registro.view.totale.assenze]).toEqual([1, 2, 1]);
  });

  it('of past months are taken in quietly', () => {
    registra(assenza('2026-09-21'), assenza('2026-10-05'));
    expect([avvisi(), dove().giustificazioni]).toEqual([[], 'daGiustificare']);
  });

  it('are corrected by a later export: another hour, or not absent at all', () => {
    registra(ritardo('2026-11-18', '08:25'), assenza('2026-11-17'));
    registra(ritardo('2026-11-18', '09:05', 60));
    registro.must('registra', { eventi: [], ritirati: ['2026-11-17-assenza'] }, 'segreteria');
    expect([stati(), registro.view.totale]).toEqual([{ '2026-11-18-ritardo': 'notificato', '2026-11-17-assenza': 'annullato' }, { assenze: 0, ritardi: 1, uscite: 0, minuti: 60, ore: 1 }]);
    // The family, which was told otherwise, is told so.
    expect(registro.broadcasts.slice(1).map(({ template, data }) => [template, data])).toEqual([
      ['rettifica', { tolti: [], eventi: ['2026-11-18-ritardo'], orari: { '2026-11-18-ritardo': '09:05' }, entro: '2026-11-23' }], ['rettifica', { tolti: ['2026-11-17-assenza'], eventi: [], orari: {}, entro: null }],
    ]);
    // Back again: the family is told anew.
    registra(assenza('2026-11-17'));
    expect([stati()['2026-11-17-assenza'], avvisi().at(-1)]).toEqual(['notificato', ['assenze', ['2026-11-17-assenza']]]);
  });

  it('of a pupil who then came in late are a lateness, and the family is told; and the other way round', () => {
    registra(assenza('2026-11-18'));
    registro.must('giustifica', { eventi: ['2026-11-18-assenza'], motivo: 'Malattia' }, 'genitore');
    registra(ritardo('2026-11-18', '09:30', 75));
    expect([stati(), registro.view.totale.minuti, dove().giustificazioni]).toEqual([{ '2026-11-18-assenza': 'annullato', '2026-11-18-ritardo': 'notificato' }, 75, 'daGiustificare']);
    expect(registro.broadcasts.at(-1)).toMatchObject({ template: 'rettifica', data: { tolti: ['2026-11-18-assenza'], eventi: ['2026-11-18-ritardo'], orari: { '2026-11-18-ritardo': '09:30' }, entro: '2026-11-23' } });
    const { it: words, en } = giustificazione.broadcasts!['rettifica']!, message = { number: null, data: registro.broadcasts.at(-1)!.data, recipient: { name: 'Anna', pupils: [] }, sender: 'I.C. Massari', acknowledge: null, link: null };
    expect([words(message).sms, en(message).sms]).toEqual([
      'I.C. Massari: Non risulta più: 18/11/2026 (assenza). Risulta: 18/11/2026 (ritardo 09:30). Da giustificare entro il 23/11/2026.', 'I.C. Massari: No longer recorded: 18/11/2026 (absence). Recorded: 18/11/2026 (lateness 09:30). To be justified by 23/11/2026.',
    ]);
    registra(assenza('2026-11-18'));
    expect([stati(), registro.view.totale, registro.broadcasts.length]).toMatchObject([{ '2026-11-18-assenza': 'notificato', '2026-11-18-ritardo': 'annullato' }, { assenze: 1, ritardi: 0, minuti: 300 }, 3]);
  });

  it('of weeks ago are corrected quietly by the register, and never unsaid by hand', () => {
    registra(assenza('2026-10-05'));
    registra(ritardo('2026-10-05', '09:30'));
    expect(avvisi()).toEqual([]);
    registro.must('annulla', { eventi: ['2026-10-05-ritardo'], nota: 'Errore' }, 'segreteria');
    expect(avvisi().map(([template]) => template)).toEqual(['rettifica']);
  });

  it.each([['2026-11-19', 'giornoFuturo'], ['2026-08-31', 'altroAnno'], ['2025-11-18', 'altroAnno']])('of %s are refused: %s', (giorno, rule) => {
    expect(registro.give('registra', { eventi: [assenza('2026-11-17'), assenza(giorno)] } as any, 'segreteria')).toMatchObject({ rules: [rule], refusals: [{ pointer: '/eventi/1/giorno' }] });
  });
});

describe('the family', () => {
  const parti = () => registro.caseState.parties;
  const aggiorna = () => registro.must('aggiornaFamiglia', {}, 'segreteria');
  beforeEach(() => {
    registro.caseState = { ...registro.caseState, parties: { scuola: 'S1', famiglia: ANNA } };
    risponde([ANNA]);
  });

  it('is who answers for the pupil when the register or the office says something: two adults and the pupil', () => {
    risponde([ANNA], [PAOLO, 'tutore'], [ZIO, 'delegato'], [LUCA, 'alunno']);
    registra(assenza('2026-11-18'));
    expect(parti()).toEqual({ scuola: 'S1', famiglia: ANNA, secondoGenitore: PAOLO, studente: LUCA });
    risponde([PAOLO]);
    aggiorna();
    // Who stays keeps their place.
    expect(parti()).toEqual({ scuola: 'S1', secondoGenitore: PAOLO });
    risponde([ZIO, 'tutore'], [PAOLO], [ANNA]);
    aggiorna();
    expect(parti()).toEqual({ scuola: 'S1', famiglia: ZIO, secondoGenitore: PAOLO });
    risponde([PAOLO], [ZIO, 'tutore']);
    aggiorna();
    expect(parti()).toEqual({ scuola: 'S1', famiglia: ZIO, secondoGenitore: PAOLO });
  });

  it('stays where the school says nothing of it: the office is told why', () => {
    for (const nothing of [() => world.families.delete('S1'), () => world.families.set('S1', [])]) {
      nothing();
      registra(assenza('2026-11-18'));
      expect([parti(), registro.give('aggiornaFamiglia', {}, 'segreteria')]).toMatchObject([{ scuola: 'S1', famiglia: ANNA }, { accepted: false, rules: ['famigliaNota'] }]);
    }
  });

  it.each(['docente', 'genitore'])('is not brought up to date by %s', role => { expect(registro.give('aggiornaFamiglia', {}, role)).toMatchObject({ why: 'forbidden' }); });
});

describe('a justification', () => {
  const GIORNI = ['2026-11-16-assenza', '2026-11-17-assenza', '2026-11-18-assenza'];
  beforeEach(() => { registra(...GIORNI.map(key => assenza(key.slice(0, 10)))); });

  it('covers several days at once, by either parent', () => {
    registro.must('giustifica', { eventi: GIORNI.slice(0, 2), motivo: 'Motivi di famiglia' }, 'genitore');
    expect([stati()[GIORNI[0]!], dove().giustificazioni, Object.keys(registro.context.aperti)]).toEqual(['giustificato', 'daGiustificare', [GIORNI[2]]]);
    registro.must('giustifica', { eventi: [GIORNI[2]!], motivo: 'Visita' }, 'altroGenitore');
    expect([dove().giustificazioni, [...registro.open].sort()]).toEqual(['inRegola', ['fineAnno', 'riepilogo']]);
    registro.must('accetta', { eventi: GIORNI }, 'docente');
    expect(Object.values(stati())).toEqual(['accettato', 'accettato', 'accettato']);
  });

  it('is the pupil’s own from the eighteenth birthday on, and not where nobody knows it', () => {
    const adulto = (nascita?: string) => world.create('giustificazione', { alunno: { codice: 'A20', nome: 'Ada', cognome: 'Neri', ...(nascita ? { nascita } : {}) }, classe: '5A', annoScolastico: '2026/27' }, { ...PARTI, studente: 'ada' });
    for (const [nascita, accepted] of [['2008-11-18', true], ['2008-11-19', false], [undefined, false]] as const) {
      const own = adulto(nascita).must('registra', { eventi: [assenza('2026-11-18')] } as any, 'segreteria');
      expect([nascita, own.give('giustifica', { eventi: ['2026-11-18-assenza'], motivo: 'Visita' }, 'studente')]).toMatchObject([nascita, accepted ? { accepted } : { accepted, rules: ['alunnoMinorenne'] }]);
    }
  });

  it.each([['segreteria', 'forbidden'], ['docente', 'forbidden']])('is the family’s: %s is refused', (role, why) => expect(registro.give('giustifica', { eventi: GIORNI, motivo: 'x' }, role)).toMatchObject({ accepted: false, why }));

  it('is refused for what is unknown or justified already', () => {
    registro.must('giustifica', { eventi: [GIORNI[0]!], motivo: 'Visita' }, 'genitore');
    expect(registro.give('giustifica', { eventi: [GIORNI[1]!, GIORNI[0]!], motivo: 'x' }, 'genitore')).toMatchObject({ rules: ['eventiDaGiustificare'], refusals: [{ pointer: '/eventi/1', figures: { stato: 'giustificato' } }] });
    expect(registro.give('giustifica', { eventi: ['2026-11-02-assenza'], motivo: 'x' }, 'genitore')).toMatchObject({ rules: ['eventoSconosciuto'] });
  });

  it('is asked for again by the school, with a new term', () => {
    registro.must('giustifica', { eventi: GIORNI, motivo: 'Motivi' }, 'genitore');
    world.passUntil(morning('2026-11-20'));
    registro.must('chiediDiNuovo', { eventi: [GIORNI[1]!], nota: 'Manca il certificato sportivo' }, 'docente');
    expect([registro.broadcasts.at(-1), registro.dueOf('termineGiustificazione')]).toMatchObject([{ template: 'daChiarire', data: { eventi: [GIORNI[1]], nota: 'Manca il certificato sportivo', entro: '2026-11-25' } }, '2026-11-25T23:00:00.000Z']);
    registro.must('giustifica', { eventi: [GIORNI[1]!], motivo: 'Gara, certificato consegnato' }, 'genitore');
    expect(dove().giustificazioni).toBe('inRegola');
  });

  it('expires after its term; the office may reopen it', () => {
    world.passUntil(morning('2026-11-19'));
    registra(assenza('2026-11-19'));
    world.passUntil(morning('2026-11-24'));
    expect([stati(), avvisi().at(-1), dove().giustificazioni]).toEqual([{ '2026-11-16-assenza': 'scaduto', '2026-11-17-assenza': 'scaduto', '2026-11-18-assenza': 'scaduto', '2026-11-19-assenza': 'notificato' }, ['scadute', GIORNI], 'daGiustificare']);
    expect(registro.give('giustifica', { eventi: [GIORNI[0]!], motivo: 'x' }, 'genitore')).toMatchObject({ rules: ['eventiDaGiustificare'] });
    registro.must('riapri', { eventi: GIORNI }, 'segreteria').must('giustifica', { eventi: GIORNI, motivo: 'Malattia' }, 'genitore');
    world.passUntil(morning('2026-11-26'));
    expect([stati()['2026-11-16-assenza'], stati()['2026-11-19-assenza'], dove().giustificazioni]).toEqual(['giustificato', 'scaduto', 'inRegola']);
  });

  it('is not needed for what was recorded by mistake', () => {
    registro.must('annulla', { eventi: GIORNI, nota: 'Era in gita' }, 'segreteria');
    expect([Object.values(stati()), registro.view.totale.minuti, dove().giustificazioni]).toEqual([['annullato', 'annullato', 'annullato'], 0, 'inRegola']);
  });
});

describe('the limit of a quarter of the year', () => {
  // 12 hours a year: 3 may be missed, and a warning comes at 2.25.
  beforeEach(() => open([{ name: 'sogliaAssenze', value: { oreAnnue: 12, quota: 0.25, preavviso: 0.75 } }], '2026-11-18'));
  beforeEach(() => { world.parameters.forEach(row => { if (row.organisation !== null) row.organisation = 'S1'; }); });

  it('warns before it and tells when it is passed; the head gets a task', () => {
    registra(assenza('2026-11-16', { minuti: 120 }));
    expect(dove().soglia).toBe('sotto');
    registra(assenza('2026-11-17', { minuti: 60 }));
    expect([dove().soglia, registro.broadcasts.at(-1)]).toMatchObject(['vicina', { template: 'soglia', data: { ore: 3, limite: 3 } }]);
    registra(ritardo('2026-11-18', '08:30', 30));
    expect([dove().soglia, registro.broadcasts.at(-1)]).toMatchObject(['superata', { template: 'superamento', data: { ore: 3.5, limite: 3 } }]);
    // Once each, whatever is recorded afterwards.
    registra(ritardo('2026-11-17', '08:30', 30), ritardo('2026-11-16', '08:30', 90));
    const soglie = registro.broadcasts.map(({ template }) => template).filter(template => template.startsWith('so') || template.startsWith('su'));
    expect(soglie).toEqual(['soglia', 'superamento']);
  });

  it('is told once where a register passes it at one blow', () => {
    registra(assenza('2026-11-16', { minuti: 240 }));
    expect([dove().soglia, registro.broadcasts.map(({ template }) => template).filter(template => template.startsWith('so') || template.startsWith('su'))]).toEqual(['superata', ['superamento']]);
  });

  it('goes back with a correction', () => {
    registra(assenza('2026-11-16', { minuti: 240 }));
    expect(dove().soglia).toBe('superata');
    registro.must('annulla', { eventi: ['2026-11-16-assenza'], nota: 'Errore' }, 'segreteria');
    expect(dove().soglia).toBe('sotto');
  });
});

describe('the summary', () => {
  it('comes on the first of the month at eight, where there is something to tell', () => {
    registra(assenza('2026-11-18'), ritardo('2026-11-17', '08:30'));
    registro.must('giustifica', { eventi: ['2026-11-18-assenza', '2026-11-17-ritardo'], motivo: 'Visita' }, 'genitore');
    expect(registro.dueOf('riepilogo')).toBe('2026-12-01T07:00:00.000Z');
    world.passUntil('2026-12-01T07:00:00.000Z');
    expect(registro.broadcasts.at(-1)).toMatchObject({ template: 'riepilogo', data: { assenze: 1, ritardi: 1, uscite: 0 } });
    const before = registro.broadcasts.length;
    world.passUntil(morning('2027-01-02'));
    expect([registro.broadcasts.length, registro.dueOf('riepilogo')]).toEqual([before, '2027-02-01T07:00:00.000Z']);
  });

  it('tells what came since the last one, also of days before it; the first of all since September', () => {
    registra(assenza('2026-10-05'), assenza('2026-11-18'));
    world.passUntil(morning('2026-12-01'));
    expect(registro.broadcasts.at(-1)).toMatchObject({ template: 'riepilogo', data: { dal: '2026-09-01', assenze: 2 } });
    // Friday's, which the office sends on the first of the month after the summary had gone.
    registra(assenza('2026-11-30', { minuti: 60 }));
    world.passUntil('2027-01-01T07:00:00.000Z');
    expect(registro.broadcasts.at(-1)).toMatchObject({ template: 'riepilogo', data: { dal: '2026-12-01', assenze: 1, oreTotali: 11 } });
  });

  it.each([['settimanale', '2027-03-26', '2027-03-29T06:00:00.000Z'], ['settimanale', '2026-10-23', '2026-10-26T07:00:00.000Z'], ['mai', '2026-11-18', null]])('is %s by parameter, at eight in Rome also after the clocks changed (%s)', (riepilogo, on, due) => {
    open([], on);
    world.parameters.push({ name: 'terminiGiustificazione', organisation: 'S1', from: '2000-01-01', to: null, version: 2, value: { giorni: 5, avvisoEntroGiorni: 3, riepilogo } });
    registro = world.create('giustificazione', { alunno: { codice: 'A18', nome: 'Eva', cognome: 'Blu' }, classe: '2B', annoScolastico: '2026/27' }, PARTI);
    expect(registro.dueOf('riepilogo')).toBe(due);
  });
});

describe('the year', () => {
  it('ends when the school says so', () => {
    registra(assenza('2026-11-18'));
    registro.must('chiudi', {}, 'segreteria');
    expect([registro.state, registro.open]).toEqual(['chiuso', []]);
  });

  it('ends by itself with August', () => {
    registra(assenza('2026-11-18'));
    world.passUntil('2027-08-31T21:59:00.000Z');
    expect(registro.state).not.toBe('chiuso');
    world.passUntil('2027-08-31T22:00:00.000Z');
    expect([registro.state, registro.open]).toEqual(['chiuso', []]);
  });
});
