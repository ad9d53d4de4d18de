/** Answers with a case; what is protected is shown only once the access log says so. */
import type { Request, Response } from 'express';
import { readFormRows, readParameterRows } from '../database/parameters.ts';
import { logAccess } from '../database/reads/accessLog.ts';
import { readerOf, type ApiContext, type Asking } from './context.ts';
import type { CaseRecord } from '../engine/commit/caseRecord.ts';
import { formParametersOf, overlaysFor } from '../engine/forms/overlay.ts';
import { presentCase } from './presentCase.ts';
import { readingReason } from './requestHeaders.ts';
import { sendJsonText } from './sendJson.ts';

export async function answerCase(api: ApiContext, req: Request, res: Response, asking: Asking, status: number, record: CaseRecord, extra: Record<string, unknown> = {}): Promise<void> {
  record = await withParameters(api, record);
  const { json, version, protectedShown, failure } = presentCase(api.engine, record, asking.caller, asking.language, extra);
  if (failure) api.log.error({ err: failure, process: record.process.plugin.process, state: record.stateName }, 'a plugin threw while presenting a case');
  if (protectedShown.length > 0) {
    await logAccess(api.pools.read, readerOf(asking), { caseId: record.state.id, fields: protectedShown, role: asking.caller.role, reason: readingReason(req) });
  }
  res.setHeader('ETag', `"${version}"`);
  sendJsonText(res, status, json);
}

/** A command's answer comes without the parameters that the page shows: read when the process has any. */
async function withParameters(api: ApiContext, record: CaseRecord): Promise<CaseRecord> {
  const { process: { plugin }, state } = record;
  const names = plugin.parameters ?? [], forms = formParametersOf(plugin), parties = Object.values(state.parties);
  if (record.parameters || names.length + forms.length === 0) return record;
  const [parameters, added] = await Promise.all([names.length > 0 ? readParameterRows(api.pools.read, names, parties) : [], forms.length > 0 ? readFormRows(api.pools.read, forms, parties) : []]);
  return { ...record, parameters: [...parameters, ...overlaysFor(plugin, state.parties, added)], now: new Date(record.lastAt) };
}
