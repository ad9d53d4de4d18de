/** Random walks through a plugin's chart with payloads drawn from its schemas: what comes of cases that nobody wrote down. */
import { Ajv2020 as Ajv } from 'ajv/dist/2020.js';
import formatsModule from 'ajv-formats';
import fc from 'fast-check';
import { compile, type CompiledProcess } from '../../engine/decide/compile.ts';
import { calendarEntry } from '../../engine/decide/calendar.ts';
import { acceptedEvents, begin, decide, restore } from '../../engine/decide/decide.ts';
import { addDomainFormats } from '../../engine/formats.ts';
import { DecisionError, type Accepted, type CaseState, type EffectToDo, type StepEnvironment, type StepInput } from '../../engine/decide/types.ts';
import type { Actor, AssignedNumber, Item, Json, ParameterRow, Plugin, Refusal } from '../../plugins/contract.ts';
import { arbitraryOf, namesIn, textsIn } from './arbitraries.ts';

const addFormats = (formatsModule as any).default ?? formatsModule;
export const strictAjv = () => addDomainFormats(addFormats(new Ajv({ strict: true, allErrors: true, multipleOfPrecision: 6, allowUnionTypes: true })) as Ajv);

const FIRST = Date.parse('2026-10-05T08:00:00.000Z'), HOUR_MS = 3_600_000;
const PARTY: Record<string, string> = { organisation: 'MIIS00000X', person: '00000000-0000-4000-8000-0000000000aa' };

export interface Walked {
  /** Every state that a case came to, with what the projection was shown. */
  states: { state: CaseState; items: Item[]; parameters: ParameterRow[]; at: string }[];
  effects: EffectToDo[];
  refusals: Refusal[];
  /** What the plugin threw, and at what. */
  thrown: string[];
  /** Parties that were invited by mail to what then changed, and were not told by that step. */
  untold: string[];
  /** Texts that were drawn for payloads. */
  drawn: Set<string>;
}

/** `relaxed`: every rule holds, so that the walk comes further; what the plugin then throws is not its fault. */
export function walk(plugin: Plugin, { walks, steps, relaxed }: { walks: number; steps: number; relaxed: boolean }): Walked {
  const rules = relaxed ? Object.fromEntries(Object.keys(plugin.rules).map(name => [name, () => null])) : plugin.rules;
  const walked: Walked = { states: [], effects: [], refusals: [], thrown: [], untold: [], drawn: new Set() };
  for (let seed = 1; seed <= walks; seed += 1) new Walk({ ...plugin, rules }, seed, walked).go(steps);
  return walked;
}

class Walk {
  private readonly plugin: Plugin;
  private readonly process: CompiledProcess;
  private readonly walked: Walked;
  private readonly seed: number;
  private readonly parameters: ParameterRow[];
  private readonly words: string[];
  private readonly items = new Map<string, Item>();
  private readonly armed = new Map<string, string>();
  private readonly bound = new Set<string>();
  private readonly invited = new Set<string>();
  private draws = 0;
  private numbers = 0;
  private now = FIRST;
  private state: CaseState | null = null;

  constructor(plugin: Plugin, seed: number, walked: Walked) {
    this.plugin = plugin;
    this.process = compile(plugin);
    this.walked = walked;
    this.seed = seed;
    this.parameters = (plugin.defaultParameters ?? []).map((row, version) => ({ ...row, organisation: null, version }));
    this.words = [...new Set(this.parameters.flatMap(({ value }) => namesIn(value)))];
  }

  go(steps: number): void {
    const parties = Object.fromEntries(Object.entries(this.plugin.parties).map(([name, { kind }]) => [name, PARTY[kind]!]));
    const data = this.payload(this.plugin.create.schema);
    const made = this.attempt('created', data, () => begin(this.process, { data, state: { id: '00000000-0000-4000-8000-000000000001', createdAt: this.at, parties }, environment: this.environment(this.plugin.create.by[0]) }));
    if (made) this.take('created', made);
    for (let step = 0; made && step < steps && !this.state!.done; step += 1) {
      this.now += this.draw(fc.nat(72)) * HOUR_MS;
      this.step();
    }
  }

  private step(): void {
    const state = this.state!, due = [...this.armed].sort((a, b) => (a[1] < b[1] ? -1 : 1))[0];
    if (due && (due[1] <= this.at || this.draw(fc.nat(4)) === 0)) {
      this.armed.delete(due[0]);
      this.now = Math.max(this.now, Date.parse(due[1]));
      this.decide({ kind: 'deadline', event: due[0] }, { ...this.environment('termine'), at: due[1] });
      return;
    }
    const [invoke] = this.bound;
    if (invoke !== undefined && this.draw(fc.nat(2)) === 0) {
      this.bound.delete(invoke);
      const ok = this.draw(fc.boolean());
      this.decide({ kind: 'outcome', invoke, ok, result: ok ? {} : { code: 'failed' } }, this.environment('esecutore'));
      return;
    }
    const accepted = acceptedEvents(this.process, restore(this.process, state));
    if (accepted.length === 0) return;
    const name = this.draw(fc.constantFrom(...accepted)), definition = this.plugin.commands[name]!;
    const items = [...this.items.values()].filter(({ kind }) => definition.items?.includes(kind));
    const attachments = [...(definition.attachments ?? []), ...(definition.mayAttach && this.draw(fc.boolean()) ? [definition.mayAttach] : [])].map((group, n) => ({ id: `00000000-0000-4000-8000-00000000010${n}`, kind: this.draw(fc.constantFrom(...group)), sha256: '', mediaType: 'application/pdf' }));
    this.decide({ kind: 'command', name, data: this.payload(definition.schema) }, { ...this.environment(definition.by[0]), facts: { items, members: [], attachments }, number: this.number(definition) });
  }

  private decide(input: StepInput, environment: StepEnvironment): void {
    const decision = this.attempt('name' in input ? input.name : input.kind, 'data' in input ? input.data : {}, () => decide(this.process, this.state!, input, environment));
    // Most walks should go on: an end is taken one time in eight.
    if (decision?.accepted && decision.next.done && this.draw(fc.nat(7)) !== 0) return;
    if (decision?.accepted) this.take('name' in input ? input.name : input.kind === 'deadline' ? input.event : input.kind, decision);
    else if (decision) this.walked.refusals.push(...decision.refusals);
  }

  private attempt<T>(name: string, data: Json, work: () => T): T | null {
    try {
      return work();
    } catch (error) {
      if (!(error instanceof DecisionError)) throw error;
      this.walked.thrown.push(`${name} in ${JSON.stringify(this.state?.value ?? null)}: ${error.message}; payload ${JSON.stringify(data)}`);
      return null;
    }
  }

  /** A program takes an appointment out only when it is told to. */
  private followCalendar(step: string, { next, agenda }: Accepted): void {
    const entries = this.attempt(`the calendar after ${step}`, {}, () => [this.state && calendarEntry(this.process, this.state), calendarEntry(this.process, next)] as const);
    if (!entries) return;
    const [before, now] = entries;
    const told = new Set([...agenda.owe, ...agenda.bind].flatMap(({ does, input }) => (does === 'message' && input['invitation'] === true ? input['to'] as string[] : [])));
    if (before && JSON.stringify(before) !== JSON.stringify(now)) for (const party of this.invited) if (!told.has(party)) this.walked.untold.push(`${party} is not told of ${step}`);
    for (const party of (now ?? before)?.attendees ?? []) if (told.has(party)) this.invited.add(party);
    if (now === null || now.status === 'cancelled') this.invited.clear();
  }

  private take(step: string, decision: Accepted): void {
    if (this.plugin.calendar) this.followCalendar(step, decision);
    const { next, agenda, items } = decision;
    this.state = JSON.parse(JSON.stringify(next)) as CaseState;
    for (const change of items) {
      if ('remove' in change) this.items.delete(`${change.kind} ${change.key}`);
      else this.items.set(`${change.kind} ${change.key}`, JSON.parse(JSON.stringify(change)));
    }
    for (const event of agenda.cancel) this.armed.delete(event);
    for (const { event, dueAt } of agenda.arm) this.armed.set(event, dueAt);
    for (const invoke of agenda.unbind) this.bound.delete(invoke);
    for (const { invoke } of agenda.bind) this.bound.add(invoke);
    this.walked.effects.push(...agenda.owe, ...agenda.bind);
    this.walked.states.push({ state: this.state, items: [...this.items.values()], parameters: this.parameters, at: this.at });
  }

  private get at(): string { return new Date(this.now).toISOString(); }

  private environment(role: string | undefined): StepEnvironment {
    const actor: Actor = { kind: 'user', id: PARTY.person!, role: role ?? 'pratica' };
    return { at: this.at, actor, parameters: this.parameters };
  }

  private number({ number }: Plugin['commands'][string]): AssignedNumber | null {
    if (!number) return null;
    this.numbers += 1;
    const year = number.year === 'school' ? '2026/27' : '2026';
    return { register: number.register, organisation: PARTY.organisation!, year, value: this.numbers, text: number.format(this.numbers, year) };
  }

  private draw<T>(arbitrary: fc.Arbitrary<T>): T {
    this.draws += 1;
    return fc.sample(arbitrary, { seed: this.seed * 10_000 + this.draws, numRuns: 1 })[0]!;
  }

  private payload(schema: object): Json {
    const value = JSON.parse(JSON.stringify(this.draw(arbitraryOf(schema as any, this.words)))) as Json;
    for (const text of textsIn(value)) this.walked.drawn.add(text);
    return value;
  }
}
