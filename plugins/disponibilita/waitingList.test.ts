/**
 * The waiting list in any order of events: messages between the cases overtake one another, offers lapse, families change their mind, days are
 * cancelled meanwhile. In the end nobody holds what another holds, everybody who waits is known, and no slot is free that somebody waits for.
 */
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { by, DOCENTE, LUNEDI, Reception, slot } from '../../test/journeys/colloqui.ts';
import type { PureCase } from '../../test/pureCase.ts';
import { addMinutes } from '../calendar.ts';
import type { Attesa } from './process/types.ts';

const WAITING = 4;
const one = fc.nat(99);
const happening = fc.oneof(
  { weight: 3, arbitrary: fc.record({ does: fc.constant('cancel' as const), who: one }) }, { weight: 3, arbitrary: fc.record({ does: fc.constantFrom('accept' as const, 'decline' as const, 'stay' as const, 'leave' as const), who: one }) },
  { weight: 8, arbitrary: fc.record({ does: fc.constantFrom('message' as const, 'proposal' as const), who: one }) }, { weight: 2, arbitrary: fc.record({ does: fc.constant('time' as const), who: fc.constantFrom(5, 30, 61) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constantFrom('ill' as const, 'add' as const, 'move' as const, 'book' as const), who: one }) },
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

class Story {
  readonly reception = new Reception({ regola: { fasce: [{ giorno: 1, dalle: '17:00', alle: '17:40' }] }, condizioni: { offertaMinuti: 60, perGenitore: 9, perAlunno: 9 } });
  readonly booked: PureCase[];
  readonly waiting: PureCase[];
  private extra = 0;

  constructor() {
    this.booked = this.reception.fill();
    this.waiting = Array.from({ length: WAITING }, (_, n) => {
      this.reception.world.passUntil(addMinutes(this.reception.world.now, 1));
      return this.reception.wait(`w${n}`);
    });
  }

  happen({ does, who }: Happening): void {
    const { world, hours } = this.reception, waiter = this.waiting[who % WAITING]!, family = `w${who % WAITING}`;
    const booking = this.booked[who % this.booked.length]!;
    switch (does) {
      // What is not possible now is refused, and that is all.
      case 'cancel': booking.give('annulla', {}, 'genitore', by('f')); return;
      case 'accept': waiter.give('accetta', {}, 'genitore', by(family)); return;
      case 'decline': waiter.give('rifiutaOfferta', {}, 'genitore', by(family)); return;
      case 'stay': waiter.give('rifiutaOfferta', { resta: true }, 'genitore', by(family)); return;
      case 'leave': if (who % 3 === 0) waiter.give('annulla', {}, 'genitore', by(family)); return;
      case 'message': { const { waiting } = world; if (waiting.length > 0) { const { owner, sent } = waiting[who % waiting.length]!; world.deliverOwed(owner, sent); } return; }
      case 'proposal': for (const [invoke, effect] of [...hours.bound]) world.deliverBound(hours, invoke, effect); return;
      case 'time': world.passUntil(addMinutes(world.now, who)); return;
      case 'ill': if (who < 30) hours.give('annullaGiorno', { data: LUNEDI, motivo: 'assenzaDocente' }, 'docente', by(DOCENTE)); return;
      case 'add': this.extra += 1; hours.give('aggiungiGiorno', { data: LUNEDI, dalle: `18:${this.extra}0`, alle: `18:${this.extra}0`.replace(/0$/, '9') }, 'docente', by(DOCENTE)); hours.give('aggiungiGiorno', { data: LUNEDI, dalle: '19:00', alle: '19:20' }, 'docente', by(DOCENTE)); return;
      case 'move': hours.give('spostaGiorno', { data: LUNEDI, motivo: 'impegnoDiServizio', a: { data: LUNEDI, dalle: who < 50 ? '17:10' : '16:50', alle: '17:40' } }, 'docente', by(DOCENTE)); return;
      case 'book': { const made = this.reception.ask(`x${who}`, { inizio: slot('17:00') }); if ('caseState' in made) this.booked.push(made); }
    }
  }
}

it('skips nobody, asks nobody twice and holds nothing twice, whatever overtakes what', () => {
  fc.assert(fc.property(fc.array(happening, { minLength: 10, maxLength: 60 }), happenings => {
    const story = new Story(), { reception, waiting } = story, { world, hours } = reception;
    for (const each of happenings) {
      story.happen(each);
      expect(reception.doubles).toEqual([]);
    }
    reception.settle();
    const attesa: Attesa[] = hours.context.attesa;
    expect([reception.doubles, hours.value, hours.context.proposte]).toEqual([[], { aperta: 'quieta' }, []]);
    // The list and the cases say the same.
    const living = waiting.filter(({ state }) => state === 'inAttesa' || state === 'offerta');
    expect(attesa.map(({ colloquio, offerta }) => [colloquio, offerta?.inizio ?? null]).sort()).toEqual(living.map(({ id, state, context }) => [id, state === 'offerta' ? context.posto.inizio : null]).sort());
    // Nothing that somebody waits for is free.
    const offer = world.offersOf({ scope: `colloqui/${hours.id}`, from: LUNEDI, to: LUNEDI })[0]!;
    const free = offer.slots.filter(each => each.free).map(({ from }) => from);
    for (const each of attesa) if (each.offerta === null) expect(free.filter(from => !each.esclusi.includes(from))).toEqual([]);
    // The same slot comes to the same family again only after the school took it back.
    for (const each of waiting) {
      const offers = each.messages.filter(({ effect }) => effect === 'avvisaOfferta').map(({ data }) => data['inizio']);
      const withdrawn = each.messages.filter(({ effect }) => effect === 'avvisaOffertaRitirata').length;
      expect(offers.length - new Set(offers).size).toBeLessThanOrEqual(withdrawn);
    }
  }), { numRuns: Number(process.env['ITER_RUNS'] ?? 150) });
});
