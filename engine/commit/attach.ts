/** Attachments: their own entry in the history with the digest, sealed with the case's key; frozen when a command uses them. */
import { randomUUID } from 'node:crypto';
import type { Actor } from '../../plugins/contract.ts';
import { topState } from '../decide/compile.ts';
import { roleAs } from '../decide/parties.ts';
import { digest, openPayload } from '../history/chain.ts';
import { sealBytes, sealJson } from '../history/caseKey.ts';
import { Problem } from '../problems.ts';
import type { StoredRefusal } from './refusals.ts';
import type { EngineContext } from './context.ts';
import { applyDeadlines, isDue } from './deadlines.ts';
import { bodyDigest, Fold } from './fold.ts';
import { lockCase, withConnection, writeFold, type StoredOutcome } from './transaction.ts';

export interface NewAttachment {
  caseId: string;
  kind: string;
  name: string;
  mediaType: string;
  content: Buffer;
  actor: Actor;
  principals: string[];
  speaksFor: string;
  caller: string;
  key: string;
}
export interface Attached { id: string; kind: string; name: string; mediaType: string; size: number; sha256: string }

/** Throws Problem: not-found, forbidden (role), command-not-allowed (the case has ended), idempotency-key-reused. */
export async function attach(context: EngineContext, input: NewAttachment): Promise<Attached> {
  const sha256 = digest(input.content).toString('hex');
  const done = await withConnection(context.pools[context.commitPool], async client => {
    const first = await lockCase(client, input.caseId, { principals: input.principals, callers: [input.caller], keys: [input.key], parameters: [], itemKinds: [], attachments: false, scopes: false }, context.processes, context.masterKey);
    if (!first) throw new Problem('not-found', 'There is no such case.');
    const { opened, now, outcomes: [stored] } = first;
    const body = bodyDigest(opened.key, 'attachment', input.kind, sha256);
    // A deadline may end the case: it goes before what comes later.
    if (isDue(opened.row, now)) { await client.query('rollback'); return 'deadlines' as const; }
    if (stored) {
      await client.query('rollback');
      return repeated(stored, body, openPayload(opened.key, input.caseId, stored.payload).payload);
    }
    const { plugin } = opened.process;
    const definition = Object.hasOwn(plugin.attachments ?? {}, input.kind) ? plugin.attachments![input.kind] : undefined;
    if (!definition) throw new Problem('invalid', `This process takes no attachment of kind "${input.kind}".`, { errors: [{ pointer: '/kind', message: `one of: ${Object.keys(plugin.attachments ?? {}).join(', ')}` }] });
    const fold = new Fold(opened, now);
    const actor = { ...input.actor, role: roleAs(plugin, opened.row.parties, input.actor.role, input.speaksFor) };
    const entry = { kind: 'attachment', name: input.kind, actor, caller: input.caller, key: input.key, bodyDigest: body };
    const party = plugin.roles[actor.role];
    if (!definition.by.includes(actor.role) || party === undefined || opened.row.parties[party] !== input.speaksFor) {
      const refusal: StoredRefusal = { code: 'forbidden', detail: `The role "${actor.role}" may not attach "${input.kind}" to this case.`, members: {} };
      fold.note({ ...entry, kind: 'refused', payload: { asked: { kind: 'attachment', name: input.kind }, refusal } });
      await writeFold(client, fold, false);
      throw new Problem(refusal.code, refusal.detail, refusal.members);
    }
    if (opened.row.done) throw new Problem('command-not-allowed', 'The case has ended: nothing can be attached.', { state: topState(opened.state.value), allowed: [] });
    const attachment: Attached = { id: randomUUID(), kind: input.kind, name: input.name, mediaType: input.mediaType, size: input.content.length, sha256 };
    const seq = fold.note({ ...entry, payload: { attachment } });
    await writeFold(client, fold, false, [() => client.query({
      name: 'insert_attachment',
      text: 'insert into attachments (id, case_id, kind, sealed, media_type, size, sha256, content, seq) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)',
      values: [attachment.id, input.caseId, input.kind, sealJson(opened.key, { name: input.name }, `${input.caseId}/attachment`), input.mediaType, attachment.size, sha256, sealBytes(opened.key, input.content, `${input.caseId}/attachment/${attachment.id}`), seq],
    })]);
    return attachment;
  });
  if (done !== 'deadlines') return done;
  await applyDeadlines(context, input.caseId, null);
  return await attach(context, input);
}

/** The answer that this key got before. */
function repeated(stored: StoredOutcome, body: Buffer, payload: { attachment?: Attached; refusal?: StoredRefusal }): Attached {
  if (!stored.bodyDigest.equals(body)) throw new Problem('idempotency-key-reused', 'This Idempotency-Key was used for another request.');
  if (payload.refusal) throw new Problem(payload.refusal.code, payload.refusal.detail, payload.refusal.members);
  return payload.attachment!;
}
