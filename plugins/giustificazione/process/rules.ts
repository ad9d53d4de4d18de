/** What the chart's names mean, beside the events themselves. */
import { addDays, addMonths, dayOfWeek, instantOfLocal } from '../../calendar.ts';
import type { BroadcastInput, DeadlineRule, EffectRule, Guard, Instant, LocalDate, Rule, Step, Update } from '../../contract.ts';
import { eventRules, eventUpdates, items, NIENTE } from './events.ts';
import { famigliaNota, partyUpdates } from './family.ts';
import { sogliaAssenze, termini } from './parameters.ts';
import type { Contesto } from './types.ts';

type S = Step<Contesto>;

export { items };
export const rules: Record<string, Rule<Contesto>> = { ...eventRules, famigliaNota };
export { partyUpdates };

/** Minutes of lessons that may be missed at most. */
export const limiteMinuti = (step: Pick<S, 'parameter'>): number => { const { oreAnnue, quota } = sogliaAssenze(step); return Math.floor(oreAnnue * quota * 60); };
const preavvisoMinuti = (step: S): number => Math.floor(limiteMinuti(step) * sogliaAssenze(step).preavviso);

export const guards: Record<string, Guard<Contesto>> = {
  haDaGiustificare: ({ context }) => Object.keys(context.aperti).length > 0,
  oltrePreavviso: step => step.context.totale.minuti >= preavvisoMinuti(step),
  sottoPreavviso: step => step.context.totale.minuti < preavvisoMinuti(step),
  oltreLimite: step => step.context.totale.minuti > limiteMinuti(step),
  sottoLimite: step => step.context.totale.minuti <= limiteMinuti(step),
};

export const updates: Record<string, Update<Contesto>> = {
  ...eventUpdates,
  cambiaClasse: ({ data }) => ({ classe: data.classe }),
  nuovoPeriodo: ({ context: { periodo, periodoDal }, today, at }) => ({ riepilogato: { ...periodo, dal: periodoDal }, periodo: NIENTE, periodoDal: today, riepilogoDel: at }),
};

/** Eight in the morning of a local date: an hour at which a family may be written to. */
const alleOtto = (date: LocalDate): Instant => instantOfLocal(date, '08:00');
const prossimoRiepilogo = (today: LocalDate, ogni: 'settimanale' | 'mensile'): LocalDate => (ogni === 'settimanale' ? addDays(today, 8 - dayOfWeek(today)) : `${addMonths(today, 1).slice(0, 7)}-01`);

export const deadlines: Record<string, DeadlineRule<Contesto>> = {
  termineGiustificazione: {
    anchor: 'event',
    due: ({ context }) => { const [first] = Object.values(context.aperti).map(({ entro }) => entro).sort(); return first === undefined ? null : { endOf: first, rule: 'regolamento d’istituto: termine per giustificare' }; },
  },
  /** What is not closed by hand ends with the school year (art. 74, d.lgs. 297/1994): its retention begins then. */
  fineAnno: { anchor: 'entry', due: ({ context: { annoScolastico } }) => ({ endOf: `${Number(annoScolastico.slice(0, 4)) + 1}-08-31`, rule: 'fine dell’anno scolastico' }) },
  riepilogo: {
    anchor: 'entry',
    due: step => { const { riepilogo } = termini(step); return riepilogo === 'mai' ? null : { at: alleOtto(prossimoRiepilogo(step.today, riepilogo)), rule: 'riepilogo periodico alle famiglie' }; },
  },
};

/** To those who answer for the pupil, each on the channels that they chose. */
const famiglia = (template: string, data: (step: S) => BroadcastInput['data'] | null): EffectRule<Contesto> => ({
  does: 'broadcast',
  input: step => {
    const { alunno: { codice }, annoScolastico } = step.context, words = data(step);
    return words === null ? [] : [{ template, from: 'scuola', to: { families: { schoolYear: annoScolastico, pupils: [codice] } }, channels: ['email', 'sms', 'portal'], data: words }];
  },
});
const ore = (minuti: number): number => Math.round(minuti / 6) / 10;
const soglia = (step: S) => ({ ore: ore(step.context.totale.minuti), limite: ore(limiteMinuti(step)) });

export const effects: Record<string, EffectRule<Contesto>> = {
  avvisaFamiglia: famiglia('assenze', ({ context: { ultimi: { chiavi, orari, entro } } }) => (chiavi.length === 0 ? null : { eventi: chiavi, orari, entro })),
  avvisaRettifica: famiglia('rettifica', ({ context: { aperti, ultimi: { rettifica: { tolti, ora }, orari, entro } } }) => (tolti.length + ora.length === 0 ? null : { tolti, eventi: ora, orari, entro: ora.some(key => aperti[key]) ? entro : null })),
  avvisaRichiesta: famiglia('daChiarire', ({ context: { ultimi: { chiavi, nota, entro } } }) => ({ eventi: chiavi, nota, entro })),
  avvisaScadenza: famiglia('scadute', ({ context: { ultimi: { chiavi } } }) => (chiavi.length === 0 ? null : { eventi: chiavi })),
  // What passes the limit at once is told once.
  avvisaSoglia: famiglia('soglia', step => (guards['oltreLimite']!(step) ? null : soglia(step))),
  avvisaSuperamento: famiglia('superamento', soglia),
  inviaRiepilogo: famiglia('riepilogo', ({ context: { riepilogato, totale } }) => (riepilogato.assenze + riepilogato.ritardi + riepilogato.uscite === 0 ? null : { ...riepilogato, oreTotali: ore(totale.minuti) })),
};

const inizio = (annoScolastico: string): LocalDate => `${annoScolastico.slice(0, 4)}-09-01`;

export const createContext = ({ data }: Omit<S, 'context'>): Contesto => ({
  alunno: data.alunno, classe: data.classe, annoScolastico: data.annoScolastico, aperti: {}, totale: NIENTE, periodo: NIENTE, periodoDal: inizio(data.annoScolastico), riepilogoDel: null, riepilogato: { ...NIENTE, dal: inizio(data.annoScolastico) },
  ultimi: { chiavi: [], nota: null, scaduti: {}, entro: null, rettifica: { tolti: [], ora: [] }, orari: {} },
});
