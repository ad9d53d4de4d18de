/** A plugin that breaks where a test tells it to, until the test mends it. */
import { createMachine } from 'xstate';
import { defineToy } from './toy.ts';

export type Fault = 'rule' | 'update' | 'deadline' | 'arm' | 'input' | 'bound' | 'row' | 'search' | 'view' | 'outcome' | 'context' | 'number';
/** Where the plugin throws now. */
export const broken: { in: Fault | null } = { in: null };
const breakIn = (where: Fault) => { if (broken.in === where) throw new Error(`guasto in ${where}`); };

export const guasto = defineToy<{ passi: number; peso?: string }>({
  process: 'guasto',
  machine: createMachine({
    id: 'guasto', initial: 'fermo',
    states: {
      fermo: {
        on: {
          cammina: { guard: 'regola', actions: 'passo' }, attendi: 'inAttesa', spedisci: { target: 'fermo', actions: 'lettera' }, invoca: 'inInvio', numera: { actions: 'passo' },
          pesa: { actions: 'pesa' }, sbaglia: { actions: 'sbaglia' }, chiudi: 'chiuso',
        },
      },
      inAttesa: { after: { scadenza: { target: 'fermo', actions: 'scade' } }, on: { cammina: { actions: 'passo' }, torna: 'fermo' } },
      inInvio: { invoke: { src: 'invio', onDone: { target: 'fermo', actions: 'esito' }, onError: 'fermo' }, after: { scadenza: { target: 'fermo', actions: 'scade' } }, on: { cammina: { actions: 'passo' }, torna: 'fermo' } },
      chiuso: { type: 'final' },
    },
  }),
  create: { schema: {} as never, by: ['segreteria'], from: ['socio'], context: () => { breakIn('context'); return { passi: 0 }; } },
  commands: {
    cammina: { from: ['socio'] }, attendi: {}, spedisci: {}, invoca: {}, torna: {}, pesa: {}, sbaglia: {}, chiudi: {},
    numera: { number: { register: 'guasti', of: 'scuola', year: 'solar', format: value => { breakIn('number'); return String(value); } } },
  },
  rules: { regola: ({ data }) => { breakIn('rule'); return data.no ? { rule: 'regola', pointer: '/no', figures: { no: true } } : null; } },
  updates: {
    passo: ({ context }) => { breakIn('update'); return { passi: context.passi + 1 }; },
    scade: ({ context }) => { breakIn('deadline'); return { passi: context.passi + 100 }; },
    esito: ({ context }) => { breakIn('outcome'); return { passi: context.passi + 1000 }; },
    pesa: ({ data }) => ({ peso: 'x'.repeat(data.byte) }),
    sbaglia: ({ data }) => ({ passi: { nan: Number.NaN, date: new Date(0), bigint: 1n, map: new Map(), infinity: Infinity, instance: new Error('x'), hole: [1, undefined], deep: { a: [{ b: Number.NaN }] } }[data.che as string] as never }),
  },
  deadlines: { scadenza: { anchor: 'entry', due: () => { breakIn('arm'); return { at: '2099-01-01T00:00:00.000Z', rule: 'mai' }; } } },
  effects: {
    lettera: { does: 'message', input: () => { breakIn('input'); return { template: 'lettera', to: ['scuola'], data: {} }; } },
    invio: { does: 'message', input: () => { breakIn('bound'); return { template: 'lettera', to: ['scuola'], data: {} }; } },
  },
  projection: {
    row: ({ context }) => { breakIn('row'); return { passi: context.passi }; }, search: ({ context }) => { breakIn('search'); return [`passi ${context.passi}`]; },
    view: ({ context }) => { breakIn('view'); return { passi: context.passi }; }, visibility: {}, protected: [],
  },
});
