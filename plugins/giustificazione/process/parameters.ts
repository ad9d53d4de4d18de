/** What a school decides in its own regulations, and what the law has set. */
import { Type, type TSchema } from 'typebox';
import type { Json, LocalDate, Step } from '../../contract.ts';
import type { Contesto, Tipo } from './types.ts';

export interface Soglie {
  /** Hours of the pupil's year ("orario annuale personalizzato"). */
  oreAnnue: number;
  /** Above this part of them the year is not valid without a derogation: a quarter (d.P.R. 122/2009, art. 2 c. 10 and art. 14 c. 7; d.lgs. 62/2017, art. 5). */
  quota: number;
  /** The family is warned at this part of that limit. */
  preavviso: number;
}
export interface Termini { giorni: number; avvisoEntroGiorni: number; riepilogo: 'settimanale' | 'mensile' | 'mai' }

type ParameterStep = Pick<Step<Contesto>, 'parameter'>;

export const sogliaAssenze = ({ parameter }: ParameterStep): Soglie => parameter('sogliaAssenze', undefined, 'scuola');
export const termini = ({ parameter }: ParameterStep): Termini => parameter('terminiGiustificazione', undefined, 'scuola');
/** Minutes of lessons that an event costs when the register does not say. */
export const minutiPerTipo = ({ parameter }: ParameterStep): Record<Tipo, number> => parameter('minutiPerAssenza', undefined, 'scuola');

export const parameters = ['sogliaAssenze', 'terminiGiustificazione', 'minutiPerAssenza'];

const since = (name: string, value: Json): { name: string; from: LocalDate; to: null; value: Json } => ({ name, from: '2020-09-01', to: null, value });
export const defaultParameters = [
  since('sogliaAssenze', { oreAnnue: 990, quota: 0.25, preavviso: 0.75 }),
  since('terminiGiustificazione', { giorni: 5, avvisoEntroGiorni: 3, riepilogo: 'mensile' }),
  since('minutiPerAssenza', { assenza: 300, ritardo: 15, uscita: 60 }),
];

const strict = { additionalProperties: false };
const minutes = Type.Integer({ minimum: 0, maximum: 600 });
export const parameterSchemas: Record<string, TSchema> = {
  sogliaAssenze: Type.Object({ oreAnnue: Type.Number({ minimum: 1, maximum: 2_000 }), quota: Type.Number({ minimum: 0.01, maximum: 1 }), preavviso: Type.Number({ minimum: 0.1, maximum: 1 }) }, strict),
  terminiGiustificazione: Type.Object({ giorni: Type.Integer({ minimum: 1, maximum: 60 }), avvisoEntroGiorni: Type.Integer({ minimum: 0, maximum: 30 }), riepilogo: Type.Union([Type.Literal('settimanale'), Type.Literal('mensile'), Type.Literal('mai')]) }, strict),
  minutiPerAssenza: Type.Object({ assenza: minutes, ritardo: minutes, uscita: minutes }, strict),
};
