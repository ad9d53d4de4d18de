/** Who sees and answers: those who answer for the pupil now, as the school's families say. */
import type { KnownPupil, PartyUpdate, Rule, Step } from '../../contract.ts';
import type { Contesto } from './types.ts';

const GENITORI = ['famiglia', 'secondoGenitore'] as const;

/** Null where the school says nothing: it keeps no families, the pupil is not among them (any more), or the year is another one. */
function alunno({ facts: { pupils }, context: { alunno: { codice }, annoScolastico } }: Pick<Step<Contesto>, 'facts' | 'context'>): KnownPupil | null {
  return pupils?.kept === true && pupils.year === annoScolastico ? pupils.known.find(({ code }) => code === codice) ?? null : null;
}

export const famigliaNota: Rule<Contesto> = step => (alunno(step) ? null : { rule: 'famigliaNota' });

/** Who stays keeps their place: another order in the school's file is nothing to the family. */
const aggiornaFamiglia: PartyUpdate<Contesto> = step => {
  const known = alunno(step);
  if (!known) return {};
  const adulti = known.people.filter(({ relation }) => relation === 'genitore' || relation === 'tutore').map(({ id }) => id).slice(0, GENITORI.length);
  const nuovi = adulti.filter(id => !GENITORI.some(party => step.parties[party] === id));
  const genitori = GENITORI.map(party => [party, adulti.includes(step.parties[party] ?? '') ? step.parties[party]! : nuovi.shift() ?? null] as const);
  return { ...Object.fromEntries(genitori), studente: known.people.find(({ relation }) => relation === 'alunno')?.id ?? null };
};

export const partyUpdates: Record<string, PartyUpdate<Contesto>> = { aggiornaFamiglia };
