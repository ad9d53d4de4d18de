/** Refusals in words: the rule's text from the plugin's labels with the figures filled in. */
import type { LabelSet, Plugin, Refusal } from '../plugins/contract.ts';
import { Problem } from '../engine/problems.ts';
import { FORM_RULES } from './formRules.ts';
import type { Language } from './language.ts';

const numbers = { it: new Intl.NumberFormat('it-IT', { maximumFractionDigits: 4 }), en: new Intl.NumberFormat('en-GB', { maximumFractionDigits: 4 }) };
const amounts = { it: new Intl.NumberFormat('it-IT', { style: 'currency', currency: 'EUR', useGrouping: 'always' } as Intl.NumberFormatOptions), en: new Intl.NumberFormat('en-GB', { style: 'currency', currency: 'EUR' }) };
const dates = {
  it: new Intl.DateTimeFormat('it-IT', { day: '2-digit', month: '2-digit', year: 'numeric', timeZone: 'UTC' }),
  en: new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }),
};

/** An instant, by the clock in Rome. */
const clocks = {
  it: new Intl.DateTimeFormat('it-IT', { dateStyle: 'short', timeStyle: 'short', timeZone: 'Europe/Rome' }), en: new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'Europe/Rome' }),
};

/** For a rule of the engine itself, which no plugin needs to label. */
const ENGINE_RULES: Record<Language, Record<string, string>> = {
  it: { ...FORM_RULES.it, allegatoMancante: 'Manca un allegato: {uno}.' },
  en: { ...FORM_RULES.en, allegatoMancante: 'An attachment is missing: {uno}.' },
};

function figureText(value: unknown, language: Language, labels: LabelSet): string {
  if (Array.isArray(value)) return value.map(inner => figureText(inner, language, labels)).join(', ');
  if (typeof value === 'number') return numbers[language].format(value);
  if (value !== null && typeof value === 'object') return rowText(value as Record<string, unknown>, language, labels);
  if (typeof value !== 'string') return value === null || value === undefined ? '–' : String(value);
  if (/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(value)) return clocks[language].format(new Date(value));
  if (/^\d{4}-\d{2}-\d{2}$/.test(value)) return dates[language].format(new Date(`${value}T00:00:00Z`));
  // A figure may name a state, a command, a kind of attachment, a role or a field.
  // Its words may come from whoever wrote the payload: only labels that the plugin itself has, never what every object inherits.
  for (const named of [labels.states, labels.commands, labels.attachments, labels.roles, labels.fields]) if (Object.hasOwn(named, value)) return (named as Record<string, string>)[value]!;
  return value;
}

/** Money is kept as whole cents, under names that say so; people read euros. */
const namedText = (name: string, value: unknown, language: Language, labels: LabelSet): string => (name.endsWith('Cents') && typeof value === 'number' ? amounts[language].format(value / 100) : figureText(value, language, labels));

/** A row of figures, told as a person would: what it is about, and the rest by name: "colella (registro 9, dichiarate 8)". */
function rowText(row: Record<string, unknown>, language: Language, labels: LabelSet): string {
  const [subject, ...rest] = Object.entries(row);
  if (!subject) return '–';
  const details = rest.map(([name, value]) => `${name} ${namedText(name, value, language, labels)}`);
  return `${figureText(subject[1], language, labels)}${details.length > 0 ? ` (${details.join(', ')})` : ''}`;
}

/** One sentence. A rule without a label is told by its name. */
export function refusalText(plugin: Plugin, refusal: Refusal, language: Language): string {
  const labels = plugin.labels[language];
  const template = labels.refusals[refusal.rule] ?? ENGINE_RULES[language][refusal.rule];
  if (template === undefined) return refusal.rule;
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => (refusal.figures && Object.hasOwn(refusal.figures, name) ? namedText(name, refusal.figures[name], language, labels) : whole));
}

const WORDS = {
  it: {
    notAllowed: (command: string, state: string) => `“${command}” non è possibile nello stato “${state}”.`,
    forbidden: (command: string, role: string) => `Il ruolo “${role}” non può eseguire “${command}” su questa pratica.`,
    suspended: 'La pratica è sospesa finché un incidente non è risolto.',
    taken: 'La risorsa è già impegnata in quel periodo.',
    erased: 'Il contenuto della pratica è stato cancellato al termine della conservazione. Lo storico resta, e si può verificare.',
    keptFor: (years: number, from: string) => `La pratica si conserva per ${years} anni: si può cancellare dal ${from}.`,
    keptForEver: 'Il procedimento non indica un tempo di conservazione: la pratica si conserva per sempre.',
    notOver: 'La pratica non è conclusa.',
    owes: (owed: number) => `La pratica ha ancora ${owed} adempimenti da eseguire: eseguirli, o registrarne l’esito.`,
    schema: 'I dati non sono quelli che l’azione richiede.',
    mayNotBegin: (process: string, role: string) => `Il ruolo “${role}” non può aprire “${process}”.`,
    parties: 'Le parti indicate non vanno bene.',
  },
  en: {
    notAllowed: (command: string, state: string) => `“${command}” is not possible in state “${state}”.`,
    forbidden: (command: string, role: string) => `The role “${role}” may not give “${command}” on this case.`,
    suspended: 'The case is suspended until an incident is resolved.',
    taken: 'This resource is taken for that time.',
    erased: 'The content of this case was erased after its retention. Its history remains, and verifies.',
    keptFor: (years: number, from: string) => `The case is kept for ${years} years: it may be erased from ${from}.`,
    keptForEver: 'The procedure names no retention: the case is kept for ever.',
    notOver: 'The case is not over.',
    owes: (owed: number) => `The case still has ${owed} effects to be done: serve them, or record what became of them.`,
    schema: 'The payload does not fit the command.',
    mayNotBegin: (process: string, role: string) => `The role “${role}” may not begin “${process}”.`,
    parties: 'The parties are not right.',
  },
} as const;

/** Why a command is not allowed now, for `commands[].why`. */
export function whyText(plugin: Plugin, code: 'forbidden' | 'command-not-allowed' | 'case-suspended', command: string, state: string, role: string, language: Language): string {
  const labels = plugin.labels[language], words = WORDS[language];
  const label = labels.commands[command] ?? command;
  switch (code) {
    case 'forbidden': return words.forbidden(label, labels.roles[role] ?? role);
    case 'command-not-allowed': return words.notAllowed(label, labels.states[state] ?? state);
    case 'case-suspended': return words.suspended;
    default: return assertNever(code);
  }
}

/** The engine's refusal of a command as the caller reads it: `rule` and `figures` stay, texts are added in the language. */
export function explainRefusal(problem: Problem, plugin: Plugin, language: Language): Problem {
  const { command = '', state = '', role = '', refusals, ...members } = problem.members as { command?: string; state?: string; role?: string; refusals?: Refusal[] };
  switch (problem.code) {
    case 'forbidden': return command === '' ? problem : new Problem('forbidden', whyText(plugin, 'forbidden', command, state, role, language), problem.members);
    case 'command-not-allowed': return command === '' ? problem : new Problem('command-not-allowed', whyText(plugin, 'command-not-allowed', command, state, role, language), problem.members);
    case 'case-suspended': return new Problem('case-suspended', WORDS[language].suspended, problem.members);
    case 'case-erased': return new Problem('case-erased', WORDS[language].erased, problem.members);
    case 'conflict': return command === '' && problem.members['resource'] === undefined ? problem : new Problem('conflict', WORDS[language].taken, problem.members);
    case 'invalid': {
      if (!refusals?.length) return Array.isArray((members as { errors?: unknown }).errors) && language === 'it' ? new Problem('invalid', WORDS.it.schema, members) : problem;
      const texts = refusals.map(refusal => refusalText(plugin, refusal, language));
      const [first] = refusals as [Refusal, ...Refusal[]];
      return new Problem('invalid', texts.join(' '), {
        ...members, rule: first.rule, figures: first.figures ?? {},
        refusals: refusals.map((refusal, i) => ({ rule: refusal.rule, text: texts[i], figures: refusal.figures ?? {} })),
        errors: refusals.map((refusal, i) => ({ pointer: refusal.pointer ?? '', message: texts[i] })),
      });
    }
    default: return problem;
  }
}

const PARTY_MISTAKES: Record<string, string> = { required: 'obbligatorio', 'no such party': 'non è una parte di questo procedimento', 'unknown user': 'utente sconosciuto', 'unknown organisation': 'ente sconosciuto', 'must be yourself': 'puoi indicare solo te stesso', 'not a member': 'non fa parte di questo ente' };

/** Why a case did not begin. What the schemas say of the data is in the language already. */
export function explainBeginning(problem: Problem, plugin: Plugin, role: string, language: Language): Problem {
  const { errors, refusals, resource } = problem.members as { errors?: { pointer: string; message: string }[]; refusals?: Refusal[]; resource?: string };
  if (refusals || resource !== undefined) return explainRefusal(problem, plugin, language);
  const labels = plugin.labels[language];
  if (problem.code === 'forbidden' && !plugin.create.by.includes(role)) return new Problem('forbidden', WORDS[language].mayNotBegin(labels.process, labels.roles[role] ?? role), problem.members);
  if (problem.code !== 'invalid' || !errors || language !== 'it') return problem;
  const isParties = errors.every(({ pointer }) => pointer.startsWith('/parties/'));
  return new Problem('invalid', isParties ? WORDS.it.parties : WORDS.it.schema, { ...problem.members, errors: errors.map(({ pointer, message }) => ({ pointer, message: isParties ? (PARTY_MISTAKES[message] ?? message) : message })) });
}

/** Why a case cannot be erased, in the language of the request. */
export function explainErasure(problem: Problem, language: Language): Problem {
  const { from, years = 0, owed = 0 } = problem.members as { from?: string | null; years?: number; owed?: number }, words = WORDS[language];
  switch (problem.code) {
    case 'case-erased': return new Problem('case-erased', words.erased, problem.members);
    case 'erasure-too-early': return new Problem('erasure-too-early', from ? words.keptFor(years, dates[language].format(new Date(`${from}T00:00:00Z`))) : words.keptForEver, problem.members);
    case 'command-not-allowed': return new Problem('command-not-allowed', owed > 0 ? words.owes(owed) : words.notOver, problem.members);
    default: return problem;
  }
}

function assertNever(value: never): never {
  throw new Error(`not a reason: ${String(value)}`);
}
