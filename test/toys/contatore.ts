/** A toy that others write to: one case per polo, which counts the commands that reached it. */
import { Type } from 'typebox';
import { createMachine } from 'xstate';
import { definePlugin, type LabelSet } from '../../plugins/contract.ts';

const machine = createMachine({
  id: 'contatore', initial: 'aperto',
  states: { aperto: { on: { annota: { actions: 'conta' }, chiudi: 'chiuso' } }, chiuso: { type: 'final' } },
});

const labels: LabelSet = {
  process: 'Contatore', states: { aperto: 'Aperto', chiuso: 'Chiuso' }, commands: { annota: 'Annota', chiudi: 'Chiudi' }, roles: { operatorePolo: 'Operatore del polo' },
  parties: { polo: 'Scuola polo' }, deadlines: {}, effects: {}, attachments: {}, fields: { conteggio: 'Conteggio' }, refusals: {},
};
const empty = Type.Object({}, { additionalProperties: false });

export const contatore = definePlugin<{ conteggio: number; somma: number }>({
  process: 'contatore', version: 1, machine, drafts: [],
  parties: { polo: { kind: 'organisation', required: true } }, roles: { operatorePolo: 'polo' },
  create: { schema: empty, by: [], from: ['corriere'], context: () => ({ conteggio: 0, somma: 0 }), key: (_data, parties) => parties.polo! },
  commands: {
    annota: { schema: Type.Object({ da: Type.String(), numero: Type.Integer() }, { additionalProperties: false }), by: [], from: ['corriere'], hidden: true },
    chiudi: { schema: empty, by: ['operatorePolo'] },
  },
  rules: {}, updates: { conta: ({ context, data }) => ({ conteggio: context.conteggio + 1, somma: context.somma + data.numero }) }, deadlines: {}, effects: {}, sealed: [],
  projection: { row: ({ context }) => ({ conteggio: context.conteggio }), search: () => [], view: ({ context }) => ({ conteggio: context.conteggio, somma: context.somma }), visibility: {}, protected: [] },
  labels: { it: labels, en: labels },
});
