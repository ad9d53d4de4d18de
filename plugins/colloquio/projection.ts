/** Pure views of a booking: what lists show and limits count, and what its page shows. */
import type { CalendarRule, ProjectionDefinition } from '../contract.ts';
import type { Contesto } from './process/types.ts';

export const projection: ProjectionDefinition<Contesto> = {
  row: ({ context: { disponibilita, posto, attesa, chiestoIl, codiceAlunno }, parties }) => ({
    disponibilita, docente: parties.docente ?? null, genitore: parties.genitore ?? null, altroGenitore: parties.altroGenitore ?? null, alunno: codiceAlunno,
    inizio: posto?.inizio ?? null, fine: posto?.fine ?? null, modalita: posto?.modalita ?? null, luogo: posto?.luogo ?? null, dal: attesa?.dal ?? null, al: attesa?.al ?? null, chiestoIl,
  }),
  search: ({ context: { codiceAlunno, posto } }) => [codiceAlunno, ...(posto?.luogo ? [posto.luogo] : [])],
  view: ({ context: { disponibilita, nomeDocente, posto, collegamento, attesa, offertaFino, codiceAlunno, alunno, argomento, partecipano, conDelega, daVerificare, condizioni, esito, spostamenti } }) =>
    ({ disponibilita, nomeDocente, posto, collegamento, attesa, offertaFino, codiceAlunno, alunno, argomento, partecipano, conDelega, daVerificare, condizioni, esito, spostamenti }) as any,
  visibility: {},
  protected: [],
};

const HELD = ['confermata', 'spostata', 'svolta', 'assente'], OPEN = ['chiesta', 'offerta'];

/** Whoever comes finds it in the own calendar; the pupil is not named there. */
export const calendar: CalendarRule<Contesto> = ({ context: { nomeDocente, posto, collegamento, partecipano, condizioni }, states }) => {
  const whose = nomeDocente === null ? '' : `: ${nomeDocente}`;
  if (!posto || states.includes('inAttesa')) return null;
  return {
    from: posto.inizio, to: posto.fine, status: states.some(state => HELD.includes(state)) ? 'confirmed' : states.some(state => OPEN.includes(state)) ? 'tentative' : 'cancelled',
    summary: { it: `Colloquio scuola-famiglia${whose}`, en: `Interview of school and family${whose}` }, ...(posto.luogo ? { place: posto.luogo } : {}), ...(collegamento ? { url: collegamento } : {}),
    organizer: 'scuola', attendees: ['docente', ...partecipano], reminders: condizioni.promemoriaOre.map(ore => ore * 60),
  };
};
