/**
 * The history of a case. Payloads are shown to roles that may give that command, to roles that see everything and to their author,
 * and never with a field that the projection hides from the reader (visibility.ts).
 */
import type { Router } from 'express';
import { logAccess, listAccess } from '../database/reads/accessLog.ts';
import { namesOf } from '../database/reads/people.ts';
import { withhold } from '../engine/history/export.ts';
import { verifyHistory, type HistoryEntry, type HistoryPage } from '../engine/history/read.ts';
import { Problem } from '../engine/problems.ts';
import type { JsonObject, LabelSet, Plugin } from '../plugins/contract.ts';
import { askingOf, readerOf, type ApiContext, type Asking } from './context.ts';
import { presentEntry, type PresentedEntry } from './presentEntry.ts';
import type { Language } from './language.ts';
import { limitParameter, textParameter } from './query.ts';
import { readingReason } from './requestHeaders.ts';
import { sendJson } from './sendJson.ts';
import { roleOn } from './visibility.ts';

const NORMAL_PAGE = 500, LARGEST_PAGE = 1_000;

export function historyRoutes(api: ApiContext, router: Router): void {
  router.get('/cases/:id/history', async (req, res) => {
    const asking = askingOf(api, req, res);
    const limit = limitParameter(req, NORMAL_PAGE, LARGEST_PAGE), after = seqParameter(textParameter(req, 'after'));
    const { page, plugin, role } = await read(api, req.params.id, asking, after, limit + 1);
    const more = page.entries.length > limit;
    const entries = page.entries.slice(0, limit);
    const presented = entries.map(entry => presentEntry(plugin, role, asking, entry));
    await recordReading(api, req.params.id, asking, presented, readingReason(req));
    const names = await namesOf(api.pools.read, peopleOf(entries));
    sendJson(res, 200, {
      items: presented.map(({ entry }) => withName(entry, names)), next: more ? String(entries.at(-1)!.seq) : null,
    });
  });

  router.get('/cases/:id/history/verification', async (req, res) => {
    const asking = askingOf(api, req, res);
    const { page } = await read(api, req.params.id, asking);
    const { valid, entries, head, firstBroken, why } = verifyHistory(page);
    sendJson(res, 200, { valid, entries, head, firstBroken, ...(why === undefined ? {} : { why }) });
  });

  router.get('/cases/:id/history/export', async (req, res) => {
    const asking = askingOf(api, req, res);
    const [record, exported] = await Promise.all([api.engine.readOutline(req.params.id, asking.caller.principals), api.engine.exportHistory(req.params.id, asking.caller.principals)]);
    if (!record || !exported) throw new Problem('not-found', 'There is no such case.');
    const { plugin } = record.process, role = roleOn(plugin, record.parties, asking.caller);
    const presented = exported.page.entries.map(entry => presentEntry(plugin, role, asking, entry));
    // The chain verifies without a payload; one that the reader may not see whole leaves the export.
    const document = withhold(exported.document, exported.page.entries.filter((_entry, i) => !presented[i]!.whole).map(({ seq }) => seq));
    await recordReading(api, req.params.id, asking, presented.filter(({ whole }) => whole), readingReason(req) ?? 'export');
    res.setHeader('Content-Disposition', `attachment; filename="storico-${req.params.id}.json"`);
    sendJson(res, 200, document);
  });

  router.get('/cases/:id/access-log', async (req, res) => {
    const asking = askingOf(api, req, res);
    const limit = limitParameter(req), before = textParameter(req, 'cursor', 20);
    const record = await api.engine.readOutline(req.params.id, asking.caller.principals);
    if (!record) throw new Problem('not-found', 'There is no such case.');
    if (roleOn(record.process.plugin, record.parties, asking.caller) === null) throw new Problem('forbidden', 'Only the parties of the case may see who read it.');
    if (before !== undefined && !/^\d{1,18}$/.test(before)) throw new Problem('malformed', 'The cursor is not one that this list gave.');
    const rows = await listAccess(api.pools.read, readerOf(asking), req.params.id, limit + 1, before ?? null);
    const shown = rows.slice(0, limit);
    const names = await namesOf(api.pools.read, [...new Set(shown.map(({ user }) => user))]);
    const labels = record.process.plugin.labels[asking.language];
    sendJson(res, 200, {
      items: shown.map(({ id: _id, ...row }) => ({ ...row, name: names.get(row.user) ?? null, labels: row.fields.map(field => fieldLabel(labels, field, asking.language)) })),
      next: rows.length > limit ? shown.at(-1)!.id : null,
    });
  });
}

const WORDS = { it: { draft: 'Bozza', mail: 'Messaggio', ricevuta: 'Messaggio ricevuto' }, en: { draft: 'Draft', mail: 'Message', ricevuta: 'Message received' } } as const;

/** What was read, as the family calls it. */
function fieldLabel(labels: LabelSet, field: string, language: Language): string {
  const [, form] = /^bozza (.+)$/.exec(field) ?? [], words = WORDS[language];
  if (form !== undefined) return `${words.draft}: ${labels.forms?.[form] ?? form}`;
  if (field === 'mail' || field === 'ricevuta') return words[field];
  return labels.fields[field] ?? labels.attachments[field] ?? labels.documents?.[field] ?? labels.exports?.[field] ?? field;
}

async function read(api: ApiContext, caseId: string, { caller }: Asking, after = 0, limit?: number): Promise<{ page: HistoryPage; plugin: Plugin; role: string | null }> {
  const [record, page] = await Promise.all([api.engine.readOutline(caseId, caller.principals), api.engine.readHistory(caseId, caller.principals, after, limit)]);
  if (!record || !page) throw new Problem('not-found', 'There is no such case.');
  const { plugin } = record.process;
  return { page, plugin, role: roleOn(plugin, record.parties, caller) };
}

/** A payload that shows what the projection protects is a reading of it. */
export async function recordReading(api: ApiContext, caseId: string, asking: Asking, presented: PresentedEntry[], reason: string | null): Promise<void> {
  const fields = [...new Set(presented.flatMap(({ protectedShown }) => protectedShown))];
  if (fields.length > 0) await logAccess(api.pools.read, readerOf(asking), { caseId, fields, role: asking.caller.role, reason });
}

function seqParameter(text: string | undefined): number {
  if (text === undefined) return 0;
  if (!/^\d{1,9}$/.test(text)) throw new Problem('malformed', 'after must be the seq of an entry.');
  return Number(text);
}

const UUID = /^[0-9a-f-]{36}$/;
const peopleOf = (entries: HistoryEntry[]) => [...new Set(entries.filter(({ actor }) => actor.kind === 'user').flatMap(({ actor }) => [actor.id, ...(actor.deputyFor ? [actor.deputyFor] : [])]).filter(id => UUID.test(id)))];

function withName(entry: JsonObject & { actor: JsonObject }, names: Map<string, string>) {
  const { deputyFor, ...actor } = entry.actor as JsonObject & { deputyFor?: { user: string } };
  return { ...entry, actor: { ...actor, name: names.get(String(actor['user'])) ?? null, ...(deputyFor ? { deputyFor: { ...deputyFor, name: names.get(deputyFor.user) ?? null } } : {}) } };
}
