/** The polo registers money, pays and closes; the projects' cases report themselves. */
import { Type, type TProperties } from 'typebox';
import type { CommandDefinition, ScopeRule } from '../../contract.ts';
import type { Contesto } from './types.ts';

const form = <P extends TProperties>(fields: P) => Type.Object(fields, { additionalProperties: false });
const cents = (title: string, minimum = 0) => Type.Integer({ title, minimum, maximum: 1_000_000_000_00 });
const ATTO = Type.Object({ numero: Type.String({ title: 'Numero', minLength: 1, maxLength: 60 }), data: Type.String({ title: 'Data', format: 'date' }) }, { additionalProperties: false, title: 'Atto' });

export const ANNO_SCOLASTICO = Type.String({ title: 'Anno scolastico', pattern: '^20[0-9]{2}/[0-9]{2}$' });

/** All project cases of the polo's school year. The projects' process uses the same words when they join. */
const fondo: ScopeRule<Contesto> = ({ context, parties }) => `fondo/${parties.polo}/${context.annoScolastico}`;

/** What a project says of itself with every message, whichever comes first. */
const PROGETTO = { progetto: Type.String({ minLength: 1 }), numero: Type.String({ minLength: 1 }), scuola: Type.String({ minLength: 1 }) };
const fromProjects = (fields: TProperties): CommandDefinition<Contesto> =>
  ({ schema: form({ ...PROGETTO, ...fields }), by: [], from: ['istruzione-domiciliare'], hidden: true, item: { kind: 'progetto', key: 'progetto' } });
const minuti = Type.Integer({ minimum: 0 });

export const commands: Record<string, CommandDefinition<Contesto>> = {
  registraProgetto: fromProjects({ minutiAutorizzati: minuti, attivato: Type.Boolean() }),
  registraRendiconto: fromProjects({ minutiContabili: minuti, costoCents: cents('Costo'), quotaCents: cents('Quota'), iban: Type.Optional(Type.Union([Type.String({ format: 'iban' }), Type.Null()])) }),
  togliProgetto: fromProjects({ motivo: Type.String({ minLength: 1 }) }),

  /** The school left it out of Modello Z, or its account has changed: the payment file would wait for it for ever. */
  registraIban: {
    schema: form({ progetto: Type.String({ title: 'Progetto', minLength: 1 }), iban: Type.String({ title: 'IBAN della scuola', format: 'iban' }) }),
    by: ['operatorePolo', 'dirigentePolo'], item: { kind: 'progetto', key: 'progetto' },
  },
  registraFinanziamento: { schema: form({ importoCents: cents('Importo del finanziamento MIUR (centesimi)', 1), atto: ATTO }), by: ['operatorePolo', 'dirigentePolo'] },
  liquida: { schema: form({ atto: ATTO }), by: ['dirigentePolo'], items: ['progetto'], members: fondo },
  chiudi: { schema: form({}), by: ['dirigentePolo'], members: fondo },
};
