/**
 * Cases without servers: the same decisions as the engine's, in memory and in virtual time.
 *
 * A world keeps cases, their deadlines, attachments, rows and registers; time passes only when told, and fires
 * deadlines in their order. What it does not do: transactions, history, walls. Those are the engine's own tests.
 */
import ajvModule, { type ValidateFunction } from 'ajv/dist/2020.js';
import formatsModule from 'ajv-formats';
import { addDomainFormats } from '../engine/formats.ts';
import type { Actor, AssignedNumber, BroadcastInput, CommandInput, Facts, Item, Json, JsonObject, KnownPupil, Look, Member, PupilsAsked, SchoolPupils, Offer, MessageInput, ParameterRow, Plugin, Refusal, DocumentModel } from '../plugins/contract.ts';
import { acceptedEvents, begin, beginningStep, decide, refusedBeginning, restore } from '../engine/decide/decide.ts';
import { parameterReader } from '../engine/decide/step.ts';
import { offerOf, publishedOffer } from '../engine/decide/offers.ts';
import { itemsShown } from '../engine/decide/facts.ts';
import { compile, topState, type CompiledProcess } from '../engine/decide/compile.ts';
import type { Accepted, ArmedDeadline, CaseState, EffectToDo, StepInput } from '../engine/decide/types.ts';
import { romeDate, schoolYearOf } from '../plugins/calendar.ts';

const Ajv = (ajvModule as any).default ?? ajvModule;
const addFormats = (formatsModule as any).default ?? formatsModule;
const ajv = addDomainFormats(addFormats(new Ajv({ allErrors: true, strict: true, strictTypes: false, strictTuples: false, allowUnionTypes: true, multipleOfPrecision: 9 })));

export type Given =
  | { accepted: true; state: string }
  | { accepted: false; why: Why; rules: string[]; refusals: Refusal[]; allowed: string[] };
type Why = 'forbidden' | 'not-allowed' | 'schema' | 'attachment' | 'rule' | 'taken';

export interface Step { kind: 'created' | 'command' | 'deadline' | 'outcome' | 'migration'; name: string; at: string; from: string | null; to: string }
interface Attachment { id: string; kind: string; used: boolean }

const SYSTEM: Actor = { kind: 'system', id: 'system', role: 'system' };
const UUID = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

export class PureCase {
  readonly world: PureWorld;
  process: CompiledProcess;
  caseState: CaseState;
  readonly items = new Map<string, Item>();
  readonly attachments: Attachment[] = [];
  readonly deadlines = new Map<string, ArmedDeadline>();
  /** Documents that were asked for, of letters too. */
  readonly documents: { name: string; from: string; model: DocumentModel; effect: string }[] = [];
  readonly messages: (MessageInput & { effect: string; at: string; to: string[] })[] = [];
  readonly broadcasts: (BroadcastInput & { effect: string; at: string })[] = [];
  /** Invocations that wait for their outcome: effect → XState's id. */
  readonly invoked = new Map<string, string>();
  readonly sent: { effect: string; input: CommandInput }[] = [];
  readonly steps: Step[] = [];
  readonly scopes = new Set<string>();
  /** Effects of the states that are active, by invocation. */
  readonly bound = new Map<string, EffectToDo>();

  constructor(world: PureWorld, process: CompiledProcess, caseState: CaseState) {
    this.world = world;
    this.process = process;
    this.caseState = caseState;
  }

  get id(): string { return this.caseState.id; }
  get number(): string | null { return this.caseState.number; }
  get context(): any { return this.caseState.context; }
  /** Top-level state, as lists show it. */
  get state(): string { return topState(this.caseState.value); }
  /** Full XState value. */
  get value(): Json { return this.caseState.value; }
  get row(): JsonObject { return this.process.plugin.projection.row({ context: this.context, parties: this.caseState.parties }); }
  get view(): any {
    const today = romeDate(this.world.now);
    return this.process.plugin.projection.view({ context: this.context, parties: this.caseState.parties, today, parameter: parameterReader(this.world.parameters, today, this.caseState.parties), items: [...this.items.values()] });
  }
  /** An operator moves the case to another version of its process. */
  movedTo(process: CompiledProcess, decision: Accepted): this {
    this.process = process;
    this.apply('migration', 'move', decision, this.world.now);
    return this;
  }

  /** Names of the open deadlines, in order of time. */
  get open(): string[] { return [...this.deadlines.values()].sort((a, b) => (a.dueAt < b.dueAt ? -1 : 1)).map(({ name }) => name); }
  dueOf(name: string): string | null { return [...this.deadlines.values()].find(deadline => deadline.name === name)?.dueAt ?? null; }

  attach(...kinds: string[]): this {
    for (const kind of kinds) {
      if (!Object.hasOwn(this.process.plugin.attachments ?? {}, kind)) throw new Error(`no attachment "${kind}"`);
      this.attachments.push({ id: UUID(9_000 + this.attachments.length), kind, used: false });
    }
    return this;
  }

  /** Gives a command in a role, as the API would: role, state, schema, attachments, rules. */
  give(command: string, data: Json, role: string, options: { user?: string } = {}): Given {
    const party = this.process.plugin.roles[role];
    return this.receive(command, data, { kind: 'user', id: options.user ?? `${role}.user`, role, ...(party && this.caseState.parties[party] ? { organisation: this.caseState.parties[party] } : {}) });
  }

  /** As `give`, but a refusal is a failed test. */
  must(command: string, data: Json, role: string, options: { user?: string } = {}): this {
    const given = this.give(command, data, role, options);
    if (!given.accepted) throw new Error(`${command} as ${role} in ${this.state}: ${given.why} ${JSON.stringify(given.refusals)} (allowed: ${given.allowed.join(', ')})`);
    return this;
  }

  receive(command: string, data: Json, actor: Actor): Given {
    this.world.fireDue();
    const { plugin } = this.process;
    const refused = (why: Why, refusals: Refusal[] = [], allowed: string[] = []): Given => ({ accepted: false, why, rules: refusals.map(({ rule }) => rule), refusals, allowed });
    const definition = plugin.commands[command];
    if (!definition) throw new Error(`no command "${command}"`);
    const may = actor.kind === 'case' ? definition.from?.includes(actor.id.slice('case:'.length).split('/')[0]!) : definition.by.includes(actor.role);
    if (!may) return refused('forbidden');
    const allowed = acceptedEvents(this.process, restore(this.process, this.caseState));
    if (!allowed.includes(command)) return refused('not-allowed', [], allowed);
    const errors = this.world.validate(definition.schema, data);
    if (errors.length > 0) return refused('schema', errors.map(pointer => ({ rule: 'schema', pointer })));
    const kinds = [...(definition.attachments ?? []).flat(), ...(definition.mayAttach ?? [])];
    const unused = this.attachments.filter(({ kind, used }) => !used && kinds.includes(kind));
    const missing = definition.attachments?.find(group => !unused.some(({ kind }) => group.includes(kind)));
    if (missing) return refused('attachment', [{ rule: 'allegatoMancante', figures: { uno: missing } }]);
    const projected = { context: this.context, parties: this.caseState.parties, case: this.identity };
    const facts: Facts = {
      items: itemsShown(definition, data, this.items.values()),
      members: this.world.membersOf(...[definition.members, definition.sees].flatMap(scope => scope?.(projected) ?? [])),
      attachments: unused.map(({ id, kind }) => ({ id, kind, sha256: '', mediaType: 'application/pdf' })),
    };
    const look = definition.looks?.({ ...projected, data, at: this.world.now, today: romeDate(this.world.now) });
    if (look) facts.offers = this.world.offersOf(look);
    const pupils = definition.pupils?.({ ...projected, data });
    if (pupils) facts.pupils = this.world.pupilsOf(pupils);
    const number = definition.number ? this.world.nextNumber(this, definition.number) : null;
    const decision = this.decide({ kind: 'command', name: command, data }, this.world.now, actor, facts, number);
    if (!decision.accepted) return refused(decision.why, decision.refusals, decision.allowed);
    const taken = this.world.takenFor(this, decision);
    if (taken) return refused('taken', [{ rule: 'taken', figures: { resource: taken } }]);
    if (number) this.world.takeNumber(number);
    for (const attachment of unused) attachment.used = true;
    if (definition.joins) this.scopes.add(definition.joins(projected));
    this.apply('command', command, decision, this.world.now);
    return { accepted: true, state: this.state };
  }

  outcome(invoke: string, ok: boolean, result: Json): void {
    const decision = this.decide({ kind: 'outcome', invoke, ok, result }, this.world.now, SYSTEM);
    if (decision.accepted) this.apply('outcome', invoke, decision, this.world.now);
  }

  fire(deadline: ArmedDeadline): void {
    this.deadlines.delete(deadline.event);
    const decision = this.decide({ kind: 'deadline', event: deadline.event }, deadline.dueAt, SYSTEM);
    if (decision.accepted) this.apply('deadline', deadline.name, decision, deadline.dueAt);
  }

  /** What came of an effect that its state waits for. */
  finish(effect: string, result: Json, ok = true): this {
    const invoke = this.invoked.get(effect);
    if (invoke === undefined) throw new Error(`nothing waits for ${effect} in ${this.state}`);
    const decision = this.decide({ kind: 'outcome', invoke, ok, result }, this.world.now, SYSTEM);
    if (!decision.accepted) throw new Error(`the outcome of ${effect} is not taken in ${this.state}`);
    this.apply('outcome', effect, decision, this.world.now);
    return this;
  }

  get identity() { return { id: this.id, process: this.process.plugin.process, number: this.number, createdAt: this.caseState.createdAt }; }

  private decide(input: StepInput, at: string, actor: Actor, facts?: Facts, number: AssignedNumber | null = null) {
    return decide(this.process, this.caseState, input, { at, actor, parameters: this.world.parameters, number, ...(facts ? { facts } : {}) });
  }

  apply(kind: Step['kind'], name: string, decision: Accepted, at: string): void {
    const from = kind === 'created' ? null : this.state;
    // As the engine stores it: what does not survive JSON is lost.
    this.caseState = structuredClone(JSON.parse(JSON.stringify(decision.next)));
    for (const event of decision.agenda.cancel) this.deadlines.delete(event);
    for (const deadline of decision.agenda.arm) this.deadlines.set(deadline.event, deadline);
    if (this.caseState.done) this.deadlines.clear();
    this.world.reserve(this, decision);
    for (const invoke of decision.agenda.unbind) this.bound.delete(invoke);
    for (const { invoke, ...effect } of decision.agenda.bind) this.bound.set(invoke, effect);
    if (this.caseState.done) this.bound.clear();
    for (const change of decision.items) {
      if ('remove' in change) this.items.delete(`${change.kind}/${change.key}`);
      else this.items.set(`${change.kind}/${change.key}`, JSON.parse(JSON.stringify(change)));
    }
    for (const id of decision.agenda.unbind) for (const [effect, invoke] of this.invoked) if (invoke === id) this.invoked.delete(effect);
    for (const { name: effect, invoke, broadcast } of decision.agenda.bind) {
      this.invoked.set(effect, invoke);
      if (broadcast) this.broadcasts.push({ ...broadcast, effect, at });
    }
    for (const { name: effect, does, input, documents = [], broadcast } of decision.agenda.owe) {
      if (broadcast) this.broadcasts.push({ ...broadcast, effect, at });
      for (const document of documents) this.documents.push({ ...document, model: document.model as unknown as DocumentModel, effect });
      if (does === 'message') this.messages.push({ ...(input as unknown as MessageInput), effect, at });
      else if (does === 'command') this.sent.push({ effect, input: input as unknown as CommandInput });
    }
    this.steps.push({ kind, name, at, from, to: this.state });
  }
}

export class PureWorld {
  now: string;
  readonly parameters: ParameterRow[];
  readonly cases: PureCase[] = [];
  private readonly plugins: Plugin[];
  private readonly compiled = new Map<string, CompiledProcess>();
  private readonly validators = new Map<object, ValidateFunction>();
  private readonly registers = new Map<string, number>();
  private readonly keyed = new Map<string, PureCase>();
  /** What cases hold. */
  readonly reservations: { owner: PureCase; key: string; resource: string; from: string; to: string }[] = [];
  private delivered = new Set<object>();
  /** Schools that keep their families, and whom they know. */
  readonly families = new Map<string, KnownPupil[]>();

  constructor(plugins: Plugin[], at: string, parameters: { name: string; from?: string; to?: string | null; value: Json }[] = []) {
    this.plugins = plugins;
    this.now = at;
    this.parameters = [
      ...plugins.flatMap(plugin => plugin.defaultParameters ?? []).map(row => ({ ...row, organisation: null, version: 1 })),
      // Tests say only what they change.
      ...parameters.map(({ name, from = '2000-01-01', to = null, value }) => ({ name, from, to, value, organisation: 'POLOPUGLIA', version: 1 })),
    ];
  }

  private processOf(name: string): CompiledProcess {
    const plugin = this.plugins.find(({ process }) => process === name);
    if (!plugin) throw new Error(`no process "${name}" in this world`);
    if (!this.compiled.has(name)) this.compiled.set(name, compile(plugin));
    return this.compiled.get(name)!;
  }

  /** As `create`, but what stands against it is an answer. */
  begin(process: string, data: JsonObject, parties: Record<string, string>, actor: Actor = { kind: 'user', id: 'segreteria.user', role: 'segreteria' }): PureCase | { why: Why; refusals: Refusal[] } {
    this.fireDue();
    const compiled = this.processOf(process), { create } = compiled.plugin;
    const state = { id: UUID(this.cases.length + 1), createdAt: this.now, parties };
    const beginning = { data, state, environment: { at: this.now, actor, parameters: this.parameters } };
    const [joins, sees, members, look, pupils] = beginningStep(compiled, beginning, step => [create.joins?.(step) ?? [], create.sees?.(step) ?? [], create.members?.(step) ?? [], create.looks?.(step) ?? null, create.pupils?.(step) ?? null] as const);
    const environment = { ...beginning.environment, facts: { items: [], members: this.membersOf(...sees, ...members), attachments: [], ...(look ? { offers: this.offersOf(look) } : {}), ...(pupils ? { pupils: this.pupilsOf(pupils) } : {}) } };
    const refusal = refusedBeginning(compiled, { ...beginning, environment });
    if (refusal) return { why: 'rule', refusals: [refusal] };
    const decision = begin(compiled, { ...beginning, environment });
    const made = new PureCase(this, compiled, decision.next), taken = this.takenFor(made, decision);
    if (taken) return { why: 'taken', refusals: [{ rule: 'taken', figures: { resource: taken } }] };
    for (const scope of [...joins, ...members]) made.scopes.add(scope);
    made.apply('created', 'created', decision, this.now);
    this.cases.push(made);
    return made;
  }

  create(process: string, data: JsonObject, parties: Record<string, string>, actor: Actor = { kind: 'user', id: 'segreteria.user', role: 'segreteria' }): PureCase {
    const compiled = this.processOf(process);
    const errors = this.validate(compiled.plugin.create.schema, data);
    if (errors.length > 0) throw new Error(`create ${process}: ${errors.join(', ')}`);
    const made = this.begin(process, data, parties, actor);
    if (!(made instanceof PureCase)) throw new Error(`create ${process}: ${JSON.stringify(made.refusals)}`);
    return made;
  }

  /** Time passes until `instant`; deadlines fire on their way, in order, each at its own instant. */
  passUntil(instant: string): void {
    if (instant < this.now) throw new Error(`time does not go back from ${this.now} to ${instant}`);
    this.fireDue(instant);
    this.now = instant;
  }

  fireDue(until = this.now): void {
    for (let fired = 0; ; fired += 1) {
      if (fired > 1_000) throw new Error('deadlines without end');
      const due = this.cases.flatMap(owner => [...owner.deadlines.values()].map(deadline => ({ owner, deadline })))
        .filter(({ deadline }) => deadline.dueAt <= until).sort((a, b) => (a.deadline.dueAt < b.deadline.dueAt ? -1 : 1))[0];
      if (!due) return;
      if (due.deadline.dueAt > this.now) this.now = due.deadline.dueAt;
      due.owner.fire(due.deadline);
    }
  }

  /** Gives every command to another case, owed or bound; a missing case of a keyed process is made. Answers how many. */
  deliver(): number {
    let count = 0;
    for (let round = 0; round < 40; round += 1) {
      this.fireDue();
      const owed = this.cases.flatMap(owner => owner.sent.map(sent => ({ owner, sent }))).filter(({ sent }) => !this.delivered.has(sent));
      const bound = this.cases.flatMap(owner => [...owner.bound].filter(([, { does }]) => does === 'command').map(([invoke, effect]) => ({ owner, invoke, effect })));
      if (owed.length + bound.length === 0) return count;
      for (const { owner, sent } of owed) { this.deliverOwed(owner, sent); count += 1; }
      for (const { owner, invoke, effect } of bound) {
        // Left meanwhile, or begun anew with another input.
        if (owner.bound.get(invoke) !== effect) continue;
        this.deliverBound(owner, invoke, effect);
        count += 1;
      }
    }
    throw new Error('commands between cases without end');
  }

  deliverOwed(owner: PureCase, sent: PureCase['sent'][number]): void {
    this.delivered.add(sent);
    const { target, given } = this.send(owner, sent.input), rule = owner.process.plugin.effects[sent.effect];
    if (given.accepted || given.why === 'not-allowed' && rule?.does === 'command' && rule.mayBeLate) return;
    throw new Error(`${sent.input.command} sent to ${target.process.plugin.process} in ${target.state}: ${given.why} ${JSON.stringify(given.refusals)}`);
  }

  deliverBound(owner: PureCase, invoke: string, effect: EffectToDo): void {
    const { target, given } = this.send(owner, effect.input as unknown as CommandInput);
    const code = given.accepted ? null : ({ taken: 'conflict', 'not-allowed': 'command-not-allowed', forbidden: 'forbidden', schema: 'invalid', attachment: 'invalid', rule: 'invalid' } as const)[given.why];
    owner.outcome(invoke, given.accepted, given.accepted ? { caseId: target.id } : { error: code, code, ...(given.refusals[0]?.figures ?? {}) });
  }

  /** Commands that are owed and not yet given. */
  get waiting(): { owner: PureCase; sent: PureCase['sent'][number] }[] { return this.cases.flatMap(owner => owner.sent.map(sent => ({ owner, sent }))).filter(({ sent }) => !this.delivered.has(sent)); }

  private send(owner: PureCase, input: CommandInput): { target: PureCase; given: Given } {
    const actor: Actor = { kind: 'case', id: `case:${owner.process.plugin.process}/${owner.id}`, role: 'case' };
    const target = this.targetOf(input, actor);
    return { target, given: target.receive(input.command, input.data, actor) };
  }

  private targetOf({ process, target }: CommandInput, actor: Actor): PureCase {
    if ('id' in target) return this.cases.find(({ id }) => id === target.id)!;
    const key = `${process} ${target.key}`;
    if (!this.keyed.has(key)) {
      const { plugin } = this.processOf(process);
      const own = plugin.create.key!(target.create.data, target.create.parties);
      if (own !== target.key) throw new Error(`the key ${target.key} is not that of ${process}: ${own}`);
      this.keyed.set(key, this.create(process, target.create.data, target.create.parties, actor));
    }
    return this.keyed.get(key)!;
  }

  /** The resource that a decision wants and another case holds. */
  takenFor(owner: PureCase, { reservations }: Accepted): string | null {
    const wanted = new Map<string, { resource: string; from: string; to: string }>();
    for (const change of reservations) if ('hold' in change) wanted.set(change.hold.key, change.hold); else wanted.delete(change.release.key);
    return [...wanted.values()].find(hold => this.reservations.some(held => held.owner !== owner && held.resource === hold.resource && held.from < hold.to && hold.from < held.to))?.resource ?? null;
  }

  reserve(owner: PureCase, { reservations }: Accepted): void {
    for (const change of reservations) {
      const { key } = 'hold' in change ? change.hold : change.release, n = this.reservations.findIndex(held => held.owner === owner && held.key === key);
      if (n >= 0) this.reservations.splice(n, 1);
      if ('hold' in change) this.reservations.push({ owner, ...change.hold });
    }
  }

  offersOf(look: Look): Offer[] {
    return this.cases.flatMap(owner => {
      const published = publishedOffer(owner.process, owner.caseState);
      if (published?.scope !== look.scope) return [];
      const row = { ...published, id: owner.id, process: owner.process.plugin.process, version: owner.process.plugin.version, parties: owner.caseState.parties };
      return [offerOf(owner.process, row, { range: look, taken: this.reservations, busy: this.reservations.filter(({ resource }) => look.with?.includes(resource)), parameters: this.parameters, at: this.now })];
    });
  }

  pupilsOf({ school, codes }: PupilsAsked): SchoolPupils {
    const kept = this.families.get(school);
    return { year: schoolYearOf(romeDate(this.now)), kept: kept !== undefined, known: (kept ?? []).filter(({ code }) => codes.includes(code)) };
  }

  /** Cases of any of these scopes. */
  membersOf(...scopes: string[]): Member[] {
    return this.cases.filter(each => scopes.some(scope => each.scopes.has(scope))).map(member => ({ id: member.id, process: member.process.plugin.process, state: member.state, number: member.number, row: member.row }));
  }

  nextNumber(owner: PureCase, { register, of, year: kind, format }: NonNullable<Plugin['commands'][string]['number']>): AssignedNumber {
    const organisation = owner.caseState.parties[of]!, today = romeDate(this.now);
    const year = kind === 'school' ? schoolYearOf(today) : today.slice(0, 4);
    const value = (this.registers.get(`${organisation}/${register}/${year}`) ?? 0) + 1;
    return { register, organisation, year, value, text: format(value, year) };
  }

  takeNumber({ organisation, register, year, value }: AssignedNumber): void { this.registers.set(`${organisation}/${register}/${year}`, value); }

  /** Pointers of what the schema refuses. */
  validate(schema: object, data: Json): string[] {
    if (!this.validators.has(schema)) this.validators.set(schema, ajv.compile(schema));
    const validate = this.validators.get(schema)!;
    return validate(data) ? [] : validate.errors!.map(({ instancePath, message }) => `${instancePath || '/'} ${message}`);
  }
}

/** 09:00 in Rome on a winter date, 10:00 on a summer one: an hour at which offices are open. */
export const morning = (date: string): string => `${date}T08:00:00.000Z`;
