/** What every measurement has at hand: an installation as in production, a load generator, and the way to count CPU. */
import { fork, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Installation } from '../test/crash/installation.ts';
import { POLO, SCHOOL } from '../test/crash/people.ts';
import type { Job, JobResult } from './loadJobs.ts';
import { readCpu, readMachine, subtract, total, type Cpu } from './processes.ts';
import type { Row } from './table.ts';

export const PARTIES = { scuola: SCHOOL, polo: POLO };
export const YARDSTICK = ['presenta', 'integra', 'integra', 'concedi'].map(name => ({ name, data: {} }));

/** A measurement: it may look at the rows of those before it. */
export type Measurement = (rig: Rig, rows: readonly Row[]) => Promise<Row[]>;

const JOB_LIMIT_MS = 6 * 60_000;
const SETTLED = `select (select count(*) from agenda where state in ('due','begun','performed') and (kind = 'effect' or due_at <= clock_timestamp()))::int as open`;

export class Rig {
  readonly installation: Installation;
  readonly quick: boolean;
  private readonly generator: ChildProcess;
  private busy = { othersMs: 0, ms: 0 };

  constructor(installation: Installation, quick: boolean) {
    this.installation = installation;
    this.quick = quick;
    this.generator = fork(new URL('./load.ts', import.meta.url), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TZ: 'UTC' } });
  }

  /** So many in a real run, a tenth in a quick one. */
  amount(whole: number): number {
    return this.quick ? Math.max(16, Math.round(whole / 10)) : whole;
  }

  get tokens(): string[] { return this.installation.people.segreterie.map(({ token }) => token); }
  get poloToken(): string { return this.installation.people.operatori[0]!.token; }

  async load(job: Job): Promise<JobResult> {
    const { promise, resolve, reject } = Promise.withResolvers<JobResult>();
    const onMessage = (message: { result?: JobResult; error?: string }) => (message.result ? resolve(message.result) : reject(new Error(message.error)));
    const onExit = () => reject(new Error('the load generator ended'));
    const timer = setTimeout(() => reject(new Error(`the job "${job.kind}" took longer than ${JOB_LIMIT_MS / 60_000} minutes`)), JOB_LIMIT_MS);
    this.generator.once('message', onMessage).once('exit', onExit);
    this.generator.send(job);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.generator.off('message', onMessage).off('exit', onExit);
    }
  }

  /** The CPU of all parts while `work` runs. */
  async counted<T>(work: () => Promise<T>): Promise<{ result: T; cpu: Cpu; ms: number }> {
    const before = readCpu(this.installation), machine = readMachine(), own = process.cpuUsage(), began = performance.now();
    const result = await work();
    const cpu = subtract(readCpu(this.installation), before), ms = performance.now() - began;
    const { user, system } = process.cpuUsage(own);
    const generator = (result as Partial<JobResult> | undefined)?.measured?.cpuMs ?? 0;
    this.busy.othersMs += Math.max(0, readMachine() - machine - total(cpu) - (user + system) / 1_000 - generator);
    this.busy.ms += ms;
    return { result, cpu, ms };
  }

  /** How much of the machine's cores others used while CPU was counted, as a share of all cores. More than a little, and the figures say little. */
  get othersShare(): number {
    return this.busy.ms === 0 ? 0 : this.busy.othersMs / this.busy.ms / availableParallelism();
  }

  async createCases(process: string, count: number): Promise<string[]> {
    return (await this.load({ kind: 'create', api: this.installation.apiUrl, tokens: this.tokens, process, parties: PARTIES, callers: 16, count })).ids!;
  }

  /** Until every agenda is empty and no workflow of `types` runs any more (`workflows`: how many may stay). Throws after `withinMs`. */
  async settled(types: string[] = [], workflows = 0, withinMs = 240_000): Promise<void> {
    const { Client, Connection } = await import('@temporalio/client');
    const connection = await Connection.connect({ address: this.installation.temporalAddress });
    const client = new Client({ connection, namespace: this.installation.namespace });
    const query = `ExecutionStatus="Running" and (${types.map(type => `WorkflowType="${type}"`).join(' or ')})`;
    try {
      for (const end = performance.now() + withinMs; ;) {
        const [{ open }] = await this.installation.query(SETTLED);
        // Asked rarely, and last: this question costs Temporal as much as some commands.
        const running = types.length === 0 || open > 0 ? 0 : (await client.workflow.count(query)).count;
        if (open === 0 && running <= workflows) return;
        if (performance.now() > end) throw new Error(`not settled after ${withinMs / 1_000} s: ${open} rows open, ${running} workflows running`);
        await pause(1_000);
      }
    } finally {
      await connection.close();
    }
  }

  close(): void {
    this.generator.disconnect();
  }
}
