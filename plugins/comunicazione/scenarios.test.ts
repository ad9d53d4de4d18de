/** A message of the school told as it happens, on the chart alone and in virtual time: drafted, scheduled, sent, taken note of. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { morning, PureWorld, type Given, type PureCase } from '../../test/pureCase.ts';
import type { BroadcastMessage, JsonObject } from '../contract.ts';
import { broadcasts } from './broadcasts.ts';
import { it as italian } from './labels/it.ts';
import { comunicazione } from './plugin.ts';

const SCUOLA = 'BAIC818001', ANNO = '2026/27';
const TESTI = { it: { oggetto: 'Uscita didattica', testo: 'Gentile {destinatario}, {alunni} partecipa all’uscita.', sms: 'Uscita di {alunni}.' }, en: null };
const CLASSI = { tipo: 'classi', annoScolastico: ANNO, classi: ['1A', '1B'] };

const refused = new Set<string>();
function expectRefusal(given: Given, rule: string, figures: JsonObject = {}): void {
  expect(given).toMatchObject({ accepted: false, why: 'rule', rules: [rule] });
  expect((given as Extract<Given, { accepted: false }>).refusals[0]!.figures ?? {}).toMatchObject(figures);
  refused.add(rule);
}
function draft(date = '2026-11-23'): { world: PureWorld; message: PureCase } {
  const world = new PureWorld([comunicazione], morning(date));
  return { world, message: world.create('comunicazione', {}, { scuola: SCUOLA }, { kind: 'user', id: 'docente.bari', role: 'docente', organisation: SCUOLA }) };
}
const indirizza = (message: PureCase, presaVisione: JsonObject | null = null, destinatari: JsonObject = CLASSI) => message.must('scrivi', { testi: TESTI }, 'docente').must('indirizza', { destinatari, canali: ['email', 'sms', 'portal'], presaVisione }, 'docente');
const ESITO = { channels: [{ channel: 'email', state: 'delivered', count: 24 }, { channel: 'email', state: 'permanentFailure', count: 1 }] };

describe('a message', () => {
  it('is drafted by a teacher and sent by the secretariat', () => {
    const { message } = draft();
    indirizza(message);
    expect(message.give('invia', {}, 'docente')).toMatchObject({ why: 'forbidden' });
    message.must('invia', {}, 'segreteria');
    expect(message.state).toBe('inInvio');
    expect(message.broadcasts).toMatchObject([{ effect: 'invioMessaggi', template: 'comunicazione', from: 'scuola', channels: ['email', 'sms', 'portal'], to: { families: { schoolYear: ANNO, classes: ['1A', '1B'] } } }]);
    expect(message.broadcasts[0]).not.toHaveProperty('acknowledge');
    message.finish('invioMessaggi', ESITO);
    expect(message).toMatchObject({ state: 'inviata', context: { inviataIl: '2026-11-23', esito: ESITO.channels } });
  });

  it('leaves at the minute it was scheduled for, in local time, also on the day on which the clocks change', () => {
    const { world, message } = draft('2027-03-26');
    indirizza(message).must('programma', { giorno: '2027-03-28', ora: '08:00' }, 'segreteria');
    expect(message).toMatchObject({ state: 'programmata', open: ['orarioInvio'] });
    expect(message.dueOf('orarioInvio')).toBe('2027-03-28T06:00:00.000Z');
    message.must('programma', { giorno: '2027-03-27', ora: '08:00' }, 'segreteria');
    expect(message.dueOf('orarioInvio')).toBe('2027-03-27T07:00:00.000Z');
    world.passUntil('2027-03-27T06:59:59.000Z');
    expect(message.state).toBe('programmata');
    world.passUntil('2027-03-27T07:00:00.000Z');
    expect(message).toMatchObject({ state: 'inInvio', context: { inviataIl: '2027-03-27', programmataPer: null } });
  });

  it('is changed until it leaves, and withdrawn', () => {
    const { world, message } = draft();
    indirizza(message).must('programma', { giorno: '2026-12-01', ora: '10:00' }, 'dirigente');
    message.must('scrivi', { testi: { ...TESTI, it: { ...TESTI.it, oggetto: 'Uscita rinviata' } } }, 'segreteria');
    expect(message.dueOf('orarioInvio')).toBe('2026-12-01T09:00:00.000Z');
    message.must('ritira', { motivo: 'Il museo è chiuso' }, 'dirigente');
    world.passUntil(morning('2027-01-10'));
    expect(message).toMatchObject({ state: 'ritirata', broadcasts: [], context: { ritirata: { il: '2026-11-23', motivo: 'Il museo è chiuso' } } });
  });

  it('is stopped while it leaves: what comes of it later is nobody’s concern', () => {
    const { message } = draft();
    indirizza(message).must('invia', {}, 'segreteria');
    message.must('ferma', { motivo: 'Data sbagliata' }, 'segreteria');
    expect(message).toMatchObject({ state: 'inviata', context: { fermata: { motivo: 'Data sbagliata' } } });
    expect(message.invoked.size).toBe(0);
  });

  it('that could not be sent is looked at, mended and sent again', () => {
    const { message } = draft();
    indirizza(message).must('invia', {}, 'segreteria').finish('invioMessaggi', { error: 'no such template' }, false);
    expect(message).toMatchObject({ state: 'daRivedere', context: { errore: 'no such template', inviataIl: null } });
    message.must('invia', {}, 'segreteria').finish('invioMessaggi', ESITO);
    expect(message).toMatchObject({ state: 'inviata', context: { errore: null } });
  });

  it('closes by itself thirty days after it was sent', () => {
    const { world, message } = draft();
    indirizza(message).must('invia', {}, 'segreteria').finish('invioMessaggi', ESITO);
    world.passUntil('2026-12-23T22:59:59.000Z');
    expect(message.state).toBe('inviata');
    world.passUntil('2026-12-23T23:00:00.000Z');
    expect(message.state).toBe('chiusa');
  });
});

describe('presa visione', () => {
  const PRESA = { entro: '2026-12-04', solleciti: [3, 1] };
  it('is reminded of on the chosen days, at ten, and on request', () => {
    const { world, message } = draft();
    indirizza(message, PRESA).must('invia', {}, 'segreteria').finish('invioMessaggi', ESITO);
    expect(message.broadcasts[0]).toMatchObject({ acknowledge: { by: '2026-12-04' } });
    expect(message.dueOf('sollecitoPresaVisione')).toBe('2026-12-01T09:00:00.000Z');
    world.passUntil(morning('2026-11-30'));
    message.must('sollecita', {}, 'segreteria');
    world.passUntil(morning('2026-12-20'));
    expect(message.broadcasts.filter(({ effect }) => effect === 'sollecito').map(({ at, to, acknowledge }) => ({ at, to, acknowledge }))).toEqual(
      [morning('2026-11-30'), '2026-12-01T09:00:00.000Z', '2026-12-03T09:00:00.000Z'].map(at => ({ at, to: { silent: 'invioMessaggi' }, acknowledge: { by: '2026-12-04' } })));
    expect(message).toMatchObject({ state: 'inviata', context: { sollecitatoIl: ['2026-11-30', '2026-12-01', '2026-12-03'] }, open: ['chiusuraAutomatica'] });
    expect(message.dueOf('chiusuraAutomatica')).toBe('2027-01-03T23:00:00.000Z');
  });

  it('is asked for by a date that is still to come when it leaves', () => {
    const { world, message } = draft();
    expectRefusal(message.give('indirizza', { destinatari: CLASSI, canali: ['portal'], presaVisione: { entro: '2026-11-22', solleciti: [] } }, 'docente'), 'presaVisionePassata', { entro: '2026-11-22', invio: '2026-11-23' });
    indirizza(message, PRESA);
    expectRefusal(message.give('programma', { giorno: '2026-12-05', ora: '09:00' }, 'segreteria'), 'presaVisionePassata', { invio: '2026-12-05' });
    world.passUntil(morning('2026-12-05'));
    expectRefusal(message.give('invia', {}, 'segreteria'), 'presaVisionePassata');
  });
});

describe('what is refused', () => {
  it('is told with its figures', () => {
    const { message } = draft();
    expectRefusal(message.give('invia', {}, 'segreteria'), 'contenutoMancante', { mancano: ['testi', 'destinatari'] });
    expectRefusal(message.give('scrivi', { testi: { it: { oggetto: ' ', testo: 'x', sms: '' }, en: null } }, 'docente'), 'testoVuoto');
    expectRefusal(message.give('usaModello', { modello: 'gita' }, 'docente'), 'modelloSconosciuto', { modello: 'gita', modelli: ['riunione', 'sciopero'] });
    indirizza(message);
    expectRefusal(message.give('programma', { giorno: '2026-11-23', ora: '09:00' }, 'segreteria'), 'orarioPassato');
    expectRefusal(message.give('programma', { giorno: '2028-01-01', ora: '09:00' }, 'segreteria'), 'orarioLontano', { giorni: 366 });
    message.must('invia', {}, 'segreteria').finish('invioMessaggi', ESITO);
    expectRefusal(message.give('sollecita', {}, 'segreteria'), 'presaVisioneNonRichiesta');
  });
});

describe('templates and words', () => {
  const given = (data: any, acknowledge: BroadcastMessage['acknowledge'] = null, link: string | null = null): BroadcastMessage => ({ number: null, data, sender: 'IC Bari', acknowledge, link, recipient: { name: 'Anna Rossi', pupils: [{ name: 'Luca Rossi', class: '1A' }, { name: 'Mia Rossi', class: '3B' }] } });

  it('come from the school’s templates with their version, until somebody changes them', () => {
    const { message } = draft();
    message.must('usaModello', { modello: 'sciopero' }, 'segreteria').must('indirizza', { destinatari: { tipo: 'scuola', annoScolastico: ANNO }, canali: ['sms'], presaVisione: null }, 'segreteria').must('invia', {}, 'segreteria');
    expect(message.broadcasts[0]).toMatchObject({ version: 'sciopero/1', to: { families: { schoolYear: ANNO } } });
    const changed = draft().message;
    changed.must('usaModello', { modello: 'sciopero' }, 'segreteria').must('scrivi', { testi: TESTI }, 'segreteria');
    expect(changed.context.modello).toBeNull();
  });

  it('name both children to their mother, the date to take note, and the school', () => {
    const { it: write } = broadcasts.comunicazione!;
    expect(write(given({ testi: TESTI }, { by: '2026-12-04' }))).toEqual({
      subject: 'Uscita didattica', sms: 'Uscita di Luca Rossi e Mia Rossi. Presa visione entro il 04/12/2026.',
      text: 'Gentile Anna Rossi, Luca Rossi e Mia Rossi partecipa all’uscita.\n\nSi chiede la presa visione nel portale entro il 04/12/2026.\n\n-- \nIC Bari\nPer: Luca Rossi (1A), Mia Rossi (3B)\n',
    });
  });

  it('say where note is taken without signing in', () => {
    const { sms, text } = broadcasts.comunicazione!.it(given({ testi: TESTI }, { by: '2026-12-04' }, 'https://iter.example.it/p/x'));
    expect(sms).toBe('Uscita di Luca Rossi e Mia Rossi. Presa visione entro il 04/12/2026: https://iter.example.it/p/x');
    expect(text).toMatch(/entro il 04\/12\/2026, nel portale o qui:\nhttps:\/\/iter\.example\.it\/p\/x\n/);
  });

  it('are Italian for whoever reads English when nobody translated them, and the subject where there is no text for the SMS', () => {
    expect(broadcasts.comunicazione!.en(given({ testi: TESTI }))).toMatchObject({ subject: 'Uscita didattica' });
    expect(broadcasts.sollecito!.en(given({ testi: { it: TESTI.it, en: { oggetto: 'School trip', testo: 'Dear {destinatario}', sms: '' } } }, { by: '2026-12-04' }))).toMatchObject({ subject: 'Reminder: School trip', sms: 'Reminder: School trip Take note by 04/12/2026.' });
  });

  it('of a message to single families are not in the lists', () => {
    const { message } = draft();
    indirizza(message, null, { tipo: 'alunni', annoScolastico: ANNO, alunni: ['A1'] }).must('invia', {}, 'segreteria');
    expect(JSON.stringify(message.row)).not.toMatch(/Uscita|A1/);
  });
});

afterAll(() => {
  const { refusals } = italian;
  expect([...refused].sort()).toEqual(Object.keys(refusals).sort());
});
