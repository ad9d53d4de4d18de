/** A fund that decides over all its members (see socio.ts), one case per polo and year. */
import { createMachine } from 'xstate';
import { defineToy } from './toy.ts';

/** The set of cases over which a fund decides. */
export const scopeOf = (polo: string, anno: string): string => `soci/${polo}/${anno}`;

export const fondo = defineToy<{ anno: string; annotati: number; soci: string[] }>({
  process: 'fondo',
  machine: createMachine({
    id: 'fondo', initial: 'aperto',
    states: {
      aperto: { on: { liquida: { target: 'liquidato', guard: 'tuttiRendicontati', actions: 'elenca' }, annota: { guard: 'annotabile', actions: 'conta' }, chiudi: 'chiuso' } },
      liquidato: { on: { riapri: 'aperto', chiudi: 'chiuso' } },
      chiuso: { type: 'final' },
    },
  }),
  parties: { polo: { kind: 'organisation', required: true } }, roles: { operatorePolo: 'polo' },
  create: { schema: {} as never, by: ['operatorePolo'], from: ['socio'], context: ({ data }) => ({ anno: data.anno, annotati: 0, soci: [] }), key: (data, parties) => `${parties['polo']}/${data.anno}` },
  commands: {
    liquida: { by: ['operatorePolo'], members: ({ context, parties }) => scopeOf(parties['polo']!, context.anno) },
    annota: { by: [], from: ['socio'] }, riapri: { by: ['operatorePolo'] }, chiudi: { by: ['operatorePolo'] },
  },
  rules: {
    tuttiRendicontati: ({ facts }) => {
      const mancanti = facts.members.filter(member => member.state === 'attivo').map(({ id }) => id);
      return mancanti.length > 0 ? { rule: 'tuttiRendicontati', figures: { mancanti } } : null;
    },
    annotabile: ({ data }) => {
      if (data.veleno) throw new Error('annota non sa che farne');
      return data.rifiuta ? { rule: 'annotabile' } : null;
    },
  },
  updates: {
    elenca: ({ facts }) => ({ soci: facts.members.map(({ id }) => id) }),
    conta: ({ context }) => ({ annotati: context.annotati + 1 }),
  },
});
