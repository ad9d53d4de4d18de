/** Rates, caps and calendars, read by everybody. How they change: parameterProposals.ts. */
import type { Router } from 'express';
import { listParameterVersions, type ParameterVersion } from '../database/parameters.ts';
import { parameterReader } from '../engine/decide/step.ts';
import { Problem } from '../engine/problems.ts';
import { romeDate } from '../plugins/calendar.ts';
import type { ParameterRow } from '../plugins/contract.ts';
import { askingOf, type ApiContext, type Asking } from './context.ts';
import { parametersOf } from './parameterShape.ts';
import { dateParameter, textParameter } from './query.ts';
import { isOperator } from './profile.ts';
import { sendJson } from './sendJson.ts';

/** Roles that may set their organisation's own values. */
export const OWN_VALUE_ROLES = ['operatorePolo', 'dirigentePolo', 'dirigente'];

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
}

export const today = () => romeDate(new Date().toISOString());

/** Whose own values count before the general ones: the caller's organisation, or any that an operator names. */
function organisationAsked(wanted: string | undefined, { person, profile, caller }: Asking): string | null {
  if (wanted === undefined || wanted === caller.organisation) return caller.organisation;
  if (!isOperator(person, profile)) throw new Problem('forbidden', 'You may read only the values of your own organisation and the general ones.');
  return wanted;
}

/** The same choice that a decision makes. */
export function inForce(versions: ParameterVersion[], name: string, at: string): ParameterVersion | null {
  const rows = versions.filter(row => row.name === name) as unknown as ParameterRow[];
  let found: ParameterRow | null = null;
  try {
    parameterReader(rows, at, {}, row => { found = row; })(name, at);
  } catch {
    return null;
  }
  return found as unknown as ParameterVersion;
}
