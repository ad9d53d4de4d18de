/** A toy for the API: health data that not every party sees, rules that explain themselves with figures, files, a room that can be taken. */
import { Type } from 'typebox';
import { createMachine } from 'xstate';
import { definePlugin, type LabelSet } from '../../plugins/contract.ts';

interface Contesto { oggetto: string; alunno: string; diagnosi: string; ore: number; esito: string | null; scadenza: string | null }

const machine = createMachine({
  id: 'richiesta', initial: 'bozza',
  states: {
    bozza: { on: { completa: { actions: 'completa' }, presenta: { target: 'inEsame', guard: 'entroTetto', actions: 'completa' } } },
    inEsame: {
      after: { termine: 'scaduta' },
      on: {
        documenta: { guard: 'leggibile', actions: 'nota' }, rispondi: { target: 'chiusa', guard: 'motivata', actions: 'risponde' }, prendiAula: { actions: ['nota', 'prende'] },
        parere: { actions: 'nota' }, ritira: 'ritirata', sbaglia: { actions: 'sbaglia' },
      },
    },
    scaduta: { on: { rispondi: { target: 'chiusa', actions: 'risponde' } } },
    chiusa: { type: 'final' }, ritirata: { type: 'final' },
  },
});

const it = {
  process: 'Richiesta', states: { bozza: 'Bozza', inEsame: 'In esame', scaduta: 'Scaduta', chiusa: 'Chiusa', ritirata: 'Ritirata' },
  commands: { completa: 'Completa', presenta: 'Presenta', documenta: 'Documenta', rispondi: 'Rispondi', prendiAula: 'Prenota l’aula', parere: 'Esprimi parere', ritira: 'Ritira', sbaglia: 'Sbaglia' },
  roles: { segreteria: 'Segreteria', dirigente: 'Dirigente', operatorePolo: 'Operatore del polo', funzionarioUsr: 'Funzionario USR', genitore: 'Genitore' },
  parties: { scuola: 'Scuola', polo: 'Scuola polo', usr: 'USR', famiglia: 'Famiglia' }, deadlines: { termine: 'Termine' }, effects: {}, attachments: { certificato: 'Certificato', nota: 'Nota' },
  fields: { oggetto: 'Oggetto', alunno: 'Alunno', diagnosi: 'Diagnosi', ore: 'Ore', esito: 'Esito', tetto: 'Tetto' },
  refusals: { entroTetto: 'Le ore richieste ({ore}) superano il tetto di {tetto} in vigore dal {dal}.', motivata: 'La risposta va motivata.', leggibile: 'Il documento non è leggibile.' },
};
const en: LabelSet = {
  ...it, process: 'Request', states: { bozza: 'Draft', inEsame: 'Under review', scaduta: 'Expired', chiusa: 'Closed', ritirata: 'Withdrawn' },
  commands: { ...it.commands, presenta: 'Submit', rispondi: 'Answer' },
  refusals: { entroTetto: 'The hours asked for ({ore}) exceed the cap of {tetto} in force since {dal}.', motivata: 'The answer needs a reason.', leggibile: 'The document cannot be read.' },
};

const dati = Type.Object({ oggetto: Type.String({ minLength: 1, maxLength: 100 }), alunno: Type.String({ maxLength: 80 }), diagnosi: Type.String({ maxLength: 500 }), ore: Type.Number({ minimum: 0, maximum: 10_000 }) }, { additionalProperties: false });
const vuoto = Type.Object({ nota: Type.Optional(Type.String({ maxLength: 200 })) }, { additionalProperties: false });
const SCUOLA = ['segreteria', 'dirigente'];

export const richiesta = definePlugin<Contesto>({
  process: 'richiesta', version: 1, machine, drafts: ['bozza'],
  parties: {
    scuola: { kind: 'organisation', required: true, organisations: ['scuola'] }, polo: { kind: 'organisation', required: true, organisations: ['polo'] },
    usr: { kind: 'organisation', required: false, organisations: ['usr'] }, famiglia: { kind: 'person', required: false },
  },
  roles: { segreteria: 'scuola', dirigente: 'scuola', operatorePolo: 'polo', funzionarioUsr: 'usr', genitore: 'famiglia' },
  create: { schema: dati, by: SCUOLA, context: ({ data }) => ({ ...data, esito: null, scadenza: null }) },
  commands: {
    completa: { schema: Type.Partial(dati, { additionalProperties: false, minProperties: 1 }), by: SCUOLA },
    presenta: { schema: Type.Partial(dati, { additionalProperties: false }), by: SCUOLA },
    documenta: { schema: vuoto, by: ['segreteria', 'genitore'], attachments: [['certificato']] },
    rispondi: { schema: Type.Object({ esito: Type.Enum(['accolta', 'respinta']), motivo: Type.Optional(Type.String()) }, { additionalProperties: false }), by: ['operatorePolo'] },
    prendiAula: { schema: Type.Object({ aula: Type.String(), da: Type.String({ format: 'date-time' }), a: Type.String({ format: 'date-time' }) }, { additionalProperties: false }), by: SCUOLA },
    parere: { schema: vuoto, by: ['genitore', 'funzionarioUsr'] },
    ritira: { schema: vuoto, by: ['dirigente', 'genitore'] },
    sbaglia: { schema: vuoto, by: ['dirigente'] },
  },
  rules: {
    entroTetto: ({ context, data, parameter }) => {
      const ore = data.ore ?? context.ore, tetto = parameter<{ ore: number; dal: string }>('tettoOre');
      return ore <= tetto.ore ? null : { rule: 'entroTetto', pointer: '/ore', figures: { ore, tetto: tetto.ore, dal: tetto.dal } };
    },
    motivata: ({ data }) => (data.esito === 'accolta' || data.motivo ? null : { rule: 'motivata' }),
    leggibile: ({ facts }) => (facts.attachments.length > 0 ? null : { rule: 'leggibile' }),
  },
  updates: {
    completa: ({ context, data }) => ({ ...context, ...data }), risponde: ({ data }) => ({ esito: data.esito }), nota: () => ({}),
    sbaglia: () => { throw new Error('guasto'); },
  },
  deadlines: { termine: { anchor: 'entry', due: ({ at, context }) => ({ at: context.ore === 7 ? new Date(Date.parse(at) + 300).toISOString() : '2099-01-01T00:00:00.000Z', rule: 'regolamento' }) } },
  effects: {}, reservations: { prende: ({ data }) => [{ hold: { key: 'aula', resource: data.aula, from: data.da, to: data.a } }] },
  parameters: ['tettoOre'], defaultParameters: [{ name: 'tettoOre', from: '2020-01-01', to: null, value: { ore: 20.5, dal: '2025-09-01' } }],
  sealed: ['alunno', 'diagnosi'], attachments: { certificato: { by: ['segreteria', 'genitore'] }, nota: { by: ['segreteria', 'operatorePolo'] } },
  projection: {
    row: ({ context }) => ({ oggetto: context.oggetto, ore: context.ore }), search: ({ context }) => [context.oggetto],
    view: ({ context, parameter }) => ({ ...context, tetto: parameter<{ ore: number }>('tettoOre').ore }),
    visibility: { diagnosi: ['segreteria', 'dirigente', 'operatorePolo', 'genitore'], ore: ['segreteria', 'dirigente', 'operatorePolo', 'funzionarioUsr'] }, protected: ['diagnosi'],
  },
  labels: { it, en },
});
