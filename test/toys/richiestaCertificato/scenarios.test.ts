/** The procedure told as it happens, on the pure chart and in virtual time. */
import { describe, expect, it } from '@jest/globals';
import { morning, PureWorld } from '../../pureCase.ts';
import { richiestaCertificato } from './plugin.ts';

const RICHIESTA = { alunno: { nome: 'Anna', cognome: 'Rossi', classe: '2B' }, tipo: 'frequenza', destinazione: 'privato' };

function ask(changes = {}) {
  const world = new PureWorld([richiestaCertificato], morning('2026-10-05'));
  return { world, request: world.create('richiesta-certificato', { ...RICHIESTA, ...changes }, { scuola: 'S1', famiglia: 'anna' }) };
}

describe('a request', () => {
  it('is issued with the next number of the school, and both sides are told', () => {
    const { request } = ask();
    request.must('presenta', {}, 'genitore').must('rilascia', {}, 'segreteria');
    expect(request.state).toBe('rilasciata');
    expect(request.number).toBe('2026/0001');
    expect(request.messages.map(({ template, to }) => [template, to])).toEqual([['rilascio', ['famiglia', 'scuola']]]);
  });

  it('is refused for use with a public body until it is corrected', () => {
    const { request } = ask({ destinazione: 'pubblicaAmministrazione' });
    expect(request.give('presenta', {}, 'genitore')).toMatchObject({ accepted: false, rules: ['usoTraPrivati'] });
    request.must('correggi', { destinazione: 'privato' }, 'genitore').must('presenta', {}, 'genitore');
    expect(request.state).toBe('presentata');
  });

  it('is late after thirty days, and can still be issued', () => {
    const { world, request } = ask();
    request.must('presenta', {}, 'segreteria');
    expect(request.dueOf('termineRilascio')).toBe('2026-11-04T23:00:00.000Z');
    world.passUntil(morning('2026-11-05'));
    expect(request.state).toBe('inRitardo');
    request.must('respingi', { motivo: 'non frequenta' }, 'segreteria');
    expect(request.open).toEqual([]);
  });
});
