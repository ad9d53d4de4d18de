/** What the values of the parameters must be: a wrong one would stop every project that reads it, or pay wrong sums. */
import { Type, type TSchema } from 'typebox';
import { MODELLI_DOCUMENTI } from './documents/template.ts';

const whole = (minimum: number, maximum: number) => Type.Integer({ minimum, maximum });
const hours = Type.Number({ minimum: 0, maximum: 40 });
const line = (maxLength: number) => Type.String({ maxLength });
const strict = { additionalProperties: false };

/** Frozen into each letter that is asked for: one that cannot be printed could not be mended later. */
const MODELLI_SCHEMA: TSchema = Type.Object({
  intestazione: Type.Array(line(200), { maxItems: 12 }), piede: line(1_000), luogo: line(100),
  firmatario: Type.Object({ nome: line(200), ruolo: line(200) }, strict),
  testi: Type.Record(Type.String({ maxLength: 60 }), Type.Object({ premessa: Type.Optional(line(4_000)), chiusura: Type.Optional(line(4_000)) }, strict), { maxProperties: 60 }),
  // The beginnings of PNG and JPEG.
  logo: Type.Optional(Type.String({ maxLength: 100_000, pattern: '^(iVBORw0KGgo|/9j/)[A-Za-z0-9+/]+={0,2}$' })),
}, strict);

export const parameterSchemas: Record<string, TSchema> = {
  [MODELLI_DOCUMENTI]: MODELLI_SCHEMA,
  compensoOrarioLordoCents: whole(1, 100_000),
  oneriRiflessi: Type.Object({ inpdap: whole(0, 10_000), irap: whole(0, 10_000) }, strict),
  percentualePolo: Type.Number({ minimum: 0, maximum: 100 }),
  tettoSettimanaleOre: Type.Object({ primaria: hours, secondariaPrimoGrado: hours, secondariaSecondoGrado: hours }, strict),
  settimaneEsame: whole(0, 10),
  anniConservazione: whole(1, 150),
};
