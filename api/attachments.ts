/** Files of a case: uploaded with their own entry in the history, read with a record of who read them. */
import type { Router } from 'express';
import { readAttachment } from '../database/reads/attachments.ts';
import { openBytes } from '../engine/history/caseKey.ts';
import { Problem } from '../engine/problems.ts';
import { askingOf, readerOf, type ApiContext } from './context.ts';
import { sendDocument } from './documents.ts';
import { mediaTypeOf } from './fileKinds.ts';
import { readUpload } from './multipart.ts';
import { idempotencyKey, readingReason } from './requestHeaders.ts';
import { sendFile } from './sendFile.ts';
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
      const mediaType = await mediaTypeOf(content, name, asking.language);
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
    const made = record?.documents.find(({ id }) => id === req.params.document);
    if (record && made) return await sendDocument(api, req, res, asking, record, made);
    const attachment = record?.attachments.find(({ id }) => id === req.params.document);
    if (!record || !attachment) throw new Problem('not-found', 'There is no such document.');
    const { plugin } = record.process;
    if (!seesAttachment(plugin, roleOn(plugin, record.state.parties, asking.caller), attachment.kind)) throw new Problem('forbidden', 'Your role may not read this document.');
    const sealed = await readAttachment(api.pools.read, readerOf(asking), attachment.id, { caseId: record.state.id, fields: [attachment.kind], role: asking.caller.role, reason: readingReason(req) });
    if (!sealed) throw new Problem('not-found', 'There is no such document.');
    const content = openBytes(record.key, sealed, `${record.state.id}/attachment/${attachment.id}`);
    sendFile(res, { content, mediaType: attachment.mediaType, name: attachment.name });
  });
}
