/** Calendar entries: asked for, confirmed, moved, called off; its parties are invited and reminded. */
import { Type } from 'typebox';
import { createMachine } from 'xstate';
import { nextReminder } from '../../plugins/calendar.ts';
import { defineToy } from './toy.ts';

interface Contesto { dal: string; al: string; alunno: string; luogo: string; promemoria: number[] }

const quando = { dal: Type.String({ format: 'date-time' }), al: Type.String({ format: 'date-time' }) };
const ORA = { dal: '2027-01-12T15:00:00.000Z', al: '2027-01-12T15:10:00.000Z' };

export const appuntamento = defineToy<Contesto>({
  process: 'appuntamento', drafts: ['bozza'],
  machine: createMachine({
    id: 'appuntamento', initial: 'bozza',
    states: {
      bozza: { on: { chiedi: 'chiesto' } },
      chiesto: { on: { conferma: { target: 'confermato', actions: 'invita' }, annulla: { target: 'annullato', actions: 'invita' }, dimentica: 'senza' } },
      confermato: {
        // Each reminder arms the next one.
        after: { promemoria: { target: 'confermato', reenter: true, actions: 'ricorda' } },
        on: { sposta: { target: 'confermato', reenter: true, actions: ['prende', 'invita'] }, annulla: { target: 'annullato', actions: 'invita' }, annota: { actions: 'annota' }, tieni: 'tenuto' },
      },
      senza: { on: { chiedi: 'chiesto' } },
      annullato: { type: 'final' }, tenuto: { type: 'final' },
    },
  }),
  parties: { scuola: { kind: 'organisation', required: true }, famiglia: { kind: 'person', required: true }, docente: { kind: 'person', required: false } },
  roles: { segreteria: 'scuola', genitore: 'famiglia', docente: 'docente' },
  create: {
    schema: Type.Object({ ...Type.Partial(Type.Object(quando)).properties, alunno: Type.Optional(Type.String()), promemoria: Type.Optional(Type.Array(Type.Integer())) }, { additionalProperties: false }), by: ['segreteria', 'genitore'],
    context: ({ data }) => ({ ...ORA, alunno: 'Luca Rossi', luogo: 'Aula 3', promemoria: [], ...data }),
  },
  commands: { chiedi: {}, conferma: {}, annulla: { by: ['segreteria', 'genitore'] }, sposta: { schema: Type.Object(quando) }, annota: {}, tieni: {}, dimentica: {} },
  updates: { prende: ({ data }) => ({ dal: data.dal, al: data.al }), annota: () => ({}) },
  deadlines: { promemoria: { anchor: 'event', due: ({ context, at }) => { const next = nextReminder(context.dal, context.promemoria, at); return next === null ? null : { at: next, rule: 'promemoria' }; } } },
  effects: {
    invita: { does: 'message', input: ({ context }) => ({ template: 'appuntamento', to: ['famiglia', 'docente', 'scuola'], data: { dal: context.dal }, invitation: true }) },
    ricorda: { does: 'message', input: ({ context }) => ({ template: 'promemoria', to: ['famiglia'], data: { dal: context.dal } }) },
  },
  sealed: ['alunno'],
  calendar: ({ context: { dal, al, luogo, promemoria }, states: [state] }) => (state === 'senza' ? null : {
    from: dal, to: al, status: state === 'annullato' ? 'cancelled' : state === 'chiesto' ? 'tentative' : 'confirmed', organizer: 'scuola', attendees: ['famiglia', 'docente'],
    summary: { it: 'Colloquio con la scuola', en: 'Interview with the school' }, place: luogo, reminders: promemoria,
  }),
  messages: {
    appuntamento: { it: ({ data }) => ({ subject: 'Appuntamento', text: `Appuntamento: ${data.dal}.` }), en: ({ data }) => ({ subject: 'Appointment', text: `Appointment: ${data.dal}.` }) },
    promemoria: { it: ({ data }) => ({ subject: 'Promemoria', text: `Appuntamento: ${data.dal}.` }), en: ({ data }) => ({ subject: 'Reminder', text: `Appointment: ${data.dal}.` }) },
  },
});
