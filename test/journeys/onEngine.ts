/** Brings real projects of istruzione domiciliare to a stage on a real engine, quickly: no HTTP, no Temporal. Dates are around today. */
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { Caller, Engine } from '../../engine/engine.ts';
import { addDays, romeDate, type CommandInput, type Json, type JsonObject } from '../../plugins/contract.ts';
import * as examples from '../../plugins/istruzione-domiciliare/examples.ts';
import { simplePdf } from '../../worker/demo/pdf.ts';

export interface EngineCast { engine: Engine; admin: Pick<Pool, 'query'>; scuola: string; polo: string }
/** User ids of those who act: who works the hours out does not countersign them. */
const OPERATORE = randomUUID(), ALTRI = randomUUID();

export const speaking = (role: string, organisation: string): Caller => {
  const userId = role === 'operatorePolo' ? OPERATORE : ALTRI;
  return { kind: 'user', userId, role, organisation, principals: [organisation, userId] };
};

/** A calendar in which today is a day of lessons, whatever the day of the year. */
export async function openCalendar({ admin, polo }: Pick<EngineCast, 'admin' | 'polo'>, today = romeDate(new Date().toISOString())): Promise<void> {
  const calendar = { inizioLezioni: addDays(today, -90), fineLezioni: addDays(today, 150), giorniSettimanaliChiusi: [7], chiusure: [], esami: { dal: addDays(today, 151), al: addDays(today, 170) } };
  await admin.query(`insert into parameters (name, organisation, valid_from, valid_to, value, reason, set_by) values ('calendarioScolastico', $1, '2000-01-01', null, $2, 'test', 'test')`, [polo, JSON.stringify({ Puglia: calendar })]);
}

/** Examples are dated in one school year: every `data` becomes this one. */
export const dated = (value: JsonObject, date: string): JsonObject => JSON.parse(JSON.stringify(value, (key, inner) => (key === 'data' && typeof inner === 'string' ? date : inner)));

/** Concluded, with one lesson of two hours, its report handed in, its register signed and endorsed, all papers attached: only `rendiconta` is missing. */
export async function concludedProject({ engine, scuola, polo }: EngineCast, today = romeDate(new Date().toISOString())): Promise<string> {
  const periodi = [{ dal: addDays(today, -40), al: addDays(today, 29) }], atto = addDays(today, -41);
  const { record } = await engine.createCase({ process: 'istruzione-domiciliare', data: examples.BOZZA, parties: { polo }, caller: speaking('segreteria', scuola), key: randomUUID() });
  const caseId = record.state.id;
  const give = (role: string, command: string, data: Json) => engine.giveCommand({ caseId, command, data, caller: speaking(role, role.endsWith('Polo') ? polo : scuola), key: randomUUID() });
  const attach = async (...kinds: string[]) => {
    for (const kind of kinds) await engine.attach({ caseId, kind, name: `${kind}.pdf`, mediaType: 'application/pdf', content: simplePdf(kind, ['Scansione di prova']), caller: speaking('segreteria', scuola), key: randomUUID() });
  };
  await attach('modelloS', 'modelloG');
  await give('segreteria', 'presenta', examples.presenta(periodi, { certificato: examples.certificato(periodi, { rilasciatoIl: atto }), modelloG: { firmatario: 'Maria Rossi', qualita: 'genitore', firmatoIl: atto } }));
  await give('operatorePolo', 'assegnaNumero', {});
  for (const [command, data] of examples.ATTI) await give('dirigente', command, dated(data, atto));
  await attach('modelloP');
  await give('referente', 'inviaModelloP', dated(examples.modelloP(), atto));
  await give('operatorePolo', 'autorizza', { oreAutorizzate: 40 });
  await give('dirigentePolo', 'controfirma', {});
  await give('docente', 'registraLezione', examples.lezione(addDays(today, -10), '15:00', '17:00'));
  await give('dirigente', 'concludi', {});
  await attach('relazioneFinale');
  await give('docente', 'consegnaRelazione', { docente: 'bianchi' });
  await give('docente', 'firmaRegistro', { docente: 'bianchi' });
  await give('dirigente', 'vistaRegistro', { docente: 'bianchi' });
  await attach('modelloV', 'modelloZ', 'modelloOF');
  return caseId;
}

/** What {@link concludedProject} lacks. */
export const rendicontoOf = (today = romeDate(new Date().toISOString())): JsonObject => {
  const data = examples.rendiconta([{ docente: 'bianchi', ore: 2 }], 2, today);
  return { ...data, modelloZ: { ...(data['modelloZ'] as JsonObject), iban: 'IT60X0542811101000000123456' } };
};

/** Takes what the case owes to other cases there, as the worker would, and lets go of its letters. */
export async function deliverCommands({ engine, admin }: Pick<EngineCast, 'engine' | 'admin'>, caseId: string): Promise<void> {
  const { rows } = await admin.query(`select a.id, a.input, c.process from agenda a join cases c on c.id = a.case_id where a.case_id = $1 and a.does = 'command' and a.state = 'due' order by a.created_at`, [caseId]);
  for (const { id, input, process } of rows) {
    const sent = await engine.sendCommand({ effectId: id, from: { process, caseId }, input: input as CommandInput });
    if (!sent.ok) throw new Error(JSON.stringify(sent.problem));
    await engine.recordOutcomes(caseId, [{ effectId: id, ok: true, result: null, execution: null }]);
  }
}
