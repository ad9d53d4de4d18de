/** The chart of a polo's fund of one school year: names only. */
import { createMachine } from 'xstate';

/** Whatever the state, the projects' messages are recorded: a late project may still be authorised after the payment. */
const PROGETTI = {
  registraProgetto: { actions: ['contaProgetto', 'scriviProgetto'] },
  registraRendiconto: { actions: ['contaRendiconto', 'scriviRendiconto'] },
  togliProgetto: { actions: ['contaUscita', 'scriviUscita'] },
};
const IBAN = { guard: 'ibanRegistrabile', actions: 'scriviIban' };
const FINANZIAMENTO = { guard: 'finanziamentoRegolare', actions: 'registraImporto' };
const LIQUIDA = { guard: 'liquidabile', target: 'liquidato', actions: ['registraLiquidazione', 'scriviQuote', 'liquidaProgetti', 'redigeAtti', 'notificaLiquidazione'] };

export const machine = createMachine({
  id: 'fondo-istruzione-domiciliare',
  initial: 'aperto',
  states: {
    aperto: { on: { ...PROGETTI, registraIban: IBAN, registraFinanziamento: FINANZIAMENTO, liquida: LIQUIDA, chiudi: { guard: 'chiudibile', target: 'chiuso' } } },
    // A project that reports after the payment is paid from what is left.
    liquidato: { on: { ...PROGETTI, registraIban: IBAN, registraFinanziamento: FINANZIAMENTO, liquida: { ...LIQUIDA, target: undefined }, chiudi: { guard: 'chiudibile', target: 'chiuso' } } },
    chiuso: { type: 'final' },
  },
});
