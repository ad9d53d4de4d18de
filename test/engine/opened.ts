/** An engine with toys on a database of its own: what every test file of this folder begins with. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { createPools, roleUrl, type PoolSizes, type Pools } from '../../database/pools.ts';
import type { LoginRole } from '../../database/schema.ts';
import type { CommittedChange } from '../../engine/commit/context.ts';
import { createEngine, type Caller, type Engine, type EngineOptions } from '../../engine/engine.ts';
import { Problem } from '../../engine/problems.ts';
import { createProcesses } from '../../engine/processes.ts';
import type { Json, Plugin } from '../../plugins/contract.ts';
import { createTestDatabase } from '../environment/servers.ts';

const masterKey = Buffer.from(process.env['ITER_MASTER_KEY'] ?? '', 'base64');

export interface People { segreteria: Caller; operatorePolo: Caller; altraScuola: Caller; docente: Caller; genitore: Caller; altroGenitore: Caller }

export interface Opened {
  engine: Engine;
  pools: Pools;
  /** The superuser's address. */
  url: string;
  /** As the superuser: what no serving role may do. */
  admin: pg.Pool;
  people: People;
  /** What onCommitted was told, oldest first. */
  changes: CommittedChange[];
  counted: string[];
  logged: { level: string; fields: any; message: string }[];
  /** Another program on the same database: pools, queues and memory of its own. */
  another(options?: { sizes?: PoolSizes; validate?: EngineOptions['validate']; plugins?: Plugin[]; port?: number }): { engine: Engine; pools: Pools };
  raw(role: LoginRole): pg.Pool;
  close(): Promise<void>;
}

export async function openEngine(plugins: Plugin[], sizes?: PoolSizes): Promise<Opened> {
  const database = await createTestDatabase();
  const admin = new pg.Pool({ connectionString: database.url, max: 4 });
  admin.on('error', () => {});
  const ids = { mario: randomUUID(), anna: randomUUID(), luigi: randomUUID() };
  await admin.query(`insert into organisations (code, name, kind) values ('S1', 'Prima scuola', 'scuola'), ('S2', 'Altra scuola', 'scuola'), ('P1', 'Polo', 'polo')`);
  await admin.query(`insert into users (id, username, name) values ($1, 'mario', 'Mario'), ($2, 'anna', 'Anna'), ($3, 'luigi', 'Luigi')`, Object.values(ids));
  const of = (userId: string, role: string, organisation: string | null): Caller => ({ kind: 'user', userId, role, organisation, principals: organisation ? [organisation, userId] : [userId] });
  const opened: { engine: Engine; pools: Pools }[] = [], raws: pg.Pool[] = [];
  const changes: CommittedChange[] = [], counted: string[] = [], logged: Opened['logged'] = [];
  const note = (level: string) => (fields: object, message: string) => { logged.push({ level, fields, message }); };
  const another: Opened['another'] = ({ sizes: otherSizes = sizes, validate, plugins: others = plugins, port } = {}) => {
    const url = new URL(database.url);
    if (port) url.port = String(port);
    const pools = createPools(url.href, masterKey, otherSizes);
    const engine = createEngine({
      pools, processes: createProcesses(others), masterKey, log: { info: note('info'), warn: note('warn'), error: note('error') },
      ...(validate ? { validate } : {}), onCommitted: change => { changes.push(change); }, onCounted: (what, process, detail) => { counted.push(`${what} ${process} ${detail}`.trim()); },
    });
    opened.push({ engine, pools });
    return { engine, pools };
  };
  const first = another();
  return {
    ...first, url: database.url, admin, changes, counted, logged, another,
    people: {
      segreteria: of(ids.mario, 'segreteria', 'S1'), operatorePolo: of(ids.anna, 'operatorePolo', 'P1'), altraScuola: of(ids.luigi, 'segreteria', 'S2'), docente: of(ids.mario, 'docente', 'S1'),
      genitore: of(ids.luigi, 'genitore', null), altroGenitore: of(ids.anna, 'genitore', null),
    },
    raw(role) {
      const pool = new pg.Pool({ connectionString: roleUrl(database.url, role, masterKey), max: 2 });
      pool.on('error', () => {});
      raws.push(pool);
      return pool;
    },
    async close() {
      await Promise.all([...opened.map(({ pools }) => pools.end()), ...raws.map(pool => pool.end())]);
      await admin.end();
      await database.drop();
    },
  };
}

/** What a call answered: `ok`, or the code of its problem; any other error is thrown. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(() => 'ok', error => { if (error instanceof Problem) return error.code; throw error; });
}

/** The problem that a call throws. */
export async function problemOf(work: Promise<unknown>): Promise<Problem> {
  return await work.then(answer => { throw new Error(`no problem but ${JSON.stringify(answer)?.slice(0, 200)}`); }, error => { if (error instanceof Problem) return error; throw error; });
}

/** A new case of a toy; its id. */
export async function newCase({ engine, people }: Pick<Opened, 'engine' | 'people'>, process: string, data: Json = {}, parties: Record<string, string> = { polo: 'P1' }, caller: Caller = people.segreteria): Promise<string> {
  return (await engine.createCase({ process, data, parties, caller, key: randomUUID() })).record.state.id;
}

/** Gives a command under a fresh key. */
export function give({ engine, people }: Pick<Opened, 'engine' | 'people'>, caseId: string, command: string, data: Json = {}, caller: Caller = people.segreteria, more: { key?: string; ifMatch?: number } = {}) {
  return engine.giveCommand({ caseId, command, data, caller, key: randomUUID(), ...more });
}

/** As a good client: told to come back, it does, with the same key. On a busy machine two hundred callers of one row meet time-outs. */
export async function insistedCode(work: (key: string) => Promise<unknown>): Promise<string> {
  const key = randomUUID();
  for (let attempt = 0; ; attempt += 1) {
    const code = await codeOf(work(key));
    if (code !== 'unavailable' || attempt >= 20) return code;
    await new Promise(resolve => setTimeout(resolve, 200));
  }
}

/** As if the open deadlines of a case had been set for `at`. */
export async function makeDue({ admin }: Pick<Opened, 'admin'>, caseId: string, at: string): Promise<void> {
  await admin.query(`update agenda set due_at = $2 where case_id = $1 and kind = 'deadline' and state = 'due'`, [caseId, at]);
  await admin.query('update cases set next_due = $2 where id = $1', [caseId, at]);
}

export interface EntryRow { seq: number; version: number; kind: string; name: string; from_state: string | null; to_state: string | null; caller: string; key: string; at: Date }
/** The history as it is stored. */
export async function entries({ admin }: Pick<Opened, 'admin'>, caseId: string): Promise<EntryRow[]> {
  return (await admin.query('select seq, version, kind, name, from_state, to_state, caller, key, at from history where case_id = $1 order by seq', [caseId])).rows;
}

export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms));
