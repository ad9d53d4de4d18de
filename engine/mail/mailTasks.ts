/** Who has to see to a mail that did not arrive: the people who answer for the letters of the party that sent it. */
import type { Plugin } from '../../plugins/contract.ts';
import type { MailEffect } from './receiptKinds.ts';

/** A row of MAILS_BY_MESSAGE_ID. Of a mail without a case everything about the case is null. */
export interface MailRow {
  id: string; message_id: string; case_id: string | null; party: string | null; sender: string | null; recipient: string; certified: boolean; state: string; handled_at: Date | null;
  process: string | null; process_version: number | null; parties: Record<string, string> | null; erased_at: Date | null; wrapped: Buffer | null;
}
/** As the statements take it. Its name is told by the mail, so that there is one at a time. */
export interface MailTask { name: string; principal: string; roles: string[]; detail: { mail: string; why: 'overdue' | Exclude<MailEffect, null>; party: string | null; recipient: string } }

export const TASK_NAME = 'consegnaMancante';

/** Null where nobody can be asked: the mail belongs to no case, its case was erased, or no party of it answers for letters. */
export function taskAbout(mail: MailRow, plugin: Plugin | null, why: 'overdue' | 'failed'): MailTask | null {
  if (!plugin || !mail.parties || mail.erased_at) return null;
  const party = senderParty(mail, plugin);
  if (party === null) return null;
  const roles = plugin.correspondence?.[party] ?? Object.keys(plugin.roles).filter(role => plugin.roles[role] === party);
  if (roles.length === 0) return null;
  return { name: `${TASK_NAME}/${mail.id}`, principal: mail.parties[party]!, roles, detail: { mail: mail.id, why, party: mail.party, recipient: mail.recipient } };
}

/** What the installation sends by itself, it sends on behalf of a party: of those that answer for letters, one that it did not write to. */
function senderParty({ sender, party: recipient, parties }: MailRow, plugin: Plugin): string | null {
  const present = Object.keys(plugin.parties).filter(party => plugin.parties[party]!.kind === 'organisation' && parties![party] !== undefined);
  if (sender !== null) return present.find(party => parties![party] === sender) ?? null;
  const answering = present.filter(party => plugin.correspondence?.[party]);
  return answering.find(party => party !== recipient) ?? answering[0] ?? present.find(party => party !== recipient) ?? null;
}
