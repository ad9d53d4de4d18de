/** A toy that waits for people: tasks of every role, due by a date, by a term of law, by an instant, or by nothing. */
import { createMachine } from 'xstate';
import type { LabelSet } from '../../plugins/contract.ts';
import { defineToy } from './toy.ts';

interface Contesto { oggetto: string; alunno: string; firmaEntro: string | null; termine: string | null; allOra: string | null; note: number }

const it: LabelSet = {
  process: 'Attesa', states: { bozza: 'Bozza', inEsame: 'In esame', scaduta: 'Scaduta', chiusa: 'Chiusa' }, commands: { presenta: 'Presenta', annota: 'Annota', proroga: 'Proroga', rispondi: 'Rispondi', consenti: 'Consenti' },
  roles: { segreteria: 'Segreteria', dirigente: 'Dirigente', operatorePolo: 'Operatore del polo', genitore: 'Genitore' }, parties: { scuola: 'Scuola', polo: 'Scuola polo', famiglia: 'Famiglia' },
  deadlines: { termine: 'Termine' }, effects: {}, attachments: {}, fields: {}, refusals: {},
  tasks: { presentare: 'Richiesta da presentare', rispondere: 'Risposta da dare', firmare: 'Firma da apporre', consentire: 'Consenso da dare' },
};
const en: LabelSet = { ...it, process: 'Waiting', states: { ...it.states, inEsame: 'Under review' }, roles: { ...it.roles, dirigente: 'Head', operatorePolo: 'Operator of the polo', genitore: 'Parent' }, tasks: { presentare: 'Request to submit', rispondere: 'Answer to give', firmare: 'Signature to give', consentire: 'Consent to give' } };

export const attesa = defineToy<Contesto>({
  process: 'attesa',
  machine: createMachine({
    id: 'attesa', initial: 'bozza',
    states: {
      bozza: { on: { presenta: 'inEsame' } },
      inEsame: {
        after: { termine: 'scaduta' },
        on: { annota: { actions: 'annota' }, proroga: { target: 'inEsame', reenter: true, actions: 'proroga' }, rispondi: 'chiusa', consenti: { actions: 'annota' } },
      },
      scaduta: { on: { rispondi: 'chiusa' } },
      chiusa: { type: 'final' },
    },
  }),
  drafts: ['bozza'],
  parties: {
    scuola: { kind: 'organisation', required: true, organisations: ['scuola'] }, polo: { kind: 'organisation', required: true, organisations: ['polo'] }, famiglia: { kind: 'person', required: false },
  },
  roles: { segreteria: 'scuola', dirigente: 'scuola', operatorePolo: 'polo', genitore: 'famiglia' },
  create: { schema: {} as never, by: ['segreteria'], context: ({ data }) => ({ oggetto: 'Prova', alunno: 'Luca', firmaEntro: null, termine: null, allOra: null, note: 0, ...data }) },
  commands: { presenta: {}, annota: { by: ['segreteria', 'dirigente'] }, proroga: { by: ['dirigente'] }, rispondi: { by: ['operatorePolo'] }, consenti: { by: ['genitore'] } },
  updates: { annota: ({ context }) => ({ note: context.note + 1 }), proroga: ({ context, data }) => ({ ...context, ...data }) },
  deadlines: {
    termine: {
      anchor: 'entry',
      due: ({ context }) => (context.allOra ? { at: context.allOra, rule: 'regolamento' } : context.termine ? { endOf: context.termine, rule: 'regolamento' } : null),
    },
  },
  tasks: {
    presentare: { in: ['bozza'], by: ['segreteria', 'dirigente'], command: 'presenta' },
    rispondere: { in: ['inEsame', 'scaduta'], by: ['operatorePolo'], command: 'rispondi', deadline: 'termine' },
    firmare: { in: ['inEsame'], by: ['dirigente'], when: ({ context }) => context.firmaEntro !== null && context.note === 0, due: ({ context }) => context.firmaEntro },
    consentire: { in: ['inEsame'], by: ['genitore'], command: 'consenti', when: ({ context }) => context.note === 0, due: ({ context }) => context.firmaEntro },
  },
  sealed: ['alunno'],
  projection: {
    row: ({ context }) => ({ oggetto: context.oggetto, note: context.note }), search: ({ context }) => [context.oggetto], view: ({ context }) => ({ ...context }),
    visibility: { note: ['segreteria', 'dirigente'] }, protected: ['alunno'],
  },
  labels: { it, en },
});
