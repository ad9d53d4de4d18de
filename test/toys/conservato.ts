/** A pupil's file that is kept for as many years as a parameter says, and then erased: sealed data, items, an attachment, a letter that is owed. */
import { createMachine } from 'xstate';
import { defineToy } from './toy.ts';

export const conservato = defineToy<{ alunno: string; certificato: string; nota: string }>({
  process: 'conservato',
  machine: createMachine({
    id: 'conservato', initial: 'bozza',
    states: {
      bozza: { on: { presenta: { target: 'aperta', actions: 'scrive' } } },
      aperta: { on: { scrivi: { actions: ['scrive', 'lezione'] }, documenta: { guard: 'documentata', actions: 'scrive' }, chiudi: 'chiusa', chiudiScrivendo: { target: 'chiusa', actions: 'lettera' }, sbaglia: { actions: 'sbaglia' } } },
      chiusa: { type: 'final' },
    },
  }),
  drafts: ['bozza'],
  parties: { scuola: { kind: 'organisation', required: true }, polo: { kind: 'organisation', required: false }, famiglia: { kind: 'person', required: false } },
  roles: { segreteria: 'scuola', operatorePolo: 'polo', genitore: 'famiglia' },
  create: { schema: {} as never, by: ['segreteria'], context: ({ data }) => ({ alunno: data.alunno ?? '', certificato: data.certificato ?? '', nota: '' }) },
  commands: { presenta: {}, scrivi: { by: ['segreteria', 'genitore'] }, documenta: { attachments: [['certificato']] }, chiudi: {}, chiudiScrivendo: {}, sbaglia: {} },
  rules: { documentata: ({ facts }) => (facts.attachments.length > 0 ? null : { rule: 'documentata' }) },
  updates: { scrive: ({ context, data }) => ({ ...context, ...data }), sbaglia: ({ context }) => { throw new Error(`guasto con ${context.alunno}`); } },
  items: { lezione: ({ data }) => (data.lezione ? [{ kind: 'lezione', key: data.lezione.key, data: data.lezione }] : []) },
  effects: { lettera: { does: 'message', input: ({ context }) => ({ template: 'lettera', to: ['scuola'], data: { nota: context.nota } }) } },
  messages: { lettera: { it: ({ data }) => ({ subject: 'Lettera', text: `${data.nota}\n` }), en: ({ data }) => ({ subject: 'Letter', text: `${data.nota}\n` }) } },
  parameters: ['anniConservazione'], defaultParameters: [{ name: 'anniConservazione', from: '2000-01-01', to: null, value: 5 }],
  retention: 'anniConservazione',
  sealed: ['alunno', 'certificato'],
  attachments: { certificato: { by: ['segreteria', 'genitore'] } },
  projection: {
    row: ({ context }) => ({ nota: context.nota }), search: ({ context }) => [context.nota], view: ({ context, items }) => ({ ...context, lezioni: items.length }), items: ['lezione'],
    visibility: { certificato: ['segreteria', 'genitore'] }, protected: ['certificato'],
  },
});
