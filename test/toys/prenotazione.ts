/** Reservations: a slot is held from the request, moved in one commit, let go. */
import { Type } from 'typebox';
import { createMachine } from 'xstate';
import { defineToy } from './toy.ts';

interface Slot { resource: string; from: string; to: string }

const slot = Type.Object({ resource: Type.String(), from: Type.String(), to: Type.String() });

export const prenotazione = defineToy<{ slot: Slot | null }>({
  process: 'prenotazione',
  machine: createMachine({
    id: 'prenotazione', initial: 'aperta',
    states: {
      aperta: { on: { prenota: { target: 'prenotata', actions: ['ricorda', 'prende'] }, chiudi: 'chiusa' } },
      prenotata: {
        on: {
          sposta: { actions: ['ricorda', 'lascia', 'prende'] },
          // Takes without letting go: the same key moves.
          anticipa: { actions: ['ricorda', 'prende'] },
          prendeElascia: { target: 'aperta', actions: ['ricorda', 'prende', 'lascia'] },
          disdici: { target: 'aperta', actions: ['lascia', 'dimentica'] },
        },
      },
      chiusa: { type: 'final' },
    },
  }),
  create: { schema: Type.Object({}), by: ['segreteria'], context: () => ({ slot: null }) },
  commands: { prenota: { schema: slot }, sposta: { schema: slot }, anticipa: { schema: slot }, prendeElascia: { schema: slot }, disdici: {}, chiudi: {} },
  updates: { ricorda: ({ data }) => ({ slot: data }), dimentica: () => ({ slot: null }) },
  reservations: {
    prende: ({ context }) => [{ hold: { key: 'colloquio', ...context.slot! } }],
    lascia: () => [{ release: { key: 'colloquio' } }],
  },
});

/** Takes a room already at its creation. */
export const assemblea = defineToy<{ slot: Slot }>({
  process: 'assemblea',
  machine: createMachine({ id: 'assemblea', initial: 'fissata', states: { fissata: { entry: 'prende', on: { chiudi: 'chiusa' } }, chiusa: { type: 'final' } } }),
  create: { schema: slot, by: ['segreteria'], context: ({ data }) => ({ slot: data }) },
  commands: { chiudi: {} },
  reservations: { prende: ({ context }) => [{ hold: { key: 'aula', ...context.slot } }] },
});
