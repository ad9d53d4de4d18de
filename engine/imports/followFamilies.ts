/**
 * After the families of a school changed: running cases of pupils whose people are others now are told so, by the command that their process names. They
 * decide; nothing is remembered of what is still to be told, since whoever differs is found again by the next import.
 */
import { randomUUID } from 'node:crypto';
import * as sql from '../../database/importStatements.ts';
import { run } from '../../database/pools.ts';
import type { EngineContext } from '../commit/context.ts';
import { idFrom } from '../commit/create.ts';
import { withConnection } from '../commit/transaction.ts';
import type { CompiledProcess } from '../decide/compile.ts';
import type { Caller } from '../engine.ts';
import { createPupilNames } from '../families/pupilNames.ts';
import { Problem } from '../problems.ts';
import { inTurns } from './importRows.ts';
import { importedPupil } from './understandRows.ts';

export interface FollowAsk { caller: Caller & { organisation: string }; year: string }
/** `refused`: those that did not take it, e.g. as long as they are suspended; they are tried again with the next file. */
export interface Followed { changed: number; refused: number }

/** Gives the command; throws Problem. */
type Give = (process: CompiledProcess, caseId: string, command: string, key: string) => Promise<unknown>;

/** Throws Problem `unavailable`. */
export async function followFamilies(context: EngineContext, ask: FollowAsk, give: Give): Promise<Followed> {
  const following = context.processes.all().flatMap(({ plugin }) => Object.values(plugin.imports ?? {}).flatMap(definition => (definition.family === undefined ? [] : [{ plugin, definition, command: definition.family }])));
  const followed = { changed: 0, refused: 0 };
  if (following.length === 0) return followed;
  const names = await createPupilNames(context)(), { organisation } = ask.caller;
  const { rows } = await withConnection(context.pools[context.commitPool], client => run(client, sql.ANSWERED_PUPILS_OF_YEAR, [organisation, ask.year]));
  const wanted = new Map<string, { people: string; command: string }>();
  for (const row of rows) for (const { plugin, definition, command } of following) {
    const { data, parties } = definition.target(importedPupil(names, row), organisation);
    wanted.set(idFrom(plugin.process, plugin.create.key!(data, parties)), { people: peopleOf(plugin.parties, parties), command });
  }
  const { rows: running } = await withConnection(context.pools[context.commitPool], client => run(client, sql.PARTIES_OF_RUNNING, [[...wanted.keys()]]));
  const others = running.flatMap(({ id, process, process_version: version, parties }) => {
    const compiled = context.processes.version(process, version);
    return wanted.get(id)!.people === peopleOf(compiled.plugin.parties, parties) ? [] : [{ id: id as string, process: compiled }];
  });
  await inTurns(others, async ({ id, process }) => {
    try {
      await give(process, id, wanted.get(id)!.command, `families/${randomUUID()}`);
      followed.changed += 1;
    } catch (error) {
      if (!(error instanceof Problem) || error.status >= 500) throw error;
      context.log.warn({ caseId: id, code: error.code }, 'a case did not take the change of its pupil’s family');
      followed.refused += 1;
    }
  });
  return followed;
}

/** In which place somebody stands is the process's matter. */
const peopleOf = (known: CompiledProcess['plugin']['parties'], parties: Record<string, string>): string => [...new Set(Object.entries(parties).filter(([party]) => known[party]?.kind === 'person').map(([, person]) => person))].sort().join();
