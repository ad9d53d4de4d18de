/** New cases: made once under a key, and what is answered where one may not begin. */
import { DecisionError } from '../decide/types.ts';
import { Problem } from '../problems.ts';
import { AnotherTime, whatIsTaken } from './alternatives.ts';
import type { CommandAnswer, Commands } from './commands.ts';
import { tell, type EngineContext } from './context.ts';
import { creationDigest, insertCase, type NewCase } from './create.ts';
import { isStillOf } from './parties.ts';
import { readCaseAsSystem } from './systemRead.ts';
import { ResourceTaken, withConnection } from './transaction.ts';

/** `commands` remembers the process of what was made. */
export function createBeginnings(context: EngineContext, commands: Commands) {
  return async (input: NewCase): Promise<CommandAnswer> => {
    const created = await insertCase(context, input).catch(async error => { throw await refusedCreation(input.process, error); });
    if (created.change === 'created') {
      commands.remember(created.caseId, created.process);
      context.onCounted('command', input.process, 'created');
      tell(context, { ...created.fold!.change, stateChanged: true });
      return { record: created.record!, version: 1, repeated: false };
    }
    const record = await readCaseAsSystem(context, created.caseId);
    const first = await firstEntry(created.caseId);
    if (!record || first?.caller !== input.caller || first.key !== input.key) throw new Problem('conflict', 'This case exists already.', { case: created.caseId });
    if (!first.body.equals(creationDigest(record.key, input))) throw new Problem('idempotency-key-reused', 'This Idempotency-Key was used to create another case.');
    // Whoever began it may be none of its people any more.
    if (input.actor.kind === 'user' && !isStillOf({ draft: false, parties: record.state.parties }, [input.speaksFor])) throw new Problem('not-found', 'There is no such case.');
    return { record, version: 1, repeated: true };
  };

  /** There is no case yet whose history or incident could hold it. */
  async function refusedCreation(process: string, error: unknown): Promise<unknown> {
    if (error instanceof AnotherTime) {
      const { code, detail, members } = await error.withAlternatives(context);
      context.onCounted('refusal', process, code);
      return new Problem(code, detail, members);
    }
    if (error instanceof ResourceTaken) {
      const taken = await whatIsTaken(context, error);
      context.onCounted('refusal', process, 'conflict');
      return new Problem('conflict', `"${taken.resource}" is taken for that time.`, { ...taken });
    }
    if (!(error instanceof DecisionError)) return error;
    context.log.error({ process, err: error }, 'a plugin threw while beginning a case');
    context.onCounted('incident', process, 'created');
    return new Problem('internal', 'The procedure failed while beginning. No case was made.');
  }

  async function firstEntry(caseId: string) {
    return await withConnection(context.pools[context.commitPool], async client => {
      const { rows: [row] } = await client.query({ name: 'first_entry', text: 'select caller, key, body_digest as body from history where case_id = $1 and seq = 1', values: [caseId] });
      return row as { caller: string; key: string; body: Buffer } | undefined;
    });
  }
}
