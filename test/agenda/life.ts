/** An installation in one process, with the real PostgreSQL and Temporal of the run and a mail server that does as the test says. */
import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { buffer as bytesOf } from 'node:stream/consumers';
import type { Client } from '@temporalio/client';
import { simpleParser } from 'mailparser';
import pg from 'pg';
import { SMTPServer } from 'smtp-server';
import { createPools, type Pools } from '../../database/pools.ts';
import { createNudger, type Nudger } from '../../engine/agenda/nudger.ts';
import { linkTemporal, type TemporalLink } from '../../engine/agenda/temporal.ts';
import type { Logger } from '../../engine/commit/context.ts';
import { createEngine, type Caller, type Engine } from '../../engine/engine.ts';
import { createProcesses } from '../../engine/processes.ts';
import type { Json, Plugin } from '../../plugins/contract.ts';
import { startWorker, type RunningWorker, type WorkerConfig } from '../../worker/caseWorker.ts';
import { createTestDatabase, testServers } from '../environment/servers.ts';

const masterKey = Buffer.from(process.env['ITER_MASTER_KEY'] ?? '', 'base64');

export interface Received { messageId: string; to: string; subject: string; attachments: { filename: string; contentType: string; content: Buffer }[]; /** The message as it came. */ raw: Buffer }
/** What the mail server answers to a recipient: accepts, refuses with a code, or waits for the test. */
export type Answer = 'accept' | { code: number } | { wait: Promise<unknown> };

export class TestMail {
  readonly received: Received[] = [];
  /** Recipients asked for, accepted or not. */
  readonly attempts: string[] = [];
  answer: (address: string) => Answer = () => 'accept';
  private server: SMTPServer | null = null;
  private port = 0;

  async start(): Promise<void> {
    const server = new SMTPServer({
      authOptional: true, disabledCommands: ['AUTH', 'STARTTLS'], logger: false, closeTimeout: 100,
      onRcptTo: ({ address }, _session, done) => {
        this.attempts.push(address);
        const answer = this.answer(address);
        if (answer === 'accept') done();
        else if ('code' in answer) done(Object.assign(new Error('as the test says'), { responseCode: answer.code }));
        else void answer.wait.then(() => done());
      },
      onData: (stream, session, done) => {
        void bytesOf(stream).then(async raw => {
          const mail = await simpleParser(raw);
          const attachments = mail.attachments.map(({ filename = '', contentType, content }) => ({ filename, contentType, content }));
          this.received.push({ messageId: mail.messageId ?? '', to: session.envelope.rcptTo.map(({ address }) => address).join(), subject: mail.subject ?? '', attachments, raw });
          done();
        }, done);
      },
    });
    server.on('error', () => undefined);
    await new Promise<void>((resolve, reject) => { server.server.once('error', reject); server.listen(this.port, '127.0.0.1', resolve); });
    this.port = (server.server.address() as AddressInfo).port;
    this.server = server;
  }
  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (server) await new Promise<void>(resolve => server.close(resolve));
  }
  get url(): string { return `smtp://127.0.0.1:${this.port}`; }
  about(caseId: string): Received[] { return this.received.filter(({ subject }) => subject.includes(caseId)); }
}

export interface Life {
  /** As the API's process: nudges after its commits. */
  engine: Engine;
  /** The same without any nudge: every one is lost. */
  silent: Engine;
  people: { segreteria: Caller; operatorePolo: Caller; genitore: Caller };
  admin: pg.Pool;
  pools: Pools;
  mail: TestMail;
  nudger: Nudger;
  link: TemporalLink;
  client: Client;
  taskQueue: string;
  logged: { level: string; fields: any; message: string }[];
  /** One more worker, with its own nudger, engine and pools. */
  work(config?: Partial<WorkerConfig>): Promise<RunningWorker>;
  close(): Promise<void>;
}

/** Times of the tests: an attempt of two seconds, a sweep each half second. */
const QUICK: Partial<WorkerConfig> = { attemptMs: 2_000, graceMs: 500, sweeper: { everyMs: 500, graceMs: 1_000 } };

export async function openLife(plugins: Plugin[], { publicUrl = null }: { publicUrl?: string | null } = {}): Promise<Life> {
  const { temporalAddress, namespace } = testServers();
  const database = await createTestDatabase();
  const admin = new pg.Pool({ connectionString: database.url, max: 4 });
  admin.on('error', () => {});
  const ids = { mario: randomUUID(), anna: randomUUID() };
  await admin.query(`insert into organisations (code, name, kind, email, pec) values ('S1', 'Prima scuola', 'scuola', 'scuola@example.it', null), ('P1', 'Polo', 'polo', 'polo@example.it', 'polo@pec.example.it')`);
  await admin.query(`insert into users (id, username, name, email, locale) values ($1, 'mario', 'Mario', null, 'it'), ($2, 'anna', 'Anna', 'anna@example.it', 'en')`, Object.values(ids));
  const of = (userId: string, role: string, organisation: string | null): Caller => ({ kind: 'user', userId, role, organisation, principals: organisation ? [organisation, userId] : [userId] });
  const people = { segreteria: of(ids.mario, 'segreteria', 'S1'), operatorePolo: of(ids.mario, 'operatorePolo', 'P1'), genitore: of(ids.anna, 'genitore', null) };

  const logged: Life['logged'] = [];
  const note = (level: string) => (fields: object, message: string) => { logged.push({ level, fields, message }); };
  const log: Logger = { info: note('info'), warn: note('warn'), error: note('error') };
  const mail = new TestMail();
  await mail.start();
  // Tests share a namespace, and each has a database of its own: a queue of its own keeps their workflows apart.
  const target = { namespace, connection: { address: temporalAddress }, taskQueue: `iter-${randomUUID()}` };
  const link = linkTemporal(target);
  const engines = (onCommitted: Nudger['onCommitted'], commitPool: 'commit' | 'workerCommit') => createEngine({ pools, processes: createProcesses(plugins), masterKey, log, commitPool, onCommitted, publicUrl });
  const pools = createPools(database.url, masterKey, { read: 2, commit: 8, worker: 8 });
  const nudger = createNudger({ log, windowMs: 100, calmMs: 100 });
  nudger.connect(target);
  const workers: { stop(): Promise<void> }[] = [];
  return {
    engine: engines(nudger.onCommitted, 'commit'), silent: engines(() => {}, 'commit'), people, admin, pools, mail, nudger, link, client: link.client, taskQueue: target.taskQueue, logged,
    async work(config) {
      const worker = startWorker(
        { namespace, taskQueue: target.taskQueue, connection: { address: temporalAddress }, mail: { smtpUrl: mail.url, from: 'Iter <iter@example.it>', timeoutMs: 1_500 }, ...QUICK, ...config },
        { engine: engines(nudger.onCommitted, 'workerCommit'), pool: pools.worker, nudger, log },
      );
      workers.push(worker);
      await worker.ready;
      return worker;
    },
    async close() {
      for (const worker of workers) await worker.stop();
      await nudger.close();
      await link.close();
      await mail.stop();
      await pools.end();
      await admin.end();
      await database.drop();
    },
  };
}

/** A permit that left its draft: `secondi` is its term, 0 none. */
export async function presented({ engine, people }: Pick<Life, 'engine' | 'people'>, secondi = 0): Promise<string> {
  const { record } = await engine.createCase({ process: 'permesso', data: {}, parties: { polo: 'P1', famiglia: people.genitore.userId }, caller: people.segreteria, key: randomUUID() });
  await give({ engine, people }, record.state.id, 'presenta', { secondi });
  return record.state.id;
}

export function give({ engine, people }: Pick<Life, 'engine' | 'people'>, caseId: string, command: string, data: Json = {}) {
  return engine.giveCommand({ caseId, command, data, caller: people.segreteria, key: randomUUID() });
}

export async function stateOf({ admin }: Pick<Life, 'admin'>, caseId: string): Promise<string> {
  return (await admin.query('select state from cases where id = $1', [caseId])).rows[0].state;
}
export async function contextOf({ admin }: Pick<Life, 'admin'>, caseId: string): Promise<any> {
  return (await admin.query('select context from cases where id = $1', [caseId])).rows[0].context;
}
export interface AgendaRow { id: string; name: string; mode: string | null; state: string; attempts: number; due_at: Date; error: string | null; result: any; lease_until: Date | null }
export async function agendaOf({ admin }: Pick<Life, 'admin'>, caseId: string, name?: string): Promise<AgendaRow[]> {
  const { rows } = await admin.query('select id, name, mode, state, attempts, due_at, error, result, lease_until from agenda where case_id = $1 order by created_at, id', [caseId]);
  return name === undefined ? rows : rows.filter(row => row.name === name);
}
export interface EntryRow { seq: number; kind: string; name: string; from_state: string | null; to_state: string | null; execution: any }
export async function entriesOf({ admin }: Pick<Life, 'admin'>, caseId: string): Promise<EntryRow[]> {
  return (await admin.query('select seq, kind, name, from_state, to_state, execution from history where case_id = $1 order by seq', [caseId])).rows;
}
export const lifeOf = ({ client }: Pick<Life, 'client'>, caseId: string, process = 'permesso') => client.workflow.getHandle(`${process}/${caseId}`);
export async function statusOf(life: Pick<Life, 'client'>, caseId: string, process = 'permesso'): Promise<string> {
  return await lifeOf(life, caseId, process).describe().then(({ status }) => status.name, error => { if ((error as Error).name === 'WorkflowNotFoundError') return 'NONE'; throw error; });
}

export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
/** Waits until `look` answers something true; throws with what it answered last. */
export async function until<T>(look: () => Promise<T> | T, what: string, patienceMs = 45_000): Promise<Exclude<NonNullable<T>, false>> {
  const end = Date.now() + patienceMs;
  for (;;) {
    const found = await look();
    if (found) return found as Exclude<NonNullable<T>, false>;
    if (Date.now() > end) throw new Error(`it did not come to this: ${what} (last: ${JSON.stringify(found)})`);
    await sleep(50);
  }
}
