/** Rates, caps and calendars: read by everybody, set with validity and reason by operators (general) or by an organisation for itself. */
import type { Router } from 'express';
import { Type } from 'typebox';
import { insertParameter, listParameterVersions, organisationExists, type ParameterVersion } from '../database/parameters.ts';
import { parameterReader } from '../engine/decide/decide.ts';
import { canonicalBytes } from '../engine/history/chain.ts';
import { Problem } from '../engine/problems.ts';
import type { Processes } from '../engine/processes.ts';
import { romeDate } from '../plugins/calendar.ts';
import type { Json, ParameterRow } from '../plugins/contract.ts';
import { askingOf, type ApiContext, type Asking } from './context.ts';
import { dateParameter, textParameter } from './query.ts';
import { readJson } from './readBody.ts';
import { isOperator } from './profile.ts';
import { sendJson } from './sendJson.ts';
import { createValidator, type FieldError } from './validators.ts';

/** What `PUT /parameters/{name}` takes. Without `organisation`: the general value for an operator, else that of the caller's own organisation. */
export const NEW_VALUE = Type.Object({
  value: Type.Unknown(),
  from: Type.String({ format: 'date' }),
  to: Type.Optional(Type.Union([Type.String({ format: 'date' }), Type.Null()])),
  reason: Type.String({ minLength: 3, maxLength: 1_000 }),
  organisation: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 60 }), Type.Null()])),
}, { additionalProperties: false, required: ['value', 'from', 'reason'] });
const validate = createValidator(NEW_VALUE);
type NewValue = { value: Json; from: string; to?: string | null; reason: string; organisation?: string | null };

/** Roles that may set their organisation's own values. */
const OWN_VALUE_ROLES = ['operatorePolo', 'dirigentePolo', 'dirigente'];

export function parameterRoutes(api: ApiContext, router: Router): void {
  const known = parametersOf(api.processes);

  router.get('/parameters', async (req, res) => {
    const asking = askingOf(api, req, res);
    const at = dateParameter(req, 'at') ?? today(), organisation = organisationAsked(textParameter(req, 'organisation'), asking);
    const versions = await listParameterVersions(api.pools.read, [...known.keys()], organisation);
    const items = [...known].map(([name, { processes }]) => ({ ...(inForce(versions, name, at) ?? { name, value: null, version: null }), processes }));
    sendJson(res, 200, { items: items.sort((a, b) => a.name.localeCompare(b.name)), next: null });
  });

  router.get('/parameters/:name', async (req, res) => {
    const asking = askingOf(api, req, res);
    const { name } = req.params;
    const at = dateParameter(req, 'at') ?? today(), organisation = organisationAsked(textParameter(req, 'organisation'), asking);
    const versions = known.has(name) ? await listParameterVersions(api.pools.read, [name], organisation) : [];
    const value = inForce(versions, name, at);
    if (!value) throw new Problem('not-found', `No value of "${name}" is in force on ${at}.`);
    sendJson(res, 200, { ...value, at, versions });
  });

  router.put('/parameters/:name', async (req, res) => {
    const asking = askingOf(api, req, res);
    const operator = isOperator(asking.person, asking.profile);
    if (!operator && !(asking.caller.organisation !== null && OWN_VALUE_ROLES.includes(asking.caller.role))) throw new Problem('forbidden', 'Only operators, and the heads and operators of an organisation for its own values, may set parameters.');
    const parameter = known.get(req.params.name);
    if (!parameter) throw new Problem('not-found', `No process knows a parameter "${req.params.name}".`);
    const body = await readJson(req);
    const errors = validate(body, asking.language) ?? furtherErrors(body as unknown as NewValue, parameter.example);
    if (errors) throw new Problem('invalid', 'The parameter cannot be set so.', { errors });
    const { value, from, to = null, reason, organisation = operator ? null : asking.caller.organisation } = body as unknown as NewValue;
    if (!operator && organisation !== asking.caller.organisation) throw new Problem('forbidden', 'You may set only the values of your own organisation.');
    if (organisation !== null && !(await organisationExists(api.pools.read, organisation))) throw new Problem('invalid', 'There is no such organisation.', { errors: [{ pointer: '/organisation', message: 'unknown' }] });
    // A repeat of the same request adds nothing.
    const [newest] = (await listParameterVersions(api.pools.read, [req.params.name], organisation)).filter(row => row.organisation === organisation);
    const same = newest && newest.from === from && newest.to === to && newest.reason === reason && canonicalBytes(newest.value).equals(canonicalBytes(value));
    sendJson(res, 200, same ? newest : await insertParameter(api.pools.commit, { name: req.params.name, organisation, from, to, value, reason, setBy: asking.caller.userId }));
  });
}

const today = () => romeDate(new Date().toISOString());

/** Whose own values count before the general ones: the caller's organisation, or any that an operator names. */
function organisationAsked(wanted: string | undefined, { person, profile, caller }: Asking): string | null {
  if (wanted === undefined || wanted === caller.organisation) return caller.organisation;
  if (!isOperator(person, profile)) throw new Problem('forbidden', 'You may read only the values of your own organisation and the general ones.');
  return wanted;
}

/** The same choice that a decision makes. */
function inForce(versions: ParameterVersion[], name: string, at: string): ParameterVersion | null {
  const rows = versions.filter(row => row.name === name) as unknown as ParameterRow[];
  let found: ParameterRow | null = null;
  try {
    parameterReader(rows, at, {}, row => { found = row; })(name, at);
  } catch {
    return null;
  }
  return found as unknown as ParameterVersion;
}

interface KnownParameter { processes: string[]; example: Json | undefined }

/** Parameters that rules read, with the process's own default as an example of their shape. */
function parametersOf(processes: Processes): Map<string, KnownParameter> {
  const known = new Map<string, KnownParameter>();
  for (const { plugin } of processes.all()) {
    for (const name of new Set([...(plugin.parameters ?? []), ...(plugin.defaultParameters ?? []).map(({ name }) => name)])) {
      const parameter = known.get(name) ?? { processes: [], example: undefined };
      parameter.processes.push(plugin.process);
      parameter.example ??= plugin.defaultParameters?.find(row => row.name === name)?.value;
      known.set(name, parameter);
    }
  }
  return known;
}

function furtherErrors({ value, from, to }: NewValue, example: Json | undefined): FieldError[] | null {
  const errors: FieldError[] = [];
  if (to && to < from) errors.push({ pointer: '/to', message: 'before "from"' });
  if (example !== undefined) compareShape(value, example, '/value', errors);
  return errors.length > 0 ? errors : null;
}

/** A rate that turns into a text would break every case that reads it: the value must look like the default. */
function compareShape(value: Json, example: Json, pointer: string, errors: FieldError[]): void {
  const kind = (json: Json) => (json === null ? 'null' : Array.isArray(json) ? 'list' : typeof json);
  if (example === null) return;
  if (kind(value) !== kind(example)) { errors.push({ pointer, message: `must be a ${kind(example)}, as the default is` }); return; }
  if (Array.isArray(example)) {
    if (example.length > 0) (value as Json[]).forEach((inner, i) => compareShape(inner, example[0]!, `${pointer}/${i}`, errors));
    return;
  }
  if (typeof example === 'object') for (const [key, inner] of Object.entries(example)) {
    const given = (value as Record<string, Json>)[key];
    if (given === undefined) errors.push({ pointer: `${pointer}/${key}`, message: 'missing, though the default has it' });
    else compareShape(given, inner, `${pointer}/${key}`, errors);
  }
}
