/** The `segnatura.xml` of a letter between organisations: what the receiver's own register reads. */
import type { BegunEffect } from '../../engine/agenda/agenda.ts';
import type { Correspondent } from '../../engine/registers/dossier.ts';
import { protocolText, type ProtocolNumber } from '../../engine/registers/protocol.ts';
import type { Plugin } from '../../plugins/contract.ts';
import { BrokenPlugin } from '../attemptEffect.ts';
import type { LetterFile } from './letters.ts';
import { SegnaturaError, writeSegnatura } from './segnatura.ts';

export const SEGNATURA = 'segnatura.xml';
/** Of the one general register that each organisation keeps here. */
const REGISTER = 'PG';

export interface LetterSegnatura {
  effect: BegunEffect;
  plugin: Plugin;
  sender: Correspondent;
  offices: Correspondent[];
  subject: string;
  protocol: ProtocolNumber;
  /** When it was registered. */
  at: Date;
  /** The principal document first. */
  files: LetterFile[];
  confidential: boolean;
}

/** Throws BrokenPlugin with every problem: an operator mends the organisation's data and tries again, under the same number. */
export function writeLetterSegnatura({ effect, plugin, sender, offices, subject, protocol, at, files, confidential }: LetterSegnatura): Buffer {
  const [primary, ...attachments] = files.map(({ filename: name, contentType: mediaType, sha256, description }) => ({ name, mediaType, sha256, description }));
  const { process } = plugin.labels.it;
  try {
    return Buffer.from(writeSegnatura({
      // Two offices of this installation know each other by their codes where the index (IPA) is not recorded.
      sender: { ...administration(sender), areaCode: sender.aoo ?? sender.code },
      protocol: { registerCode: REGISTER, number: protocolText(protocol.number), date: protocol.day, time: romeTime(at) },
      subject, classification: { name: process, code: plugin.process }, dossier: { name: `${process} ${effect.number ?? ''}`.trim(), code: effect.number ?? effect.caseId }, confidential,
      recipients: offices.map(office => ({ kind: 'administration', ...administration(office) })), primary: primary!, attachments,
    }));
  } catch (error) {
    if (error instanceof SegnaturaError) throw new BrokenPlugin(`${SEGNATURA} cannot be written: ${error.message}`, { cause: error });
    throw error;
  }
}

function administration({ code, name, ipa, aoo, fiscalCode, email }: Correspondent) {
  return {
    name, code: ipa ?? code, ...(aoo === null ? {} : { areaCode: aoo }),
    // What is registered of an office may be older than its letters: a malformed detail is left out, it identifies nobody.
    ...(fiscalCode !== null && /^\d{11}$/.test(fiscalCode) ? { taxCode: fiscalCode } : {}), ...(email !== null && /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/.test(email) ? { pec: email } : {}),
  };
}

const romeTime = (at: Date): string => new Intl.DateTimeFormat('it', { timeZone: 'Europe/Rome', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' }).format(at);
