/** The waiting list: who is offered which slot, in order. Slots go to it before anybody else may book them. */
import { addMinutes, romeDate } from '../../calendar.ts';
import type { Instant, Step } from '../../contract.ts';
import type { Posto } from './slots.ts';
import type { Attesa, Condizioni, Contesto, Proposta } from './types.ts';

interface Libero { inizio: Instant; fine: Instant }

const first = (a: Attesa, b: Attesa) => (a.chiestoIl === b.chiestoIl ? (a.colloquio < b.colloquio ? -1 : 1) : a.chiestoIl < b.chiestoIl ? -1 : 1);

/** `giorno`: on which the slot begins, in Rome. */
const wants = ({ dal, al, esclusi, offerta }: Attesa, inizio: Instant, giorno: string): boolean => offerta === null && dal <= giorno && giorno <= al && !esclusi.includes(inizio);

/** Kept for the list: offered to somebody, or wanted by one who waits. */
export const isRiservato = (attesa: Attesa[], { inizio, data }: Pick<Posto, 'inizio' | 'data'>): boolean => attesa.some(each => each.offerta?.inizio === inizio || wants(each, inizio, data));

/** The slot is still far enough away. */
export const isInTempo = ({ preavvisoOre }: Pick<Condizioni, 'preavvisoOre'>, { inizio }: Pick<Libero, 'inizio'>, at: Instant): boolean => addMinutes(at, preavvisoOre * 60) <= inizio;

/** Each free slot, the earliest first, goes to the first who wants it. */
export function assegna(attesa: Attesa[], liberi: Libero[]): { attesa: Attesa[]; proposte: Proposta[] } {
  const order = [...attesa].sort(first), proposte: Proposta[] = [];
  for (const { inizio, fine } of liberi) {
    if (order.some(({ offerta }) => offerta?.inizio === inizio)) continue;
    const giorno = romeDate(inizio), n = order.findIndex(each => wants(each, inizio, giorno));
    if (n < 0) continue;
    order[n] = { ...order[n]!, offerta: { inizio, fine } };
    proposte.push({ colloquio: order[n]!.colloquio, tipo: 'offerta', inizio, fine, motivo: null, tentativi: 0 });
  }
  return { attesa: order, proposte };
}

/** Free slots that this decision saw, that are not too near and to which no booking is just being moved. */
export function liberi({ facts, context, at }: Pick<Step<Contesto>, 'facts' | 'context' | 'at'>): Libero[] {
  const moving = context.proposte.filter(({ tipo }) => tipo === 'spostamento');
  return (facts.offers ?? []).flatMap(({ slots }) => slots).filter(({ free }) => free).map(({ from, to }) => ({ inizio: from, fine: to }))
    .filter(posto => isInTempo(context.condizioni, posto, at) && !moving.some(({ inizio, fine }) => inizio < posto.fine && posto.inizio < fine));
}

/** With those whose request has not arrived yet: the list is in the order of the requests, not of the messages. */
export function conIscritti({ context, facts }: Pick<Step<Contesto>, 'context' | 'facts'>): Attesa[] {
  const known = new Set([...context.attesa.map(({ colloquio }) => colloquio), ...context.usciti]);
  const unheard = facts.members.filter(({ id, process, state }) => process === 'colloquio' && state === 'inAttesa' && !known.has(id));
  return [...context.attesa, ...unheard.map(({ id, row }): Attesa => ({ colloquio: id, dal: row.dal as string, al: row.al as string, chiestoIl: row.chiestoIl as string, esclusi: [], offerta: null }))];
}

/** The list after a change, with what is now to be offered. */
export function conProposte(context: Contesto, attesa: Attesa[], free: Libero[]): Pick<Contesto, 'attesa' | 'proposte'> {
  const assigned = assegna(attesa, free);
  return { attesa: assigned.attesa, proposte: [...context.proposte, ...assigned.proposte] };
}

export const senza = (attesa: Attesa[], colloquio: string): Attesa[] => attesa.filter(each => each.colloquio !== colloquio);

/** One who waits goes on waiting, but not for this slot. */
export const escluso = (attesa: Attesa[], colloquio: string, inizio: Instant): Attesa[] =>
  attesa.map(each => (each.colloquio === colloquio ? { ...each, offerta: null, esclusi: [...new Set([...each.esclusi, inizio])] } : each));
