/** What each polo says of itself. */
import { Type, type TSchema } from 'typebox';
import type { ContoPolo } from './types.ts';

/** Nobody's account: every polo enters its own, and until then the payment file is refused with what is missing. */
const NESSUNO: ContoPolo = { intestatario: '', iban: '', bic: '' };

export const defaultParameters = [{ name: 'contoPolo', from: '2024-09-01', to: null, value: NESSUNO as any }];

export const parameters = [...new Set(defaultParameters.map(({ name }) => name))];

/** Empty: not entered yet. */
const orNothing = (schema: TSchema) => Type.Union([Type.Literal(''), schema]);
export const parameterSchemas: Record<string, TSchema> = {
  contoPolo: Type.Object({
    intestatario: Type.String({ maxLength: 140 }), iban: orNothing(Type.String({ format: 'iban' })), bic: orNothing(Type.String({ pattern: '^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$' })),
  }, { additionalProperties: false }),
};
