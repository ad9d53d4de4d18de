/** The forms of a process, and what an organisation adds to them without code: fields with validity and reason, never changed in place. */
import type { Router } from 'express';
import { Type } from 'typebox';
import { insertParameter, listParameterVersions, organisationExists, type ParameterVersion } from '../database/parameters.ts';
import { overlayInForce, type OverlayInForce } from '../engine/forms/addedFields.ts';
import { effectiveForm } from '../engine/forms/effectiveForm.ts';
import { keptOverlay, OVERLAY_PROPERTIES, overlayFaults } from '../engine/forms/overlay.ts';
import { canonicalBytes } from '../engine/history/chain.ts';
import { Problem } from '../engine/problems.ts';
import { romeDate } from '../plugins/calendar.ts';
import { formParameter, type FormDefinition, type FormOverlay, type Json, type ParameterRow, type Plugin, type Refusal } from '../plugins/contract.ts';
import { askingOf, type ApiContext, type Asking } from './context.ts';
import type { Language } from './language.ts';
import { OWN_VALUE_ROLES } from './parameters.ts';
import { isOperator } from './profile.ts';
import { dateParameter, textParameter } from './query.ts';
import { readJson } from './readBody.ts';
import { refusalText } from './refusalText.ts';
import { sendJson } from './sendJson.ts';
import { createValidator, type FieldError } from './validators.ts';

/** What `PUT /processes/{process}/forms/{form}` takes: all added fields, not only new ones. `from`: today when absent. */
export const NEW_FIELDS = Type.Object({
  ...OVERLAY_PROPERTIES,
  from: Type.Optional(Type.String({ format: 'date' })),
  to: Type.Optional(Type.Union([Type.String({ format: 'date' }), Type.Null()])),
  reason: Type.String({ minLength: 3, maxLength: 1_000 }),
}, { additionalProperties: false });
const validate = createValidator(NEW_FIELDS);
type NewFields = Pick<FormOverlay, 'fields' | 'labels'> & { from?: string; to?: string | null; reason: string };

export function formRoutes(api: ApiContext, router: Router): void {
  router.get('/processes/:process/forms', (req, res) => {
    const { language } = askingOf(api, req, res);
    const { plugin } = api.processes.current(req.params.process);
    sendJson(res, 200, {
      items: Object.entries(plugin.forms ?? {}).map(([form, { version, by, editableBy }]) => ({
        form, label: plugin.labels[language].forms?.[form] ?? form, version, by, editableBy: editableBy ?? null, href: `/api/v1/processes/${plugin.process}/forms/${form}`,
      })),
      next: null,
    });
  });

  // Forms are no secret: a school reads what its polo asks for.
  router.get('/processes/:process/forms/:form', async (req, res) => {
    const { caller, language } = askingOf(api, req, res);
    const { plugin, definition } = formOf(api, req.params);
    const at = dateParameter(req, 'at') ?? today(), named = textParameter(req, 'organisation');
    if (named !== undefined && !(await organisationExists(api.pools.read, named))) throw new Problem('not-found', 'There is no such organisation.');
    const organisation = named ?? (plugin.roles[caller.role] === definition.editableBy ? caller.organisation : null);
    const versions = await versionsOf(api, plugin, req.params.form, organisation);
    sendJson(res, 200, { ...effectiveForm(plugin, req.params.form, inForce(plugin, req.params.form, versions, organisation, at), language), organisation, at, versions: versions.map(presentVersion) });
  });

  router.put('/processes/:process/forms/:form', async (req, res) => {
    const asking = askingOf(api, req, res);
    const { plugin, definition } = formOf(api, req.params);
    const organisation = await editedFor(api, asking, plugin, definition, textParameter(req, 'organisation'));
    const body = await readJson(req);
    const errors = faultsOf(plugin, definition, body, asking.language);
    if (errors) throw new Problem('invalid', asking.language === 'it' ? 'Il modulo non può essere modificato così.' : 'The form cannot be changed so.', { errors });
    const { fields, labels, from = today(), to = null, reason } = body as unknown as NewFields;
    const name = formParameter(plugin.process, req.params.form);
    const versions = (await versionsOf(api, plugin, req.params.form, organisation)).filter(row => row.organisation === organisation);
    const value = keptOverlay({ fields, ...(labels ? { labels } : {}) }, versions.map(row => row.value as FormOverlay));
    // A repeat of the same request adds nothing.
    const [newest] = versions;
    const same = newest && newest.from === from && newest.to === to && newest.reason === reason && canonicalBytes(newest.value).equals(canonicalBytes(value));
    const kept = same ? newest : await insertParameter(api.pools.commit, { name, organisation, from, to, value, reason, setBy: asking.caller.userId });
    sendJson(res, 200, { ...effectiveForm(plugin, req.params.form, { overlay: kept.value as FormOverlay, version: kept.version }, asking.language), organisation, at: from, versions: [kept, ...versions.filter(row => row.version !== kept.version)].map(presentVersion) });
  });
}

const today = () => romeDate(new Date().toISOString());
const presentVersion = ({ version, organisation, from, to, reason, setBy, setAt }: ParameterVersion) => ({ version, organisation, from, to, reason, setBy, setAt });

/** Throws Problem `not-found`. */
function formOf(api: ApiContext, { process, form }: { process: string; form: string }): { plugin: Plugin; definition: FormDefinition } {
  const { plugin } = api.processes.current(process);
  if (!Object.hasOwn(plugin.forms ?? {}, form)) throw new Problem('not-found', `The process "${process}" has no form "${form}".`);
  return { plugin, definition: plugin.forms![form]! };
}

/** Newest first: general ones, and those of the organisation. */
async function versionsOf(api: ApiContext, plugin: Plugin, form: string, organisation: string | null): Promise<ParameterVersion[]> {
  return (await listParameterVersions(api.pools.read, [formParameter(plugin.process, form)], organisation)).sort((a, b) => b.version - a.version);
}

/** The same choice that a decision makes. */
function inForce(plugin: Plugin, form: string, versions: ParameterVersion[], organisation: string | null, at: string): OverlayInForce {
  const party = plugin.forms![form]!.editableBy;
  return overlayInForce(plugin, form, { parameters: versions as unknown as ParameterRow[], today: at, parties: party && organisation ? { [party]: organisation } : {} });
}

/** Whose fields the caller may set; null: those of everybody who has none of their own. Throws Problem: forbidden, invalid. */
async function editedFor(api: ApiContext, { person, profile, caller }: Asking, plugin: Plugin, { editableBy }: FormDefinition, named: string | undefined): Promise<string | null> {
  if (editableBy === undefined) throw new Problem('forbidden', 'Nobody adds fields to this form.');
  if (isOperator(person, profile)) {
    if (named !== undefined && !(await organisationExists(api.pools.read, named))) throw new Problem('invalid', 'There is no such organisation.', { errors: [{ pointer: '/organisation', message: 'unknown' }] });
    return named ?? null;
  }
  const kinds = plugin.parties[editableBy]!.organisations;
  const holds = person.memberships.some(({ organisation, role, organisationKind }) => organisation === caller.organisation && role === caller.role && (!kinds || kinds.includes(organisationKind)));
  if (!holds || plugin.roles[caller.role] !== editableBy || !OWN_VALUE_ROLES.includes(caller.role)) throw new Problem('forbidden', 'Only operators, and the heads and operators of the organisation to which the form belongs, may change it.');
  if (named !== undefined && named !== caller.organisation) throw new Problem('forbidden', 'You may change only the forms of your own organisation.');
  return caller.organisation;
}

/** All faults at once: those of the schema, and those that no schema can tell. */
function faultsOf(plugin: Plugin, definition: FormDefinition, body: Json, language: Language): FieldError[] | null {
  const errors = validate(body, language) ?? [];
  const { fields, labels, from, to } = (typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {}) as Partial<NewFields>;
  const told = (refusals: Refusal[]) => refusals.map(refusal => ({ pointer: refusal.pointer!, message: refusalText(plugin, refusal, language) }));
  const further = [...told(overlayFaults(definition, { fields, labels })), ...(typeof to === 'string' && to < (from ?? today()) ? [{ pointer: '/to', message: language === 'it' ? 'prima dell’inizio' : 'before "from"' }] : [])];
  const all = [...errors, ...further.filter(({ pointer }) => !errors.some(error => error.pointer === pointer))];
  return all.length > 0 ? all : null;
}
