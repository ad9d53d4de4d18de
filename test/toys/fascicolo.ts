/** Secrets: sealed context, items and attachments of a pupil's file; a letter that is owed and an answer that is bound to its state. */
import { createMachine } from 'xstate';
import { defineToy } from './toy.ts';

export const fascicolo = defineToy<{ alunno: string; diagnosi: string; voto: number; esiti: string[] }>({
  process: 'fascicolo',
  machine: createMachine({
    id: 'fascicolo', initial: 'bozza',
    states: {
      bozza: { on: { scrivi: { actions: ['scrive', 'lezione'] }, presenta: { target: 'inAttesa', actions: ['scrive', 'lettera'] }, cancella: { actions: 'cancella' } } },
      inAttesa: {
        invoke: { src: 'risposta', onDone: { target: 'conclusa', actions: 'riceve' }, onError: { target: 'fallita', actions: 'riceve' } },
        on: { scrivi: { actions: ['scrive', 'lezione'] }, allega: { guard: 'conFirma', actions: 'scrive' }, riprova: { target: 'inAttesa', reenter: true, actions: 'lettera' }, sollecita: { actions: 'lettera' }, conta: { guard: 'almenoUna', actions: 'scrive' }, ritira: 'ritirata' },
      },
      fallita: { on: { riprova: 'inAttesa', ritira: 'ritirata' } },
      conclusa: { on: { archivia: { target: 'ritirata', actions: 'lettera' } } },
      ritirata: { type: 'final' },
    },
  }),
  drafts: ['bozza'],
  parties: { scuola: { kind: 'organisation', required: true }, polo: { kind: 'organisation', required: false }, famiglia: { kind: 'person', required: false } },
  roles: { segreteria: 'scuola', operatorePolo: 'polo', genitore: 'famiglia' },
  create: { schema: {} as never, by: ['segreteria'], context: ({ data }) => ({ alunno: data.alunno ?? '', diagnosi: data.diagnosi ?? '', voto: 0, esiti: [] }) },
  commands: {
    scrivi: {}, presenta: {}, cancella: {}, riprova: {}, sollecita: {}, ritira: { by: ['segreteria', 'genitore'] }, archivia: {},
    allega: { attachments: [['certificato', 'autocertificazione']] }, conta: { items: ['lezione'] },
  },
  rules: {
    conFirma: ({ facts }) => (facts.attachments.every(({ kind }) => kind !== 'bozza') ? null : { rule: 'conFirma' }),
    almenoUna: ({ facts }) => (facts.items.length > 0 ? null : { rule: 'almenoUna', figures: { lezioni: facts.items.length } }),
  },
  updates: {
    scrive: ({ context, data }) => ({ diagnosi: data.diagnosi ?? context.diagnosi, voto: context.voto + 1 }),
    riceve: ({ context, data }) => ({ esiti: [...context.esiti, JSON.stringify(data)] }),
  },
  items: {
    lezione: ({ data }) => (data.lezione ? [{ kind: 'lezione', key: data.lezione.key, data: data.lezione }] : []),
    cancella: ({ data }) => [{ kind: 'lezione', key: data.key, remove: true }],
  },
  effects: {
    lettera: { does: 'message', input: ({ case: { id } }) => ({ template: 'lettera', to: ['scuola'], data: { id } }) },
    risposta: { does: 'message', input: () => ({ template: 'risposta', to: ['scuola'], data: {} }) },
  },
  sealed: ['alunno', 'diagnosi'],
  attachments: { certificato: { by: ['segreteria', 'genitore'] }, autocertificazione: { by: ['segreteria'] }, bozza: { by: ['segreteria'] } },
  projection: { row: ({ context }) => ({ voto: context.voto }), search: () => [], view: ({ context, items }) => ({ ...context, lezioni: items.length }), items: ['lezione'], visibility: {}, protected: ['diagnosi'] },
});
