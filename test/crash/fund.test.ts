/** A fund to which a thousand projects speak at once, and the payment that meets a project activated in the same moment. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { loadDefaultParameters } from '../../database/parameters.ts';
import { createPools, type Pools } from '../../database/pools.ts';
import { createEngine, type Caller, type Engine } from '../../engine/engine.ts';
import { verifyHistory } from '../../engine/history/read.ts';
import { Problem } from '../../engine/problems.ts';
import { createProcesses } from '../../engine/processes.ts';
import { addDays } from '../../plugins/calendar.ts';
import type { CommandInput, Json, JsonObject } from '../../plugins/contract.ts';
import { fondoIstruzioneDomiciliare } from '../../plugins/fondo-istruzione-domiciliare/plugin.ts';
import * as examples from '../../plugins/istruzione-domiciliare/examples.ts';
import { istruzioneDomiciliare } from '../../plugins/istruzione-domiciliare/plugin.ts';
import { storyDates } from '../../worker/demo/dates.ts';
import { createTestDatabase, type TestDatabase } from '../environment/servers.ts';
import { DatabaseProxy } from './proxy.ts';

const PROJECTS = 1_000, CALLERS = 32, ROUNDS = 24;
const SCUOLA = 'BAIC800001';
const masterKey = Buffer.from(process.env['ITER_MASTER_KEY'] ?? '', 'base64');
const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
const dates = storyDates();
const ATTO = { numero: '1', data: addDays(dates.oggi, -1) };

let database: TestDatabase, admin: Client, direct: Engine, throughProxy: Engine, someone: string;
const proxy = new DatabaseProxy(), pools: Pools[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
  admin = new Client({ connectionString: database.url });
  await admin.connect();
  const open = (url: string) => {
    const made = createPools(url, masterKey, { read: 4, commit: 8, worker: 8 });
    pools.push(made);
    return createEngine({ pools: made, processes: createProcesses([istruzioneDomiciliare, fondoIstruzioneDomiciliare]), masterKey, log });
  };
  direct = open(database.url);
  throughProxy = open(await proxy.open(database.url));
  someone = randomUUID();
  await admin.query(`insert into organisations (code, name, kind) values ($1, 'Scuola', 'scuola')`, [SCUOLA]);
  await admin.query(`insert into users (id, username, name) values ($1, 'tutti', 'Tutti')`, [someone]);
  await loadDefaultParameters(pools[0]!.commit, istruzioneDomiciliare.defaultParameters!);
}, 120_000);
afterAll(async () => {
  await Promise.all(pools.map(each => each.end()));
  await proxy.close();
  await admin?.end();
  await database?.drop();
});

const speaking = (role: string, organisation: string): Caller => ({ kind: 'user', userId: someone, role, organisation, principals: [organisation, someone] });

/** A polo of its own, with a calendar in which today is a day of lessons whatever the day of the year. */
async function newPolo(): Promise<string> {
  const polo = `POLO-${randomUUID().slice(0, 8)}`;
  await admin.query(`insert into organisations (code, name, kind) values ($1, $1, 'polo')`, [polo]);
  const calendar = { inizioLezioni: addDays(dates.oggi, -90), fineLezioni: addDays(dates.oggi, 90), giorniSettimanaliChiusi: [7], chiusure: [], esami: { dal: addDays(dates.oggi, 91), al: addDays(dates.oggi, 110) } };
  await admin.query(`insert into parameters (name, organisation, valid_from, value, reason, set_by) values ('calendarioScolastico', $1, '2020-01-01', $2, 'prova', 'prova')`, [polo, JSON.stringify({ Puglia: calendar })]);
  return polo;
}

/** What left the cases as commands, taken to the fund as the worker would. */
async function deliver(caseId: string): Promise<void> {
  const { rows } = await admin.query(`select a.id, a.input, c.process from agenda a join cases c on c.id = a.case_id where a.case_id = $1 and a.does = 'command' and a.state = 'due' order by a.created_at`, [caseId]);
  for (const { id, input, process } of rows) {
    const sent = await direct.sendCommand({ effectId: id, from: { process, caseId }, input: input as CommandInput });
    expect(sent).toMatchObject({ ok: true });
    await direct.recordOutcomes(caseId, [{ effectId: id, ok: true, result: null, execution: null }]);
  }
}

/** A project of this polo that is authorised, and of which nobody was taught yet. */
async function authorised(polo: string): Promise<string> {
  const scuola = (role: string) => speaking(role, SCUOLA);
  const created = await direct.createCase({ process: 'istruzione-domiciliare', data: examples.BOZZA, parties: { polo }, caller: scuola('segreteria'), key: randomUUID() });
  const caseId = created.record.state.id;
  const give = (role: string, command: string, data: Json) => direct.giveCommand({ caseId, command, data, caller: role === 'operatorePolo' ? speaking(role, polo) : scuola(role), key: randomUUID() });
  const attach = (kind: string) => direct.attach({ caseId, kind, name: `${kind}.pdf`, mediaType: 'application/pdf', content: Buffer.from(kind), caller: scuola('segreteria'), key: randomUUID() });
  const atto = addDays(dates.periodi[0]!.dal, -1);
  await attach('modelloS');
  await attach('modelloG');
  await give('segreteria', 'presenta', { certificato: { modello: 'S', emittente: 'strutturaOspedaliera', rilasciatoIl: atto, periodi: dates.periodi as unknown as Json }, modelloG: { firmatario: 'Giulia Rossi', qualita: 'genitore', firmatoIl: atto } });
  await give('operatorePolo', 'assegnaNumero', {});
  for (const [command, data] of examples.ATTI) await give('segreteria', command, dated(data, atto));
  await attach('modelloP');
  await give('segreteria', 'inviaModelloP', dated(examples.modelloP(), atto));
  await give('operatorePolo', 'autorizza', { oreAutorizzate: 10 });
  await direct.giveCommand({ caseId, command: 'controfirma', data: {}, caller: { ...speaking('dirigentePolo', polo), userId: randomUUID() }, key: randomUUID() });
  await deliver(caseId);
  return caseId;
}

/** Examples are dated in one school year: every `data` becomes this one. */
const dated = (value: JsonObject, date: string): JsonObject => JSON.parse(JSON.stringify(value, (key, inner) => (key === 'data' && typeof inner === 'string' ? date : inner)));

const lesson = (engine: Engine, caseId: string) =>
  engine.giveCommand({ caseId, command: 'registraLezione', data: examples.lezione(dates.lezioni[0]!, '15:00', '17:00'), caller: speaking('docente', SCUOLA), key: randomUUID() });

async function reported(polo: string): Promise<string> {
  const caseId = await authorised(polo);
  const scuola = (role: string) => speaking(role, SCUOLA);
  const give = (role: string, command: string, data: Json) => direct.giveCommand({ caseId, command, data, caller: scuola(role), key: randomUUID() });
  const attach = (kind: string) => direct.attach({ caseId, kind, name: `${kind}.pdf`, mediaType: 'application/pdf', content: Buffer.from(kind), caller: scuola('segreteria'), key: randomUUID() });
  await lesson(direct, caseId);
  await give('segreteria', 'concludi', {});
  for (const kind of ['relazioneFinale', 'modelloV', 'modelloZ', 'modelloOF']) await attach(kind);
  await give('docente', 'consegnaRelazione', { docente: 'bianchi' });
  await give('docente', 'firmaRegistro', { docente: 'bianchi' });
  await give('dirigente', 'vistaRegistro', { docente: 'bianchi' });
  await give('dirigente', 'rendiconta', examples.rendiconta([{ docente: 'bianchi', ore: 2 }], 2, dates.oggi));
  await deliver(caseId);
  return caseId;
}

async function fundOf(polo: string): Promise<string> {
  const { rows: [row] } = await admin.query(`select id from cases where process = 'fondo-istruzione-domiciliare' and parties->>'polo' = $1`, [polo]);
  return row.id;
}

const pay = (engine: Engine, fund: string, polo: string) =>
  engine.giveCommand({ caseId: fund, command: 'liquida', data: { atto: ATTO }, caller: speaking('dirigentePolo', polo), key: randomUUID() }).then(() => 'paid' as const, (error: unknown) => {
    if (error instanceof Problem && error.code === 'invalid') return (error.members['refusals'] as { rule: string }[])[0]!.rule;
    throw error;
  });

/** One project that has reported, one about to be activated, and the money. */
async function fundBeforePayment(): Promise<{ polo: string; fund: string; next: string }> {
  const polo = await newPolo();
  await reported(polo);
  const next = await authorised(polo);
  const fund = await fundOf(polo);
  await direct.giveCommand({ caseId: fund, command: 'registraFinanziamento', data: { importoCents: 100_000, atto: ATTO }, caller: speaking('operatorePolo', polo), key: randomUUID() });
  return { polo, fund, next };
}

describe('a hot fund', () => {
  it('takes every command of a thousand projects once, while it is read', async () => {
    const polo = await newPolo();
    const projects = Array.from({ length: PROJECTS }, (_, i) => ({ id: randomUUID(), effectId: randomUUID(), numero: `ID-${i}` }));
    const send = ({ id, effectId, numero }: (typeof projects)[number]) => direct.sendCommand({
      effectId, from: { process: 'istruzione-domiciliare', caseId: id },
      input: {
        process: 'fondo-istruzione-domiciliare', command: 'registraProgetto', data: { progetto: id, numero, scuola: SCUOLA, minutiAutorizzati: 600, attivato: true },
        target: { key: `${polo}/${dates.annoScolastico}`, create: { data: { annoScolastico: dates.annoScolastico }, parties: { polo } } },
      },
    });
    let next = 0, over = false;
    const latencies: number[] = [];
    const reading = (async () => {
      while (!over) {
        await new Promise(resolve => setTimeout(resolve, 100));
        const asked = performance.now();
        const { rows: [found] } = await admin.query(`select id from cases where parties->>'polo' = $1`, [polo]);
        if (found) expect(await direct.readCase(found.id, [polo])).not.toBeNull();
        latencies.push(performance.now() - asked);
      }
    })();
    const began = performance.now();
    await Promise.all(Array.from({ length: CALLERS }, async (_, caller) => {
      while (next < projects.length) {
        const index = next;
        next += 1;
        expect(await send(projects[index]!)).toMatchObject({ ok: true });
        // Now and then an answer is lost and the same effect is sent again.
        if (index % 10 === caller % 10) expect(await send(projects[index]!)).toMatchObject({ ok: true });
      }
    }));
    const seconds = (performance.now() - began) / 1_000;
    over = true;
    await reading;
    latencies.sort((a, b) => a - b);
    process.stderr.write(`${PROJECTS} projects' commands to one fund in ${seconds.toFixed(1)} s; reading it meanwhile p95 ${latencies[Math.floor(latencies.length * 0.95)]!.toFixed(0)} ms\n`);
    const fund = await fundOf(polo);
    const record = await direct.readCase(fund, [polo]);
    expect(record!.row).toMatchObject({ progetti: PROJECTS });
    expect(new Set(record!.items.map(({ key }) => key))).toEqual(new Set(projects.map(({ id }) => id)));
    const page = await direct.readHistory(fund, [polo]);
    expect(page!.entries.map(({ kind }) => kind)).toEqual(['created', ...Array.from({ length: PROJECTS }, () => 'command')]);
    expect(verifyHistory(page!)).toMatchObject({ valid: true, entries: PROJECTS + 1 });
  }, 5 * 60_000);
});

describe('the payment and a project activated at the same moment', () => {
  it('refuses when the project was activated first, though its commit is still on the way', async () => {
    const { polo, fund, next } = await fundBeforePayment();
    const { began, release } = proxy.holdNext();
    const activated = lesson(throughProxy, next);
    await began;
    const paid = pay(direct, fund, polo);
    // It waits for the project's commit: an answer now would not know of it.
    expect(await Promise.race([paid, new Promise(resolve => setTimeout(() => resolve('waits'), 400))])).toBe('waits');
    release();
    await activated;
    expect(await paid).toBe('rendicontiMancanti');
  }, 120_000);

  it('pays when the payment was first, and the project is activated after it', async () => {
    const { polo, fund, next } = await fundBeforePayment();
    const { began, release } = proxy.holdNext();
    const paid = pay(throughProxy, fund, polo);
    await began;
    const activated = lesson(direct, next).then(({ record }) => record.stateName);
    expect(await Promise.race([activated, new Promise(resolve => setTimeout(() => resolve('waits'), 400))])).toBe('waits');
    release();
    expect(await paid).toBe('paid');
    expect(await activated).toBe('inCorso');
  }, 120_000);

  it('never pays past a project whose activation was answered before', async () => {
    const { polo, fund } = await fundBeforePayment();
    const projects = await Promise.all(Array.from({ length: ROUNDS }, () => authorised(polo)));
    const outcomes: string[] = [];
    for (const [round, project] of projects.entries()) {
      // Both orders, and every distance between them.
      const early = (round % 8) - 4;
      const wait = (ms: number) => new Promise(resolve => setTimeout(resolve, Math.max(0, ms)));
      let answeredAt = Infinity, askedAt = Infinity;
      const [, paid] = await Promise.all([
        wait(early * 2).then(() => lesson(direct, project)).then(() => { answeredAt = performance.now(); }),
        wait(-early * 2).then(() => { askedAt = performance.now(); return pay(direct, fund, polo); }),
      ]);
      outcomes.push(paid);
      // Once one is activated and not reported, no later payment may pass.
      if (answeredAt < askedAt || round > 0) expect(paid).toBe('rendicontiMancanti');
    }
    expect(outcomes).toHaveLength(ROUNDS);
  }, 3 * 60_000);
});
