/** A toy for forms: two forms of a school and one of a family, to which the polo adds fields; a letter that prints them. */
import { Type } from 'typebox';
import { createMachine } from 'xstate';
import { extraFieldLines, formParameter, type FormOverlay, type Json, type Step } from '../../plugins/contract.ts';
import { defineToy, definitionOf } from './toy.ts';

interface Contesto { modelloP: Record<string, Json> | null; consenso: Record<string, Json> | null; certificato: Record<string, Json> | null }

const campiAggiuntivi = Type.Optional(Type.Record(Type.String({ maxLength: 40 }), Type.Union([Type.String(), Type.Number(), Type.Boolean()]), { maxProperties: 40 }));
const MODELLO_P = Type.Object({ variante: Type.Enum(['conSiO', 'senzaSiO']), ore: Type.Integer({ minimum: 1, maximum: 100 }), piani: Type.Optional(Type.Array(Type.String({ maxLength: 100 }), { maxItems: 10 })), campiAggiuntivi }, { additionalProperties: false });
const CERTIFICATO = Type.Object({ modello: Type.Enum(['S', 'M']), campiAggiuntivi }, { additionalProperties: false });
const CONSENSO = Type.Object({ firmatario: Type.String({ minLength: 1, maxLength: 80 }) }, { additionalProperties: true });

const campi = ({ context, parameter, today, parties }: Pick<Step<Contesto>, 'context' | 'parameter' | 'today' | 'parties'>) =>
  (parties['polo'] === undefined ? [] : extraFieldLines(parameter<FormOverlay>(formParameter('domanda', 'modelloP'), today, 'polo'), context.modelloP?.['campiAggiuntivi'] as Record<string, Json> | undefined, 'it'));

const toy = definitionOf<Contesto>({
  process: 'domanda',
  machine: createMachine({
    id: 'domanda', initial: 'bozza',
    states: {
      bozza: { on: { invia: { target: 'inviata', actions: ['prende', 'lettera'] }, firma: { actions: 'firma' } } },
      inviata: { on: { invia: { actions: ['prende', 'lettera'] }, certifica: { actions: 'certifica' }, modifica: { actions: 'prende' }, firma: { actions: 'firma' }, chiudi: 'chiusa' } },
      chiusa: { type: 'final' },
    },
  }),
  drafts: ['bozza'], draftSeenBy: ['famiglia'],
  parties: { scuola: { kind: 'organisation', required: true, organisations: ['scuola'] }, polo: { kind: 'organisation', required: false, organisations: ['polo'] }, famiglia: { kind: 'person', required: false } },
  roles: { segreteria: 'scuola', dirigente: 'scuola', docente: 'scuola', operatorePolo: 'polo', dirigentePolo: 'polo', genitore: 'famiglia' },
  create: { schema: Type.Object({}, { additionalProperties: false }), by: ['segreteria', 'dirigente'], context: () => ({ modelloP: null, consenso: null, certificato: null }) },
  commands: {
    invia: { schema: Type.Object({ modelloP: Type.Optional(MODELLO_P) }, { additionalProperties: false }), by: ['segreteria', 'dirigente'], forms: { modelloP: 'modelloP' } },
    modifica: { schema: MODELLO_P, by: ['segreteria'], forms: { modelloP: '' } },
    firma: { schema: CONSENSO, by: ['genitore'], forms: { consenso: '' } },
    certifica: { schema: Type.Object({ certificato: CERTIFICATO }, { additionalProperties: false }), by: ['segreteria'], forms: { certificatoS: 'certificato', certificatoM: 'certificato' } },
    chiudi: {},
  },
  updates: {
    prende: ({ data, context }) => ({ modelloP: (data.modelloP ?? (data.ore ? data : context.modelloP)) }),
    firma: ({ data }) => ({ consenso: data }),
    certifica: ({ data }) => ({ certificato: data.certificato }),
  },
  effects: { lettera: { does: 'message', input: step => ({ template: 'lettera', to: ['scuola'], data: { righe: campi(step).map(({ label, value }) => `${label}: ${value}`) } }) } },
  messages: { lettera: { it: ({ data }) => ({ subject: 'Modello P', text: data.righe.join('\n') }), en: ({ data }) => ({ subject: 'Form P', text: data.righe.join('\n') }) } },
  sealed: ['modelloP', 'consenso', 'certificato'],
  forms: {
    modelloP: { version: 3, schema: MODELLO_P, hints: { ore: { section: 'Ore', order: 1, widget: 'number', help: { it: 'Ore chieste', en: 'Hours asked for' } } }, by: ['segreteria', 'dirigente'], editableBy: 'polo' },
    certificatoS: { version: 1, schema: CERTIFICATO, hints: {}, by: ['segreteria', 'genitore'], editableBy: 'polo', is: { modello: 'S' } },
    certificatoM: { version: 1, schema: CERTIFICATO, hints: {}, by: ['segreteria', 'genitore'], editableBy: 'polo', is: { modello: 'M' } },
    /** Nobody adds to it, though its schema would take anything. */
    consenso: { version: 1, schema: CONSENSO, hints: {}, by: ['genitore', 'segreteria'] },
  },
  projection: {
    row: () => ({}), search: () => [], view: step => ({ ...step.context, altriDati: campi({ ...step }) }) as any, visibility: {}, protected: ['modelloP'],
  },
});
const forms = { modelloP: 'Modello P', certificatoS: 'Modello S', certificatoM: 'Modello M', consenso: 'Consenso' };
const fields = { ore: 'Ore', variante: 'Variante' };
export const domanda = defineToy<Contesto>({ ...toy, labels: { it: { ...toy.labels.it, forms, fields }, en: { ...toy.labels.en, forms, fields: { ore: 'Hours', variante: 'Variant' } } } });
