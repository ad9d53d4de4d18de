/** Forms of a case and their drafts: saved as they are typed (`PATCH`, RFC 7386), shared by the people of one party, gone with the command that carries them. */
import type { Request, Response, Router } from 'express';
import { logAccess } from '../database/reads/accessLog.ts';
import { namesOf } from '../database/reads/people.ts';
import type { CompiledProcess } from '../engine/decide/compile.ts';
import { addedFieldsFaults, overlayInForce, type OverlayInForce } from '../engine/forms/addedFields.ts';
import { assertFills, mayFill, type DraftAnswer } from '../engine/forms/drafts.ts';
import { effectiveForm } from '../engine/forms/effectiveForm.ts';
import { Problem } from '../engine/problems.ts';
import { romeDate } from '../plugins/calendar.ts';
import type { JsonObject } from '../plugins/contract.ts';
import { askingOf, readerOf, type ApiContext, type Asking } from './context.ts';
import type { Language } from './language.ts';
import { readJson } from './readBody.ts';
import { refusalText } from './refusalText.ts';
import { ifMatchTag, readingReason } from './requestHeaders.ts';
import { sendJson } from './sendJson.ts';
import { validatorsOf, type FieldError } from './validators.ts';
import { roleOn } from './visibility.ts';

export function draftRoutes(api: ApiContext, router: Router): void {
  router.get('/cases/:id/forms', async (req, res) => {
    const asking = askingOf(api, req, res);
    const record = await recordOf(api, req.params.id, asking);
    const { process: { plugin }, state: { parties } } = record, { caller, language } = asking, role = roleOn(plugin, parties, caller);
    const fillable = Object.keys(plugin.forms ?? {}).filter(form => mayFill(plugin, form, parties, caller.role, caller.organisation ?? caller.userId));
    const drafts = fillable.length > 0 ? await api.engine.listDrafts(req.params.id, caller) : new Map<string, never>();
    const names = await namesOf(api.pools.read, [...new Set([...drafts.values()].map(({ updatedBy }) => updatedBy))]);
    sendJson(res, 200, {
      items: fillable.map(form => {
        const { label, version } = effectiveForm(plugin, form, overlayOf(record, form), language), draft = drafts.get(form);
        return {
          form, label, version, commands: Object.entries(plugin.commands).filter(([, command]) => Object.hasOwn(command.forms ?? {}, form) && role !== null && command.by.includes(role)).map(([name]) => name),
          draft: draft ? { revision: draft.revision, updatedAt: draft.updatedAt.toISOString(), updatedBy: { user: draft.updatedBy, name: names.get(draft.updatedBy) ?? null } } : null,
          href: `/api/v1/cases/${record.state.id}/forms/${form}`,
        };
      }),
      next: null,
    });
  });

  router.get('/cases/:id/forms/:form', async (req, res) => {
    const asking = askingOf(api, req, res);
    const record = await recordOf(api, req.params.id, asking);
    const { form } = req.params, { process: { plugin }, state: { parties } } = record, { caller, language } = asking;
    assertFills(plugin, parties, { form, role: caller.role, speaksFor: caller.organisation ?? caller.userId });
    sendJson(res, 200, effectiveForm(plugin, form, overlayOf(record, form), language));
  });

  router.get('/cases/:id/forms/:form/draft', async (req, res) => {
    const asking = askingOf(api, req, res);
    const { id: caseId, form } = req.params;
    await answerDraft(api, req, res, asking, caseId, await api.engine.readDraft({ caseId, form, caller: asking.caller }));
  });

  router.patch('/cases/:id/forms/:form/draft', async (req, res) => {
    const asking = askingOf(api, req, res);
    const { id: caseId, form } = req.params, ifMatch = ifMatchTag(req);
    const patch = await readJson(req);
    await answerDraft(api, req, res, asking, caseId, await api.engine.patchDraft({ caseId, form, patch, caller: asking.caller, ifMatch }));
  });

  router.delete('/cases/:id/forms/:form/draft', async (req, res) => {
    const { caller } = askingOf(api, req, res);
    await api.engine.deleteDraft({ caseId: req.params.id, form: req.params.form, caller, ifMatch: ifMatchTag(req) });
    res.statusCode = 204;
    res.end();
  });
}

type Record = NonNullable<Awaited<ReturnType<ApiContext['engine']['readCase']>>>;

async function recordOf(api: ApiContext, caseId: string, { caller }: Asking): Promise<Record> {
  const record = await api.engine.readCase(caseId, caller.principals);
  if (!record) throw new Problem('not-found', 'There is no such case.');
  return record;
}

function overlayOf({ process, parameters, now, state: { parties } }: Record, form: string): OverlayInForce {
  return overlayInForce(process.plugin, form, { parameters, today: romeDate(now.toISOString()), parties });
}

async function answerDraft(api: ApiContext, req: Request, res: Response, asking: Asking, caseId: string, { draft, process, overlay }: DraftAnswer): Promise<void> {
  const { form, revision, tag, updatedAt, updatedBy, data, ofAnother } = draft;
  // Whoever saw it before somebody else wrote reads something new; one's own words are no reading.
  if (ofAnother) await logAccess(api.pools.read, readerOf(asking), { caseId, fields: [`bozza ${form}`], role: asking.caller.role, reason: readingReason(req) });
  const errors = draftErrors(process, form, overlay, data, asking.language);
  const names = await namesOf(api.pools.read, [updatedBy]);
  res.setHeader('ETag', `"${tag}"`);
  sendJson(res, 200, { form, revision, updatedAt, updatedBy: { user: updatedBy, name: names.get(updatedBy) ?? null }, data, errors, complete: errors.length === 0 });
}

/** What the form has against the draft as it is now: its own fields by its schema, the added ones by what is in force today. */
function draftErrors(process: CompiledProcess, form: string, overlay: OverlayInForce, data: JsonObject, language: Language): FieldError[] {
  const { plugin } = process;
  const added = addedFieldsFaults(plugin, form, overlay, data).map(fault => ({ pointer: fault.pointer!, message: refusalText(plugin, fault, language) }));
  const own = (validatorsOf(process).forms.get(form)!(data, language) ?? []).filter(({ pointer }) => !added.some(error => error.pointer === pointer));
  return [...own, ...added];
}
