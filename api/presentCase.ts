/** A case as its reader may see it. The JSON is put together from parts: schemas are text once, not with every answer. */
import type { JsonObject, Plugin } from '../plugins/contract.ts';
import { romeDate } from '../plugins/calendar.ts';
import type { AgendaRow, AttachmentRecord, CaseRecord } from '../engine/commit/caseRecord.ts';
import { parameterReader } from '../engine/decide/step.ts';
import type { Caller, Engine } from '../engine/engine.ts';
import { presentDocument, seesDocument } from './documents.ts';
import type { Language } from './language.ts';
import { refusalText, whyText } from './refusalText.ts';
import { protectedFields, roleOn, seesAttachment, visibleFields } from './visibility.ts';

export interface PresentedCase {
  json: string;
  version: number;
  /** Protected fields that the JSON shows. */
  protectedShown: string[];
  /** What the plugin's view threw; then `data` is null. The case itself is as it is, and its command stays committed. */
  failure: unknown;
}

/** `extra`: members put beside those of the case. */
export function presentCase(engine: Engine, record: CaseRecord, caller: Caller, language: Language, extra: Record<string, unknown> = {}): PresentedCase {
  const { state, process: { plugin } } = record;
  const labels = plugin.labels[language];
  const role = roleOn(plugin, state.parties, caller);
  let data: JsonObject | null = null, failure: unknown = null;
  try {
    data = visibleFields(plugin, role, viewOf(record));
  } catch (error) {
    failure = error;
  }
  const head = JSON.stringify({
    id: state.id, process: plugin.process, processVersion: plugin.version, processLabel: labels.process, number: state.number,
    state: record.stateName, stateLabel: labels.states[record.stateName] ?? record.stateName, stateValue: state.value,
    version: record.version, draft: record.draft, done: state.done, suspended: record.suspended, createdAt: state.createdAt, updatedAt: record.lastAt,
    ...extra, data, parties: state.parties, role, agenda: presentAgenda(plugin, record.agenda, language),
    documents: [
      ...record.attachments.filter(({ kind }) => seesAttachment(plugin, role, kind)).map(attachment => presentAttachment(plugin, state.id, attachment, language)),
      ...record.documents.filter(({ name }) => seesDocument(plugin, role, name)).map(document => presentDocument(plugin, state.id, document, language)),
    ],
  });
  return { json: `${head.slice(0, -1)},"commands":${commandsJson(engine, record, caller, language)}}`, version: record.version, protectedShown: protectedFields(plugin, data ?? {}), failure };
}

function viewOf(record: CaseRecord): JsonObject {
  const { state, items, process: { plugin } } = record;
  const today = romeDate((record.now ?? new Date(record.lastAt)).toISOString());
  return plugin.projection.view({ context: state.context, parties: state.parties, items, today, parameter: parameterReader(record.parameters ?? [], today, state.parties) });
}

function presentAgenda(plugin: Plugin, rows: AgendaRow[], language: Language) {
  const labels = plugin.labels[language];
  return {
    deadlines: rows.filter(({ kind, state }) => kind === 'deadline' && state === 'due').map(({ id, name, due_at, detail }) => ({
      id, name, label: labels.deadlines[name] ?? name, dueAt: due_at.toISOString(), lastDay: detail?.endOf ?? null, rule: detail?.rule ?? null,
    })),
    effects: rows.filter(({ kind }) => kind === 'effect').map(({ id, name, does, mode, state, attempts, due_at }) => ({
      id, name, label: labels.effects[name] ?? name, does, mode, state, attempts, dueAt: due_at.toISOString(),
    })),
  };
}

export function presentAttachment(plugin: Plugin, caseId: string, { id, kind, name, mediaType, size, sha256, usedBy, seq }: AttachmentRecord, language: Language) {
  return { id, kind, label: plugin.labels[language].attachments[kind] ?? kind, name, mediaType, size, sha256, frozen: usedBy !== null, entry: seq, href: `/api/v1/cases/${caseId}/documents/${id}` };
}

type Fragments = Map<string, { open: string; closed: string }>;
const fragments = new WeakMap<Plugin, Record<Language, Fragments>>();

/** `{"name":…,"label":…,"schema":…` of every command, as text. */
function commandFragments(plugin: Plugin, language: Language): Fragments {
  let known = fragments.get(plugin);
  if (!known) {
    const build = (labels: Plugin['labels'][Language]): Fragments => new Map(Object.entries(plugin.commands).map(([name, { schema }]) => {
      const begin = `{"name":${JSON.stringify(name)},"label":${JSON.stringify(labels.commands[name] ?? name)},"schema":`;
      return [name, { open: `${begin}${JSON.stringify(schema)}`, closed: `${begin}null` }];
    }));
    fragments.set(plugin, (known = { it: build(plugin.labels.it), en: build(plugin.labels.en) }));
  }
  return known[language];
}

/** A command that the role may never give is listed without its schema. */
function commandsJson(engine: Engine, record: CaseRecord, caller: Caller, language: Language): string {
  const { plugin } = record.process;
  const texts = commandFragments(plugin, language);
  const rows = engine.commandsFor(record, caller).map(({ name, allowed, why }) => {
    const fragment = texts.get(name)!;
    if (why === null) return `${fragment.open},"allowed":${allowed},"why":null}`;
    const text = why.code === 'invalid' ? why.refusals.map(refusal => refusalText(plugin, refusal, language)).join(' ') : whyText(plugin, why.code, name, record.stateName, caller.role, language);
    const rules = why.code === 'invalid' ? `,"refusals":${JSON.stringify(why.refusals.map(({ rule, figures }) => ({ rule, figures: figures ?? {} })))}` : '';
    return `${why.code === 'forbidden' ? fragment.closed : fragment.open},"allowed":${allowed},"why":${JSON.stringify(text)},"code":"${why.code}"${rules}}`;
  });
  return `[${rows.join(',')}]`;
}
