/** Absences and lateness as facts: taken in, corrected, justified, asked for again, expired, annulled. Totals are worked out of all of them. */
import { addDays, isOfAge, schoolYearOf } from '../../calendar.ts';
import type { Item, ItemsUpdate, Rule, Step, Update } from '../../contract.ts';
import { minutiPerTipo, termini } from './parameters.ts';
import type { Contesto, Conto, Evento, Stato, Tipo, Ultimi } from './types.ts';

type S = Step<Contesto>;
export const NIENTE: Conto = { assenze: 0, ritardi: 0, uscite: 0, minuti: 0 };
const CONTI: Record<Tipo, 'assenze' | 'ritardi' | 'uscite'> = { assenza: 'assenze', ritardo: 'ritardi', uscita: 'uscite' };
const ATTESI: Stato[] = ['notificato', 'daChiarire'];
/** Who enters late was not absent, and the other way round: what a register says last of a morning takes the place of what it said. */
const INVECE: Partial<Record<Tipo, Tipo>> = { assenza: 'ritardo', ritardo: 'assenza' };

export const chiave = ({ giorno, tipo }: Pick<Evento, 'giorno' | 'tipo'>): string => `${giorno}-${tipo}`;
const item = (key: string, data: Evento): Item<Evento> => ({ kind: 'evento', key, data });
const noti = ({ facts }: Pick<S, 'facts'>): Map<string, Evento> => new Map(facts.items.map(({ key, data }) => [key, data as Evento]));
const scelti = (step: S): [string, Evento][] => { const known = noti(step); return (step.data.eventi as string[]).flatMap(key => (known.has(key) ? [[key, known.get(key)!]] : [])); };

/** Whole lesson days: what was entered as late counts its own minutes. `dopo`: what was taken in since then. */
function conta(eventi: Iterable<Evento>, dopo: string | null = null): Conto {
  const conto = { ...NIENTE };
  for (const { tipo, stato, minuti, registrato } of eventi) {
    if (stato === 'annullato' || (dopo !== null && registrato <= dopo)) continue;
    conto[CONTI[tipo]] += 1;
    conto.minuti += minuti;
  }
  return conto;
}

/** What the register says now of each event of the payload; the same again is no change. */
function registrati(step: S): Map<string, Evento> {
  const known = noti(step), changed = new Map<string, Evento>(), { giorni } = termini(step);
  for (const { giorno, tipo, ora = null, minuti = minutiPerTipo(step)[tipo as Tipo] } of step.data.eventi as { giorno: string; tipo: Tipo; ora?: string; minuti?: number }[]) {
    const key = chiave({ giorno, tipo }), before = changed.get(key) ?? known.get(key);
    // What was annulled by mistake comes back as new; what was justified stays so when only its hour is corrected.
    if (!before || before.stato === 'annullato') changed.set(key, { giorno, tipo, ora, minuti, stato: 'notificato', entro: addDays(step.today, giorni), motivo: null, giustificatoIl: null, nota: null, registrato: step.at, allegati: [] });
    else if (before.ora !== ora || before.minuti !== minuti) changed.set(key, { ...before, ora, minuti });
    const invece = INVECE[tipo as Tipo], altra = invece && chiave({ giorno, tipo: invece }), era = altra === undefined ? undefined : changed.get(altra) ?? known.get(altra);
    if (era && era.stato !== 'annullato') changed.set(altra!, { ...era, stato: 'annullato', nota: null });
  }
  for (const key of (step.data.ritirati ?? []) as string[]) {
    const before = changed.get(key) ?? known.get(key);
    if (before && before.stato !== 'annullato') changed.set(key, { ...before, stato: 'annullato', nota: null });
  }
  return changed;
}

const annullati = (step: S): Map<string, Evento> => new Map(scelti(step).map(([key, evento]) => [key, { ...evento, stato: 'annullato', nota: step.data.nota }]));
const riaperti = (step: S): Map<string, Evento> => new Map(scelti(step).map(([key, evento]) => [key, { ...evento, stato: 'daChiarire', entro: addDays(step.today, termini(step).giorni), nota: step.data.nota ?? evento.nota }]));

function contesto(step: S, changed: Map<string, Evento>): Partial<Contesto> {
  const all = new Map([...noti(step), ...changed]);
  const aperti = Object.fromEntries([...all].filter(([, { stato }]) => ATTESI.includes(stato)).sort(([a], [b]) => (a < b ? -1 : 1)));
  return { aperti, totale: conta(all.values()), periodo: conta(all.values(), step.context.riepilogoDel) };
}
const ultimi = (step: S, chiavi: string[], nota: string | null = null, more: Partial<Ultimi> = {}): Ultimi => ({ chiavi, nota, scaduti: {}, entro: addDays(step.today, termini(step).giorni), rettifica: { tolti: [], ora: [] }, orari: {}, ...more });
const inForza = (evento: Evento | undefined) => evento !== undefined && evento.stato !== 'annullato';
const orari = (eventi: Iterable<[string, Evento]>) => Object.fromEntries([...eventi].flatMap(([key, { ora }]) => (ora === null ? [] : [[key, ora]])));

/** What the family is told of a register's rows: only of these days, so that past months are taken in quietly; and what it may have heard otherwise, as a correction. */
function daDire(step: S, changed: Map<string, Evento>): Ultimi {
  const known = noti(step), dal = addDays(step.today, -termini(step).avvisoEntroGiorni), recenti = [...changed].filter(([, { giorno }]) => giorno >= dal);
  const tolti = recenti.filter(([key, evento]) => inForza(known.get(key)) && !inForza(evento)).map(([key]) => key).sort();
  const invece = new Set(tolti.map(key => key.slice(0, 10)));
  const nuovi = recenti.filter(([key, evento]) => !inForza(known.get(key)) && inForza(evento)).map(([key]) => key).sort();
  const spostati = recenti.filter(([key, evento]) => inForza(known.get(key)) && inForza(evento) && known.get(key)!.ora !== evento.ora).map(([key]) => key);
  const corregge = (key: string) => invece.has(key.slice(0, 10));
  return ultimi(step, nuovi.filter(key => !corregge(key)), null, { rettifica: { tolti, ora: [...nuovi.filter(corregge), ...spostati].sort() }, orari: orari(recenti) });
}

/** At the deadline's own instant, the midnight after the last day, `today` is the day after. */
const oltreTermine = ({ context, today }: Pick<S, 'context' | 'today'>): Record<string, Evento> => Object.fromEntries(Object.entries(context.aperti).filter(([, { entro }]) => entro < today).map(([key, evento]) => [key, { ...evento, stato: 'scaduto' }]));

export const items: Record<string, ItemsUpdate<Contesto>> = {
  registraEventi: step => [...registrati(step)].map(([key, evento]) => item(key, evento)),
  giustificaEventi: step => scelti(step).map(([key, evento]) => item(key, { ...evento, stato: 'giustificato', motivo: step.data.motivo, giustificatoIl: step.today, allegati: [...evento.allegati, ...step.facts.attachments.map(({ id }) => id)] })),
  accettaEventi: step => scelti(step).map(([key, evento]) => item(key, { ...evento, stato: 'accettato' })),
  riapreEventi: step => [...riaperti(step)].map(([key, evento]) => item(key, evento)),
  annullaEventi: step => [...annullati(step)].map(([key, evento]) => item(key, evento)),
  // A deadline reads no items: what expired stands in the context.
  scadonoEventi: ({ context }) => Object.entries(context.ultimi.scaduti).map(([key, evento]) => item(key, evento)),
};

export const eventUpdates: Record<string, Update<Contesto>> = {
  contaEventi: step => {
    const changed = registrati(step);
    return { ...contesto(step, changed), ultimi: daDire(step, changed) };
  },
  toglieAperti: step => {
    const chiavi = step.data.eventi as string[];
    return { aperti: Object.fromEntries(Object.entries(step.context.aperti).filter(([key]) => !chiavi.includes(key))), ultimi: ultimi(step, chiavi) };
  },
  tornaAperti: step => ({ ...contesto(step, riaperti(step)), ultimi: ultimi(step, step.data.eventi, step.data.nota ?? null) }),
  ricontaEventi: step => ({ ...contesto(step, annullati(step)), ultimi: ultimi(step, step.data.eventi, step.data.nota, { rettifica: { tolti: [...step.data.eventi].sort(), ora: [] } }) }),
  toglieScaduti: step => {
    const gone = oltreTermine(step);
    return { aperti: Object.fromEntries(Object.entries(step.context.aperti).filter(([key]) => !Object.hasOwn(gone, key))), ultimi: { chiavi: Object.keys(gone), nota: null, scaduti: gone, entro: null, rettifica: { tolti: [], ora: [] }, orari: {} } };
  },
};

/** Refuses the first event that is not in one of the states, with its state. */
const inStato = (rule: string, ...stati: Stato[]): Rule<Contesto> => step => {
  const known = noti(step);
  for (const [i, key] of (step.data.eventi as string[]).entries()) {
    const stato = known.get(key)?.stato;
    if (stato === undefined || !stati.includes(stato)) return { rule: stato === undefined ? 'eventoSconosciuto' : rule, pointer: `/eventi/${i}`, figures: { evento: key, ...(stato === undefined ? {} : { stato }) } };
  }
  return null;
};
/** A register may be typed by hand too. */
const giorniValidi: Rule<Contesto> = ({ data, today, context: { annoScolastico } }) => {
  for (const [i, { giorno }] of (data.eventi as { giorno: string }[]).entries()) {
    const rule = giorno > today ? 'giornoFuturo' : schoolYearOf(giorno) !== annoScolastico ? 'altroAnno' : null;
    if (rule) return { rule, pointer: `/eventi/${i}/giorno`, figures: { giorno, annoScolastico } };
  }
  return null;
};
/** Who is of age answers for themselves (art. 2 c.c.). Of whom the school's file tells no date of birth nobody can know it. */
const minorenne: Rule<Contesto> = ({ actor, today, context: { alunno: { nascita } } }) => (actor.role !== 'studente' || isOfAge(nascita ?? null, today) ? null : { rule: 'alunnoMinorenne' });
const daGiustificare = inStato('eventiDaGiustificare', 'notificato', 'daChiarire');

export const eventRules: Record<string, Rule<Contesto>> = {
  giorniValidi,
  eventiDaGiustificare: step => minorenne(step) ?? daGiustificare(step),
  eventiGiustificati: inStato('eventiGiustificati', 'giustificato', 'accettato'),
  eventiScaduti: inStato('eventiScaduti', 'scaduto'),
  eventiEsistenti: inStato('eventiEsistenti', 'notificato', 'daChiarire', 'giustificato', 'accettato', 'scaduto'),
};
