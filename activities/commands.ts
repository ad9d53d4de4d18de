/** A command to another case: committed there under the effect's id, so that a repeat is answered and not done twice. */
import type { BegunEffect, EffectResult } from '../engine/agenda/agenda.ts';
import type { CommandInput } from '../plugins/contract.ts';
import { PermanentFailure, TemporaryFailure } from './attemptEffect.ts';
import type { ActivityDependencies } from './createActivities.ts';

/** The other case is over, or in a state that the command was not meant for. */
const LATE = ['command-not-allowed', 'case-erased'];

function mayBeLate({ processes }: ActivityDependencies['engine'], { process, processVersion, name }: BegunEffect): boolean {
  const rule = processes.version(process, processVersion).plugin.effects[name];
  return rule?.does === 'command' && rule.mayBeLate === true;
}

/** Answers `{ caseId }` of the case that took it. Throws PermanentFailure with the other case's refusal. */
export async function sendCommand({ engine }: ActivityDependencies, effect: BegunEffect): Promise<EffectResult> {
  const sent = await engine.sendCommand({ effectId: effect.id, from: { process: effect.process, caseId: effect.caseId }, input: effect.input as unknown as CommandInput });
  if (sent.ok) return { ok: true, value: { caseId: sent.caseId } };
  const { code, detail } = sent.problem;
  // Somebody is at work on the other case: it will take commands again.
  if (code === 'case-suspended') throw new TemporaryFailure(detail);
  // A bound one answers its chart, in any case.
  if (effect.mode === 'owed' && LATE.includes(code) && mayBeLate(engine, effect)) return { ok: false, value: { code, detail } };
  throw new PermanentFailure(detail, { code, ...(sent.problem.members as object) });
}
