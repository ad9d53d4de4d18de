/** Files of a case: uploaded with their own entry in the history, read with a record of who read them. */
import type { Router } from 'express';
import { readAttachment } from '../database/reads/attachments.ts';
import { openBytes } from '../engine/history/caseKey.ts';
import { Problem } from '../engine/problems.ts';
import { askingOf, readerOf, type ApiContext } from './context.ts';
import { mediaTypeOf } from './fileKinds.ts';
import { readUpload } from './multipart.ts';
import { idempotencyKey, readingReason } from './requestHeaders.ts';
import { sendJson } from './sendJson.ts';
import { roleOn, seesAttachment } from './visibility.ts';

/** Uploads held in memory at once, at 5 MiB each. */
const MOST_AT_ONCE = 32;

export function attachmentRoutes(api: ApiContext, router: Router): void {
  let underWay = 0;

  router.post('/cases/:id/attachments', async (req, res) => {
    const asking = askingOf(api, req, res);
    const key = idempotencyKey(req, res);
    if (underWay >= MOST_AT_ONCE) throw new Problem('unavailable', 'Too many files are being uploaded. Repeat in a moment with the same key.', { retryAfter: 2 });
    underWay += 1;
    try {
      const { kind, name, content } = await readUpload(req);
      const mediaType = await mediaTypeOf(content, name);
      const attached = await api.engine.attach({ caseId: req.params.id, kind, name, mediaType, content, caller: asking.caller, key });
      res.setHeader('Location', `/api/v1/cases/${req.params.id}/documents/${attached.id}`);
      sendJson(res, 201, attached);
    } finally {
      underWay -= 1;
    }
  });

  router.get('/cases/:id/documents/:document', async (req, res) => {
    const asking = askingOf(api, req, res);
    const record = await api.engine.readCase(req.params.id, asking.caller.principals);
    const attachment = record?.attachments.find(({ id }) => id === req.params.document);
    if (!record || !attachment) throw new Problem('not-found', 'There is no such document.');
    const { plugin } = record.process;
    if (!seesAttachment(plugin, roleOn(plugin, record.state.parties, asking.caller), attachment.kind)) throw new Problem('forbidden', 'Your role may not read this document.');
    const sealed = await readAttachment(api.pools.read, readerOf(asking), attachment.id, { caseId: record.state.id, fields: [attachment.kind], role: asking.caller.role, reason: readingReason(req) });
    if (!sealed) throw new Problem('not-found', 'There is no such document.');
    const content = openBytes(record.key, sealed, `${record.state.id}/attachment/${attachment.id}`);
    res.setHeader('Content-Type', attachment.mediaType);
    res.setHeader('Content-Length', content.length);
    // Somebody else's file: never run, never sniffed, never kept on the way.
    res.setHeader('Content-Security-Policy', `default-src 'none'; sandbox`);
    res.setHeader('Content-Disposition', contentDisposition(attachment.name));
    res.end(content);
  });
}

/** RFC 6266: an ASCII name for old readers and the whole one for the rest. */
export function contentDisposition(name: string): string {
  const ascii = name.normalize('NFD').replace(/[^\x20-\x7e]/g, '').replace(/["\\]/g, '_') || 'documento';
  const encoded = encodeURIComponent(name.toWellFormed()).replace(/['()*]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
  return `attachment; filename="${ascii}"; filename*=UTF-8''${encoded}`;
}
