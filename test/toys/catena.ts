/** Deadlines that follow one another: each step's term is the next instant of a list; with none left the chain ends. */
import { createMachine } from 'xstate';
import { defineToy } from './toy.ts';

export const catena = defineToy<{ istanti: string[]; passo: number; visti: string[]; tocchi: number }>({
  process: 'catena',
  machine: createMachine({
    id: 'catena', initial: 'passo',
    states: {
      passo: {
        after: { scatto: [{ target: 'passo', reenter: true, guard: 'ancora', actions: 'avanza' }, { target: 'finita', actions: 'avanza' }] },
        on: { tocca: { guard: 'senzaNo', actions: 'tocca' }, rompi: { actions: 'rompe' }, ricomincia: { target: 'passo', reenter: true }, termina: 'finita' },
      },
      finita: { on: { tocca: { actions: 'tocca' }, archivia: 'archiviata' } },
      archiviata: { type: 'final' },
    },
  }),
  create: { schema: {} as never, by: ['segreteria'], context: ({ data }) => ({ istanti: data.istanti ?? [], passo: 0, visti: [], tocchi: 0 }) },
  commands: { tocca: {}, rompi: {}, ricomincia: {}, termina: {}, archivia: {} },
  rules: { senzaNo: ({ data }) => (data.no ? { rule: 'senzaNo', figures: { no: 1 } } : null) },
  guards: { ancora: ({ context }) => context.passo + 1 < context.istanti.length },
  updates: {
    avanza: ({ context, at }) => ({ passo: context.passo + 1, visti: [...context.visti, at] }),
    tocca: ({ context }) => ({ tocchi: context.tocchi + 1 }),
    rompe: () => { throw new Error('rotto'); },
  },
  // The instant stays where the list puts it, however late it is noticed.
  deadlines: { scatto: { anchor: 'event', due: ({ context }) => (context.istanti[context.passo] ? { at: context.istanti[context.passo]!, rule: 'elenco' } : null) } },
  projection: { row: ({ context }) => ({ passo: context.passo, tocchi: context.tocchi }), search: () => [], view: ({ context }) => ({ ...context }), visibility: {}, protected: [] },
});

/** A term of days, in Italian local time. */
export const termine = defineToy<{ giorni: number }>({
  process: 'termine',
  machine: createMachine({ id: 'termine', initial: 'inCorso', states: { inCorso: { after: { scadenza: 'scaduto' }, on: { proroga: { actions: 'proroga' }, chiudi: 'scaduto' } }, scaduto: { type: 'final' } } }),
  create: { schema: {} as never, by: ['segreteria'], context: ({ data }) => ({ giorni: data.giorni ?? 30 }) },
  commands: { proroga: {}, chiudi: {} },
  updates: { proroga: ({ context }) => ({ giorni: context.giorni + 1 }) },
  deadlines: { scadenza: { anchor: 'entry', due: ({ context, today, parameter }) => ({ endOf: parameter('ultimoGiorno') ?? today, rule: `${context.giorni} giorni` }) } },
  parameters: ['ultimoGiorno'],
});
