/** Mail of a case: what was sent, what became of it, and the messages themselves for those who answer for the letters of either side. */
import type { Request, Response, Router } from 'express';
import { Type } from 'typebox';
import { readCaseMails, readMessage, type CaseMail, type CaseReceipt } from '../database/reads/mails.ts';
import type { CaseRecord } from '../engine/commit/caseRecord.ts';
import { openBytes, type CaseKey } from '../engine/history/caseKey.ts';
import { openMessage, openSummary } from '../engine/mail/mailSeals.ts';
import { Problem } from '../engine/problems.ts';
import type { Plugin } from '../plugins/contract.ts';
import { askingOf, readerOf, type ApiContext, type Asking } from './context.ts';
import { incomingText, mailStateText } from './mailText.ts';
import { readJson } from './readBody.ts';
import { idempotencyKey, readingReason } from './requestHeaders.ts';
import { sendFile } from './sendFile.ts';
import { sendJson } from './sendJson.ts';
import { createValidator } from './validators.ts';
import { roleOn } from './visibility.ts';

/** Why something is so, for whoever asks later. */
export const NOTE = Type.Object({ note: Type.String({ minLength: 3, maxLength: 1_000, title: 'How it was seen to' }) }, { additionalProperties: false });
const validateNote = createValidator(NOTE);

export function mailRoutes(api: ApiContext, router: Router): void {
  router.get('/cases/:id/mails', async (req, res) => {
    const { asking, record, mails, receipts } = await open(api, req, res);
    const own = new Map(mails.map(mail => [mail.id, mail]));
    sendJson(res, 200, {
      items: mails.map(mail => presentMail(record, mail, receipts.filter(({ mailId }) => mailId === mail.id), asking)),
      received: receipts.filter(({ mailId }) => mailId === null || !own.has(mailId)).map(receipt => presentReceived(record, receipt, asking)), next: null,
    });
  });

  router.get('/cases/:id/mails/:mail', async (req, res) => {
    const { asking, record, mails } = await open(api, req, res);
    const mail = mails.find(({ id }) => id === req.params.mail);
    if (!mail) throw new Problem('not-found', 'There is no such mail.');
    if (!mayOpen(record, mail, asking)) throw new Problem('forbidden', 'Your role may not open this mail: those who answer for the letters of either side may.');
    await send(api, req, res, { asking, record, from: 'mails', id: mail.id, name: `messaggio ${mail.id}.eml`, openWith: (key, sealed) => (sealed.length === 0 ? null : openBytes(key, sealed, `${record.state.id}/mail/${mail.id}`)) });
  });

  router.get('/cases/:id/mails/:mail/receipts/:receipt', async (req, res) => {
    const { asking, record, mails, receipts } = await open(api, req, res);
    const mail = mails.find(({ id }) => id === req.params.mail), receipt = receipts.find(({ id, mailId }) => id === req.params.receipt && mailId === req.params.mail);
    if (!mail || !receipt) throw new Problem('not-found', 'There is no such receipt.');
    if (!mayOpen(record, mail, asking)) throw new Problem('forbidden', 'Your role may not open this receipt: those who answer for the letters of either side may.');
    await sendReceived(api, req, res, asking, record, receipt);
  });

  router.get('/cases/:id/received/:receipt', async (req, res) => {
    const { asking, record, receipts } = await open(api, req, res);
    const receipt = receipts.find(({ id, mailId }) => id === req.params.receipt && mailId === null);
    if (!receipt) throw new Problem('not-found', 'There is no such message.');
    if (!mayOpenReceived(record, receipt, asking)) throw new Problem('forbidden', 'Your role may not open this message: those who answer for the letters of the organisation that received it may.');
    await sendReceived(api, req, res, asking, record, receipt);
  });

  router.post('/cases/:id/mails/:mail/handled', async (req, res) => {
    idempotencyKey(req, res);
    const { asking, record, mails } = await open(api, req, res);
    const mail = mails.find(({ id }) => id === req.params.mail);
    if (!mail) throw new Problem('not-found', 'There is no such mail.');
    const { note } = noteOf(await readJson(req), asking);
    if (!isSender(record, mail, asking)) throw new Problem('forbidden', 'Only those who answer for the letters of the sender may do this.');
    const done = await api.engine.post.handle(mail.id, { by: asking.caller.userId, note });
    // The same again, by the same person, is the same answer.
    if (!done && !(mail.handledBy === asking.caller.userId && mail.handling === note)) throw new Problem('conflict', 'There is nothing to be done about this mail, or somebody has seen to it.', { state: mail.state, handledBy: mail.handledBy });
    const now = await readCaseMails(api.pools.read, readerOf(asking), record.state.id);
    sendJson(res, 200, presentMail(record, now.mails.find(({ id }) => id === mail.id)!, now.receipts.filter(({ mailId }) => mailId === mail.id), asking));
  });
}

/** Throws Problem `invalid`. */
export function noteOf(body: unknown, { language }: Asking): { note: string } {
  const errors = validateNote(body, language);
  if (errors) throw new Problem('invalid', 'Say how it was seen to.', { errors });
  return body as { note: string };
}

async function open(api: ApiContext, req: Request<any>, res: Response) {
  const asking = askingOf(api, req, res), id = String(req.params.id);
  const record = await api.engine.readCase(id, asking.caller.principals);
  if (!record) throw new Problem('not-found', 'There is no such case.');
  return { asking, record, ...(await readCaseMails(api.pools.read, readerOf(asking), record.state.id)) };
}

/** Roles that answer for a party's letters: those that the process names, else all of the party's. */
function answersFor(plugin: Plugin, party: string | undefined, role: string | null): boolean {
  return party !== undefined && role !== null && plugin.roles[role] === party && (plugin.correspondence?.[party]?.includes(role) ?? true);
}
/** Notices of the installation are opened by those who answer for letters, or begin cases: not by who only reads. */
function writesFor(plugin: Plugin, role: string): boolean {
  return plugin.correspondence ? plugin.correspondence[plugin.roles[role]!]?.includes(role) ?? false : plugin.create.by.includes(role);
}
function isSender({ process: { plugin }, state: { parties } }: CaseRecord, { sender, party }: CaseMail, { caller }: Asking): boolean {
  const role = roleOn(plugin, parties, caller);
  // What the installation sends by itself: on behalf of those whose organisation it did not write to.
  return sender === null ? role !== null && plugin.roles[role] !== party && writesFor(plugin, role) && caller.organisation !== null : caller.organisation === sender && role !== null && answersFor(plugin, plugin.roles[role], role);
}
export function mayOpen(record: CaseRecord, mail: CaseMail, asking: Asking): boolean {
  const { process: { plugin }, state: { parties } } = record;
  return isSender(record, mail, asking) || answersFor(plugin, mail.party ?? undefined, roleOn(plugin, parties, asking.caller));
}
export function mayOpenReceived({ process: { plugin }, state: { parties } }: CaseRecord, { account, closedBy }: CaseReceipt, { caller }: Asking): boolean {
  const role = roleOn(plugin, parties, caller);
  return closedBy === caller.userId || caller.organisation === account && role !== null && answersFor(plugin, plugin.roles[role], role);
}

function presentMail(record: CaseRecord, mail: CaseMail, receipts: CaseReceipt[], asking: Asking) {
  const { process: { plugin }, state } = record, { language } = asking, labels = plugin.labels[language], href = `/api/v1/cases/${state.id}/mails/${mail.id}`, opens = mayOpen(record, mail, asking);
  const instant = (at: Date | null) => at?.toISOString() ?? null;
  return {
    id: mail.id, messageId: mail.messageId, effect: mail.effect && { name: mail.effect, label: labels.effects[mail.effect] ?? mail.effect }, party: mail.party && { name: mail.party, label: labels.parties[mail.party] ?? mail.party },
    sender: mail.sender, recipient: opens || mail.party === null || plugin.parties[mail.party]?.kind === 'organisation' ? mail.recipient : null, certified: mail.certified, state: mail.state, stateLabel: mailStateText(mail.state, language), sentAt: mail.sentAt.toISOString(), acceptedAt: instant(mail.acceptedAt),
    deliveredAt: instant(mail.deliveredAt), failedAt: instant(mail.failedAt), failure: mail.failure, overdueAt: instant(mail.overdueAt), handled: mail.handledAt && { at: mail.handledAt.toISOString(), by: mail.handledBy, note: mail.handling },
    size: mail.size, sha256: mail.sha256, href: opens ? href : null,
    receipts: receipts.map(({ id, kind, at, receivedAt, size }) => ({ id, kind, label: incomingText(kind, language), at: instant(at), receivedAt: receivedAt.toISOString(), size, href: opens ? `${href}/receipts/${id}` : null })),
  };
}

/** Who wrote and what about is shown to those who may open it: a subject may name a pupil. */
function presentReceived(record: CaseRecord, receipt: CaseReceipt, asking: Asking) {
  const { id, account, kind, at, receivedAt, size, closing } = receipt, opens = mayOpenReceived(record, receipt, asking), summary = opens ? openSummary({ caseId: record.state.id, key: record.key }, id, receipt.summary) : null;
  return {
    id, account, kind, label: incomingText(kind, asking.language), at: at?.toISOString() ?? null, receivedAt: receivedAt.toISOString(), size, sender: summary?.sender ?? null, subject: summary?.subject ?? null,
    note: closing, href: opens ? `/api/v1/cases/${record.state.id}/received/${id}` : null,
  };
}

interface Sending { asking: Asking; record: CaseRecord; from: 'mails' | 'mail_receipts'; id: string; name: string; openWith: (key: CaseKey, sealed: Buffer) => Buffer | null }

const sendReceived = (api: ApiContext, req: Request<any>, res: Response, asking: Asking, record: CaseRecord, { id, kind }: CaseReceipt) =>
  send(api, req, res, { asking, record, from: 'mail_receipts', id, name: `${kind} ${id}.eml`, openWith: (key, sealed) => openMessage({ caseId: record.state.id, key }, id, sealed) });

/** A letter may hold what is protected: its reading is recorded. */
async function send(api: ApiContext, req: Request<any>, res: Response, { asking, record, from, id, name, openWith }: Sending): Promise<void> {
  const sealed = await readMessage(api.pools.read, readerOf(asking), from, id, { caseId: record.state.id, fields: [from === 'mails' ? 'mail' : 'ricevuta'], role: asking.caller.role, reason: readingReason(req) });
  const content = sealed && openWith(record.key, sealed);
  if (!content) throw new Problem('not-found', 'There is no such message.');
  sendFile(res, { content, mediaType: 'message/rfc822', name });
}
