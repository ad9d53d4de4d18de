/** Documents that the engine made of a case: shown with it, and read by the roles that their process names. */
import type { Request, Response } from 'express';
import { readDocument } from '../database/reads/documents.ts';
import type { CaseRecord, DocumentRecord } from '../engine/commit/caseRecord.ts';
import { openBytes } from '../engine/history/caseKey.ts';
import { Problem } from '../engine/problems.ts';
import { protocolText } from '../engine/registers/protocol.ts';
import type { Plugin } from '../plugins/contract.ts';
import { readerOf, type ApiContext, type Asking } from './context.ts';
import type { Language } from './language.ts';
import { readingReason } from './requestHeaders.ts';
import { sendFile } from './sendFile.ts';
import { roleOn } from './visibility.ts';

/** Whether this role may read documents of this name. */
export function seesDocument(plugin: Plugin, role: string | null, name: string): boolean {
  return role !== null && (plugin.documents?.[name]?.readBy.includes(role) ?? false);
}

export function presentDocument(plugin: Plugin, caseId: string, { id, name, organisation, protocol, sha256, size, madeAt }: DocumentRecord, language: Language) {
  return {
    id, name, label: labelOf(plugin, name, language), organisation, mediaType: 'application/pdf', protocol: protocol && { ...protocol, number: protocolText(protocol.number) }, sha256, size, madeAt,
    state: sha256 === null ? 'beingMade' : 'made', href: `/api/v1/cases/${caseId}/documents/${id}`,
  };
}

const labelOf = (plugin: Plugin, name: string, language: Language): string => plugin.labels[language].documents?.[name] ?? name;

/** Answers with the PDF. Throws Problem: forbidden, conflict (it is being made), not-found. */
export async function sendDocument(api: ApiContext, req: Request, res: Response, asking: Asking, record: CaseRecord, document: DocumentRecord): Promise<void> {
  const { process: { plugin }, state, key } = record, { caller, language } = asking;
  if (!seesDocument(plugin, roleOn(plugin, state.parties, caller), document.name)) throw new Problem('forbidden', 'Your role may not read this document.');
  if (document.sha256 === null) throw new Problem('conflict', 'The document is still being made: it has no number and no content yet. Ask again in a moment.', { state: 'beingMade' });
  const access = plugin.documents![document.name]!.protected ? { caseId: state.id, fields: [document.name], role: caller.role, reason: readingReason(req) } : null;
  const sealed = await readDocument(api.pools.read, readerOf(asking), state.id, document.id, access);
  if (!sealed) throw new Problem('not-found', 'There is no such document.');
  const number = document.protocol ? ` ${protocolText(document.protocol.number)}-${document.protocol.year}` : '';
  sendFile(res, { content: openBytes(key, sealed, `${state.id}/document/${document.id}`), mediaType: 'application/pdf', name: `${labelOf(plugin, document.name, language)}${number}.pdf`, sha256: document.sha256 });
}
