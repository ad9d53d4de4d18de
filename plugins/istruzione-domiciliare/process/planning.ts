/** Planning and authorisation (Procedura ID, "Pianificazione"). */
import type { Refusal, Step } from '../../contract.ts';
import { ore, oreMassime, periodiAmmessi } from './accountability.ts';
import { checkInvio, checkNotFuture, firstRefusal } from './avvio.ts';
import { pianoFinanziario } from './money.ts';
import type { Contesto, Disponibilita, ModelloP } from './types.ts';

type ProjectStep<D = any> = Step<Contesto, D>;

/** Own class, then own school, then nearby schools and other externals, who are paid by FIS or other funds. */
export function disponibilitaRegolare(step: ProjectStep<Disponibilita>): Refusal | null {
  const { provenienza, assenzaAdesioni, fonte, fonteDescrizione, dichiarazione } = step.data;
  return firstRefusal(
    () => (provenienza !== 'classe' && !assenzaAdesioni
      ? { rule: 'ordineDisponibilita', pointer: '/assenzaAdesioni', figures: { provenienza, prima: provenienza === 'istituto' ? ['classe'] : ['classe', 'istituto'] } } : null),
    () => (fonte === 'progetto' && (provenienza === 'viciniore' || provenienza === 'esterno')
      ? { rule: 'fonteEsterni', pointer: '/fonte', figures: { provenienza, fonte, ammesse: ['FIS', 'altro'] } } : null),
    () => (fonte === 'altro' && !fonteDescrizione ? { rule: 'fonteNonDescritta', pointer: '/fonteDescrizione', figures: { fonte } } : null),
    () => checkNotFuture(step, dichiarazione.data, '/dichiarazione/data'),
  );
}

/** An act that is cited exists already. */
export const attoNonFuturo = (step: ProjectStep): Refusal | null => checkNotFuture(step, step.data.data, '/data');

/** Acts that must come before Modello P. */
export function attiMancanti({ deliberaCollegio, consiglioClasse, referente, disponibilita }: Contesto): string[] {
  return [
    ...(deliberaCollegio ? [] : ['registraDeliberaCollegio']),
    ...(consiglioClasse ? [] : ['informaConsiglioClasse']),
    ...(Object.keys(disponibilita).length > 0 ? [] : ['registraDisponibilita']),
    ...(referente ? [] : ['nominaReferente']),
  ];
}

/** Minutes planned by teacher. */
export function minutiPianificati({ pianiDiLavoro }: ModelloP): Record<string, number> {
  const minuti: Record<string, number> = {};
  for (const { docente, ore: planned } of pianiDiLavoro) minuti[docente] = (minuti[docente] ?? 0) + planned * 60;
  return minuti;
}

function checkPiani(context: Contesto, { pianiDiLavoro }: ModelloP): Refusal | null {
  for (const [i, { disciplina, docente }] of pianiDiLavoro.entries()) {
    const same = (other: string) => other.toLowerCase() === disciplina.toLowerCase();
    if (pianiDiLavoro.findIndex(piano => same(piano.disciplina)) !== i) return { rule: 'disciplinaRipetuta', pointer: `/pianiDiLavoro/${i}/disciplina`, figures: { disciplina } };
    const disponibilita = context.disponibilita[docente];
    if (!disponibilita) return { rule: 'docenteNonDisponibile', pointer: `/pianiDiLavoro/${i}/docente`, figures: { docente, disponibili: Object.keys(context.disponibilita) } };
  }
  return null;
}

/** With SiO the hospital school is heard; without, there is none to hear. */
function checkVariante(step: ProjectStep<ModelloP>): Refusal | null {
  const { variante, scuolaInOspedale } = step.data;
  if (variante === 'conSiO' && !scuolaInOspedale) return { rule: 'scuolaInOspedaleNonSentita', pointer: '/scuolaInOspedale', figures: { variante } };
  if (variante === 'senzaSiO' && scuolaInOspedale) return { rule: 'varianteErrata', pointer: '/variante', figures: { variante, scuolaInOspedale: scuolaInOspedale.nome } };
  return checkNotFuture(step, scuolaInOspedale?.sentitaIl, '/scuolaInOspedale/sentitaIl');
}

/** The Consiglio di Istituto approves the school's half of the plan, charges included. */
function checkCofinanziamento(step: ProjectStep<ModelloP>): Refusal | null {
  const { importoCents } = step.data.deliberaConsiglioIstituto;
  const { cofinanziamentoCents, aCaricoProgettoCents, oneriRiflessiCents, costoCents } = pianoFinanziario(step, minutiPianificati(step.data));
  return importoCents < cofinanziamentoCents
    ? { rule: 'cofinanziamentoInsufficiente', pointer: '/deliberaConsiglioIstituto/importoCents', figures: { deliberatoCents: importoCents, dovutoCents: cofinanziamentoCents, aCaricoProgettoCents, oneriRiflessiCents, costoCents } } : null;
}

export function modelloPCompleto(step: ProjectStep<ModelloP>): Refusal | null {
  const mancano = attiMancanti(step.context);
  return firstRefusal(
    () => (mancano.length > 0 ? { rule: 'pianificazioneIncompleta', figures: { mancano } } : null),
    () => checkInvio(step, step.data.invio),
    () => checkVariante(step),
    () => checkPiani(step.context, step.data),
    () => checkNotFuture(step, step.data.deliberaConsiglioIstituto.data, '/deliberaConsiglioIstituto/data'),
    () => checkCofinanziamento(step),
  );
}

/** At most weeks × weekly cap, and two weeks more for exam pupils; authorised hours can never be exceeded later. */
export function oreEntroMassimo(step: ProjectStep): Refusal | null {
  const massime = oreMassime(step, periodiAmmessi(step.context));
  const { oreAutorizzate } = step.data;
  return oreAutorizzate * 60 > massime.minuti
    ? { rule: 'oreOltreMassimo', pointer: '/oreAutorizzate', figures: { richieste: oreAutorizzate, massime: ore(massime.minuti), giorni: massime.giorni, settimane: massime.settimane, settimaneEsame: massime.settimaneEsame, tettoSettimanale: massime.tettoSettimanale } }
    : null;
}

/** Two people of the polo: who worked out the hours does not countersign them. The certificate may have changed nothing meanwhile. */
export function controfirmabile({ actor, context }: ProjectStep): Refusal | null {
  const proposta = context.proposta!;
  const firmatari = [actor.id, actor.deputyFor].filter(person => person !== undefined);
  return firmatari.some(person => proposta.da.includes(person)) ? { rule: 'controfirmaPropria', figures: { ore: ore(proposta.minuti), propostaIl: proposta.il } } : null;
}

/** Number and hours in one answer: only when Modello P is already there. */
export function oreConNumero(step: ProjectStep): Refusal | null {
  return step.context.modelloP ? oreEntroMassimo(step) : { rule: 'modelloPMancante', pointer: '/oreAutorizzate', figures: { oreAutorizzate: step.data.oreAutorizzate } };
}
