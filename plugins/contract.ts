/**
 * The contract between the engine and a process: what a plugin folder declares, and what the engine promises it.
 *
 * A process is a statechart of names. Everything that a name means (a rule, an update, a deadline, an effect) stands
 * beside it in a table, so that a decision can be replayed, explained and tested without running anything.
 */
import type { AnyStateMachine } from 'xstate';
import type { TSchema } from 'typebox';
import type { BroadcastDefinition, BroadcastInput } from './broadcast.ts';
import type { CalendarEntry } from './calendarEntry.ts';
import type { DocumentModel } from './documentModel.ts';
import type { CreditTransferFile, CsvTable } from './exportModel.ts';
import type { ImportDefinition } from './importModel.ts';
import type { AlternativesDefinition, Look, Offer, OffersDefinition } from './offers.ts';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };
/** `YYYY-MM-DD`, a date of law, in Europe/Rome. */
export type LocalDate = string;
/** ISO 8601 in UTC with milliseconds: `2026-01-31T08:15:00.000Z`. */
export type Instant = string;

/** Why a rule refuses: the name of the rule (its text is in the labels) and the figures that explain it. */
export interface Refusal {
  rule: string;
  /** JSON pointer into the command's payload, when one field is at fault. */
  pointer?: string;
  figures?: JsonObject;
  /** Another time would do: whoever is refused is told what is free (`alternatives` of the process). */
  alternatives?: true;
}

/** Who gave the event. A case that sends a command to another is an actor too. */
export interface Actor {
  kind: 'user' | 'case' | 'system';
  /** User id, `case:<process>/<id>`, or `system`. */
  id: string;
  role: string;
  organisation?: string;
  /** User id of the absent person for whom a deputy acts, with that person's role. No rule decides by it; a document that a deputy signs says so. */
  deputyFor?: string;
  /** Display name of a person at that time; never used by rules. */
  name?: string;
}

/** A row that belongs to a case: a lesson, a project of a fund, an application. Its data is encrypted at rest. */
export interface Item<D = any> {
  kind: string;
  key: string;
  data: D;
}

/** Another case of the same scope, as its own projection shows it. */
export interface Member {
  id: string;
  process: string;
  state: string;
  number: string | null;
  row: JsonObject;
}

/** What a decision may know beyond its case; each part is there only when the command declared its need. */
export interface Facts {
  items: Item[];
  members: Member[];
  /** Attachments not yet used by an earlier command. */
  attachments: { id: string; kind: string; sha256: string; mediaType: string }[];
  /** Cases that offer their time, where the decision looks at them; what they offer cannot change meanwhile. */
  offers?: Offer[];
  /** Pupils of whom the decision asks the school. */
  pupils?: SchoolPupils;
}

/** A pupil as the school's own files say, by the code of the secretariat's software; who has left is none. */
export interface KnownPupil { code: string; class: string; people: { id: string; relation: 'genitore' | 'tutore' | 'delegato' }[] }
/** `kept`: the school keeps its families of this school year here; otherwise that a pupil is unknown says nothing. */
export interface SchoolPupils { year: string; kept: boolean; known: KnownPupil[] }
/** `school`: code of the organisation. */
export interface PupilsAsked { school: string; codes: string[] }

/** One version of a parameter: `from` and `to` (inclusive) are local dates. */
export interface ParameterRow {
  name: string;
  organisation: string | null;
  from: LocalDate;
  to: LocalDate | null;
  value: Json;
  version: number;
}

/** A number of a register, gap-free for (organisation, register, year). */
export interface AssignedNumber {
  register: string;
  organisation: string;
  year: string;
  value: number;
  /** The number as people write it. */
  text: string;
}

/** Everything a rule, an update or a deadline may look at. Nothing else: no clock, no I/O. */
export interface Step<C = any, D = any> {
  context: C;
  /** The command's payload; the effect's output or error on its outcome; `{}` on a deadline. */
  data: D;
  /** The instant in law: the database's clock for a command, the deadline's own instant for a deadline. */
  at: Instant;
  /** `at` as a date in Europe/Rome. */
  today: LocalDate;
  actor: Actor;
  /** party name → organisation code or user id. */
  parties: Record<string, string>;
  case: { id: string; process: string; number: string | null; createdAt: Instant };
  facts: Facts;
  number: AssignedNumber | null;
  /**
   * The value in force on `date` (default today): the organisation's own before the general one. Throws when there is none.
   * `party`: of the own values only that party's counts (a letterhead is its organisation's).
   */
  parameter: <T = any>(name: string, date?: LocalDate, party?: string) => T;
  /** Parameters of the chart's action or guard. */
  params: any;
}

/** Answers null when the rule holds. */
export type Rule<C = any> = (step: Step<C>) => Refusal | null;
/** A plain branch of the chart; it never explains itself to a user. */
export type Guard<C = any> = (step: Step<C>) => boolean;
export type Update<C = any> = (step: Step<C>) => Partial<C>;
export type ItemsUpdate<C = any> = (step: Step<C>) => (Item | { kind: string; key: string; remove: true })[];

/** `endOf` a local date: the term ends at the next local midnight; `at`: an instant. `rule` cites the norm. */
export type Due = { endOf: LocalDate; rule: string } | { at: Instant; rule: string };

export interface DeadlineRule<C = any> {
  /** What the term runs from: the entry into the state (re-entry starts it anew) or a date that an event brought (re-entry does not move it). */
  anchor: 'entry' | 'event';
  /** Null: this case has no such term now. */
  due: (step: Step<C>) => Due | null;
}

/** A message to parties. `data` is stored outside the case's encryption: names, numbers, dates; never health data. */
export interface MessageInput {
  template: string;
  /** Party names. An organisation is written to at its PEC (else e-mail), a person at the address of the account. */
  to: string[];
  data: JsonObject;
  /** The mail of whoever takes part carries the case's calendar entry as this step left it: an invitation, its update, or its cancellation. */
  invitation?: true;
  /** An official letter: registered in the sender's protocollo, sent with its documents, attachments and segnatura.xml. */
  letter?: LetterInput;
}

export interface LetterInput {
  /** The party (an organisation) that writes. */
  from: string;
  /** Documents made of this step; the first is the principal one. Never empty: a protocollo registers a document. */
  documents: string[];
  /** Kinds of attachments: those that this command froze go with the letter. */
  attachments?: string[];
  /** Kinds of attachments that earlier commands froze and that go with it too, e.g. what the family handed in. */
  earlier?: string[];
}

/** Documents that are made, registered (internal) and kept with the case, and sent to nobody. */
export interface DocumentInput {
  /** The party (an organisation) whose documents they are. */
  from: string;
  documents: string[];
}

/** A command to another case, given by id, or by the process's key (created when missing). */
export interface CommandInput {
  process: string;
  command: string;
  data: JsonObject;
  target: { id: string } | { key: string; create: { data: JsonObject; parties: Record<string, string> } };
}

interface EffectPolicy {
  /** Attempts before an owed effect becomes an incident, or a bound one answers `onError`. Default 16, from 5 s doubling to 6 h: about a day. */
  attempts?: number;
  firstRetrySeconds?: number;
}
export type EffectRule<C = any> =
  | ({ does: 'message'; input: (step: Step<C>) => MessageInput | MessageInput[] } & EffectPolicy)
  | ({ does: 'document'; input: (step: Step<C>) => DocumentInput | DocumentInput[] } & EffectPolicy)
  /** `mayBeLate`: the other case may be over, or beyond this command, when it comes; then an owed one is done with that, and is no incident. */
  | ({ does: 'command'; mayBeLate?: true; input: (step: Step<C>) => CommandInput | CommandInput[] } & EffectPolicy)
  | ({ does: 'broadcast'; input: (step: Step<C>) => BroadcastInput | BroadcastInput[] } & EffectPolicy);
export type EffectKind = EffectRule['does'];

/** Holds (`hold`) a resource for a time range, or lets go (`release`) of what this case holds under `key`. Ranges are [from, to). */
export type ReservationChange =
  | { hold: { key: string; resource: string; from: Instant; to: Instant } }
  | { release: { key: string } };
export type ReservationRule<C = any> = (step: Step<C>) => ReservationChange[];

/** The name of a set of cases, e.g. all projects of a polo in a school year. */
export type ScopeRule<C = any> = (step: Pick<Step<C>, 'context' | 'parties' | 'case'>) => string;

export interface CommandDefinition<C = any> {
  schema: TSchema;
  /** Roles of the parties that may give it. Empty: people never do. */
  by: string[];
  /** Processes whose cases may send it. */
  from?: string[];
  /** Every group needs at least one unused attachment of one of its kinds; all unused ones of these kinds are frozen by the command. */
  attachments?: string[][];
  /** Kinds that may come with it: the unused ones are among the facts and are frozen too; whether they must is a rule's matter. */
  mayAttach?: string[];
  /** Forms that its payload carries: form → field of the payload, `''` for all of it. Their drafts end with it. */
  forms?: Record<string, string>;
  /** Kinds of this case's items that the decision reads, all of them. */
  items?: string[];
  /** Only one item: of `kind`, whose key stands in this field of the payload. Such commands of other cases still travel together. */
  item?: { kind: string; key: string };
  /** The decision reads all cases of this scope; nobody can enter or change in it meanwhile. */
  members?: ScopeRule<C>;
  /** The command makes its case a member of this scope (or changes it as a member). */
  joins?: ScopeRule<C>;
  /** A scope whose cases it sees as they are; they may change meanwhile. */
  sees?: ScopeRule<C>;
  /** The decision looks at offered time; null: not this time. */
  looks?: (step: Pick<Step<C>, 'context' | 'data' | 'parties' | 'case' | 'at' | 'today'>) => Look | null;
  /** It asks the school of pupils, and of who answers for them; null: not this time. */
  pupils?: (step: Pick<Step<C>, 'context' | 'data' | 'parties' | 'case'>) => PupilsAsked | null;
  /** The accepted command takes the next number of this register, kept by the party `of`. */
  number?: { register: string; of: string; year: 'school' | 'solar'; format: (value: number, year: string) => string; asCaseNumber?: boolean };
  /** Not for people to choose: shown in no list of commands (only other cases send it). */
  hidden?: boolean;
}

export interface CreateDefinition<C = any> {
  schema: TSchema;
  by: string[];
  from?: string[];
  context: (step: Omit<Step<C>, 'context'>) => C;
  /** Scopes that the case enters as it begins. */
  joins?: (step: Omit<Step<C>, 'context'>) => string[];
  /** Scopes whose cases its rule sees as they are. */
  sees?: (step: Omit<Step<C>, 'context'>) => string[];
  /** Scopes that it enters, and whose other cases its rule sees; nobody can enter or change in them meanwhile. */
  members?: (step: Omit<Step<C>, 'context'>) => string[];
  /** It looks at offered time as it begins; null: not this time. */
  looks?: (step: Omit<Step<C>, 'context'>) => Look | null;
  /** It asks the school of pupils, and of who answers for them; null: not this time. */
  pupils?: (step: Omit<Step<C>, 'context'>) => PupilsAsked | null;
  /** What must hold: a refusal is the answer, and there is no case. */
  rule?: (step: Omit<Step<C>, 'context'>) => Refusal | null;
  /** For a process with one case per key (a fund per polo and year): the key decides the case's id. */
  key?: (data: any, parties: Record<string, string>) => string;
}

export interface PartyDefinition {
  kind: 'organisation' | 'person';
  required: boolean;
  /** Kinds of organisations allowed: `scuola`, `polo`, `usr`, `comune`. */
  organisations?: string[];
  /** Of a person: the party (an organisation) whose member they are, in whatever role, when the case begins. */
  memberOf?: string;
}

export interface ProjectionDefinition<C = any> {
  /** What lists show and other cases' decisions may read; stored unencrypted: no health data. */
  row: (step: Pick<Step<C>, 'context' | 'parties'>) => JsonObject;
  /** Words by which the case is found. */
  search: (step: Pick<Step<C>, 'context' | 'parties'> & { number: string | null }) => string[];
  /** What the case's page shows; `items` holds the kinds named in `items` below. */
  view: (step: Pick<Step<C>, 'context' | 'parties' | 'parameter' | 'today'> & { items: Item[] }) => JsonObject;
  items?: string[];
  /** Roles that see a field of `view`; a field without a row is seen by every party. */
  visibility: Record<string, string[]>;
  /** Fields whose reading is logged (health data of minors). */
  protected: string[];
}

export interface DocumentDefinition<C = any> {
  /** Made of the step after the event: names, dates and money in words. `facts` are those of the command that asked for it. */
  content: (step: Step<C>) => DocumentModel;
  /** Roles that may read it. */
  readBy: string[];
  /** Its reading is logged (health data of minors). */
  protected?: boolean;
}

/** Something that waits for somebody: derived from where the case stands, never remembered. */
export interface TaskRule<C = any> {
  /** Dotted paths of states; it waits while one of them is active. */
  in: string[];
  /** Roles of one party. Each of its people sees it; who does it ends it. */
  by: string[];
  /** The command that does it, when it is one. */
  command?: string;
  when?: (step: Pick<Step<C>, 'context' | 'parties'>) => boolean;
  /** By when: an open deadline of the chart, or a date that the case remembers. */
  deadline?: string;
  due?: (step: Pick<Step<C>, 'context' | 'parties'>) => LocalDate | null;
}

/** The appointment that a case is, derived from where it stands: also in its final states. `states`: dotted paths of the active ones. */
export type CalendarRule<C = any> = (step: Pick<Step<C>, 'context' | 'parties'> & { states: string[] }) => CalendarEntry | null;

/** How a field is shown to whoever fills the form. */
export interface FieldHint { section?: string; widget?: 'text' | 'textarea' | 'date' | 'number' | 'choice' | 'checkbox' | 'table'; order?: number; help?: { it: string; en: string } }

/** A form as data. An organisation adds fields of its own (api: `PUT /processes/{process}/forms/{form}`); they arrive in `campiAggiuntivi`. */
export interface FormDefinition {
  /** Grows when its own fields change. */
  version: number;
  /** The plugin's own fields; must allow `campiAggiuntivi` (see EXTRA_FIELDS) when `editableBy` is set. */
  schema: TSchema;
  hints: Record<string, FieldHint>;
  /** Roles that fill it. Those of one party share its draft. */
  by: string[];
  /** Each person has a draft of their own: an entry of a register, which many write at once. */
  personal?: boolean;
  /** The party whose organisation may add fields, without code. */
  editableBy?: string;
  /** Where two forms come in the same field of a payload: it is this one when these fields of its data say so. */
  is?: Record<string, Json>;
}
/** A table or a payment file that other software takes. */
export interface ExportDefinition<C = any> {
  /** Of what `content` gives. */
  format: CsvTable['format'] | CreditTransferFile['format'];
  by: string[];
  /** Kinds of items that it reads. */
  items?: string[];
  /** Its reading is logged (health data of minors). */
  protected?: boolean;
  content: (step: Pick<Step<C>, 'context' | 'parties' | 'parameter' | 'today' | 'case'> & { items: Item[] }) => CsvTable | CreditTransferFile;
}

/** A running case of an older version, as `migrate` sees it. */
export interface OldCase { version: number; value: Json; context: JsonObject; parties: Record<string, string>; items: Item[] }
export type Moved = { value: Json; context: JsonObject } | { refused: string };

export interface MessageContext { number: string | null; data: any; parties: Record<string, string>; caseId: string }
export type MessageTemplate = (message: MessageContext) => { subject: string; text: string };

/** Every name a person may read. `en satisfies Labels<typeof it>`. */
export interface LabelSet {
  process: string;
  states: Record<string, string>;
  commands: Record<string, string>;
  roles: Record<string, string>;
  parties: Record<string, string>;
  deadlines: Record<string, string>;
  effects: Record<string, string>;
  attachments: Record<string, string>;
  fields: Record<string, string>;
  documents?: Record<string, string>;
  tasks?: Record<string, string>;
  forms?: Record<string, string>;
  exports?: Record<string, string>;
  imports?: Record<string, string>;
  /** By rule; `{figure}` is replaced by the refusal's figures. */
  refusals: Record<string, string>;
}
export type Labels<T> = { [K in keyof T]: T[K] extends string ? string : Labels<T[K]> };

export interface PluginDefinition<C extends object = any> {
  /** URL name and Temporal workflow type: lower case and hyphens. */
  process: string;
  version: number;
  machine: AnyStateMachine;
  /** States of the chart (top level) that only their author's organisation sees: no agenda, no workflow. */
  drafts: string[];
  parties: Record<string, PartyDefinition>;
  /** role → the party for which it is held. */
  roles: Record<string, string>;
  create: CreateDefinition<C>;
  commands: Record<string, CommandDefinition<C>>;
  rules: Record<string, Rule<C>>;
  guards?: Record<string, Guard<C>>;
  updates: Record<string, Update<C>>;
  items?: Record<string, ItemsUpdate<C>>;
  deadlines: Record<string, DeadlineRule<C>>;
  effects: Record<string, EffectRule<C>>;
  reservations?: Record<string, ReservationRule<C>>;
  /** Names of parameters that rules read. */
  parameters?: string[];
  /** What a value must be, by parameter; without one it must look like the default. Only new values are checked. */
  parameterSchemas?: Record<string, TSchema>;
  /** Values for parameters that nobody set yet, valid from the first day on. */
  defaultParameters?: { name: string; from: LocalDate; to: LocalDate | null; value: Json }[];
  /** Top-level context fields kept encrypted with the case's key (health data, names of minors). */
  sealed: string[];
  /** Kinds of attachments that may be uploaded and by which roles. */
  attachments?: Record<string, { by: string[] }>;
  documents?: Record<string, DocumentDefinition<C>>;
  tasks?: Record<string, TaskRule<C>>;
  forms?: Record<string, FormDefinition>;
  exports?: Record<string, ExportDefinition<C>>;
  calendar?: CalendarRule<C>;
  /** Tables of other software: `POST /imports/{name}`. A name is one process's. */
  imports?: Record<string, ImportDefinition>;
  /** Its cases offer time that others book (`reservations`). */
  offers?: OffersDefinition<C>;
  /** What to answer beside the refusal when a resource is taken, or a rule says that another time would do. */
  alternatives?: AlternativesDefinition<C>;
  /** party → roles that answer for its letters: they get a task when one is not delivered. */
  correspondence?: Record<string, string[]>;
  /** Parties that see a draft beside its author's: a family that fills its own form. */
  draftSeenBy?: string[];
  /** Parameter with the years after which a case that is over may be erased. Without it a case is kept for ever. */
  retention?: string;
  /** Moves a running case of the version before to this one: pure, given by an operator's explicit command only. */
  migrate?: (old: OldCase) => Moved;
  projection: ProjectionDefinition<C>;
  messages?: Record<string, { it: MessageTemplate; en: MessageTemplate }>;
  broadcasts?: Record<string, BroadcastDefinition>;
  labels: { it: LabelSet; en: LabelSet };
}

/** A checked plugin. Make it with `definePlugin` only. */
export interface Plugin extends PluginDefinition {
  readonly checked: true;
}

export type { Audience, BroadcastDefinition, BroadcastInput, BroadcastMessage, Channel, QuietHours } from './broadcast.ts';
export type { CalendarEntry } from './calendarEntry.ts';
export type { DocumentModel, DocumentBlock, DocumentTable } from './documentModel.ts';
export { organisationName, personName } from './documentModel.ts';
export type { CreditTransferFile, CsvTable } from './exportModel.ts';
export type { AlternativesAsked, AlternativesDefinition, DateRange, Look, Offer, OfferedSlot, Offering, OffersDefinition, Slot } from './offers.ts';
export type { ImportColumn, ImportDefinition, ImportedPupil, ImportedRow } from './importModel.ts';
export type { AddedField, FormOverlay } from './formFields.ts';
export { EXTRA_FIELDS, formParameter } from './formNames.ts';
export { extraFieldLines } from './formFields.ts';
export { definePlugin } from './definePlugin.ts';
export { addDays, romeDate, schoolYearOf } from './calendar.ts';
