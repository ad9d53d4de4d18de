/**
 * Checks a plugin at start-up, so that a forgotten name is found by its author and not by a school.
 * Every complaint names the process and the piece.
 */
import { EXTRA_FIELDS } from './formNames.ts';
import type { LabelSet, Plugin, PluginDefinition } from './contract.ts';

/** All that is wrong with a plugin, in one error. */
export class PluginError extends Error {
  readonly process: string;
  readonly problems: string[];
  constructor(process: string, problems: string[]) {
    super(`Plugin "${process}" is refused:\n${problems.map(problem => `  - ${problem}`).join('\n')}`);
    this.process = process;
    this.problems = problems;
  }
}

interface ActionUse { name: string; path: string }
export interface ChartNames {
  commands: Set<string>;
  actions: ActionUse[];
  guards: ActionUse[];
  deadlines: ActionUse[];
  invokes: ActionUse[];
  /** Dotted paths of all states. */
  states: string[];
  problems: string[];
}

const list = <T>(value: T | T[] | undefined): T[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

function findFunctions(value: unknown, path: string, problems: string[]): void {
  if (typeof value === 'function') problems.push(`inline function at ${path}: give it a name and put it in rules.ts`);
  else if (Array.isArray(value)) value.forEach((inner, i) => findFunctions(inner, `${path}[${i}]`, problems));
  else if (value && typeof value === 'object') for (const [key, inner] of Object.entries(value)) findFunctions(inner, `${path}.${key}`, problems);
}

/** Answers whether one of the transitions leads out of the state `own`, its own key among its siblings. */
function collectTransitions(definition: unknown, path: string, own: string, names: ChartNames): boolean {
  let leaves = false;
  const leadsOut = (target: unknown) => target !== undefined && list(target as string).some(goal => goal !== own && !goal.startsWith('.'));
  for (const transition of list(definition as any)) {
    if (transition === undefined || transition === null) continue;
    if (typeof transition === 'string') { leaves ||= leadsOut(transition); continue; }
    leaves ||= leadsOut(transition.target);
    for (const action of list(transition.actions)) collectAction(action, path, names);
    if (transition.guard !== undefined) {
      const guard = typeof transition.guard === 'string' ? transition.guard : transition.guard?.type;
      if (typeof guard === 'string') names.guards.push({ name: guard, path });
      else names.problems.push(`guard at ${path} is not a name`);
    }
  }
  return leaves;
}

function collectAction(action: any, path: string, names: ChartNames): void {
  const name = typeof action === 'string' ? action : action?.type;
  if (typeof name === 'string') names.actions.push({ name, path });
  else if (typeof action !== 'function') names.problems.push(`action at ${path} is not a name`);
}

function walk(node: any, path: string, canLeaveParent: boolean, names: ChartNames): void {
  let leaves = canLeaveParent;
  const own = path.slice(path.lastIndexOf('.') + 1);
  for (const action of [...list(node.entry), ...list(node.exit)]) collectAction(action, path, names);
  for (const [event, definition] of Object.entries(node.on ?? {})) {
    if (event === '*' || event.includes('.')) names.problems.push(`event "${event}" at ${path}: a command has a plain name`);
    else names.commands.add(event);
    leaves = collectTransitions(definition, `${path} on ${event}`, own, names) || leaves;
  }
  for (const [delay, definition] of Object.entries(node.after ?? {})) {
    if (/^\d/.test(delay)) names.problems.push(`inline delay ${delay} at ${path}: name the deadline and give it a rule`);
    else if (delay.includes('.')) names.problems.push(`deadline "${delay}" at ${path}: a deadline has a plain name`);
    else names.deadlines.push({ name: delay, path });
    leaves = collectTransitions(definition, `${path} after ${delay}`, own, names) || leaves;
  }
  leaves = collectTransitions(node.always, `${path} always`, own, names) || leaves;
  leaves = collectTransitions(node.onDone, `${path} onDone`, own, names) || leaves;
  for (const invoke of list<any>(node.invoke)) {
    if (typeof invoke.src !== 'string') { names.problems.push(`invoke at ${path} names no effect`); continue; }
    names.invokes.push({ name: invoke.src, path });
    if (invoke.id !== undefined) names.problems.push(`invoke "${invoke.src}" at ${path} has an id: outcomes are matched by node and generation`);
    if (invoke.onError === undefined) names.problems.push(`invoke "${invoke.src}" at ${path} has no onError: what happens when it fails for good?`);
    leaves = collectTransitions(invoke.onDone, `${path} invoke ${invoke.src} onDone`, own, names) || leaves;
    leaves = collectTransitions(invoke.onError, `${path} invoke ${invoke.src} onError`, own, names) || leaves;
  }
  const children = Object.entries(node.states ?? {});
  if (path !== '') names.states.push(path);
  if (children.length === 0 && node.type !== 'final' && !leaves) names.problems.push(`state "${path}" can never be left`);
  for (const [key, child] of children) walk(child, path === '' ? key : `${path}.${key}`, leaves, names);
}

/** Every name that the chart uses, and where. */
export function chartNames(machine: { config: any }): ChartNames {
  const names: ChartNames = { commands: new Set(), actions: [], guards: [], deadlines: [], invokes: [], states: [], problems: [] };
  const { types: _types, ...config } = machine.config;
  findFunctions(config, 'chart', names.problems);
  if (config.type === 'parallel') names.problems.push('the chart itself is parallel: put the regions into a state, whose name lists can show');
  walk(config, '', false, names);
  return names;
}

const has = (table: object | undefined, name: string) => table !== undefined && Object.hasOwn(table, name);

function checkLabels(definition: PluginDefinition, names: ChartNames, complain: (problem: string) => void): void {
  for (const language of ['it', 'en'] as const) {
    const labels: LabelSet | undefined = definition.labels[language];
    if (!labels) { complain(`labels in "${language}" are missing`); continue; }
    const need = (table: keyof LabelSet, wanted: Iterable<string>) => {
      for (const name of wanted) if (!has(labels[table] as object | undefined, name)) complain(`label ${language}.${table}.${name} is missing`);
    };
    if (!labels.process) complain(`label ${language}.process is missing`);
    need('states', names.states);
    need('commands', Object.keys(definition.commands));
    need('roles', Object.keys(definition.roles));
    need('parties', Object.keys(definition.parties));
    need('deadlines', Object.keys(definition.deadlines));
    need('effects', Object.keys(definition.effects));
    for (const table of ['attachments', 'documents', 'tasks', 'forms', 'exports', 'imports'] as const) if (Object.keys(definition[table] ?? {}).length > 0) need(table, Object.keys(definition[table]!));
  }
}

function checkNames(definition: PluginDefinition, names: ChartNames, complain: (problem: string) => void): void {
  for (const command of names.commands) if (!has(definition.commands, command)) complain(`command "${command}" of the chart has no definition`);
  for (const [command, { schema, by, from, attachments, mayAttach, forms, items, item, joins, members, number }] of Object.entries(definition.commands)) {
    if (!names.commands.has(command)) complain(`command "${command}" is accepted in no state of the chart`);
    if (!schema || typeof schema !== 'object') complain(`command "${command}" has no schema`);
    if (by.length === 0 && !from?.length) complain(`command "${command}" can be given by nobody`);
    for (const role of by) if (!has(definition.roles, role)) complain(`command "${command}" names the unknown role "${role}"`);
    for (const kind of [...(attachments ?? []).flat(), ...(mayAttach ?? [])]) if (!has(definition.attachments, kind)) complain(`command "${command}" needs the unknown attachment "${kind}"`);
    for (const [name, field] of Object.entries(forms ?? {})) {
      if (!has(definition.forms, name)) complain(`command "${command}" carries the unknown form "${name}"`);
      if (field !== '' && !has((schema as { properties?: object }).properties, field)) complain(`command "${command}" carries the form "${name}" in "${field}", which its schema has not`);
      if (!definition.forms?.[name]?.is && Object.entries(forms!).some(([other, place]) => other !== name && place === field)) complain(`command "${command}" carries the form "${name}" where it carries another: say with "is" which it is`);
    }
    if (items && item) complain(`command "${command}" reads items twice: all of a kind, or the one that it names`);
    if (joins && members) complain(`command "${command}" both joins and decides over a scope: only one of the two`);
    if (number && !has(definition.parties, number.of)) complain(`command "${command}" numbers in the register of the unknown party "${number.of}"`);
  }
  for (const { name, path } of names.guards) {
    if (has(definition.rules, name) === has(definition.guards, name)) complain(`guard "${name}" at ${path} must be in exactly one of rules, guards`);
  }
  for (const { name, path } of names.actions) {
    const homes = [definition.updates, definition.items, definition.effects, definition.reservations].filter(table => has(table, name)).length;
    if (homes !== 1) complain(`action "${name}" at ${path} must be in exactly one of updates, items, effects, reservations (found in ${homes})`);
  }
  for (const { name, path } of names.deadlines) if (!has(definition.deadlines, name)) complain(`deadline "${name}" at ${path} has no rule`);
  for (const { name, path } of names.invokes) if (!has(definition.effects, name)) complain(`effect "${name}" at ${path} has no rule`);
  for (const name of Object.keys(definition.deadlines)) if (!names.deadlines.some(use => use.name === name)) complain(`deadline "${name}" is used nowhere in the chart`);
  for (const name of Object.keys(definition.effects)) {
    if (!names.actions.some(use => use.name === name) && !names.invokes.some(use => use.name === name)) complain(`effect "${name}" is used nowhere in the chart`);
  }
}

/** What it takes in of other software. */
function checkImports(definition: PluginDefinition, complain: (problem: string) => void): void {
  for (const [name, { by, columns, pupil, day, command }] of Object.entries(definition.imports ?? {})) {
    for (const role of by) if (!has(definition.roles, role)) complain(`import "${name}" names the unknown role "${role}"`);
    for (const column of [pupil, day]) if (!has(columns, column)) complain(`import "${name}" has no column "${column}"`);
    if (has(columns, day) && columns[day]!.type !== 'date') complain(`import "${name}": the column "${day}" must be a date`);
    if (!has(definition.commands, command)) complain(`import "${name}" gives the unknown command "${command}"`);
    if (!definition.create.key) complain(`import "${name}" needs cases with a key of their own`);
    for (const role of by) if (has(definition.commands, command) && !definition.commands[command]!.by.includes(role)) complain(`import "${name}": the role "${role}" may not give "${command}"`);
  }
}

/** A draft is a row that its author's organisation alone sees: nothing in it can fall due. */
function checkDrafts(definition: PluginDefinition, names: ChartNames, complain: (problem: string) => void): void {
  for (const state of definition.drafts) {
    if (!names.states.includes(state)) complain(`draft state "${state}" is not in the chart`);
    const agenda = [...names.deadlines, ...names.invokes].filter(({ path }) => path === state || path.startsWith(`${state}.`)).map(({ name }) => name);
    if (agenda.length > 0) complain(`draft state "${state}" has an agenda (${agenda.join(', ')}): a draft waits for nobody`);
  }
}

/** What a case makes, waits for, is filled in with and hands out. */
function checkDossier(definition: PluginDefinition, names: ChartNames, complain: (problem: string) => void): void {
  const known = (roles: string[], who: string) => { for (const role of roles) if (!has(definition.roles, role)) complain(`${who} the unknown role "${role}"`); };
  const partyOf = (role: string) => definition.roles[role];
  for (const [name, { readBy }] of Object.entries(definition.documents ?? {})) known(readBy, `document "${name}" is read by`);
  for (const [name, { by }] of Object.entries(definition.exports ?? {})) known(by, `export "${name}" names`);
  for (const [name, task] of Object.entries(definition.tasks ?? {})) {
    known(task.by, `task "${name}" names`);
    if (task.by.length === 0 || new Set(task.by.map(partyOf)).size > 1) complain(`task "${name}" must be of roles of one party`);
    for (const state of task.in) if (!names.states.includes(state)) complain(`task "${name}" waits in "${state}", which is not in the chart`);
    if (task.command !== undefined && !has(definition.commands, task.command)) complain(`task "${name}" is done by the unknown command "${task.command}"`);
    if (task.deadline !== undefined && !has(definition.deadlines, task.deadline)) complain(`task "${name}" is due by the unknown deadline "${task.deadline}"`);
  }
  for (const [name, form] of Object.entries(definition.forms ?? {})) {
    known(form.by, `form "${name}" is filled by`);
    if (form.editableBy === undefined) continue;
    if (definition.parties[form.editableBy]?.kind !== 'organisation') complain(`form "${name}" is editable by "${form.editableBy}", which is no organisation of this process`);
    if (!has((form.schema as { properties?: object }).properties, EXTRA_FIELDS)) complain(`form "${name}" is editable, but its schema has no "${EXTRA_FIELDS}"`);
  }
  for (const [party, roles] of Object.entries(definition.correspondence ?? {})) {
    if (definition.parties[party]?.kind !== 'organisation') complain(`correspondence names "${party}", which is no organisation of this process`);
    known(roles, `correspondence of "${party}" names`);
  }
  for (const [name, broadcast] of Object.entries(definition.broadcasts ?? {})) {
    if (!Number.isInteger(broadcast.version) || broadcast.version < 1) complain(`broadcast "${name}": the version must be a whole number from 1`);
  }
  if (Object.values(definition.effects).some(({ does }) => does === 'broadcast') && Object.keys(definition.broadcasts ?? {}).length === 0) complain('an effect writes to many, but there are no broadcasts: the words are missing');
  for (const [name, { kind, memberOf }] of Object.entries(definition.parties)) {
    if (memberOf !== undefined && (kind !== 'person' || definition.parties[memberOf]?.kind !== 'organisation')) complain(`party "${name}" is to be a member of "${memberOf}": only a person can be, and of an organisation of this process`);
  }
  for (const party of definition.draftSeenBy ?? []) if (!has(definition.parties, party)) complain(`drafts are seen by the unknown party "${party}"`);
  if (definition.retention !== undefined && !definition.parameters?.includes(definition.retention)) complain(`retention "${definition.retention}" is not among the parameters`);
}

/** What a case offers others to book. */
function checkOffers({ offers, drafts }: PluginDefinition, names: ChartNames, complain: (problem: string) => void): void {
  for (const state of offers?.in ?? []) {
    if (!names.states.includes(state) || state.includes('.')) complain(`time is offered in "${state}", which is no top-level state of the chart`);
    if (drafts.includes(state)) complain(`time is offered in the draft state "${state}": nobody else sees it`);
  }
  if (offers && offers.in.length === 0) complain('time is offered in no state');
}

function checkPeople(definition: PluginDefinition, complain: (problem: string) => void): void {
  const known = (roles: string[], who: string) => { for (const role of roles) if (!has(definition.roles, role)) complain(`${who} the unknown role "${role}"`); };
  for (const [role, party] of Object.entries(definition.roles)) if (!has(definition.parties, party)) complain(`role "${role}" belongs to the unknown party "${party}"`);
  if (!definition.create.schema) complain('create has no schema');
  if (definition.create.by.length === 0 && !definition.create.from?.length) complain('a case can be created by nobody');
  known(definition.create.by, 'create names');
  for (const [kind, { by }] of Object.entries(definition.attachments ?? {})) known(by, `attachment "${kind}" names`);
  for (const [field, roles] of Object.entries(definition.projection.visibility)) known(roles, `visibility of "${field}" names`);
}

/** Checks a definition and gives the plugin. Throws {@link PluginError} naming the process and every wrong piece. */
export function definePlugin<C extends object>(definition: PluginDefinition<C>): Plugin {
  const problems: string[] = [];
  const complain = (problem: string) => { if (!problems.includes(problem)) problems.push(problem); };
  if (!/^[a-z][a-z0-9-]{1,60}$/.test(definition.process)) complain('the process name must be lower case letters, digits and hyphens');
  if (!Number.isInteger(definition.version) || definition.version < 1) complain('the version must be a whole number from 1');
  const names = chartNames(definition.machine);
  names.problems.forEach(complain);
  checkNames(definition as PluginDefinition, names, complain);
  checkLabels(definition as PluginDefinition, names, complain);
  checkDrafts(definition as PluginDefinition, names, complain);
  checkOffers(definition as PluginDefinition, names, complain);
  checkPeople(definition as PluginDefinition, complain);
  checkImports(definition as PluginDefinition, complain);
  checkDossier(definition as PluginDefinition, names, complain);
  if (problems.length > 0) throw new PluginError(definition.process, problems);
  return Object.freeze({ ...(definition as PluginDefinition), checked: true as const });
}
