/** Brings a project of istruzione domiciliare to a state, in virtual time. */
import * as examples from '../../plugins/istruzione-domiciliare/examples.ts';
import type { Json, JsonObject } from '../../plugins/contract.ts';
import { morning, type PureCase, type PureWorld } from '../pureCase.ts';

export const PARTIES = { scuola: 'BAIC847001', polo: 'POLOPUGLIA', famiglia: 'famiglia.rossi' };

export interface Journey {
  bozza?: JsonObject;
  parties?: Record<string, string>;
  periodi?: { dal: string; al: string }[];
  presenta?: JsonObject;
  /** Hours of the authorisation. */
  ore?: number;
  /** Lessons, recorded on the morning after the last one. */
  lezioni?: JsonObject[];
}
export type Stage = 'bozza' | 'presentata' | 'numerata' | 'inAutorizzazione' | 'autorizzata' | 'inCorso' | 'conclusa' | 'rendicontata';
const STAGES: Stage[] = ['bozza', 'presentata', 'numerata', 'inAutorizzazione', 'autorizzata', 'inCorso', 'conclusa', 'rendicontata'];

/** A project in `stage`; the world is at the school's next working moment. */
export function projectIn(world: PureWorld, stage: Stage, journey: Journey = {}): PureCase {
  const reached = (wanted: Stage) => STAGES.indexOf(stage) >= STAGES.indexOf(wanted);
  const project = world.create('istruzione-domiciliare', { ...examples.BOZZA, ...journey.bozza }, { ...PARTIES, ...journey.parties });
  if (reached('presentata')) project.attach('modelloS', 'modelloG').must('presenta', journey.presenta ?? examples.presenta(journey.periodi), 'segreteria');
  if (reached('numerata')) project.must('assegnaNumero', {}, 'operatorePolo');
  if (reached('inAutorizzazione')) {
    for (const [command, data] of examples.ATTI) project.must(command, data, 'dirigente');
    project.attach('modelloP').must('inviaModelloP', examples.modelloP(), 'referente');
  }
  if (reached('autorizzata')) {
    project.must('autorizza', { oreAutorizzate: journey.ore ?? 40 }, 'operatorePolo');
    // Version 1 asks for no second signature.
    if (project.state === 'inControfirma') project.must('controfirma', {}, 'dirigentePolo');
  }
  if (reached('inCorso')) {
    const lezioni = journey.lezioni ?? [examples.lezione('2026-10-19', '15:00', '17:00')];
    const last = lezioni.map(({ data }) => data as string).sort().at(-1)!;
    if (world.now < morning(last)) world.passUntil(`${last}T20:00:00.000Z`);
    for (const lezione of lezioni) project.must('registraLezione', lezione, 'docente');
  }
  if (reached('conclusa')) project.must('concludi', {}, 'dirigente');
  if (reached('rendicontata')) report(project);
  return project;
}

/** Reports, signatures and visas of every teacher who taught. */
export function closeRegisters(project: PureCase): void {
  for (const docente of Object.keys(project.context.registri)) {
    project.attach('relazioneFinale').must('consegnaRelazione', { docente }, 'docente');
    project.must('firmaRegistro', { docente }, 'docente').must('vistaRegistro', { docente }, 'dirigente');
  }
}

/** Modello Z as the registers have it. */
export function trueHours(project: PureCase): { docenti: { docente: string; ore: number }[]; totale: number } {
  const { registri, ore } = project.view;
  return { docenti: registri.map(({ docente, oreContabili }: any) => ({ docente, ore: oreContabili })), totale: ore.contabili };
}

export function report(project: PureCase): void {
  closeRegisters(project);
  const { docenti, totale } = trueHours(project);
  project.attach('modelloV', 'modelloZ', 'modelloOF').must('rendiconta', examples.rendiconta(docenti, totale, project.context.conclusaIl) as Json, 'dirigente');
}
