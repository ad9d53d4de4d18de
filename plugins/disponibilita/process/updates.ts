/** What each accepted event changes in the reception's memory. */
import { instantOf, romeDate } from '../../calendar.ts';
import type { Step, Update } from '../../contract.ts';
import { aggiunti, condizioniDi, condizioniOf, impegnati, postiFuturi, regolaOf, senzaPosto, senzaVariazioni } from './rules.ts';
import { posti } from './slots.ts';
import type { Attesa, Contesto, Proposta, Variazione } from './types.ts';
import { conIscritti, conProposte, escluso, isInTempo, liberi, senza } from './waitingList.ts';

type ReceptionStep<D = any> = Step<Contesto, D>;

/** Those who left early are remembered for a while: a message that comes late must not bring them back. */
const MOST_USCITI = 100;

/** The calendar as it becomes: what it adds goes to who waits; what is no slot any more is not offered. */
function changed(step: ReceptionStep, change: Partial<Contesto>): Partial<Contesto> {
  const after = { ...step.context, ...change }, still = new Set(postiFuturi(step, after).map(({ inizio }) => inizio));
  const [sent, ...queued] = step.context.proposte;
  // The first is on its way: what comes of it will say.
  const proposte = [...(sent ? [sent] : []), ...queued.filter(({ inizio }) => still.has(inizio))];
  const dropped = queued.filter(proposta => !proposte.includes(proposta)), waits = new Set(dropped.filter(({ tipo }) => tipo === 'offerta').map(({ colloquio }) => colloquio));
  const attesa = step.context.attesa.map(each => (waits.has(each.colloquio) ? { ...each, offerta: null } : each));
  // A booking that was to move to where no slot is any more has none, unless its own is there again.
  const standing = new Set(impegnati(step).filter(({ inizio }) => still.has(inizio)).map(({ id }) => id));
  const disdetti = [...new Set([...change.disdetti ?? [], ...dropped.filter(({ tipo, colloquio }) => tipo === 'spostamento' && !standing.has(colloquio)).map(({ colloquio }) => colloquio)])];
  return { ...change, disdetti, ...conProposte({ ...after, proposte }, attesa, aggiunti(step, after)) };
}

const conVariazione = ({ context }: ReceptionStep, variazione: Variazione): Variazione[] => [...context.variazioni, variazione];

type Tempo = Pick<Proposta, 'inizio' | 'fine'>;
const overlap = (a: Tempo, b: Tempo): boolean => a.inizio < b.fine && b.inizio < a.fine;

/** Bookings of a day that moves: each to the slot of the same place in the order; the rest has no slot. What is offered now stays where its slot does. */
function spostamenti(step: ReceptionStep, variazioni: Variazione[]): { proposte: Proposta[]; disdetti: string[] } {
  const { data, a, motivo } = step.data, all = impegnati(step), of = all.filter(({ inizio }) => romeDate(inizio) === data);
  const held = of.filter(({ state }) => state !== 'offerta');
  const others: Tempo[] = [...all.filter(each => !held.includes(each)), ...step.context.proposte.slice(0, 1).filter(({ tipo }) => tipo === 'offerta')];
  const after = posti({ ...step.context, variazioni }, { festivita: [], periodi: [] }, { from: a.data, to: a.data });
  const free = after.filter(posto => !others.some(each => overlap(each, posto)));
  const proposte = held.slice(0, free.length).map(({ id }, n): Proposta => ({ colloquio: id, tipo: 'spostamento', inizio: free[n]!.inizio, fine: free[n]!.fine, motivo, tentativi: 0 }));
  // Each slot is left before another takes it: later slots first when the day moves on.
  if (proposte.length > 0 && proposte[0]!.inizio > held[0]!.inizio) proposte.reverse();
  const lost = of.filter(each => each.state === 'offerta' && !after.some(({ inizio, fine }) => inizio === each.inizio && fine === each.fine));
  return { proposte, disdetti: [...held.slice(free.length), ...lost].map(({ id }) => id) };
}

/** The answer to the first proposal is there. */
function answered({ context, data, at, parameter, today, parties }: ReceptionStep, isTaken: boolean): Partial<Contesto> {
  const [sent, ...proposte] = context.proposte as [Proposta, ...Proposta[]], { colloquio, tipo, inizio, fine, motivo } = sent;
  const rest = { ...context, proposte };
  const isStill = postiFuturi({ parameter, today }, context).some(posto => posto.inizio === inizio && posto.fine === fine);
  // The day was cancelled or moved while the proposal was on its way.
  if (isTaken) return { proposte, disdetti: isStill ? [] : [colloquio], motivo: isStill ? motivo : context.motivo };
  const isOver = ['command-not-allowed', 'case-erased', 'not-found'].includes(data?.code);
  const goesOn = isStill && isInTempo(context.condizioni, sent, at) ? [{ inizio, fine }] : [];
  // Whoever was to come here does not: the slot is free for who waits.
  if (tipo === 'spostamento') return { disdetti: isOver ? [] : [colloquio], motivo, ...conProposte(rest, context.attesa, goesOn) };
  if (isOver) return { disdetti: [], ...conProposte(rest, senza(context.attesa, colloquio), goesOn) };
  // The teacher's own time is taken: the slot is none now, and nobody's turn is over.
  if (data?.code === 'conflict' && data.resource === `persona/${parties.docente}`) return { disdetti: [], proposte, attesa: context.attesa.map(each => (each.colloquio === colloquio ? { ...each, offerta: null } : each)) };
  // It is the family that cannot come then, or it came too late.
  return { disdetti: [], ...conProposte(rest, escluso(context.attesa, colloquio, inizio), goesOn) };
}

export const updates: Record<string, Update<Contesto>> = {
  scriviBozza: ({ data }) => ({ regola: regolaOf(data.regola), condizioni: condizioniDi(data.condizioni) }),
  scriviModifica: step => {
    const { context, data } = step;
    const regola = data.regola ? regolaOf(data.regola) : context.regola;
    return changed(step, { regola, condizioni: condizioniOf(context.condizioni, data.condizioni), disdetti: senzaPosto(step, { ...context, regola }).map(({ id }) => id), motivo: data.motivo ?? null });
  },
  scriviGiornoAggiunto: step => changed(step, { variazioni: conVariazione(step, { tipo: 'aggiunta', data: step.data.data, dalle: step.data.dalle, alle: step.data.alle, luogo: step.data.luogo ?? null }), disdetti: [] }),
  scriviGiornoAnnullato: step => changed(step, {
    variazioni: conVariazione(step, { tipo: 'annullata', data: step.data.data, motivo: step.data.motivo }), motivo: step.data.motivo,
    disdetti: impegnati(step).filter(({ inizio }) => romeDate(inizio) === step.data.data).map(({ id }) => id),
  }),
  scriviGiornoRipristinato: step => {
    const variazioni = senzaVariazioni(step.context.variazioni, step.data.data);
    return changed(step, { variazioni, disdetti: senzaPosto(step, { ...step.context, variazioni }).map(({ id }) => id), motivo: step.data.motivo ?? null });
  },
  scriviGiornoSpostato: step => {
    const { data, motivo, a } = step.data;
    const variazioni = conVariazione(step, { tipo: 'spostata', data, motivo, a: { ...a, luogo: a.luogo ?? null } });
    const { proposte, disdetti } = spostamenti(step, variazioni), after = changed(step, { variazioni, disdetti, motivo });
    const [sent] = step.context.proposte, queued = after.proposte!.slice(sent ? 1 : 0);
    // Who was booked comes before who waits.
    const dropped = queued.filter(each => each.tipo === 'offerta' && proposte.some(moved => overlap(moved, each)));
    const waits = new Set(dropped.map(({ colloquio }) => colloquio)), moving = new Set(proposte.map(({ colloquio }) => colloquio));
    return {
      ...after, disdetti: after.disdetti!.filter(id => !moving.has(id)), proposte: [...(sent ? [sent] : []), ...proposte, ...queued.filter(each => !dropped.includes(each) && !(each.tipo === 'spostamento' && moving.has(each.colloquio)))],
      attesa: after.attesa!.map((each): Attesa => (waits.has(each.colloquio) ? { ...each, offerta: null } : each)),
    };
  },
  disdiciTutti: step => ({ disdetti: impegnati(step).map(({ id }) => id), motivo: step.data.motivo, proposte: [] }),
  fermaLista: () => ({ proposte: [], disdetti: [], motivo: null }),

  // The request itself was seen when it was made; its message says that somebody may be served now.
  riassegna: step => conProposte(step.context, conIscritti(step), liberi(step)),
  cancella: ({ context, data }) => ({ attesa: senza(context.attesa, data.colloquio), usciti: [...context.usciti, data.colloquio].slice(-MOST_USCITI) }),
  /** The offer came to its end: whoever stays waits again, and the slot, where it is free, goes on. */
  registraEsito: step => {
    const { context, data } = step, inizio = instantOf(data.inizio);
    const attesa = conIscritti(step);
    const ended = data.esito === 'restaInLista' ? escluso(attesa, data.colloquio, inizio)
      : data.esito === 'ritirata' ? attesa.map(each => (each.colloquio === data.colloquio ? { ...each, offerta: null } : each)) : senza(attesa, data.colloquio);
    return data.esito === 'accettata' ? { attesa: ended } : conProposte(context, ended, liberi(step));
  },
  toglieDallaLista: ({ context, data }) => ({ attesa: senza(context.attesa, data.colloquio) }),

  /** The slot is still held by somebody who is to leave it: later. */
  rinviaProposta: ({ context }) => { const [sent, ...proposte] = context.proposte as [Proposta, ...Proposta[]]; return { proposte: [...proposte, { ...sent, tentativi: sent.tentativi + 1 }] }; },
  chiudiProposta: step => answered(step, true),
  rifiutaProposta: step => answered(step, false),
};

export const createContext = ({ data }: Omit<Step, 'context'>): Contesto => ({
  regola: regolaOf(data.regola), condizioni: condizioniDi(data.condizioni), variazioni: [], attesa: [], usciti: [], proposte: [], disdetti: [], motivo: null,
});
