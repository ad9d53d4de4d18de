/** Slots of a rule: worked out in local time, given as instants. Pure arithmetic, so that any range can be asked for. */
import { addDays, dayOfWeek, epochOf, instantAt, instantOfLocal, isYearlyDay } from '../../calendar.ts';
import type { DateRange, Instant, LocalDate } from '../../contract.ts';
import type { Contesto, Modalita, Orario, Regola } from './types.ts';

/** Parameter `chiusureScuola`: days on which the school is closed; `festivita` are days of every year, as isYearlyDay reads them. */
export interface Chiusure { festivita: string[]; periodi: { dal: LocalDate; al: LocalDate; motivo: string }[] }

/** `data`: on which it begins, in Rome. */
export interface Posto { data: LocalDate; inizio: Instant; fine: Instant; modalita: Modalita; luogo: string | null }
const MINUTE_MS = 60_000;
type Calendario = Pick<Contesto, 'regola' | 'variazioni'>;

export const isChiusa = ({ festivita, periodi }: Chiusure, date: LocalDate): boolean => festivita.some(day => isYearlyDay(date, day)) || periodi.some(({ dal, al }) => dal <= date && date <= al);

/** When the teacher receives on a date, whatever the school's calendar says. */
export function sedute({ regola, variazioni }: Calendario, date: LocalDate): (Orario & { luogo: string | null })[] {
  const ofDay = variazioni.filter(variazione => variazione.data === date);
  const inPeriod = regola.dal <= date && date <= regola.al, day = dayOfWeek(date);
  // The last word counts: a day that was added after it was cancelled is held.
  const out = ofDay.findLastIndex(({ tipo }) => tipo !== 'aggiunta');
  const usual = out >= 0 || !inPeriod ? [] : regola.fasce.filter(({ giorno }) => giorno === day).map(({ dalle, alle }) => ({ dalle, alle, luogo: regola.luogo }));
  const added = ofDay.slice(out + 1).flatMap(variazione => (variazione.tipo === 'aggiunta' ? [variazione] : []));
  const moved = variazioni.flatMap((variazione, n) => (variazione.tipo === 'spostata' && variazione.a.data === date && !variazioni.some((later, m) => m > n && later.data === date && later.tipo !== 'aggiunta') ? [variazione.a] : []));
  return [...usual, ...[...added, ...moved].map(({ dalle, alle, luogo }) => ({ dalle, alle, luogo: luogo ?? regola.luogo }))].sort((a, b) => (a.dalle < b.dalle ? -1 : 1));
}

/** Slots of one sitting: one after another as time passes, with the pause between them and around the break. A day of 25 hours has more of them. */
export function postiDi(regola: Regola, data: LocalDate, { dalle, alle, luogo }: Orario & { luogo: string | null }): Posto[] {
  const epoch = (orario: string) => epochOf(instantOfLocal(data, orario));
  const end = epoch(alle), duration = regola.durataMinuti * MINUTE_MS, pause = regola.pausaMinuti * MINUTE_MS, posti: Posto[] = [];
  const rest = regola.intervallo && { from: epoch(regola.intervallo.dalle), to: epoch(regola.intervallo.alle) };
  // In numbers, each instant written once: a teacher's month has four hundred slots, and every booking asks for some.
  for (let from = epoch(dalle), inizio = instantAt(from); ;) {
    const to = from + duration;
    if (to > end) return posti;
    if (rest && rest.from < rest.to && from < rest.to && rest.from < to) { from = rest.to; inizio = instantAt(from); continue; }
    const fine = instantAt(to);
    posti.push({ data, inizio, fine, modalita: regola.modalita, luogo });
    from = to + pause;
    inizio = pause === 0 ? fine : instantAt(from);
  }
}

/** Slots that begin on these dates, in order, no two overlapping. */
export function posti(calendario: Calendario, chiusure: Chiusure, { from, to }: DateRange): Posto[] {
  const all: Posto[] = [];
  for (let date = from; date <= to; date = addDays(date, 1)) {
    if (isChiusa(chiusure, date)) continue;
    // Where sittings overlap the earlier one goes on: nobody receives twice at once.
    for (const seduta of sedute(calendario, date)) for (const posto of postiDi(calendario.regola, date, seduta)) if (all.length === 0 || all.at(-1)!.fine <= posto.inizio) all.push(posto);
  }
  return all;
}
