/** What each accepted event changes in a booking's memory, and which time it holds. */
import { addMinutes, instantOf } from '../../calendar.ts';
import type { ReservationChange, ReservationRule, Step, Update } from '../../contract.ts';
import { persona } from './commands.ts';
import { FAMIGLIA, isDaVerificare, offerOf, partecipanti, slotAt, termsOf, type Beginning } from './rules.ts';
import type { Condizioni, Contesto, Posto } from './types.ts';

/** A slot whose end nobody has said: the rule has refused it before. */
const UNKNOWN_MINUTES = 10;

function postoDi(step: Pick<Step, 'facts'>, disponibilita: string, given: string): Posto {
  const inizio = instantOf(given), slot = slotAt(offerOf(step, disponibilita), inizio);
  return { inizio, fine: slot?.to ?? addMinutes(inizio, UNKNOWN_MINUTES), modalita: (slot?.detail.modalita as string | undefined) ?? 'presenza', luogo: (slot?.detail.luogo as string | null | undefined) ?? null };
}

function condizioniDi(step: Pick<Step, 'facts'>, disponibilita: string): Condizioni {
  const offer = offerOf(step, disponibilita);
  const { preavvisoOre = 0, disdettaOre = 0, confermaAutomatica = false, promemoriaOre = [] } = offer ? termsOf(offer) : {};
  return { preavvisoOre, disdettaOre, confermaAutomatica, promemoriaOre };
}

const collegamentoDi = (step: Pick<Step, 'facts'>, disponibilita: string): string | null => (offerOf(step, disponibilita)?.secret.collegamento as string | null | undefined) ?? null;

export function createContext(step: Beginning): Contesto {
  const { data, at, parties } = step;
  return {
    disponibilita: data.disponibilita, nomeDocente: offerOf(step, data.disponibilita)?.names.docente ?? null, posto: data.inizio === undefined ? null : postoDi(step, data.disponibilita, data.inizio), collegamento: collegamentoDi(step, data.disponibilita),
    attesa: data.attesa ?? null, offertaFino: null, chiestoIl: at, codiceAlunno: data.codiceAlunno, alunno: data.alunno, argomento: data.argomento ?? null,
    partecipano: partecipanti(data, parties), conDelega: parties.delegato !== undefined, daVerificare: isDaVerificare(step), condizioni: condizioniDi(step, data.disponibilita), liberato: null, esito: null, spostamenti: 0,
  };
}

const freed = ({ posto }: Contesto): Pick<Contesto, 'liberato'> => ({ liberato: posto && { inizio: posto.inizio, fine: posto.fine } });
const given = ({ inizio, durataMinuti, modalita, luogo }: any): Posto => ({ inizio: instantOf(inizio), fine: addMinutes(instantOf(inizio), durataMinuti), modalita, luogo: luogo ?? null });

export const updates: Record<string, Update<Contesto>> = {
  prendeOfferta: ({ data, at }) => {
    const term = addMinutes(at, data.minuti), latest = instantOf(data.entro);
    return { posto: given(data), collegamento: data.collegamento ?? null, offertaFino: term < latest ? term : latest, liberato: null };
  },
  accettaOfferta: step => ({ offertaFino: null, condizioni: condizioniDi(step, step.context.disponibilita) }),
  lasciaOfferta: ({ context }) => ({ ...freed(context), posto: null, offertaFino: null }),
  /** The slot is gone, but the booking still says which it was. */
  liberaPosto: ({ context }) => ({ ...freed(context), offertaFino: null }),
  cambiaPosto: step => ({ ...freed(step.context), posto: postoDi(step, step.context.disponibilita, step.data.inizio), spostamenti: step.context.spostamenti + 1 }),
  riceveAltroPosto: ({ context, data }) => ({ ...freed(context), posto: given(data), collegamento: data.collegamento ?? context.collegamento, spostamenti: context.spostamenti + 1 }),
  scriveEsito: ({ data, actor, today }) => ({ esito: { da: actor.role, motivo: data.motivo ?? null, il: today } }),
  scriveCollegamento: ({ data, context }) => ({ collegamento: data.collegamento ?? context.collegamento }),
};

const holders = ({ context, parties }: Pick<Step<Contesto>, 'context' | 'parties'>): { key: string; resource: string }[] =>
  ['docente', ...context.partecipano].flatMap(party => (parties[party] === undefined ? [] : [{ key: party, resource: persona(parties[party]!) }]));

export const familyResources = (step: Pick<Step<Contesto>, 'context' | 'parties'>): string[] => holders(step).filter(({ key }) => FAMIGLIA.includes(key)).map(({ resource }) => resource);

export const reservations: Record<string, ReservationRule<Contesto>> = {
  /** Teacher and family, for the same time, from the request on. A key that is held already moves. */
  occupa: step => holders(step).map((holder): ReservationChange => ({ hold: { ...holder, from: step.context.posto!.inizio, to: step.context.posto!.fine } })),
  lascia: step => holders(step).map(({ key }): ReservationChange => ({ release: { key } })),
};
