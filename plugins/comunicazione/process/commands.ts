/** Who drafts, who sends. */
import { Type, type TProperties } from 'typebox';
import type { CommandDefinition } from '../../contract.ts';
import type { Contesto } from './types.ts';

const form = <P extends TProperties>(fields: P) => Type.Object(fields, { additionalProperties: false });
export const REDATTORI = ['segreteria', 'dirigente', 'docente'];
export const MITTENTI = ['segreteria', 'dirigente'];

const TESTO = form({
  oggetto: Type.String({ title: 'Oggetto', minLength: 1, maxLength: 200 }),
  testo: Type.String({ title: 'Testo', minLength: 1, maxLength: 8_000 }),
  // As long as providers take; with names and links in it, and with characters that cost more, the estimate tells who would get none.
  sms: Type.String({ title: "Testo dell'SMS (vuoto: l'oggetto)", maxLength: 1_000 }),
});
export const TESTI = Type.Object({ it: TESTO, en: Type.Union([TESTO, Type.Null()]) }, {
  additionalProperties: false, examples: [{ it: { oggetto: 'Uscita didattica', testo: 'Gentile {destinatario}, la classe {classi} va al museo. Vale per {alunni}.', sms: "Uscita didattica della 2B: l'orario e il programma sono nel portale." }, en: null }],
});
export const CANALI = Type.Array(Type.Union([Type.Literal('email'), Type.Literal('sms'), Type.Literal('portal')]), { title: 'Canali', minItems: 1, maxItems: 3, uniqueItems: true });

const ANNO = Type.String({ title: 'Anno scolastico', pattern: '^20[0-9]{2}/[0-9]{2}$' });
const codice = Type.String({ minLength: 1, maxLength: 60 });
export const DESTINATARI = Type.Union([
  form({ tipo: Type.Literal('scuola'), annoScolastico: ANNO }),
  form({ tipo: Type.Literal('classi'), annoScolastico: ANNO, classi: Type.Array(Type.String({ minLength: 1, maxLength: 20 }), { title: 'Classi', minItems: 1, maxItems: 200, uniqueItems: true }) }),
  form({ tipo: Type.Literal('alunni'), annoScolastico: ANNO, alunni: Type.Array(codice, { title: 'Alunni (codici della segreteria)', minItems: 1, maxItems: 1_000, uniqueItems: true }) }),
], { title: 'Destinatari', examples: [{ tipo: 'classi', annoScolastico: '2026/27', classi: ['2B'] }, { tipo: 'alunni', annoScolastico: '2026/27', alunni: ['A2B01'] }, { tipo: 'scuola', annoScolastico: '2026/27' }] });
export const ORA = Type.String({ title: 'Ora', pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' });
const PRESA_VISIONE = form({
  entro: Type.String({ title: 'Entro', format: 'date' }),
  solleciti: Type.Array(Type.Integer({ minimum: 0, maximum: 60 }), { title: 'Giorni prima in cui sollecitare', maxItems: 5, uniqueItems: true }),
});
const MOTIVO = Type.String({ title: 'Motivo', minLength: 3, maxLength: 500 });

export const commands: Record<string, CommandDefinition<Contesto>> = {
  scrivi: { schema: form({ testi: TESTI }), by: REDATTORI },
  usaModello: { schema: form({ modello: Type.String({ title: 'Modello', minLength: 1, maxLength: 60 }) }), by: REDATTORI },
  indirizza: { schema: form({ destinatari: DESTINATARI, canali: CANALI, presaVisione: Type.Union([PRESA_VISIONE, Type.Null()]), urgente: Type.Optional(Type.Boolean({ title: 'Urgente: gli SMS partono a ogni ora' })) }), by: REDATTORI },
  programma: { schema: form({ giorno: Type.String({ title: 'Giorno', format: 'date' }), ora: ORA }), by: MITTENTI },
  invia: { schema: form({}), by: MITTENTI },
  ferma: { schema: form({ motivo: MOTIVO }), by: MITTENTI },
  ritira: { schema: form({ motivo: MOTIVO }), by: MITTENTI },
  sollecita: { schema: form({}), by: MITTENTI },
  chiudi: { schema: form({}), by: MITTENTI },
};
