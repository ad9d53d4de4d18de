/**
 * A toy that corresponds: a school's request with its documents and the certificate that came with it, the polo's answer to school and
 * family, and documents that are kept and sent to nobody. The pupil's name is where a real process has it, to see where it goes.
 */
import { createMachine } from 'xstate';
import type { DocumentDefinition, EffectRule, Json, MessageTemplate } from '../../plugins/contract.ts';
import { defineToy } from './toy.ts';

interface Contesto { alunno: string; ore: number; autorizzazione: Json; esito: Json }

/** What cannot be printed at all, and a figure that can be left out. */
export const corrispondenzaRotta: { stampa: boolean; logo: boolean } = { stampa: false, logo: false };

const document = (title: string, more: Partial<DocumentDefinition<Contesto>> = {}): DocumentDefinition<Contesto> => ({
  readBy: ['segreteria', 'operatorePolo'], ...more,
  content: ({ context }) => ({
    title, language: 'it', subject: title, letterhead: { organisation: 'Prima scuola', lines: ['Via della Scuola 1'], ...(corrispondenzaRotta.logo ? { logo: 'non è una figura' } : {}) },
    blocks: [...(corrispondenzaRotta.stampa ? [{ table: { columns: [{ title: 'una' }], rows: [['una', 'due']] } }] : []), { fields: [{ label: 'Alunno', value: context.alunno }, { label: 'Ore', value: String(context.ore) }] }],
  }),
});
const message = (what: string): { it: MessageTemplate; en: MessageTemplate } => {
  const text: MessageTemplate = ({ caseId }) => ({ subject: `Progetto Istruzione Domiciliare: ${what} ${caseId}`, text: `${what}\n` });
  return { it: text, en: text };
};
const quick = { attempts: 50, firstRetrySeconds: 1 };
const autorizza: EffectRule<Contesto> = { does: 'message', ...quick, attempts: 2, input: () => ({ template: 'autorizzazione', to: ['scuola', 'famiglia'], data: {}, letter: { from: 'polo', documents: ['autorizzazione'] } }) };

export const corrispondenza = defineToy<Contesto>({
  process: 'corrispondenza',
  machine: createMachine({
    id: 'corrispondenza', initial: 'bozza',
    states: {
      bozza: { on: { presenta: { target: 'presentata', actions: ['registra', 'inviaRichiesta'] } } },
      presentata: { on: { autorizza: 'inAutorizzazione', sollecita: { actions: 'sollecito' }, verbalizza: { actions: 'verbali' } } },
      inAutorizzazione: { invoke: { src: 'autorizzazione', onDone: { target: 'autorizzata', actions: 'annotaEsito' }, onError: { target: 'presentata', actions: 'annotaEsito' } } },
      autorizzata: { on: { verbalizza: { actions: 'verbali' }, chiudi: 'chiusa' } },
      chiusa: { type: 'final' },
    },
  }),
  drafts: ['bozza'],
  parties: { scuola: { kind: 'organisation', required: true }, polo: { kind: 'organisation', required: true }, famiglia: { kind: 'person', required: false } },
  roles: { segreteria: 'scuola', docente: 'scuola', operatorePolo: 'polo', genitore: 'famiglia' },
  create: { schema: {} as never, by: ['segreteria'], context: ({ data }) => ({ alunno: data.alunno ?? 'Luca Segreti', ore: 10, autorizzazione: null, esito: null }) },
  sealed: ['alunno'],
  attachments: { certificato: { by: ['segreteria'] }, consenso: { by: ['segreteria'] } },
  commands: { presenta: { mayAttach: ['certificato', 'consenso'] }, sollecita: {}, verbalizza: {}, autorizza: { by: ['operatorePolo', 'segreteria'] }, chiudi: {} },
  updates: { registra: ({ data, context }) => ({ ore: data.ore ?? context.ore }), annotaEsito: ({ data }) => ({ esito: data }) },
  effects: {
    inviaRichiesta: { does: 'message', ...quick, input: () => ({ template: 'richiesta', to: ['polo'], data: {}, letter: { from: 'scuola', documents: ['richiesta', 'prospetto'], attachments: ['certificato'] } }) },
    autorizzazione: autorizza,
    sollecito: { does: 'message', ...quick, input: () => ({ template: 'sollecito', to: ['polo'], data: {} }) },
    verbali: { does: 'document', ...quick, input: () => ({ from: 'scuola', documents: ['verbale', 'attestazione'] }) },
  },
  documents: {
    richiesta: document('Richiesta', { protected: true }), prospetto: document('Prospetto delle ore'), autorizzazione: document('Autorizzazione', { readBy: ['segreteria', 'operatorePolo', 'genitore'] }),
    verbale: document('Verbale'), attestazione: document('Attestazione'),
  },
  messages: { richiesta: message('richiesta'), autorizzazione: message('autorizzazione'), sollecito: message('sollecito') },
});
