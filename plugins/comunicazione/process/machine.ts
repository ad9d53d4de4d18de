/** The chart of a message of a school to families: names only. */
import { createMachine } from 'xstate';

const SCRIVI = { scrivi: { guard: 'scrivibile', actions: 'registraTesto' }, usaModello: { guard: 'modelloPresente', actions: 'copiaModello' }, indirizza: { guard: 'indirizzabile', actions: 'registraDestinatari' } };
const INVIA = { guard: 'inviabile', target: 'inInvio', actions: 'registraInvio' };
const RITIRA = { target: 'ritirata', actions: 'registraRitiro' };
const CHIUDI = { target: 'chiusa' };

export const machine = createMachine({
  id: 'comunicazione',
  initial: 'bozza',
  states: {
    bozza: { on: { ...SCRIVI, programma: { guard: 'programmabile', target: 'programmata', actions: 'registraOrario' }, invia: INVIA, ritira: RITIRA } },
    // Until it leaves everything may still be changed, and it may be withdrawn.
    programmata: {
      after: { orarioInvio: { target: 'inInvio', actions: 'registraInvio' } },
      on: { ...SCRIVI, programma: { guard: 'programmabile', target: 'programmata', reenter: true, actions: 'registraOrario' }, invia: INVIA, ritira: RITIRA },
    },
    inInvio: {
      invoke: { src: 'invioMessaggi', onDone: { target: 'inviata', actions: 'registraEsito' }, onError: { target: 'daRivedere', actions: 'registraErrore' } },
      on: { ferma: { target: 'inviata', actions: 'registraFermata' } },
    },
    daRivedere: { on: { ...SCRIVI, invia: INVIA, ritira: RITIRA } },
    inviata: {
      after: {
        sollecitoPresaVisione: { target: 'inviata', reenter: true, actions: ['registraSollecito', 'sollecito'] },
        chiusuraAutomatica: CHIUDI,
      },
      on: { sollecita: { guard: 'sollecitabile', target: 'inviata', reenter: true, actions: ['registraSollecito', 'sollecito'] }, chiudi: CHIUDI },
    },
    chiusa: { type: 'final' },
    ritirata: { type: 'final' },
  },
});
