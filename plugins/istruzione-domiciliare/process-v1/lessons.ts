/** The register (Modello OF) and the proroga. A register records facts: only what cannot be a fact is refused. */
import { romeTime } from '../../calendar.ts';
import type { Item, Refusal, Step } from '../../contract.ts';
import { durata, ore, oreMassime, periodiAmmessi } from './accountability.ts';
import { checkAllegato, checkCertificato, checkInvio, firstRefusal } from './avvio.ts';
import { calendarioOf, settimaneEsame } from './parameters.ts';
import { clipPeriods, countDays, mergePeriods } from './periods.ts';
import { addDays } from '../../calendar.ts';
import type { Certificato, Contesto, DatiLezione, Lezione, Periodo } from './types.ts';

type ProjectStep<D = any> = Step<Contesto, D>;

function checkLezione(step: ProjectStep, lezione: DatiLezione, at: string): Refusal | null {
  const { data, inizio, fine } = lezione;
  if (durata(lezione) <= 0) return { rule: 'orarioInvertito', pointer: `${at}/fine`, figures: { inizio, fine } };
  const ora = romeTime(step.at);
  return data > step.today || data === step.today && fine > ora
    ? { rule: 'lezioneFutura', pointer: `${at}/data`, figures: { data, fine, oggi: step.today, ora } } : null;
}

/** A lesson that has not been held is not a fact. Beyond cap, total or period it is: recorded, with its reason. */
export const lezioneAvvenuta = (step: ProjectStep<DatiLezione>): Refusal | null => checkLezione(step, step.data, '');

export const lezioneOf = (step: ProjectStep, key: string): Item<Lezione> | undefined => step.facts.items.find(item => item.kind === 'lezione' && item.key === key);

function checkModificabile(step: ProjectStep, key: string, pointer: string): Refusal | null {
  const lezione = lezioneOf(step, key);
  if (!lezione) return { rule: 'lezioneSconosciuta', pointer, figures: { lezione: key } };
  if (lezione.data.annullata) return { rule: 'lezioneGiaAnnullata', pointer, figures: { lezione: key, il: lezione.data.annullata.il } };
  if (lezione.data.rettificataDa) return { rule: 'lezioneGiaRettificata', pointer, figures: { lezione: key, da: lezione.data.rettificataDa } };
  return null;
}

export const lezioneRettificabile = (step: ProjectStep): Refusal | null =>
  firstRefusal(() => checkModificabile(step, step.data.lezione, '/lezione'), () => checkLezione(step, step.data.nuova, '/nuova'));

export const lezioneAnnullabile = (step: ProjectStep): Refusal | null => checkModificabile(step, step.data.lezione, '/lezione');

/** The dirigente certifies hours online beyond duty; the others need none. */
export function oreCertificabili(step: ProjectStep): Refusal | null {
  for (const [i, key] of (step.data.lezioni as string[]).entries()) {
    const refusal = checkModificabile(step, key, `/lezioni/${i}`);
    if (refusal) return refusal;
    const { modalita, oltreServizio } = lezioneOf(step, key)!.data;
    if (modalita !== 'online' || !oltreServizio) return { rule: 'lezioneNonCertificabile', pointer: `/lezioni/${i}`, figures: { lezione: key, modalita, oltreServizio: oltreServizio ?? false } };
  }
  return null;
}

/** "Il registro, a fine progetto, deve essere firmato dal docente": by this teacher and no other. */
export function registroFirmabile(step: ProjectStep): Refusal | null {
  const { docente } = step.data;
  const registro = step.context.registri[docente];
  if (!registro || registro.lezioni === 0) return { rule: 'registroVuoto', pointer: '/docente', figures: { docente } };
  const utente = step.context.disponibilita[docente]?.utente;
  return utente !== undefined && step.actor.id !== utente ? { rule: 'registroAltrui', pointer: '/docente', figures: { docente } } : null;
}

/** "… e vistato dal dirigente scolastico": after the teacher's signature. */
export function registroVistabile(step: ProjectStep): Refusal | null {
  const { docente } = step.data;
  const registro = step.context.registri[docente];
  if (!registro || registro.lezioni === 0) return { rule: 'registroVuoto', pointer: '/docente', figures: { docente } };
  return registro.firmatoIl === null ? { rule: 'registroNonFirmato', pointer: '/docente', figures: { docente } } : null;
}

/** Days on which a lesson may count at all. */
function giorniUtili(step: ProjectStep, periodi: readonly Periodo[]): number {
  const calendario = calendarioOf(step);
  const merged = mergePeriods(periodi);
  return countDays(calendario ? clipPeriods(merged, calendario.inizioLezioni, addDays(calendario.fineLezioni, 7 * settimaneEsame(step))) : merged);
}

/** The updated certificate says a further period; any number of times, also after the first period is over. */
export function prorogaRichiedibile(step: ProjectStep): Refusal | null {
  const certificato: Certificato = step.data.certificato;
  return firstRefusal(
    () => checkInvio(step, step.data.invio),
    () => checkCertificato(step, certificato),
    () => checkAllegato(step, ['modelloSAggiornato', 'modelloMAggiornato'], `modello${certificato.modello}Aggiornato`, '/certificato/modello'),
    () => {
      const prima = giorniUtili(step, periodiAmmessi(step.context));
      const ulteriori = giorniUtili(step, [...periodiAmmessi(step.context), ...certificato.periodi]) - prima;
      return ulteriori <= 0 ? { rule: 'prorogaSenzaUlteriorePeriodo', pointer: '/certificato/periodi', figures: { giorniGiaCertificati: prima, ulteriori, fineLezioni: calendarioOf(step)?.fineLezioni ?? null } } : null;
    },
  );
}

/** With the proroga all hours stay within the weeks of all periods × cap. */
export function oreProrogaEntroMassimo(step: ProjectStep): Refusal | null {
  const { context, data } = step;
  const inAttesa = context.proroghe.at(-1)!;
  const massime = oreMassime(step, [...periodiAmmessi(context), ...inAttesa.certificato.periodi]);
  return context.minutiAutorizzati + data.oreAutorizzate * 60 > massime.minuti
    ? { rule: 'oreProrogaOltreMassimo', pointer: '/oreAutorizzate', figures: { richieste: data.oreAutorizzate, giaAutorizzate: ore(context.minutiAutorizzati), massime: ore(massime.minuti), giorni: massime.giorni, settimane: massime.settimane, settimaneEsame: massime.settimaneEsame, tettoSettimanale: massime.tettoSettimanale } }
    : null;
}
