/** The chart: names only. What each name means stands in rules.ts. */
import { createMachine } from 'xstate';

const RISPOSTE = {
  rilascia: { target: 'rilasciata', actions: ['registraRilascio', 'avvisaRilascio'] },
  respingi: { target: 'respinta', actions: ['registraRifiuto', 'avvisaRifiuto'] },
};

export const machine = createMachine({
  id: 'richiesta-certificato', initial: 'bozza',
  states: {
    bozza: { on: { correggi: { actions: 'aggiornaRichiesta' }, presenta: { guard: 'usoTraPrivati', target: 'presentata', actions: 'registraPresentazione' } } },
    presentata: { after: { termineRilascio: { target: 'inRitardo', actions: 'ricordaRilascio' } }, on: RISPOSTE },
    inRitardo: { on: RISPOSTE },
    rilasciata: { type: 'final' },
    respinta: { type: 'final' },
  },
});
