/** (i) A thousand projects are reported and paid by one fund: from the first report to the last project paid, letters besides, memory watched. */
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { addDays, romeDate, schoolYearOf } from '../plugins/contract.ts';
import { newToken, POLO, SCHOOL } from '../test/crash/people.ts';
import { rendicontoOf } from '../test/journeys/onEngine.ts';
import { memoryOf } from './processes.ts';
import type { Measurement, Rig } from './rig.ts';

const PROJECTS = 1_000, MOST_SECONDS = 60, MOST_GROWTH = 1.5;
const PATIENCE_MS = 15 * 60_000;

/** Somebody with this role and a token. */
async function register({ installation }: Rig, organisation: string, role: string): Promise<string> {
  const id = randomUUID(), { token, digest } = newToken();
  await installation.query('insert into users (id, username, name) values ($1, $2, $2)', [id, `${role}.${id}`]);
  await installation.query('insert into memberships (user_id, organisation, role) values ($1, $2, $3)', [id, organisation, role]);
  await installation.query(`insert into tokens (hash, user_id, expires_at) values ($1, $2, now() + interval '1 day')`, [digest, id]);
  return token;
}

/** Resident memory of API and worker, seen every second: the largest. */
function watch({ installation }: Rig): { largest: { api: number; worker: number }; stop(): void } {
  const largest = { api: 0, worker: 0 };
  const timer = setInterval(() => {
    for (const part of ['api', 'worker'] as const) if (installation[part].isRunning()) largest[part] = Math.max(largest[part], memoryOf(installation[part].pid));
  }, 1_000);
  // It keeps nothing alive: a measurement that fails is told as such.
  timer.unref();
  return { largest, stop: () => clearInterval(timer) };
}

export const reports: Measurement = async rig => {
  const { installation } = rig, count = rig.amount(PROJECTS);
  const [dirigente, polo] = [await register(rig, SCHOOL, 'dirigente'), await register(rig, POLO, 'dirigentePolo')];
  // The years before are not measured: no worker sends their letters.
  await installation.worker.stop();
  const { ids = [] } = await rig.load({ kind: 'projects', databaseUrl: installation.databaseUrl, masterKey: installation.masterKey.toString('base64'), scuola: SCHOOL, polo: POLO, callers: 16, count });
  await installation.query(`update agenda set state = 'done' where kind = 'effect' and state = 'due' and case_id = any ($1)`, [ids]);
  await installation.worker.start();
  await pause(3_000);
  const before = { api: memoryOf(installation.api.pid), worker: memoryOf(installation.worker.pid) };
  const memory = watch(rig), began = performance.now();
  const seconds = () => (performance.now() - began) / 1_000;

  const { measured } = await rig.load({ kind: 'commands', api: installation.apiUrl, tokens: [dirigente], ids, commands: [{ name: 'rendiconta', data: rendicontoOf() }], callers: 32 });
  const anno = schoolYearOf(addDays(romeDate(new Date().toISOString()), -40));
  const [{ id: fondo }] = await installation.query(`select id from cases where process = 'fondo-istruzione-domiciliare' and parties ->> 'polo' = $1 and "row" ->> 'annoScolastico' = $2`, [POLO, anno]);
  const until = async (what: string, query: string) => {
    while (Number((await installation.query(query, [ids, fondo]))[0].n) < count) {
      if (seconds() * 1_000 > PATIENCE_MS) throw new Error(`${what}: not within ${PATIENCE_MS / 60_000} minutes`);
      await pause(100);
    }
    return seconds();
  };
  const reported = await until('reports at the fund', `select ("row" ->> 'rendicontati')::int as n, $1::uuid[] from cases where id = $2`);
  const give = async (name: string, data: object) => {
    const response = await fetch(`${installation.apiUrl}/api/v1/cases/${fondo}/commands/${name}`, { method: 'POST', headers: { authorization: `Bearer ${polo}`, 'content-type': 'application/json', 'idempotency-key': randomUUID() }, body: JSON.stringify(data) });
    if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
  };
  const atto = { numero: '9', data: new Date().toISOString().slice(0, 10) };
  await give('registraFinanziamento', { importoCents: 4_000 * count, atto });
  await give('liquida', { atto });
  const paid = await until('projects paid', `select count(*) as n, $2::uuid from cases where id = any ($1) and state = 'liquidata'`);
  await until('letters of the reports', `select count(distinct m.case_id) as n, $2::uuid from mails m where m.case_id = any ($1) and exists (select from agenda a where a.id = m.agenda_id and a.name = 'notificaRendiconto')`);
  const lettersAt = await until('letters of the payment', `select count(distinct m.case_id) as n, $2::uuid from mails m where m.case_id = any ($1) and exists (select from agenda a where a.id = m.agenda_id and a.name = 'notificaLiquidazione')`);
  memory.stop();
  const [sums] = await installation.query(`select sum((context -> 'liquidazione' ->> 'quotaCents')::bigint) as paid from cases where id = any ($1)`, [ids]);
  const isFlat = memory.largest.worker <= Math.max(before.worker, 300) * MOST_GROWTH;
  return [
    { what: `${count} projects: reported, then paid by the fund`, callers: 32, perSecond: count / paid, p50: measured.p50, p95: measured.p95, aim: { text: `${MOST_SECONDS} s for ${PROJECTS}`, holds: paid <= MOST_SECONDS * count / PROJECTS }, note: `${paid.toFixed(0)} s (reports at the fund after ${reported.toFixed(0)} s); ${sums.paid} cents of ${4_000 * count}` },
    { what: `${count} projects: their letters, PDFs and registers`, perSecond: count / lettersAt, memory: memory.largest.worker, aim: { text: 'memory flat', holds: isFlat }, note: `${lettersAt.toFixed(0)} s; worker ${before.worker.toFixed(0)} → at most ${memory.largest.worker.toFixed(0)} MiB, API ${before.api.toFixed(0)} → ${memory.largest.api.toFixed(0)}` },
  ];
};
