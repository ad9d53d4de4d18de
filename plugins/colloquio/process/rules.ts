/** When one may book, move and cancel an interview (Scuola Mia, "Prenotazione colloqui con i docenti"; design, domain.md §4). */
import { addMinutes, instantOf, romeDate } from '../../calendar.ts';
import type { Guard, Instant, KnownPupil, Member, Offer, OfferedSlot, Refusal, Rule, Step } from '../../contract.ts';
import type { Contesto } from './types.ts';

export type BookingStep<D = any> = Step<Contesto, D>;
export type Beginning = Omit<Step, 'context'>;

export const GENITORI = ['genitore', 'altroGenitore'];
export const FAMIGLIA = [...GENITORI, 'delegato'];
export const SCUOLA = ['docente', 'segreteria', 'dirigente'];
/** Bookings that count against the limits: of what was cancelled or lapsed nothing is left. */
const CONTANO = ['inAttesa', 'offerta', 'chiesta', 'confermata', 'spostata', 'svolta', 'assente'];
const MOST_WAITING = 100;

interface Terms { dal: string; al: string; apre: Instant | null; chiude: Instant | null; perGenitore: number; perAlunno: number; preavvisoOre: number; disdettaOre: number; confermaAutomatica: boolean; promemoriaOre: number[]; inAttesa: number }
export const termsOf = (offer: Offer): Terms => offer.terms as unknown as Terms;

/** The reception that a booking looks at; undefined where it takes no bookings any more. */
export const offerOf = ({ facts }: Pick<Step, 'facts'>, disponibilita: string): Offer | undefined => facts.offers?.find(({ id }) => id === disponibilita);
export const slotAt = (offer: Offer | undefined, inizio: Instant): OfferedSlot | undefined => offer?.slots.find(({ from }) => from === inizio);

const hours = (from: Instant, ore: number): Instant => addMinutes(from, -ore * 60);

function checkOffer(offer: Offer | undefined, { parties }: Pick<Step, 'parties'>): Refusal | null {
  if (!offer) return { rule: 'ricevimentoChiuso', pointer: '/disponibilita' };
  const other = ['scuola', 'docente'].find(party => offer.parties[party] !== parties[party]);
  return other ? { rule: 'partiDiverse', figures: { parte: other, attesa: offer.parties[other] ?? null } } : null;
}

function checkFinestra(offer: Offer, at: Instant): Refusal | null {
  const { apre, chiude } = termsOf(offer);
  if (apre !== null && at < apre) return { rule: 'prenotazioniNonAperte', figures: { apre } };
  return chiude !== null && chiude <= at ? { rule: 'prenotazioniChiuse', figures: { chiude } } : null;
}

/** The slot is in the rule, far enough away, and not kept for who waits. `waiting`: cases that wait, also those that the list has not heard of. */
function checkPosto(offer: Offer, inizio: Instant, at: Instant, waiting: Member[]): Refusal | null {
  const slot = slotAt(offer, inizio), { preavvisoOre } = termsOf(offer), day = romeDate(inizio);
  if (!slot) return { rule: 'postoInesistente', pointer: '/inizio', figures: { inizio, giorno: day }, alternatives: true };
  if (hours(slot.from, preavvisoOre) < at) return { rule: 'preavvisoMancante', pointer: '/inizio', figures: { ore: preavvisoOre, entro: hours(slot.from, preavvisoOre) }, alternatives: true };
  return checkRiservato(offer, slot, waiting);
}

/** Who waits, for a slot of this day where one is named, and of whom the list has not heard yet. */
export function nonIscritti({ id: reception, secret }: Offer, waiting: Member[], day?: string): Member[] {
  const known = new Set(secret.iscritti as string[]);
  return waiting.filter(({ id, process, state, row }) => process === 'colloquio' && state === 'inAttesa' && row.disponibilita === reception && !known.has(id) && (day === undefined || (row.dal as string) <= day && day <= (row.al as string)));
}

function checkRiservato(offer: Offer, { from, detail }: OfferedSlot, waiting: Member[]): Refusal | null {
  const unheard = nonIscritti(offer, waiting, romeDate(from)).length;
  return detail.riservato === true || unheard > 0 ? { rule: 'riservatoAllaLista', pointer: '/inizio', figures: { inAttesa: termsOf(offer).inAttesa + unheard }, alternatives: true } : null;
}

function checkAttesa(offer: Offer, { dal, al }: { dal: string; al: string }, today: string, waiting: Member[]): Refusal | null {
  const terms = termsOf(offer);
  if (dal > al || al < today || dal > terms.al || al < terms.dal || al > terms.al) return { rule: 'attesaFuoriPeriodo', pointer: '/attesa', figures: { dal, al, periodoDal: terms.dal, periodoAl: terms.al } };
  // What is free while one of them is elsewhere is no slot for them.
  const free = offer.slots.filter(slot => slot.free && slot.bookable && !slot.clashes);
  if (free.length > 0) return { rule: 'postiLiberi', pointer: '/attesa', figures: { liberi: free.length, primo: free[0]!.from }, alternatives: true };
  const inAttesa = terms.inAttesa + nonIscritti(offer, waiting).length;
  return inAttesa >= MOST_WAITING ? { rule: 'listaPiena', figures: { inAttesa } } : null;
}

/** Each parent who is named counts, whichever of the two they are named as. */
function checkLimiti(offer: Offer, { facts, parties, data }: Beginning): Refusal | null {
  const { perGenitore, perAlunno } = termsOf(offer);
  const booked = facts.members.filter(({ process, state, row }) => process === 'colloquio' && CONTANO.includes(state) && row.disponibilita === offer.id);
  for (const parte of GENITORI.filter(party => parties[party] !== undefined)) {
    const prenotati = booked.filter(({ row }) => GENITORI.some(party => row[party] === parties[parte])).length;
    if (prenotati >= perGenitore) return { rule: 'limiteGenitore', figures: { massimo: perGenitore, prenotati, parte } };
  }
  const ofPupil = booked.filter(({ row }) => row.alunno === data.codiceAlunno).length;
  return ofPupil >= perAlunno ? { rule: 'limiteAlunno', pointer: '/codiceAlunno', figures: { massimo: perAlunno, prenotati: ofPupil } } : null;
}

/** Who comes is a party of the booking, nobody twice, and nobody to themselves. */
function checkChi({ data, parties }: Beginning): Refusal | null {
  const coming = partecipanti(data, parties), missing = coming.find(party => parties[party] === undefined);
  if (missing) return { rule: 'partecipanteSconosciuto', pointer: '/partecipano', figures: { parte: missing } };
  const people = ['docente', ...FAMIGLIA].flatMap(party => parties[party] ?? []);
  return new Set(people).size < people.length ? { rule: 'stessaPersona', figures: { persone: new Set(people).size, parti: people.length } } : null;
}

/** The pupil as the school's files know it. */
const alunnoNoto = ({ facts }: Pick<Step, 'facts'>, codice: string): KnownPupil | undefined => facts.pupils?.known.find(({ code }) => code === codice);

/** Of a pupil that the school knows only those book who answer for it. For others, and for adults whose delega nobody has told, it is asked by a parent or by the office. */
function checkFamiglia(step: Beginning): Refusal | null {
  const { data: { codiceAlunno }, parties, facts, actor } = step, noto = alunnoNoto(step, codiceAlunno);
  if (facts.pupils?.kept && !noto && FAMIGLIA.includes(actor.role)) return { rule: 'alunnoSconosciuto', pointer: '/codiceAlunno', figures: { codiceAlunno } };
  if (noto && actor.role === 'delegato' && !noto.people.some(({ id }) => id === parties.delegato)) return { rule: 'delegaSconosciuta', figures: { codiceAlunno } };
  const parte = noto && GENITORI.find(party => parties[party] !== undefined && !noto.people.some(({ id, relation }) => id === parties[party] && relation !== 'delegato'));
  return parte ? { rule: 'nonRispondeDellAlunno', pointer: '/codiceAlunno', figures: { parte, codiceAlunno } } : null;
}

/** What the school must look at before it confirms: a pupil that its files do not have, a delega that they do not name. */
export function isDaVerificare(step: Beginning): boolean {
  const { data: { codiceAlunno }, parties, facts } = step, noto = alunnoNoto(step, codiceAlunno);
  return facts.pupils?.kept === true && !noto || parties.delegato !== undefined && !noto?.people.some(({ id }) => id === parties.delegato);
}

/** Without a choice the parent comes, or the delegated adult who asks. */
export const partecipanti = (data: any, parties: Record<string, string>): string[] => data.partecipano ?? [parties.delegato !== undefined ? 'delegato' : 'genitore'];

/** What must hold for a booking, or a place in the waiting list, to begin. */
export function checkRichiesta(step: Beginning): Refusal | null {
  const { data, at, today, facts } = step, offer = offerOf(step, data.disponibilita);
  if ((data.inizio === undefined) === (data.attesa === undefined)) return { rule: 'postoOAttesa', pointer: '/inizio' };
  const refused = checkOffer(offer, step) ?? checkChi(step) ?? checkFinestra(offer!, at);
  if (refused) return refused;
  // Another slot is proposed only to who may have one.
  return checkFamiglia(step) ?? checkLimiti(offer!, step) ?? (data.attesa ? checkAttesa(offer!, data.attesa, today, facts.members) : checkPosto(offer!, instantOf(data.inizio), at, facts.members));
}

/** Who teaches speaks for the own interviews; the office for all. */
const checkDocente = ({ actor, parties }: BookingStep): Refusal | null =>
  (actor.role !== 'docente' || actor.id === parties.docente || actor.deputyFor === parties.docente ? null : { rule: 'altroDocente', figures: { docente: parties.docente! } });

/** A family gives notice of what is confirmed; the school may cancel until it is over. */
function checkDisdetta(step: BookingStep, isConfirmed: boolean): Refusal | null {
  const { context: { posto, condizioni: { disdettaOre } }, actor, at } = step;
  if (!FAMIGLIA.includes(actor.role)) return checkDocente(step) ?? (posto!.fine <= at ? { rule: 'giaSvolto', figures: { fine: posto!.fine } } : null);
  const entro = isConfirmed ? hours(posto!.inizio, disdettaOre) : posto!.inizio;
  return entro < at ? { rule: 'disdettaTardiva', figures: { ore: isConfirmed ? disdettaOre : 0, entro } } : null;
}

function checkSpostamento(step: BookingStep, isConfirmed: boolean): Refusal | null {
  const { context, data, at, actor, facts: { members } } = step, offer = offerOf(step, context.disponibilita), inizio = instantOf(data.inizio);
  const refused = checkDisdetta(step, isConfirmed) ?? checkOffer(offer, step);
  if (refused) return refused;
  if (inizio === context.posto!.inizio) return { rule: 'stessoPosto', pointer: '/inizio', figures: { inizio } };
  if (FAMIGLIA.includes(actor.role)) return checkFinestra(offer!, at) ?? checkPosto(offer!, inizio, at, members);
  // The school may use a slot of its own at any notice, but not one that is kept for who waits.
  const slot = slotAt(offer, inizio);
  if (!slot || slot.from <= at) return { rule: 'postoInesistente', pointer: '/inizio', figures: { inizio, giorno: romeDate(inizio) }, alternatives: true };
  return checkRiservato(offer!, slot, members);
}

/** The day may have been cancelled since the offer. */
function checkAccettazione(step: BookingStep): Refusal | null {
  const { context: { disponibilita, posto } } = step, offer = offerOf(step, disponibilita);
  return checkOffer(offer, step) ?? (slotAt(offer, posto!.inizio)?.to === posto!.fine ? null : { rule: 'postoInesistente', figures: { inizio: posto!.inizio, giorno: romeDate(posto!.inizio) } });
}

const checkIniziato = (step: BookingStep): Refusal | null =>
  checkDocente(step) ?? (step.at < step.context.posto!.inizio ? { rule: 'nonAncoraIniziato', figures: { inizio: step.context.posto!.inizio } } : null);

export const rules: Record<string, Rule<Contesto>> = {
  proprioDocente: checkDocente,
  ritirabile: step => checkDisdetta(step, false),
  disdicibile: step => checkDisdetta(step, true),
  richiestaSpostabile: step => checkSpostamento(step, false),
  spostabile: step => checkSpostamento(step, true),
  accettabile: checkAccettazione,
  offertaInTempo: ({ data, at }) => (instantOf(data.entro) <= at ? { rule: 'offertaTardiva', figures: { entro: data.entro } } : null),
  iniziato: checkIniziato,
};

const isAutomatic = ({ context }: BookingStep): boolean => context.condizioni.confermaAutomatica && !context.daVerificare;

export const guards: Record<string, Guard<Contesto>> = {
  attendePosto: ({ context }) => context.posto === null,
  confermataSubito: isAutomatic,
  accettataSubito: step => isAutomatic(step) && checkAccettazione(step) === null,
  resta: ({ data }) => data.resta === true,
  /** The new slot of who moves: the school's family is told, a family's request is confirmed anew where that is asked. */
  spostaLaScuola: step => SCUOLA.includes(step.actor.role) && checkSpostamento(step, true) === null,
  spostataSubito: step => isAutomatic(step) && checkSpostamento(step, true) === null,
  richiestaSpostataSubito: step => isAutomatic(step) && checkSpostamento(step, false) === null,
};
