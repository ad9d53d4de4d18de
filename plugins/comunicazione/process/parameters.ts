/** Templates of the school, and how long a message stays open. */
import { Type, type TSchema } from 'typebox';
import { ORA, TESTI } from './commands.ts';
import type { Modello } from './types.ts';

const MODELLI: Record<string, Modello> = {
  riunione: {
    versione: 1,
    it: { oggetto: 'Convocazione di un incontro', testo: 'Gentile {destinatario},\n\nla famiglia di {alunni} è invitata a un incontro a scuola. La segreteria comunicherà giorno e ora.', sms: '' },
    en: { oggetto: 'Invitation to a meeting', testo: 'Dear {destinatario},\n\nthe family of {alunni} is invited to a meeting at school. The office will tell you day and time.', sms: '' },
  },
  sciopero: {
    versione: 1,
    it: { oggetto: 'Sciopero del personale: possibili variazioni di orario', testo: 'Gentile {destinatario},\n\nper lo sciopero proclamato il regolare svolgimento delle lezioni non può essere garantito.', sms: 'Sciopero: le lezioni non sono garantite. Dettagli nel portale.' },
    en: { oggetto: 'Staff strike: lessons may change', testo: 'Dear {destinatario},\n\nbecause of the strike we cannot guarantee that lessons take place as usual.', sms: 'Strike: lessons are not guaranteed. Details in the portal.' },
  },
};

export const defaultParameters = [
  { name: 'modelliComunicazione', from: '2024-09-01', to: null, value: MODELLI as any },
  { name: 'giorniChiusuraComunicazione', from: '2024-09-01', to: null, value: 30 },
  /** When no SMS leaves, unless the message is urgent. */
  { name: 'oreSilenzioSms', from: '2024-09-01', to: null, value: { dalle: '21:00', alle: '08:00' } },
  /** Years after which a message that is over may be erased. */
  { name: 'conservazioneComunicazione', from: '2024-09-01', to: null, value: 5 },
];
export const parameters = defaultParameters.map(({ name }) => name);
export const parameterSchemas: Record<string, TSchema> = {
  modelliComunicazione: Type.Record(Type.String({ pattern: '^[a-zA-Z0-9-]{1,60}$' }), Type.Object({ versione: Type.Integer({ minimum: 1 }), ...TESTI.properties }, { additionalProperties: false })),
  oreSilenzioSms: Type.Union([Type.Object({ dalle: ORA, alle: ORA }, { additionalProperties: false }), Type.Null()]),
  giorniChiusuraComunicazione: Type.Integer({ minimum: 1, maximum: 365 }),
  conservazioneComunicazione: Type.Integer({ minimum: 1, maximum: 50 }),
};
