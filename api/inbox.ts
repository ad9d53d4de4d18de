/** The caller's messages from schools: read, and acknowledged where the school asks for it (presa visione). One's own in any profile. */
import type { Request, Router } from 'express';
import { readInbox, type InboxEntry, type InboxPosition } from '../database/reads/inbox.ts';
import { UUID } from '../database/uuid.ts';
import { Problem } from '../engine/problems.ts';
import { personOf, type ApiContext } from './context.ts';
import { limitParameter, textParameter } from './query.ts';
import { sendJson } from './sendJson.ts';

const unknown = () => new Problem('not-found', 'There is no such message.');

export function inboxRoutes(api: ApiContext, router: Router): void {
  router.get('/inbox', async (req, res) => {
    const { id: userId } = personOf(res);
    const limit = limitParameter(req), cursor = textParameter(req, 'cursor', 1_000), query = JSON.stringify(['inbox', userId]);
    const after = cursor === undefined ? null : (api.cursors.read(query, cursor) as unknown as InboxPosition);
    const rows = await readInbox(api.pools.read, userId, { after, limit: limit + 1 });
    const items = rows.slice(0, limit), last = rows.length > limit ? items.at(-1)! : null;
    sendJson(res, 200, { items: items.map(row => present(api, row, false)), next: last ? api.cursors.write(query, { ...last.position }) : null });
  });

  router.get('/inbox/:id', async (req: Request<{ id: string }>, res) => sendJson(res, 200, present(api, await entryOf(api, personOf(res).id, req.params.id), true)));

  // A request of its own: what a program fetches nobody has read.
  router.post('/inbox/:id/read', async (req: Request<{ id: string }>, res) => {
    const { id: userId } = personOf(res);
    if (!UUID.test(req.params.id) || !(await api.engine.broadcasts.markRead(req.params.id, userId))) throw unknown();
    sendJson(res, 200, present(api, await entryOf(api, userId, req.params.id), true));
  });

  router.post('/inbox/:id/acknowledge', async (req: Request<{ id: string }>, res) => {
    const { id: userId } = personOf(res);
    const entry = await entryOf(api, userId, req.params.id);
    if (entry.acknowledge === null) throw new Problem('command-not-allowed', 'Nobody asks to take note of this message.');
    if (!(await api.engine.broadcasts.acknowledge(entry.id, userId, userId))) throw unknown();
    sendJson(res, 200, present(api, await entryOf(api, userId, entry.id), true));
  });
}

async function entryOf(api: ApiContext, userId: string, id: string): Promise<InboxEntry> {
  const [entry] = UUID.test(id) ? await readInbox(api.pools.read, userId, { id, after: null, limit: 1 }) : [];
  if (!entry) throw unknown();
  return entry;
}

function present(api: ApiContext, entry: InboxEntry, whole: boolean) {
  const { id, organisation, sender, createdAt, readAt, acknowledgedAt, acknowledge, process, number } = entry;
  const { subject, text, pupils } = api.engine.broadcasts.openInbox(entry);
  return {
    id, from: { organisation, name: sender }, process, number, subject, ...(whole ? { text } : {}), pupils: pupils.map(({ name, class: of }) => ({ name, class: of })),
    at: createdAt.toISOString(), readAt: readAt?.toISOString() ?? null, acknowledge: acknowledge && { by: acknowledge.by, at: acknowledgedAt?.toISOString() ?? null },
  };
}
