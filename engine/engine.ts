/** The engine's door: what the API, the activities and the tests may ask of it. */
import type { Actor, BroadcastInput, CommandInput, Json } from '../plugins/contract.ts';
import type { MasterKey } from '../database/masterKeys.ts';
import type { Pools } from '../database/pools.ts';
import { UUID } from '../database/uuid.ts';
import { createCalendars } from './calendar/calendars.ts';
import { commandsNow, type CommandNow } from './commit/allowed.ts';
import { attach, type Attached } from './commit/attach.ts';
import { Commands, type CaseCommand, type CommandAnswer } from './commit/commands.ts';
import { createBeginnings } from './commit/beginnings.ts';
import type { CommittedChange, EngineContext, Logger } from './commit/context.ts';
import { idFrom } from './commit/create.ts';
import { applyDeadlines } from './commit/deadlines.ts';
import type { Execution } from './commit/fold.ts';
import { openIncident, type IncidentInput } from './commit/incidents.ts';
import { moveCase, type MoveCase, type MovedCase } from './commit/moveCase.ts';
import { resolveIncident, type Resolution, type Resolved } from './commit/operate.ts';
import { park, recordOutcomes, type EffectOutcome } from './commit/outcomes.ts';
import { CaseQueues } from './commit/queue.ts';
import type { FieldError } from './commit/refusals.ts';
import { readCase, type KindsOf, type ReadCase } from './commit/read.ts';
import type { CompiledProcess } from './decide/compile.ts';
import { bindEffect } from './decide/decide.ts';
import { unstorable } from './decide/plain.ts';
import { asPatch, deleteDraft, draftOwner, listDrafts, patchDraft, readDraft, type DraftAnswer, type DraftAsk } from './forms/drafts.ts';
import { eraseCase, erasureOf, type ErasureOutline } from './erasure/eraseCase.ts';
import { readOutline, type CaseOutline } from './erasure/outline.ts';
import { readExport, type ReadExport } from './history/export.ts';
import { readHistory, type HistoryPage } from './history/read.ts';
import { Problem } from './problems.ts';
import type { Processes } from './processes.ts';
import { readCaseAsSystem } from './commit/systemRead.ts';
import { createBroadcasts } from './broadcasts/broadcasts.ts';
import { createContactCodes } from './contacts/codes.ts';
import { createFamilies } from './families/families.ts';
import { createImports } from './imports/imports.ts';
import { createPost } from './mail/post.ts';
import { readOffers, type OffersAsked } from './offers/readOffers.ts';
import { createDossier } from './registers/dossier.ts';

/** A person in one of their profiles. */
export interface Caller {
  kind: 'user';
  userId: string;
  role: string;
  /** Null for a person's own profile. */
  organisation: string | null;
  /** Organisation code and user id. */
  principals: string[];
  /** User id of the absent person whose role this is, where a deputy uses it. */
  deputyFor?: string;
}

export interface EngineOptions {
  pools: Pools;
  processes: Processes;
  masterKey: MasterKey;
  log: Logger;
  /** Called after COMMIT, synchronously, and never awaited. */
  onCommitted?: (change: CommittedChange) => void;
  onCounted?: EngineContext['onCounted'];
  /** What a schema says against a payload, null when nothing. People's are checked by the API; with this, those that cases send are too. `command` null: creation. */
  validate?: (process: CompiledProcess, command: string | null, data: Json) => FieldError[] | null;
  /** The worker commits from a pool of its own. */
  commitPool?: 'commit' | 'workerCommit';
  publicUrl?: EngineContext['publicUrl'];
}
export type CaseCommandResult = { ok: true; caseId: string } | { ok: false; problem: { code: string; detail: string; members: Record<string, unknown> } };

export type Engine = ReturnType<typeof createEngine>;

/** As the history names who acts. */
export const actorOf = (caller: Caller): Actor => ({ kind: 'user', id: caller.userId, role: caller.role, ...(caller.organisation ? { organisation: caller.organisation } : {}), ...(caller.deputyFor ? { deputyFor: caller.deputyFor } : {}) });
const LONGEST_KEY = 255;

/** Throws Problem `malformed` for what PostgreSQL or a digest cannot take: it never becomes part of a history. */
function assertReadable(given: { key: string; [part: string]: unknown }): void {
  const pointer = unstorable(given);
  if (pointer !== null) throw new Problem('malformed', `The text at ${pointer} holds a NUL, half of a surrogate pair or a character of the private use area that is reserved.`, { errors: [{ pointer, message: 'not storable text' }] });
  if (given.key.length === 0 || given.key.length > LONGEST_KEY) throw new Problem('malformed', `An Idempotency-Key has 1 to ${LONGEST_KEY} characters.`);
}


export function createEngine(options: EngineOptions) {
  const context: EngineContext = { onCommitted: () => {}, onCounted: () => {}, commitPool: 'commit', ...options };
  const commands = new Commands(context);
  // Those who type into one case stand in one line: they must not eat the pool.
  const typing = new CaseQueues<() => Promise<unknown>, unknown>((_caseId, works) => Promise.allSettled(works.map(work => work())));
  const inTurn = async <T>(caseId: string, work: () => Promise<T>) => await typing.submit(caseId, work, { together: false, patient: false }) as T;
  const invalid = (process: CompiledProcess, command: string | null, data: Json) => options.validate?.(process, command, data) ?? undefined;

  const create = createBeginnings(context, commands);

  /** For whom the draft is kept: the organisation, or the person. Throws Problem `not-found`. */
  async function draftAsk({ caseId, form, caller }: { caseId: string; form: string; caller: Caller }): Promise<DraftAsk> {
    const process = UUID.test(caseId) ? await commands.processOf(caseId) : null;
    if (!process) throw new Problem('not-found', 'There is no such case.');
    const speaksFor = caller.organisation ?? caller.userId;
    return { caseId: caseId.toLowerCase(), process: process.plugin.process, form, role: caller.role, speaksFor, userId: caller.userId, principals: caller.principals, owner: draftOwner(process.plugin, form, speaksFor, caller.userId) };
  }

  return {
    processes: options.processes,

    /** Throws Problem: not-found (process), forbidden, invalid, conflict, idempotency-key-reused, unavailable. */
    async createCase(input: { process: string; data: Json; parties: Record<string, string>; caller: Caller; key: string; invalid?: FieldError[] }): Promise<CommandAnswer> {
      const { caller } = input;
      assertReadable({ key: input.key, data: input.data, parties: input.parties });
      return await create({ ...input, actor: actorOf(caller), speaksFor: caller.organisation ?? caller.userId, caller: caller.userId });
    },

    /** Throws Problem; refusals are in the history before they are thrown. */
    async giveCommand(input: { caseId: string; command: string; data: Json; caller: Caller; key: string; ifMatch?: number; invalid?: FieldError[] }): Promise<CommandAnswer> {
      const { caller } = input;
      if (!UUID.test(input.caseId)) throw new Problem('not-found', 'There is no such case.');
      assertReadable({ key: input.key, data: input.data });
      const command: CaseCommand = { command: input.command, data: input.data, actor: actorOf(caller), principals: caller.principals, speaksFor: caller.organisation ?? caller.userId, caller: caller.userId, key: input.key, ifMatch: input.ifMatch, invalid: input.invalid };
      return await commands.give(input.caseId, command);
    },

    /** A command of one case to another, once per effect. A refusal is an answer, not an error. */
    async sendCommand(input: { effectId: string; from: { process: string; caseId: string }; input: CommandInput }): Promise<CaseCommandResult> {
      const { from, input: { process, command, data, target } } = input;
      const actor: Actor = { kind: 'case', id: `case:${from.process}/${from.caseId}`, role: 'pratica' };
      try {
        assertReadable({ key: input.effectId, input: input.input });
        const caseId = 'id' in target ? target.id : idFrom(process, target.key);
        if (!UUID.test(caseId)) throw new Problem('not-found', 'There is no such case.');
        const found = await commands.processOf(caseId);
        if (found ? found.plugin.process !== process : 'id' in target) throw new Problem('not-found', `There is no such case of "${process}".`);
        if (!found && 'key' in target) {
          // Under a key of its own: the command's is still to be used on this case.
          await create({ process, data: target.create.data, parties: target.create.parties, invalid: invalid(options.processes.current(process), null, target.create.data), actor, speaksFor: from.process, caller: actor.id, key: `${input.effectId}/create`, expectedId: caseId }).catch(error => {
            // Another case was first: that is all we wanted.
            if (!(error instanceof Problem && error.code === 'conflict' && error.members['case'] === caseId)) throw error;
          });
        }
        await commands.give(caseId, { command, data, actor, principals: null, speaksFor: from.process, caller: actor.id, key: input.effectId, invalid: invalid((await commands.processOf(caseId))!, command, data) });
        return { ok: true, caseId };
      } catch (error) {
        if (!(error instanceof Problem) || error.status >= 500 || error.code === 'too-many-requests') throw error;
        return { ok: false, problem: { code: error.code, detail: error.message, members: error.members } };
      }
    },

    async attach(input: { caseId: string; kind: string; name: string; mediaType: string; content: Buffer; caller: Caller; key: string }): Promise<Attached> {
      const { caller } = input;
      if (!UUID.test(input.caseId)) throw new Problem('not-found', 'There is no such case.');
      assertReadable({ key: input.key, name: input.name, mediaType: input.mediaType });
      return await attach(context, { ...input, actor: actorOf(caller), principals: caller.principals, speaksFor: caller.organisation ?? caller.userId, caller: caller.userId });
    },

    /** A draft of a form, shared by the people of one party; `patch` as RFC 7386 has it. Throws Problem. */
    async patchDraft(input: { caseId: string; form: string; patch: Json; caller: Caller; ifMatch?: string | undefined }): Promise<DraftAnswer> {
      assertReadable({ key: input.form, patch: input.patch });
      const ask = await draftAsk(input), patch = asPatch(input.patch);
      return await inTurn(ask.caseId, () => patchDraft(context, ask, patch, input.ifMatch));
    },
    async readDraft(input: { caseId: string; form: string; caller: Caller }): Promise<DraftAnswer> {
      return await readDraft(context, await draftAsk(input));
    },
    async deleteDraft(input: { caseId: string; form: string; caller: Caller; ifMatch?: string | undefined }): Promise<boolean> {
      assertReadable({ key: input.form });
      const ask = await draftAsk(input);
      return await inTurn(ask.caseId, () => deleteDraft(context, ask, input.ifMatch));
    },
    /** By form, without their content. The caller is known to see the case. */
    async listDrafts(caseId: string, caller: Caller): Promise<Awaited<ReturnType<typeof listDrafts>>> {
      return await listDrafts(context, await draftAsk({ caseId, form: '', caller }));
    },

    /** Behind row-level security; due deadlines are applied in memory. Null when these principals see no such case. `kindsOf`: items instead of those that its page shows. */
    async readCase(caseId: string, principals: string[], kindsOf?: KindsOf): Promise<ReadCase | null> {
      if (!UUID.test(caseId)) return null;
      const read = await readCase(context, caseId, principals, commands.known(caseId), kindsOf);
      if (read) commands.remember(caseId, read.process);
      return read;
    },
    /** Time that cases offer, for anybody. Throws Problem `not-found`. */
    readOffers: (asked: OffersAsked) => readOffers(context, asked),
    async readHistory(caseId: string, principals: string[], since?: number, limit?: number): Promise<HistoryPage | null> {
      return UUID.test(caseId) ? await readHistory(context, caseId, principals, since, limit) : null;
    },
    /** For offline verification; `withhold` takes out what the reader may not see. Null when these principals see no such case. */
    async exportHistory(caseId: string, principals: string[]): Promise<ReadExport | null> {
      return UUID.test(caseId) ? await readExport(context, caseId, principals) : null;
    },
    /** Of a case that may have been erased; of one that was not, the less costly look. Null when these principals see no such case. */
    async readOutline(caseId: string, principals: string[]): Promise<CaseOutline | null> {
      return UUID.test(caseId) ? await readOutline(context, caseId, principals) : null;
    },
    /** When a case may be erased; asked by operators, who see every case. */
    erasureOf: (caseId: string): Promise<ErasureOutline | null> => erasureOf(context, context.pools.worker, caseId),
    async eraseCase(input: { caseId: string; caller: Caller; key: string; reason: string }): Promise<{ caseId: string; erasedAt: string }> {
      const { caseId, caller, key, reason } = input;
      assertReadable({ key, reason });
      return await eraseCase(context, { caseId, actor: actorOf(caller), caller: caller.userId, key, reason });
    },
    /** What this person may do now, and why not. `allowed: null` where only the commit can tell. */
    commandsFor(record: Parameters<typeof commandsNow>[0], caller: Caller): CommandNow[] {
      return commandsNow(record, actorOf(caller), caller.organisation ?? caller.userId);
    },
    /** What an effect would write to many if it were owed now, by this caller. Throws DecisionError where the plugin throws. */
    broadcastNow({ process, state, parameters, now }: ReadCase, caller: Caller, effect: string): BroadcastInput {
      return bindEffect(process, { id: effect, src: effect }, { at: now.toISOString(), actor: actorOf(caller), parameters, state }).broadcast!;
    },
    /** The process of a case without any check: to find a schema, never to answer. */
    async processOf(caseId: string): Promise<CompiledProcess | null> {
      return UUID.test(caseId) ? await commands.processOf(caseId) : null;
    },

    applyDeadlines: (caseId: string, execution: Execution | null) => applyDeadlines(context, caseId, execution),
    recordOutcomes: (caseId: string, outcomes: EffectOutcome[]) => recordOutcomes(context, caseId, outcomes),
    /** The effect failed for good: out of the agenda, with an incident. */
    parkEffect: (caseId: string, effectId: string, detail: string) => park(context, caseId, effectId, detail),
    openIncident: (input: IncidentInput) => openIncident(context, input),
    /** Throws Problem. A plugin that throws is an answer, `failed`, and nothing is written. */
    async moveCase(input: MoveCase): Promise<MovedCase> {
      assertReadable({ key: input.key, reason: input.reason });
      const moved = await moveCase(context, input);
      if (!input.dryRun && moved.result === 'moved') commands.remember(input.caseId, options.processes.version((await commands.processOf(input.caseId))!.plugin.process, moved.to));
      return moved;
    },
    resolveIncident: (input: Resolution): Promise<Resolved> => resolveIncident(context, input),
    /** For activities: the opened case, whoever asks. */
    readCaseAsSystem: (caseId: string) => readCaseAsSystem(context, caseId),
    /** For activities: documents, their registration, and the mails that carried them. */
    dossier: createDossier(context),
    /** Tables of other software that processes take in, as the person who sends them. */
    imports: createImports(context, {
      createCase: ({ caller, ...input }) => create({ ...input, actor: actorOf(caller), speaksFor: caller.organisation ?? caller.userId, caller: caller.userId }),
      giveCommand: ({ caseId, caller, ...input }) => commands.give(caseId, { ...input, actor: actorOf(caller), principals: caller.principals, speaksFor: caller.organisation ?? caller.userId, caller: caller.userId, triesAgain: true }),
      remember: (caseId, process) => { commands.remember(caseId, process); },
    }),
    /** Appointments of cases, and the feeds in which people read theirs. */
    calendars: createCalendars(context),
    /** Messages to many: recipients, deliveries, receipts. */
    broadcasts: createBroadcasts(context),
    /** Codes by which people show that an address is theirs. */
    contactCodes: createContactCodes(context),
    /** Pupils of a school and who answers for them. */
    families: createFamilies(context),
    /** What comes back by mail: receipts, and what waits in the tray. */
    post: createPost(context),
  };
}

