/** Absences and lateness as facts: taken in, corrected, justified, asked for again, expired, annulled. Totals are worked out of all of them. */
import { addDays } from '../../calendar.ts';
import type { Item, ItemsUpdate, Rule, Step, Update } from '../../contract.ts';
import { minutiPerTipo, termini } from './parameters.ts';
import type { Contesto, Conto, Evento, Stato, Tipo } from './types.ts';

type S = Step<Contesto>;
export const NIENTE: Conto = { assenze: 0, ritardi: 0, uscite: 0, minuti: 0 };
const CONTI: Record<Tipo, 'assenze' | 'ritardi' | 'uscite'> = { assenza: 'assenze', ritardo: 'ritardi', uscita: 'uscite' };
const ATTESI: Stato[] = ['notificato', 'daChiarire'];

export const chiave = ({ giorno, tipo }: Pick<Evento, 'giorno' | 'tipo'>): string => `${giorno}-${tipo}`;
const item = (key: string, data: Evento): Item<Evento> => ({ kind: 'evento', key, data });
const noti = ({ facts }: Pick<S, 'facts'>): Map<string, Evento> => new Map(facts.items.map(({ key, data }) => [key, data as Evento]));
const scelti = (step: S): [string, Evento][] => { const known = noti(step); return (step.data.eventi as string[]).flatMap(key => (known.has(key) ? [[key, known.get(key)!]] : [])); };

/** Whole lesson days: what was entered as late counts its own minutes. */
function conta(eventi: Iterable<Evento>, dal?: string): Conto {
  const conto = { ...NIENTE };
  for (const { giorno, tipo, stato, minuti } of eventi) {
    if (stato === 'annullato' || (dal !== undefined && giorno < dal)) continue;
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
    if (!before || before.stato === 'annullato') changed.set(key, { giorno, tipo, ora, minuti, stato: 'notificato', entro: addDays(step.today, giorni), motivo: null, giustificatoIl: null, nota: null });
    else if (before.ora !== ora || before.minuti !== minuti) changed.set(key, { ...before, ora, minuti });
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
  return { aperti, totale: conta(all.values()), periodo: conta(all.values(), step.context.periodoDal) };
}
const ultimi = (step: S, chiavi: string[], nota: string | null = null): Contesto['ultimi'] => ({ chiavi, nota, scaduti: {}, entro: addDays(step.today, termini(step).giorni) });

/** At the deadline's own instant, the midnight after the last day, `today` is the day after. */
const oltreTermine = ({ context, today }: Pick<S, 'context' | 'today'>): Record<string, Evento> => Object.fromEntries(Object.entries(context.aperti).filter(([, { entro }]) => entro < today).map(([key, evento]) => [key, { ...evento, stato: 'scaduto' }]));

export const items: Record<string, ItemsUpdate<Contesto>> = {
  registraEventi: step => [...registrati(step)].map(([key, evento]) => item(key, evento)),
  giustificaEventi: step => scelti(step).map(([key, evento]) => item(key, { ...evento, stato: 'giustificato', motivo: step.data.motivo, giustificatoIl: step.today })),
  accettaEventi: step => scelti(step).map(([key, evento]) => item(key, { ...evento, stato: 'accettato' })),
  riapreEventi: step => [...riaperti(step)].map(([key, evento]) => item(key, evento)),
  annullaEventi: step => [...annullati(step)].map(([key, evento]) => item(key, evento)),
  // A deadline reads no items: what expired stands in the context.
  scadonoEventi: ({ context }) => Object.entries(context.ultimi.scaduti).map(([key, evento]) => item(key, evento)),
};

export const eventUpdates: Record<string, Update<Contesto>> = {
  contaEventi: step => {
    const changed = registrati(step), known = noti(step), { avvisoEntroGiorni } = termini(step);
    // The family is told of what is new and of these days; a register of past months is taken in quietly.
    const nuovi = [...changed].filter(([key, { stato, giorno }]) => stato === 'notificato' && (known.get(key)?.stato ?? 'annullato') === 'annullato' && giorno >= addDays(step.today, -avvisoEntroGiorni));
    return { ...contesto(step, changed), ultimi: ultimi(step, nuovi.map(([key]) => key).sort()) };
  },
  toglieAperti: step => {
    const chiavi = step.data.eventi as string[];
    return { aperti: Object.fromEntries(Object.entries(step.context.aperti).filter(([key]) => !chiavi.includes(key))), ultimi: ultimi(step, chiavi) };
  },
  tornaAperti: step => ({ ...contesto(step, riaperti(step)), ultimi: ultimi(step, step.data.eventi, step.data.nota ?? null) }),
  ricontaEventi: step => ({ ...contesto(step, annullati(step)), ultimi: ultimi(step, step.data.eventi, step.data.nota) }),
  toglieScaduti: step => {
    const gone = oltreTermine(step);
    return { aperti: Object.fromEntries(Object.entries(step.context.aperti).filter(([key]) => !Object.hasOwn(gone, key))), ultimi: { chiavi: Object.keys(gone), nota: null, scaduti: gone, entro: null } };
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
export const eventRules: Record<string, Rule<Contesto>> = {
  eventiDaGiustificare: inStato('eventiDaGiustificare', 'notificato', 'daChiarire'),
  eventiGiustificati: inStato('eventiGiustificati', 'giustificato', 'accettato'),
  eventiScaduti: inStato('eventiScaduti', 'scaduto'),
  eventiEsistenti: inStato('eventiEsistenti', 'notificato', 'daChiarire', 'giustificato', 'accettato', 'scaduto'),
};
