/** A new case. Its id follows from the caller's key (or from the process's own key), so that a repeat finds the same case. */
import { createHash } from 'node:crypto';
import type { Actor, Json, Refusal } from '../../plugins/contract.ts';
import { keysOf, masterFingerprint } from '../../database/masterKeys.ts';
import { pipeline, run } from '../../database/pools.ts';
import { FORMS_IN_FORCE_FOR } from '../../database/formStatements.ts';
import * as sql from '../../database/statements.ts';
import { topState, type CompiledProcess } from '../decide/compile.ts';
import { begin, beginningStep, refusedBeginning } from '../decide/decide.ts';
import { alternativesAsked } from '../decide/offers.ts';
import { asDecisionError } from '../decide/step.ts';
import { beginningNeeds } from './beginningNeeds.ts';
import { GENESIS } from '../history/chain.ts';
import { newCaseKey, type CaseKey } from '../history/caseKey.ts';
import { Problem } from '../problems.ts';
import { formParametersOf, overlaysFor } from '../forms/overlay.ts';
import type { CaseRecord, OpenedCase } from './caseRecord.ts';
import { AnotherTime, wishOf } from './alternatives.ts';
import { ruleRefusal, type FieldError } from './refusals.ts';
import type { EngineContext } from './context.ts';
import { bodyDigest, Fold } from './fold.ts';
import { isSeenTaken } from './looks.ts';
import { NO_ROWS, ResourceTaken, withConnection, writeFold } from './transaction.ts';

export interface NewCase {
  process: string;
  data: Json;
  /** party → organisation code, or user name or id. */
  parties: Record<string, string>;
  actor: Actor;
  speaksFor: string;
  caller: string;
  key: string;
  invalid?: FieldError[] | undefined;
  /** The id under which the process's key is looked for: another one would be a case that nobody finds. */
  expectedId?: string;
}
export interface Created { record: CaseRecord | null; caseId: string; process: CompiledProcess; change: 'created' | 'exists'; fold: Fold | null }

/** A UUID (version 8) that follows from its parts. */
export function idFrom(...parts: string[]): string {
  const bytes = createHash('sha256').update(parts.join('\u0000')).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** Of a person who has none of the roles that the party asks for. */
export const NO_MEMBER = 'has none of the roles';

/** A case of that id is there already; anything else that is not unique is a fault. */
const SAME_CASE = ['cases_pkey', 'case_keys_pkey'];

/** The master key was changed while this program ran with the old one. */
class StruckOutKey extends Error {
  readonly master: string;
  constructor(master: string) {
    super(`the master key ${master} is not in force any more`);
    this.master = master;
  }
}

/** Inserts the case with its first entry. `exists`: the same id is there already (a repeat, or the process's key is taken). */
export async function insertCase(context: EngineContext, input: NewCase): Promise<Created> {
  return await insert(context, input).catch(async (error: unknown) => {
    const keys = keysOf(context.masterKey);
    if (!(error instanceof StruckOutKey)) throw error;
    keys.reload();
    if (masterFingerprint(keys.current) === error.master) throw new Problem('unavailable', 'The master key was changed: this program must be started again with the new one.', { retryAfter: 10 });
    return await insert(context, input);
  });
}

async function insert(context: EngineContext, input: NewCase): Promise<Created> {
  const process = context.processes.current(input.process);
  const { plugin } = process;
  authorise(process, input);
  if (input.invalid) throw new Problem('invalid', 'The data does not fit the process.', { errors: input.invalid });
  return await withConnection(context.pools[context.commitPool], async client => {
    const named = [...Object.values(input.parties), input.speaksFor];
    const forms = formParametersOf(plugin);
    const [, clock, parameters, added, organisations, people, memberships] = await pipeline(client, [
      client.query('begin'),
      run(client, sql.CLOCK, []),
      plugin.parameters?.length ? run(client, sql.READ_PARAMETERS_FOR, [plugin.parameters, named]) : NO_ROWS,
      forms.length > 0 ? run(client, FORMS_IN_FORCE_FOR, [forms, named]) : NO_ROWS,
      client.query({ name: 'organisations_named', text: 'select code, kind from organisations where code = any ($1)', values: [named] }),
      Object.values(plugin.parties).some(({ kind }) => kind === 'person') ? client.query({ name: 'people_named', text: 'select id, username from users where (username = any ($1) or id::text = any ($1)) and not disabled', values: [named] }) : NO_ROWS,
      Object.values(plugin.parties).some(({ memberOf }) => memberOf) ? run(client, sql.MEMBERSHIPS_OF, [named]) : NO_ROWS,
    ]);
    const parties = resolveParties(process, input, { organisations: organisations!.rows, people: people!.rows, memberships: memberships!.rows });
    const now: Date = clock!.rows[0].now;
    const caseId = idOf(process, input, parties);
    if (input.expectedId !== undefined && input.expectedId !== caseId) throw new Problem('invalid', `The key by which a case of "${input.process}" is looked for is not the one that its data gives.`);
    const state = { id: caseId, createdAt: now.toISOString(), parties };
    const given = { at: now.toISOString(), actor: input.actor, parameters: [...parameters!.rows, ...overlaysFor(plugin, parties, added!.rows)] };
    const { facts, scopes, isThere } = await beginningNeeds(client, process, { data: input.data, state, environment: given }, context.processes);
    // Made before, under the same key: what it was refused or given then holds.
    if (isThere) { await client.query('rollback'); return { record: null, caseId, process, change: 'exists' as const, fold: null }; }
    const environment = facts ? { ...given, facts } : given;
    const refused = refusedBeginning(process, { data: input.data, state, environment });
    if (refused) throw refusedBy(process, refused, { data: input.data, state, environment });
    const decision = begin(process, { data: input.data, state, environment });
    const wanted = decision.reservations.flatMap(change => ('hold' in change ? [change.hold] : []));
    if (isSeenTaken(wanted, facts?.offers ?? [])) throw new ResourceTaken(wanted, alternativesAsked(process, decision.next, input.data));
    const { key, wrapped, master } = newCaseKey(context.masterKey, caseId);
    const draft = plugin.drafts.includes(topState(decision.next.value));
    const opened: OpenedCase = {
      key, process,
      row: {
        id: caseId, process: plugin.process, process_version: plugin.version, number: null, state: '', value: null, context: null, history_value: null, sealed: Buffer.alloc(0), row: {}, parties,
        version: 0, seq: 0, head: GENESIS, draft: true, done: false, suspended: null, next_due: null, created_at: now, created_by: input.caller, last_at: now, erased_at: null, wrapped,
      },
      state: { ...decision.next, value: null, context: {} },
    };
    const fold = new Fold(opened, now);
    fold.accept({ kind: 'created', name: 'created', actor: input.actor, caller: input.caller, key: input.key, bodyDigest: creationDigest(key, input), payload: { input: { kind: 'created', process: plugin.process, processVersion: plugin.version, data: input.data, parties }, ...environment } }, decision, { scopes });
    try {
      const record = await writeFold(client, fold, true, [
        () => run(client, sql.INSERT_CASE, [caseId, wrapped, plugin.process, plugin.version, JSON.stringify(parties), GENESIS, now, input.caller, master]),
        // A draft is its author's, and of those who fill their part of it; the write opens the case to all parties when it begins beyond the draft.
        // One that another case began has no author: it is its parties' from the start.
        ...(draft ? [() => client.query({ name: 'open_draft', text: 'insert into case_access (principal, case_id, process, state, created_at) select distinct x, $2::uuid, $3, $4, $5::timestamptz from unnest($1::text[]) x', values: [input.actor.kind === 'case' ? Object.values(parties) : [input.speaksFor, ...(plugin.draftSeenBy ?? []).flatMap(party => parties[party] ?? [])], caseId, plugin.process, topState(decision.next.value), now] })] : []),
      ]);
      return { record, caseId, process, change: 'created' as const, fold };
    } catch (error) {
      if ((error as { constraint?: string }).constraint === 'case_keys_master_fkey') throw new StruckOutKey(master);
      if (!SAME_CASE.includes((error as { constraint?: string }).constraint ?? '')) throw error;
      await client.query('rollback');
      return { record: null, caseId, process, change: 'exists' as const, fold: null };
    }
  });
}

/** With the wish for another time, where that would do: the case as it would have begun says what was wanted. */
function refusedBy(process: CompiledProcess, refused: Refusal, beginning: Parameters<typeof beginningStep>[1]): Problem | AnotherTime {
  // As the request names its fields: { data, parties }.
  const refusal = ruleRefusal([refused.pointer === undefined ? refused : { ...refused, pointer: `/data${refused.pointer}` }]);
  const wish = refused.alternatives && beginning.environment.actor.kind === 'user' ? wishOf(process, { ...beginning.state, number: null, context: beginningStep(process, beginning, process.plugin.create.context) }, beginning.data, [refused]) : null;
  return wish ? new AnotherTime(refusal, wish) : new Problem(refusal.code, refusal.detail, refusal.members);
}

/** What must be the same for the same key. */
export function creationDigest(key: CaseKey, { process, data, parties, speaksFor }: NewCase): Buffer {
  return bodyDigest(key, process, data, parties, speaksFor);
}

function idOf(process: CompiledProcess, input: NewCase, parties: Record<string, string>): string {
  const { key } = process.plugin.create;
  if (!key) return idFrom(input.process, input.caller, input.key);
  try {
    return idFrom(input.process, key(input.data, parties));
  } catch (error) {
    throw asDecisionError(process, error);
  }
}

function authorise({ plugin }: CompiledProcess, { actor, speaksFor, parties, process }: NewCase): void {
  if (actor.kind === 'case') {
    if (!plugin.create.from?.includes(speaksFor)) throw new Problem('forbidden', `The process "${speaksFor}" may not begin "${process}".`);
    return;
  }
  const party = plugin.roles[actor.role];
  if (!plugin.create.by.includes(actor.role) || party === undefined) throw new Problem('forbidden', `The role "${actor.role}" may not begin "${process}".`);
  const named = parties[party];
  if (named !== undefined && named !== speaksFor && plugin.parties[party]!.kind === 'organisation') throw new Problem('forbidden', `You may begin a case only for your own organisation (${speaksFor}), not for ${named}.`);
}

interface Known { organisations: { code: string; kind: string }[]; people: { id: string; username: string }[]; memberships: { user_id: string; organisation: string; role: string }[] }

function resolveParties({ plugin }: CompiledProcess, input: NewCase, { organisations, people, memberships }: Known): Record<string, string> {
  const errors: FieldError[] = [], resolved: Record<string, string> = {};
  const given: Record<string, string> = { ...input.parties };
  const own = input.actor.kind === 'user' ? plugin.roles[input.actor.role] : undefined;
  if (own !== undefined && given[own] === undefined) given[own] = input.speaksFor;
  for (const name of Object.keys(given)) if (!Object.hasOwn(plugin.parties, name)) errors.push({ pointer: `/parties/${name}`, message: 'no such party' });
  for (const [name, definition] of Object.entries(plugin.parties)) {
    const pointer = `/parties/${name}`, value = given[name];
    if (value === undefined) {
      if (definition.required) errors.push({ pointer, message: 'required' });
    } else if (definition.kind === 'person') {
      const person = people.find(({ id, username }) => id === value || username === value);
      if (!person) errors.push({ pointer, message: 'unknown user' });
      else resolved[name] = person.id;
    } else {
      const organisation = organisations.find(({ code }) => code === value);
      if (!organisation) errors.push({ pointer, message: 'unknown organisation' });
      else if (definition.organisations && !definition.organisations.includes(organisation.kind)) errors.push({ pointer, message: `must be one of: ${definition.organisations.join(', ')}` });
      else resolved[name] = value;
    }
  }
  for (const [name, { memberOf }] of Object.entries(plugin.parties)) {
    const person = resolved[name], organisation = memberOf && resolved[memberOf.party];
    if (person === undefined || organisation === undefined) continue;
    if (!memberships.some(each => each.user_id === person && each.organisation === organisation && memberOf!.roles.includes(each.role))) errors.push({ pointer: `/parties/${name}`, message: NO_MEMBER });
  }
  if (own !== undefined && plugin.parties[own]!.kind === 'person' && resolved[own] !== undefined && resolved[own] !== input.speaksFor) errors.push({ pointer: `/parties/${own}`, message: 'must be yourself' });
  if (errors.length > 0) throw new Problem('invalid', 'The parties are not right.', { errors });
  return resolved;
}
