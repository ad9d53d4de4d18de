/** What must hold for a reception to be published and changed (Scuola Mia, "Prenotazione colloqui con i docenti"; design, domain.md §4). */
import { daysBetween, instantOf, minutesOf } from '../../calendar.ts';
import type { Guard, Instant, Member, Refusal, Rule, Step } from '../../contract.ts';
import { CONDIZIONI } from './parameters.ts';
import { isChiusa, posti, type Chiusure, type Posto } from './slots.ts';
import type { Condizioni, Contesto, Orario, Regola, Variazione } from './types.ts';
import { isInTempo } from './waitingList.ts';

type ReceptionStep<D = any> = Step<Contesto, D>;

/** A booking holds its slot in these states. */
const IMPEGNATI = ['chiesta', 'confermata', 'spostata', 'offerta'];
/** Of a booking that moves to where another has not left yet. */
const MOST_ATTEMPTS = 20;
/** Dates that one rule may span: a school year and its preparation. */
const MOST_DAYS = 400;

export const regolaOf = ({ pausaMinuti = 0, intervallo = null, luogo = null, collegamento = null, ...regola }: any): Regola => ({ ...regola, pausaMinuti, intervallo, luogo, collegamento });
const orNull = (instant: string | null): Instant | null => (instant === null ? null : instantOf(instant));
export const condizioniOf = (before: Condizioni, given: any = {}): Condizioni => {
  const condizioni: Condizioni = { ...before, ...given };
  return { ...condizioni, apre: orNull(condizioni.apre), chiude: orNull(condizioni.chiude), promemoriaOre: [...condizioni.promemoriaOre].sort((a, b) => b - a) };
};
export const condizioniDi = (given: any): Condizioni => condizioniOf(CONDIZIONI, given);

export const chiusure = ({ parameter }: Pick<Step, 'parameter'>): Chiusure => parameter<Chiusure>('chiusureScuola');

/** Bookings that hold a slot from now on, in order of time. */
export function impegnati({ facts, at }: Pick<ReceptionStep, 'facts' | 'at'>): (Member & { inizio: Instant; fine: Instant })[] {
  return facts.members.filter(({ process, state, row }) => process === 'colloquio' && IMPEGNATI.includes(state) && typeof row.inizio === 'string' && row.inizio > at)
    .map(member => ({ ...member, inizio: member.row.inizio as string, fine: member.row.fine as string })).sort((a, b) => (a.inizio < b.inizio ? -1 : 1));
}

/** Slots from today on, by the rule as it would be. */
export function postiFuturi(step: Pick<ReceptionStep, 'parameter' | 'today'>, context: Pick<Contesto, 'regola' | 'variazioni'>): Posto[] {
  const { regola, variazioni } = context;
  const moved = variazioni.flatMap(variazione => (variazione.tipo === 'spostata' ? [variazione.a.data] : [variazione.data]));
  const dates = [regola.dal, regola.al, ...moved].filter(date => date >= step.today).sort();
  return dates.length === 0 ? [] : posti(context, chiusure(step), { from: regola.dal > step.today ? dates[0]! : step.today, to: dates.at(-1)! });
}

/** Bookings for which there is no slot any more. */
export const senzaPosto = (step: ReceptionStep, context: Pick<Contesto, 'regola' | 'variazioni'>) => {
  const kept = new Set(postiFuturi(step, context).map(({ inizio, fine }) => `${inizio} ${fine}`));
  return impegnati(step).filter(({ inizio, fine }) => !kept.has(`${inizio} ${fine}`));
};

/** Slots that this change adds and that no booking holds. */
export function aggiunti(step: ReceptionStep, context: Pick<Contesto, 'regola' | 'variazioni' | 'condizioni'>): Posto[] {
  const before = new Set(postiFuturi(step, step.context).map(({ inizio }) => inizio)), held = impegnati(step);
  return postiFuturi(step, context).filter(posto => !before.has(posto.inizio) && isInTempo(context.condizioni, posto, step.at) && !held.some(({ inizio, fine }) => inizio < posto.fine && posto.inizio < fine));
}

const isTooLong = (dal: string, al: string): boolean => daysBetween(dal, al) > MOST_DAYS;
const isOrdered = ({ dalle, alle }: Orario): boolean => minutesOf(dalle) < minutesOf(alle);

function checkRegola({ dal, al, fasce, durataMinuti, intervallo, modalita, luogo, collegamento }: Regola): Refusal | null {
  if (dal > al || isTooLong(dal, al)) return { rule: 'periodoErrato', pointer: '/regola/al', figures: { dal, al, giorni: MOST_DAYS } };
  for (const [n, fascia] of fasce.entries()) {
    const minuti = minutesOf(fascia.alle) - minutesOf(fascia.dalle);
    if (minuti < durataMinuti) return { rule: 'fasciaTroppoBreve', pointer: `/regola/fasce/${n}`, figures: { dalle: fascia.dalle, alle: fascia.alle, minuti, durataMinuti } };
    const other = fasce.findIndex(({ giorno, dalle, alle }, m) => m < n && giorno === fascia.giorno && dalle < fascia.alle && fascia.dalle < alle);
    if (other >= 0) return { rule: 'fasceSovrapposte', pointer: `/regola/fasce/${n}`, figures: { giorno: fascia.giorno, dalle: fascia.dalle, alle: fascia.alle, altra: `${fasce[other]!.dalle}–${fasce[other]!.alle}` } };
  }
  if (intervallo && !isOrdered(intervallo)) return { rule: 'orarioErrato', pointer: '/regola/intervallo', figures: { dalle: intervallo.dalle, alle: intervallo.alle } };
  if (modalita === 'presenza' ? luogo === null : collegamento === null) return { rule: 'doveMancante', pointer: `/regola/${modalita === 'presenza' ? 'luogo' : 'collegamento'}`, figures: { modalita } };
  return null;
}

const checkCondizioni = ({ apre, chiude }: Condizioni): Refusal | null => (apre !== null && chiude !== null && apre >= chiude ? { rule: 'aperturaErrata', pointer: '/condizioni/chiude', figures: { apre, chiude } } : null);

/** Who teaches answers for the own hours; the office for everybody's. */
export function checkDocente({ actor, parties }: Pick<Step, 'actor' | 'parties'>): Refusal | null {
  return actor.role !== 'docente' || actor.id === parties.docente || actor.deputyFor === parties.docente ? null : { rule: 'altroDocente', figures: { docente: parties.docente! } };
}

/** A day that is added must be open, ahead, and long enough for one interview. */
function checkGiorno(step: ReceptionStep, giorno: { data: string } & Orario, pointer: string): Refusal | null {
  if (giorno.data < step.today) return { rule: 'giornoPassato', pointer: `${pointer}/data`, figures: { data: giorno.data, oggi: step.today } };
  const { dal } = step.context.regola;
  if (isTooLong(dal, giorno.data)) return { rule: 'periodoErrato', pointer: `${pointer}/data`, figures: { dal, al: giorno.data, giorni: MOST_DAYS } };
  if (isChiusa(chiusure(step), giorno.data)) return { rule: 'scuolaChiusa', pointer: `${pointer}/data`, figures: { data: giorno.data } };
  const minuti = minutesOf(giorno.alle) - minutesOf(giorno.dalle), { durataMinuti } = step.context.regola;
  return minuti < durataMinuti ? { rule: 'fasciaTroppoBreve', pointer: `${pointer}/alle`, figures: { dalle: giorno.dalle, alle: giorno.alle, minuti, durataMinuti } } : null;
}

function checkOccupato(step: ReceptionStep): Refusal | null {
  const { data } = step.data;
  if (data < step.today) return { rule: 'giornoPassato', pointer: '/data', figures: { data, oggi: step.today } };
  return posti(step.context, { festivita: [], periodi: [] }, { from: data, to: data }).length === 0 ? { rule: 'giornoSenzaColloqui', pointer: '/data', figures: { data } } : null;
}

/** Bookings that a change would leave without a slot are not cancelled by the way. */
function checkPrenotazioni(step: ReceptionStep, change: Partial<Pick<Contesto, 'regola' | 'variazioni'>>): Refusal | null {
  if (step.data.annullaPrenotazioni === true) return null;
  const lost = senzaPosto(step, { ...step.context, ...change });
  return lost.length === 0 ? null : { rule: 'prenotazioniSenzaPosto', figures: { colloqui: lost.length, primo: lost[0]!.inizio, ultimo: lost.at(-1)!.inizio } };
}

/** The calendar as it is without the exceptions of one day. */
export const senzaVariazioni = (variazioni: Variazione[], data: string): Variazione[] => variazioni.filter(variazione => variazione.data !== data);

/** The day becomes what the rule says: what was added, cancelled or moved away is undone. */
function checkRipristino(step: ReceptionStep): Refusal | null {
  const { data: { data }, context: { variazioni }, today } = step, left = senzaVariazioni(variazioni, data);
  if (data < today) return { rule: 'giornoPassato', pointer: '/data', figures: { data, oggi: today } };
  if (left.length === variazioni.length) return { rule: 'giornoSenzaVariazioni', pointer: '/data', figures: { data } };
  return checkPrenotazioni(step, { variazioni: left });
}

export const rules: Record<string, Rule<Contesto>> = {
  propria: checkDocente,
  pubblicabile: step => checkDocente(step) ?? checkRegola(step.context.regola) ?? checkCondizioni(step.context.condizioni),
  modificabile: step => checkDocente(step) ?? (step.data.regola ? checkRegola(regolaOf(step.data.regola)) : null) ?? checkCondizioni(condizioniOf(step.context.condizioni, step.data.condizioni)) ?? checkPrenotazioni(step, step.data.regola ? { regola: regolaOf(step.data.regola) } : {}),
  giornoAggiungibile: step => checkDocente(step) ?? checkGiorno(step, step.data, ''),
  giornoAnnullabile: step => checkDocente(step) ?? checkOccupato(step),
  giornoRipristinabile: step => checkDocente(step) ?? checkRipristino(step),
  giornoSpostabile: step => checkDocente(step) ?? checkOccupato(step) ?? checkGiorno(step, step.data.a, '/a'),
};

export const guards: Record<string, Guard<Contesto>> = {
  haProposte: ({ context }) => context.proposte.length > 0,
  daRiprovare: ({ context, data, parties }) => {
    const [sent] = context.proposte;
    return sent?.tipo === 'spostamento' && sent.tentativi < MOST_ATTEMPTS && data?.code === 'conflict' && data.resource === `persona/${parties.docente}`;
  },
  periodoFinito: ({ context, today }) => ultimoGiorno(context) < today,
};

/** The last day on which there may be an interview. */
export const ultimoGiorno = ({ regola, variazioni }: Pick<Contesto, 'regola' | 'variazioni'>): string =>
  [regola.al, ...variazioni.map((variazione: Variazione) => (variazione.tipo === 'spostata' ? variazione.a.data : variazione.data))].sort().at(-1)!;
