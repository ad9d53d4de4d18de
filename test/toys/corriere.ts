/** A toy that owes something at every step: mails, commands to another case, a deadline of seconds, a number. */
import { Type } from 'typebox';
import { createMachine } from 'xstate';
import { definePlugin, type EffectRule, type LabelSet } from '../../plugins/contract.ts';

interface Contesto { conteggio: number; secondi: number }

const machine = createMachine({
  id: 'corriere', initial: 'bozza',
  states: {
    bozza: { on: { apri: { target: 'attiva', actions: ['registraApertura', 'avvisaApertura'] } } },
    attiva: {
      after: { scadenza: { target: 'scaduta', actions: 'avvisaScadenza' } },
      on: { segna: { actions: ['conta', 'avvisaSegno', 'annotaSegno'] }, protocolla: { actions: 'conta' }, tocca: { actions: 'conta' }, chiudi: 'chiusa' },
    },
    scaduta: { on: { segna: { actions: ['conta', 'avvisaSegno', 'annotaSegno'] }, tocca: { actions: 'conta' }, chiudi: 'chiusa' } },
    chiusa: { type: 'final' },
  },
});

const names = (...keys: string[]) => Object.fromEntries(keys.map(key => [key, key]));
const labels: LabelSet = {
  process: 'Corriere', states: names('bozza', 'attiva', 'scaduta', 'chiusa'), commands: names('apri', 'segna', 'protocolla', 'tocca', 'chiudi'),
  roles: names('segreteria', 'operatorePolo'), parties: names('scuola', 'polo'), deadlines: names('scadenza'),
  effects: names('avvisaApertura', 'avvisaSegno', 'avvisaScadenza', 'annotaSegno'), attachments: {}, fields: names('conteggio'), refusals: {},
};

const empty = Type.Object({}, { additionalProperties: false });
const EVERYBODY = ['segreteria', 'operatorePolo'];
/** The subject names what is told, so that the same thing told twice is seen in the mailbox, whatever its Message-ID. */
const message = (template: string): EffectRule<Contesto> => ({ does: 'message', attempts: 1_000, firstRetrySeconds: 1, input: ({ context }) => ({ template, to: ['scuola'], data: { conteggio: context.conteggio } }) });
const subject = (what: string) => ({ caseId, data }: { caseId: string; data: any }) => ({ subject: `${what} ${data.conteggio} ${caseId}`, text: `${what} ${data.conteggio}\n` });
const bothLanguages = (what: string) => ({ it: subject(what), en: subject(what) });

export const corriere = definePlugin<Contesto>({
  process: 'corriere', version: 1, machine, drafts: ['bozza'],
  parties: { scuola: { kind: 'organisation', required: true }, polo: { kind: 'organisation', required: true } },
  roles: { segreteria: 'scuola', operatorePolo: 'polo' },
  create: { schema: empty, by: ['segreteria'], context: () => ({ conteggio: 0, secondi: 0 }) },
  commands: {
    apri: { schema: Type.Object({ secondi: Type.Integer({ minimum: 0, maximum: 86_400 }) }, { additionalProperties: false }), by: ['segreteria'] },
    segna: { schema: empty, by: EVERYBODY }, tocca: { schema: empty, by: EVERYBODY }, chiudi: { schema: empty, by: EVERYBODY },
    protocolla: { schema: empty, by: EVERYBODY, number: { register: 'protocollo', of: 'polo', year: 'solar', format: (value, year) => `${year}/${String(value).padStart(7, '0')}` } },
  },
  rules: {},
  updates: { registraApertura: ({ data }) => ({ secondi: data.secondi }), conta: ({ context }) => ({ conteggio: context.conteggio + 1 }) },
  deadlines: { scadenza: { anchor: 'entry', due: ({ at, context }) => ({ at: new Date(Date.parse(at) + context.secondi * 1_000).toISOString(), rule: 'secondi dall’apertura' }) } },
  effects: {
    avvisaApertura: message('apertura'), avvisaSegno: message('segno'), avvisaScadenza: message('scadenza'),
    annotaSegno: { does: 'command', input: ({ context, parties, case: { id } }) => ({ process: 'contatore', command: 'annota', data: { da: id, numero: context.conteggio }, target: { key: parties.polo!, create: { data: {}, parties: { polo: parties.polo! } } } }) },
  },
  sealed: [],
  projection: { row: ({ context }) => ({ conteggio: context.conteggio }), search: () => [], view: ({ context }) => ({ conteggio: context.conteggio }), visibility: {}, protected: [] },
  messages: { apertura: bothLanguages('apertura'), segno: bothLanguages('segno'), scadenza: bothLanguages('scadenza') },
  labels: { it: labels, en: labels },
});
