/** One entry of the history, in the words of the contract. */
import type { HistoryEntry } from '../engine/history/read.ts';
import type { Json, JsonObject, Plugin, Refusal } from '../plugins/contract.ts';
import type { Asking } from './context.ts';
import type { Language } from './language.ts';
import { refusalText } from './refusalText.ts';
import { seesEverything, seesField, seesPayload } from './visibility.ts';

export interface PresentedEntry {
  entry: JsonObject & { actor: JsonObject };
  /** Whether nothing of the payload was left out. */
  whole: boolean;
  /** Protected or sealed fields that the payload shows. */
  protectedShown: string[];
}

export function presentEntry(plugin: Plugin, role: string | null, { caller, language }: Pick<Asking, 'caller' | 'language'>, entry: HistoryEntry): PresentedEntry {
  const { seq, version, at, kind, name, from, to, actor, hash, previousHash, execution } = entry;
  const sees = entry.payload !== null && seesPayload(plugin, role, caller, entry);
  const { payload, hidden, secret } = sees ? filtered(plugin, role, essence(plugin, entry, language)) : { payload: null, hidden: entry.payload !== null, secret: [] };
  const labels = plugin.labels[language];
  return {
    entry: {
      seq, version, at, kind, name, label: labelOf(labels, kind, name, language), from, to,
      actor: { kind: actor.kind, user: actor.id, organisation: actor.organisation ?? null, role: actor.role, roleLabel: labels.roles[actor.role] ?? actor.role, ...(actor.deputyFor ? { deputyFor: { user: actor.deputyFor } } : {}) },
      payload, ...(hidden ? { payloadHidden: true } : {}), hash, previousHash, payloadDigest: entry.payloadDigest, execution: (execution as JsonObject | null) ?? null,
    },
    // What a decision read of other cases or items goes with the stored payload: only who sees everything exports it.
    whole: sees && !hidden && seesEverything(plugin, role),
    protectedShown: secret,
  };
}

/** What the engine and its operators do, whatever the process. */
const ENGINE: Record<Language, Record<string, string>> = {
  it: { created: 'Apre la pratica', move: "Passa a un'altra versione del procedimento", erase: 'Cancella il contenuto della pratica', retry: 'Riprova dopo un incidente', record: 'Registra a mano che cosa è avvenuto' },
  en: { created: 'Opens the case', move: 'Moves it to another version of the process', erase: 'Erases the content of the case', retry: 'Tries again after an incident', record: 'Records by hand what happened' },
};

function labelOf(labels: Plugin['labels'][Language], kind: string, name: string, language: Language): string {
  switch (kind) {
    case 'command': case 'refused': return labels.commands[name] ?? labels.attachments[name] ?? name;
    case 'deadline': return labels.deadlines[name] ?? name;
    case 'effect': return labels.effects[name] ?? name;
    case 'attachment': return labels.attachments[name] ?? name;
    default: return ENGINE[language][name] ?? name;
  }
}

/** The part that people mean: what was sent, what came of it, why not. The stored payload holds the decision's whole environment. */
function essence(plugin: Plugin, { kind, payload }: HistoryEntry, language: Language): JsonObject {
  const stored = payload as Record<string, any>;
  switch (kind) {
    case 'created': return { ...asObject(stored['input']?.data), ...(stored['input']?.parties ? { parties: stored['input'].parties } : {}) };
    case 'command': return { ...asObject(stored['input']?.data), ...(stored['number'] ? { number: stored['number'].text } : {}) };
    case 'refused': return { ...asObject(stored['asked']?.data), refusal: explain(plugin, stored['refusal'], language) };
    case 'attachment': return asObject(stored['attachment']);
    case 'effect': return { ok: stored['input']?.ok ?? stored['ok'] ?? null, result: stored['input']?.result ?? stored['result'] ?? null, ...(stored['reason'] ? { reason: stored['reason'] } : {}) };
    case 'deadline': return { at: stored['at'] ?? null };
    default: return asObject(stored as Json);
  }
}

function explain(plugin: Plugin, refusal: { code: string; detail: string; members?: { refusals?: Refusal[]; errors?: Json } } | undefined, language: Language): Json {
  if (!refusal) return null;
  const rules = refusal.members?.refusals ?? [];
  return {
    code: refusal.code, detail: rules.length > 0 ? rules.map(rule => refusalText(plugin, rule, language)).join(' ') : refusal.detail,
    rules: rules.map(({ rule, figures }) => ({ rule, figures: figures ?? {} })), ...(refusal.members?.errors && rules.length === 0 ? { errors: refusal.members.errors } : {}),
  };
}

const asObject = (value: Json | undefined): JsonObject => (value !== null && typeof value === 'object' && !Array.isArray(value) ? value : {});

function filtered(plugin: Plugin, role: string | null, payload: JsonObject): { payload: JsonObject; hidden: boolean; secret: string[] } {
  const shown: JsonObject = {}, secret: string[] = [];
  let hidden = false;
  for (const [field, value] of Object.entries(payload)) {
    if (!seesField(plugin, role, field)) { hidden = true; continue; }
    shown[field] = value;
    if (plugin.projection.protected.includes(field) || plugin.sealed.includes(field)) secret.push(field);
  }
  return { payload: shown, hidden, secret };
}
