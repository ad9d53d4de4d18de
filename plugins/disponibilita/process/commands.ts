/** What the school asks of a teacher's reception, and what bookings (cases of `colloquio`) tell it. */
import { Type, type TProperties } from 'typebox';
import { romeDate } from '../../calendar.ts';
import type { CommandDefinition, ScopeRule } from '../../contract.ts';
import type { Contesto } from './types.ts';

const form = <P extends TProperties>(fields: P) => Type.Object(fields, { additionalProperties: false });
const date = (title: string) => Type.String({ title, format: 'date' });
const instant = (title: string) => Type.String({ title, format: 'date-time' });
const text = (title: string, maxLength = 200) => Type.String({ title, minLength: 1, maxLength });
const orNull = <T extends Parameters<typeof Type.Optional>[0]>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));
const dalle = Type.String({ title: 'Dalle', pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$' });
const alle = Type.String({ title: 'Alle', pattern: '^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$' });
const luogo = orNull(text('Luogo'));
/** Of one day: a room. */
const luogoDelGiorno = orNull(text('Luogo', 100));
/** Of a kind, never in free words: why a teacher is away is nobody's matter. */
export const MOTIVO = Type.Enum(['assenzaDocente', 'impegnoDiServizio', 'chiusuraScuola', 'sciopero', 'variazioneOrario', 'altro'], { title: 'Motivo' });
const caseId = Type.String({ format: 'uuid' });

const REGOLA = form({
  dal: date('Dal'), al: date('Al'),
  fasce: Type.Array(form({ giorno: Type.Integer({ title: 'Giorno (1 lunedì … 7 domenica)', minimum: 1, maximum: 7 }), dalle, alle }), { title: 'Fasce orarie', maxItems: 20 }),
  durataMinuti: Type.Integer({ title: 'Durata di un colloquio (minuti)', minimum: 5, maximum: 240 }),
  pausaMinuti: Type.Optional(Type.Integer({ title: 'Pausa fra due colloqui (minuti)', minimum: 0, maximum: 120 })),
  intervallo: orNull(form({ dalle, alle })),
  modalita: Type.Enum(['presenza', 'online'], { title: 'Modalità' }), luogo, collegamento: orNull(Type.String({ title: 'Indirizzo del collegamento', format: 'uri', pattern: '^https?://', maxLength: 500 })),
});
const hours = (title: string, maximum: number) => Type.Optional(Type.Integer({ title, minimum: 0, maximum }));
const CONDIZIONI = Type.Partial(form({
  apre: Type.Union([instant('Le prenotazioni aprono'), Type.Null()]), chiude: Type.Union([instant('Le prenotazioni chiudono'), Type.Null()]),
  perGenitore: Type.Integer({ title: 'Prenotazioni per genitore nel periodo', minimum: 1, maximum: 50 }), perAlunno: Type.Integer({ title: 'Prenotazioni per alunno nel periodo', minimum: 1, maximum: 50 }),
  preavvisoOre: hours('Ore di preavviso per prenotare', 720), disdettaOre: hours('Ore di preavviso per disdire o spostare', 720),
  confermaAutomatica: Type.Boolean({ title: 'Conferma automatica' }), offertaMinuti: Type.Integer({ title: "Durata di un'offerta alla lista di attesa (minuti)", minimum: 5, maximum: 10_080 }),
  promemoriaOre: Type.Array(Type.Integer({ minimum: 1, maximum: 336 }), { title: 'Promemoria (ore prima)', maxItems: 4, uniqueItems: true }),
}), { additionalProperties: false });

export const DISPONIBILITA = Type.Object({ regola: REGOLA, condizioni: Type.Optional(CONDIZIONI) }, {
  additionalProperties: false,
  examples: [{ regola: { dal: '2026-10-05', al: '2026-12-18', fasce: [{ giorno: 1, dalle: '15:00', alle: '17:00' }], durataMinuti: 20, modalita: 'presenza', luogo: 'aula 3' }, condizioni: { perGenitore: 2, confermaAutomatica: true } }],
});

/** All bookings of this reception, and all who wait. The process of bookings uses the same words when they begin. */
export const colloqui: ScopeRule<Contesto> = ({ case: { id } }) => `colloqui/${id}`;

/** Those of them who began by waiting. */
export const attese: ScopeRule<Contesto> = ({ case: { id } }) => `attesa/${id}`;

const SCUOLA = ['docente', 'segreteria', 'dirigente'];
/** The offer changes: nobody books meanwhile, and every booking is seen. */
const changes = (fields: TProperties): CommandDefinition<Contesto> => ({ schema: form(fields), by: SCUOLA, members: colloqui });
/** A slot may have come free on this date: it goes to who waits. */
const tells = (fields: TProperties, dates: (data: any) => { from: string; to: string } | null): CommandDefinition<Contesto> => ({
  schema: form({ colloquio: caseId, ...fields }), by: [], from: ['colloquio'], hidden: true, members: attese,
  looks: step => { const range = dates(step.data); return range && { scope: colloqui(step), ...range }; },
});
/** Bookings that a change leaves without a slot are cancelled only where it says so. */
const ANNULLA = { annullaPrenotazioni: Type.Optional(Type.Boolean({ title: 'Annulla i colloqui che non hanno più posto' })), motivo: Type.Optional(MOTIVO) };
const POSTO = { inizio: instant('Inizio'), fine: instant('Fine') };
const onDay = ({ inizio }: { inizio: string }) => ({ from: romeDate(inizio), to: romeDate(inizio) });

export const commands: Record<string, CommandDefinition<Contesto>> = {
  aggiorna: { schema: DISPONIBILITA, by: SCUOLA },
  pubblica: { schema: form({}), by: SCUOLA },
  elimina: { schema: form({}), by: SCUOLA },
  modifica: changes({ regola: Type.Optional(REGOLA), condizioni: Type.Optional(CONDIZIONI), ...ANNULLA }),
  aggiungiGiorno: changes({ data: date('Data'), dalle, alle, luogo: luogoDelGiorno }),
  annullaGiorno: changes({ data: date('Data'), motivo: MOTIVO }),
  spostaGiorno: changes({ data: date('Data'), motivo: MOTIVO, a: form({ data: date('Data nuova'), dalle, alle, luogo: luogoDelGiorno }) }),
  ripristinaGiorno: changes({ data: date('Data'), ...ANNULLA }),
  chiudi: changes({}),
  revoca: changes({ motivo: MOTIVO }),

  riesamina: { schema: form({ dal: date('Dal'), al: date('Al') }), by: [], from: ['disponibilita'], hidden: true, members: attese, looks: step => ({ scope: colloqui(step), from: step.data.dal, to: step.data.al }) },
  iscriviInLista: tells({ dal: date('Dal'), al: date('Al'), chiestoIl: instant('Chiesto il') }, ({ dal, al }) => ({ from: dal, to: al })),
  lasciaLista: tells({}, () => null),
  chiudiOfferta: tells({ ...POSTO, esito: Type.Enum(['accettata', 'rifiutata', 'scaduta', 'restaInLista', 'ritirata']) }, onDay),
  liberaPosto: tells(POSTO, onDay),
};
