/** Who may ask what of an interview, and what the reception's case tells it. */
import { Type, type TProperties, type TSchema } from 'typebox';
import { addDays, instantOf, romeDate } from '../../calendar.ts';
import type { CommandDefinition, Look, Step } from '../../contract.ts';
import { FAMIGLIA, GENITORI, partecipanti, SCUOLA, type Beginning } from './rules.ts';
import type { Contesto } from './types.ts';

const form = <P extends TProperties>(fields: P) => Type.Object(fields, { additionalProperties: false });
const text = (title: string, maxLength = 200) => Type.String({ title, minLength: 1, maxLength });
const date = (title: string) => Type.String({ title, format: 'date' });
const instant = (title: string) => Type.String({ title, format: 'date-time' });
const uri = Type.String({ title: 'Indirizzo del collegamento', format: 'uri', pattern: '^https?://', maxLength: 500 });
const orNull = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));
const MOTIVO = text('Motivo', 500);

export const RICHIESTA = Type.Object({
  disponibilita: Type.String({ title: 'Ricevimento', format: 'uuid' }),
  inizio: Type.Optional(instant('Inizio del colloquio')),
  attesa: Type.Optional(Type.Object({ dal: date('Dal'), al: date('Al') }, { additionalProperties: false, title: 'In lista di attesa per i giorni' })),
  codiceAlunno: Type.String({ title: "Codice dell'alunno nel software della segreteria", pattern: '^[A-Za-z0-9._-]{1,40}$' }),
  alunno: form({ nome: text('Nome', 80), cognome: text('Cognome', 80), classe: text('Classe e sezione', 20) }),
  argomento: Type.Optional(text('Argomento', 500)),
  partecipano: Type.Optional(Type.Array(Type.Enum(FAMIGLIA as ['genitore']), { title: 'Chi viene', minItems: 1, maxItems: 3, uniqueItems: true })),
}, {
  additionalProperties: false,
  examples: [
    { disponibilita: '5f0c7c0e-7f0f-4d0e-9c55-7d1d0a2f3b11', inizio: '2026-10-12T13:20:00.000Z', codiceAlunno: 'A2B01', alunno: { nome: 'Anna', cognome: 'Rossi', classe: '2B' }, argomento: 'Rientro a scuola' },
    { disponibilita: '5f0c7c0e-7f0f-4d0e-9c55-7d1d0a2f3b11', attesa: { dal: '2026-10-12', al: '2026-10-19' }, codiceAlunno: 'A2B01', alunno: { nome: 'Anna', cognome: 'Rossi', classe: '2B' } },
  ],
});

export const colloqui = (disponibilita: string): string => `colloqui/${disponibilita}`;
export const attese = (disponibilita: string): string => `attesa/${disponibilita}`;
/** One person, whatever part they play: a teacher is the parent of a pupil, too. */
export const persona = (id: string): string => `persona/${id}`;
const MOST_DAYS = 92;

/** What a booking enters and sees as it begins: the scopes of one adult and of one pupil are entered one at a time, so that the limits hold. */
export const enters = {
  joins: ({ data }: Beginning) => [colloqui(data.disponibilita), ...(data.attesa ? [attese(data.disponibilita)] : [])],
  sees: ({ data }: Beginning) => [attese(data.disponibilita)],
  members: ({ data, parties }: Beginning) => [...GENITORI.flatMap(party => parties[party] ?? []).map(id => `genitore/${id}`), `alunno/${data.codiceAlunno}`].map(of => `${colloqui(data.disponibilita)}/${of}`),
  pupils: ({ data, parties }: Beginning) => ({ school: parties.scuola!, codes: [data.codiceAlunno] }),
  looks: ({ data, parties }: Beginning): Look | null => {
    const scope = colloqui(data.disponibilita);
    if (data.inizio !== undefined) return { scope, from: romeDate(instantOf(data.inizio)), to: romeDate(instantOf(data.inizio)) };
    if (!data.attesa) return null;
    const { dal, al } = data.attesa, last = addDays(dal, MOST_DAYS);
    return { scope, from: dal, to: al < last ? al : last, with: partecipanti(data, parties).flatMap(party => parties[party] ?? []).map(persona) };
  },
};

const lookOn = (inizio: (step: Pick<Step<Contesto>, 'context' | 'data'>) => string | undefined): NonNullable<CommandDefinition<Contesto>['looks']> => step => {
  const found = inizio(step);
  return found === undefined ? null : { scope: colloqui(step.context.disponibilita), from: romeDate(instantOf(found)), to: romeDate(instantOf(found)) };
};
const fromReception = (fields: TProperties): CommandDefinition<Contesto> => ({ schema: form(fields), by: [], from: ['disponibilita'], hidden: true });
/** As the reception names it: of a kind, so that a mail may say it. */
const MOTIVO_SCUOLA = orNull(Type.Enum(['assenzaDocente', 'impegnoDiServizio', 'chiusuraScuola', 'sciopero', 'variazioneOrario', 'altro'], { title: 'Motivo' }));
const POSTO = { inizio: instant('Inizio'), durataMinuti: Type.Integer({ minimum: 5, maximum: 240 }), modalita: text('Modalità', 40), luogo: orNull(text('Luogo')), collegamento: orNull(uri) };

export const commands: Record<string, CommandDefinition<Contesto>> = {
  conferma: { schema: form({ collegamento: Type.Optional(uri) }), by: SCUOLA },
  rifiuta: { schema: form({ motivo: MOTIVO }), by: SCUOLA },
  annulla: { schema: form({ motivo: Type.Optional(MOTIVO) }), by: [...FAMIGLIA, ...SCUOLA] },
  sposta: { schema: form({ inizio: instant('Nuovo inizio') }), by: [...FAMIGLIA, ...SCUOLA], looks: lookOn(({ data }) => data.inizio), sees: ({ context }) => attese(context.disponibilita) },
  accetta: { schema: form({}), by: FAMIGLIA, looks: lookOn(({ context }) => context.posto?.inizio) },
  rifiutaOfferta: { schema: form({ resta: Type.Optional(Type.Boolean({ title: 'Resta in lista di attesa' })) }), by: FAMIGLIA },
  comunicaCollegamento: { schema: form({ collegamento: uri }), by: SCUOLA },
  registraSvolto: { schema: form({}), by: SCUOLA },
  registraAssente: { schema: form({}), by: SCUOLA },

  offri: fromReception({ ...POSTO, minuti: Type.Integer({ minimum: 1 }), entro: instant('Entro') }),
  spostaDaScuola: fromReception({ ...POSTO, motivo: MOTIVO_SCUOLA }),
  annullaDaScuola: fromReception({ motivo: MOTIVO_SCUOLA }),
  terminaAttesa: fromReception({}),
};
