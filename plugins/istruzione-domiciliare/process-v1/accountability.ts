/**
 * Which minutes of the register count, and why not. A register records facts; this reads them.
 * A pure function of all lessons and authorisations: the order in which lessons were recorded changes nothing.
 */
import { addDays, daysBetween } from '../../calendar.ts';
import { calendarioOf, settimaneEsame, tettoSettimanale } from './parameters.ts';
import { clipPeriods, countDays, includesDay, lastDay, mergePeriods } from './periods.ts';
import type { Item, LocalDate, Step } from '../../contract.ts';
import type { Contesto, Lezione, Periodo } from './types.ts';

export type Motivo =
  | 'annullata' | 'rettificata' | 'fuoriPeriodo' | 'prorogaInAttesa' | 'prorogaRifiutata' | 'oltreFineLezioni' | 'dopoConclusione'
  | 'docenteSenzaDisponibilita' | 'onlineInServizio' | 'onlineNonCertificata' | 'mancaFirmaFamiliare' | 'sovrapposta'
  | 'oltreTettoSettimanale' | 'oltreOreAutorizzate';

/** What bounds the hours of a project. */
export interface Limiti {
  /** Certified days that were accepted: the first period and granted proroghe. */
  periodi: Periodo[];
  /** Days of proroghe not decided yet, and of refused ones: only to say why. */
  inAttesa: Periodo[];
  rifiutati: Periodo[];
  fineLezioni: LocalDate | null;
  /** Last day that may count: the end of lessons, or of the exam weeks. */
  ultimoGiorno: LocalDate | null;
  /** Minutes in presence from Monday to Sunday. */
  tettoSettimanale: number;
  minutiAutorizzati: number;
  conclusaIl: LocalDate | null;
  docenti: Set<string>;
}

export interface Contabilita { key: string; lezione: Lezione; minuti: number; contabili: number; motivo: Motivo | null }

const minuteOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** Minutes on the wall clock: lessons begin and end on one day, and a register knows no summer time. */
export const durata = ({ inizio, fine }: Pick<Lezione, 'inizio' | 'fine'>): number => minuteOf(fine) - minuteOf(inizio);

const A_MONDAY = '2024-01-01';
/** Weeks run from Monday to Sunday; the number only tells them apart. */
const settimanaOf = (date: LocalDate): number => Math.floor(daysBetween(A_MONDAY, date) / 7);

/** Order of time; then the content decides, and the key last: two equal entries may change places without changing any sum. */
function inOrder(items: readonly Item<Lezione>[]): Contabilita[] {
  return items
    .map(({ key, data: lezione }) => ({
      order: [lezione.data, lezione.inizio, lezione.fine, lezione.docente, lezione.disciplina, lezione.modalita, key].join('\u0000'),
      row: { key, lezione, minuti: durata(lezione), contabili: 0, motivo: null },
    }))
    .sort((a, b) => (a.order < b.order ? -1 : 1))
    .map(({ row }) => row);
}

/** Reasons that lie in the lesson itself and its date. */
function ownReason({ lezione }: Contabilita, limiti: Limiti): Motivo | null {
  const { data } = lezione;
  if (lezione.annullata) return 'annullata';
  if (lezione.rettificataDa) return 'rettificata';
  if (!includesDay(limiti.periodi, data)) {
    if (includesDay(limiti.inAttesa, data)) return 'prorogaInAttesa';
    return includesDay(limiti.rifiutati, data) ? 'prorogaRifiutata' : 'fuoriPeriodo';
  }
  if (limiti.ultimoGiorno !== null && data > limiti.ultimoGiorno) return 'oltreFineLezioni';
  if (limiti.conclusaIl !== null && data > limiti.conclusaIl) return 'dopoConclusione';
  if (!limiti.docenti.has(lezione.docente)) return 'docenteSenzaDisponibilita';
  if (lezione.modalita === 'online') {
    if (!lezione.oltreServizio) return 'onlineInServizio';
    return lezione.certificataIl ? null : 'onlineNonCertificata';
  }
  return lezione.firmaFamiliare ? null : 'mancaFirmaFamiliare';
}

/** Every lesson with its minutes, those that count, and the reason when not all do; in order of time. */
export function contabilizza(items: readonly Item<Lezione>[], limiti: Limiti): Contabilita[] {
  const rows = inOrder(items);
  const inPresenza = new Map<number, number>();
  let totale = 0;
  let giorno: { data: LocalDate; lezioni: Contabilita[] } = { data: '', lezioni: [] };
  for (const row of rows) {
    const { lezione } = row;
    row.motivo = ownReason(row, limiti);
    if (row.motivo !== null) continue;
    if (giorno.data !== lezione.data) giorno = { data: lezione.data, lezioni: [] };
    // One pupil is taught one lesson at a time: of two, the one that began first counts.
    if (giorno.lezioni.some(other => other.lezione.inizio < lezione.fine && lezione.inizio < other.lezione.fine)) { row.motivo = 'sovrapposta'; continue; }
    giorno.lezioni.push(row);
    const settimana = settimanaOf(lezione.data);
    const nelTetto = lezione.modalita === 'presenza' ? Math.max(0, limiti.tettoSettimanale - (inPresenza.get(settimana) ?? 0)) : row.minuti;
    const autorizzati = Math.max(0, limiti.minutiAutorizzati - totale);
    row.contabili = Math.min(row.minuti, nelTetto, autorizzati);
    if (row.contabili < row.minuti) row.motivo = nelTetto <= autorizzati ? 'oltreTettoSettimanale' : 'oltreOreAutorizzate';
    if (lezione.modalita === 'presenza') inPresenza.set(settimana, (inPresenza.get(settimana) ?? 0) + row.contabili);
    totale += row.contabili;
  }
  return rows;
}

/** Certified periods that were accepted by the polo: the first, and those of granted proroghe. */
export const periodiAmmessi = ({ certificato, proroghe }: Pick<Contesto, 'certificato' | 'proroghe'>): Periodo[] =>
  mergePeriods([...(certificato?.periodi ?? []), ...periodiOf(proroghe, 'autorizzata')]);

const periodiOf = (proroghe: Contesto['proroghe'], stato: string): Periodo[] => proroghe.filter(proroga => proroga.stato === stato).flatMap(proroga => proroga.certificato.periodi);

/** The limits of a project as they are now. */
export function limitiOf(step: Pick<Step<Contesto>, 'context' | 'parameter'>): Limiti {
  const { context } = step;
  const calendario = calendarioOf(step);
  const periodi = periodiAmmessi(context);
  const fineLezioni = calendario?.fineLezioni ?? null;
  const ultimoGiorno = fineLezioni && addDays(fineLezioni, 7 * settimaneEsame(step));
  // A certificate that reaches the end of lessons covers the exam weeks too: they are part of the authorised hours.
  const last = lastDay(periodi);
  const reachesExams = fineLezioni !== null && ultimoGiorno !== null && last !== null && last >= fineLezioni && last < ultimoGiorno;
  return {
    periodi: reachesExams ? mergePeriods([...periodi, { dal: fineLezioni, al: ultimoGiorno }]) : periodi,
    inAttesa: periodiOf(context.proroghe, 'inAttesa'), rifiutati: periodiOf(context.proroghe, 'rifiutata'),
    fineLezioni, ultimoGiorno, tettoSettimanale: tettoSettimanale(step), minutiAutorizzati: context.minutiAutorizzati,
    conclusaIl: context.conclusaIl, docenti: new Set(Object.keys(context.disponibilita)),
  };
}

/** Minutes that count, by teacher. Teachers without any appear with 0: their register exists. */
export function minutiPerDocente(rows: readonly Contabilita[]): Record<string, number> {
  const minuti: Record<string, number> = {};
  for (const { lezione, contabili, motivo } of rows) {
    if (motivo === 'annullata' || motivo === 'rettificata') continue;
    minuti[lezione.docente] = (minuti[lezione.docente] ?? 0) + contabili;
  }
  return minuti;
}

/** Hours with two decimals, half up, as hundredths: 50 minutes are 83. */
export const centesimiDiOra = (minuti: number): number => Math.floor((minuti * 100 + 30) / 60);
/** Hours as the forms write them: 50 minutes are 0.83. */
export const ore = (minuti: number): number => centesimiDiOra(minuti) / 100;

/** The most that the polo may authorise: weeks of certified absence during lessons × weekly cap, and the exam weeks. */
export function oreMassime(step: Pick<Step<Contesto>, 'context' | 'parameter'>, periodi: readonly Periodo[]): { giorni: number; settimane: number; settimaneEsame: number; tettoSettimanale: number; minuti: number } {
  const calendario = calendarioOf(step);
  const merged = mergePeriods(periodi);
  const inLezione = calendario ? clipPeriods(merged, calendario.inizioLezioni, calendario.fineLezioni) : merged;
  const giorni = countDays(inLezione);
  const settimane = Math.ceil(giorni / 7);
  const esame = settimaneEsame(step);
  const tetto = tettoSettimanale(step);
  return { giorni, settimane, settimaneEsame: esame, tettoSettimanale: tetto / 60, minuti: (settimane + esame) * tetto };
}
