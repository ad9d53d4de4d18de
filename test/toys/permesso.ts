/**
 * A toy with everything that an agenda can hold: a deadline, an owed and a bound message, onError, a command to another
 * case, a self loop, re-entry, withdrawal, final states. The chart does not say how long a term is: `presenta` does.
 */
import { createMachine } from 'xstate';
import type { EffectRule } from '../../plugins/contract.ts';
import { defineToy } from './toy.ts';

interface Contesto { secondi: number; note: number; esiti: string[]; guasto: boolean }

/** Where the plugin throws, until the test mends it. */
export const permessoRotto: { in: 'termine' | 'modello' | 'esito' | null } = { in: null };
const breakIn = (where: NonNullable<typeof permessoRotto.in>) => { if (permessoRotto.in === where) throw new Error(`guasto in ${where}`); };

const template = (what: string) => ({ caseId, data }: { caseId: string; data: any }) => { breakIn('modello'); return { subject: `${what} ${caseId} ${data.nota ?? ''}`.trim(), text: `${what}\n` }; };
const both = (what: string) => ({ it: template(what), en: template(`${what} (en)`) });
const message = (name: string, to: string[]): EffectRule<Contesto> => ({ does: 'message', attempts: 4, firstRetrySeconds: 1, input: ({ context }) => ({ template: name, to, data: { nota: context.note } }) });

export const permesso = defineToy<Contesto>({
  process: 'permesso',
  machine: createMachine({
    id: 'permesso', initial: 'bozza',
    states: {
      bozza: { on: { presenta: { target: 'inIstruttoria', actions: ['registra', 'avvisaPolo'] } } },
      inIstruttoria: {
        after: { termine: { target: 'scaduta', actions: 'scade' } },
        on: {
          annota: { actions: 'conta' }, avvisa: { actions: ['conta', 'avvisaPolo'] }, avvisaTutti: { actions: ['conta', 'avvisaTutti'] }, segnala: { actions: ['conta', 'segnala'] },
          // The term runs anew.
          riapri: { target: 'inIstruttoria', reenter: true, actions: 'registra' },
          concedi: 'inNotifica', rifiuta: { target: 'rifiutata', actions: 'avvisaFamiglia' },
        },
      },
      inNotifica: {
        invoke: { src: 'notifica', onDone: { target: 'concessa', actions: ['registraEsito', 'avvisaFamiglia'] }, onError: { target: 'daRinotificare', actions: 'registraEsito' } },
        on: { annota: { actions: 'conta' }, rinotifica: { target: 'inNotifica', reenter: true }, revoca: 'inIstruttoria', rifiuta: 'rifiutata' },
      },
      daRinotificare: { on: { rinotifica: 'inNotifica', rifiuta: 'rifiutata' } },
      scaduta: { on: { annota: { actions: 'conta' }, rifiuta: 'rifiutata' } },
      concessa: { type: 'final' },
      rifiutata: { type: 'final' },
    },
  }),
  drafts: ['bozza'],
  parties: { scuola: { kind: 'organisation', required: true }, polo: { kind: 'organisation', required: true }, famiglia: { kind: 'person', required: false } },
  create: { schema: {} as never, by: ['segreteria'], context: () => ({ secondi: 0, note: 0, esiti: [], guasto: false }) },
  commands: { presenta: {}, annota: {}, avvisa: {}, avvisaTutti: {}, segnala: {}, riapri: {}, concedi: {}, rinotifica: {}, revoca: {}, rifiuta: {} },
  updates: {
    registra: ({ data, context }) => ({ secondi: data.secondi ?? context.secondi }),
    conta: ({ context }) => ({ note: context.note + 1 }),
    registraEsito: ({ context, data }) => { breakIn('esito'); return { esiti: [...context.esiti, JSON.stringify(data)] }; },
    scade: () => { breakIn('termine'); return {}; },
  },
  deadlines: { termine: { anchor: 'entry', due: ({ at, context }) => (context.secondi > 0 ? { at: new Date(Date.parse(at) + context.secondi * 1_000).toISOString(), rule: 'secondi dalla presentazione' } : null) } },
  effects: {
    avvisaPolo: message('avviso', ['polo']), avvisaTutti: message('avviso', ['polo', 'scuola', 'famiglia']), avvisaFamiglia: message('esito', ['famiglia']),
    notifica: { ...message('notifica', ['polo']), attempts: 2 },
    segnala: {
      does: 'command', attempts: 3, firstRetrySeconds: 1,
      input: ({ context, parties }) => ({ process: 'albo', command: 'iscrivi', data: { numero: context.note }, target: { key: parties.polo!, create: { data: {}, parties: { polo: parties.polo! } } } }),
    },
  },
  messages: { avviso: both('avviso'), notifica: both('notifica'), esito: both('esito') },
});

/** One case per polo, to which permits are reported; it takes at most three, to refuse the fourth. */
export const albo = defineToy<{ iscritti: number[] }>({
  process: 'albo',
  machine: createMachine({ id: 'albo', initial: 'aperto', states: { aperto: { on: { iscrivi: { guard: 'capienza', actions: 'iscrivi' }, chiudi: 'chiuso' } }, chiuso: { type: 'final' } } }),
  parties: { polo: { kind: 'organisation', required: true } }, roles: { operatorePolo: 'polo' },
  create: { schema: {} as never, by: [], from: ['permesso'], context: () => ({ iscritti: [] }), key: (_data, parties) => parties.polo! },
  commands: { iscrivi: { by: [], from: ['permesso'], hidden: true }, chiudi: { by: ['operatorePolo'] } },
  rules: { capienza: ({ context }) => (context.iscritti.length < 3 ? null : { rule: 'capienza', figures: { iscritti: context.iscritti.length } }) },
  updates: { iscrivi: ({ context, data }) => ({ iscritti: [...context.iscritti, data.numero] }) },
  projection: { row: ({ context }) => ({ iscritti: context.iscritti.length }), search: () => [], view: ({ context }) => ({ iscritti: context.iscritti }), visibility: {}, protected: [] },
});
