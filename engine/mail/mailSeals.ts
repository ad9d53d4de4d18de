/**
 * Under which key a message is kept: the case's, so that it is erased with it; or, while it belongs to no case, the tray's. That is a data key
 * like a case's, wrapped by the installation's master key and wrapped anew with all others when that is changed.
 */
import { openBytes, openJson, sealBytes, sealJson, unwrapCaseKey, type CaseKey } from '../history/caseKey.ts';
import type { MasterKey } from '../../database/masterKeys.ts';

/** The tray's place among the keys of cases; no case has this id. */
export const TRAY_KEY = '00000000-0000-4000-8000-00000000007a';

/** Where a message belongs: to a case, or (null) nowhere. `key` null: it was destroyed. */
export interface Sealing { caseId: string | null; key: CaseKey | null }

/** What lists show of a message without opening it. */
export interface Summary { sender: string | null; subject: string; extent: string | null; delivered: string | null; failure: string | null; suggestedCase: string | null }
const NO_SUMMARY: Summary = { sender: null, subject: '', extent: null, delivered: null, failure: null, suggestedCase: null };

export function sealingOfCase(masterKey: MasterKey, caseId: string, wrapped: Buffer | null): Sealing {
  return { caseId, key: wrapped?.length ? unwrapCaseKey(masterKey, wrapped, caseId) : null };
}

const place = ({ caseId }: Sealing, id: string) => (caseId === null ? `tray/${id}` : `${caseId}/receipt/${id}`);

/** The two columns of a message. Both are empty for an erased case: a delivery receipt carries the whole letter. */
export function sealMessage(sealing: Sealing, id: string, raw: Buffer, summary: Summary): { sealed: Buffer; summary: Buffer } {
  const { key } = sealing;
  if (!key) return { sealed: Buffer.alloc(0), summary: Buffer.alloc(0) };
  return { sealed: sealBytes(key, raw, place(sealing, id)), summary: sealJson(key, summary, `${place(sealing, id)}/summary`) };
}

/** Null when it was erased. Throws when another key sealed it, or for another place. */
export function openMessage(sealing: Sealing, id: string, sealed: Buffer): Buffer | null {
  return sealed.length === 0 || !sealing.key ? null : openBytes(sealing.key, sealed, place(sealing, id));
}
export function openSummary(sealing: Sealing, id: string, sealed: Buffer): Summary {
  return sealed.length === 0 || !sealing.key ? NO_SUMMARY : { ...NO_SUMMARY, ...openJson<Partial<Summary>>(sealing.key, sealed, `${place(sealing, id)}/summary`) };
}
