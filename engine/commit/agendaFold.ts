/** What one transaction does to the agenda: the net result of its decisions, in their order. */
import { randomUUID } from 'node:crypto';
import type { BroadcastInput, JsonObject } from '../../plugins/contract.ts';
import type { Part } from '../../database/writeStatement.ts';
import type { Accepted, EffectToDo } from '../decide/types.ts';
import type { AgendaRow } from './caseRecord.ts';

/** A row of the agenda that is over, or (`performed`) waits with its result until the case goes on. */
export interface Settled { id: string; state: 'fired' | 'done' | 'performed'; result?: unknown; error?: string | null }

/** A document that an armed effect will register and make. */
export interface DocumentInsert { id: string; agendaId: string; name: string; from: string; model: JsonObject; ordinal: number }

/** Whom an armed effect will write to, and what. */
export interface BroadcastInsert { agendaId: string; name: string; input: BroadcastInput }

interface AgendaInsert { id: string; kind: AgendaRow['kind']; name: string; node: string | null; generation: number; mode: AgendaRow['mode']; does: string | null; input: unknown; detail: unknown; due_at: string }

export class AgendaFold {
  /** The clock's instant, also where history stays ahead of a clock that went back: what is to be done now is due now. */
  private readonly now: string;
  private readonly armed = new Map<string, AgendaInsert>();
  private readonly cancelEvents = new Set<string>();
  private readonly cancelInvokes = new Set<string>();
  private cancelAll = false;
  private readonly settled: Settled[] = [];
  private readonly papers: DocumentInsert[] = [];
  private readonly toMany: BroadcastInsert[] = [];

  constructor(now: string) {
    this.now = now;
  }

  /** Adds an accepted decision that makes `version`. */
  merge({ agenda, next }: Accepted, version: number): void {
    for (const event of agenda.cancel) { this.cancelEvents.add(event); this.armed.delete(`deadline ${event}`); }
    for (const invoke of agenda.unbind) { this.cancelInvokes.add(invoke); this.armed.delete(`bound ${invoke}`); }
    for (const deadline of agenda.arm) {
      this.armed.set(`deadline ${deadline.event}`, {
        id: randomUUID(), kind: 'deadline', name: deadline.name, node: deadline.event, generation: version, mode: null, does: null, input: null,
        detail: { ...deadline.due, anchor: deadline.anchor, parameters: deadline.parameters }, due_at: deadline.dueAt,
      });
    }
    for (const effect of agenda.bind) this.armed.set(`bound ${effect.invoke}`, this.effectRow(effect, 'bound', effect.invoke, version));
    for (const effect of agenda.owe) {
      const row = this.effectRow(effect, 'owed', null, version);
      this.armed.set(row.id, row);
    }
    if (!next.done) return;
    this.cancelAll = true;
    for (const [place, row] of this.armed) if (row.mode !== 'owed') this.armed.delete(place);
  }

  private effectRow(effect: EffectToDo, mode: 'owed' | 'bound', node: string | null, generation: number): AgendaInsert {
    const id = randomUUID();
    effect.documents?.forEach(({ name, from, model }, ordinal) => this.papers.push({ id: randomUUID(), agendaId: id, name, from, model, ordinal }));
    if (effect.broadcast) this.toMany.push({ agendaId: id, name: effect.name, input: effect.broadcast });
    return { id, kind: 'effect', name: effect.name, node, generation, mode, does: effect.does, input: effect.input, detail: null, due_at: this.now };
  }

  settle(settled: Settled): void {
    // A deadline armed and due within this transaction was never a row.
    for (const [place, row] of this.armed) if (row.id === settled.id) { this.armed.delete(place); return; }
    this.settled.push(settled);
  }

  /** Deadlines armed by this transaction that are already due. */
  dueNow(): { id: string; name: string; node: string; dueAt: string }[] {
    return [...this.armed.values()].filter(row => row.kind === 'deadline' && row.due_at <= this.now).map(row => ({ id: row.id, name: row.name, node: row.node!, dueAt: row.due_at }));
  }

  /** Whether an event's deadline was ended by an earlier step of this transaction. */
  isCancelled(event: string): boolean {
    return this.cancelAll || this.cancelEvents.has(event);
  }

  /** Whether a bound effect's state was left by an earlier step of this transaction. */
  isUnbound(invoke: string): boolean {
    return this.cancelAll || this.cancelInvokes.has(invoke);
  }

  /** Of the effects that this transaction leaves armed. */
  get documents(): DocumentInsert[] { return this.ofArmed(this.papers); }
  get broadcasts(): BroadcastInsert[] { return this.ofArmed(this.toMany); }
  private ofArmed<T extends { agendaId: string }>(parts: T[]): T[] {
    if (parts.length === 0) return parts;
    const armed = new Set([...this.armed.values()].map(({ id }) => id));
    return parts.filter(({ agendaId }) => armed.has(agendaId));
  }

  get changed(): boolean { return this.armed.size > 0 || this.cancels || this.settled.length > 0; }
  /** Effects to be done at once: the nudge is urgent. */
  get hasEffects(): boolean { return [...this.armed.values()].some(row => row.kind === 'effect'); }
  private get cancels(): boolean { return this.cancelAll || this.cancelEvents.size > 0 || this.cancelInvokes.size > 0; }

  /** Rows that this transaction adds, as they would be read. */
  get added(): AgendaRow[] {
    return [...this.armed.values()].map(({ id, kind, name, node, mode, does, detail, due_at }) => ({ id, kind, name, node, mode, does, detail, due_at: new Date(due_at), state: 'due', attempts: 0, error: null }));
  }

  write(parts: Set<Part>, values: Record<string, unknown>): void {
    if (this.settled.length > 0) { parts.add('settle'); values.settled = JSON.stringify(this.settled); }
    if (this.cancels) {
      parts.add('cancel');
      Object.assign(values, { cancelEvents: [...this.cancelEvents], cancelInvokes: [...this.cancelInvokes], cancelAll: this.cancelAll, settledIds: this.settled.map(({ id }) => id) });
    }
    if (this.armed.size > 0) { parts.add('arm'); values.armed = JSON.stringify([...this.armed.values()]); }
    if (this.changed) values.nextArmed = [...this.armed.values()].filter(({ kind }) => kind === 'deadline').map(({ due_at }) => due_at).sort()[0] ?? null;
  }
}
