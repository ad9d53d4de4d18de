/** Commands on an existing case, of people and of other cases: authorised, decided and recorded under the case's lock. */
import type pg from 'pg';
import type { Actor, Json } from '../../plugins/contract.ts';
import { romeDate } from '../../plugins/calendar.ts';
import { namedItem, needsFacts } from '../decide/facts.ts';
import { acceptedEvents, accepts, decide, restore } from '../decide/decide.ts';
import { asDecisionError } from '../decide/step.ts';
import { roleAs } from '../decide/parties.ts';
import { DecisionError } from '../decide/types.ts';
import { topState, type CompiledProcess } from '../decide/compile.ts';
import { refusedForms } from '../forms/addedFields.ts';
import { formParametersOf } from '../forms/overlay.ts';
import { openPayload } from '../history/chain.ts';
import { Problem } from '../problems.ts';
import type { CaseRecord } from './caseRecord.ts';
import { tell, type CommittedChange, type EngineContext } from './context.ts';
import { applyDeadlines, isDue } from './deadlines.ts';
import { bodyDigest, Fold } from './fold.ts';
import { openIncident } from './incidents.ts';
import { draftOwner } from '../forms/drafts.ts';
import { missingAttachments, needsOf } from './needs.ts';
import { AnotherTime, whatIsTaken, wishOf } from './alternatives.ts';
import { CaseQueues } from './queue.ts';
import { fieldErrors, ruleRefusal, type FieldError, type StoredRefusal } from './refusals.ts';
import { endUnchanged, lockCase, processOfCase, ResourceTaken, withConnection, writeFold, type FirstReads } from './transaction.ts';

export interface CaseCommand {
  command: string;
  data: Json;
  actor: Actor;
  /** Null: another case, which needs no access of its own. */
  principals: string[] | null;
  /** Party membership: the organisation or the person for whom the actor speaks; for a case, its process. */
  speaksFor: string | null;
  caller: string;
  key: string;
  ifMatch?: number | undefined;
  /** A refusal is not final: the same key may be tried again after somebody mended what was wrong. */
  triesAgain?: boolean | undefined;
  /** What the schema says against the payload. */
  invalid?: FieldError[] | undefined;
}
export interface CommandAnswer { record: CaseRecord; version: number; repeated: boolean }

/** What became of one input. `broken`: the plugin threw; the case and its neighbours in the commit are as if it had not been there. */
type OneResult = { problem: Problem; wrote?: true } | { version: number; repeated: boolean; wrote?: true } | { broken: DecisionError };

const FORGET_PROCESS_AFTER = 50_000;
const REFUSALS_PER_MINUTE = 60;

export class Commands {
  private readonly context: EngineContext;
  private readonly queues: CaseQueues<CaseCommand, CommandAnswer>;
  /** A case never changes its process; only a migration changes its version, which the lock then notices. */
  private readonly processOfCase = new Map<string, CompiledProcess>();
  private readonly refusals = new Map<string, { since: number; count: number }>();

  constructor(context: EngineContext) {
    this.context = context;
    this.queues = new CaseQueues((caseId, inputs) => this.serve(caseId, inputs));
  }

  /** The process of a case, or null when there is none of that id. */
  async processOf(caseId: string): Promise<CompiledProcess | null> {
    const known = this.processOfCase.get(caseId);
    if (known) return known;
    const process = await withConnection(this.context.pools[this.context.commitPool], client => processOfCase(client, caseId, this.context.processes));
    if (process) this.remember(caseId, process);
    return process;
  }

  /** Its process, if this program has met the case before. */
  known(caseId: string): CompiledProcess | undefined {
    return this.processOfCase.get(caseId);
  }

  remember(caseId: string, process: CompiledProcess): void {
    if (this.processOfCase.size >= FORGET_PROCESS_AFTER) this.processOfCase.delete(this.processOfCase.keys().next().value!);
    this.processOfCase.set(caseId, process);
  }

  /** Throws Problem. A refusal is committed to the history before it is thrown. */
  async give(caseId: string, input: CaseCommand): Promise<CommandAnswer> {
    const process = await this.processOf(caseId);
    if (!process) throw new Problem('not-found', 'There is no such case.');
    const definition = Object.hasOwn(process.plugin.commands, input.command) ? process.plugin.commands[input.command] : undefined;
    return await this.queues.submit(caseId, input, { together: input.principals === null && !(definition && needsFacts(definition)), patient: input.principals === null });
  }

  private async serve(caseId: string, inputs: CaseCommand[]): Promise<PromiseSettledResult<CommandAnswer>[]> {
    try {
      return await this.commit(caseId, inputs, null);
    } catch (error) {
      // What keeps all of them out would keep each of them out, one time-out after another.
      if (error instanceof Problem) throw error;
      // One bad input must not take its neighbours down: each alone.
      if (inputs.length > 1) {
        const alone: PromiseSettledResult<CommandAnswer>[] = [];
        for (const input of inputs) alone.push(...await this.serve(caseId, [input]));
        return alone;
      }
      if (error instanceof ResourceTaken) return await this.refuseTaken(caseId, inputs[0]!, error);
      if (error instanceof AnotherTime) return await this.commit(caseId, inputs, await error.withAlternatives(this.context));
      if (error instanceof DecisionError) return [{ status: 'rejected', reason: await this.brokenPlugin(caseId, inputs[0]!, error) }];
      throw error;
    }
  }

  private async commit(caseId: string, inputs: CaseCommand[], forced: StoredRefusal | null): Promise<PromiseSettledResult<CommandAnswer>[]> {
    const process = (await this.processOf(caseId))!;
    const definitions = inputs.map(input => (Object.hasOwn(process.plugin.commands, input.command) ? process.plugin.commands[input.command] : undefined));
    const only = inputs.length === 1 ? definitions[0] : undefined;
    const outcome = await withConnection(this.context.pools[this.context.commitPool], async client => {
      const first = await lockCase(client, caseId, {
        principals: inputs[0]!.principals, callers: inputs.map(({ caller }) => caller), keys: inputs.map(({ key }) => key), parameters: process.plugin.parameters ?? [], forms: formParametersOf(process.plugin),
        itemKinds: only?.items ?? [], itemKeys: definitions.flatMap((definition, i) => (definition && namedItem(definition, inputs[i]!.data)) ?? []), attachments: only?.attachments !== undefined || only?.mayAttach !== undefined, scopes: process.isMember,
      }, this.context.processes, this.context.masterKey);
      if (!first) throw new Problem('not-found', 'There is no such case.');
      const { row } = first.opened;
      if (first.opened.process !== process) { await client.query('rollback'); this.remember(caseId, first.opened.process); return 'again' as const; }
      if (isDue(row, first.now)) { await client.query('rollback'); return 'deadlines' as const; }
      return await this.decideAll(client, first, inputs, forced);
    });
    if (outcome === 'deadlines') await applyDeadlines(this.context, caseId, null);
    if (outcome === 'deadlines' || outcome === 'again') return await this.commit(caseId, inputs, forced);
    if (outcome.change) tell(this.context, outcome.change);
    const { record } = outcome;
    return await Promise.all(outcome.results.map(async (result, i): Promise<PromiseSettledResult<CommandAnswer>> => {
      if ('broken' in result) return { status: 'rejected', reason: await this.brokenPlugin(caseId, inputs[i]!, result.broken) };
      if ('problem' in result) return { status: 'rejected', reason: result.problem };
      return { status: 'fulfilled', value: { record: record!, version: result.version, repeated: result.repeated } };
    }));
  }

  private async decideAll(client: pg.PoolClient, first: FirstReads, inputs: CaseCommand[], forced: StoredRefusal | null): Promise<{ change: CommittedChange | null; record: CaseRecord | null; results: OneResult[] }> {
    const fold = new Fold(first.opened, first.now);
    const results: OneResult[] = [];
    for (const input of inputs) results.push(await this.decideOne(client, first, fold, input, forced));
    // A case that sends a command wants no page back.
    const answer = inputs[0]!.principals !== null && results.some(result => 'version' in result);
    const record = results.some(result => 'wrote' in result) ? await writeFold(client, fold, answer) : await endUnchanged(client, fold, answer);
    return { change: fold.version > first.opened.row.version ? fold.change : null, record: record && { ...record, parameters: first.parameters, now: first.now }, results };
  }

  private async decideOne(client: pg.PoolClient, first: FirstReads, fold: Fold, given: CaseCommand, forced: StoredRefusal | null): Promise<OneResult> {
    const { process, key, row } = first.opened;
    const { plugin } = process, { parties } = fold.state;
    // Under the lock only it is sure who somebody is here.
    const input = given.actor.kind === 'user' ? { ...given, actor: { ...given.actor, role: roleAs(plugin, parties, given.actor.role, given.speaksFor) } } : given;
    const body = bodyDigest(key, input.command, input.data);
    const stored = first.outcomes.find(found => found.caller === input.caller && found.key === input.key);
    if (stored) {
      if (!stored.bodyDigest.equals(body)) return { problem: new Problem('idempotency-key-reused', 'This Idempotency-Key was used for another command or payload.') };
      this.context.onCounted('repeat', plugin.process, input.command);
      if (stored.kind !== 'refused') return { version: stored.version, repeated: true };
      const { refusal } = openPayload<{ refusal: StoredRefusal }>(key, row.id, stored.payload).payload;
      return { problem: new Problem(refusal.code, refusal.detail, refusal.members) };
    }
    if (input.ifMatch !== undefined && input.ifMatch !== fold.version) return { problem: new Problem('version-mismatch', `The case is at version ${fold.version}, not ${input.ifMatch}.`, { version: fold.version }) };
    const state = topState(fold.state.value);
    const entry = { name: input.command, actor: input.actor, caller: input.caller, key: input.key, bodyDigest: body };
    const refuse = (refusal: StoredRefusal, unread = false): { problem: Problem; wrote?: true } => {
      this.context.onCounted('refusal', plugin.process, refusal.code);
      if (this.tooManyRefusals(`${input.caller} ${row.id}`)) return { problem: new Problem('too-many-requests', 'Too many refused commands on this case. Wait a minute.', { retryAfter: 60 }) };
      // What was asked stays on record, but a payload that no schema accepted does not: it may be anything.
      const asked = refusal.code === 'invalid' && (input.invalid || unread) ? null : { kind: 'command', name: input.command, data: input.data };
      // A refused case tries again after an operator's fix, and an import with the same file, under the same key: only what was accepted is final.
      const key = input.actor.kind === 'case' || input.triesAgain ? `${input.key}#${fold.seq + 1}` : input.key;
      fold.note({ ...entry, key, kind: 'refused', payload: { asked, refusal } });
      return { problem: new Problem(refusal.code, refusal.detail, refusal.members), wrote: true };
    };
    if (forced) return refuse(forced);
    const definition = Object.hasOwn(plugin.commands, input.command) ? plugin.commands[input.command] : undefined;
    if (!definition) return { problem: new Problem('not-found', `The process "${plugin.process}" has no command "${input.command}".`) };
    if (!mayGive(process, input, parties)) return refuse({ code: 'forbidden', detail: `The role "${input.actor.role}" may not give "${input.command}" on this case.`, members: { command: input.command, role: input.actor.role } });
    if (row.suspended) return refuse({ code: 'case-suspended', detail: 'The case is suspended until an incident is resolved.', members: { incident: row.suspended } });
    const notAllowed = (allowed: string[]): StoredRefusal => ({ code: 'command-not-allowed', detail: `"${input.command}" is not possible in state "${state}".`, members: { command: input.command, state, allowed } });
    let before;
    try {
      before = restore(process, fold.state);
    } catch (error) {
      return { broken: asDecisionError(process, error) };
    }
    if (!accepts(process, before, input.command)) return refuse(notAllowed(acceptedEvents(process, before)));
    if (input.invalid) return refuse({ code: 'invalid', detail: 'The payload does not fit the command.', members: { errors: input.invalid } });
    const refused = refusedForms(plugin, definition, input.data, { parameters: first.parameters, today: romeDate(fold.at), parties });
    if (refused) return refuse({ code: 'invalid', detail: 'The added fields of a form are not as its organisation asks for them.', members: { refusals: refused, errors: fieldErrors(refused) } }, true);

    const missing = missingAttachments(definition.attachments, first.attachments);
    if (missing) return refuse({ code: 'invalid', detail: `An attachment is missing: ${missing.join(' or ')}.`, members: { refusals: [{ rule: 'allegatoMancante', figures: { uno: missing } }], errors: [{ pointer: '/attachments', message: missing.join(' | ') }] } });
    let needs, decision;
    const stepInput = { kind: 'command' as const, name: input.command, data: input.data };
    try {
      needs = await needsOf(client, first, fold, definition, input.data, this.context.processes);
      decision = decide(process, fold.state, stepInput, { at: fold.at, actor: input.actor, facts: needs.facts, parameters: first.parameters, number: needs.number }, before);
    } catch (error) {
      if (error instanceof DecisionError) return { broken: error };
      throw error;
    }
    if (!decision.accepted) {
      if (decision.why === 'not-allowed') return refuse(notAllowed(decision.allowed));
      const wish = input.actor.kind === 'user' ? wishOf(process, fold.state, input.data, decision.refusals) : null, refusal = ruleRefusal(decision.refusals);
      // Looked for outside of this transaction, then refused for good.
      if (wish) throw new AnotherTime(refusal, wish);
      return refuse(refusal);
    }
    const { facts, number, scope, freeze } = needs;
    fold.accept({ ...entry, kind: 'command', payload: { input: stepInput, at: fold.at, actor: input.actor, facts, parameters: first.parameters, number } }, decision, { number, scope, freeze, drafts: Object.keys(definition.forms ?? {}).map(form => ({ form, principal: draftOwner(plugin, form, input.speaksFor!, input.actor.id) })) });
    this.context.onCounted('command', plugin.process, input.command);
    return { version: fold.version, repeated: false, wrote: true };
  }

  private async refuseTaken(caseId: string, input: CaseCommand, error: ResourceTaken): Promise<PromiseSettledResult<CommandAnswer>[]> {
    const taken = await whatIsTaken(this.context, error);
    return await this.commit(caseId, [input], { code: 'conflict', detail: `"${taken.resource}" is taken for that time.`, members: { command: input.command, ...taken } });
  }

  private async brokenPlugin(caseId: string, input: CaseCommand, error: DecisionError): Promise<Problem> {
    this.context.log.error({ caseId, command: input.command, err: error }, 'a plugin threw while deciding');
    const incident = await openIncident(this.context, { caseId, agendaId: null, kind: 'command', name: input.command, detail: error.message });
    return new Problem('internal', 'The procedure failed while deciding. The case is unchanged and an incident was opened.', { incident });
  }

  private tooManyRefusals(key: string): boolean {
    const now = performance.now();
    const window = this.refusals.get(key);
    if (!window || now - window.since > 60_000) {
      if (this.refusals.size > 10_000) this.refusals.clear();
      this.refusals.set(key, { since: now, count: 1 });
      return false;
    }
    window.count += 1;
    return window.count > REFUSALS_PER_MINUTE;
  }
}

/** Whether the actor's role is one of the command's, held for the party of this case. */
export function mayGive(process: CompiledProcess, input: Pick<CaseCommand, 'command' | 'actor' | 'speaksFor'>, parties: Record<string, string>): boolean {
  const definition = process.plugin.commands[input.command];
  if (!definition) return false;
  if (input.actor.kind === 'case') return definition.from?.includes(input.speaksFor ?? '') ?? false;
  const party = process.plugin.roles[input.actor.role];
  return definition.by.includes(input.actor.role) && party !== undefined && input.speaksFor !== null && parties[party] === input.speaksFor;
}
