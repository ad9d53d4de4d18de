/** Numbers: a protocol that restarts every solar year, and a case number by school year. */
import { createMachine } from 'xstate';
import { defineToy } from './toy.ts';

export const registro = defineToy<{ numeri: string[] }>({
  process: 'registro',
  machine: createMachine({
    id: 'registro', initial: 'aperto',
    states: {
      aperto: { on: { protocolla: { guard: 'nonRifiutato', actions: 'annota' }, numera: { actions: 'annota' }, numeraPolo: { actions: 'annota' }, guarda: { actions: 'guarda' }, chiudi: 'chiuso' } },
      chiuso: { type: 'final' },
    },
  }),
  create: { schema: {} as never, by: ['segreteria'], context: () => ({ numeri: [] }) },
  commands: {
    protocolla: { number: { register: 'protocollo', of: 'scuola', year: 'solar', format: (value, year) => `${year}/${String(value).padStart(7, '0')}` } },
    numera: { number: { register: 'progetti', of: 'scuola', year: 'school', format: (value, year) => `${value} (${year})`, asCaseNumber: true } },
    numeraPolo: { number: { register: 'progetti', of: 'polo', year: 'school', format: value => String(value) } },
    guarda: {}, chiudi: {},
  },
  rules: { nonRifiutato: ({ data }) => (data.rifiuta ? { rule: 'nonRifiutato' } : null) },
  updates: {
    annota: ({ context, number, data }) => {
      if (data.guasto) throw new Error('guasto dopo il numero');
      return { numeri: [...context.numeri, number!.text] };
    },
    guarda: ({ context, case: { number } }) => ({ numeri: [...context.numeri, `pratica ${number}`] }),
  },
  projection: { row: ({ context }) => ({ numeri: context.numeri.length }), search: ({ number }) => (number ? [number] : []), view: ({ context }) => ({ numeri: context.numeri }), visibility: {}, protected: [] },
});
