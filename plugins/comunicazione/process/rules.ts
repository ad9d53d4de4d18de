/** When a message may leave. */
import { daysBetween, instantOfLocal } from '../../calendar.ts';
import type { Refusal, Rule, Step } from '../../contract.ts';
import type { Contesto, Modello } from './types.ts';

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

export const rules: Record<string, Rule<Contesto>> = {
  scrivibile: ({ data }) => (data.testi.it.oggetto.trim() === '' || data.testi.it.testo.trim() === '' ? { rule: 'testoVuoto', pointer: '/testi/it' } : null),
  modelloPresente: step => {
    const modelli = step.parameter<Record<string, Modello>>('modelliComunicazione');
    return Object.hasOwn(modelli, step.data.modello) ? null : { rule: 'modelloSconosciuto', pointer: '/modello', figures: { modello: step.data.modello, modelli: Object.keys(modelli).sort() } };
  },
  indirizzabile: ({ data, today }) => (data.presaVisione !== null && data.presaVisione.entro < today ? { rule: 'presaVisionePassata', pointer: '/presaVisione/entro', figures: { entro: data.presaVisione.entro, invio: today } } : null),
  programmabile: (step): Refusal | null => {
    const missing = checkContenuto(step), { giorno, ora } = step.data;
    if (missing) return missing;
    if (instantOfLocal(giorno, ora) <= step.at) return { rule: 'orarioPassato', pointer: '/giorno', figures: { giorno, ora } };
    if (daysBetween(step.today, giorno) > GIORNI_AL_MASSIMO) return { rule: 'orarioLontano', pointer: '/giorno', figures: { giorno, giorni: GIORNI_AL_MASSIMO } };
    return checkPresaVisione(step, giorno);
  },
  inviabile: step => checkContenuto(step) ?? checkPresaVisione(step, step.today),
  sollecitabile: ({ context }) => (context.presaVisione === null ? { rule: 'presaVisioneNonRichiesta' } : null),
};
