/** Who may ask what, with which form. */
import { Type } from 'typebox';
import type { CommandDefinition, PupilsAsked, Step } from '../../contract.ts';
import type { Contesto } from './types.ts';

const form = <P extends Parameters<typeof Type.Object>[0]>(properties: P) => Type.Object(properties, { additionalProperties: false });
const text = (title: string, maxLength = 200) => Type.String({ title, minLength: 1, maxLength });
const literals = (title: string, ...values: string[]) => Type.Union(values.map(value => Type.Literal(value)), { title });

export const SCUOLA = ['segreteria', 'dirigente'];
/** The pupil too, from the day of coming of age: a rule sees to it. */
export const CHI_GIUSTIFICA = ['genitore', 'altroGenitore', 'studente'];

/** `<day>-<kind>`: what an event of a pupil is known by. */
const CHIAVI = Type.Array(Type.String({ pattern: '^\\d{4}-\\d{2}-\\d{2}-(assenza|ritardo|uscita)$' }), { title: 'Assenze e ritardi', minItems: 1, maxItems: 60, uniqueItems: true, examples: [['2026-11-20-assenza']] });

export const EVENTO = form({
  giorno: Type.String({ title: 'Giorno', format: 'date' }), tipo: literals('Tipo', 'assenza', 'ritardo', 'uscita'),
  ora: Type.Optional(Type.String({ title: 'Ora', pattern: '^([01]\\d|2[0-3]):[0-5]\\d$' })), minuti: Type.Optional(Type.Integer({ title: 'Minuti di lezione persi', minimum: 0, maximum: 600 })),
});

export const libretto = form({
  alunno: form({ codice: text('Codice', 60), nome: text('Nome', 100), cognome: text('Cognome', 100), nascita: Type.Optional(Type.String({ title: 'Data di nascita', format: 'date' })) }), classe: text('Classe', 20),
  annoScolastico: Type.String({ title: 'Anno scolastico', pattern: '^20\\d{2}/\\d{2}$' }),
});

/** Who answers for the pupil is the school's to say, not a payload's. */
const famiglia = ({ context: { alunno: { codice } }, parties }: Pick<Step<Contesto>, 'context' | 'parties'>): PupilsAsked => ({ school: parties.scuola!, codes: [codice] });

export const commands: Record<string, CommandDefinition<Contesto>> = {
  registra: { schema: form({ eventi: Type.Array(EVENTO, { title: 'Assenze e ritardi', maxItems: 400 }), ritirati: Type.Optional(Type.Array(Type.String({ maxLength: 60 }), { title: 'Ritirati', maxItems: 400 })) }), by: SCUOLA, items: ['evento'], pupils: famiglia },
  giustifica: { schema: form({ eventi: CHIAVI, motivo: text('Motivo') }), by: CHI_GIUSTIFICA, items: ['evento'], mayAttach: ['certificato'] },
  accetta: { schema: form({ eventi: CHIAVI }), by: [...SCUOLA, 'docente'], items: ['evento'] },
  chiediDiNuovo: { schema: form({ eventi: CHIAVI, nota: text('Che cosa va chiarito') }), by: [...SCUOLA, 'docente'], items: ['evento'] },
  riapri: { schema: form({ eventi: CHIAVI }), by: SCUOLA, items: ['evento'] },
  annulla: { schema: form({ eventi: CHIAVI, nota: text('Motivo') }), by: SCUOLA, items: ['evento'] },
  aggiornaFamiglia: { schema: form({}), by: SCUOLA, pupils: famiglia },
  cambiaClasse: { schema: form({ classe: text('Classe', 20) }), by: SCUOLA },
  chiudi: { schema: form({}), by: SCUOLA },
};
