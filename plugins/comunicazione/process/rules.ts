/** When a message may leave. */
import { daysBetween, instantOfLocal } from '../../calendar.ts';
import type { Refusal, Rule, SchoolPupils, Step } from '../../contract.ts';
import { checkSegnaposti } from './segnaposti.ts';
import type { Contesto, Destinatari, Modello } from './types.ts';

type MessageStep<D = any> = Step<Contesto, D>;

/** A year ahead is a slip of the pen. */
const GIORNI_AL_MASSIMO = 366;

function checkContenuto({ context }: MessageStep): Refusal | null {
  const mancano = [...(context.testi === null ? ['testi'] : []), ...(context.destinatari === null ? ['destinatari'] : [])];
  return mancano.length > 0 ? { rule: 'contenutoMancante', figures: { mancano } } : null;
}
/** Nobody can take note before it is written: the date must not be past when it leaves. */
function checkPresaVisione({ context }: MessageStep, giorno: string): Refusal | null {
  return context.presaVisione !== null && context.presaVisione.entro < giorno ? { rule: 'presaVisionePassata', figures: { entro: context.presaVisione.entro, invio: giorno } } : null;
}
/** `alunni`: of a message to single pupils. */
interface Scelti extends Destinatari { alunni: string[] }
/** Told by name, as many as one reads. */
const MOST_NAMED = 20;
const named = (names: string[]) => names.slice(0, MOST_NAMED);

/** A class that is not there is a slip of the pen. Where the school keeps no families of that year, nobody knows. */
function checkEsistono({ tipo, annoScolastico, classi, alunni }: Scelti, { kept, known, classes = [] }: SchoolPupils): Refusal | null {
  if (!kept) return null;
  const classiIgnote = tipo === 'classi' ? classi.filter(name => !classes.some(each => each.class === name)) : [];
  if (classiIgnote.length > 0) return { rule: 'classiSconosciute', pointer: '/destinatari/classi', figures: { annoScolastico, sconosciute: named(classiIgnote), classi: classes.map(each => each.class) } };
  const alunniIgnoti = tipo === 'alunni' ? alunni.filter(codice => !known.some(({ code }) => code === codice)) : [];
  return alunniIgnoti.length > 0 ? { rule: 'alunniSconosciuti', pointer: '/destinatari/alunni', figures: { annoScolastico, quanti: alunniIgnoti.length, codici: named(alunniIgnoti) } } : null;
}
/** Somebody is there to read it. */
function checkRaggiunti(scelti: Scelti, pupils: SchoolPupils): Refusal | null {
  const { tipo, annoScolastico, classi } = scelti, { known, classes = [] } = pupils;
  const chosen = tipo === 'classi' ? classes.filter(each => classi.includes(each.class)) : classes;
  const isAnybody = tipo === 'alunni' ? known.some(({ people }) => people.length > 0) : chosen.some(({ answered }) => answered > 0);
  return checkEsistono(scelti, pupils) ?? (isAnybody ? null : { rule: 'nessunDestinatario', figures: { annoScolastico } });
}
/** An earlier command named them: no pointer into this one. */
function checkDestinatari({ context: { destinatari, alunni }, facts: { pupils } }: MessageStep): Refusal | null {
  const refused = destinatari && pupils ? checkRaggiunti({ ...destinatari, alunni }, pupils) : null;
  return refused && { rule: refused.rule, figures: refused.figures! };
}

export const rules: Record<string, Rule<Contesto>> = {
  scrivibile: ({ data }) => (data.testi.it.oggetto.trim() === '' || data.testi.it.testo.trim() === '' ? { rule: 'testoVuoto', pointer: '/testi/it' } : checkSegnaposti(data.testi)),
  modelloPresente: step => {
    const modelli = step.parameter<Record<string, Modello>>('modelliComunicazione');
    if (!Object.hasOwn(modelli, step.data.modello)) return { rule: 'modelloSconosciuto', pointer: '/modello', figures: { modello: step.data.modello, modelli: Object.keys(modelli).sort() } };
    return checkSegnaposti(modelli[step.data.modello]!, '/modello');
  },
  indirizzabile: ({ context, data, today, facts: { pupils } }) => {
    if (data.presaVisione !== null && data.presaVisione.entro < today) return { rule: 'presaVisionePassata', pointer: '/presaVisione/entro', figures: { entro: data.presaVisione.entro, invio: today } };
    const scelti: Scelti = { classi: [], alunni: [], ...data.destinatari };
    // What is scheduled leaves by itself: nobody looks at it again.
    return pupils ? (context.programmataPer === null ? checkEsistono : checkRaggiunti)(scelti, pupils) : null;
  },
  programmabile: (step): Refusal | null => {
    const missing = checkContenuto(step), { giorno, ora } = step.data;
    if (missing) return missing;
    if (instantOfLocal(giorno, ora) <= step.at) return { rule: 'orarioPassato', pointer: '/giorno', figures: { giorno, ora } };
    if (daysBetween(step.today, giorno) > GIORNI_AL_MASSIMO) return { rule: 'orarioLontano', pointer: '/giorno', figures: { giorno, giorni: GIORNI_AL_MASSIMO } };
    return checkPresaVisione(step, giorno) ?? checkDestinatari(step);
  },
  inviabile: step => checkContenuto(step) ?? checkPresaVisione(step, step.today) ?? checkDestinatari(step),
  sollecitabile: ({ context }) => (context.presaVisione === null ? { rule: 'presaVisioneNonRichiesta' } : null),
};
