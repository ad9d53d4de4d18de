/** Imports of rows that plugins declare, for those who may: the file, and how their organisation's software writes it. */
import * as sql from '../../database/importStatements.ts';
import { run } from '../../database/pools.ts';
import type { Json } from '../../plugins/contract.ts';
import type { FieldError } from '../commit/refusals.ts';
import type { EngineContext } from '../commit/context.ts';
import type { CompiledProcess } from '../decide/compile.ts';
import { withConnection } from '../commit/transaction.ts';
import type { Caller } from '../engine.ts';
import { Problem } from '../problems.ts';
import { followFamilies, type FollowAsk, type Followed } from './followFamilies.ts';
import { importRows, type ImportAsk, type ImportMapping, type ImportSummary } from './importRows.ts';

export interface ImportEngine {
  createCase(input: { process: string; data: Json; parties: Record<string, string>; caller: Caller; key: string; invalid?: FieldError[] }): Promise<unknown>;
  giveCommand(input: { caseId: string; command: string; data: Json; caller: Caller; key: string; invalid?: FieldError[] }): Promise<{ version: number }>;
  /** So that no command need ask again. */
  remember(caseId: string, process: CompiledProcess): void;
}
/** What a schema says against data, as for what people send; `command` null: creation. */
export type Validate = (command: string | null, data: Json) => FieldError[] | null;

const NO_MAPPING: ImportMapping = { columns: {}, words: {} };

export function createImports(context: EngineContext, engine: ImportEngine) {
  const pool = context.pools[context.commitPool];
  return {
    /** Throws TableFileError, Problem `unavailable`. */
    async importRows(ask: ImportAsk, validate: Validate): Promise<ImportSummary> {
      const { process: { plugin }, name, caller } = ask, { command } = plugin.imports![name]!;
      const checked = (which: string | null, data: Json) => { const invalid = validate(which, data); return invalid ? { invalid } : {}; };
      return await importRows(context, ask, {
        async known(caseIds) {
          const { rows } = await withConnection(pool, client => run(client, sql.CASES_OF_ROWS, [caseIds]));
          for (const { id, process, process_version: version } of rows) engine.remember(id, context.processes.version(process, version));
          return new Set(rows.map(({ id }) => id as string));
        },
        async create(data, parties, key) {
          await engine.createCase({ process: plugin.process, data, parties, caller, key, ...checked(null, data) }).catch(error => {
            // Somebody else's file was first: that is all we wanted.
            if (!(error instanceof Problem && error.code === 'conflict' && error.members['case'] !== undefined)) throw error;
          });
        },
        async give(caseId, data, key) { return (await engine.giveCommand({ caseId, command, data, caller, key, ...checked(command, data) })).version; },
      });
    },
    /** After families were imported. Throws Problem `unavailable`. */
    followFamilies: (ask: FollowAsk): Promise<Followed> => followFamilies(context, ask, async (process, caseId, command, key) => {
      engine.remember(caseId, process);
      await engine.giveCommand({ caseId, command, data: {}, caller: ask.caller, key });
    }),
    async readMapping(name: string, organisation: string): Promise<ImportMapping> {
      const { rows: [row] } = await withConnection(pool, client => run(client, sql.READ_MAPPING, [name, organisation]));
      return row?.mapping ?? NO_MAPPING;
    },
    async saveMapping(name: string, organisation: string, mapping: ImportMapping, by: string): Promise<void> {
      await withConnection(pool, client => run(client, sql.PUT_MAPPING, [name, organisation, JSON.stringify(mapping), by]));
    },
  };
}
