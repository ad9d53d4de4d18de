/** Who may ask what, with which form. */
import { Type } from 'typebox';
import type { CommandDefinition } from '../../contract.ts';
import type { Contesto } from './types.ts';

const text = (title: string) => Type.String({ title, minLength: 1, maxLength: 200 });
const form = <P extends Parameters<typeof Type.Object>[0]>(properties: P) => Type.Object(properties, { additionalProperties: false });

const FIELDS = {
  alunno: form({ nome: text('Nome'), cognome: text('Cognome'), classe: Type.String({ title: 'Classe', pattern: '^[1-5][A-Z]$' }) }),
  tipo: Type.Union([Type.Literal('iscrizione'), Type.Literal('frequenza')], { title: 'Tipo di certificato' }),
  destinazione: Type.Union([Type.Literal('privato'), Type.Literal('pubblicaAmministrazione')], { title: 'Destinazione' }),
};
export const richiesta = form(FIELDS);

export const commands: Record<string, CommandDefinition<Contesto>> = {
  correggi: { schema: Type.Partial(richiesta, { additionalProperties: false, minProperties: 1 }), by: ['segreteria', 'genitore'] },
  presenta: { schema: form({}), by: ['segreteria', 'genitore'] },
  rilascia: {
    schema: form({}), by: ['segreteria'],
    number: { register: 'certificati', of: 'scuola', year: 'solar', format: (value, year) => `${year}/${String(value).padStart(4, '0')}`, asCaseNumber: true },
  },
  respingi: { schema: form({ motivo: text('Motivo') }), by: ['segreteria'] },
};
