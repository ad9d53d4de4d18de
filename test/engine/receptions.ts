/** Teachers' hours and their bookings on the real engine: many families, and the commands between the cases served as the worker does, also by one that dies. */
import { randomUUID } from 'node:crypto';
import { attemptEffect } from '../../activities/attemptEffect.ts';
import { sendCommand } from '../../activities/commands.ts';
import { beginEffect } from '../../engine/agenda/agenda.ts';
import type { Caller, Engine } from '../../engine/engine.ts';
import { Problem } from '../../engine/problems.ts';
import { addDays, dayOfWeek, instantOfLocal, romeDate } from '../../plugins/calendar.ts';
import type { JsonObject } from '../../plugins/contract.ts';
import { colloquio } from '../../plugins/colloquio/plugin.ts';
import { disponibilita } from '../../plugins/disponibilita/plugin.ts';
import { openEngine, type Opened } from './opened.ts';

export const PLUGINS = [disponibilita, colloquio];
/** The evening that everybody wants: twelve slots of ten minutes, ten days from now. */
export const EVENING = addDays(romeDate(new Date().toISOString()), 10);
export const at = (time: string, date = EVENING): string => instantOfLocal(date, time);

export interface Evening extends Opened { teachers: Caller[]; families: Caller[] }

export async function openEvening(counts: { teachers: number; families: number }): Promise<Evening> {
  const opened = await openEngine(PLUGINS, { read: 4, commit: 10, worker: 4 });
  // No holiday of the calendar may fall on the evening.
  await opened.admin.query(`insert into parameters (name, valid_from, value, reason, set_by) values ('chiusureScuola', '2020-01-01', '{"festivita":[],"periodi":[]}', 'prova', 'prova')`);
  const people = async (prefix: string, count: number) => (await opened.admin.query<{ id: string }>(`insert into users (id, username, name) select gen_random_uuid(), $1 || n, $1 || n from generate_series(1, $2) n returning id`, [prefix, count])).rows.map(({ id }) => id);
  const taught = await people('docente', counts.teachers);
  await opened.admin.query(`insert into memberships (user_id, organisation, role) select unnest($1::uuid[]), 'S1', 'docente'`, [taught]);
  const teachers = taught.map((userId): Caller => ({ kind: 'user', userId, role: 'docente', organisation: 'S1', principals: ['S1', userId] }));
  const families = (await people('famiglia', counts.families)).map((userId): Caller => ({ kind: 'user', userId, role: 'genitore', organisation: null, principals: [userId] }));
  return { ...opened, teachers, families };
}

/** Published hours of a teacher on that evening; the case's id. */
export async function publish({ engine }: Pick<Evening, 'engine'>, teacher: Caller, condizioni: JsonObject = {}, regola: JsonObject = {}): Promise<string> {
  const data = { regola: { dal: EVENING, al: EVENING, fasce: [{ giorno: dayOfWeek(EVENING), dalle: '17:00', alle: '19:00' }], durataMinuti: 10, modalita: 'presenza', luogo: 'aula 3', ...regola }, condizioni: { perGenitore: 1, perAlunno: 1, confermaAutomatica: true, ...condizioni } } as JsonObject;
  const { record } = await engine.createCase({ process: 'disponibilita', data, parties: { scuola: 'S1', docente: teacher.userId }, caller: teacher, key: randomUUID() });
  await engine.giveCommand({ caseId: record.state.id, command: 'pubblica', data: {}, caller: teacher, key: randomUUID() });
  return record.state.id;
}

export interface Wanted { hours: string; teacher: Caller; family: Caller; data: JsonObject; key?: string; parties?: Record<string, string> }
export async function ask({ engine }: { engine: Engine }, { hours, teacher, family, data, key = randomUUID(), parties = {} }: Wanted) {
  return await engine.createCase({
    process: 'colloquio', data: { disponibilita: hours, codiceAlunno: `A-${family.userId}`, alunno: { nome: 'Nina', cognome: 'Rossi', classe: '2B' }, ...data }, parties: { scuola: 'S1', docente: teacher.userId, genitore: family.userId, ...parties }, caller: family, key,
  });
}
export const problem = async (work: Promise<unknown>): Promise<Problem | null> => await work.then(() => null, error => { if (error instanceof Problem) return error; throw error; });

/** Two reservations of one resource at once: the constraint must leave none. */
export async function doubles({ admin }: Pick<Opened, 'admin'>): Promise<unknown[]> {
  return (await admin.query('select a.resource from reservations a join reservations b on a.resource = b.resource and a.during && b.during and (a.case_id, a.key) < (b.case_id, b.key)')).rows;
}

const QUIET = { info() {}, warn() {}, error() {} };
const execution = { workflowId: '', runId: '', activityId: '', attempt: 1 };

/**
 * Serves commands between cases until none is due. `dies`: whether the worker is killed after the command was given and before anybody wrote that
 * down; the next one finds the row when its lease is over.
 */
export async function serve(opened: Opened, { dies = () => false }: { dies?: () => boolean } = {}): Promise<{ served: number; deaths: number }> {
  let served = 0, deaths = 0;
  for (let round = 0; round < 500; round += 1) {
    await opened.admin.query(`update agenda set lease_until = clock_timestamp() - interval '1 second' where state = 'begun' and does = 'command'`);
    const { rows } = await opened.admin.query<{ id: string; case_id: string }>(`select id, case_id from agenda where does = 'command' and state in ('due', 'begun', 'performed') order by random() limit 20`);
    if (rows.length === 0) return { served, deaths };
    await Promise.all(rows.map(async ({ id, case_id: caseId }) => {
      served += 1;
      const dependencies = { engine: opened.engine, pool: opened.pools.worker, log: QUIET, attemptMs: 60_000 } as unknown as Parameters<typeof attemptEffect>[0];
      if (dies()) {
        deaths += 1;
        const { begun } = await beginEffect(opened.pools.worker, id, 60_000, execution);
        if (begun && !begun.outcome) await sendCommand(dependencies, begun).catch(() => undefined);
        return;
      }
      await attemptEffect(dependencies, { caseId, effectId: id }, { execution, isLocal: true }, effect => sendCommand(dependencies, effect));
    }));
  }
  throw new Error('commands between cases without end');
}
