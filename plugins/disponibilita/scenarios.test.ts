/** A teacher's hours told as they happen: published, changed with bookings in them, and a waiting list that skips nobody. */
import { afterAll, describe, expect, it } from '@jest/globals';
import { by, DOCENTE, LUNEDI, LUNEDI_DOPO, Reception, REGOLA, SCUOLA, slot } from '../../test/journeys/colloqui.ts';
import { morning, PureCase, PureWorld, type Given } from '../../test/pureCase.ts';
import { romeDate } from '../calendar.ts';
import type { JsonObject } from '../contract.ts';
import { it as italian } from './labels/it.ts';
import { disponibilita } from './plugin.ts';

const refused = new Set<string>();
function expectRefusal(given: Given, rule: string, figures: JsonObject = {}): void {
  expect(given).toMatchObject({ accepted: false, why: 'rule', rules: [rule] });
  expect((given as Extract<Given, { accepted: false }>).refusals[0]!.figures).toMatchObject(figures);
  refused.add(rule);
}
const draft = (regola: JsonObject = {}, condizioni: JsonObject = {}) => new PureWorld([disponibilita], morning('2026-10-01'))
  .create('disponibilita', { regola: { ...REGOLA, ...regola } as JsonObject, condizioni }, { scuola: SCUOLA, docente: DOCENTE }, { kind: 'user', id: DOCENTE, role: 'docente' });
const give = (hours: PureCase, command: string, data: JsonObject = {}, user = DOCENTE) => hours.give(command, data, 'docente', by(user));
const states = (bookings: PureCase[]) => bookings.map(({ state }) => state);
const offeredTo = (reception: Reception) => reception.hours.context.attesa.map(({ offerta }: any) => offerta?.inizio ?? null);

describe('publishing', () => {
  it('takes a rule that can be kept', () => {
    const bad = (regola: JsonObject, rule: string, figures?: JsonObject, condizioni?: JsonObject) => expectRefusal(give(draft(regola, condizioni), 'pubblica'), rule, figures);
    bad({ dal: '2026-12-15' }, 'periodoErrato', { dal: '2026-12-15', al: '2026-12-14' });
    bad({ al: '2028-12-15' }, 'periodoErrato', { giorni: 400 });
    bad({ fasce: [{ giorno: 1, dalle: '17:00', alle: '17:05' }] }, 'fasciaTroppoBreve', { minuti: 5, durataMinuti: 10 });
    bad({ fasce: [{ giorno: 1, dalle: '17:00', alle: '18:00' }, { giorno: 1, dalle: '17:30', alle: '18:30' }] }, 'fasceSovrapposte', { altra: '17:00–18:00' });
    bad({ intervallo: { dalle: '18:00', alle: '17:00' } }, 'orarioErrato');
    bad({ modalita: 'online' }, 'doveMancante', { modalita: 'online' });
    bad({}, 'aperturaErrata', { apre: '2026-10-02T00:00:00.000Z' }, { apre: '2026-10-02T00:00:00Z', chiude: '2026-10-01T00:00:00Z' });
    expectRefusal(give(draft(), 'pubblica', {}, 'neri'), 'altroDocente', { docente: DOCENTE });
  });
  it('is for the teacher, or the office; a colleague begins no hours for another', () => {
    const world = new PureWorld([disponibilita], morning('2026-10-01')), begin = (id: string, role: string) => world.begin('disponibilita', { regola: REGOLA as JsonObject }, { scuola: SCUOLA, docente: DOCENTE }, { kind: 'user', id, role });
    expect(begin('neri', 'docente')).toMatchObject({ why: 'rule', refusals: [{ rule: 'altroDocente' }] });
    expect((begin('ufficio', 'segreteria') as PureCase).must('pubblica', {}, 'segreteria').state).toBe('aperta');
    expect((begin(DOCENTE, 'docente') as PureCase).must('aggiorna', { regola: { ...REGOLA, luogo: 'aula 9' } as JsonObject }, 'docente', by(DOCENTE)).must('elimina', {}, 'docente', by(DOCENTE)).state).toBe('eliminata');
  });
  it('closes itself after the last day, also where that moved, and is filed a month later', () => {
    const { hours, world } = new Reception();
    hours.must('aggiungiGiorno', { data: '2026-12-18', dalle: '10:00', alle: '11:00' }, 'docente', by(DOCENTE));
    world.passUntil(morning('2026-12-16'));
    expect(hours.state).toBe('aperta');
    world.passUntil(morning('2026-12-19'));
    expect(hours.state).toBe('chiusa');
    world.passUntil(morning('2027-01-19'));
    expect(hours.state).toBe('conclusa');
  });
});

describe('changing hours that are booked', () => {
  it('is refused with the figures, or cancels what has no slot any more', () => {
    const reception = new Reception(), bookings = reception.fill();
    const shorter = { regola: { ...REGOLA, fasce: [{ giorno: 1, dalle: '17:00', alle: '18:00' }] } as JsonObject };
    expectRefusal(give(reception.hours, 'modifica', shorter), 'prenotazioniSenzaPosto', { colloqui: 6, primo: slot('18:00'), ultimo: slot('18:50') });
    reception.give('modifica', { ...shorter, annullaPrenotazioni: true, motivo: 'variazioneOrario' });
    reception.world.deliver();
    expect(states(bookings)).toEqual([...Array(6).fill('confermata'), ...Array(6).fill('annullata')]);
    expect(bookings[6]!.messages.at(-1)).toMatchObject({ effect: 'avvisaAnnullamentoScuola', data: { motivo: 'variazioneOrario' } });
  });
  it('conditions change for bookings to come', () => {
    const reception = new Reception();
    reception.book('rossi', '17:00');
    reception.give('modifica', { condizioni: { confermaAutomatica: false, promemoriaOre: [1, 48, 3] } });
    expect(reception.hours.context.condizioni).toMatchObject({ confermaAutomatica: false, promemoriaOre: [48, 3, 1], perGenitore: 2 });
    expect(reception.book('bianchi', '17:10').state).toBe('chiesta');
  });
  it('a teacher who is ill: all of the day is cancelled with the reason, and nobody is offered its slots', () => {
    const reception = new Reception(), bookings = reception.fill(), later = reception.book('zeta', '17:00', {}, LUNEDI_DOPO), waiting = reception.wait('rossi');
    reception.world.deliver();
    reception.give('annullaGiorno', { data: LUNEDI, motivo: 'assenzaDocente' });
    reception.world.deliver();
    expect([new Set(states(bookings)), later.state, waiting.state]).toEqual([new Set(['annullata']), 'confermata', 'inAttesa']);
    expect(bookings[0]!.messages.at(-1)).toMatchObject({ effect: 'avvisaAnnullamentoScuola', data: { motivo: 'assenzaDocente' } });
    expect(bookings[0]!.context.esito.motivo).toBe('assenzaDocente');
    expectRefusal(give(reception.hours, 'annullaGiorno', { data: LUNEDI, motivo: 'altro' }), 'giornoSenzaColloqui', { data: LUNEDI });
    expectRefusal(give(reception.hours, 'annullaGiorno', { data: '2026-10-05', motivo: 'altro' }), 'giornoPassato', { oggi: '2026-10-12' });
  });
  it('a moved day takes its bookings along, in their order; who cannot come then is told', () => {
    const reception = new Reception({ regola: { fasce: [{ giorno: 1, dalle: '17:00', alle: '17:40' }] } }), bookings = reception.fill();
    // The second family is with a colleague at that time.
    const neri = reception.world.create('disponibilita', { regola: { ...REGOLA, fasce: [{ giorno: 3, dalle: '09:00', alle: '10:00' }] } as JsonObject }, { scuola: SCUOLA, docente: 'neri' }, { kind: 'user', id: 'neri', role: 'docente' });
    neri.must('pubblica', {}, 'docente', by('neri'));
    const wednesday = '2026-10-21';
    const busy = reception.world.begin('colloquio', { disponibilita: neri.id, inizio: slot('09:10', wednesday), codiceAlunno: 'x', alunno: { nome: 'a', cognome: 'b', classe: 'c' } }, { scuola: SCUOLA, docente: 'neri', genitore: 'f1' }, { kind: 'user', id: 'f1', role: 'genitore' });
    expect(busy).toBeInstanceOf(PureCase);
    reception.give('spostaGiorno', { data: LUNEDI, motivo: 'impegnoDiServizio', a: { data: wednesday, dalle: '09:00', alle: '09:30', luogo: 'aula 1' } });
    reception.world.deliver();
    expect(bookings.map(({ state, context }) => [state, state === 'spostata' ? context.posto : null])).toEqual([
      ['spostata', { inizio: slot('09:00', wednesday), fine: slot('09:10', wednesday), modalita: 'presenza', luogo: 'aula 1' }], ['annullata', null],
      ['spostata', { inizio: slot('09:20', wednesday), fine: slot('09:30', wednesday), modalita: 'presenza', luogo: 'aula 1' }], ['annullata', null],
    ]);
    expect(reception.doubles).toEqual([]);
    expect(reception.hours.value).toEqual({ aperta: 'quieta' });
  });
  it.each([['later', '17:20', '19:00'], ['earlier', '16:40', '18:40']])('a day moved by twenty minutes (%s) leaves nobody without a slot, though old and new ones overlap', (_how, dalle, alle) => {
    const reception = new Reception({ regola: { fasce: [{ giorno: 1, dalle: '17:00', alle: '18:30' }] } }), bookings = reception.fill();
    reception.give('spostaGiorno', { data: LUNEDI, motivo: 'impegnoDiServizio', a: { data: LUNEDI, dalle, alle } });
    reception.world.deliver();
    expect(new Set(states(bookings))).toEqual(new Set(['spostata']));
    expect(bookings.map(({ context }) => context.posto.inizio)).toEqual(bookings.map((_each, n) => new Date(Date.parse(slot(dalle)) + n * 600_000).toISOString()));
    expect(reception.doubles).toEqual([]);
  });
  it('a day that was cancelled, added or moved is as the rule says again, and what comes back goes to who waits', () => {
    const reception = new Reception(), { world, hours } = reception, restore = (data: JsonObject) => give(hours, 'ripristinaGiorno', data);
    expectRefusal(restore({ data: LUNEDI }), 'giornoSenzaVariazioni', { data: LUNEDI });
    expectRefusal(restore({ data: '2026-10-05' }), 'giornoPassato', { oggi: '2026-10-12' });
    reception.give('annullaGiorno', { data: LUNEDI, motivo: 'sciopero' });
    const waiting = reception.wait('anna');
    world.deliver();
    reception.give('ripristinaGiorno', { data: LUNEDI });
    world.deliver();
    expect([waiting.state, waiting.context.posto.inizio, reception.book('rossi', '17:10').state]).toEqual(['offerta', slot('17:00'), 'confermata']);
    reception.give('aggiungiGiorno', { data: '2026-10-21', dalle: '09:00', alle: '10:00' });
    const added = reception.book('bianchi', '09:00', {}, '2026-10-21');
    expectRefusal(restore({ data: '2026-10-21' }), 'prenotazioniSenzaPosto', { colloqui: 1, primo: slot('09:00', '2026-10-21') });
    reception.give('ripristinaGiorno', { data: '2026-10-21', annullaPrenotazioni: true, motivo: 'altro' });
    world.deliver();
    expect(states([added])).toEqual(['annullata']);
  });
  it('a day that was moved by mistake is restored: whom it was told already is cancelled, whom it was not keeps the own slot', () => {
    const reception = new Reception({ regola: { fasce: [{ giorno: 1, dalle: '17:00', alle: '17:40' }] } }), { world, hours } = reception, bookings = reception.fill();
    reception.give('spostaGiorno', { data: LUNEDI, motivo: 'altro', a: { data: '2026-10-20', dalle: '17:00', alle: '19:00' } });
    const [[invoke, effect]] = [...hours.bound] as [[string, Parameters<typeof world.deliverBound>[2]]], told = (effect.input as any).target.id;
    world.deliverBound(hours, invoke, effect);
    expectRefusal(give(hours, 'ripristinaGiorno', { data: LUNEDI }), 'prenotazioniSenzaPosto', { colloqui: 1 });
    reception.give('ripristinaGiorno', { data: LUNEDI, annullaPrenotazioni: true });
    reception.settle();
    // One had moved, one was just being told.
    expect(bookings.map(({ state }) => state).sort()).toEqual(['annullata', 'annullata', 'confermata', 'confermata']);
    expect([reception.doubles, bookings.find(({ id }) => id === told)!.state]).toEqual([[], 'annullata']);
    expect(bookings.filter(({ state }) => state === 'confermata').map(({ context }) => romeDate(context.posto.inizio))).toEqual([LUNEDI, LUNEDI]);
  });
  it('a day cannot be added where the school is closed, in the past, or too short', () => {
    const { hours } = new Reception({ parameters: [{ name: 'chiusureScuola', value: { festivita: [], periodi: [{ dal: '2026-10-20', al: '2026-10-20', motivo: 'patrono' }] } }] });
    expectRefusal(give(hours, 'aggiungiGiorno', { data: '2026-10-20', dalle: '10:00', alle: '11:00' }), 'scuolaChiusa', { data: '2026-10-20' });
    expectRefusal(give(hours, 'aggiungiGiorno', { data: '2026-10-01', dalle: '10:00', alle: '11:00' }), 'giornoPassato');
    expectRefusal(give(hours, 'aggiungiGiorno', { data: '2031-10-01', dalle: '10:00', alle: '11:00' }), 'periodoErrato', { al: '2031-10-01', giorni: 400 });
    expectRefusal(give(hours, 'spostaGiorno', { data: LUNEDI, motivo: 'altro', a: { data: '9998-10-21', dalle: '10:00', alle: '11:00' } }), 'periodoErrato');
    expectRefusal(give(hours, 'spostaGiorno', { data: LUNEDI, motivo: 'altro', a: { data: '2026-10-21', dalle: '10:00', alle: '10:05' } }), 'fasciaTroppoBreve');
  });
  it('closing keeps bookings and ends the list; withdrawing cancels all', () => {
    const reception = new Reception(), [booked] = reception.fill(), waiting = reception.wait('rossi');
    reception.world.deliver();
    reception.give('chiudi', {});
    reception.world.deliver();
    expect([booked!.state, waiting.state, reception.hours.state]).toEqual(['confermata', 'scaduta', 'chiusa']);
    const other = new Reception(), [held] = other.fill();
    other.give('revoca', { motivo: 'sciopero' });
    other.world.deliver();
    expect([held!.state, held!.messages.at(-1)!.data['motivo'], other.world.reservations]).toEqual(['annullata', 'sciopero', []]);
  });
});

describe('the waiting list', () => {
  const full = (condizioni: JsonObject = {}) => {
    const reception = new Reception({ condizioni: { offertaMinuti: 60, ...condizioni } }), booked = reception.fill();
    const waiting = ['anna', 'bea', 'carla'].map(family => reception.wait(family));
    reception.world.deliver();
    return { reception, world: reception.world, booked, waiting };
  };
  const cancel = (booking: PureCase, n: number) => booking.must('annulla', {}, 'genitore', by(`f${n}`));

  it('offers a freed slot to the first, held until the term, and on to the next when it lapses', () => {
    const { world, reception, booked, waiting: [anna, bea, carla] } = full();
    cancel(booked[3]!, 3);
    world.deliver();
    expect(states([anna!, bea!, carla!])).toEqual(['offerta', 'inAttesa', 'inAttesa']);
    expect([anna!.context.posto.inizio, anna!.dueOf('scadenzaOfferta'), anna!.messages.at(-1)!.effect]).toEqual([slot('17:30'), '2026-10-12T09:00:00.000Z', 'avvisaOfferta']);
    expect(reception.ask('rossi', { inizio: slot('17:30') })).toMatchObject({ refusals: [{ rule: 'riservatoAllaLista' }] });
    world.passUntil('2026-10-12T09:00:00.000Z');
    world.deliver();
    expect(states([anna!, bea!, carla!])).toEqual(['scaduta', 'offerta', 'inAttesa']);
    bea!.must('accetta', {}, 'genitore', by('bea'));
    world.deliver();
    expect([bea!.state, reception.hours.view.inAttesa, reception.doubles]).toEqual(['confermata', 1, []]);
  });
  it('an offer accepted in the instant in which it lapses is lapsed, and is the next one’s', () => {
    const { world, booked, waiting: [anna, bea] } = full();
    cancel(booked[0]!, 0);
    world.deliver();
    world.now = '2026-10-12T09:00:00.000Z';
    expect(anna!.give('accetta', {}, 'genitore', by('anna'))).toMatchObject({ why: 'not-allowed' });
    world.deliver();
    expect(states([anna!, bea!])).toEqual(['scaduta', 'offerta']);
  });
  it('who leaves, declines or declines and stays, is asked accordingly', () => {
    const { world, reception, booked, waiting: [anna, bea, carla] } = full();
    anna!.must('annulla', {}, 'genitore', by('anna'));
    cancel(booked[0]!, 0);
    world.deliver();
    expect(states([anna!, bea!, carla!])).toEqual(['annullata', 'offerta', 'inAttesa']);
    bea!.must('rifiutaOfferta', { resta: true }, 'genitore', by('bea'));
    world.deliver();
    expect(states([bea!, carla!])).toEqual(['inAttesa', 'offerta']);
    carla!.must('rifiutaOfferta', {}, 'genitore', by('carla'));
    world.deliver();
    // Nobody on the list wants this one: it is anybody's.
    expect([states([bea!, carla!]), reception.book('rossi', '17:00').state]).toEqual([['inAttesa', 'annullata'], 'confermata']);
    cancel(booked[5]!, 5);
    world.deliver();
    expect([bea!.state, bea!.context.posto.inizio]).toEqual(['offerta', slot('17:50')]);
  });
  it('who cannot come at that time keeps the place, and the next is asked', () => {
    const { world, reception, booked, waiting: [anna, bea] } = full();
    world.reservations.push({ owner: booked[11]!, key: 'altrove', resource: 'persona/anna', from: slot('17:05'), to: slot('17:15') });
    cancel(booked[1]!, 1);
    world.deliver();
    expect(states([anna!, bea!])).toEqual(['inAttesa', 'offerta']);
    cancel(booked[6]!, 6);
    world.deliver();
    expect([anna!.state, anna!.context.posto.inizio, offeredTo(reception)]).toEqual(['offerta', slot('18:00'), [slot('18:00'), slot('17:10'), null]]);
  });
  it('slots that the teacher adds are offered first, and several at once in order', () => {
    const { world, waiting: [anna, bea, carla], reception } = full();
    reception.give('aggiungiGiorno', { data: LUNEDI, dalle: '19:00', alle: '19:20' });
    world.deliver();
    expect([anna!, bea!, carla!].map(({ state, context }) => [state, context.posto?.inizio ?? null])).toEqual([['offerta', slot('19:00')], ['offerta', slot('19:10')], ['inAttesa', null]]);
  });
  it('a day that is cancelled while a slot of it is offered: the offer is withdrawn, the place is kept', () => {
    const { world, booked, waiting: [anna, bea], reception } = full();
    cancel(booked[0]!, 0);
    world.deliver();
    reception.give('annullaGiorno', { data: LUNEDI, motivo: 'assenzaDocente' });
    expect(anna!.give('accetta', {}, 'genitore', by('anna'))).toMatchObject({ rules: ['postoInesistente'] });
    world.deliver();
    expect([states([anna!, bea!]), anna!.messages.at(-1)!.effect, offeredTo(reception)]).toEqual([['inAttesa', 'inAttesa'], 'avvisaOffertaRitirata', [null, null, null]]);
    reception.give('aggiungiGiorno', { data: LUNEDI, dalle: '18:00', alle: '18:10' });
    world.deliver();
    expect(states([anna!, bea!])).toEqual(['offerta', 'inAttesa']);
  });
  it('a day that is cancelled while the offer is on its way is cancelled for who gets it, too', () => {
    const { world, booked, waiting: [anna], reception } = full();
    cancel(booked[0]!, 0);
    for (const { owner, sent } of world.waiting) world.deliverOwed(owner, sent);
    expect(reception.hours.value).toEqual({ aperta: 'proponendo' });
    reception.give('annullaGiorno', { data: LUNEDI, motivo: 'assenzaDocente' });
    world.deliver();
    expect([anna!.state, world.reservations.filter(({ owner }) => owner === anna)]).toEqual(['inAttesa', []]);
  });
  it('a request to enter that comes after the leaving does not bring anybody back', () => {
    const reception = new Reception(), { world } = reception, booked = reception.fill(), anna = reception.wait('anna');
    anna.must('annulla', {}, 'genitore', by('anna'));
    for (const { owner, sent } of [...world.waiting].reverse()) world.deliverOwed(owner, sent);
    expect(reception.hours.context.attesa).toEqual([]);
    cancel(booked[0]!, 0);
    world.deliver();
    expect([anna.state, reception.book('rossi', '17:00').state]).toEqual(['annullata', 'confermata']);
  });
  it('requests count by when they were made, not by when they arrive', () => {
    const reception = new Reception(), { world } = reception, booked = reception.fill();
    const anna = reception.wait('anna');
    world.passUntil('2026-10-12T08:00:01.000Z');
    const bea = reception.wait('bea');
    // Of the first one’s request the reception has not heard at all.
    const [, second] = world.waiting;
    world.deliverOwed(second!.owner, second!.sent);
    cancel(booked[0]!, 0);
    const { owner, sent } = world.waiting.at(-1)!;
    world.deliverOwed(owner, sent);
    world.deliverBound(reception.hours, ...[...reception.hours.bound][0]!);
    expect(states([anna, bea])).toEqual(['offerta', 'inAttesa']);
  });
});

afterAll(() => {
  const missing = Object.keys(italian.refusals).filter(rule => !refused.has(rule));
  if (missing.length > 0) throw new Error(`rules that no test refuses: ${missing.join(', ')}`);
});
