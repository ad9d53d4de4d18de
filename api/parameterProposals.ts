/**
 * Changes of parameters, by four eyes: who may set a value proposes it, and another who may set it approves or rejects.
 * Rates, shares and the account from which a polo pays decide over money: nobody changes them alone.
 */
import type { Request, Response, Router } from 'express';
import { Type } from 'typebox';
import { listParameterVersions, organisationExists, type ParameterVersion } from '../database/parameters.ts';
import { decideProposal, findProposal, hasSecondPerson, insertProposal, listProposals, type Proposal, type ProposalPosition } from '../database/proposals.ts';
import { UUID } from '../database/uuid.ts';
import { Problem } from '../engine/problems.ts';
import type { Json } from '../plugins/contract.ts';
import { askingOf, type ApiContext, type Asking } from './context.ts';
import { inForce, OWN_VALUE_ROLES, today } from './parameters.ts';
import { parametersOf, shapeErrors } from './parameterShape.ts';
import { parameterText } from './parameterText.ts';
import { isOperator } from './profile.ts';
import { choiceParameter, limitParameter, textParameter } from './query.ts';
import { readJson } from './readBody.ts';
import { idempotencyKey } from './requestHeaders.ts';
import { sendJson } from './sendJson.ts';
import { createValidator } from './validators.ts';

/** What `PUT /parameters/{name}` takes. Without `organisation`: the general value for an operator, else that of the caller's own organisation. */
export const NEW_VALUE = Type.Object({
  value: Type.Unknown(),
  from: Type.String({ format: 'date' }),
  to: Type.Optional(Type.Union([Type.String({ format: 'date' }), Type.Null()])),
  reason: Type.String({ minLength: 3, maxLength: 1_000 }),
  organisation: Type.Optional(Type.Union([Type.String({ minLength: 1, maxLength: 60 }), Type.Null()])),
}, { additionalProperties: false, required: ['value', 'from', 'reason'] });
const validateValue = createValidator(NEW_VALUE);
type NewValue = { value: Json; from: string; to?: string | null; reason: string; organisation?: string | null };

const NOTE = { minLength: 3, maxLength: 1_000 };
/** What approving takes, and what rejecting needs. */
export const APPROVAL = Type.Object({ note: Type.Optional(Type.String(NOTE)) }, { additionalProperties: false });
export const REJECTION = Type.Object({ note: Type.String({ ...NOTE, description: 'Why: who proposed the value reads it.' }) }, { additionalProperties: false });
const validateDecision = { approve: createValidator(APPROVAL), reject: createValidator(REJECTION) };


/** Before those of parameters.ts: no parameter is called `proposals`. */
export function proposalRoutes(api: ApiContext, router: Router): void {
  const known = parametersOf(api.processes);

  router.put('/parameters/:name', async (req, res) => {
    const asking = askingOf(api, req, res), { language } = asking;
    assertMayPropose(asking);
    const parameter = known.get(req.params.name);
    if (!parameter) throw new Problem('not-found', `No process knows a parameter "${req.params.name}".`);
    const body = await readJson(req);
    const errors = validateValue(body, language) ?? shapeErrors(body as unknown as NewValue, parameter, language);
    if (errors) throw new Problem('invalid', parameterText('wrong', language), { errors });
    const { value, from, to = null, reason, organisation = isOperator(asking.person, asking.profile) ? null : asking.caller.organisation } = body as unknown as NewValue;
    if (!mayDecide(asking, organisation)) throw new Problem('forbidden', parameterText('notThisOrganisation', language));
    if (organisation !== null && !(await organisationExists(api.pools.read, organisation))) throw new Problem('invalid', parameterText('noOrganisation', language), { errors: [{ pointer: '/organisation', message: parameterText('noOrganisation', language) }] });
    const id = await insertProposal(api.pools.commit, { name: req.params.name, organisation, from, to, value, reason, proposedBy: asking.caller.userId });
    res.setHeader('Location', `/api/v1/parameters/proposals/${id}`);
    sendJson(res, 202, await present(api, (await findProposal(api.pools.read, id))!, asking));
  });

  router.get('/parameters/proposals', async (req, res) => {
    const asking = askingOf(api, req, res);
    assertMayPropose(asking);
    const open = choiceParameter(req, 'state', ['open', 'all'] as const, 'open') === 'open';
    const limit = limitParameter(req), cursor = textParameter(req, 'cursor', 1_000);
    const scope = { all: isOperator(asking.person, asking.profile), organisation: asking.caller.organisation };
    const query = JSON.stringify(['proposals', scope, open]);
    const after = cursor === undefined ? null : (api.cursors.read(query, cursor) as unknown as ProposalPosition);
    const rows = await listProposals(api.pools.read, { ...scope, open, after, limit: limit + 1 });
    const shown = rows.slice(0, limit), last = rows.length > limit ? shown.at(-1)! : null;
    const items = [];
    for (const proposal of shown) items.push(await present(api, proposal, asking));
    sendJson(res, 200, { items, next: last ? api.cursors.write(query, { at: last.position, id: last.id }) : null });
  });

  router.get('/parameters/proposals/:id', async (req, res) => {
    const asking = askingOf(api, req, res);
    sendJson(res, 200, await present(api, await readProposal(api, asking, req.params.id), asking));
  });

  for (const verb of ['approve', 'reject'] as const) {
    router.post(`/parameters/proposals/:id/${verb}`, async (req: Request<{ id: string }>, res: Response) => {
      const asking = askingOf(api, req, res), { language, caller } = asking;
      idempotencyKey(req, res);
      const proposal = await readProposal(api, asking, req.params.id);
      // A deputy of the proposer's choice, who acts in the proposer's name, is no second person.
      if ([caller.userId, caller.deputyFor].includes(proposal.proposedBy.id)) throw new Problem('four-eyes', parameterText(proposal.organisation === null ? 'ownGeneral' : 'ownOrganisation', language), { proposal: proposal.id });
      const body = await readJson(req);
      const errors = validateDecision[verb](body, language);
      if (errors) throw new Problem('invalid', parameterText('wrong', language), { errors });
      const { note = null } = body as { note?: string };
      // The program may have been renewed since: what no process takes any more would break the cases that read it.
      const parameter = known.get(proposal.name), unfit = parameter ? shapeErrors(proposal as { value: Json; from: string; to: string | null }, parameter, language) : [];
      if (verb === 'approve' && unfit && proposal.decidedAt === null) throw new Problem('invalid', parameterText('outdated', language), { errors: unfit });
      const done = await decideProposal(api.pools.commit, { id: proposal.id, by: caller.userId, approve: verb === 'approve', note });
      const after = (await findProposal(api.pools.read, proposal.id))!;
      // A repeat by the same person is answered as the first time: its answer may have been lost.
      const mine = after.decidedBy?.id === caller.userId && after.approved === (verb === 'approve') && after.note === note;
      if (done === null && !mine) throw new Problem('conflict', parameterText(after.approved ? 'approvedBefore' : 'rejectedBefore', language), { proposal: after.id, state: stateOf(after) });
      sendJson(res, 200, await present(api, after, asking));
    });
  }
}

/** Throws Problem `not-found`, also where the caller could not have proposed it; `forbidden` for who may propose nothing. */
async function readProposal(api: ApiContext, asking: Asking, id: string): Promise<Proposal> {
  assertMayPropose(asking);
  const proposal = UUID.test(id) ? await findProposal(api.pools.read, id) : null;
  if (!proposal || !mayDecide(asking, proposal.organisation)) throw new Problem('not-found', parameterText('unknown', asking.language));
  return proposal;
}

/** Throws Problem `forbidden`. */
function assertMayPropose(asking: Asking): void {
  if (!isOperator(asking.person, asking.profile) && !mayDecide(asking, asking.caller.organisation)) throw new Problem('forbidden', parameterText('notYours', asking.language));
}

/** Whether the caller may propose values of this organisation (null: general ones), and so decide over those of others. */
function mayDecide({ person, profile, caller }: Asking, organisation: string | null): boolean {
  return isOperator(person, profile) || (organisation !== null && organisation === caller.organisation && OWN_VALUE_ROLES.includes(caller.role));
}

const stateOf = ({ approved }: Proposal) => (approved === null ? 'proposed' : approved ? 'approved' : 'rejected');

async function present(api: ApiContext, proposal: Proposal, { language }: Asking) {
  const { approved, position: _position, ...shown } = proposal;
  return { ...shown, state: stateOf(proposal), ...(approved === null ? { inForceNow: await replacedBy(api, proposal), warnings: await warningsOf(api, proposal, language) } : { inForceNow: null, warnings: [] }) };
}

/** The value that holds on the proposal's first day as things are; null where there is none yet. */
async function replacedBy(api: ApiContext, { name, organisation, from }: Proposal): Promise<Omit<ParameterVersion, 'name'> | null> {
  const found = inForce(await listParameterVersions(api.pools.read, [name], organisation), name, from);
  if (!found) return null;
  const { name: _name, ...version } = found;
  return version;
}

/** Not refused: a rate is often published after the first day of the year for which it holds. */
async function warningsOf(api: ApiContext, { organisation, from, proposedBy }: Proposal, language: Parameters<typeof parameterText>[1]) {
  const alone = !(await hasSecondPerson(api.pools.read, { organisation, proposedBy: proposedBy.id, roles: OWN_VALUE_ROLES }));
  const codes = [...(from < today() ? ['retroactive' as const] : []), ...(alone ? ['noSecondPerson' as const] : [])];
  return codes.map(code => ({ code, text: parameterText(code, language) }));
}
