/** The common yardstick of performance.md: bozza, presenta arms a 30-day deadline, integra twice, concedi ends. */
import { Type } from 'typebox';
import { createMachine } from 'xstate';
import { addDays, definePlugin } from '../../plugins/contract.ts';

const machine = createMachine({
  id: 'yardstick', initial: 'bozza',
  states: {
    bozza: { on: { presenta: { target: 'inIstruttoria', actions: 'conta' } } },
    inIstruttoria: { after: { termine: 'scaduta' }, on: { integra: { actions: 'conta' }, concedi: 'concessa' } },
    scaduta: { type: 'final' },
    concessa: { type: 'final' },
  },
});

const labels = {
  process: 'Metro di misura', states: { bozza: 'Bozza', inIstruttoria: 'In istruttoria', scaduta: 'Scaduta', concessa: 'Concessa' },
  commands: { presenta: 'Presenta', integra: 'Integra', concedi: 'Concedi' }, roles: { segreteria: 'Segreteria', operatorePolo: 'Operatore del polo' },
  parties: { scuola: 'Scuola', polo: 'Scuola polo' }, deadlines: { termine: 'Termine' }, effects: {}, attachments: {}, fields: { conteggio: 'Conteggio' }, refusals: {},
};

const note = Type.Object({ nota: Type.Optional(Type.String({ maxLength: 200 })) }, { additionalProperties: false });

export const yardstick = definePlugin<{ conteggio: number }>({
  process: 'yardstick', version: 1, machine, drafts: ['bozza'],
  parties: { scuola: { kind: 'organisation', required: true }, polo: { kind: 'organisation', required: true } },
  roles: { segreteria: 'scuola', operatorePolo: 'polo' },
  create: { schema: note, by: ['segreteria'], context: () => ({ conteggio: 0 }) },
  commands: { presenta: { schema: note, by: ['segreteria'] }, integra: { schema: note, by: ['segreteria'] }, concedi: { schema: note, by: ['segreteria', 'operatorePolo'] } },
  rules: {}, updates: { conta: ({ context }) => ({ conteggio: context.conteggio + 1 }) },
  deadlines: { termine: { anchor: 'entry', due: ({ today }) => ({ endOf: addDays(today, 30), rule: 'trenta giorni' }) } },
  effects: {}, sealed: [],
  projection: { row: ({ context }) => ({ conteggio: context.conteggio }), search: () => [], view: ({ context }) => ({ conteggio: context.conteggio }), visibility: {}, protected: [] },
  labels: { it: labels, en: labels },
});
