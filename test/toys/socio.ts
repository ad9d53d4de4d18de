/** A member of a fund's scope; it tells its fund when it becomes active. */
import { createMachine } from 'xstate';
import { defineToy } from './toy.ts';
import { scopeOf } from './fondo.ts';

export const socio = defineToy<{ anno: string }>({
  process: 'socio',
  machine: createMachine({
    id: 'socio', initial: 'proposto',
    states: {
      proposto: { on: { attiva: 'attivo' } },
      attivo: { entry: 'avvisaFondo', after: { decadenza: 'decaduto' }, on: { rendiconta: 'rendicontato', rinuncia: 'decaduto' } },
      rendicontato: { on: { riattiva: 'attivo', chiudi: 'decaduto' } },
      decaduto: { type: 'final' },
    },
  }),
  parties: { scuola: { kind: 'organisation', required: true }, polo: { kind: 'organisation', required: true } },
  create: { schema: {} as never, by: ['segreteria'], context: ({ data }) => ({ anno: data.anno }) },
  commands: {
    attiva: { joins: ({ context, parties }) => scopeOf(parties['polo']!, context.anno) }, rendiconta: { joins: ({ context, parties }) => scopeOf(parties['polo']!, context.anno) },
    // These forget to say that they change a member: the engine must know by itself.
    riattiva: {}, rinuncia: {}, chiudi: {},
  },
  deadlines: { decadenza: { anchor: 'entry', due: () => ({ at: '2099-01-01T00:00:00.000Z', rule: 'mai' }) } },
  effects: {
    avvisaFondo: {
      does: 'command',
      input: ({ context, parties, case: { id } }) => ({ process: 'fondo', command: 'annota', data: { socio: id }, target: { key: `${parties['polo']}/${context.anno}`, create: { data: { anno: context.anno }, parties: { polo: parties['polo']! } } } }),
    },
  },
});
