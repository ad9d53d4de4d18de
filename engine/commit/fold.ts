/** What one transaction is going to write: decisions folded one after another onto the case's row. */
import { createHmac } from 'node:crypto';
import type { Actor, AssignedNumber, Item, JsonObject } from '../../plugins/contract.ts';
import type { Part } from '../../database/writeStatement.ts';
import { topState } from '../decide/compile.ts';
import { calendarEntry } from '../decide/calendar.ts';
import { asDecisionError } from '../decide/step.ts';
import { plain } from '../decide/plain.ts';
import { areSameParties } from '../decide/parties.ts';
import { DecisionError, type Accepted, type CaseState } from '../decide/types.ts';
import { canonicalBytes, entryHash, sealPayload, type EntryMetadata } from '../history/chain.ts';
import { sealJson, type CaseKey } from '../history/caseKey.ts';
import { AgendaFold } from './agendaFold.ts';
import { splitContext, type CaseRow, type OpenedCase } from './caseRecord.ts';
import { CalendarFold } from './calendarFold.ts';
import type { CommittedChange } from './context.ts';
import { writeBroadcasts, writeDocuments, writeOffer, writeTasks, type Derived } from './derived.ts';
import { joiningOf, writeParties } from './parties.ts';

/** Which execution of the durable workflow did it. */
export interface Execution { workflowId: string; runId: string; activityId: string; attempt: number }

export interface EntryInput {
  kind: EntryMetadata['kind'];
  name: string;
  actor: Actor;
  caller: string;
  key: string;
  /** Of the request; where there is none (a deadline, an outcome), of the key. */
  bodyDigest?: Buffer;
  payload: unknown;
  execution?: Execution | null;
}
/** All of a case's context, sealed part included. What grows with time belongs into items, which are rows. */
const LARGEST_SNAPSHOT = 65_536;

/** Nothing that a plugin computes may tell the database from the decision: what it throws here is a DecisionError too. */
export class Fold {
  readonly opened: OpenedCase;
  readonly at: string;
  state: CaseState;
  version: number;
  seq: number;
  head: Buffer;
  private draft: boolean;
  private readonly entries: Record<string, unknown>[] = [];
  readonly agenda: AgendaFold;
  private readonly items = new Map<string, { kind: string; key: string; data: string | null; seq: number }>();
  /** The same as they read: null is a removed one. */
  private readonly changedItems = new Map<string, Item | null>();
  private readonly numbers: Record<string, unknown>[] = [];
  private readonly reserved = new Map<string, { key: string; resource: string; from: string; to: string }>();
  private readonly released = new Set<string>();
  private readonly scopes = new Set<string>();
  private readonly frozen: { id: string; seq: number }[] = [];
  private readonly calendar = new CalendarFold();
  /** Drafts that ended with a command: those of who gave it. */
  private readonly submitted: { form: string; principal: string }[] = [];
  /** Whether anything was accepted: a fold of refusals alone leaves the snapshot as it is. */
  private accepted = false;
  private projectedRow: JsonObject | null = null;
  /** After the write, where it touched the agenda: when the next deadline is due. */
  nextDue: Date | null = null;

  /** `now` is the database's clock after the lock; history never goes back in time. */
  constructor(opened: OpenedCase, now: Date) {
    this.opened = opened;
    this.state = opened.state;
    this.version = opened.row.version;
    this.seq = opened.row.seq;
    this.head = opened.row.head;
    this.draft = opened.row.draft;
    this.agenda = new AgendaFold(now.toISOString());
    this.at = new Date(Math.max(now.getTime(), opened.row.last_at.getTime())).toISOString();
  }

  /** Adds an entry that leaves the case as it is (a refusal, an attachment, an outcome that nobody waits for). */
  note(input: EntryInput): number {
    return this.append(input, topState(this.state.value), topState(this.state.value));
  }

  /** Adds an accepted decision with its entry. */
  accept(input: EntryInput, decision: Accepted, extra: { number?: AssignedNumber | null; scope?: string; scopes?: string[]; freeze?: string[]; drafts?: { form: string; principal: string }[] } = {}): number {
    const from = input.kind === 'created' ? null : topState(this.state.value);
    const { process } = this.opened, before = this.isFirst && !this.accepted ? null : this.state;
    if (this.draft && !areSameParties(this.state.parties, decision.next.parties)) throw new DecisionError(`${process.plugin.process}: a draft keeps the parties that it began with`);
    this.accepted = true;
    this.version += 1;
    this.state = decision.next;
    if (process.plugin.calendar) this.calendar.note({ entry: before && calendarEntry(process, before), parties: (before ?? decision.next).parties }, { entry: calendarEntry(process, decision.next), parties: decision.next.parties }, this.version);
    const seq = this.append(input, from, topState(decision.next.value));
    this.agenda.merge(decision, this.version);
    for (const change of decision.items) {
      const data = 'remove' in change ? null : sealJson(this.opened.key, change.data, `${this.state.id}/item`).toString('hex');
      this.items.set(`${change.kind} ${change.key}`, { kind: change.kind, key: change.key, data, seq });
      this.changedItems.set(`${change.kind} ${change.key}`, 'remove' in change ? null : change);
    }
    // In their order: what a later step lets go was never held, and a key that is held again moves.
    for (const change of decision.reservations) {
      const { key } = 'hold' in change ? change.hold : change.release;
      this.released.add(key);
      this.reserved.delete(key);
      if ('hold' in change) this.reserved.set(key, change.hold);
    }
    if (extra.number) this.numbers.push({ ...extra.number, case: undefined, seq, at: this.at });
    if (extra.scope) this.scopes.add(extra.scope);
    for (const scope of extra.scopes ?? []) this.scopes.add(scope);
    this.submitted.push(...extra.drafts ?? []);
    for (const id of extra.freeze ?? []) this.frozen.push({ id, seq });
    if (this.draft && !this.opened.process.plugin.drafts.includes(topState(this.state.value))) this.draft = false;
    return seq;
  }

  /** Items read under the lock, as the earlier steps of this transaction left them. */
  withChanges(read: Item[]): Item[] {
    if (this.changedItems.size === 0) return read;
    const items = new Map<string, Item | null>(read.map(item => [`${item.kind} ${item.key}`, item]));
    for (const [name, item] of this.changedItems) items.set(name, item);
    return [...items.values()].filter(item => item !== null);
  }

  /** Nothing was derived of the case by this version of its process: it is new, or was just moved. */
  private get isFirst(): boolean { return this.opened.row.version === 0 || this.opened.row.process_version !== this.opened.process.plugin.version; }

  /** People whom this transaction makes parties. */
  get joining(): string[] { return joiningOf(this.opened.row.parties, this.state.parties); }

  /** What this transaction wants to hold. */
  get held(): { resource: string; from: string; to: string }[] { return [...this.reserved.values()]; }

  /** What lists show after this transaction. Throws DecisionError. */
  get row(): JsonObject {
    if (!this.accepted) return this.opened.row.row;
    const { process } = this.opened;
    try {
      return (this.projectedRow ??= plain(process.plugin.projection.row({ context: this.state.context, parties: this.state.parties }), 'projection.row'));
    } catch (error) {
      throw asDecisionError(process, error);
    }
  }

  /** What to tell after COMMIT. */
  get change(): CommittedChange {
    return { caseId: this.state.id, process: this.opened.process.plugin.process, state: topState(this.state.value), draft: this.draft, done: this.state.done, stateChanged: this.stateChanged, agendaChanged: this.agenda.changed, urgent: this.agenda.hasEffects };
  }

  private append(input: EntryInput, from: string | null, to: string | null): number {
    const { sealed, payloadDigest } = sealPayload(this.opened.key, this.state.id, input.payload);
    const { kind: actorKind, id, role, organisation, deputyFor } = input.actor;
    this.seq += 1;
    const metadata: EntryMetadata = {
      caseId: this.state.id, seq: this.seq, version: this.version, at: this.at, kind: input.kind, name: input.name, from, to,
      actor: { kind: actorKind, id, role, ...(organisation ? { organisation } : {}), ...(deputyFor ? { deputyFor } : {}) }, caller: input.caller, key: input.key,
      bodyDigest: (input.bodyDigest ?? bodyDigest(this.opened.key, input.key)).toString('hex'), payloadDigest: payloadDigest.toString('hex'), execution: (input.execution as unknown as Record<string, unknown>) ?? null,
    };
    this.head = entryHash(this.head, metadata);
    this.entries.push({ ...metadata, caseId: undefined, payload: sealed.toString('hex'), hash: this.head.toString('hex') });
    return this.seq;
  }

  private get derived(): Derived { return { opened: this.opened, state: this.state, version: this.version, seq: this.seq, draft: this.draft, isFirst: this.isFirst }; }
  get stateChanged(): boolean { return topState(this.state.value) !== this.opened.row.state; }
  get isDraft(): boolean { return this.draft; }

  /** The parts and values of the write. */
  write(): { parts: Set<Part>; values: Record<string, unknown> } {
    const { row } = this.opened;
    const parts = new Set<Part>();
    const values: Record<string, unknown> = this.baseValues(row);
    this.agenda.write(parts, values);
    writeDocuments(this.derived, this.agenda.documents, parts, values);
    writeBroadcasts(this.derived, this.agenda.broadcasts, parts, values);
    this.calendar.write(parts, values, this.opened.key, this.state);
    if (this.items.size > 0) { parts.add('items'); values.items = JSON.stringify([...this.items.values()]); }
    if (this.numbers.length > 0) { parts.add('number'); values.numbers = JSON.stringify(this.numbers); }
    if (this.released.size > 0) { parts.add('release'); values.released = [...this.released]; }
    if (this.reserved.size > 0) { parts.add('reserve'); values.reserved = JSON.stringify(this.held); }
    if (this.scopes.size > 0) { parts.add('scope'); values.scopes = [...this.scopes]; }
    if (this.submitted.length > 0) { parts.add('drafts'); values.submitted = JSON.stringify(this.submitted); }
    if (this.frozen.length > 0) { parts.add('freeze'); values.frozen = JSON.stringify(this.frozen); }
    if (row.draft && !this.draft) {
      parts.add('open');
      Object.assign(values, { principals: Object.values(this.state.parties), process: row.process, createdAt: this.state.createdAt });
    }
    if (this.stateChanged && row.version > 0) parts.add('moved');
    writeParties(this.derived, parts, values);
    if (this.accepted) this.writeSnapshot(parts, values);
    return { parts, values };
  }

  private writeSnapshot(parts: Set<Part>, values: Record<string, unknown>): void {
    const { process, key, state: before } = this.opened;
    const { open, sealed } = splitContext(process, this.state.context);
    const isNew = this.isFirst;
    values.value = JSON.stringify(this.state.value);
    values.context = JSON.stringify(open);
    values.historyValue = this.state.historyValue ? JSON.stringify(this.state.historyValue) : null;
    // A field that no step touched is the same object still: sealing it anew would only cost.
    if (isNew || process.plugin.sealed.some(field => this.state.context[field] !== before.context[field])) {
      values.sealed = Object.keys(sealed).length > 0 ? sealJson(key, sealed, `${this.state.id}/context`) : Buffer.alloc(0);
    }
    const size = Buffer.byteLength(values.context as string) + (values.sealed as Buffer).length;
    if (size > LARGEST_SNAPSHOT) throw new DecisionError(`${process.plugin.process}: the context would take ${size} bytes, more than 64 KiB: what grows belongs into items`);
    values.row = JSON.stringify(this.row);
    writeTasks(this.derived, parts, values);
    writeOffer(this.derived, parts, values);
    const words = this.wordsOf(this.state), wordsBefore = isNew ? '' : this.wordsOf(before);
    if (words !== wordsBefore) { parts.add('search'); values.words = words; }
  }

  private wordsOf({ context, parties, number }: CaseState): string {
    const { process } = this.opened;
    try {
      return process.plugin.projection.search({ context, parties, number }).join(' ');
    } catch (error) {
      throw asDecisionError(process, error);
    }
  }

  private baseValues(row: CaseRow): Record<string, unknown> {
    return {
      id: row.id, version: row.version, seq: row.seq, newVersion: this.version, newSeq: this.seq, head: this.head, state: topState(this.state.value),
      value: JSON.stringify(row.value), context: JSON.stringify(row.context), historyValue: row.history_value ? JSON.stringify(row.history_value) : null,
      sealed: row.sealed, row: JSON.stringify(row.row), number: this.state.number, draft: this.draft, done: this.state.done, at: this.at, entries: JSON.stringify(this.entries),
    };
  }
}

/** Digest of a request: the same key with another one is a mistake of the caller. Keyed, so that nobody can try out diagnoses on it, or what it was after erasure. */
export function bodyDigest(key: CaseKey, ...parts: unknown[]): Buffer {
  return createHmac('sha256', key).update(canonicalBytes(parts)).digest();
}
