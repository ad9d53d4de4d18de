/** The load generator: a process of its own, so that what it costs is not counted as ours. One job per message from its parent. */
import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { Client as TemporalClient, Connection } from '@temporalio/client';
import pg from 'pg';
import { createPools } from '../database/pools.ts';
import { createEngine } from '../engine/engine.ts';
import { createProcesses } from '../engine/processes.ts';
import { plugins } from '../plugins/registry.ts';
import { ApiClient } from '../test/crash/client.ts';
import { pursue } from '../test/crash/evening.ts';
import { concludedProject, deliverCommands, openCalendar } from '../test/journeys/onEngine.ts';
import { measure, type Job, type JobResult, type Measured } from './loadJobs.ts';

/** No job goes on for longer, whatever it was asked. */
const LONGEST_MS = 5 * 60_000;

type Of<K extends Job['kind']> = Extract<Job, { kind: K }>;

/** `count` calls by `callers` at once; each waits for its answer before the next. */
async function run(callers: number, count: number, call: (index: number, caller: number) => Promise<unknown>): Promise<Measured> {
  const latencies: number[] = [];
  let next = 0;
  const began = performance.now(), cpu = process.cpuUsage();
  await Promise.all(Array.from({ length: callers }, async (_, caller) => {
    while (next < count && performance.now() - began < LONGEST_MS) {
      const index = next;
      next += 1;
      const asked = performance.now();
      await call(index, caller);
      latencies.push(performance.now() - asked);
    }
  }));
  return measured(latencies, began, cpu);
}

function measured(latencies: number[], began: number, before: NodeJS.CpuUsage): Measured {
  const cpu = process.cpuUsage(before);
  return measure(latencies, (performance.now() - began) / 1_000, (cpu.user + cpu.system) / 1_000);
}

async function upsert({ url, callers, count }: Of<'upsert'>): Promise<JobResult> {
  const pool = new pg.Pool({ connectionString: url, max: callers });
  await pool.query('create table if not exists bench_floor (id text primary key, version int not null, state text not null)');
  const text = 'insert into bench_floor (id, version, state) values ($1, $2, $3) on conflict (id) do update set version = excluded.version, state = excluded.state';
  const call = (index: number, caller: number) => pool.query({ name: 'floor', text, values: [`${caller}-${index % 50}`, index, 'inIstruttoria'] });
  await run(callers, Math.min(300, count), call);
  const result = await run(callers, count, call);
  await pool.end();
  return { measured: result };
}

async function update({ address, namespace, taskQueue, prefix, workflows, callers, count }: Of<'update'>): Promise<JobResult> {
  const connection = await Connection.connect({ address });
  const client = new TemporalClient({ connection, namespace });
  const handles = await Promise.all(Array.from({ length: workflows }, (_, i) => client.workflow.start('rawUpdate', { taskQueue, workflowId: `${prefix}-${i}` })));
  const call = (index: number) => handles[index % workflows]!.executeUpdate('command', { args: [{ type: 'integra' }] });
  await run(callers, Math.min(workflows, count), call);
  const result = await run(callers, count, call);
  await Promise.all(handles.map(handle => handle.terminate()));
  await connection.close();
  return { measured: result };
}

const agent = new Agent({ keepAlive: true, maxSockets: 128 });
/** The answer's text: whoever needs it parses it. */
function send(base: URL, method: string, path: string, token: string, body?: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request({
      host: base.hostname, port: base.port, path: `/api/v1${path}`, method, agent,
      headers: { authorization: `Bearer ${token}`, ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'idempotency-key': randomUUID() }) },
    }, response => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (response.statusCode! < 300) resolve(text);
        else reject(new Error(`${method} ${path} answered ${response.statusCode}: ${text.slice(0, 500)}`));
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

async function create({ api, tokens, process: name, parties, callers, count }: Of<'create'>): Promise<JobResult> {
  const base = new URL(api), body = JSON.stringify({ data: {}, parties }), ids: string[] = [];
  const result = await run(callers, count, async (index, caller) => { ids[index] = JSON.parse(await send(base, 'POST', `/processes/${name}/cases`, tokens[caller % tokens.length]!, body)).id; });
  return { measured: result, ids };
}

async function commands({ api, tokens, ids, commands: list, callers, pauseMs }: Of<'commands'>): Promise<JobResult> {
  const base = new URL(api), texts = list.map(({ name, data }) => ({ name, body: JSON.stringify(data) }));
  const latencies: number[] = [];
  let next = 0;
  const began = performance.now(), cpu = process.cpuUsage();
  await Promise.all(Array.from({ length: callers }, async (_, caller) => {
    while (next < ids.length && performance.now() - began < LONGEST_MS) {
      const id = ids[next]!;
      next += 1;
      for (const { name, body } of texts) {
        const asked = performance.now();
        await send(base, 'POST', `/cases/${id}/commands/${name}`, tokens[caller % tokens.length]!, body);
        latencies.push(performance.now() - asked);
        if (pauseMs) await new Promise(resolve => setTimeout(resolve, pauseMs));
      }
    }
  }));
  return { measured: measured(latencies, began, cpu) };
}

async function bookings({ api, wishes, callers }: Of<'bookings'>): Promise<JobResult> {
  const client = new ApiClient(api, callers), began = performance.now(), cpu = process.cpuUsage();
  const { booked, refused, waiting, rules } = await pursue(client, wishes, callers);
  client.close();
  const latencies = (told: { asked: number; answered: number }[]) => measured(told.map(({ asked, answered }) => answered - asked), began, cpu);
  return { measured: latencies(booked), refused: latencies(refused), note: `${waiting.length} entered a waiting list, ${rules.length} were refused by a rule` };
}

async function reads({ api, token, paths, callers, count }: Of<'reads'>): Promise<JobResult> {
  const base = new URL(api);
  await run(callers, Math.min(50, count), index => send(base, 'GET', paths[index % paths.length]!, token));
  return { measured: await run(callers, count, index => send(base, 'GET', paths[index % paths.length]!, token)) };
}

async function fund({ databaseUrl, masterKey, api, token, polo, annoScolastico, callers, count }: Of<'fund'>): Promise<JobResult> {
  const key = Buffer.from(masterKey, 'base64'), log = { info: () => undefined, warn: () => undefined, error: console.error };
  const pools = createPools(databaseUrl, key);
  const engine = createEngine({ pools, processes: createProcesses(plugins), masterKey: key, log, commitPool: 'workerCommit' });
  let fondo: string | null = null, refused = 0;
  const give = async (index: number) => {
    const caseId = randomUUID();
    const sent = await engine.sendCommand({
      effectId: randomUUID(), from: { process: 'istruzione-domiciliare', caseId },
      input: {
        process: 'fondo-istruzione-domiciliare', command: 'registraProgetto', data: { progetto: caseId, numero: `ID-${index}`, scuola: 'BAIC800001', minutiAutorizzati: 600, attivato: true },
        target: { key: `${polo}/${annoScolastico}`, create: { data: { annoScolastico }, parties: { polo } } },
      },
    });
    if (sent.ok) fondo = sent.caseId;
    else refused += 1;
  };
  await give(0);
  const base = new URL(api), latencies: number[] = [];
  let over = false;
  const began = performance.now(), cpu = process.cpuUsage();
  const reading = (async () => {
    while (!over) {
      const asked = performance.now();
      await send(base, 'GET', `/cases/${fondo}`, token);
      latencies.push(performance.now() - asked);
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  })();
  const result = await run(callers, count - 1, index => give(index + 1));
  over = true;
  await reading;
  const seen = JSON.parse(await send(base, 'GET', `/cases/${fondo}`, token));
  await pools.end();
  return { measured: result, reads: measured(latencies, began, cpu), note: `${seen.data.progetti.length} projects in the fund, ${refused} refused` };
}

/** Concluded projects, known to the fund: what a school year leaves behind before it is reported. */
async function projects({ databaseUrl, masterKey, scuola, polo, callers, count }: Of<'projects'>): Promise<JobResult> {
  const key = Buffer.from(masterKey, 'base64'), log = { info: () => undefined, warn: () => undefined, error: console.error };
  const pools = createPools(databaseUrl, key), admin = new pg.Pool({ connectionString: databaseUrl, max: 4 });
  const engine = createEngine({ pools, processes: createProcesses(plugins), masterKey: key, log });
  const cast = { engine, admin, scuola, polo }, ids: string[] = [];
  await openCalendar(cast);
  const result = await run(callers, count, async () => {
    const id = await concludedProject(cast);
    await deliverCommands(cast, id);
    ids.push(id);
  });
  await Promise.all([pools.end(), admin.end()]);
  return { measured: result, ids };
}

process.on('message', (job: Job) => {
  const work = async (): Promise<JobResult> => {
    switch (job.kind) {
      case 'projects': return await projects(job);
      case 'upsert': return await upsert(job);
      case 'update': return await update(job);
      case 'create': return await create(job);
      case 'commands': return await commands(job);
      case 'bookings': return await bookings(job);
      case 'reads': return await reads(job);
      case 'fund': return await fund(job);
      default: return assertNever(job);
    }
  };
  work().then(result => process.send!({ result }), error => process.send!({ error: String(error?.stack ?? error) }));
});
process.on('disconnect', () => process.exit(0));

function assertNever(job: never): never {
  throw new Error(`not a job: ${JSON.stringify(job)}`);
}
