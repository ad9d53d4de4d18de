/** The tray: what came in by mail and belongs to no case yet. Those who answer for the letters of an organisation see its account's; operators that of the installation. */
import type { Request, Response, Router } from 'express';
import { Type } from 'typebox';
import { UUID } from '../database/uuid.ts';
import { caseOfMail, findTrayEntry, listTray, type TrayPosition } from '../database/reads/mails.ts';
import { INSTALLATION } from '../engine/mail/post.ts';
import { Problem } from '../engine/problems.ts';
import { askingOf, readerOf, type ApiContext, type Asking } from './context.ts';
import { noteOf } from './mail.ts';
import { doubtText, incomingText } from './mailText.ts';
import { isOperator } from './profile.ts';
import { limitParameter, textParameter } from './query.ts';
import { readJson } from './readBody.ts';
import { idempotencyKey } from './requestHeaders.ts';
import { sendFile } from './sendFile.ts';
import { sendJson } from './sendJson.ts';
import { createValidator } from './validators.ts';

/** Either the mail that a message is about, or the case to which it belongs. */
export const ASSIGNMENT = Type.Object({
  case: Type.Optional(Type.String({ format: 'uuid', title: 'The case to which it belongs' })), mail: Type.Optional(Type.String({ format: 'uuid', title: 'The mail that it is about' })),
  note: Type.String({ minLength: 3, maxLength: 1_000, title: 'Why' }),
}, { additionalProperties: false });
const validate = createValidator(ASSIGNMENT);

export function mailTrayRoutes(api: ApiContext, router: Router): void {
  router.get('/mail/tray', async (req, res) => {
    const { account, asking } = keeperOf(api, req, res);
    const limit = limitParameter(req), cursor = textParameter(req, 'cursor', 1_000), query = JSON.stringify(['tray', account]);
    const after = cursor === undefined ? null : (api.cursors.read(query, cursor) as unknown as TrayPosition);
    const rows = await listTray(api.pools.worker, account, after, limit + 1);
    const items = rows.slice(0, limit), last = rows.length > limit ? items.at(-1)! : null;
    sendJson(res, 200, {
      items: await Promise.all(items.map(async ({ id, kind, at, receivedAt, reference, doubt, summary, size }) => {
        const { sender, subject, suggestedCase, failure } = await api.engine.post.openTraySummary(id, summary);
        return {
          id, account, kind, label: incomingText(kind, asking.language), at: at?.toISOString() ?? null, receivedAt: new Date(receivedAt).toISOString(), sender, subject, reference, failure, suggestedCase,
          doubt: doubt && { name: doubt, label: doubtText(doubt, asking.language) }, size, href: `/api/v1/mail/tray/${id}`,
        };
      })),
      next: last ? api.cursors.write(query, { receivedAt: last.receivedAt, id: last.id }) : null,
    });
  });

  router.get('/mail/tray/:id', async (req, res) => {
    const { entry } = await entryOf(api, req, res);
    const content = entry.mailId === null && entry.caseId === null ? await api.engine.post.openTrayMessage(entry.id, entry.sealed) : null;
    if (!content) throw new Problem('not-found', 'This message is not in the tray any more.');
    sendFile(res, { content, mediaType: 'message/rfc822', name: `messaggio ${entry.id}.eml` });
  });

  router.post('/mail/tray/:id/assign', async (req, res) => {
    idempotencyKey(req, res);
    const { entry, asking, account } = await entryOf(api, req, res);
    const body = await readJson(req), errors = validate(body, asking.language);
    const { case: caseId, mail, note } = body as { case?: string; mail?: string; note: string };
    if (errors || (caseId === undefined) === (mail === undefined)) throw new Problem('invalid', 'Name the mail or the case, one of them, and say why.', { errors: errors ?? [{ pointer: '', message: 'either mail or case' }] });
    const to = mail === undefined ? { caseId: await knownCase(api, asking, account, caseId!) } : { mail: await knownMail(api, asking, account, mail) };
    const assigned = await api.engine.post.assign(entry.id, to, { by: asking.caller.userId, note });
    if (!assigned.ok && assigned.why === 'not-found') throw new Problem('not-found', 'mail' in to ? 'There is no such mail.' : 'There is no such case.');
    if (!assigned.ok) {
      const now = await findTrayEntry(api.pools.worker, entry.id);
      const same = now?.closedBy === asking.caller.userId && now.closing === note && ('mail' in to ? now.mailId === to.mail : now.mailId === null && now.caseId === to.caseId);
      if (!same) throw new Problem('conflict', 'Somebody has seen to this message already.', { mail: now?.mailId ?? null, case: now?.caseId ?? null });
      sendJson(res, 200, { id: entry.id, mail: now.mailId, case: now.caseId });
      return;
    }
    sendJson(res, 200, { id: entry.id, mail: assigned.mail, case: assigned.caseId });
  });

  router.post('/mail/tray/:id/close', async (req, res) => {
    idempotencyKey(req, res);
    const { entry, asking } = await entryOf(api, req, res);
    const { note } = noteOf(await readJson(req), asking);
    const closed = await api.engine.post.close(entry.id, { by: asking.caller.userId, note });
    const isSame = () => entry.mailId === null && entry.caseId === null && entry.closedBy === asking.caller.userId && entry.closing === note;
    if (!closed && !isSame()) throw new Problem('conflict', 'Somebody has seen to this message already.', { mail: entry.mailId, case: entry.caseId });
    sendJson(res, 200, { id: entry.id, mail: null, case: null });
  });
}

/** Whose account the caller answers for in this profile. Throws Problem `forbidden`. */
function keeperOf(api: ApiContext, req: Request<any>, res: Response): { asking: Asking; account: string } {
  const asking = askingOf(api, req, res), { person, profile, caller } = asking;
  if (isOperator(person, profile)) return { asking, account: INSTALLATION };
  const answers = api.processes.all().some(({ plugin }) => Object.values(plugin.correspondence ?? {}).some(roles => roles.includes(caller.role)));
  if (!answers || caller.organisation === null) throw new Problem('forbidden', 'Only those who answer for the letters of an organisation, and operators, see what came in by mail.');
  return { asking, account: caller.organisation };
}

/** Throws Problem `not-found`, also for what came into another account. */
async function entryOf(api: ApiContext, req: Request<any>, res: Response) {
  const keeper = keeperOf(api, req, res), id = String(req.params.id);
  const entry = UUID.test(id) ? await findTrayEntry(api.pools.worker, id) : null;
  if (!entry || entry.account !== keeper.account) throw new Problem('not-found', 'There is no such message in the tray.');
  return { ...keeper, entry };
}

/** Operators look after every case's mail that came to the installation; others only know of their own cases. */
async function knownCase(api: ApiContext, { caller }: Asking, account: string, id: string): Promise<string> {
  if (account !== INSTALLATION && !await api.engine.readCase(id, caller.principals)) throw new Problem('not-found', 'There is no such case.');
  return id.toLowerCase();
}
async function knownMail(api: ApiContext, asking: Asking, account: string, id: string): Promise<string> {
  if (account !== INSTALLATION && !await caseOfMail(api.pools.read, readerOf(asking), id)) throw new Problem('not-found', 'There is no such mail.');
  return id.toLowerCase();
}
