/** What each school says of itself. */
import { Type } from 'typebox';
import { YEARLY_DAY } from '../../calendar.ts';
import type { Chiusure } from './slots.ts';
import type { Condizioni } from './types.ts';

/** Days on which every school is closed (l. 260/1949; l. 54/1977; d.p.r. 792/1985). The patron and the holidays are the school's own periods. */
const CHIUSURE: Chiusure = { festivita: ['01-01', '01-06', 'pasqua', 'pasqua+1', '04-25', '05-01', '06-02', '08-15', '11-01', '12-08', '12-25', '12-26'], periodi: [] };

export const defaultParameters = [{ name: 'chiusureScuola', from: '2024-09-01', to: null, value: CHIUSURE as any }];
export const parameters = ['chiusureScuola'];

const date = Type.String({ format: 'date' });
export const parameterSchemas = {
  chiusureScuola: Type.Object({
    festivita: Type.Array(Type.String({ pattern: YEARLY_DAY }), { maxItems: 40 }),
    periodi: Type.Array(Type.Object({ dal: date, al: date, motivo: Type.String({ maxLength: 200 }) }, { additionalProperties: false }), { maxItems: 100 }),
  }, { additionalProperties: false }),
};

/** Where the rule is silent. */
export const CONDIZIONI: Condizioni = { apre: null, chiude: null, perGenitore: 1, perAlunno: 1, preavvisoOre: 24, disdettaOre: 24, confermaAutomatica: false, offertaMinuti: 720, promemoriaOre: [24] };
