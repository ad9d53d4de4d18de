/** Everything that a chart can do at once: parallel regions, history states, deadlines that re-enter, answers that lead back, items, sealed fields. */
import { createMachine } from 'xstate';
import { addDays } from '../../plugins/contract.ts';
import { defineToy } from './toy.ts';

const to = (state: string) => `#labirinto.${state}`;

export const labirinto = defineToy<{ passi: number; segreti: string[]; letti: number }>({
  process: 'labirinto',
  machine: createMachine({
    id: 'labirinto', initial: 'bozza',
    states: {
      bozza: { on: { scrivi: { actions: ['passo', 'riga'] }, entra: { target: 'dentro', actions: 'lettera' } } },
      dentro: {
        type: 'parallel',
        on: { pausa: 'fermo', esci: { target: 'uscita', actions: 'lettera' } },
        after: { lungo: { target: 'fermo', actions: 'passo' } },
        states: {
          sinistra: {
            initial: 'a',
            states: {
              a: { after: { breve: { target: 'b', actions: 'passo' } }, on: { avanti: { target: 'b', guard: 'dispari' }, gira: { target: 'a', reenter: true, actions: ['passo', 'lettera'] } } },
              b: { invoke: { src: 'chiede', onDone: { target: 'c', actions: 'impara' }, onError: 'a' }, on: { avanti: 'c', indietro: 'a' } },
              c: { after: { breve: [{ guard: 'pari', target: 'a', actions: 'passo' }, { target: 'c', reenter: true, actions: 'passo' }] }, on: { indietro: 'b' } },
            },
          },
          destra: {
            initial: 'x',
            states: {
              x: { always: { guard: 'molti', target: 'z' }, on: { salta: 'y', scrivi: { actions: ['passo', 'riga'] } } },
              y: { entry: 'lettera', invoke: { src: 'chiede', onDone: { target: 'y', reenter: true, actions: 'impara' }, onError: { target: 'x', actions: 'cancellaRiga' } }, after: { breve: 'x' }, on: { salta: 'x', conta: { guard: 'conRighe', actions: 'legge' } } },
              z: { on: { salta: { target: 'y', actions: 'azzera' } } },
            },
          },
          ricordo: { type: 'history', history: 'deep' },
        },
      },
      fermo: { after: { breve: to('dentro') }, on: { riprendi: to('dentro.ricordo'), esci: 'uscita', gira: { actions: 'passo' } } },
      uscita: { on: { archivia: 'fine', riprendi: 'dentro' } },
      fine: { type: 'final' },
    },
  }),
  drafts: ['bozza'],
  create: { schema: {} as never, by: ['segreteria'], context: () => ({ passi: 0, segreti: [], letti: 0 }) },
  commands: { scrivi: {}, entra: {}, pausa: {}, esci: { by: ['segreteria', 'operatorePolo'] }, avanti: {}, gira: {}, indietro: {}, salta: {}, conta: { items: ['riga'] }, riprendi: {}, archivia: { by: ['segreteria'] } },
  rules: { dispari: ({ context }) => (context.passi % 2 === 1 ? null : { rule: 'dispari', figures: { passi: context.passi } }), conRighe: ({ facts }) => (facts.items.length > 0 ? null : { rule: 'conRighe' }) },
  guards: { pari: ({ context }) => context.passi % 2 === 0, molti: ({ context }) => context.passi > 12 },
  updates: {
    passo: ({ context }) => ({ passi: context.passi + 1 }), azzera: () => ({ passi: 0 }), impara: ({ context, data }) => ({ segreti: [...context.segreti.slice(-3), JSON.stringify(data)] }),
    legge: ({ facts }) => ({ letti: facts.items.length }),
  },
  items: {
    riga: ({ context, data }) => [{ kind: 'riga', key: String(context.passi % 5), data: { testo: data.testo ?? '' } }],
    cancellaRiga: ({ context }) => [{ kind: 'riga', key: String(context.passi % 5), remove: true }],
  },
  deadlines: {
    breve: { anchor: 'entry', due: ({ context, today }) => (context.passi % 4 === 3 ? null : { endOf: addDays(today, 5), rule: 'cinque giorni' }) },
    lungo: { anchor: 'entry', due: ({ today }) => ({ endOf: addDays(today, 40), rule: 'quaranta giorni' }) },
  },
  effects: {
    lettera: { does: 'message', input: ({ context }) => (context.passi % 3 === 0 ? [] : [{ template: 'lettera', to: ['scuola'], data: { passi: context.passi } }]) },
    chiede: { does: 'message', input: () => ({ template: 'domanda', to: ['polo'], data: {} }) },
  },
  sealed: ['segreti'],
  projection: { row: ({ context }) => ({ passi: context.passi }), search: ({ context }) => [`passi ${context.passi}`], view: ({ context, items }) => ({ ...context, righe: items.length }), items: ['riga'], visibility: {}, protected: [] },
});
